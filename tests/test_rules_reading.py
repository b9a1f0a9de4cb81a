"""Reading rules: limits, and what a rule is once it is read."""

from __future__ import annotations

import pytest

from bot.errors import RuleError
from bot.model import Rule
from bot.rules import Matcher
from bot.rules.read import MAX_PATTERNS, MAX_TERMS, read_rules, read_text
from bot.rules.rule import CompiledRule, Names, clauses
from bot.rules.syntax import MAX_DEPTH, MAX_LENGTH
from tests.rules_desk import a_rule, an_article


def _refusal(when: str, names: Names | None = None) -> str:
    with pytest.raises(RuleError) as caught:
        a_rule(when, names=names)
    return str(caught.value)


def test_a_rule_has_at_most_500_terms() -> None:
    """The message names the limit, and how far over it the rule is."""
    a_rule(" OR ".join(f"word{n}" for n in range(MAX_TERMS)))

    assert "501 terms; at most 500" in _refusal(" OR ".join(f"w{n}x" for n in range(501)))


def test_the_terms_of_sets_count() -> None:
    """A set is no way around the limit."""
    names = Names(sets={"many": " OR ".join(f"word{n}" for n in range(MAX_TERMS))})

    assert "501 terms; at most 500" in _refusal("@many OR grain", names)


def test_a_rule_has_at_most_50_patterns() -> None:
    """The message names the limit."""
    a_rule(" OR ".join(f"/ab{n}/" for n in range(MAX_PATTERNS)))

    assert "51 patterns; at most 50" in _refusal(" OR ".join(f"/ab{n}/" for n in range(51)))


def test_a_rule_nests_at_most_20_deep() -> None:
    """The message names the limit, however deep the rule goes."""
    nested = "grain"
    for n in range(MAX_DEPTH - 1):
        nested = f"({nested} {'AND' if n % 2 else 'OR'} port{n})"
    a_rule(nested)

    assert "nests 21 deep; at most 20" in _refusal(f"{nested} AND one")
    assert "at most 20 levels" in _refusal("NOT " * 2_000 + "grain")
    assert "at most 20 levels" in _refusal("(" * 2_000 + "a AND b" + " AND c)" * 2_000)


def test_a_rule_has_at_most_20_000_characters() -> None:
    """A text of any length is refused at once."""
    assert f"at most {MAX_LENGTH:,}" in _refusal("grain " * 5_000)


def test_reading_many_rules_loses_none_to_the_broken_ones() -> None:
    """A rule that cannot be read is a value beside those that can."""
    rules = [
        Rule(name=f"r{n}", title="", when=when, to=()) for n, when in enumerate(["a1", "(", "b1"])
    ]

    read = read_rules(rules, Names())

    assert [type(one) for one in read] == [CompiledRule, RuleError, CompiledRule]


def test_matches_come_in_the_order_of_the_rules() -> None:
    """A matcher names the rules that hold, in their order, with article and version."""
    rules = [a_rule(when, name=when) for when in ("port", "zebra", "grain")]

    matches = Matcher(rules).match(an_article("Grain left the port."))

    assert [match.evidence[0].text for match in matches] == ["port", "Grain"]
    assert {(match.article_id, match.version) for match in matches} == {("a1", 1)}


def test_an_article_without_words_matches_nothing() -> None:
    """Empty titles and texts are no trouble."""
    rules = [a_rule(w, name=w) for w in ("grain", "/x+/", "name:Hamas", "place:Gaza", "a NEAR b")]

    assert Matcher(rules).match(an_article("", "")) == ()
    assert Matcher(rules).match(an_article("…", "—")) == ()


def test_evidence_names_field_sentence_and_term() -> None:
    """Evidence says where its words stand: field, sentence, span, and which term they prove."""
    article = an_article("Nothing yet. The Red Lines moved.", "On red lines")

    first, second = Matcher([a_rule('"red line" OR zebra')]).match(article)[0].evidence

    assert (first.field, first.sentence, first.text) == ("title", None, "red lines")
    assert (second.field, second.sentence, second.text) == ("text", 1, "Red Lines")
    assert (second.start, second.end, second.term, second.kind) == (17, 26, '"red line"', "keyword")


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ("ship", [["ship"]]),
        ("ship AND (red OR blue OR red) -green", [["ship"], ["red", "blue"]]),
        ("title:(red OR blue) lead:ship count(port) >= 2", [["red", "blue"], ["ship"], ["port"]]),
        ("ship NEAR/3 (red OR blue) OR port", [["ship", "red", "blue", "port"]]),
        ("ship NEAR/3 (red OR blue)", [["ship"], ["red", "blue"]]),
        ("ship WITH port", [["ship"], ["port"]]),
        ("2 OF (ship, port, red AND NOT blue)", [["ship"], ["port"], ["red"]]),
        ("(NOT ship OR red) port", [["red"], ["port"]]),
        ("@boats place:Rafah", [["ships", "ferries"], ["place:Rafah"]]),
    ],
)
def test_a_rule_has_clauses(when: str, wanted: list[list[str]]) -> None:
    """What a rule is joined from with AND, each part with the terms that may satisfy it."""
    node = read_text(when, Names(sets={"boats": "ships OR ferries"}))

    assert [list(clause) for clause in clauses(node)] == wanted

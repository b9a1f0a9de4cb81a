"""The fast way of reading plain rules says what the grammar says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import RuleError
from bot.model import Article, Rule
from bot.rules.index import needs_of
from bot.rules.match import Matcher, match_article
from bot.rules.plain import PlainReader
from bot.rules.read import read_rule
from bot.rules.rule import CompiledRule, Names
from bot.rules.syntax import write
from tests.rules_desk import an_article
from tests.test_rules_engine import ARTICLES, ENOUGH, NAMES, TREES

_PIECES = (
    'grain port "red line" red line lines "of the" the name:Moran name:"Ada Moran" place:Avel '
    "source:b tier:official tier:news lang:en title:grain title:( lead:port sanction* sanc* "
    'place:Avel+ AND OR NOT NEAR NEAR/3 BEFORE/2 WITH ( ) ) and OF count NEAR/999 "5" "" '
    "a:b O'Neil U.S. red-line -x @truce =x"
)
TEXTS = st.lists(st.sampled_from(_PIECES.split(" ")), max_size=9).map(" ".join)
PLAIN = st.lists(
    st.sampled_from(
        [
            "grain",
            "port",
            '"red line"',
            "line",
            '"port of call"',
            "name:Moran",
            "sanction*",
            "tier:news",
            "tier:official",
            "NOT grain",
            "NOT line",
            "(port OR line)",
            "title:line",
            "port NEAR/3 line",
            "NOT (port NEAR/3 line)",
            "NOT NOT grain",
        ]
    ),
    min_size=1,
    max_size=4,
).flatmap(lambda parts: st.sampled_from([" ", " AND ", " OR "]).map(lambda by: by.join(parts)))


def _slowly(rule: Rule) -> CompiledRule | RuleError:
    try:
        return read_rule(rule, NAMES)
    except RuleError as error:
        return error


@ENOUGH
@given(st.one_of(TEXTS, PLAIN, TREES.map(write)), st.one_of(st.just(""), PLAIN))
def test_what_is_read_fast_is_read_the_same(when: str, unless: str) -> None:
    """A rule that is read the fast way is that of the grammar, and is one that is not refused."""
    rule = Rule(name="r", title="r", when=when, unless=unless, to=())

    fast = PlainReader(NAMES).rule(rule)

    assert fast is None or fast[0] == _slowly(rule)
    assert fast is None or fast[1] == needs_of(fast[0])


@ENOUGH
@given(st.one_of(TEXTS, PLAIN, TREES.map(write)))
def test_a_tree_that_is_read_fast_is_the_same(when: str) -> None:
    """A rule on the shelf is read back as it was taken in."""
    rule = Rule(name="r", title="r", when=when, to=())
    slow, fast = _slowly(rule), PlainReader(NAMES).tree(rule)

    assert fast is None or isinstance(slow, RuleError) or fast == slow


@pytest.mark.parametrize(
    "when",
    [
        "port AND grain NEAR/5 sanction*",
        '"red line" AND (port OR grain) AND NOT metro',
        'name:"Ada Moran" AND title:zebra',
        "source:reuters.com tier:official lang:en port",
        '"port of call" AND "bill of lading"',
        "U.S. OR O'Neil OR red-line",
    ],
)
def test_plain_rules_are_read_fast(when: str) -> None:
    """What most people write does not wait for the grammar."""
    rule = Rule(name="r", title="r", when=when, unless="giraffe", to=())

    compiled = read_rule(rule, NAMES)
    assert PlainReader(NAMES).rule(rule) == (compiled, needs_of(compiled))


def test_a_long_list_of_terms_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the reader keeps in mind is bounded."""
    monkeypatch.setattr("bot.rules.plain._MEMO_SIZE", 10)
    reader = PlainReader(Names())

    for n in range(100):
        reader.rule(Rule(name="r", title="r", when=f"w{n}x", to=()))

    assert len(reader._leaves) <= 11


@settings(ENOUGH)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.one_of(PLAIN, TREES.map(write))), max_size=6),
    st.sampled_from("abcd"),
    ARTICLES,
)
def test_rules_kept_as_texts_match_as_the_evaluator_says(
    texts: list[tuple[str, str]], dropped: str, article: Article
) -> None:
    """Of many rules, those that can be read are in force, the later of two of one name."""
    rules = [Rule(name=name, title="", when=when, to=()) for name, when in texts]
    read = {rule.name: one for rule in rules if isinstance(one := _slowly(rule), CompiledRule)}
    last = {
        n: rule.name for n, rule in enumerate(rules) if not isinstance(_slowly(rule), RuleError)
    }

    matcher, refused = Matcher.of_texts(rules, NAMES, [article])

    assert len(refused) == sum(isinstance(_slowly(rule), RuleError) for rule in rules)
    ordered = dict.fromkeys(reversed(list(last.values())))
    kept = [read[name] for name in reversed(ordered)]
    assert matcher.match(article) == match_article(kept, article)
    assert matcher.drop(dropped) is (dropped in read)
    rest = [one for one in kept if one.name != dropped]
    assert matcher.match(article) == match_article(rest, article)


def test_a_rule_kept_as_text_is_read_again_after_the_cache_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rules that fell out of the cache still match."""
    monkeypatch.setattr("bot.rules.index.shelf._CACHE_SIZE", 2)
    rules = [Rule(name=str(n), title="", when="port", to=()) for n in range(7)]
    matcher, _ = Matcher.of_texts(rules, Names())

    for _ in range(2):
        matches = matcher.match(an_article("A port."))
        assert [match.rule for match in matches] == [str(n) for n in range(7)]
    assert len(matcher._shelf._cache) <= 2

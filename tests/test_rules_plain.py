"""The fast way of reading plain rules says what the grammar says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import RuleError
from bot.model import Article, Rule
from bot.rules.index import Gatherer, needs_of
from bot.rules.index.draft import ALWAYS, Draft
from bot.rules.match import Matcher, match_article
from bot.rules.plain import PlainReader
from bot.rules.read import read_rule
from bot.rules.rule import CompiledRule, Names
from bot.rules.skim import Skimmer
from bot.rules.syntax import write
from tests.rules_desk import an_article
from tests.test_rules_engine import ARTICLES, ENOUGH, NAMES, TREES

_PIECES = (
    'grain port "red line" red line lines "of the" the name:Moran name:"Ada Moran" place:Avel '
    "source:b tier:official tier:news lang:en title:grain title:( lead:port sanction* sanc* "
    'place:Avel+ AND OR NOT NEAR NEAR/3 BEFORE/2 WITH ( ) ) and OF count NEAR/999 "5" "" '
    "a:b O'Neil Biden U.S. red-line -x @truce =x"
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
            '("red line" OR port)',
            "(grain OR Ports OR WHO)",
            "NOT (port OR grain)",
            "grain WITH name:Moran",
            "Zebra",
            '"zebras of the"',
            '"of the"',
            "the",
            "source:b",
            "lead:sanction*",
        ]
    ),
    min_size=1,
    max_size=4,
).flatmap(lambda parts: st.sampled_from([" ", " AND ", " OR "]).map(lambda by: by.join(parts)))

UNLESS = st.one_of(st.just(""), st.just(" "), PLAIN)


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
    "when", ["name:Moran Biden", '(name:Moran) "Biden"', 'name:Moran AND"Biden"']
)
def test_a_name_without_quotes_is_refused_whoever_reads_it(when: str) -> None:
    """A rule that looks for a person called Joe and the word Biden is an error in any number."""
    assert isinstance(_slowly(Rule(name="r", title="r", when=when, to=())), RuleError)

    _, refused = Matcher.of_texts([Rule(name="r", title="r", when=when, to=())], NAMES)

    assert len(refused) == 1


@pytest.mark.parametrize("when", ["NOT port", "port AND", "lang:xx! AND port", "@nothing AND port"])
def test_an_error_that_is_kept_keeps_nothing_else(when: str) -> None:
    """The errors of a few rules do not hold the memory that reading all of them took."""
    _, refused = Matcher.of_texts([Rule(name="r", title="r", when=when, to=())], NAMES)

    assert [(error.__traceback__, error.__context__, error.__cause__) for error in refused] == [
        (None, None, None)
    ]


def _atoms(draft: Draft) -> list[list[set[int]]]:
    """For each rule of a draft, the keys of each clause that it needs."""
    clauses: dict[int, set[int]] = {}
    for key, clause in zip(draft.atom_keys.tolist(), draft.atom_clauses.tolist(), strict=True):
        clauses.setdefault(clause, set()).add(key)
    return [
        [clauses[clause] for clause in draft.needed[start:end].tolist() if clause != ALWAYS]
        for start, end in pairwise(draft.starts.tolist())
    ]


@ENOUGH
@given(st.lists(st.tuples(st.one_of(TEXTS, PLAIN, TREES.map(write)), UNLESS), max_size=5))
def test_what_is_skimmed_needs_what_the_tree_needs(texts: list[tuple[str, str]]) -> None:
    """A rule whose tree was never made is no error, and is looked up by the same phrases."""
    skimmed, slow = Gatherer(), Gatherer()
    skimmer = Skimmer(NAMES, skimmed)
    for slot, (when, unless) in enumerate(texts):
        rule = Rule(name="r", title="r", when=when, unless=unless, to=())
        needed = skimmer.needed(rule)
        if needed is not None:
            compiled = _slowly(rule)
            assert isinstance(compiled, CompiledRule)
            skimmed.add(slot, needed)
            slow.add(slot, map(slow.clause, needs_of(compiled)))

    found, expected = skimmed.draft(), slow.draft()
    assert _atoms(found) == _atoms(expected)
    assert found.stems >= expected.stems
    assert {*found.beginnings.tolist()} >= {*expected.beginnings.tolist()}


@pytest.mark.parametrize(
    "when",
    [
        "port AND grain NEAR/5 sanction*",
        '"red line" AND (port OR "bill lading") AND NOT metro',
        'name:"Ada Moran" AND title:zebra AND NOT "three long words"',
        "port WITH grain AND source:reuters.com",
    ],
)
def test_most_rules_are_skimmed(when: str) -> None:
    """What very many rules look like needs no tree."""
    rule = Rule(name="r", title="r", when=when, unless="giraffe AND NOT fish", to=())

    assert Skimmer(NAMES, Gatherer()).needed(rule)


@pytest.mark.parametrize(
    "when",
    [
        "port AND port",
        "port AND NOT port",
        "the AND port",
        "NOT port",
        "source:b NEAR/3 port",
        "port NEAR/999 grain",
        "tier:news AND NOT tier:official",
        "near AND port",
        "AND AND port",
        "(port OR AND) AND grain",
        "title:tier:news AND port",
    ],
)
def test_a_rule_that_may_be_wrong_is_read_in_full(when: str) -> None:
    """Whether a rule makes sense is not guessed."""
    rule = Rule(name="r", title="r", when=when, to=())

    assert Skimmer(NAMES, Gatherer()).needed(rule) is None


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
    monkeypatch.setattr("bot.rules.skim._MEMO_SIZE", 10)
    reader, skimmer = PlainReader(Names()), Skimmer(Names(), Gatherer())

    for n in range(100):
        rule = Rule(name="r", title="r", when=f'w{n} AND wax{"x" * n} AND "y{"y" * n} z"', to=())
        assert reader.rule(rule)
        assert skimmer.needed(rule)

    assert len(reader._leaves) <= 12
    assert max(len(skimmer._words), len(skimmer._phrases)) <= 12


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
    slow = [_slowly(rule) for rule in rules]
    good = [one for one in slow if isinstance(one, CompiledRule)]
    read = {one.name: one for one in good}

    matcher, refused = Matcher.of_texts(rules, NAMES, [article])

    assert len(refused) == len(slow) - len(good)
    ordered = dict.fromkeys(one.name for one in reversed(good))
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

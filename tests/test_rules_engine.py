"""The engine says the same as the evaluator that reads one rule and one article at a time."""

from __future__ import annotations

import ctypes
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import RuleError
from bot.model import Article, Match, Person, Place, Rule, Tier
from bot.rules.index import Gatherer, Index, segment
from bot.rules.index.keys import read_keys
from bot.rules.index.memory import give_back
from bot.rules.index.needs import needs
from bot.rules.index.segment import Segment
from bot.rules.index.table import Table
from bot.rules.match import Matcher, match_article
from bot.rules.normal import normalise
from bot.rules.read import read_text
from bot.rules.rule import (
    And,
    AtLeast,
    CompiledRule,
    Count,
    Names,
    Near,
    Node,
    Not,
    Or,
    Scope,
    Scoped,
    Term,
    With,
)
from bot.rules.syntax import write
from tests.rules_desk import a_rule, an_article

EXAMPLES = int(os.environ.get("REDLINE_EXAMPLES", "500"))  # noqa: TID251 - `make nightly-rules` sets it
# An example is to take little time: where pytest's own timeout ends a test in the middle of making
# one, hypothesis says "Inconsistent data generation", not that the time was over.
ENOUGH = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

NAMES = Names(
    people=(Person(name="Ada Moran", aliases=("MORÁN Ada",), titles=("President",)),),
    places=(Place(name="Avel", demonyms=("Aveli",)), Place(name="Port Avel", within=("Avel",))),
    sets={"truce": '"cease fire" OR truce*', "both": "@truce NEAR/5 port"},
)
_WORDS = (
    "red line lines Red-Line redline RED WHO who U.S. us Schröder Schroeder schroder Straße 红线 "
    "红 线 رَفَح رفح port Port ports Avel Aveli Ada Moran President Mr. Morán’s cease-fire ceasefire "
    "truce truces sanction sanctions sanctioned sanctioning, fire. the é e\u0301 \ufdfa 32,000 –"
)
ODD_WORDS = st.text("abß éö红线-'’.,رَO", min_size=1, max_size=4)
WORDS = st.one_of(st.sampled_from(_WORDS.split(" ")), ODD_WORDS)
PHRASES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
TERMS: st.SearchStrategy[Node] = st.one_of(
    st.builds(Term, st.just(""), PHRASES),
    st.builds(Term, st.just(""), PHRASES),
    st.builds(Term, st.just("="), PHRASES),
    st.builds(Term, st.just(""), WORDS, st.just("*")),
    st.builds(Term, st.sampled_from(["name", "name.strict", "name.surname"]), PHRASES),
    st.just(Term("name", "Ada Moran")),
    st.builds(
        Term, st.just("place"), st.sampled_from(["Avel", "Rafah"]), st.sampled_from(["", "+"])
    ),
    st.builds(Term, st.just("@"), st.sampled_from(["truce", "both"])),
)
FACTS: st.SearchStrategy[Node] = st.one_of(
    st.builds(Term, st.just("source"), st.sampled_from(["a.example", "example", "the desk", "b"])),
    st.builds(Term, st.just("tier"), st.sampled_from(list(Tier))),
    st.builds(Term, st.just("lang"), st.sampled_from(["en", "en-gb", "ar"])),
    st.builds(Term, st.just("/"), st.sampled_from(["red.?line", "[a-c]+", "W.O"])),
)
PLACED = st.one_of(
    TERMS,
    st.builds(Near, TERMS, TERMS, st.integers(0, 6), st.booleans()),
    st.builds(With, TERMS, TERMS),
    st.builds(Or, st.lists(TERMS, min_size=2, max_size=3).map(tuple)),
)


def _grown(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        st.builds(And, several),
        st.builds(Or, several),
        st.builds(Not, nodes),
        st.builds(AtLeast, st.integers(1, 4), several),
    )


TREES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        PLACED,
        FACTS,
        st.builds(Scoped, st.sampled_from(Scope), PLACED),
        st.builds(Count, PLACED, st.integers(1, 3)),
    ),
    _grown,
    max_leaves=6,
)
TEXTS = st.lists(WORDS, max_size=16).map(" ".join)
ARTICLES = st.builds(
    lambda text, title, domain, tier, language: an_article(
        text, title, domain=domain, tier=tier, language=language
    ),
    TEXTS,
    TEXTS,
    st.sampled_from(["a.example", "www.a.example", "b.a.example", "b"]),
    st.sampled_from(Tier),
    st.sampled_from([None, "en", "en-GB", "ar", ""]),
)


def _read(name: str, tree: Node, unless: Node | None) -> CompiledRule | None:
    """The rule of a tree, None where it is refused; sense is not asked for."""
    texts = [write(part) if part else "" for part in (tree, unless)]
    try:
        nodes = [read_text(text, NAMES) if text else None for text in texts]
    except RuleError:
        return None
    assert nodes[0] is not None
    rule = Rule(name=name, title=name, when=texts[0], unless=texts[1], to=())
    return CompiledRule(rule, nodes[0], nodes[1])


RULES = st.builds(_read, st.sampled_from("abcdefgh"), TREES, st.one_of(st.none(), TREES)).filter(
    bool
)


@dataclass(frozen=True)
class Edit:
    """One thing that happens to a matcher; `kind` is put, drop, fold, begin, end or match."""

    kind: str
    rule: CompiledRule | None = None
    name: str = ""
    article: Article | None = None


EDITS = st.one_of(
    st.builds(Edit, st.just("put"), RULES),
    st.builds(Edit, st.just("drop"), name=st.sampled_from("abcdefgh")),
    st.builds(Edit, st.sampled_from(["fold", "begin", "end"])),
    st.builds(Edit, st.just("match"), article=ARTICLES),
)


class Naive:
    """The rules in force, each looked at for each article."""

    def __init__(self, rules: list[CompiledRule]) -> None:
        self.rules: dict[str, CompiledRule] = {}
        for rule in rules:
            self.put(rule)

    def put(self, rule: CompiledRule) -> None:
        self.rules.pop(rule.name, None)
        self.rules[rule.name] = rule

    def drop(self, name: str) -> bool:
        return self.rules.pop(name, None) is not None


Make = Callable[[list[CompiledRule]], Matcher]


def _run(rules: list[CompiledRule], edits: list[Edit], make: Make = Matcher) -> None:
    """Do the same to a matcher and to the naive one, and compare what they match."""
    naive, matcher = Naive(rules), make(rules)
    under_way: Segment | None = None
    for edit in edits:
        match edit.kind:
            case "put":
                assert edit.rule is not None
                naive.put(edit.rule)
                matcher.put(edit.rule)
            case "drop":
                assert naive.drop(edit.name) is matcher.drop(edit.name)
            case "begin":
                under_way = matcher.folding().build()
            case "fold":
                matcher.adopt(matcher.folding().build())
                under_way = None
            case "end" if under_way is not None:
                matcher.adopt(under_way)
                under_way = None
            case "match":
                assert edit.article is not None
                expected = match_article(list(naive.rules.values()), edit.article)
                assert matcher.match(edit.article) == expected


@ENOUGH
@given(st.lists(RULES, max_size=8), st.lists(ARTICLES, min_size=1, max_size=3))
def test_the_engine_says_what_the_evaluator_says(
    rules: list[CompiledRule], articles: list[Article]
) -> None:
    """Whatever the rules and the article, the index loses no match and adds none."""
    _run(rules, [Edit("match", article=article) for article in articles])


@ENOUGH
@given(st.lists(RULES, max_size=4), st.lists(EDITS, max_size=10), ARTICLES)
def test_an_edit_counts_from_the_next_article_on(
    rules: list[CompiledRule], edits: list[Edit], article: Article
) -> None:
    """Rules may be added, changed, removed and folded in at any time."""
    _run(rules, [*edits, Edit("match", article=article)])


class Forgetful(Matcher):
    """A matcher whose small index of edits is taken away."""

    def match(self, article: Article) -> tuple[Match, ...]:
        """Forget the edits first."""
        self._index._edits.clear()
        return super().match(article)


class Unmasked(Matcher):
    """A matcher that keeps looking at rules that were removed."""

    def _remove(self, slot: int) -> None:
        """Forget the name alone."""
        del self._shelf._slots[self._shelf.name(slot)]


@pytest.mark.parametrize(
    ("broken", "edit"),
    [
        (Forgetful, Edit("put", a_rule("port", name="b"))),
        (Unmasked, Edit("drop", name="a")),
        (Unmasked, Edit("put", a_rule("zebra", name="a"))),
    ],
)
def test_the_comparison_finds_a_broken_engine(broken: Make, edit: Edit) -> None:
    """Without the index of edits, or the mask of removed rules, the engine is found out."""
    seen = Edit("match", article=an_article("A port."))
    _run([a_rule("port", name="a")], [edit, seen])

    with pytest.raises(AssertionError):
        _run([a_rule("port", name="a")], [edit, seen], broken)


@pytest.mark.parametrize(
    ("when", "pieces"),
    [
        ('"red line" AND NOT metro', [{" red line ", " redline "}]),
        ("port NEAR/3 grain", [{" port "}, {" grain "}]),
        ("(port AND grain) OR zebra", [{" port ", " zebra "}, {" grain ", " zebra "}]),
        ("2 OF (port, grain, zebra)", [{" port ", " grain "}, {" port ", " zebra "}]),
        ("source:a.example OR tier:official", [{"\0source a.example", "\0tier official"}]),
        ("sanction* OR /x+/", []),
        ("NOT NOT port", [{" port "}]),
        ("title:(port) count(grain) >= 2", [{" port "}, {" grain "}]),
    ],
)
def test_what_a_rule_needs(when: str, pieces: list[set[str]]) -> None:
    """A rule is looked at only where something of each of its clauses occurs."""
    clauses = needs(read_text(when, Names()))

    assert [set(clause) for clause in clauses][: len(pieces)] == pieces
    assert bool(clauses) is bool(pieces)


def test_a_rule_hangs_on_what_is_rare() -> None:
    """Of what a rule needs, it is looked up by what recent articles had least."""
    index = Index()
    for _ in range(5):
        index.candidates(normalise(an_article("The port is open.")))
    for slot in range(10):
        index.put(slot, needs(read_text("port grain", Names())))
    index.adopt(index.folding().build())

    hooks = index._base._rule_rows
    grain = index._base._true_clauses(read_keys(normalise(an_article("Grain."))))
    assert [int(hooks[clause + 1] - hooks[clause]) for clause in grain] == [0, 10]


def test_the_rarest_clauses_stand_first_however_many_rules_are_sorted_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each rule keeps its own clauses, in the order of how often recent articles had them."""
    monkeypatch.setattr(segment, "_STEP", 3)
    gatherer, random = Gatherer(), np.random.default_rng(5)
    clauses = [[int(n) for n in random.integers(0, 20, random.integers(0, 5))] for _ in range(17)]
    for slot, needed in enumerate(clauses):
        gatherer.add(slot, needed)
    seen = random.integers(0, 4, 20).astype(np.int32)
    draft = gatherer.draft()

    sorted_ = segment._rarest_first(draft, seen)

    expected = [sorted(needed, key=lambda clause: seen[clause]) for needed in clauses]
    assert [sorted_[a:b].tolist() for a, b in pairwise(draft.starts.tolist())] == expected


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="glibc alone has it")
def test_memory_that_nothing_needs_goes_back_to_the_system() -> None:
    """What an old index took does not stay with the service because of what lies behind it."""
    pieces = [np.ones(100_000, np.uint8) for _ in range(500)]
    last = pieces.pop()
    del pieces[:]
    before = _pages()

    give_back()

    assert (before - _pages()) * resource.getpagesize() > 25_000_000
    assert last.all()


def _pages() -> int:
    """How many pages of memory this process has."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])


def test_keys_are_found_where_they_stand() -> None:
    """Every key of a table is found at its place, and no other."""
    keys = np.unique(np.random.default_rng(3).integers(0, 2**64, 5_000, np.uint64))
    table, others = Table(keys[::2]), keys[1::2]

    which, places = table.find(np.concatenate([keys[::2], others]))

    assert sorted(zip(which.tolist(), places.tolist(), strict=True)) == [
        (n, n) for n in range(len(keys[::2]))
    ]


def test_the_beginning_of_a_word_leaves_with_its_rule() -> None:
    """Once a rule with a prefix was changed and folded in, words that begin so break nothing."""
    words = ("sanction", "moran", "harbour", "freight", "convoy", "tariff", "escort", "insurer")
    before = a_rule(" OR ".join(f"{word}*" for word in words), name="a")
    after = a_rule("red", name="a")
    article = an_article(f"{' '.join(words)}, and a red ship.")
    matcher = Matcher([before])
    matcher.put(after)
    matcher.adopt(matcher.folding().build())

    (match,) = matcher.match(article)

    assert [found.text for found in match.evidence] == ["red"]

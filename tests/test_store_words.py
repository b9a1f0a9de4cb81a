"""The words of the index: what is written into it and what is asked of it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Article
from bot.ports import PollRecord, SearchQuery
from bot.rules import normal
from bot.rules.normal import normalise
from bot.rules.phrase import phrases_of
from bot.store import search
from bot.store.memory import MemoryStore
from bot.store.places import A_SECOND, free_place, second_of
from bot.store.sql import SqlStore
from bot.store.words import KEPT, simple_fold, words_of
from tests.build import an_article
from tests.contracts.store_search import told
from tests.contracts.store_world import NOW, state

PIECES = st.sampled_from(
    ["red", "line", "lines", ";", "|", "WHO", "who", "3.5", "红", "线", "é", "خط", "sanction",
     "sanctioned", '"', "*", "AND", "-", "\x00", "\u2028", "\ud83d", "a_b", "@x", "x" * 90]
)  # fmt: skip
FOLDED = st.lists(PIECES, max_size=8).map(lambda words: f" {' '.join(words)} ")
PHRASES = st.one_of(
    FOLDED, FOLDED.map(str.rstrip), FOLDED.map(lambda f: f[:-2]), st.text(max_size=12)
)
QUERIES = st.builds(
    SearchQuery,
    clauses=st.lists(st.lists(PHRASES, max_size=3).map(tuple), max_size=3).map(tuple),
    source=st.one_of(st.none(), st.none(), st.sampled_from(["wire", "gazette"]), st.text()),
    limit=st.integers(0, 5),
)


@given(st.text())
def test_words_hold_no_syntax(text: str) -> None:
    """No word of the index holds a space, a capital of ASCII, or a sign that could mean more."""
    for word in words_of(text):
        assert word
        for letter in word:
            assert letter.isalnum() or letter in KEPT or ord(letter) > 127
            assert not letter.isspace()
        assert not set(word) & set("ABCDEFGHIJKLMNOPQRSTUVWXYZ\"*'()+-:")
        word.encode()


@pytest.mark.parametrize(
    "text",
    ["Red lines, red-line; “Red Lines”!", "The WHO and the U.S. said 1,200.5 of Schröder's men.",
     "中国的红线。한국 정부가", "Они перешли красную линию", "تجاوزوا الخط الأحمر", "लाल रेखा"],
)  # fmt: skip
def test_what_the_rules_fold_is_kept_as_it_is(text: str) -> None:
    """Every word and break of a folded text is one word of the index."""
    folded = normalise(an_article(text, title="A title")).folded
    assert [word.removeprefix("^") for word in words_of(folded)] == folded.lower().split()


class Pair:
    """Both stores with the same articles."""

    def __init__(self, folder: str) -> None:
        self.loop = asyncio.Runner()
        self.memory, self.sql = MemoryStore(), SqlStore(Path(folder) / "redline.db")
        for store in (self.memory, self.sql):
            self.loop.run(store.open())

    def remember(self, folded: list[str]) -> None:
        articles = tuple(
            told(f"a{number}", text, age=timedelta(hours=number % 3))
            for number, text in enumerate(folded)
        )
        clean = tuple(replace(one, folded=_storable(one.folded)) for one in articles)
        for store in (self.memory, self.sql):
            self.loop.run(store.remember(PollRecord(state=state(), articles=clean)))

    def found(self, query: SearchQuery) -> list[str]:
        """Return what both find."""
        in_memory = self.loop.run(self.memory.search(query))
        assert self.loop.run(self.sql.search(query)) == in_memory
        return [one.id for one in in_memory.articles]

    def close(self) -> None:
        for store in (self.memory, self.sql):
            self.loop.run(store.close())
        self.loop.close()


@contextmanager
def a_pair(folded: list[str]) -> Iterator[Pair]:
    """Both stores with these folded texts, closed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        pair = Pair(folder)
        try:
            pair.remember(folded)
            yield pair
        finally:
            pair.close()


def _storable(text: str) -> str:
    """Half a surrogate pair is refused by every store."""
    return text.encode(errors="replace").decode()


@settings(max_examples=25, deadline=None)
@given(st.lists(FOLDED, min_size=1, max_size=6), st.lists(QUERIES, max_size=12))
def test_both_stores_give_one_answer(folded: list[str], queries: list[SearchQuery]) -> None:
    """Whatever is asked of whatever texts, both stores find the same, and nothing breaks."""
    with a_pair(folded) as pair:
        everything = pair.found(SearchQuery(limit=9))
        assert sorted(everything) == [f"a{number}" for number in range(len(folded))]
        for query in queries:
            assert set(pair.found(query)) <= set(everything)
        assert pair.found(SearchQuery(limit=9)) == everything


TEXTS = (
    "The minister drew a red line, again.",
    "Red-line talks; redlining is another matter. Sanctioned goods.",
    "The WHO warned. Who knew? Sanctions of 1,200.5 tonnes.",
    "Gerhard Schröder met the U.S. envoys in Rafah; a cease-fire held.",
    "中国划出红线。Les États-Unis, l'été, naïve cafés.",
    "“Red Lines” and RED LINES; the red, line.",
)
ARTICLES = [an_article(text, title="Talks go on", id=f"a{n}") for n, text in enumerate(TEXTS)]


@settings(max_examples=60, deadline=None)
@given(text=st.sampled_from(TEXTS), data=st.data())
def test_whatever_the_matcher_finds_the_search_finds(text: str, data: st.DataObject) -> None:
    """A phrase that stands in a folded text is found in the index, whole or as a beginning."""
    folded = {one.id: normalise(one).folded for one in ARTICLES}
    held = normalise(an_article(text, title="Talks go on")).folded
    begin = data.draw(st.sampled_from([at for at, letter in enumerate(held) if letter == " "]))
    piece = held[begin : begin + data.draw(st.integers(2, 40))]
    query = SearchQuery(clauses=((piece,),), limit=99)

    found = asyncio.run(_found(query))
    assert {name for name, text in folded.items() if piece in text} <= found


@pytest.mark.parametrize(
    ("phrase", "names"),
    [
        ("red line", {"a0", "a1", "a5"}),
        ("sanction", {"a2"}),
        ("WHO", {"a2"}),
        ("ceasefire", {"a3"}),
        ("cease fire", {"a3"}),
        ("Schroeder", {"a3"}),
        ("红线", {"a4"}),
        ("cafe", {"a4"}),
        ("US envoy", {"a3"}),
    ],
)
async def test_phrases_of_rules_find_what_rules_find(phrase: str, names: set[str]) -> None:
    """The phrases of a rule's term find exactly the articles that hold one of them."""
    assert await _found(SearchQuery(clauses=(tuple(phrases_of(phrase)),), limit=99)) == names


async def _found(query: SearchQuery) -> set[str]:
    """Return which of the articles a store finds that remembers them as the service does."""
    store = MemoryStore()
    await store.open()
    folded = [replace(told(one.id), article=one, folded=normalise(one).folded) for one in ARTICLES]
    await store.remember(PollRecord(state=state(), articles=tuple(folded)))
    return {one.id for one in (await store.search(query)).articles}


def test_a_beginning_of_too_many_words_is_found_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Above the most words, and for phrases, the index looks for the beginning itself."""
    words = [f" sanction{number} |" for number in range(6)]
    query = SearchQuery(clauses=((" sanct",),), limit=9)
    with a_pair([*words, " peace sanction | ", " sanctuary |"]) as pair:
        few = pair.found(query)
        monkeypatch.setattr(search, "MOST_WORDS", 2)
        assert pair.found(query) == few
        assert len(few) == 8
        assert pair.found(SearchQuery(clauses=((" peace sanct",),))) == ["a6"]


def test_the_simple_fold_reads_title_and_text() -> None:
    """Without the rule language, case and accents are folded and all signs part words."""
    article = an_article("Ça va? The CAFÉ-bar.", title="Straße")
    assert simple_fold(article) == " strasse | ca va the cafe bar | "


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants bounds without a zone
    st.lists(st.integers(0, A_SECOND * 2), max_size=30),
)
def test_a_place_is_free_and_in_its_second(time: datetime, offsets: list[int]) -> None:
    """An article stands behind all others of its second, before those of later seconds."""
    first = second_of(time)
    taken = {first + offset for offset in offsets}

    def last_between(start: int, end: int) -> int | None:
        return max((place for place in taken if start <= place < end), default=None)

    place = free_place(time, last_between)
    assert place not in taken
    assert place >= first
    full = first + A_SECOND - 1 in taken
    assert full or place < first + A_SECOND
    assert all(other < place for other in taken if other < first + A_SECOND)


@given(st.integers(-(10**9), 10**10), st.integers(0, 10**10))
def test_later_seconds_stand_later(second: int, later: int) -> None:
    """Places grow with time, for any two times."""
    early = NOW + timedelta(seconds=second)
    late = early + timedelta(seconds=later)
    assert second_of(late) - second_of(early) == later * A_SECOND


def test_a_second_that_is_full_runs_over_into_the_next() -> None:
    """More articles of one second than it has places take those of the seconds after it."""
    taken: dict[int, int] = {}
    places = []
    for _ in range(A_SECOND * 2 + 5):
        place = free_place(NOW, lambda first, _: taken.get(first))
        taken[place // A_SECOND * A_SECOND] = place
        places.append(place)

    first = second_of(NOW)
    assert places == list(range(first, first + A_SECOND * 2 + 5))


def test_an_article_is_folded_once_to_be_matched_and_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The folded text of the article that was matched last is at hand; another is folded anew."""
    first, second = ARTICLES[0], ARTICLES[1]
    expected = {one.id: normalise(one).folded for one in (second, first)}
    calls: list[str] = []

    def counting(article: Article) -> normal.NormalText:
        calls.append(article.id)
        return normalise(article)

    monkeypatch.setattr(normal, "normalise", counting)
    assert normal.folded_text(first) == expected["a0"]
    assert calls == []
    assert normal.folded_text(second) == expected["a1"]
    assert normal.folded_text(replace(first, version=2)) == expected["a0"]
    assert calls == ["a1", "a0"]

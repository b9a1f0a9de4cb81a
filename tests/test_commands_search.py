"""Searching and testing: nothing that a rule finds is missed, and what is shown can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import backtest as backtest_module
from bot.commands.clauses import required, sources
from bot.commands.items import LONGEST_PASSAGE, item_of, snug
from bot.commands.query import Scope, read_query
from bot.errors import RuleError
from bot.model import Article, FeedState, Match, Passage, Rule, Span
from bot.ports import PollRecord
from bot.rules import CompiledRule, Names, match_article, read_rule
from bot.store.memory import MemoryStore
from tests.build import an_article
from tests.commands_archive import NOW, desk_of, known_desk, remembered, shelf
from tests.commands_desk import typed

# --- what the index is asked for ----------------------------------------------------------------

TERMS = st.sampled_from(
    [
        *("avel", "grain", '"red line"', "tariff*", "toll", "ferry", "submarine"),
        *('="Port Avel"', 'name:"Ilse Marten"', "/ferr(y|ies)/", "source:gazette.example"),
        *("tier:official", "title:avel", "lead:grain", "@harbour", "count(avel) >= 2"),
        *("avel NEAR/3 port", "grain WITH south", "prime BEFORE/2 marten"),
    ]
)
RULES = st.recursive(
    TERMS,
    lambda parts: st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda each: f"({' AND '.join(each)})"),
        st.lists(parts, min_size=2, max_size=3).map(lambda each: f"({' OR '.join(each)})"),
        st.tuples(parts, parts).map(lambda each: f"({each[0]} AND NOT {each[1]})"),
        st.lists(parts, min_size=2, max_size=4).map(lambda each: f"2 OF ({', '.join(each)})"),
    ),
    max_leaves=6,
)
NAMES = Names(sets={"harbour": "toll OR dredger* OR lighthouse"})


def compiled_of(text: str) -> CompiledRule:
    """A rule that has been read."""
    return read_rule(Rule(name="r", title="R", when=text, to=()), NAMES)


@given(text=RULES)
async def test_a_search_finds_what_a_rule_finds(text: str) -> None:
    """The index gives every article for which the rule holds, whatever the rule says."""
    desk = await known_desk()
    try:
        query = read_query(text, Scope(now=NOW, names=NAMES, rules={}))
    except RuleError:
        return
    assert query.compiled is not None
    held = {a.id for a in shelf().articles if match_article([query.compiled], a)}

    candidates = await desk.archive.search(query.search)

    assert held == {a.id for a in candidates.articles if query.match(a)}


def clauses(text: str) -> list[list[str]]:
    """What a rule's text asks the index for."""
    return [sorted(clause) for clause in required(compiled_of(text).when)]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("toll", [[" toll "]]),
        ("toll AND ferry", [[" toll "], [" ferry "]]),
        ("toll OR ferry", [[" ferry ", " toll "]]),
        ("toll AND NOT ferry", [[" toll "]]),
        ("toll OR /fer+y/", []),
        ("toll AND /fer+y/", [[" toll "]]),
        ("toll AND toll", [[" toll "]]),
        ("(toll AND ferry) OR grain", [[" grain ", " toll "]]),
        ("2 OF (toll, ferry, grain)", [[" ferry ", " toll "]]),
        ("2 OF (toll, ferry, /x/)", [[" ferry ", " toll "]]),
        ("2 OF (toll, /y/, /x/)", []),
        ("2 OF (toll, ferry)", [[" toll "], [" ferry "]]),
        ("toll NEAR/5 ferry", [[" toll "], [" ferry "]]),
        ("title:toll", [[" toll "]]),
        ("tariff*", [[" tariff"]]),
        ("source:gazette.example", []),
    ],
)
def test_what_the_index_is_asked_for(text: str, asked: list[list[str]]) -> None:
    """What must occur is asked for; alternatives stand together; what must not occur is not."""
    assert clauses(text) == asked


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("toll source:gazette.example", ("gazette.example",)),
        ("source:www.Gazette.example", ("gazette.example",)),
        ("toll -source:gazette.example", ()),
        ("toll OR source:gazette.example", ()),
        ('toll source:"The Gazette"', ()),
    ],
)
def test_only_a_publisher_that_must_be_narrows_the_index(text: str, named: tuple[str, ...]) -> None:
    """A source that is excluded or one of several asks the index for nothing."""
    assert sources(compiled_of(text).when) == named


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("toll since:30m", timedelta(minutes=30)),
        ("toll since:12h", timedelta(hours=12)),
        ("since:7d toll", timedelta(days=7)),
        ("toll SINCE:2W ferry", timedelta(weeks=2)),
        ("toll since:2026-03-01", timedelta(days=1, hours=9)),
    ],
)
def test_a_search_is_narrowed_by_age_or_day(text: str, since: timedelta) -> None:
    """since: takes minutes, hours, days, weeks or a date, wherever it stands."""
    search = read_query(text, Scope(now=NOW, names=NAMES, rules={})).search

    assert search.since == NOW - since


@pytest.mark.parametrize("value", ["x", "7", "7y", "2026-13-01", "-7d", "7d8h"])
async def test_an_age_that_is_none_is_pointed_at(value: str) -> None:
    """A narrowing that cannot be read is a mistake with its place."""
    card = await typed(await known_desk(), f"/news toll since:{value}")

    assert card.title == "since: takes an age or a day"
    assert card.summary == (Passage(f"toll since:{value}", (Span(11, 11 + len(value)),)),)


@pytest.mark.parametrize("value", ["9999w", "0001-01-01"])
async def test_any_age_can_be_asked_for(value: str) -> None:
    """Before there was news there is nothing to leave out."""
    card = await typed(await known_desk(), f"/news toll since:{value}")

    assert [item.title for item in card.items] == ["Notice to shipping"]


def test_quoted_words_narrow_nothing() -> None:
    """since: between quotes is looked for as words."""
    search = read_query('"since:7d" toll', Scope(now=NOW, names=NAMES, rules={})).search

    assert search.since is None


# --- what is shown ------------------------------------------------------------------------------


@given(
    words=st.lists(st.text("abcdé ", min_size=1, max_size=12), min_size=1, max_size=120),
    marks=st.lists(st.tuples(st.integers(0, 900), st.integers(1, 20)), max_size=5),
    longest=st.integers(60, 400),
)
def test_a_passage_fits_and_its_marks_are_words_of_it(
    words: list[str], marks: list[tuple[int, int]], longest: int
) -> None:
    """However long a sentence is, what is shown fits, and what stands out stood out before."""
    text = " ".join(words)
    spans = sorted(Span(at, min(len(text), at + size)) for at, size in marks if at < len(text))
    marked = [text[span.start : span.end] for span in spans]

    short = snug(Passage(text, tuple(spans)), longest)

    shown = [short.text[span.start : span.end] for span in short.marks]
    assert len(short.text) <= longest
    assert all(any(whole.startswith(each) for whole in marked) for each in shown)


def test_a_late_mark_is_shown() -> None:
    """The words that matched are seen even where they stand at the end of a long sentence."""
    text = "word " * 100 + "red line"

    short = snug(Passage(text, (Span(500, 508),)), 100)

    assert [short.text[mark.start : mark.end] for mark in short.marks] == ["red line"]
    assert short.text.startswith("…")


def test_an_item_is_short_whatever_the_article_is() -> None:
    """Five items of the longest kind stay far below what a message takes."""
    article = an_article("long " * 4_000, title="title " * 200)

    item = item_of(article)

    assert item.passage is not None
    assert len(item.passage.text) <= LONGEST_PASSAGE
    assert 5 * (len(item.title) + len(item.passage.text)) < 3_000


# --- testing a rule -----------------------------------------------------------------------------


def many(number: int, apart: timedelta) -> list[Article]:
    """Articles about the toll, the newest an hour old."""
    at = [NOW - timedelta(hours=1) - apart * n for n in range(number)]
    return [
        replace(
            an_article(f"The toll rises, notice {n}."),
            id=f"n{n}",
            link=f"https://courier.example/n{n}",
            published_at=at[n],
        )
        for n in range(number)
    ]


async def backtested(articles: Sequence[Article]) -> tuple[str, ...]:
    """The headline and the notes of a backtest over the given articles."""
    store = MemoryStore()
    await store.open()
    state = FeedState(feed_id="courier", address="https://courier.example", next_poll_at=NOW)
    await store.remember(PollRecord(state=state, articles=tuple(map(remembered, articles))))
    card = await typed(desk_of(store), "/watch test toll")
    return (card.title, *card.notes)


async def test_a_rule_that_would_flood_is_called_noisy() -> None:
    """More than twenty articles a day is more than people read."""
    title, *notes = await backtested(many(620, timedelta(hours=1)))

    assert title == (
        "Last 30 days: 620 articles, 620 stories, 20.7 a day; busiest 24 on Sunday 1 Mar"
    )
    assert notes == ["Noisy: more than 20 articles a day. Ask for more words, or use except."]


async def test_twenty_a_day_are_not_yet_noisy() -> None:
    """A rule that brings exactly twenty a day is not warned of."""
    _, *notes = await backtested(many(600, timedelta(hours=1)))

    assert notes == []


async def test_what_is_older_than_thirty_days_does_not_count() -> None:
    """The figures are those of thirty days."""
    title, *_ = await backtested(many(40, timedelta(days=1)))

    assert title.startswith("Last 30 days: 30 articles, 30 stories, 1.0 a day")


async def test_a_test_that_stops_early_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of a part are called so, and are a day's average over that part alone."""
    monkeypatch.setattr(backtest_module, "MOST_TESTED", 100)
    monkeypatch.setattr(backtest_module, "BATCH", 50)

    title, *notes = await backtested(many(300, timedelta(hours=1)))

    assert title == "100 articles, 100 stories, 24.0 a day; busiest 24 on Sunday 1 Mar"
    assert notes[0].startswith("Only the newest 100 candidates were tried, which reach back to 26")


def test_why_an_article_is_found_is_its_evidence() -> None:
    """A search without words takes every candidate, and marks nothing in it."""
    query = read_query("since:1d", Scope(now=NOW, names=NAMES, rules={}))

    match = query.match(shelf().articles[0])

    assert match == Match(rule="search", article_id="avel1", version=1, evidence=())

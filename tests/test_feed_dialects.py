"""Whatever dialect a publisher writes, the entry is the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dates import minutes, read_date
from bot.feeds.parse import parse_feed
from tests.dialects import DIALECTS, Story

URL = "https://courier.example/feeds/news"
_TIMES = st.none() | st.integers(800_000_000, 2_200_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
_TITLES = st.sampled_from(
    ["", "Harbour talks resume", "“No deal”, says AT&T", "Выборы в Долине", "港口谈判恢复"]
)
_WORDS = st.sampled_from(
    ["", "The council voted.", "Costs rose by 5% at AT&T.", "Переговоры возобновились."]
)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Make a story that has a link or a title, and perhaps the rest."""
    number = draw(st.integers(0, 9999))
    named = draw(st.sampled_from(["", f"urn:uuid:{number}", f"https://courier.example/g/{number}"]))
    link = draw(st.sampled_from(["", f"https://courier.example/{number}?a=1&b=2"]))
    return Story(
        guid=named,
        link=link,
        title=draw(_TITLES) if link else "Harbour talks resume",
        words=draw(_WORDS),
        published=draw(_TIMES),
        updated=draw(_TIMES),
    )


@pytest.mark.parametrize("dialect", DIALECTS)
@given(told=st.lists(stories(), min_size=1, max_size=3), data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_same_stories_come_out_of_every_dialect(
    dialect: str, told: list[Story], data: st.DataObject
) -> None:
    """Ids, links, titles, words and times are read alike, and none is made up."""
    body = DIALECTS[dialect](told, lambda ways: data.draw(st.sampled_from(ways)))

    feed = parse_feed(body, "application/xml", URL)

    assert feed.title == "Harbour Courier"
    assert [
        Story(
            guid=entry.guid or "",
            link=entry.link or "",
            title=unescape(entry.title),
            words=unescape(entry.content or entry.summary),
            published=entry.published_at,
            updated=entry.updated_at,
        )
        for entry in feed.entries
    ] == [_expected(story, entry.summary) for story, entry in zip(told, feed.entries, strict=True)]


def _expected(story: Story, summary: str) -> Story:
    """Return what is read of a story: an address does for a link, and the teaser for the words."""
    return Story(
        guid=story.guid,
        link=story.link or (story.guid if story.guid.startswith("http") else ""),
        title=story.title,
        words=story.words or (summary if summary == "Short." else ""),
        published=story.published,
        updated=story.updated,
    )


MOMENT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 02 Mar 2026 08:30:00 GMT",
        "Mon, 2 Mar 2026 08:30:00 +0000",
        "Mon, 02 Mar 2026 09:30:00 CET",
        "Mon, 02 Mar 2026 14:00:00 IST",
        "Mon, 02 Mar 2026 03:30:00 EST",
        "02 Mar 2026 08:30 UT",
        "Mon, 02 Mar 26 08:30:00 Z",
        "Monday, March 2, 2026 08:30:00 UTC",
        "March 2, 2026 8:30 AM",
        "2026-03-02T08:30:00Z",
        "2026-03-02T08:30Z",
        "2026-03-02T08:30:00.0000000+00:00",
        "2026-03-02T10:30:00+0200",
        "2026-03-02 08:30:00",
        "2026-03-02 10:30:00 +0200",
        "20260302T083000Z",
        "\n  2026-03-02T08:30:00Z  \n",
        "2026/03/02 08:30",
        "Mon Mar 2 09:30:00 CET 2026",
    ],
)
def test_a_time_is_read_however_it_is_written(written: str) -> None:
    """RFC 822, RFC 3339 and what publishers make of them name the same moment."""
    assert read_date(written) == MOMENT


@pytest.mark.parametrize(
    "written",
    ["", "soon", "12", "2026", "March 2026", "08:30", "Monday", "Mon, 31 Feb 2026 08:00:00 GMT",
     "Thu, 01 Jan 1970 00:00:00 GMT", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59-12:00",
     "1" * 99, "2026-03-02" * 30, "\ud800"],
)  # fmt: skip
def test_what_names_no_day_is_no_time(written: str) -> None:
    """Nothing is made up where a part of the day is missing, impossible or a clock's zero."""
    assert read_date(written) is None


def test_where_a_zone_is_asked_for_a_time_without_one_is_none() -> None:
    """An hour that may be another is no hour."""
    assert read_date("2026-03-02T08:30:00", zone=None) is None
    assert read_date("2026-03-02", zone=None) is None
    assert read_date("2026-03-02T08:30:00Z", zone=None) == MOMENT


@given(st.text(max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_words_are_a_time_in_utc_or_none(written: str) -> None:
    """Whatever stands where a date should be, reading it does no harm."""
    read = read_date(written)

    assert read is None or read.utcoffset() == timedelta(0)


def test_a_ttl_is_a_number_of_minutes() -> None:
    """What is no number, or would be years, is no ttl."""
    written = [" 60\n", "0", "-5", "1.5", "soon", "", "1234567"]

    assert [minutes(one) for one in written] == [
        timedelta(hours=1), timedelta(0), None, None, None, None, None
    ]  # fmt: skip

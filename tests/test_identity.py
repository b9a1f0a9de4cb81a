"""Which article an entry is, and when it has changed."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.articles.identity import (
    Edition,
    aliases,
    aliases_of,
    article_id,
    article_of,
    content_hash,
)
from bot.model import DateFlag, Entry, Reading, Source, Span, TextFrom

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DATE = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
CASES = Path(__file__).parent / "cases" / "articles" / "identity.json"


def entry(**known: Any) -> Entry:
    """Make an entry of which only what matters is given."""
    usual = {"guid": None, "link": None, "title": "Envoys weigh terms", "published_at": DATE}
    made = {**usual, **known}
    if isinstance(made["published_at"], str):
        made["published_at"] = datetime.fromisoformat(made["published_at"])
    return Entry(**made)


def cases() -> list[dict[str, Any]]:
    """Read the cases of one entry before and after its publisher changed it."""
    found: list[dict[str, Any]] = json.loads(CASES.read_text())
    return found


def url(path: str) -> str:
    """Make a link to an article."""
    return f"https://courier.example/{path}"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["why"])
def test_an_article_is_known_again(case: dict[str, Any]) -> None:
    """An entry is the same article while one of its names lives, and another where none does."""
    before, after = entry(**case["before"]), entry(**case["after"])
    common = set(aliases(before, "courier")) & set(aliases(after, "courier"))

    assert case["same"] == bool(common)


def test_guids_mean_something_within_their_feed_only() -> None:
    """Two feeds may use the same guid, and one link is one article in both."""
    first = aliases(entry(guid="7", link=url("a")), "courier")
    second = aliases(entry(guid="7", link=url("b")), "herald")
    third = aliases(entry(guid="8", link=url("a?utm_source=x")), "herald")

    assert not set(first) & set(second)
    assert set(first) & set(third)


def test_two_feeds_agree_on_the_id_of_one_link() -> None:
    """The same page found through two feeds at once gets the same id."""
    first = aliases(entry(guid="7", link=url("a")), "courier")
    second = aliases(entry(guid="8", link=url("a"), title="Other words here"), "herald")

    assert article_id(first) == article_id(second)


def test_items_that_share_a_guid_stay_apart() -> None:
    """Where a document gives one guid to different links, the guid tells nothing apart."""
    one, two = entry(guid="x", link=url("a")), entry(guid="x", link=url("b"), title="Port closed")
    named = aliases_of([one, two], "courier")

    assert not set(named[0]) & set(named[1])
    assert all(named)


def test_one_item_listed_twice_is_one_article() -> None:
    """Where a document repeats an item, its names stay what they are."""
    one = entry(guid="x", link=url("a"))

    assert aliases_of([one, one], "courier") == (aliases(one, "courier"),) * 2


def test_posts_of_a_live_blog_stay_apart() -> None:
    """Where a document links many items to one page, guid and title tell them apart."""
    posts = [
        entry(guid=str(number), link=url("live"), title=f"Post number {number}")
        for number in range(3)
    ]
    named = aliases_of(posts, "courier")

    assert all(not set(one) & set(other) for one, other in itertools.combinations(named, 2))


def test_statements_of_one_minute_stay_apart() -> None:
    """Where a document has one title and date for different links, the links count."""
    title = "Statement by the minister"
    named = aliases_of(
        [entry(link=url("1"), title=title), entry(link=url("2"), title=title)], "courier"
    )

    assert not set(named[0]) & set(named[1])


def test_items_without_any_name_stay_apart() -> None:
    """Where all names are shared, all that an item says tells it apart."""
    items = [
        entry(guid="x", link=url("live"), summary="The port is closed.", published_at=None),
        entry(guid="y", link=url("live"), title="Other", published_at=None),
        entry(guid="x", link=url("b"), summary="The port is open.", published_at=None),
    ]
    named = aliases_of(items, "courier")

    assert len({article_id(names) for names in named}) == 3


entries = st.builds(
    entry,
    guid=st.sampled_from([None, "", "1", "2", url("a")]),
    link=st.sampled_from([None, "", url("a"), url("b"), "https://courier.example/"]),
    title=st.sampled_from(["", "Update", "Envoys weigh terms", "Port strike goes on"]),
    published_at=st.sampled_from([None, DATE, NOW]),
)


@given(st.lists(entries, max_size=6))
def test_names_are_opaque_and_never_missing(items: list[Entry]) -> None:
    """Every entry has a name; names hold no words of it, and order does not matter."""
    named = aliases_of(items, "courier")

    for names in named:
        assert names
        assert all(
            regex.fullmatch(r"(?:guid|link|title|entry):[a-z2-7]{32}", name) for name in names
        )
        assert regex.fullmatch(r"[a-z2-7]{20}", article_id(names))
    assert named[::-1] == aliases_of(items[::-1], "courier")


def test_names_stay_what_they_are_between_releases() -> None:
    """Names are remembered for months, so a change here would bring back old news."""
    assert aliases(entry(guid="7", link=url("a")), "courier") == (
        "guid:4l5rl4fqkbkwgg5t35uscdyhay57jdxx",
        "link:tayfcxms62coiaydzgvjq4qrfhq77w2b",
        "title:a3jmnz4ctxvw4lwgxf5blrctsqxtkcf2",
    )
    assert article_id(aliases(entry(guid="7", link=url("a")), "courier")) == "buq54doobx5yfafmsvlc"


# --- what counts as a change --------------------------------------------------------------------


@pytest.mark.parametrize(
    "volatile",
    [
        {"published_at": NOW, "updated_at": NOW},
        {"link": url("a?utm_source=x"), "guid": "8"},
        {"summary": "<p class='x7'>The port  is <b>closed</b>.</p><!-- made at 9:01 -->"},
        {"summary": "The port is closed. <img src='https://pixel.example/1.gif?u=8831'>"},
        {"summary": "The port is closed.<script>var stamp = 8831;</script>"},
        {"summary": "The port is closed. https://courier.example/a?xtor=RSS-8"},
        {"summary": "The&nbsp;port is closed!"},
        {"title": "Envoys\nweigh terms"},
        {"language": "en"},
    ],
    ids=str,
)
def test_what_says_nothing_new_is_no_change(volatile: dict[str, Any]) -> None:
    """Dates, addresses, markup, spaces and punctuation do not make an entry worth reading again."""
    known = entry(guid="7", link=url("a"), summary="The port is closed.")

    assert content_hash(known) == content_hash(replace(known, **volatile))


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Envoys agree on terms"},
        {"summary": "The port is open."},
        {"summary": "The port is closed. This story has been updated."},
        {"content": "The port is closed, and so is the road."},
    ],
    ids=str,
)
def test_new_words_are_a_change(change: dict[str, Any]) -> None:
    """An entry that says something else is read again."""
    known = entry(summary="The port is closed.")

    assert content_hash(known) != content_hash(replace(known, **change))


@pytest.mark.timeout(10)
@pytest.mark.parametrize("bomb", ["<" * 1_000_000, "<script " * 100_000, "<!--" * 200_000])
def test_hostile_markup_is_hashed_in_time(bomb: str) -> None:
    """Telling a change takes linear time, whatever an entry holds."""
    assert len(content_hash(entry(summary=bomb))) == 32


# --- the article --------------------------------------------------------------------------------

READING = Reading(
    title="Envoys weigh terms",
    text="The port is closed.",
    sentences=(Span(0, 19),),
    text_from=TextFrom.TEASER,
    language="en",
    update_notice=True,
    trouble="The page could not be read.",
)
SOURCE = Source(feed_id="courier", name="The Courier", domain="courier.example")
EDITION = Edition(article_id="abc", version=2, fetched_at=NOW)


def test_an_article_is_what_was_read_under_its_name() -> None:
    """Nothing of the reading is lost, the link is safe and the address canonical."""
    link = "http://user:secret@www.courier.example/a?utm_source=rss&id=7"
    article = article_of(READING, entry(link=link), SOURCE, EDITION)

    assert (article.id, article.version, article.source) == ("abc", 2, SOURCE)
    assert article.url == "https://courier.example/a?id=7"
    assert article.link == "http://www.courier.example/a?utm_source=rss&id=7"
    assert (article.title, article.text) == (READING.title, READING.text)
    assert article.sentences == READING.sentences
    assert (article.text_from, article.language) == (READING.text_from, READING.language)
    assert (article.update_notice, article.trouble) == (True, READING.trouble)
    assert (article.published_at, article.date_flag) == (DATE, DateFlag.GIVEN)
    assert article.fetched_at == NOW


@pytest.mark.parametrize(
    ("dates", "published_at", "flag"),
    [
        ({"published_at": DATE}, DATE, DateFlag.GIVEN),
        ({"published_at": None}, NOW, DateFlag.MISSING),
        ({"published_at": None, "updated_at": DATE}, DATE, DateFlag.GIVEN),
        ({"published_at": NOW + timedelta(minutes=5)}, NOW + timedelta(minutes=5), DateFlag.GIVEN),
        ({"published_at": NOW + timedelta(minutes=6)}, NOW, DateFlag.FUTURE),
        ({"published_at": datetime(2200, 1, 1, tzinfo=UTC)}, NOW, DateFlag.FUTURE),
        ({"published_at": datetime(1970, 1, 1, tzinfo=UTC)}, NOW, DateFlag.MISSING),
        ({"published_at": DATE.replace(tzinfo=None)}, DATE, DateFlag.GIVEN),
        ({"published_at": DATE.astimezone(timezone(timedelta(hours=9)))}, DATE, DateFlag.GIVEN),
    ],
)
def test_a_date_is_never_missing_nor_in_the_future(
    dates: dict[str, Any], published_at: datetime, flag: DateFlag
) -> None:
    """What cannot be the date of publication becomes the time of the fetch, and is flagged."""
    article = article_of(READING, entry(**dates), SOURCE, EDITION)

    assert (article.published_at, article.date_flag) == (published_at, flag)


def test_an_entry_without_a_date_takes_that_of_its_page() -> None:
    """The page's own time of publication counts where the feed gives none."""
    reading = replace(READING, published_at=DATE)
    article = article_of(reading, entry(published_at=None), SOURCE, EDITION)

    assert (article.published_at, article.date_flag) == (DATE, DateFlag.GIVEN)


def test_an_entry_without_a_safe_link_has_none() -> None:
    """A link that must not be put before a reader is left out."""
    article = article_of(READING, entry(link="javascript:alert(1)"), SOURCE, EDITION)

    assert (article.link, article.url) == ("", "")

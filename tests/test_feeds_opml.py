"""Lists of feeds from other programs, and for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.app import sandbox_of
from bot.errors import ParseError
from bot.feeds.addresses import read_address
from bot.feeds.opml import (
    MOST_BYTES,
    MOST_FEEDS,
    FeedList,
    ListedFeed,
    Unusable,
    read_opml,
    write_opml,
)
from bot.model import Feed, Fulltext, Tier
from bot.text import canonical_url, one_line, shorten

CASES = Path(__file__).parent / "cases" / "feeds" / "opml"
LISTS = sorted(CASES.glob("*.opml"))
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def listed(given: Mapping[str, Any]) -> ListedFeed:
    """A feed of a case."""
    interval = timedelta(seconds=given["interval"]) if "interval" in given else None
    return ListedFeed(
        url=given["url"],
        title=given["title"],
        tier=Tier(given.get("tier", "news")),
        fulltext=Fulltext(given.get("fulltext", "auto")),
        interval=interval,
        language=given.get("language"),
    )


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_list_is_read_as_its_case_says(path: Path) -> None:
    """Lists of other readers are understood, in folders, in old forms and with slips."""
    case: dict[str, Any] = yaml.safe_load(path.with_suffix(".yaml").read_text(encoding="utf-8"))

    read = read_opml(path.read_text(encoding="utf-8"))

    assert read.feeds == tuple(map(listed, case["feeds"]))
    assert read.unusable == tuple(Unusable(**each) for each in case.get("unusable", []))


def an_outline(n: int) -> str:
    """A line of a list."""
    return f'<outline type="rss" text="{n}" xmlUrl="https://s{n}.example/rss"/>'


def a_list(body: str, doctype: str = "") -> str:
    """A list of feeds."""
    return f'<?xml version="1.0"?>{doctype}<opml version="2.0"><body>{body}</body></opml>'


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty, not a list of feeds"),
        ("a,b,c", "neither XML nor JSON"),
        ("<html><body>Log in</body></html>", "it is a web page, not a list of feeds"),
        ("<rss><channel><title>T</title></channel></rss>", "it is a feed, not a list of feeds"),
        (a_list(""), "it names no feed"),
        (a_list('<outline text="Folder"/>'), "it names no feed"),
        ("<opml>" + " " * MOST_BYTES + "</opml>", "larger than 1 MiB"),
        (a_list("".join(map(an_outline, range(MOST_FEEDS + 1)))), "more than 2,000 feeds"),
        (a_list("<outline text='f'>" * 5_000), "too deep"),
        (a_list(f"<outline {' '.join(f'a{n}=1' for n in range(5_000))}/>"), "attributes"),
    ],
    ids=["empty", "csv", "page", "feed", "none", "folder", "size", "many", "deep", "attributes"],
)
def test_what_is_no_list_is_refused_in_words(text: str, why: str) -> None:
    """Whoever gave the file learns what it is instead, or what is too much about it."""
    with pytest.raises(ParseError, match=why):
        read_opml(text)


@pytest.mark.parametrize(
    "doctype",
    [
        f"<!DOCTYPE opml [{LAUGHS}]>",
        '<!DOCTYPE opml [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE opml SYSTEM "http://127.0.0.1:1/evil.dtd">',
        '<!DOCTYPE opml [<!ENTITY % e SYSTEM "http://127.0.0.1:1/evil.dtd"> %e;]>',
    ],
    ids=["a billion laughs", "a file", "a DTD", "a parameter"],
)
def test_entities_of_a_list_do_nothing(doctype: str) -> None:
    """A list cannot blow itself up, read a file, or have anything fetched."""
    body = '<outline type="rss" text="&l9;" xmlUrl="https://s.example/&l9;"/>'

    read = read_opml(a_list(body, doctype))

    assert all(len(feed.title) < 20 for feed in read.feeds)
    assert "lollol" not in str(read)
    assert "://127" not in str(read)


async def test_a_list_is_read_in_the_sandbox() -> None:
    """What comes out of the child is what went in."""
    sandbox = sandbox_of()
    await sandbox.open()
    try:
        read = await sandbox.run(read_opml, a_list(an_outline(1)))
    finally:
        await sandbox.close()

    assert read == FeedList(feeds=(ListedFeed(url="https://s1.example/rss", title="1"),))


HOSTS = st.from_regex(
    r"[a-z]{1,12}(\.[a-z]{2,8}){1,2}(:8080)?(/[\w.~%-]{0,12}){0,2}", fullmatch=True
)
FEEDS = st.builds(
    Feed,
    id=st.just("id"),
    url=HOSTS.map(lambda host: f"https://{host}").map(read_address),
    title=st.text(max_size=120).filter(lambda title: bool(one_line(title))),
    tier=st.sampled_from(Tier),
    fulltext=st.sampled_from(Fulltext),
    interval=st.none() | st.integers(60, 86_400).map(lambda seconds: timedelta(seconds=seconds)),
    language=st.none() | st.sampled_from(["ar", "pt-BR", "zh-Hant"]),
)


@given(st.lists(FEEDS, min_size=1, max_size=8, unique_by=lambda feed: canonical_url(feed.url)))
def test_a_list_that_was_written_reads_back(feeds: list[Feed]) -> None:
    """What is exported is what is imported: addresses, titles, and how each feed is polled."""
    expected = tuple(
        ListedFeed(
            url=feed.url,
            title=shorten(one_line(feed.title), 150),
            tier=feed.tier,
            fulltext=feed.fulltext,
            interval=feed.interval,
            language=feed.language,
        )
        for feed in feeds
    )

    assert read_opml(write_opml(feeds, "Redline", NOW)) == FeedList(feeds=expected)


@given(st.text(max_size=400))
def test_whatever_a_list_holds_is_read_or_refused(body: str) -> None:
    """No text breaks the reader."""
    for text in (body, a_list(body), a_list(f'<outline xmlUrl="{body}"/>')):
        try:
            read = read_opml(text)
        except ParseError:
            continue
        assert all(feed.url.startswith("http") and feed.title for feed in read.feeds)

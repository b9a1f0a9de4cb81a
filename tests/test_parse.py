"""Parsing: what publishers write, however they write it, and what is no feed."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from bot.errors import ParseError
from bot.feeds import parse
from bot.feeds.fetch import FetchPolicy, WebFetcher
from bot.feeds.guard import read_networks
from bot.feeds.mend import mend
from bot.feeds.parse import MAX_ENTRIES, MAX_TEXT, parse_feed
from bot.feeds.tree import read_tree
from bot.model import Entry, Fetched, FetchFailure, ParsedFeed
from bot.ports import Wanted
from bot.sandbox import ProcessSandbox
from tests.emulators.web import FakeWeb
from tests.fakes import FakeClock

CASES = Path(__file__).parent / "cases" / "feeds"
URL = "https://courier.example/feeds/news"
NAMES = sorted(path.stem for path in CASES.glob("*.json"))


def body_of(name: str) -> bytes:
    """Return the bytes of a case."""
    (path,) = [path for path in CASES.glob(f"{name}.*") if path.suffix != ".json"]
    return path.read_bytes()


def told(feed: ParsedFeed) -> dict[str, Any]:
    """Return a feed in the form in which it is expected: what is empty is left out."""
    minutes = feed.ttl.total_seconds() / 60 if feed.ttl else None
    whole = {
        "title": feed.title,
        "link": feed.link,
        "language": feed.language,
        "ttl": minutes,
        "skipped": feed.skipped,
        "entries": [told_entry(entry) for entry in feed.entries],
    }
    return {key: value for key, value in whole.items() if value or key in {"entries", "title"}}


def told_entry(entry: Entry) -> dict[str, Any]:
    """Return an entry in the form in which it is expected."""
    whole = {
        "guid": entry.guid,
        "link": entry.link,
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content,
        "published": entry.published_at and entry.published_at.isoformat(),
        "updated": entry.updated_at and entry.updated_at.isoformat(),
    }
    return {key: value for key, value in whole.items() if value}


def expected(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a case expects, what is empty left out."""
    whole = {key: value for key, value in case.items() if key not in {"content_type", "about"}}
    whole["entries"] = [
        {key: value for key, value in entry.items() if value} for entry in case["entries"]
    ]
    return whole


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str) -> None:
    """Each feed of the cases is read as the file beside it says, or refused in its words."""
    case = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    content_type = case.get("content_type", "application/rss+xml")

    if "error" in case:
        with pytest.raises(ParseError) as caught:
            parse_feed(body_of(name), content_type, URL)
        assert caught.value.problem == case["error"]
        assert caught.value.about == URL
        assert caught.value.advice
    else:
        assert told(parse_feed(body_of(name), content_type, URL)) == expected(case)


# --- Limits and hostile bytes -------------------------------------------------------------------


def channel(items: bytes) -> bytes:
    """Return a feed of these items."""
    return (
        b"<rss version='2.0'><channel><title>Harbour Courier</title>" + items + b"</channel></rss>"
    )


def numbered(number: int, more: bytes = b"") -> bytes:
    """Return one item with its number."""
    return b"<item><title>Item %d</title><link>/%d</link>%s</item>" % (number, number, more)


def dated(number: int) -> bytes:
    """Return one item; the higher its number, the newer it is."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    return numbered(number, b"<pubDate>%s</pubDate>" % format_datetime(moment).encode())


def test_of_a_large_feed_the_first_entries_are_taken() -> None:
    """Without dates the first 500 are taken, and the others are counted."""
    feed = parse_feed(channel(b"".join(map(numbered, range(600)))), "", URL)

    assert [entry.title for entry in feed.entries] == [f"Item {n}" for n in range(MAX_ENTRIES)]
    assert feed.left_out == 100


def test_of_a_large_feed_with_dates_the_newest_entries_are_taken() -> None:
    """A feed that appends its news at the end does not lose them to the limit."""
    feed = parse_feed(channel(b"".join(map(dated, range(600)))), "", URL)

    assert [entry.title for entry in feed.entries] == [f"Item {n}" for n in range(100, 600)]
    assert feed.left_out == 100


def test_a_broken_large_feed_is_read_as_far_as_the_limit() -> None:
    """The tolerant parser is given no more than it may read."""
    items = b"".join(numbered(n, b"<description>a<br>b</description>") for n in range(3000))

    feed = parse_feed(channel(items), "", URL)

    assert (feed.parser, len(feed.entries), feed.left_out) == ("tolerant", MAX_ENTRIES, 2500)


def test_a_text_of_an_entry_is_cut_at_the_limit() -> None:
    """One entry cannot carry more than a mebibyte of text."""
    body = channel(numbered(1, b"<description>" + b"x" * (MAX_TEXT + 9) + b"</description>"))

    assert len(parse_feed(body, "", URL).entries[0].summary) == MAX_TEXT


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<" * (15 << 20), "it is neither XML nor JSON"),
        (b"\0" * (1 << 20), "it is empty"),
        (
            channel(b"<item " + b" ".join(b'a%d="x"' % n for n in range(30_000)) + b"/>"),
            "one of its tags has more than 1000 attributes",
        ),
        (
            channel(b"<item><description>" + b"<b>" * 5000 + b"</description></item>"),
            "its elements are nested more than 256 deep",
        ),
        (
            b'<!DOCTYPE rss [<!ENTITY a "'
            + b"a" * 10_000
            + b'">]>'
            + channel(b"<item><title>" + b"&a;" * 10_000 + b"</title></item>"),
            "its entities grow without measure",
        ),
        (b"[" * 1_000_000, "it is JSON, but not a JSON Feed"),
        (b"<html>" * 200_000, "it is a web page, not a feed"),
        (b"<rss>" + b"<![CDATA[" * 1000, "it begins like a feed and cannot be read as one"),
    ],
    ids=["15 MiB of <", "zeros", "attributes", "depth", "entities", "brackets", "html", "cdata"],
)
def test_bytes_that_are_made_to_harm_are_refused_in_words(body: bytes, says: str) -> None:
    """What would hold a parser for minutes is refused at once, and the reason is told."""
    with pytest.raises(ParseError) as caught:
        parse_feed(body, "application/rss+xml", URL)

    assert caught.value.problem == says


def test_entities_within_entities_are_not_opened() -> None:
    """A tower of entities stays what it is: text."""
    tower = b'<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    feed = parse_feed(tower + channel(b"<item><title>&b;</title></item>"), "", URL)

    assert feed.entries[0].title == "&b;"


def test_300_unclosed_tags_are_no_depth() -> None:
    """A slip that is repeated in each entry is not taken for an attack."""
    items = b"".join(numbered(n, b"<description>a<br>b</description>") for n in range(300))

    assert len(parse_feed(channel(items), "", URL).entries) == 300


def test_an_error_shows_no_credentials() -> None:
    """A password in the address of a feed is not told with what is wrong with it."""
    with pytest.raises(ParseError) as caught:
        parse_feed(b"", "", "https://reader:s3cret@courier.example/feed")

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", [name for name in NAMES if "slip" in name or "rss-2.0" in name])
def test_both_parsers_give_an_entry_the_same_identity(name: str) -> None:
    """A feed that falls from one parser to the other brings nothing twice."""
    text = mend(body_of(name), "")
    tree, slow = read_tree(text), parse._slow(text, URL)
    assert tree is not None
    one = {entry.title: (entry.guid, entry.link) for entry in tree.feed.entries}
    other = {entry.title: (entry.guid, entry.link) for entry in slow.entries}

    assert {title: one[title] for title in one if title in other} == {
        title: other[title] for title in other if title in one
    }


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_are_a_feed_or_an_error(rest: bytes) -> None:
    """Whatever comes is read or refused; nothing else happens."""
    for start in (
        b"",
        b"<rss><channel><item>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry>",
        b"{",
    ):
        with contextlib.suppress(ParseError):
            parse_feed(start + rest, "text/xml; charset=utf-8", URL)


@given(st.data())
@settings(max_examples=100)
def test_a_feed_that_is_cut_or_flipped_is_a_feed_or_an_error(data: st.DataObject) -> None:
    """A feed damaged on its way is read as far as it can be, or refused."""
    body = bytearray(body_of(data.draw(st.sampled_from(NAMES))))
    for _ in range(data.draw(st.integers(0, 8)) if body else 0):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))

    with contextlib.suppress(ParseError):
        parse_feed(bytes(body[:cut]), "", URL)


# --- The feeds of the world ---------------------------------------------------------------------

# They are XML, and a catalogue.
_NO_FEEDS = {"feedrs-xml-xml_sample_1.xml", "feedrs-xml-xml_sample_2.xml"}


def counted(body: bytes) -> int:
    """Count the items of a feed in a way that has nothing to do with ours."""
    if body.lstrip().startswith(b"{"):
        return len(json.loads(body)["items"])
    root = etree.fromstring(body.lstrip(), etree.XMLParser(recover=True, huge_tree=True))
    if root is None or not len(root):  # Its declaration is not true, or no XML.
        root = etree.fromstring(body, etree.HTMLParser(encoding="utf-8"))
    tags = [element.tag for element in root.iter() if isinstance(element.tag, str)]
    return sum(re.split("[}:]", tag)[-1] in {"item", "entry"} for tag in tags)


@pytest.mark.shared
def test_feeds_of_the_world_are_read_whole(shared: Path) -> None:
    """Of every feed that we have collected each item is read, and each has a name to go by."""
    paths = sorted((shared / "data" / "feeds").iterdir())
    feeds = [path for path in paths if path.name not in _NO_FEEDS]
    counts = {path.name: counted(path.read_bytes()) for path in feeds}
    read = {path.name: parse_feed(path.read_bytes(), "", URL) for path in feeds}

    assert {name: len(feed.entries) for name, feed in read.items()} == counts
    assert [name for name, feed in read.items() if feed.skipped or feed.left_out] == []
    assert [
        name
        for name, feed in read.items()
        for entry in feed.entries
        if not (entry.guid or entry.link or entry.title or entry.summary or entry.content)
    ] == []


@pytest.mark.shared
def test_what_is_xml_and_no_feed_is_named(shared: Path) -> None:
    """A catalogue is told from a feed."""
    for name in _NO_FEEDS:
        with pytest.raises(ParseError, match="begins with <catalog>"):
            parse_feed((shared / "data" / "feeds" / name).read_bytes(), "", URL)


# --- In the sandbox -----------------------------------------------------------------------------


async def test_a_feed_is_parsed_in_the_sandbox() -> None:
    """The parsed feed, and the refusal, cross the wall as they are."""
    pool = ProcessSandbox(size=1, preload=["bot.feeds.parse"])
    await pool.open()
    try:
        body = channel(numbered(1))
        feed = await pool.run(parse_feed, body, "", URL)
        with pytest.raises(ParseError, match="it is empty"):
            await pool.run(parse_feed, b"", "", URL)
    finally:
        await pool.close()

    assert feed == parse_feed(body, "", URL)


async def test_no_bad_feed_stops_the_good_ones(web: FakeWeb, clock: FakeClock) -> None:
    """Over the wire and through the sandbox: each bad feed is told in words, the next is read."""
    policy = FetchPolicy(
        user_agent="Redline/0.1", allowed=read_networks(["127.0.0.1"]), total=10.0, read=0.5
    )
    web.redirect("/loop", "/loop")
    bad = {
        web.serve("/page", body_of("stranger-page")): "it is a web page, not a feed",
        web.serve("/captcha", body_of("stranger-captcha")): "prove that they are human",
        web.serve("/empty", b""): "it is empty",
        web.serve("/angles", b"<" * (15 << 20)): "it is neither XML nor JSON",
        web.bomb("/bomb"): "larger than 15 MiB",
        web.hang("/hang"): "did not answer in full",
        web.url("/loop"): "redirects in a circle",
        web.redirect("/inner", "http://169.254.169.254/"): "not one of the public internet",
        web.cut_off("/cut", body_of("rss-2.0")): "ends in the middle",
        web.rate_limit("/busy", None): "ask too often",
    }
    good = web.serve("/good", body_of("rss-2.0"))
    fetcher, pool = WebFetcher(policy, clock), ProcessSandbox(size=1, preload=["bot.feeds.parse"])
    await fetcher.open()
    await pool.open()
    said = {}
    read = []
    for url in bad:
        said[url] = await told_of(fetcher, pool, url)
        read.append(await told_of(fetcher, pool, good))
    await pool.close()
    await fetcher.close()

    assert {url: words for url, words in bad.items() if words not in said[url]} == {}
    assert read == ["1 entries"] * len(bad)


async def told_of(fetcher: WebFetcher, pool: ProcessSandbox, url: str) -> str:
    """Fetch and parse one feed, and return in words what came of it."""
    result = await fetcher.fetch(Wanted(url=url))
    if isinstance(result, FetchFailure):
        return result.why
    assert isinstance(result, Fetched)
    try:
        feed = await pool.run(parse_feed, result.body, result.content_type, result.final_url)
    except ParseError as error:
        return error.problem
    return f"{len(feed.entries)} entries"

"""Lists of feeds as every feed reader takes and gives them: OPML 1.0 and 2.0. Pure.

http://opml.org/spec2.opml. A list is a stranger's file, so it is read in the sandbox:
`await sandbox.run(read_opml, text)`. What OPML has no words for stands in attributes of a namespace
of our own, which other readers leave alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeVar

import lxml.etree

from bot.errors import OrderError, ParseError
from bot.feeds.addresses import read_address
from bot.feeds.hostile import fault, is_too_deep
from bot.feeds.mend import MendError, mend
from bot.feeds.naming import is_language
from bot.feeds.strangers import is_feed, root_name, stranger
from bot.model import Feed, Fulltext, Tier
from bot.text import canonical_url, domain_of, one_line, shorten

MOST_BYTES: Final = 1 << 20
MOST_FEEDS: Final = 2_000
LONGEST_TITLE: Final = 150
LONGEST_SHOWN: Final = 100
SHORTEST_INTERVAL: Final = timedelta(minutes=1)
LONGEST_INTERVAL: Final = timedelta(days=30)

_OURS: Final = "urn:redline:opml"
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """A feed as a list names it; what the list does not say is as it is by default."""

    url: str
    title: str
    tier: Tier = Tier.NEWS
    fulltext: Fulltext = Fulltext.AUTO
    interval: timedelta | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """A line of a list that leads to no feed, and why."""

    named: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """What a list holds, each feed once, in its order."""

    feeds: tuple[ListedFeed, ...]
    unusable: tuple[Unusable, ...] = ()


# --- Reading ------------------------------------------------------------------------------------


def read_opml(text: str) -> FeedList:
    """Read a list of feeds, however deep its folders are.

    Raises:
        ParseError: it is no list of feeds, names none, or is larger than a list may be.
    """
    raw = text.encode("utf-8", "replace")
    if len(raw) > MOST_BYTES:
        _refuse("it is larger than 1 MiB", "Divide it into several files")
    feeds: dict[str, ListedFeed] = {}
    unusable: list[Unusable] = []
    for outline in _outlines(_tree(raw)):
        read = _read(outline)
        if isinstance(read, Unusable):
            unusable.append(read)
        else:
            feeds.setdefault(canonical_url(read.url), read)
        if len(feeds) + len(unusable) > MOST_FEEDS:
            _refuse(f"it names more than {MOST_FEEDS:,} feeds", "Divide it into several files")
    if not feeds and not unusable:
        _refuse("it names no feed", "Have the other program export its feeds again")
    return FeedList(feeds=tuple(feeds.values()), unusable=tuple(unusable))


def _refuse(what: str, advice: str = "") -> NoReturn:
    raise ParseError("list of feeds", what, advice=advice)


def _tree(raw: bytes) -> Any:
    """Parse the file; nothing of a DOCTYPE is left when the parser sees it."""
    try:
        text = mend(raw, "")
    except MendError as error:
        _refuse(str(error))
    if root_name(text) != "opml":
        what = "it is a feed" if is_feed(text) else stranger(text).partition(", not a feed")[0]
        _refuse(f"{what}, not a list of feeds", "An OPML file is wanted")
    danger = fault(text) or ("its folders are too deep" if is_too_deep(text) else None)
    if danger:
        _refuse(danger)
    parser = lxml.etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        return lxml.etree.fromstring(text, parser=parser)
    except lxml.etree.LxmlError:
        _refuse("its markup is broken beyond what can be read")


def _outlines(tree: Any) -> Iterator[Mapping[str, str]]:
    """Yield the attributes of the outlines that name a feed; others are folders and notes."""
    for outline in () if tree is None else tree.iter("{*}outline"):
        said = {name.lower(): value for name, value in outline.attrib.items()}
        address = said.get("xmlurl") or (said.get("url") if said.get("type") == "rss" else None)
        if address is not None or said.get("type", "").lower() in {"rss", "atom"}:
            yield {**said, "xmlurl": address or ""}


def _read(said: Mapping[str, str]) -> ListedFeed | Unusable:
    name = one_line(said.get("title") or said.get("text") or "")
    try:
        url = read_address(said["xmlurl"])
    except OrderError as error:
        return Unusable(
            named=shorten(name or "a line without a name", LONGEST_SHOWN), why=_why(error, said)
        )
    language = (said.get("language") or "").strip()
    return ListedFeed(
        url=url,
        title=shorten(name, LONGEST_TITLE) or domain_of(url),
        tier=_one_of(Tier, said, Tier.NEWS),
        fulltext=_one_of(Fulltext, said, Fulltext.AUTO),
        interval=_interval(said),
        language=language if is_language(language) else None,
    )


def _why(error: OrderError, said: Mapping[str, str]) -> str:
    return error.problem if said["xmlurl"].strip() else "It has no address"


def _one_of(kind: type[Choice], said: Mapping[str, str], default: Choice) -> Choice:
    given = said.get(f"{{{_OURS}}}{kind.__name__.lower()}", "")
    return next((each for each in kind if each.value == given), default)


def _interval(said: Mapping[str, str]) -> timedelta | None:
    written = said.get(f"{{{_OURS}}}interval", "")
    if not (written.isdecimal() and written.isascii() and len(written) < 10):
        return None
    interval = timedelta(seconds=int(written))
    return interval if SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL else None


# --- Writing ------------------------------------------------------------------------------------


def write_opml(feeds: Iterable[Feed], title: str, now: datetime) -> str:
    """Write feeds as OPML 2.0 that reads back as the same feeds."""
    root = lxml.etree.Element("opml", version="2.0", nsmap={"redline": _OURS})
    head = lxml.etree.SubElement(root, "head")
    lxml.etree.SubElement(head, "title").text = one_line(title)
    lxml.etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = lxml.etree.SubElement(root, "body")
    for feed in feeds:
        lxml.etree.SubElement(body, "outline", _attributes(feed))
    written: str = lxml.etree.tostring(root, encoding="unicode", pretty_print=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}'


def _attributes(feed: Feed) -> dict[str, str]:
    title = one_line(feed.title)
    said = {"type": "rss", "text": title, "title": title, "xmlUrl": one_line(feed.url)}
    if feed.language:
        said["language"] = one_line(feed.language)
    if feed.tier is not Tier.NEWS:
        said[f"{{{_OURS}}}tier"] = feed.tier.value
    if feed.fulltext is not Fulltext.AUTO:
        said[f"{{{_OURS}}}fulltext"] = feed.fulltext.value
    if feed.interval:
        said[f"{{{_OURS}}}interval"] = str(int(feed.interval.total_seconds()))
    return said

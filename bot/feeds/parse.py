"""From the bytes of a feed to what its publisher wrote: RSS 0.9x to 2.0, RDF, Atom, JSON Feed.

XML is read from its tree (`bot.feeds.tree`), which is fast and knows every dialect. Where the
markup is broken, so that the tree may lack something, feedparser, the most tolerant and the
slowest, reads it too, and what found more is taken. Both get the same mended bytes and are read
into the same Entry, so that an entry keeps its identity when a feed falls from one to the other.
feedparser's dicts do not leave this file.

It is to be called in the sandbox: `await sandbox.run(parse_feed, body, content_type, url)`.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NoReturn
from urllib.parse import urljoin

import feedparser

from bot.dates import minutes, plausible
from bot.errors import ParseError
from bot.feeds.headers import shown
from bot.feeds.hostile import MAX_DEPTH, fault, is_too_deep
from bot.feeds.jsonfeed import read_json_feed
from bot.feeds.mend import MendError, mend
from bot.feeds.strangers import is_feed, stranger
from bot.feeds.tree import TreeRead, read_tree
from bot.model import Entry, ParsedFeed
from bot.text import storable

MAX_ENTRIES = 500
MAX_TEXT = 1 << 20
"""Characters of one text of an entry."""
MAX_SHORT = 4096
"""Characters of a title, a guid or a link; longer ones are cut, and a link is then none."""

_CLEARLY_TOO_LITTLE = 0.8
_ITEM = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_PLAIN_ADDRESS = re.compile(r"https?://[\w.-]+/[\w./?=&%~+,;:@#!-]{0,2000}", re.ASCII)

Fields = Mapping[str, Any]


def parse_feed(body: bytes, content_type: str, url: str) -> ParsedFeed:
    """Read a feed.

    Identity is left to the pipeline: an empty guid is None, and entries that share a guid are all
    given, in the feed's order, each with its guid, link and title. Links are absolute, by the
    feed's address; times are aware and in UTC; texts are as they came. An entry that says
    nothing is skipped and counted. Of a feed with more than 500 entries the newest 500 are
    given where all have dates, else the first 500, and the others are counted in `left_out`; the
    tolerant parser is too slow to be given more than the first 500.

    Args:
        body: the bytes as they were fetched, unpacked.
        content_type: the Content-Type header; only its charset is looked at.
        url: the address the bytes came from, after redirects.

    Raises:
        ParseError: the bytes are no feed; the error says what they are instead.
    """
    try:
        text = mend(body, content_type)
    except MendError as error:
        _refuse(url, str(error))
    if text.startswith((b"{", b"[")):
        return _finished(read_json_feed(text) or _refuse(url, stranger(text)), url)
    if not is_feed(text):
        _refuse(url, stranger(text))
    danger = fault(text)
    if danger is not None:
        _refuse(url, danger)
    return _finished(_parsed(text, url), url)


def _refuse(url: str, what: str) -> NoReturn:
    raise ParseError(shown(url), what, advice="Check the address of the feed")


def _parsed(text: bytes, url: str) -> ParsedFeed:
    """Read from the tree where the markup is whole, else as the one that finds more of it."""
    tree = read_tree(text)
    if tree is not None and _is_enough(tree, len(_ITEM.findall(text))):
        return tree.feed
    slow = _slow(text, url)
    best = slow if tree is None or _finds_more(slow, tree) else tree.feed
    if not best.entries and (tree is None or _ITEM.search(text)):
        _refuse(url, "it begins like a feed and cannot be read as one")
    return best


def _is_enough(tree: TreeRead, announced: int) -> bool:
    """Whether a tree holds about as much as there seems to be, and each thing in its place."""
    found = len(tree.feed.entries) + tree.feed.skipped
    return not tree.broken or (tree.cut_off and 0 < announced * _CLEARLY_TOO_LITTLE <= found)


def _finds_more(slow: ParsedFeed, tree: TreeRead) -> bool:
    """Whether the tolerant parser read a broken feed better than its tree did.

    It is given no more than the first entries. Where both find as many, it is believed of a tree
    that is torn, because there an entry may hold what belongs to the next.
    """
    found, in_tree = len(slow.entries), min(len(tree.feed.entries), MAX_ENTRIES)
    return found > in_tree or (tree.torn and found == in_tree)


def _slow(text: bytes, url: str) -> ParsedFeed:
    """Read with feedparser, as much as it can read in the time it has."""
    if is_too_deep(text):
        _refuse(url, f"its elements are nested more than {MAX_DEPTH} deep")
    try:
        # No address is given to it: it would resolve guids against it, and they would change.
        read = feedparser.parse(
            io.BytesIO(_cut(text)),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        # What it raises on broken markup is whatever its handlers of elements run into.
        _refuse(url, "its markup is broken beyond what can be read")
    items = [_one(item) for item in read["entries"]]
    entries = tuple(entry for entry in items if entry is not None)
    return ParsedFeed(
        title=_short(read["feed"].get("title")) or "",
        link=_short(read["feed"].get("link")),
        entries=entries,
        ttl=minutes(str(read["feed"].get("ttl") or "")),
        language=_short(read["feed"].get("language")),
        skipped=len(items) - len(entries),
        left_out=max(0, len(_ITEM_END.findall(text)) - MAX_ENTRIES),
        parser="tolerant",
    )


def _cut(text: bytes) -> bytes:
    """Return the feed up to its last entry that is taken; the tolerant parser is slow."""
    ends = [found.end() for found in islice(_ITEM_END.finditer(text), MAX_ENTRIES)]
    return text[: ends[-1]] if len(ends) == MAX_ENTRIES else text


def _one(fields: Fields) -> Entry | None:
    """Read one of feedparser's entries; one that cannot be read does not stop the others."""
    try:
        return _slow_entry(fields)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError):
        return None


def _slow_entry(fields: Fields) -> Entry | None:
    # A plain dict, because feedparser's own gives the time of publication for a missing update.
    plain = dict(fields)
    # On broken markup it leaves the ampersands of a guid escaped.
    guid = _short(str(plain.get("id") or "").replace("&amp;", "&"))
    link = _short(plain.get("link"))
    summary, content = str(plain.get("summary") or "").strip(), _content(plain)
    entry = Entry(
        guid=guid,
        # A guid that is no address is no link, though by RSS 2.0 it should be one.
        link=None if link == guid and not _is_web(link or "") else link,
        title=_short(plain.get("title")) or "",
        # It gives a content on its own as the summary too.
        summary="" if summary == content else summary,
        content=content,
        published_at=_moment(plain.get("published_parsed")),
        updated_at=_moment(plain.get("updated_parsed")),
        language=_language(plain),
    )
    says = entry.guid or entry.link or entry.title or entry.summary or entry.content
    return entry if says else None


def _short(value: Any) -> str | None:
    return (str(value).strip() or None) if value is not None else None


def _content(fields: Fields) -> str:
    """Return the fullest of the entry's contents."""
    texts = [str(one.get("value") or "").strip() for one in fields.get("content") or ()]
    return max(texts, key=len, default="")


def _language(fields: Fields) -> str | None:
    contents = fields.get("content")
    return _short(contents[0].get("language")) if contents else None


def _moment(value: Any) -> datetime | None:
    """Read feedparser's time, which is in UTC."""
    return plausible(datetime.fromtimestamp(timegm(value), UTC)) if value else None


# --- What every feed goes through ---------------------------------------------------------------


def _finished(feed: ParsedFeed, url: str) -> ParsedFeed:
    """Resolve the links and keep to the most entries that one feed may bring."""
    entries = _newest(feed.entries)
    language = storable(feed.language or "") or None
    link = _absolute(feed.link, url)
    return replace(
        feed,
        title=_capped(feed.title),
        link=link,
        language=language,
        entries=tuple(_sound(entry, url, language) for entry in entries),
        left_out=feed.left_out + len(feed.entries) - len(entries),
    )


def _sound(entry: Entry, url: str, language: str | None) -> Entry:
    """Return an entry whose texts can be kept, shown and logged.

    Its link is absolute, a guid that is an address does for a missing one; its language is that of
    the feed where it names none of its own.
    """
    guid = _capped(entry.guid or "") or None
    link = entry.link or (guid if _is_web(guid or "") else None)
    return replace(
        entry,
        guid=guid,
        link=_absolute(storable(link or ""), url),
        title=_capped(entry.title),
        summary=storable(entry.summary[:MAX_TEXT]),
        content=storable(entry.content[:MAX_TEXT]),
        language=storable(entry.language or "") or language,
    )


def _capped(text: str) -> str:
    return storable(text[:MAX_SHORT])


def _newest(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return at most 500 entries in the feed's order, the newest where all have a date."""
    if len(entries) <= MAX_ENTRIES:
        return entries
    dated = [(date, -at) for at, entry in enumerate(entries) if (date := entry.date)]
    if len(dated) < len(entries):
        return entries[:MAX_ENTRIES]
    kept = sorted(-at for _, at in sorted(dated, reverse=True)[:MAX_ENTRIES])
    return tuple(entries[at] for at in kept)


def _absolute(link: str | None, url: str) -> str | None:
    """Return a link as an address of the web, None where it is none."""
    if not link:
        return None
    if _PLAIN_ADDRESS.fullmatch(link):
        return link
    try:
        address = urljoin(url, "".join(link.split()))
    except ValueError:
        return None
    return address if _is_web(address) and len(address) <= MAX_SHORT else None


def _is_web(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))

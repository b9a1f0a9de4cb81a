"""From the bytes of a feed to what its publisher wrote: RSS 0.9x to 2.0, RDF, Atom, JSON Feed.

fastfeedparser reads; feedparser, the most tolerant and the slowest, reads again where the fast one
fails, finds nothing, finds clearly too little, or is known to read something differently. Both get
the same mended bytes and are read into the same Entry, so that an entry keeps its identity when a
feed falls from one parser to the other. Their dicts do not leave this file.

It is to be called in the sandbox: `await sandbox.run(parse_feed, body, content_type, url)`.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import islice
from typing import Any, NoReturn
from urllib.parse import urljoin

import fastfeedparser
import feedparser

from bot.errors import ParseError
from bot.feeds.headers import shown
from bot.feeds.hostile import MAX_DEPTH, fault, is_too_deep
from bot.feeds.jsonfeed import read_json_feed
from bot.feeds.mend import MendError, mend
from bot.feeds.strangers import is_feed, root_name, stranger
from bot.model import Entry, ParsedFeed

MAX_ENTRIES = 500
MAX_TEXT = 1 << 20
"""Characters of one text of an entry."""
MAX_SHORT = 4096
"""Characters of a title, a guid or a link; longer ones are cut, and a link is then none."""

_HEAD = 1 << 16  # Bytes of a feed without entries in which its own fields are looked for.
_MADE_SUMMARY = 512  # Characters of the summaries that fastfeedparser makes itself.
_CLEARLY_TOO_LITTLE = 0.8
_FIRST_YEAR = 1990  # Nothing was published in a feed before there was a web.

_ITEM = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
# What the fast parser reads differently: markup that stands bare in a text, Atom's xhtml titles,
# addresses relative to an xml:base.
_BARE_MARKUP = tuple(
    re.compile(rb"<" + name + rb"(?:\s[^<>]*)?(?<!/)>[^<]*<[A-Za-z]")
    for name in (b"title", b"description", b"summary")
)
_RELATIVE_LINK = re.compile(rb"<link[^<>]*\shref=[\"'](?!\w+:)|<link>\s*(?!\s|<|\w+:)")
# Identifiers and dates that are really there: the fast parser puts a link for a missing guid, and
# reads a date out of a guid where no date is.
_GUIDS = (
    re.compile(rb"<guid(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[\s*)?[^<\s\]]"),
    re.compile(rb"<id(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[\s*)?[^<\s\]]"),
    re.compile(rb"rdf:about\s*="),
)
_DATE = re.compile(rb"<(?:\w+:)?(?:pubDate|date|published|issued|updated|modified)[\s>]")
_LANGUAGE = re.compile(
    rb"<(?:dc:)?language>\s*([A-Za-z0-9-]{2,35})\s*<|<(?:\w+:)?(?:rss|feed|RDF|channel)\s[^>]*?"
    rb"xml:lang\s*=\s*[\"']([A-Za-z0-9-]{2,35})[\"']"
)
_PLAIN_ADDRESS = re.compile(r"https?://[\w.-]+/[\w./?=&%~+,;:@#!-]{0,2000}", re.ASCII)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")
_WRAPPER = re.compile(r"\A\s*<content\b[^>]*>(.*)</content>\s*\Z", re.DOTALL)

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
    """Read with the fast parser where it can be trusted, else with the tolerant one."""
    if root_name(text) == "entry":
        text = b'<feed xmlns="http://www.w3.org/2005/Atom">' + text + b"</feed>"
    announced = len(_ITEM.findall(text))
    fast = _fast(text)
    if fast is not None and _is_enough(fast, announced) and not _reads_differently(text):
        return fast
    slow = _slow(text, url)
    found = len(slow.entries)
    if fast is not None and (
        min(len(fast.entries), MAX_ENTRIES) > found or (announced == 0 and found == 0)
    ):
        return fast
    if not slow.entries and (fast is None or announced):
        _refuse(url, "it begins like a feed and cannot be read as one")
    return slow


def _is_enough(fast: ParsedFeed, announced: int) -> bool:
    """Whether the parser found about as much as there seems to be, and in every entry something."""
    found = len(fast.entries) + fast.skipped
    bare = any(not (entry.title or entry.summary or entry.content) for entry in fast.entries)
    return found >= announced * _CLEARLY_TOO_LITTLE and not bare and not fast.skipped


def _reads_differently(text: bytes) -> bool:
    if any(markup.search(text) for markup in _BARE_MARKUP):
        return True
    return b"xml:base" in text and _RELATIVE_LINK.search(text) is not None


# --- The two parsers ----------------------------------------------------------------------------


def _fast(text: bytes) -> ParsedFeed | None:
    """Read with fastfeedparser; None where it gives up."""
    try:
        read = fastfeedparser.parse(
            text, include_tags=False, include_media=False, include_enclosures=False
        )
    except (ValueError, TypeError, AttributeError, KeyError):
        return None
    first = _ITEM.search(text)
    items = text[first.start() :] if first else b""
    has_dates = _DATE.search(items) is not None
    has_guids = sum(len(guid.findall(items)) for guid in _GUIDS) >= len(read["entries"])

    def entry(fields: Fields) -> Entry | None:
        return _fast_entry(fields, has_dates=has_dates, has_guids=has_guids)

    return _feed(text, read["feed"], read["entries"], entry, "fast")


def _fast_entry(fields: Fields, *, has_dates: bool, has_guids: bool) -> Entry | None:
    link = _fast_link(fields)
    guid = _short(fields.get("id"))
    summary, content = _long(fields.get("description")), _content(fields)
    if content == summary:
        content = ""  # It gives a description on its own as the content too.
    return _entry(
        Entry(
            guid=guid if has_guids or guid not in {link, fields.get("link")} else None,
            link=link,
            title=_short(fields.get("title")) or "",
            summary="" if _is_made_from(summary, content) else summary,
            content=content,
            published_at=_time(fields.get("published")) if has_dates else None,
            updated_at=_time(fields.get("updated")),
            language=_language(fields),
        )
    )


def _fast_link(fields: Fields) -> str | None:
    """Return the entry's page; the fast parser takes Atom's first link, whatever it is for."""
    pages = [
        link.get("href")
        for link in fields.get("links") or ()
        if link.get("rel") in {None, "", "alternate"}
    ]
    return _short(pages[0] if pages else fields.get("link"))


def _is_made_from(summary: str, content: str) -> bool:
    """Whether a summary only repeats how the content begins, as those made by the parser do."""
    if not summary or len(summary) > _MADE_SUMMARY:
        return False
    plain = " ".join(unescape(_TAGS.sub(" ", content[:MAX_SHORT])).split())
    return plain.startswith(" ".join(summary.split()))


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
    feed = _feed(text, read["feed"], read["entries"], _slow_entry, "tolerant")
    beyond = len(_ITEM_END.findall(text)) - MAX_ENTRIES
    return replace(feed, left_out=max(0, beyond))


def _cut(text: bytes) -> bytes:
    """Return the feed up to its last entry that is taken; the tolerant parser is slow."""
    ends = [found.end() for found in islice(_ITEM_END.finditer(text), MAX_ENTRIES)]
    return text[: ends[-1]] if len(ends) == MAX_ENTRIES else text


def _slow_entry(fields: Fields) -> Entry | None:
    # A plain dict, because feedparser's own gives the time of publication for a missing update.
    plain = dict(fields)
    guid, link = _short(plain.get("id")), _short(plain.get("link"))
    summary, content = _long(plain.get("summary")), _content(plain)
    if summary == content:
        summary = ""  # It gives a content on its own as the summary too.
    return _entry(
        Entry(
            guid=guid,
            # A guid that is no address is no link, though by RSS 2.0 it should be one.
            link=None if link == guid and not _is_web(link or "") else link,
            title=_short(plain.get("title")) or "",
            summary=summary,
            content=content,
            published_at=_moment(plain.get("published_parsed")),
            updated_at=_moment(plain.get("updated_parsed")),
            language=_language(plain),
        )
    )


# --- Into our own types -------------------------------------------------------------------------


def _feed(
    text: bytes,
    feed: Fields,
    items: Iterable[Fields],
    read: Callable[[Fields], Entry | None],
    parser: str,
) -> ParsedFeed:
    entries = [_one(read, item) for item in items]
    good = tuple(entry for entry in entries if entry is not None)
    first = _ITEM.search(text)
    head = text[: first.start()] if first else text[:_HEAD]
    ttl, language = _TTL.search(head), _LANGUAGE.search(head)
    return ParsedFeed(
        title=_short(feed.get("title")) or "",
        link=_short(feed.get("link")),
        entries=good,
        ttl=timedelta(minutes=int(ttl[1])) if ttl else None,
        language=(language[1] or language[2]).decode("ascii") if language else None,
        skipped=len(entries) - len(good),
        parser=parser,
    )


def _one(read: Callable[[Fields], Entry | None], item: Fields) -> Entry | None:
    """Read one entry; one that cannot be read does not stop the others."""
    try:
        return read(item)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError):
        return None


def _entry(entry: Entry) -> Entry | None:
    """Return an entry that says something; a guid that is an address does for a missing link."""
    link = entry.link or (entry.guid if _is_web(entry.guid or "") else None)
    says = link or entry.guid or entry.title or entry.summary or entry.content
    if not says:
        return None
    return entry if link == entry.link else replace(entry, link=link)


def _finished(feed: ParsedFeed, url: str) -> ParsedFeed:
    """Resolve the links and keep to the most entries that one feed may bring."""
    entries = _newest(feed.entries)
    language = _whole(feed.language or "") or None
    return replace(
        feed,
        title=_whole(feed.title),
        link=_absolute(feed.link, url),
        language=language,
        entries=tuple(_linked(_spoken(_sound(entry), language), url) for entry in entries),
        left_out=feed.left_out + len(feed.entries) - len(entries),
    )


def _spoken(entry: Entry, language: str | None) -> Entry:
    """Return an entry in the language of its feed where it names none of its own."""
    return replace(entry, language=entry.language or language)


def _sound(entry: Entry) -> Entry:
    """Return an entry whose texts can be kept, shown and logged."""
    return replace(
        entry,
        guid=_whole(entry.guid or "") or None,
        link=_whole(entry.link or "") or None,
        title=_whole(entry.title),
        summary=_whole(entry.summary),
        content=_whole(entry.content),
        language=_whole(entry.language or "") or None,
    )


def _whole(text: str) -> str:
    """Replace each half of a surrogate pair: JSON can write it alone, and nothing can store it."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def _linked(entry: Entry, url: str) -> Entry:
    link = _absolute(entry.link, url)
    return entry if link == entry.link else replace(entry, link=link)


def _newest(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return at most 500 entries in the feed's order, the newest where all have a date."""
    if len(entries) <= MAX_ENTRIES:
        return entries
    dated = [(entry.published_at, -at) for at, entry in enumerate(entries) if entry.published_at]
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


def _short(value: Any) -> str | None:
    text = str(value).strip()[:MAX_SHORT] if value is not None else ""
    return text or None


def _long(value: Any) -> str:
    return str(value).strip()[:MAX_TEXT] if value is not None else ""


def _content(fields: Fields) -> str:
    """Return the fullest of the entry's contents."""
    texts = [_long(one.get("value")) for one in fields.get("content") or ()]
    fullest = max(texts, key=len, default="")
    wrapped = _WRAPPER.match(fullest) if fullest.startswith("<content") else None
    return wrapped[1].strip() if wrapped else fullest


def _language(fields: Fields) -> str | None:
    contents = fields.get("content")
    return _short(contents[0].get("language")) if contents else None


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    read = datetime.fromisoformat(value)
    return _plausible((read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC))


def _moment(value: Any) -> datetime | None:
    """Read feedparser's time, which is in UTC."""
    return _plausible(datetime.fromtimestamp(timegm(value), UTC)) if value else None


def _plausible(time: datetime) -> datetime | None:
    return time if time.year >= _FIRST_YEAR else None

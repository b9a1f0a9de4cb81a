"""Which article an entry is: known by several names, so that a publisher may change any of them.

Publishers flip http and https in guids, move their site, edit titles, share one guid among all
items, leave it empty, and add tracking to links; ids, links and titles each fail somewhere. So an
article goes by up to three names, and is known again as long as one of them lives:

- its guid, within its feed; written as an address it is folded as one;
- its canonical link, across all feeds: the same page in two feeds is one article;
- its title with its date to the second, within its feed: what is left when a site has moved.

Newness is never decided by dates. A name that means two things at once in one document of a feed
means nothing there (`aliases_of`): it would merge what the publisher tells apart, and a development
that is merged away is lost, while one that is told twice is only told twice.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import NamedTuple

import regex

from bot.model import Article, DateFlag, Entry, Reading, Source
from bot.text import canonical_url, clean_text, one_line, safe_link

_ID_LENGTH = 20
_ALIAS_LENGTH = 32
_SLACK = timedelta(minutes=5)
"""Clocks of publishers may run ahead by so much."""

_OLDEST = datetime(1980, 1, 1, tzinfo=UTC)
"""Earlier dates are the zero of some clock, not a time of publication."""

_TELLING_TITLE = 3
"""Titles of fewer words ("Update") come again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which text of which article, and when it came: `version` counts from 1."""

    article_id: str
    version: int
    fetched_at: datetime


def aliases(entry: Entry, feed_id: str) -> tuple[str, ...]:
    """Return the names `entry` goes by, the most telling first; never none.

    They are opaque, stable between releases, and contain nothing of the entry.
    """
    names = _names(entry, feed_id)
    return tuple(name for name in names if name) or (_last_resort(entry, feed_id),)


def aliases_of(entries: Sequence[Entry], feed_id: str) -> tuple[tuple[str, ...], ...]:
    """Return the names of all entries of one document, without those that mean two things there.

    A guid that stands with different links, a link that stands with different guids and titles,
    and a title with date that stands with different guids or links tell nothing apart.
    """
    named = [_names(entry, feed_id) for entry in entries]
    unclear = _unclear(zip(named, entries, strict=True))
    return tuple(
        tuple(name for name in names if name and name not in unclear)
        or (_last_resort(entry, feed_id),)
        for names, entry in zip(named, entries, strict=True)
    )


def article_id(names: Sequence[str]) -> str:
    """Return the id of a new article by its names: 20 characters of a–z and 2–7.

    The link counts first, so that two feeds that bring one page at the same moment agree.
    """
    ranked = sorted(names, key=lambda name: not name.startswith("link:"))
    return _digest("article", ranked[0], length=_ID_LENGTH)


def is_guid(name: str) -> bool:
    """Say whether a name is the id that the publisher gave an entry."""
    return name.startswith("guid:")


def content_hash(entry: Entry) -> str:
    """Return what must change of an entry for it to be read again: its words, and no more.

    Dates, addresses (with their tracking), markup, white space and punctuation do not count.
    """
    words = regex.findall(
        r"[\p{L}\p{M}\p{N}]+",
        " ".join(map(_bare_words, (entry.title, entry.summary, entry.content))),
    )
    return _digest("content", " ".join(words), length=_ALIAS_LENGTH)


def article_of(reading: Reading, entry: Entry, source: Source, edition: Edition) -> Article:
    """Put together the article that a reading of an entry makes.

    A missing date is the time it was fetched, flagged; so is one of the future (more than five
    minutes ahead) and one from before there were feeds.
    """
    published_at, flag = _dated(entry, reading, edition.fetched_at)
    link = safe_link(entry.link or "") or safe_link(entry.guid or "") or ""
    return Article(
        id=edition.article_id,
        version=edition.version,
        url=canonical_url(link),
        link=link,
        source=source,
        title=reading.title,
        text=reading.text,
        sentences=reading.sentences,
        published_at=published_at,
        fetched_at=edition.fetched_at,
        date_flag=flag,
        text_from=reading.text_from,
        language=reading.language,
        update_notice=reading.update_notice,
        trouble=reading.trouble,
    )


def _dated(entry: Entry, reading: Reading, now: datetime) -> tuple[datetime, DateFlag]:
    """Return the date of an article and how far it can be trusted."""
    given = (entry.published_at, reading.published_at, entry.updated_at)
    date = next((aware(one) for one in given if one and aware(one) > _OLDEST), None)
    if date is None:
        return now, DateFlag.MISSING
    return (now, DateFlag.FUTURE) if date > now + _SLACK else (date, DateFlag.GIVEN)


def aware(date: datetime) -> datetime:
    """Return a date with its zone; one without is taken for UTC."""
    return date if date.tzinfo else date.replace(tzinfo=UTC)


# --- names --------------------------------------------------------------------------------------


class _Names(NamedTuple):
    """The three names of an entry, "" where it has none."""

    guid: str
    link: str
    title: str


def _names(entry: Entry, feed_id: str) -> _Names:
    guid = canonical_url(entry.guid or "")
    link = _canonical_link(entry)
    title = regex.findall(r"\w+", one_line(unescape(entry.title)).casefold())
    date = entry.date
    telling = date is not None and len(title) >= _TELLING_TITLE
    return _Names(
        guid=_named("guid", feed_id, guid) if guid else "",
        link=_named("link", link) if link else "",
        title=_named("title", feed_id, str(aware(date).timestamp()), *title)
        if date and telling
        else "",
    )


def _canonical_link(entry: Entry) -> str:
    """Return the canonical link of an entry, "" where it has none but the site's front page."""
    link = safe_link(entry.link or "") or safe_link(entry.guid or "")
    canonical = canonical_url(link) if link else ""
    return canonical if regex.search(r"\w[/?#]\S", canonical.removeprefix("https://")) else ""


def _last_resort(entry: Entry, feed_id: str) -> str:
    """Name an entry by all that it says, where nothing else tells it apart."""
    parts = (entry.guid or "", entry.link or "", one_line(entry.title), content_hash(entry))
    return _named("entry", feed_id, *parts)


def _unclear(named: Iterable[tuple[_Names, Entry]]) -> set[str]:
    """Return the names that stand for different things in one document."""
    bearers: defaultdict[str, list[tuple[_Names, str]]] = defaultdict(list)
    for names, entry in named:
        for name in filter(None, names):
            bearers[name].append((names, one_line(entry.title)))
    return {name for name, those in bearers.items() if len(those) > 1 and _differ(name, those)}


def _differ(name: str, bearers: Sequence[tuple[_Names, str]]) -> bool:
    """Whether those who bear `name` are told apart by their other names."""
    guids = {names.guid for names, _ in bearers}
    links = {names.link for names, _ in bearers}
    titles = {title for _, title in bearers}
    if is_guid(name):
        return len(links) > 1
    if name.startswith("link:"):
        return len(guids) > 1 and len(titles) > 1
    return len(guids) > 1 or len(links) > 1


def _named(kind: str, *parts: str) -> str:
    return f"{kind}:{_digest(kind, *parts, length=_ALIAS_LENGTH)}"


def _digest(*parts: str, length: int) -> str:
    """Return a hash of `parts`, in which no part can run into the next."""
    told = "\0".join(clean_text(part) for part in parts).encode()
    return base64.b32encode(hashlib.sha256(told).digest()).decode("ascii").lower()[:length]


# --- words --------------------------------------------------------------------------------------

_TAG = regex.compile(r"<(/?)(script|style)\b[^<>]*>|<[^<>]*>", regex.I)
_ADDRESS = regex.compile(r"\bhttps?://[^\s<>\"']+", regex.I)


def _bare_words(html: str) -> str:
    """Return the words between tags, in linear time; this is for comparing, not for reading."""
    shown, at, skipping = [], 0, False
    for tag in _TAG.finditer(html):
        if not skipping:
            shown.append(html[at : tag.start()])
        if tag.group(2):
            skipping = not tag.group(1)
        at = tag.end()
    shown.append("" if skipping else html[at:])
    return _ADDRESS.sub(" ", unescape(" ".join(shown)))

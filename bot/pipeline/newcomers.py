"""Which entries of a feed are new, or not what they were. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.alerts.flood import Influx
from bot.articles.identity import (
    Edition,
    aliases_of,
    article_id,
    article_of,
    aware,
    content_hash,
    is_guid,
)
from bot.model import Article, Entry, Feed, ParsedFeed, Reading, Source, TextFrom
from bot.ports import Known, Remembered
from bot.text import domain_of

OLD = timedelta(days=30)
"""What is younger is never taken for something that was there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An entry with the names it goes by."""

    entry: Entry
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """An entry to be read: `known` is what it was before, None where it is new.

    One that `slid_in` was there before its feed was watched, and shows only now.
    """

    entry: Entry
    aliases: tuple[str, ...]
    content_hash: str
    known: Known | None = None
    slid_in: bool = False

    @property
    def is_only_renamed(self) -> bool:
        """Whether its words are known, and only a name of it is not."""
        return self.known is not None and self.known.content_hash == self.content_hash

    @property
    def article_id(self) -> str:
        """Return the id of the article that the entry is."""
        return self.known.article_id if self.known else article_id(self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An entry that has been read, and the article it is now.

    `fresh` says whether its words are to be judged; an edit that left them as they were is not.
    `story_id` is the story it was part of before, None where it is new. One that `slid_in` is no
    more news than what was there when the feed was added.
    """

    article: Article
    remembered: Remembered
    fresh: bool
    story_id: str | None
    slid_in: bool = False


def named(parsed: ParsedFeed, feed: Feed) -> tuple[Named, ...]:
    """Return the entries with their names, oldest first, so that ids and times agree."""
    names = aliases_of(parsed.entries, feed.id)
    entries = [
        Named(entry=entry, aliases=aliases)
        for entry, aliases in zip(parsed.entries, names, strict=True)
    ]
    return tuple(reversed(entries))


def newcomers(
    entries: Sequence[Named], known: Mapping[str, Known], now: datetime
) -> tuple[Newcomer, ...]:
    """Return the entries with a word or name that is new, each article once.

    A new name of a known entry counts: once its other names have changed too, the entry is known by
    it alone.
    """
    return tuple(_once(_unknown(entries, known, _slid_in(entries, known, now))))


def _slid_in(entries: Sequence[Named], known: Mapping[str, Known], now: datetime) -> frozenset[int]:
    """Return the places of the entries that only show because newer ones were taken away.

    They stand below all that is known, are dated before all of it, and are old besides: none of
    this alone says that an entry is no news.
    """
    places = [at for at, each in enumerate(entries) if any(name in known for name in each.aliases)]
    dates = [aware(date) for at in places if (date := entries[at].entry.published_at)]
    oldest = min([now - OLD, *dates])
    below = range(places[0] if places else 0)
    return frozenset(
        at for at in below if (date := entries[at].entry.published_at) and aware(date) < oldest
    )


def influx_of(
    entries: Sequence[Named], known: Mapping[str, Known], found: Sequence[Newcomer]
) -> Influx:
    """Return what the entries of a poll are, of which `found` are the newcomers."""
    renamed = [each for each in entries if _has_new_id(each, known)]
    return Influx(
        entries=len(entries),
        new=sum(1 for one in found if one.known is None and not one.slid_in),
        renamed=len(renamed),
        recognised=sum(1 for each in renamed if any(alias in known for alias in each.aliases)),
        rewritten=sum(1 for one in found if one.known and not one.is_only_renamed),
    )


def _has_new_id(each: Named, known: Mapping[str, Known]) -> bool:
    return any(is_guid(alias) and alias not in known for alias in each.aliases)


def arrival(
    newcomer: Newcomer, reading: Reading, before: Article | None, feed: Feed, edition: Edition
) -> Arrival:
    """Return the article that a reading makes.

    Where its page was read before and only a teaser can be had now, the article stays as it was,
    and the next change of the feed has it read again.

    Args:
        newcomer: the entry.
        reading: its clean text.
        before: the article as it was, None where it is new.
        feed: whose entry it is.
        edition: the version it would be.
    """
    article = article_of(reading, newcomer.entry, _source(feed, newcomer.entry), edition)
    if before is None or newcomer.known is None:
        return _arrived(newcomer, article, newcomer.content_hash, fresh=True)
    if reading.text_from is TextFrom.TEASER and before.text_from is TextFrom.PAGE:
        return _arrived(newcomer, before, newcomer.known.content_hash, fresh=False)
    same = (article.title, article.text) == (before.title, before.text)
    return _arrived(newcomer, before if same else article, newcomer.content_hash, fresh=not same)


def renamed(newcomer: Newcomer, article: Article) -> Arrival:
    """Return the article as it was, which an entry goes by a new name of."""
    return _arrived(newcomer, article, newcomer.content_hash, fresh=False)


def _arrived(newcomer: Newcomer, article: Article, content_hash: str, *, fresh: bool) -> Arrival:
    return Arrival(
        article=article,
        remembered=Remembered(article=article, aliases=newcomer.aliases, content_hash=content_hash),
        fresh=fresh,
        story_id=newcomer.known.story_id if newcomer.known else None,
        slid_in=newcomer.slid_in,
    )


def _unknown(
    entries: Sequence[Named], known: Mapping[str, Known], slid_in: Collection[int]
) -> Iterator[Newcomer]:
    for at, each in enumerate(entries):
        before = next((known[alias] for alias in each.aliases if alias in known), None)
        now = content_hash(each.entry)
        is_told = before is not None and before.content_hash == now
        if not is_told or any(alias not in known for alias in each.aliases):
            yield Newcomer(
                entry=each.entry,
                aliases=each.aliases,
                content_hash=now,
                known=before,
                slid_in=at in slid_in,
            )


def _once(found: Iterator[Newcomer]) -> Iterator[Newcomer]:
    """Yield each article once: of two entries that are one article, the newer."""
    newest = {newcomer.article_id: newcomer for newcomer in found}
    yield from newest.values()


def _source(feed: Feed, entry: Entry) -> Source:
    domain = domain_of(entry.link or "") or domain_of(feed.url)
    return Source(feed_id=feed.id, name=feed.title or domain, domain=domain, tier=feed.tier)

"""A store in memory, shipped with the program: what tests and trials use in place of a database.

It keeps every promise of the port but one: what it knows is gone with the process. `close` and
`open` again stand for a restart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.model import (
    Alert,
    AlertState,
    Article,
    ChannelRef,
    Feed,
    FeedState,
    Match,
    Story,
    matched_sentences,
)
from bot.ports import AlertRecord, Known, PollRecord, Remembered, Tally, Told
from bot.store import polling, protocol
from bot.store.book import Kept, Proof
from bot.store.codec import Codec
from bot.store.memory_archive import MemoryArchive
from bot.store.memory_holds import MemoryHolds
from bot.store.memory_outbox import MemoryOutbox
from bot.store.memory_register import MemoryRegister
from bot.store.tallies import Figures, tally
from bot.store.tellings import Telling, told, unknown_article

_RECORDS = Codec[PollRecord](PollRecord, "what a poll brought")


class MemoryStore(MemoryOutbox, MemoryArchive, MemoryRegister, MemoryHolds):
    """The memory of the service, without a database; see `bot.ports.Store`."""

    async def sync_feeds(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Make the given feeds the polled ones; see `bot.ports.FeedStore`."""
        known = self._book.feeds
        for feed_id, before in known.items():
            known[feed_id] = replace(before, polled=False)
        for feed in feeds:
            known[feed.id] = polling.synced(known.get(feed.id), feed, now)

    async def due_feeds(self, now: datetime, limit: int) -> Sequence[FeedState]:
        """Return the polled feeds whose time has come, longest overdue first."""
        return polling.due(self._polled(), now, limit)

    async def next_due(self) -> datetime | None:
        """Return when the next feed is due."""
        return min((state.next_poll_at for state in self._polled()), default=None)

    def _polled(self) -> list[FeedState]:
        return [feed.state for feed in self._book.feeds.values() if feed.polled]

    async def known(self, aliases: Sequence[str]) -> Mapping[str, Known]:
        """Return what is known of the given aliases; unknown ones are left out."""
        bearers = self._book.aliases
        return {alias: self._known(bearers[alias]) for alias in aliases if alias in bearers}

    def _known(self, bearer: Remembered) -> Known:
        article_id = bearer.article.id
        return Known(
            article_id=article_id,
            version=self._book.newest[article_id],
            content_hash=bearer.content_hash,
            story_id=self._book.story_of.get(article_id, article_id),
        )

    async def stories(self, story_ids: Sequence[str]) -> Mapping[str, Story]:
        """Return the stories that are remembered; unknown ids are left out."""
        known = self._book.stories
        return {story_id: known[story_id] for story_id in story_ids if story_id in known}

    async def told(self, story_ids: Sequence[str]) -> Mapping[str, Sequence[Told]]:
        """Return, by story, what was decided for each channel; see `bot.ports.FeedStore`."""
        tellings: dict[str, list[Telling]] = {story_id: [] for story_id in story_ids}
        for kept in self._book.alerts.values():
            if kept.alert.story_id in tellings:
                tellings[kept.alert.story_id].append(self._telling(kept))
        return {story_id: told(about) for story_id, about in tellings.items()}

    def _telling(self, kept: Kept) -> Telling:
        proofs = self._proofs(kept.alert, kept.alert.known_rules)
        texts = (text for proof in proofs for text in proof.sentences)
        return Telling(alert=kept.alert, state=kept.standing.state, sentences=tuple(texts))

    def _proofs(self, alert: Alert, rules: Sequence[str]) -> list[Proof]:
        keys = [(rule, alert.article_id, alert.version) for rule in rules]
        return [self._book.proofs[key] for key in keys if key in self._book.proofs]

    async def remember(self, record: PollRecord) -> None:
        """Commit a whole poll, or nothing of it where any of it cannot be stored."""
        book = self._book
        _RECORDS.write(record)
        proofs = [self._proof(match, record) for match in record.matches]
        states = [protocol.first_state(owed) for owed in record.owed]
        self._remember_articles(record.articles)
        for proof in proofs:
            key = (proof.match.rule, proof.match.article_id, proof.match.version)
            book.proofs.setdefault(key, proof)
        for story in record.stories:
            book.stories[story.id] = story
            book.story_of.update(dict.fromkeys(story.article_ids, story.id))
        for owed, state in zip(record.owed, states, strict=True):
            self._owe(owed, state)
        feed_id = record.state.feed_id
        book.feeds[feed_id] = polling.polled(book.feeds.get(feed_id), record.state)
        self._remember_flood(record)

    def _proof(self, match: Match, record: PollRecord) -> Proof:
        key = (match.article_id, match.version)
        fresh = {(one.article.id, one.article.version): one for one in record.articles}
        remembered = self._book.articles.get(key) or fresh.get(key)
        if remembered is None:
            raise unknown_article(match)
        return Proof(match=match, sentences=matched_sentences(remembered.article, [match]))

    def _remember_articles(self, articles: Iterable[Remembered]) -> None:
        book = self._book
        for one in articles:
            article_id, version = one.article.id, one.article.version
            book.articles.setdefault((article_id, version), one)
            book.newest[article_id] = max(book.newest.get(article_id, 0), version)
            book.aliases.update(dict.fromkeys(one.aliases, one))
            self._shelve(one)

    async def give_up(self, served: Collection[str], now: datetime) -> Sequence[AlertRecord]:
        """Give up what waited for a person for too long, and return it."""
        dead = self._give_up(served, now)
        return tuple(self._record(self._book.alerts[alert_id]) for alert_id in dead)

    async def tally(self) -> Tally:
        """Return how the service stands."""
        book = self._book
        alerts = book.alerts.values()
        owed = (k.alert.decided_at for k in alerts if k.standing.state is AlertState.OWED)
        figures = Figures(
            counts=Counter((kept.alert.channel, kept.standing.state) for kept in alerts),
            oldest_owed_at=min(owed, default=None),
            parked={ref: lane.refusal for ref, lane in book.lanes.items() if lane.refusal},
            shut={name: gate.refusal for name, gate in book.gates.items() if gate.refusal},
            feeds=self._polled(),
            held=self._held(),
        )
        return tally(figures)

    async def alert(self, alert_id: str) -> AlertRecord | None:
        """Return one alert with its card and matches."""
        kept = self._book.alerts.get(alert_id)
        return self._record(kept) if kept else None

    async def dead(self, limit: int) -> Sequence[AlertRecord]:
        """Return the alerts that were given up, newest decision first, each with its `why`."""
        dead = [k for k in self._book.alerts.values() if k.standing.state is AlertState.DEAD]
        newest_first = sorted(dead, key=Kept.age, reverse=True)
        return tuple(self._record(kept) for kept in newest_first[:limit])

    async def told_in(
        self, channel: ChannelRef, since: datetime, limit: int
    ) -> Sequence[AlertRecord]:
        """Return what was decided since then and posted to a channel, newest decision first."""
        told = [
            kept
            for kept in self._book.alerts.values()
            if kept.alert.channel == channel
            and kept.alert.decided_at >= since
            and kept.standing.state in protocol.TOLD
        ]
        newest_first = sorted(told, key=Kept.age, reverse=True)
        return tuple(self._record(kept) for kept in newest_first[:limit])

    def _record(self, kept: Kept) -> AlertRecord:
        standing = kept.standing
        return AlertRecord(
            alert=kept.alert,
            state=standing.state,
            card=kept.card,
            matches=tuple(proof.match for proof in self._proofs(kept.alert, kept.alert.rules)),
            message=standing.message,
            why=standing.why,
            attempts=standing.attempt,
        )

    async def article(self, article_id: str) -> Article | None:
        """Return the newest version of an article."""
        version = self._book.newest.get(article_id)
        return None if version is None else self._book.articles[article_id, version].article

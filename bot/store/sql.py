"""The store over a database: asynchronous outside, plain SQLAlchemy Core inside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.model import Article, ChannelRef, Feed, FeedState, Hold, Outcome, Sighting, Story
from bot.ports import (
    AlertRecord,
    Candidates,
    Claim,
    Known,
    Look,
    Owed,
    PollRecord,
    RuleDay,
    SearchQuery,
    Tally,
    Told,
)
from bot.store import (
    alerts,
    archive,
    articles,
    backups,
    feeds,
    holds,
    lookups,
    outbox,
    protocol,
    search,
    shelves,
)
from bot.store.sql_register import SqlRegister
from bot.store.words import simple_fold


class SqlStore(SqlRegister):
    """The memory of the service, in a database file; see `bot.ports.Store`."""

    # --- FeedStore ---

    async def sync_feeds(self, wanted: Sequence[Feed], now: datetime) -> None:
        """Make the given feeds the polled ones; see `bot.ports.FeedStore`."""
        await self._write(lambda connection: feeds.sync(connection, wanted, now))

    async def due_feeds(self, now: datetime, limit: int) -> Sequence[FeedState]:
        """Return the polled feeds whose time has come, longest overdue first."""
        return await self._read(lambda connection: feeds.due(connection, now, limit))

    async def next_due(self) -> datetime | None:
        """Return when the next feed is due."""
        return await self._read(feeds.next_due)

    async def known(self, aliases: Sequence[str]) -> Mapping[str, Known]:
        """Return what is known of the given aliases; unknown ones are left out."""
        return await self._read(lambda connection: articles.known(connection, aliases))

    async def stories(self, story_ids: Sequence[str]) -> Mapping[str, Story]:
        """Return the stories that are remembered; unknown ids are left out."""
        return await self._read(lambda connection: articles.read_stories(connection, story_ids))

    async def told(self, story_ids: Sequence[str]) -> Mapping[str, Sequence[Told]]:
        """Return, by story, what was decided for each channel; see `bot.ports.FeedStore`."""
        return await self._read(lambda connection: archive.told_of(connection, story_ids))

    async def remember(self, record: PollRecord) -> None:
        """Commit a whole poll in one transaction; repeating it changes nothing."""
        decided = [(owed, protocol.first_state(owed)) for owed in record.owed]

        def work(connection: Connection) -> None:
            articles.save(connection, record)
            shelves.save(connection, record, self._fold or simple_fold)
            alerts.insert(connection, decided)
            if self._restored_as_of:
                told = [owed.alert.id for owed in record.owed]
                as_of = self._restored_as_of
                backups.doubt_what_came_again(connection, as_of, record.state, told)
            feeds.save(connection, record.state)
            holds.save(connection, record)

        await self._write(work)

    async def bursts(self, feed_id: str, since: datetime) -> Sequence[int]:
        """Return how many new entries each poll brought; see `bot.ports.Holds`."""
        return await self._read(lambda connection: holds.bursts_of(connection, feed_id, since))

    async def open_holds(self, feed_id: str, since: datetime) -> Mapping[ChannelRef, Hold]:
        """Return the newest open hold of a feed, by channel; see `bot.ports.Holds`."""
        return await self._read(lambda connection: holds.open_of(connection, feed_id, since))

    async def let_go(self, before: datetime) -> int:
        """End the open holds begun before then as discarded; return how many there were."""
        return await self._write(lambda connection: holds.let_go(connection, before))

    # --- Outbox ---

    async def claim(self, platforms: Sequence[str], now: datetime) -> Claim | None:
        """Claim what is to be done next; see `bot.ports.Outbox`."""

        def work(connection: Connection) -> tuple[Claim | None, int]:
            found = outbox.claim(connection, platforms, now, self._policy, self._pace)
            return found, backups.claims_of(connection) if found else 0

        found, claims = await self._write(work)
        self._odometer.note(claims)
        return found

    def _pace(self, ref: ChannelRef) -> timedelta:
        return self._channels[ref].pace if ref in self._channels else self._policy.pace

    async def settle(self, claim: Claim, outcome: Outcome, now: datetime) -> bool:
        """Write what became of a send; False where the claim was lost."""
        return await self._write(lambda connection: outbox.settle(connection, claim, outcome, now))

    async def settle_look(self, claim: Claim, sighting: Sighting, now: datetime) -> bool:
        """Write what a look into the channel found; False where the claim was lost."""
        return await self._write(
            lambda connection: outbox.settle_look(connection, claim, sighting, now)
        )

    async def next_action_at(self, platforms: Sequence[str]) -> datetime | None:
        """Return when `claim` may next return something; see `bot.ports.Outbox`."""
        return await self._read(lambda connection: outbox.next_action_at(connection, platforms))

    async def resume_channel(self, channel: ChannelRef, now: datetime) -> bool:  # noqa: ARG002 - the port's; resuming keeps no time
        """Open a parked channel again; False where it was not parked."""
        return await self._write(lambda connection: outbox.resume_channel(connection, channel))

    async def resume_platform(self, platform: str, now: datetime) -> bool:  # noqa: ARG002 - the same
        """Send again to a platform that shut us out; False where it did not."""
        return await self._write(lambda connection: outbox.resume_platform(connection, platform))

    async def give_up(self, served: Collection[str], now: datetime) -> Sequence[AlertRecord]:
        """Give up what waited for a person for too long, and return it."""

        def work(connection: Connection) -> tuple[AlertRecord, ...]:
            dead = outbox.give_up(connection, served, now, self._policy)
            return tuple(filter(None, (archive.alert(connection, one) for one in dead)))

        return await self._write(work)

    async def waiting(self, channel: ChannelRef) -> Sequence[Owed]:
        """Return the alerts that wait for the channel's next digest, oldest first."""
        return await self._read(lambda connection: outbox.waiting(connection, channel))

    async def waiting_channels(self) -> Mapping[ChannelRef, datetime]:
        """Return the channels for which alerts wait, with the time of the oldest."""
        return await self._read(outbox.waiting_channels)

    async def gather(self, digest: Owed, alert_ids: Sequence[str]) -> None:
        """Owe the digest and mark the alerts in it as gathered; see `bot.ports.Outbox`."""
        await self._write(lambda connection: outbox.gather(connection, digest, alert_ids))

    # --- Archive ---

    async def tally(self) -> Tally:
        """Return how the service stands."""
        return await self._read(archive.tally_of)

    async def alert(self, alert_id: str) -> AlertRecord | None:
        """Return one alert with its card and matches."""
        return await self._read(lambda connection: archive.alert(connection, alert_id))

    async def hold(self, hold_id: str) -> Hold | None:
        """Return a hold, open or ended."""
        return await self._read(lambda connection: holds.hold(connection, hold_id))

    async def dead(self, limit: int) -> Sequence[AlertRecord]:
        """Return the alerts that were given up, newest decision first, each with its `why`."""
        return await self._read(lambda connection: archive.dead(connection, limit))

    async def told_in(
        self, channel: ChannelRef, since: datetime, limit: int
    ) -> Sequence[AlertRecord]:
        """Return what was decided since then and posted to a channel, newest decision first."""
        return await self._read(
            lambda connection: archive.told_in(connection, channel, since, limit)
        )

    async def article(self, article_id: str) -> Article | None:
        """Return the newest version of an article."""
        return await self._read(lambda connection: articles.newest(connection, article_id))

    async def search(self, query: SearchQuery) -> Candidates:
        """Return the newest articles that may answer `query`; see `bot.ports.Archive`."""
        return await self._read(lambda connection: search.search(connection, query))

    async def latest(self, rule: str | None, limit: int, after: str | None) -> Candidates:
        """Return the newest articles, or the newest that a rule matched."""
        return await self.search(SearchQuery(rule=rule, limit=limit, after=after))

    async def story_articles(self, story_id: str) -> Sequence[Article]:
        """Return the articles of a story, first reporter first; none of an unknown story."""
        return await self._read(lambda connection: lookups.story_articles_of(connection, story_id))

    async def stories_of(self, article_ids: Sequence[str]) -> Mapping[str, Story]:
        """Return the story of each article, by the article's id; those without are left out."""
        return await self._read(lambda connection: lookups.stories_of(connection, article_ids))

    async def rule_counts(self, since: datetime) -> Sequence[RuleDay]:
        """Return what each rule brought from `since` on, by rule and day."""
        return await self._read(lambda connection: lookups.rule_counts(connection, since))

    async def keep_look(self, look: Look) -> None:
        """Keep a look-up for thirty days, for the buttons that lead on from it."""
        await self._write(lambda connection: lookups.keep_look(connection, look), in_haste=True)

    async def look(self, look_id: str) -> Look | None:
        """Return a look-up that was kept; None where it was not, or is long gone."""
        return await self._read(lambda connection: lookups.look(connection, look_id))

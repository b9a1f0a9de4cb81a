"""What people decide and ask, in the store over a database.

People wait for these, and platforms only for seconds: their writes go before those of polls.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.model import Change, Changed, Draft, Errand, Feed, Feedback, Mute, Rule
from bot.ports import ChangeQuery, Owed
from bot.store import alerts, holds, inbox, opinions, protocol, register
from bot.store.database import Database


class SqlRegister(Database):
    """Keeps what people decide; see `bot.ports.Register` and `bot.ports.Inbox`."""

    async def kept_rules(self) -> Sequence[Rule]:
        """Return the rules that were written in chat, in the order in which they were added."""
        return await self._read(register.rules)

    async def kept_feeds(self) -> Sequence[Feed]:
        """Return the feeds that were added in chat, in the order in which they were added."""
        return await self._read(register.feeds)

    async def mutes(self, now: datetime) -> Sequence[Mute]:
        """Return the mutes and pauses that hold at `now`, the oldest first."""
        return await self._read(lambda connection: register.mutes(connection, now))

    async def change(self, change: Change) -> Changed:
        """Change a thing and write the line of the audit trail; see `bot.ports.Register`."""
        return await self._write(
            lambda connection: register.change(connection, change), in_haste=True
        )

    async def decide_hold(self, change: Change, hold_id: str, *, release: bool) -> Changed:
        """End a hold and write the line of the audit trail; see `bot.ports.Holds`."""
        return await self._write(
            lambda connection: holds.decide(connection, change, hold_id, release=release),
            in_haste=True,
        )

    async def changes(self, query: ChangeQuery) -> Sequence[Change]:
        """Return lines of the audit trail, newest first."""
        return await self._read(lambda connection: register.changes_of(connection, query))

    async def give_feedback(self, feedback: Feedback) -> None:
        """Remember an opinion in place of an earlier one of the same person on the same alert."""
        await self._write(lambda connection: opinions.give(connection, feedback), in_haste=True)

    async def feedback_on(self, alert_id: str) -> Sequence[Feedback]:
        """Return the opinions on an alert, the oldest first."""
        return await self._read(lambda connection: opinions.on_alert(connection, alert_id))

    async def feedback_of_rule(
        self, rule: str, workspace: str, since: datetime
    ) -> Sequence[Feedback]:
        """Return the opinions since then on alerts of a workspace that name the rule."""
        return await self._read(
            lambda connection: opinions.of_rule(connection, rule, workspace, since)
        )

    async def keep_draft(self, draft: Draft) -> None:
        """Keep a draft for a day; one with the same id is replaced."""
        await self._write(lambda connection: inbox.keep_draft(connection, draft), in_haste=True)

    async def draft(self, draft_id: str) -> Draft | None:
        """Return a draft; None where there is none, or none any more."""
        return await self._read(lambda connection: inbox.draft(connection, draft_id))

    async def owe(self, owed: Owed) -> None:
        """Owe a message that no poll brought; repeating it changes nothing."""
        decided = [(owed, protocol.first_state(owed))]
        await self._write(lambda connection: alerts.insert(connection, decided))

    async def take(self, errand: Errand) -> bool:
        """Write an errand down before it is acknowledged; False where its id was taken before."""
        return await self._write(lambda connection: inbox.take(connection, errand), in_haste=True)

    async def done(self, errand_id: str) -> None:
        """Say that an errand was answered."""
        await self._write(lambda connection: inbox.done(connection, errand_id))

    async def pending(self, platform: str, since: datetime) -> Sequence[Errand]:
        """Return the errands of a platform that were taken since then and not answered."""
        return await self._read(lambda connection: inbox.pending(connection, platform, since))

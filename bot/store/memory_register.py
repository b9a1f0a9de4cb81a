"""What people decide in chat, in the store in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.model import (
    Change,
    Changed,
    Draft,
    Errand,
    Feed,
    Feedback,
    Mute,
    Rule,
)
from bot.ports import ChangeQuery, Owed
from bot.store import protocol
from bot.store.book import BookKeeper, Decisions
from bot.store.codec import Codec
from bot.store.registering import KEEP_DRAFTS, KEEP_ERRANDS, is_asked_for, moves

_CHANGES = Codec[Change](Change, "a line of the audit trail")
_DRAFTS = Codec[Draft](Draft, "a draft")
_ERRANDS = Codec[Errand](Errand, "an errand")


class MemoryRegister(BookKeeper):
    """Keeps what people decide."""

    async def kept_rules(self) -> Sequence[Rule]:
        """Return the rules that were written in chat, in the order in which they were added."""
        return tuple(one for one in self._kept().things.values() if isinstance(one, Rule))

    async def kept_feeds(self) -> Sequence[Feed]:
        """Return the feeds that were added in chat, in the order in which they were added."""
        return tuple(one for one in self._kept().things.values() if isinstance(one, Feed))

    async def mutes(self, now: datetime) -> Sequence[Mute]:
        """Return the mutes and pauses that hold at `now`, the oldest first."""
        things = self._kept().things.values()
        held = [thing for thing in things if isinstance(thing, Mute) and thing.holds(now)]
        return tuple(sorted(held, key=lambda mute: (mute.at, mute.id)))

    async def change(self, change: Change) -> Changed:
        """Change a thing and write the line of the audit trail; see `bot.ports.Register`."""
        _CHANGES.write(change)
        kept = self._kept()
        if change.id in kept.changes:
            return Changed.REPEATED
        if any(kept.things.get(key) != before for key, before, _ in moves(change)):
            return Changed.CONFLICT
        for key, _, after in moves(change):
            if after is None:
                del kept.things[key]
            else:
                kept.things[key] = after
        kept.changes[change.id] = change
        return Changed.DONE

    async def changes(self, query: ChangeQuery) -> Sequence[Change]:
        """Return lines of the audit trail, newest first."""
        asked_for = [one for one in self._kept().changes.values() if is_asked_for(one, query)]
        newest_first = sorted(asked_for, key=lambda one: one.at)[::-1]
        return tuple(newest_first[: query.limit])

    async def give_feedback(self, feedback: Feedback) -> None:
        """Remember an opinion in place of an earlier one of the same person on the same alert."""
        self._kept().feedback[feedback.alert_id, feedback.user_id] = feedback

    async def feedback_on(self, alert_id: str) -> Sequence[Feedback]:
        """Return the opinions on an alert, the oldest first."""
        given = (one for one in self._kept().feedback.values() if one.alert_id == alert_id)
        return tuple(sorted(given, key=lambda one: (one.at, one.user_id)))

    async def feedback_of_rule(
        self, rule: str, workspace: str, since: datetime
    ) -> Sequence[Feedback]:
        """Return the opinions since then on alerts of a workspace that name the rule."""
        alerts = self._book.alerts
        given = [
            one
            for one in self._kept().feedback.values()
            if one.workspace == workspace
            and one.at >= since
            and one.alert_id in alerts
            and rule in alerts[one.alert_id].alert.rules
        ]
        return tuple(sorted(given, key=lambda one: (one.at, one.alert_id, one.user_id)))

    async def keep_draft(self, draft: Draft) -> None:
        """Keep a draft for a day; one with the same id is replaced."""
        _DRAFTS.write(draft)
        oldest = draft.made_at - KEEP_DRAFTS
        drafts = self._kept().drafts
        kept = {name: old for name, old in drafts.items() if old.made_at > oldest}
        self._kept().drafts = {**kept, draft.id: draft}

    async def draft(self, draft_id: str) -> Draft | None:
        """Return a draft; None where there is none, or none any more."""
        return self._kept().drafts.get(draft_id)

    async def owe(self, owed: Owed) -> None:
        """Owe a message that no poll brought; repeating it changes nothing."""
        self._owe(owed, protocol.first_state(owed))

    async def take(self, errand: Errand) -> bool:
        """Write an errand down before it is acknowledged; False where its id was taken before."""
        _ERRANDS.write(errand)
        kept = self._kept()
        oldest = errand.taken_at - KEEP_ERRANDS
        kept.errands = {name: old for name, old in kept.errands.items() if old.taken_at > oldest}
        kept.answered &= kept.errands.keys()
        if errand.id in kept.errands:
            return False
        kept.errands[errand.id] = errand
        return True

    async def done(self, errand_id: str) -> None:
        """Say that an errand was answered."""
        self._kept().answered.add(errand_id)

    async def pending(self, platform: str, since: datetime) -> Sequence[Errand]:
        """Return the errands of a platform that were taken since then and not answered."""
        kept = self._kept()
        waiting = (
            one
            for one in kept.errands.values()
            if one.platform == platform and one.taken_at >= since and one.id not in kept.answered
        )
        return tuple(sorted(waiting, key=lambda one: (one.taken_at, one.id)))

    def _kept(self) -> Decisions:
        """Return the decisions, as long as the store is open."""
        return self._book.decisions

"""What people decide in chat, and what they asked for: the store's part for editing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.model import Change, Changed, Draft, Errand, Feed, Feedback, Mute, Rule
from bot.ports.store import Owed


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeQuery:
    """Which lines of the audit trail to return, newest first.

    None and the empty string stand for all. `since` and `until` are half-open. `refused` takes
    refusals in.
    """

    workspace: str | None = None
    subject: str = ""
    id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    refused: bool = True
    limit: int = 50


class Register(Protocol):
    """What people decided in chat, and who decided it."""

    async def kept_rules(self) -> Sequence[Rule]:
        """Return the rules that were written in chat, in the order in which they were added."""
        ...

    async def kept_feeds(self) -> Sequence[Feed]:
        """Return the feeds that were added in chat, in the order in which they were added."""
        ...

    async def mutes(self, now: datetime) -> Sequence[Mute]:
        """Return the mutes and pauses that hold at `now`, the oldest first."""
        ...

    async def change(self, change: Change) -> Changed:
        """Change a thing and write the line of the audit trail, in one transaction.

        A change whose id was written before is REPEATED and changes nothing. Where the thing is not
        as `before` says, or a new one's name is taken, it is a CONFLICT and nothing is written. A
        refusal writes its line alone.
        """
        ...

    async def changes(self, query: ChangeQuery) -> Sequence[Change]:
        """Return lines of the audit trail, newest first."""
        ...

    async def give_feedback(self, feedback: Feedback) -> None:
        """Remember an opinion in place of an earlier one of the same person on the same alert."""
        ...

    async def feedback_on(self, alert_id: str) -> Sequence[Feedback]:
        """Return the opinions on an alert, the oldest first."""
        ...

    async def feedback_of_rule(
        self, rule: str, workspace: str, since: datetime
    ) -> Sequence[Feedback]:
        """Return the opinions since then on alerts of a workspace that name the rule."""
        ...

    async def keep_draft(self, draft: Draft) -> None:
        """Keep a draft for a day; one with the same id is replaced."""
        ...

    async def draft(self, draft_id: str) -> Draft | None:
        """Return a draft; None where there is none, or none any more."""
        ...

    async def owe(self, owed: Owed) -> None:
        """Owe a message that no poll brought, such as a report; repeating it changes nothing."""
        ...


class Inbox(Protocol):
    """What people asked for and were not answered yet. It outlives a restart."""

    async def take(self, errand: Errand) -> bool:
        """Write an errand down before it is acknowledged; False where its id was taken before.

        Ids are remembered for a day.
        """
        ...

    async def done(self, errand_id: str) -> None:
        """Say that an errand was answered."""
        ...

    async def pending(self, platform: str, since: datetime) -> Sequence[Errand]:
        """Return the errands of a platform that were taken since then and not answered."""
        ...

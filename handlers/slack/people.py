"""What Slack says of the people who ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.model import Card, Standing
from bot.ports import Clock
from handlers.slack.errors import MISSING_SCOPE, advice_for, code_of, library_logger
from handlers.slack.groups import Groups
from handlers.slack.payloads import Json, asked_for

# users.info is Tier 4, 100 a minute: https://docs.slack.dev/reference/methods/users.info
REMEMBER_STANDING = timedelta(minutes=5)


class Known(NamedTuple):
    """How a person stands in the workspace. `note` says why it is less than it may be."""

    standing: Standing
    note: str = ""

    @classmethod
    def nobody(cls) -> Known:
        """Return how somebody stands whom nothing was asked about."""
        return cls(Standing.GUEST)

    def explain(self, card: Card) -> Card:
        """Return the card with the note, so that nobody wonders why they may do less."""
        return replace(card, notes=(self.note, *card.notes)) if self.note else card


class People:
    """Asks Slack how people stand, and remembers the answer for five minutes.

    Where Slack does not say, a person counts as a guest: taking somebody for a member who is of
    another company would show them what is not theirs, and the note tells everybody else why.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        clock: Clock,
        workspace: Callable[[], Awaitable[str]],
        groups: frozenset[str] = frozenset(),
    ) -> None:
        """Ask through `client`; `workspace` tells the id of the one that it belongs to.

        `groups` are those that the settings name.
        """
        self._client = client
        self._clock = clock
        self.groups = Groups(client, clock, groups)
        self._workspace = workspace
        self._known: dict[str, tuple[datetime, Known]] = {}

    async def find(self, user_id: str, workspace: str) -> Known:
        """Say how a person stands who asks from a workspace.

        From another one than ours they are of another organisation, whatever Slack says of them.
        """
        known = await self._find(user_id)
        theirs = known.standing in {Standing.ADMIN, Standing.MEMBER}
        if theirs and workspace != await self._workspace():
            return Known(Standing.EXTERNAL)
        return known

    async def _find(self, user_id: str) -> Known:
        now = self._clock.now()
        self._known = {
            user: (at, known)
            for user, (at, known) in self._known.items()
            if now - at < REMEMBER_STANDING
        }
        if user_id in self._known:
            return self._known[user_id][1]
        known, keep = await self._ask(user_id)
        if keep:
            self._known[user_id] = now, known
        return known

    async def _ask(self, user_id: str) -> tuple[Known, bool]:
        """Ask Slack; say, too, whether its answer will hold for a while."""
        try:
            workspace = await self._workspace()
            user: Json = asked_for(await self._client.users_info(user=user_id), "user")
            return Known(standing_of(user, workspace)), True
        except SlackApiError as error:
            code = code_of(error)
        except Exception as error:  # noqa: BLE001 - whatever happened, Slack did not say
            code = type(error).__name__
        library_logger().warning("Slack does not say who asks: %s", code)
        missing = code == MISSING_SCOPE
        advice = advice_for(code) if missing else "Try again in a minute"
        note = f"Slack does not tell Redline who you are, so you count as a guest. {advice}."
        return Known(Standing.GUEST, note), missing


def standing_of(user: Json, workspace: str) -> Standing:
    """Return how a person stands in the workspace.

    https://docs.slack.dev/reference/objects/user-object. In an organisation of several workspaces
    a person has one home and belongs to others too, which `enterprise_user.teams` lists. Where
    Slack names a person and no teams, nothing says that they are of another one.
    """
    listed = [user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())]
    teams = set(filter(None, listed)) or ({workspace} if user.get("id") else set())
    if user.get("is_bot") or user.get("is_workflow_bot"):
        return Standing.BOT
    if user.get("is_stranger") or workspace not in teams:
        return Standing.EXTERNAL
    if user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("deleted"):
        return Standing.GUEST
    if user.get("is_admin") or user.get("is_owner"):
        return Standing.ADMIN
    return Standing.MEMBER

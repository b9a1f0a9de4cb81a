"""The usergroups that the settings name, and who is in them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import Clock
from handlers.slack.errors import MISSING_SCOPE, library_logger, reason_of
from handlers.slack.payloads import asked_for

# usergroups.users.list is Tier 2, 20 a minute:
# https://docs.slack.dev/reference/methods/usergroups.users.list
REMEMBER_GROUPS = timedelta(minutes=5)
_GROUP = re.compile(r"slack:(S[A-Z0-9]{6,})")


def usergroups_in(named: frozenset[str]) -> list[str]:
    """Return the ids of Slack's usergroups among what is named, each as `platform:id`."""
    return sorted(found[1] for name in named if (found := _GROUP.fullmatch(name)))


class _Group(NamedTuple):
    read_at: datetime
    members: frozenset[str]


class Groups:
    """Asks Slack who is in the usergroups that the settings name, and no others."""

    def __init__(self, client: AsyncWebClient, clock: Clock, named: frozenset[str]) -> None:
        """Ask through `client`; `named` are people and groups, each as `platform:id`."""
        self._client = client
        self._clock = clock
        self._wanted = usergroups_in(named)
        self._known: dict[str, _Group] = {}
        self._told: set[str] = set()

    async def of(self, user_id: str) -> tuple[str, ...]:
        """Return the ids of those usergroups that a person is in."""
        groups = [(group, await self._group(group)) for group in self._wanted]
        return tuple(name for name, group in groups if user_id in group.members)

    async def _group(self, group: str) -> _Group:
        now, known = self._clock.now(), self._known.get(group)
        if known is not None and now - known.read_at < REMEMBER_GROUPS:
            return known
        read, keep = await self._ask(group)
        if keep:
            self._known[group] = _Group(now, read)
        return _Group(now, read)

    async def _ask(self, group: str) -> tuple[frozenset[str], bool]:
        """Ask Slack; say, too, whether its answer will hold for a while."""
        try:
            answer = await self._client.usergroups_users_list(usergroup=group)
            return frozenset(map(str, asked_for(answer, "users"))), True
        except Exception as error:  # noqa: BLE001 - whatever happened, Slack did not say
            why = reason_of(error)
        self._say_once(why)
        return frozenset(), why == MISSING_SCOPE

    def _say_once(self, why: str) -> None:
        if why not in self._told:
            self._told.add(why)
            library_logger().warning("Slack does not say who is in a usergroup: %s", why)

"""The names of a workspace's channels, and the ids that Slack knows them by."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from difflib import get_close_matches

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import Clock
from handlers.slack.errors import MISSING_SCOPE, code_of
from handlers.slack.payloads import asked_for

# Channels C and G, direct messages D, people U and W.
_ID = re.compile(r"[CGDUW][A-Z0-9]{6,}")
# conversations.list is Tier 2, 20 a minute: https://docs.slack.dev/apis/web-api/rate-limits
# Its pages hold up to 1,000: https://docs.slack.dev/reference/methods/conversations.list
PAGE = 1_000
# A token may lack the scope for one of the kinds: what it may see is then read alone.
_KINDS = ("public_channel,private_channel", "public_channel", "private_channel")
REREAD_AFTER = timedelta(seconds=60)


class Directory:
    """Finds channels by name. The list is read once, and again when a name is unknown.

    It is read at most once a minute, and where Slack breaks it off (a rate limit), the next
    question goes on at the page where it stopped.
    """

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        """Make an empty directory of the workspace that `client` is a member of."""
        self._client = client
        self._clock = clock
        self._ids: dict[str, str] = {}
        self._coming: dict[str, str] = {}
        self._cursor = ""
        self._kinds = 0
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()

    async def find(self, written: str) -> str | None:
        """Return the id of a channel written as `#name`, `name` or an id; None if unknown.

        Raises:
            SlackApiError: Slack refuses to list the channels.
            LookupError: Slack's list is none, or empty.
            Exception: whatever the client raises where Slack cannot be reached.
        """
        if _ID.fullmatch(written):
            return written
        name = bare(written)
        if name not in self._ids:
            await self._read_again()
        return self._ids.get(name)

    def nearest(self, written: str) -> str | None:
        """Return the existing name that is most like the one written."""
        close = get_close_matches(bare(written), self._ids, n=1)
        return f"#{close[0]}" if close else None

    def known(self, written: str) -> str | None:
        """Return the id of a channel without asking Slack; None where that is not known."""
        return written if _ID.fullmatch(written) else self._ids.get(bare(written))

    def learn(self, written: str, channel_id: str) -> None:
        """Remember the id that Slack gave for a name that it does not list."""
        self._ids[bare(written)] = channel_id

    def forget(self, channel_id: str) -> None:
        """Forget an id that Slack no longer knows; its name may lead elsewhere by now."""
        self._ids = {name: known for name, known in self._ids.items() if known != channel_id}
        self._read_at = None

    async def _read_again(self) -> None:
        async with self._reading:
            now = self._clock.now()
            if self._read_at is not None and now - self._read_at < REREAD_AFTER:
                return
            await self._read_pages()
            if not self._coming:  # Every workspace has a channel, so they are kept from us.
                raise LookupError("Slack lists no channels")
            self._ids, self._coming = self._coming, {}
            self._read_at = now

    async def _read_pages(self) -> None:
        more = True
        while more:
            try:
                more = await self._read_page()
            except SlackApiError as error:
                if code_of(error) != MISSING_SCOPE or self._kinds + 1 == len(_KINDS):
                    raise
                self._kinds += 1

    async def _read_page(self) -> bool:
        """Read the next page; return whether there are more."""
        try:
            page = await self._client.conversations_list(
                types=_KINDS[self._kinds], limit=PAGE, cursor=self._cursor
            )
        except SlackApiError as error:
            if code_of(error) == "invalid_cursor":
                self._cursor, self._coming = "", {}
            raise
        for channel in asked_for(page, "channels"):
            # Of two with one name the archived one gives way.
            if not channel.get("is_archived") or channel["name"] not in self._coming:
                self._coming[channel["name"]] = channel["id"]
        self._cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
        return bool(self._cursor)


def is_person(written: str) -> bool:
    """Whether a channel is written as the id of a person."""
    return _ID.fullmatch(written) is not None and written[0] in "UW"


def bare(written: str) -> str:
    """Return the name of a channel as Slack has it, without its sign."""
    return written.strip().removeprefix("#").casefold()

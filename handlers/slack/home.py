"""The App Home: what a person sees of Redline when they open it."""

from __future__ import annotations

from bot.model import Asked
from handlers.slack.errands import PLATFORM, Errands
from handlers.slack.payloads import Json, part, text


class Home:
    """Shows the App Home to whoever opens it."""

    def __init__(self, errands: Errands) -> None:
        """Have `errands` make it."""
        self._errands = errands

    async def opened(self, body: Json) -> None:
        """Show it as it is now. Bolt has acknowledged the event; to open it again costs nothing.

        https://docs.slack.dev/reference/events/app_home_opened
        """
        event = part(body, "event")
        user_id = text(event, "user")
        if not user_id or text(event, "tab") == "messages":
            return
        visit = Asked(
            platform=PLATFORM,
            id=f"{PLATFORM}:{text(body, 'event_id')}",
            workspace=text(body, "team_id"),
            channel_id="",
            user_id=user_id,
        )
        await self._errands.work.begin(self._errands.refresh_home(user_id, visit))

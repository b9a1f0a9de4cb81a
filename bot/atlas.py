"""Where channels lie: what their platforms said last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from bot.alerts.silence import Whereabouts, nowhere
from bot.model import ChannelRef
from bot.ports import Chat, Clock

LOOKING = timedelta(minutes=1)
"""How often the channels of rules are looked for, so that they are known when it matters."""


class Atlas:
    """Asks the platforms, and remembers what they said for the time in which they are away.

    A platform that loses its connection no longer knows its channels, and a mute of a workspace
    must hold in them all the same.
    """

    def __init__(self, chats: Sequence[Chat]) -> None:
        """Ask these platforms."""
        self._chats = chats
        self._known: dict[ChannelRef, Whereabouts] = {}

    def locate(self, channel: ChannelRef) -> Whereabouts:
        """Return where a channel lies, as far as its platform ever said."""
        for chat in self._chats:
            home = chat.home_of(channel)
            if home:
                self._known[channel] = Whereabouts(home, chat.id_of(channel))
        return self._known.get(channel) or nowhere(channel)

    async def run(self, channels: Callable[[], Iterable[ChannelRef]], clock: Clock) -> None:
        """Look for these channels now and then, until it is cancelled."""
        while True:
            for channel in channels():
                self.locate(channel)
            await clock.sleep(LOOKING.total_seconds())

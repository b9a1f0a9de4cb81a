"""The budget of requests that Discord may refuse before it bans the address they come from."""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Clock
from handlers.discord.errors import Response, ThrottledError

WINDOW: Final = timedelta(minutes=10)
MOST: Final = 500
"""Discord bans an address after 10,000 invalid requests in ten minutes; a service that comes to a
twentieth of that is doing something wrong and stops of itself.
https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans"""

_INVALID = {401, 403, 429}

log = logging.getLogger("redline.discord")


class Budget:
    """Counts the invalid requests of the last ten minutes, and stops all when they are too many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refused: deque[datetime] = deque(maxlen=MOST)

    def note(self, response: Response) -> None:
        """Count an answer, if it is one that Discord counts: a limit that others share is not."""
        shared = response.headers.get("X-RateLimit-Scope", "").lower() == "shared"
        if response.status in _INVALID and not shared:
            self._refused.append(self._clock.now())
            if self._left():
                log.error(
                    "Discord refused %s requests in %s: none is made for a while", MOST, WINDOW
                )

    def require(self) -> None:
        """See that another request may be made.

        Raises:
            ThrottledError: too many were refused; it says how long to make none at all.
        """
        left = self._left()
        if left:
            raise ThrottledError(left, everywhere=True)

    def _left(self) -> timedelta:
        """Return how long to make no request; none at all where the clock was put back."""
        if len(self._refused) < MOST:
            return timedelta()
        left = self._refused[0] + WINDOW - self._clock.now()
        return left if timedelta() < left <= WINDOW else timedelta()

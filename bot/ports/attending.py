"""What every adapter does with what people ask, whatever its wire: the inbox and the service."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.errors import RedlineError, whereabouts
from bot.model import Asked, Card, Errand, Order, Question, Reply, Request, Submission
from bot.ports.world import Serve

ANSWER_WITHIN: Final = 60.0
"""Seconds that the service has for an answer."""
FAILED: Final = "Redline could not answer that. The reason is in its log; please tell an admin."


@dataclass(frozen=True, slots=True)
class Attendant:
    """Has the service answer people of one platform.

    Whoever asks is answered, also where the inbox breaks or the service fails: that is logged by
    kind and place only, since the text of an error may hold a secret.
    """

    serve: Serve
    platform: str
    log: logging.Logger

    async def take(self, asked: Question, address: str) -> bool:
        """Write down what is asked, before it is acknowledged; False where it was taken before.

        Args:
            asked: what is asked.
            address: where the answer belongs, in the adapter's own words.
        """
        errand = Errand(
            id=asked.id,
            platform=self.platform,
            asked=asked,
            address=address,
            taken_at=self.serve.clock.now(),
        )
        try:
            return await self.serve.inbox.take(errand)
        except Exception as error:  # noqa: BLE001 - without an inbox people are answered, too
            self._failed("what was asked is not written down", error)
            return True

    async def done(self, errand_id: str) -> None:
        """Say that something was answered."""
        try:
            await self.serve.inbox.done(errand_id)
        except Exception as error:  # noqa: BLE001 - at worst it is answered again after a restart
            self._failed("an answer is not written down", error)

    async def left_over(self, within: timedelta) -> Sequence[Errand]:
        """Return what was asked before a restart and not answered, so long ago at most."""
        try:
            return await self.serve.inbox.pending(self.platform, self.serve.clock.now() - within)
        except Exception as error:  # noqa: BLE001 - who asks from now on is answered all the same
            self._failed("nobody knows what was not answered", error)
            return ()

    async def reply(self, asked: Question) -> Reply:
        """Return the reply of the service; where it fails, a card that says so."""
        match asked:
            case Order():
                return await self._reply(self.serve.carry_out(asked), "a command")
            case Request():
                return await self._reply(self.serve.answer(asked), "a press")
            case Submission():
                return await self._reply(self.serve.submit(asked), "a form")

    async def home(self, asked: Asked) -> Reply:
        """Return what a person sees of Redline at first; where that fails, a card that says so."""
        return await self._reply(self.serve.home(asked), "a visit")

    async def _reply(self, asking: Awaitable[Reply], about: str) -> Reply:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await asking
        except RedlineError as error:
            return Card(title="Redline cannot answer that", notes=(str(error),))
        except Exception as error:  # noqa: BLE001 - whoever asked hears that it failed
            self._failed(f"no answer to {about}", error)
            return Card(title=FAILED)

    def _failed(self, what: str, error: Exception) -> None:
        self.log.error("%s: %s", what, whereabouts(error))

"""What people ask, from the acknowledgement to the answer.

Everything is written into the inbox before it is acknowledged, so that a restart in between still
answers; see `bot.ports.Inbox`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, TypeVar

import discord

from bot.model import (
    Asked,
    Choice,
    Errand,
    FieldKind,
    Form,
    Order,
    Question,
    Reply,
    Request,
    Submission,
)
from bot.ports import Attendant, Serve
from handlers.discord import cards
from handlers.discord.answers import deferred, opened
from handlers.discord.forms import Offered, modal_of
from handlers.discord.people import PLATFORM
from handlers.discord.revise import code_of
from handlers.discord.view import custom_ids
from handlers.discord.window import Address, Window, address_of

log = logging.getLogger("redline.discord")

ACKNOWLEDGE_WITHIN = 2.0
"""Seconds of the three that Discord waits: what is not done by then is done after the
acknowledgement."""

SUGGEST_WITHIN = 1.0
ANSWERABLE: Final = timedelta(minutes=14)
"""Discord takes answers for fifteen minutes:
https://docs.discord.com/developers/interactions/receiving-and-responding"""

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Something that somebody did.

    `may_open` says that the answer may be a form, which has to be the first answer. `acknowledged`
    says that Discord has its acknowledgement.
    """

    interaction: discord.Interaction[Any]
    asked: Question
    may_open: bool = False
    acknowledged: bool = False


class Reception:
    """Takes what people ask, acknowledges it in time, and answers it once."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._attendant = Attendant(serve, PLATFORM, log)

    async def attend(self, visit: Visit) -> None:
        """Answer somebody: written down first, acknowledged within three seconds."""
        until = asyncio.get_running_loop().time() + ACKNOWLEDGE_WITHIN
        address = _address(visit)
        taking = asyncio.create_task(self._attendant.take(visit.asked, address.written()))
        if not await _by(until, taking, otherwise=True):
            return
        if await self._answer(visit, address, until):
            await taking
            await self._attendant.done(visit.asked.id)

    async def tell(self, visit: Visit, reply: Reply) -> None:
        """Answer somebody whose question does not reach the service."""
        await Window(visit.interaction.client, _address(visit)).show(reply)

    async def left_over(self) -> Sequence[Errand]:
        """Return what an earlier run took and did not answer, and can answer still."""
        return await self._attendant.left_over(ANSWERABLE)

    async def take_up(self, client: discord.Client, errands: Sequence[Errand]) -> None:
        """Answer what an earlier run took and did not answer."""
        for errand in errands:
            await self._take_up(client, errand)

    async def _take_up(self, client: discord.Client, errand: Errand) -> None:
        address = address_of(errand.address)
        if address is None or await Window(client, address).show(
            await self._attendant.reply(errand.asked)
        ):
            await self._attendant.done(errand.id)

    async def _answer(self, visit: Visit, address: Address, until: float) -> bool:
        """Acknowledge and answer; False where the answer is owed still."""
        interaction, replying = visit.interaction, None
        if visit.may_open:
            replying = asyncio.create_task(self._attendant.reply(visit.asked))
            form = await _by(until, replying, otherwise=None)
            if isinstance(form, Form):
                modal = await self._modal(visit.asked, form, until)
                if await opened(interaction, modal):
                    return True
        in_time = visit.acknowledged or await deferred(interaction, in_place=address.in_place)
        if not in_time and replying is None:
            return True
        reply = await (replying or self._attendant.reply(visit.asked))
        return not in_time or await Window(interaction.client, address).show(reply)

    async def _modal(self, asked: Asked, form: Form, until: float) -> discord.ui.Modal:
        """Lay out a form with the names that its fields offer."""
        now = asyncio.get_running_loop().time()
        offering = asyncio.create_task(self._offered(asked, form))
        # Up to half a second past the time for the reply leaves Discord its own half.
        nothing: Offered = {}
        offered = await _by(max(until, now + 0.5), offering, otherwise=nothing)
        offering.cancel()
        return modal_of(form, offered)

    async def _offered(self, asked: Asked, form: Form) -> Offered:
        names = [field for field in form.fields if field.kind is FieldKind.NAME and field.of]
        return {field.name: await self._choices(asked, field.of) for field in names if field.of}

    async def _choices(self, asked: Asked, kind: Any) -> Sequence[Choice]:
        try:
            return await self._serve.suggest(asked, kind, "")
        except Exception as error:  # noqa: BLE001 - a name can be typed without suggestions
            log.warning("nothing could be suggested (%s)", type(error).__name__)
            return ()


async def _by(until: float, task: asyncio.Task[T], *, otherwise: U) -> T | U:
    """Return the result of a task that ends in time; it goes on where it does not."""
    await asyncio.wait({task}, timeout=max(0.0, until - asyncio.get_running_loop().time()))
    return task.result() if task.done() else otherwise


def _address(visit: Visit) -> Address:
    """Return where the answer belongs."""
    interaction, message = visit.interaction, visit.interaction.message
    here = Address(application_id=interaction.application_id, token=interaction.token)
    if message is None:
        return here
    here = replace(here, in_place=True, channel_id=interaction.channel_id or 0)
    ids = custom_ids(message)
    if not message.flags.ephemeral:
        return replace(here, key=cards.key_on(ids), origin=code_of(message.id))
    opening = [one for one in ids if cards.opens(one, _draft_of(visit.asked))]
    sent = isinstance(visit.asked, Submission)
    return replace(here, replaces=sent and bool(opening), origin=cards.origin_on(opening))


def _draft_of(asked: Question) -> str:
    """Return the draft that a form fills or a button opens; another target is none."""
    match asked:
        case Submission():
            return asked.draft
        case Request():
            return asked.target
        case Order():
            return ""

"""Presses on our buttons and forms that were sent: read, and handed to the reception."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord

from bot.model import Action, Argument, Request, Submission
from bot.ports import Serve
from handlers.discord import cards
from handlers.discord.answers import UNKNOWN, deferred, say
from handlers.discord.forms import Filled, filled
from handlers.discord.mistakes import unread
from handlers.discord.people import asked_by, fields_of
from handlers.discord.reception import Reception, Visit
from handlers.discord.uploads import UnreadableError, text_of


class Presses:
    """Answers presses."""

    def __init__(self, serve: Serve, reception: Reception) -> None:
        self._serve = serve
        self._reception = reception

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Take a press on a button, on whatever message; what is none of ours is told so."""
        request = self._request(interaction)
        if request is None:
            await say(interaction, UNKNOWN)
            return
        may_open = request.action.opens_form
        await self._reception.attend(
            Visit(interaction=interaction, asked=request, may_open=may_open)
        )

    def _request(self, interaction: discord.Interaction[Any]) -> Request | None:
        """Return what was asked, None where this version does not know it."""
        data: Any = interaction.data or {}
        found = cards.TEMPLATE.fullmatch(str(data.get("custom_id", "")))
        if found is None or found["action"] not in set(Action):
            return None
        return Request(
            **fields_of(asked_by(interaction, self._serve.groups)),
            action=Action(found["action"]),
            target=found["target"],
        )


class Submissions:
    """Takes the forms that people send."""

    def __init__(self, serve: Serve, reception: Reception) -> None:
        self._serve = serve
        self._reception = reception

    async def take(self, interaction: discord.Interaction[Any]) -> None:
        """Take a form that somebody sent; what is none of ours is told so."""
        form = filled(interaction.data)
        if form is None:
            await say(interaction, UNKNOWN)
            return
        visit = Visit(interaction=interaction, asked=self._submission(interaction, form))
        await (self._read(visit, form) if form.files else self._reception.attend(visit))

    async def _read(self, visit: Visit, form: Filled) -> None:
        """Take a form with files: acknowledged first, since reading them may take a while."""
        interaction = visit.interaction
        if not await deferred(interaction, in_place=interaction.message is not None):
            return
        try:
            texts = [
                Argument(name=name, value=await text_of(interaction.client, file))
                for name, file in form.files
            ]
        except UnreadableError as error:
            await self._reception.tell(visit, unread(str(error), form.form, form.draft))
            return
        whole = replace(form, values=(*form.values, *texts))
        asked = self._submission(interaction, whole)
        await self._reception.attend(Visit(interaction=interaction, asked=asked, acknowledged=True))

    def _submission(self, interaction: discord.Interaction[Any], form: Filled) -> Submission:
        return Submission(
            **fields_of(asked_by(interaction, self._serve.groups)),
            form=form.form,
            draft=form.draft,
            values=form.values,
        )

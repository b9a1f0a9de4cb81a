"""Forms that people send: answered in the modal, as far as they can be in time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from slack_bolt.async_app import AsyncAck

from bot.model import Argument, Card, Form, Reply, Submission
from handlers.slack.answers import Answers
from handlers.slack.askers import asker_of_view
from handlers.slack.errands import PLATFORM, Errands, Interaction
from handlers.slack.files import FileError
from handlers.slack.forms import Sent, card_view, errors_of, form_view, loading_view, sent_form
from handlers.slack.payloads import Json, part, text
from handlers.slack.people import Known

SUBMIT_WITHIN = 2.0
"""Seconds in which a form is answered in its modal, the inbox included; Slack waits for three."""


SHOWN_WITHIN = 0.5
"""Seconds that Slack gets to show what the acknowledgement holds. An update that overtook it on its
other way would be covered by it for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """A form that somebody sent."""

    sent: Sent
    interaction: Interaction


@dataclass(frozen=True, slots=True)
class _Unread:
    """Files that cannot be read: why, by field."""

    why: dict[str, str]


_Outcome = tuple[Known, Reply] | _Unread


class Submissions:
    """Takes forms."""

    def __init__(self, errands: Errands, answers: Answers) -> None:
        """Have `errands` take them."""
        self._errands = errands
        self._answers = answers

    async def sent(self, ack: AsyncAck, body: Json) -> None:
        """Acknowledge with what came of the form; where that takes longer, say so and go on."""
        until = asyncio.get_running_loop().time() + SUBMIT_WITHIN
        filled = _read(body)
        if filled is None or not await self._errands.take(filled.interaction):
            await ack()
            return
        seeing_to = self._errands.work.begin(self._see_to(ack, filled, until))
        await asyncio.shield(seeing_to)

    async def _see_to(self, ack: AsyncAck, filled: _Filled, until: float) -> None:
        asking = asyncio.create_task(self._ask(filled))
        interaction = filled.interaction
        try:
            left = until - asyncio.get_running_loop().time()
            await asyncio.wait({asking}, timeout=max(left, 0))
            late = not asking.done()
            if late:
                await ack(response_action="update", view=loading_view(interaction.asker))
                await asyncio.sleep(SHOWN_WITHIN)
            outcome = await asking
        finally:
            asking.cancel()
        if late:
            await self._give_late(filled, outcome)
        else:
            await self._give_at_once(ack, filled, outcome)
        await self._errands.done(interaction.asked.id)

    async def _ask(self, filled: _Filled) -> _Outcome:
        files, unread = [], {}
        for name, file in filled.sent.files:
            try:
                files.append(Argument(name=name, value=await self._answers.files.read(file)))
            except FileError as error:
                unread[name] = str(error)
        if unread:
            return _Unread(unread)
        asked = filled.interaction.asked
        if isinstance(asked, Submission):
            asked = replace(asked, values=(*asked.values, *files))
        return await self._errands.reply(asked)

    async def _give_at_once(self, ack: AsyncAck, filled: _Filled, outcome: _Outcome) -> None:
        """Answer while the modal waits: with mistakes at their fields, or by closing it."""
        interaction = filled.interaction
        if isinstance(outcome, _Unread):
            await ack(response_action="errors", errors=outcome.why)
            return
        known, reply = outcome
        match reply:
            case Form():
                await _show_again(ack, reply, filled)
            case Card() if interaction.asker.home:
                view = card_view(known.explain(reply), interaction.asker)
                await ack(response_action="update", view=view)
                await self._errands.refresh_home(interaction.asker.user_id, interaction.asked)
            case _:
                await ack()
                await self._errands.give(interaction, known, reply)

    async def _give_late(self, filled: _Filled, outcome: _Outcome) -> None:
        """Answer in the modal, which shows by now that it takes a while."""
        if isinstance(outcome, _Unread):
            card = Card(title="The form was not taken", notes=tuple(outcome.why.values()))
            outcome = Known.nobody(), card
        interaction = filled.interaction
        await self._errands.give(interaction, *outcome, loading=interaction.sent_from)


async def _show_again(ack: AsyncAck, form: Form, filled: _Filled) -> None:
    """Say what is wrong at the fields; what was filled in stays there by itself."""
    if errors := errors_of(form, filled.sent.fields):
        await ack(response_action="errors", errors=errors)
    else:
        view = form_view(form, filled.interaction.asker, with_mistakes=True)
        await ack(response_action="update", view=view)


def _read(body: Json) -> _Filled | None:
    """Read a view_submission payload; None where it does not say who sent what.

    Its id is that of the sending: a form that is sent again with its mistakes mended comes from the
    same view with the same hash.
    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission
    """
    view = part(body, "view")
    sent = sent_form(view)
    user_id, view_id = text(part(body, "user"), "id"), text(view, "id")
    if not (user_id and view_id and sent.form):
        return None
    # The modal closes with the answer, unless that says otherwise.
    asker = replace(asker_of_view(user_id, view), view="")
    submission = Submission(
        platform=PLATFORM,
        id=f"{PLATFORM}:{view_id}:{text(view, 'hash')}:{text(body, 'trigger_id')}",
        workspace=text(part(body, "team"), "id"),
        channel_id=asker.channel_id,
        user_id=user_id,
        form=sent.form,
        draft=sent.draft,
        values=sent.values,
    )
    interaction = Interaction(asked=submission, asker=asker, sent_from=view_id)
    return _Filled(sent=sent, interaction=interaction)

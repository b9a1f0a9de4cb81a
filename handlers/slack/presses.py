"""Presses of buttons: written down, acknowledged, answered to whoever pressed."""

from __future__ import annotations

import re
from dataclasses import replace

from slack_bolt.async_app import AsyncAck

from bot.model import Action, Card, Request
from handlers.slack.answers import Answers
from handlers.slack.askers import Asker, asker_of_press
from handlers.slack.cards import ACTION_PREFIX
from handlers.slack.errands import PLATFORM, Errands, Interaction
from handlers.slack.payloads import Json, objects, part, text

# Between forms and names, which have prefixes of their own, buttons are told by their action.
OURS = re.compile(rf"^{ACTION_PREFIX}")


def read_press(body: Json) -> Interaction | None:
    """Read a block_actions payload; None where this version knows no such button.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    pressed = next(objects(body, "actions"), {})
    action, _, target = text(pressed, "action_id").removeprefix(ACTION_PREFIX).partition(":")
    if action not in set(Action) or not target:
        return None
    asker = asker_of_press(body)
    trigger = text(body, "trigger_id")
    request = Request(
        platform=PLATFORM,
        id=f"{PLATFORM}:{trigger or text(pressed, 'action_ts')}",
        workspace=text(part(body, "team"), "id"),
        channel_id=asker.channel_id,
        user_id=asker.user_id,
        action=Action(action),
        target=target,
    )
    return Interaction(
        asked=request, asker=asker, trigger=trigger, opens_form=request.action.opens_form
    )


class Presses:
    """Answers presses of buttons."""

    def __init__(self, errands: Errands, answers: Answers) -> None:
        """Have `errands` answer them."""
        self._errands = errands
        self._answers = answers

    async def pressed(self, ack: AsyncAck, body: Json) -> None:
        """Acknowledge a press, and answer it."""
        interaction = read_press(body)
        if interaction is None:
            await ack()
            await self._unknown(asker_of_press(body))
        elif not interaction.asker.user_id:
            await ack()
        else:
            await self._errands.attend(ack, interaction)

    async def _unknown(self, asker: Asker) -> None:
        """Say so where the button is none of this version's."""
        if asker.user_id:
            card = Card(title="This button belongs to another version of Redline")
            await self._answers.tell(replace(asker, home=False), card)

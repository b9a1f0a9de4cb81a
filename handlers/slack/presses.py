"""Presses of buttons: acknowledged at once, answered to whoever pressed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NamedTuple

from slack_bolt.async_app import AsyncAck

from bot.model import Action, Card, Request, Standing
from bot.ports import Serve
from handlers.slack.answers import Answers, Asker, card_of
from handlers.slack.cards import ACTION_PREFIX, Json
from handlers.slack.once import Once, Work
from handlers.slack.people import People

# Slack delivers again at once, after one minute and after five:
# https://docs.slack.dev/apis/events-api#retries
REMEMBER_PRESSES = timedelta(minutes=10)

OURS = re.compile(rf"^{ACTION_PREFIX}")


class Press(NamedTuple):
    """A press of a button as Slack reports it. `private` says that one person alone sees it."""

    id: str
    workspace: str
    action_id: str
    asker: Asker
    private: bool = False

    @classmethod
    def read(cls, body: Json) -> Press:
        """Read a block_actions payload; what it leaves out is empty.

        https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
        """
        container, message = _part(body, "container"), _part(body, "message")
        action = body["actions"][0]
        asker = Asker(
            channel_id=_text(_part(body, "channel"), "id") or _text(container, "channel_id"),
            user_id=_text(_part(body, "user"), "id"),
            response_url=_text(body, "response_url"),
            thread=_text(message, "thread_ts") or _text(container, "thread_ts") or None,
        )
        return cls(
            id=_text(body, "trigger_id") or _text(action, "action_ts"),
            workspace=_text(_part(body, "team"), "id"),
            action_id=_text(action, "action_id"),
            asker=asker,
            private=container.get("is_ephemeral") is True,
        )

    def request(self, standing: Standing = Standing.GUEST) -> Request | None:
        """Return what was asked for; None where this version knows no such button."""
        action, _, target = self.action_id.removeprefix(ACTION_PREFIX).partition(":")
        if action not in set(Action) or not target:
            return None
        return Request(
            workspace=self.workspace,
            channel_id=self.asker.channel_id,
            user_id=self.asker.user_id,
            action=Action(action),
            target=target,
            standing=standing,
        )


def _part(body: Json, name: str) -> Json:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _text(part: Json, name: str) -> str:
    text = part.get(name)
    return text if isinstance(text, str) else ""


class Presses:
    """Answers presses of buttons, in private."""

    def __init__(self, serve: Serve, people: People, answers: Answers) -> None:
        """Answer with what `serve` says."""
        self._serve = serve
        self._people = people
        self._answers = answers
        self._once = Once(serve.clock, REMEMBER_PRESSES)
        self.work = Work()

    async def pressed(self, ack: AsyncAck, body: Json) -> None:
        """Acknowledge at once, since Slack waits for three seconds, then answer."""
        await ack()
        press = Press.read(body)
        if press.asker.user_id and self._once.first(press.id):
            await self.work.do(self._answer(press))

    async def _answer(self, press: Press) -> None:
        known = await self._people.find(press.asker.user_id)
        request = press.request(known.standing)
        if request is None:
            card = Card(title="This button belongs to another version of Redline")
        else:
            card = await card_of(self._serve.answer(request), "a press")
        turns = request is not None and request.action is Action.PAGE
        shown = known.explain(card) if turns else card
        if turns and press.private:
            await self._answers.through(press.asker, shown, replace=True)
        else:
            await self._answers.beside(press.asker, shown)

"""Slash commands: acknowledged at once, carried out afterwards, answered to whoever gave them."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from slack_bolt.async_app import AsyncAck

from bot.model import Order
from bot.ports import Serve
from handlers.slack.answers import Answers, Asker, card_of
from handlers.slack.cards import Json
from handlers.slack.once import Once, Work
from handlers.slack.people import People

REMEMBER_ORDERS = timedelta(minutes=10)
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


class Typed(NamedTuple):
    """A slash command as Slack reports it.

    https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
    """

    id: str
    workspace: str
    command: str
    text: str
    asker: Asker

    @classmethod
    def read(cls, body: Json) -> Typed:
        """Read a payload; what it leaves out is empty."""
        said = {name: value for name, value in body.items() if isinstance(value, str)}
        asker = Asker(
            channel_id=said.get("channel_id", ""),
            user_id=said.get("user_id", ""),
            response_url=said.get("response_url", ""),
        )
        return cls(
            id=said.get("trigger_id") or asker.response_url,
            workspace=said.get("team_id", ""),
            command=said.get("command", ""),
            text=_typed(said.get("text", "")),
            asker=asker,
        )

    @property
    def whole(self) -> bool:
        """Whether it says who asks, where, and for what."""
        return all((self.id, self.workspace, self.asker.channel_id, self.asker.user_id))


def _typed(text: str) -> str:
    """Return what a person typed: Slack escapes three characters on the way, and no others."""
    for escaped, character in _ENTITIES:
        text = text.replace(escaped, character)
    return text


class Orders:
    """Carries out the commands of the menu."""

    def __init__(self, serve: Serve, people: People, answers: Answers) -> None:
        """Have `serve` carry them out, and answer through `answers`."""
        self._serve = serve
        self._people = people
        self._answers = answers
        self._once = Once(serve.clock, REMEMBER_ORDERS)
        self._groups = {f"/{serve.menu.prefix}{group}": group for group in serve.menu.groups()}
        self.work = Work()

    async def given(self, ack: AsyncAck, body: Json) -> None:
        """Acknowledge at once, since Slack waits for three seconds, then carry out and answer.

        A command that is not on the menu is acknowledged, and that is all.
        """
        await ack()
        typed = Typed.read(body)
        group = self._groups.get(typed.command)
        if group is not None and typed.whole and self._once.first(typed.id):
            await self.work.do(self._carry_out(group, typed))

    async def _carry_out(self, group: str, typed: Typed) -> None:
        known = await self._people.find(typed.asker.user_id)
        order = Order(
            workspace=typed.workspace,
            channel_id=typed.asker.channel_id,
            user_id=typed.asker.user_id,
            standing=known.standing,
            group=group,
            text=typed.text,
        )
        card = await card_of(self._serve.carry_out(order), "a command")
        await self._answers.through(typed.asker, known.explain(card))

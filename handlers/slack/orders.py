"""Slash commands: written down, acknowledged, carried out, answered to whoever gave them."""

from __future__ import annotations

from slack_bolt.async_app import AsyncAck

from bot.model import Menu, Order
from handlers.slack.askers import Asker
from handlers.slack.errands import PLATFORM, Errands, Interaction
from handlers.slack.payloads import Json, text

_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


class Orders:
    """Carries out the commands of the menu."""

    def __init__(self, errands: Errands, menu: Menu) -> None:
        """Have `errands` carry out what is on the menu."""
        self._errands = errands
        self._groups = {f"/{menu.prefix}{group}": group for group in menu.groups()}
        self._opening = {(spec.group, spec.verb) for spec in menu.commands if spec.opens_form}

    async def given(self, ack: AsyncAck, body: Json) -> None:
        """Acknowledge a command and carry it out; one that is not on the menu is only taken."""
        interaction = self.read(body)
        if interaction is None:
            await ack()
        else:
            await self._errands.attend(ack, interaction)

    def read(self, body: Json) -> Interaction | None:
        """Read a payload; None where it is no command of the menu, or does not say who gave it.

        https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
        """
        asker = Asker(
            user_id=text(body, "user_id"),
            channel_id=text(body, "channel_id"),
            response_url=text(body, "response_url"),
        )
        trigger = text(body, "trigger_id")
        group = self._groups.get(text(body, "command"))
        workspace = text(body, "team_id")
        whole = workspace and asker.user_id and asker.channel_id
        if group is None or not whole or not (trigger or asker.response_url):
            return None
        typed = _typed(text(body, "text"))
        order = Order(
            platform=PLATFORM,
            id=f"{PLATFORM}:{trigger or asker.response_url}",
            workspace=workspace,
            channel_id=asker.channel_id,
            user_id=asker.user_id,
            group=group,
            text=typed,
        )
        verb = typed.split(maxsplit=1)[:1]
        opens_form = (group, "".join(verb).casefold()) in self._opening
        return Interaction(asked=order, asker=asker, trigger=trigger, opens_form=opens_form)


def _typed(typed: str) -> str:
    """Return what a person typed: Slack escapes three characters on the way, and no others."""
    for escaped, character in _ENTITIES:
        typed = typed.replace(escaped, character)
    return typed

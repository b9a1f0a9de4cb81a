"""Help for the tests of rules in chat: somebody who writes, presses and fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot import commands
from bot.commands import Desk
from bot.model import (
    Access,
    Action,
    Argument,
    Asked,
    Button,
    Card,
    Choice,
    Form,
    OptionKind,
    Order,
    Reply,
    Request,
    Revised,
    Role,
    Standing,
    Submission,
)
from tests.commands_case import arguments, filled
from tests.commands_desk import a_desk, card_of
from tests.fakes import FakeChat, FakeClock

EVERYBODY = Access(everyone=Role.EDITOR)


def rule_desk(*rules: Any, access: Access = EVERYBODY, **given: Any) -> Desk:
    """A desk of editors, whose workspace T1 has the channels #desk (C1) and #grain (C2)."""
    clock = given.pop("clock", None) or FakeClock()
    desk = replace(a_desk(rules=rules, clock=clock, **given), access=access)
    desk.chats[:] = [FakeChat(clock, "slack", ids={"#desk": "C1", "#grain": "C2"})]
    return desk


@dataclass
class Person:
    """Somebody in chat: what they do is answered by the desk, under an id of its own."""

    desk: Desk
    user: str = "U1"
    channel: str = "C1"
    workspace: str = "T1"
    standing: Standing = Standing.MEMBER
    number: int = 0
    seen: list[Reply] = field(default_factory=list)

    async def types(self, text: str, *, id: str = "") -> Card:  # noqa: A002 - the name of the field
        """Give a command of `/watch` that is answered with a card."""
        return card_of(await self.orders(text, id=id))

    async def opens(self, text: str) -> Form:
        """Give a command of `/watch` that opens a form."""
        reply = await self.orders(text)
        assert isinstance(reply, Form), reply
        return reply

    async def orders(self, text: str, *, id: str = "") -> Reply:  # noqa: A002 - as above
        """Give a command of `/watch`."""
        order = Order(**self.who(id), group="watch", text=text)
        return self._saw(await commands.carry_out(order, self.desk))

    async def presses(self, card: Card, label: str, *, id: str = "") -> Reply:  # noqa: A002 - as above
        """Press a button of a card."""
        (button,) = [each for each in card.buttons if each.label == label]
        return await self.forges(button.action, button.target, id=id)

    async def forges(self, action: Action, target: str, *, id: str = "") -> Reply:  # noqa: A002 - as above
        """Press a button, whether or not it was shown."""
        request = Request(**self.who(id), action=action, target=target)
        return self._saw(await commands.answer(request, self.desk))

    async def fills(self, form: Form, *, id: str = "", **values: Any) -> Reply:  # noqa: A002 - as above
        """Send a form, some of its fields changed."""
        return await self.sends(form.name, form.draft, filled(form, values), id=id)

    async def sends(
        self,
        form: str,
        draft: str,
        values: Mapping[str, Any],
        *,
        id: str = "",  # noqa: A002 - as above
    ) -> Reply:
        """Send a form, whether or not it was shown."""
        given: tuple[Argument, ...] = arguments(values)
        submission = Submission(**self.who(id), form=form, draft=draft, values=given)
        return self._saw(await commands.submit(submission, self.desk))

    async def completes(self, kind: OptionKind, text: str = "") -> list[Choice]:
        """Begin to type a name."""
        asked = Asked(**self.who(""))
        return list(await commands.suggest(asked, kind, text, self.desk))

    async def tests(self, title: str, when: str, **values: Any) -> Card:
        """Fill in the form of a new rule, and see what it would find."""
        form = await self.opens("add")
        return card_of(await self.fills(form, title=title, when=when, **values))

    async def adds(self, title: str, when: str = "harbour", **values: Any) -> Card:
        """Save a new rule."""
        return card_of(await self.presses(await self.tests(title, when, **values), "Save"))

    async def edits(self, name: str, **values: Any) -> Card:
        """Change a rule and save it."""
        card = card_of(await self.fills(await self.opens(f"edit {name}"), **values))
        return card_of(await self.presses(card, "Save"))

    async def deletes(self, name: str) -> Card:
        """Delete a rule, and say yes when asked."""
        return card_of(await self.presses(await self.types(f"delete {name}"), "Delete"))

    def who(self, given_id: str) -> dict[str, Any]:
        """Return who asks and where; each thing that is done has another id."""
        self.number += 1
        return {
            "workspace": self.workspace,
            "channel_id": self.channel,
            "user_id": self.user,
            "standing": self.standing,
            "platform": "slack",
            "id": given_id or f"{self.user}-{self.channel}-{self.number}".lower(),
        }

    def _saw(self, reply: Reply) -> Reply:
        self.seen.append(reply)
        return reply


def is_in_place(reply: Reply) -> bool:
    """Say whether a reply takes the place of the message that was acted on."""
    return isinstance(reply, Revised)


def labels(card: Card) -> list[str]:
    """The labels of a card's buttons."""
    return [button.label for button in card.buttons]


def texts(card: Card) -> list[str]:
    """The lines of a card."""
    return [line.text for line in card.lines]


def button_of(card: Card, label: str) -> Button:
    """A button of a card."""
    return next(button for button in card.buttons if button.label == label)

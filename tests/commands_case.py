"""Cases of commands: what somebody orders, presses and fills in, and what is answered.

A case is a YAML file: an `order`, the `steps` after it, and the `replies` to all of them in turn.

    order: {group: watch, text: add, standing: admin}
    steps:
    - fill: {title: Port Avel, when: avel}     # sends the form that was opened last, so changed
    - press: Save                              # a button of the card that stands, by its label
    - press: {action: undo, target: made-up}   # or any other, as somebody could forge it
    - press: {label: Save, of: U1}             # or one that was shown to somebody else
    - order: {group: watch, text: list}        # another command
      by: {user: U2, channel: C2}              # by somebody else, elsewhere, of other standing
    - fill: {}                                 # a form that was shown to somebody else
      form_of: U1
      by: {user: U2}
    - wait: 25h                                # answered by nothing

Each person acts on what was last shown to them.

A reply is a card; one that takes the place of the message acted on stands under `in_place`, and a
form under `form`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from bot import commands
from bot.commands import MENU, Desk
from bot.commands.typed import Mistake, read
from bot.model import (
    Action,
    Argument,
    Button,
    Form,
    Order,
    Passage,
    Reply,
    Request,
    Revised,
    Standing,
    Submission,
)
from tests.fakes import FakeClock

CASES = Path(__file__).parent / "cases" / "commands"
FILES = sorted(path for path in CASES.glob("*.yaml") if path.name != "archive.yaml")
Given = Mapping[str, Any]
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def case_of(path: Path) -> dict[str, Any]:
    """Read a case."""
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


def span_of(written: str) -> timedelta:
    """Read `30h`."""
    return int(written[:-1]) * _UNITS[written[-1]]


def order_of(given: Given) -> Order:
    """Return an order; a platform fills `verb` and `values`, or leaves `text`."""
    return Order(
        **_who(given),
        group=given["group"],
        verb=given.get("verb", ""),
        arguments=arguments(given.get("values", {})),
        text=given.get("text", ""),
    )


def _who(given: Given) -> dict[str, Any]:
    return {
        "workspace": given.get("workspace", "T1"),
        "channel_id": given.get("channel", "C1"),
        "user_id": given.get("user", "U1"),
        "standing": Standing(given.get("standing", "member")),
        "platform": "slack",
    }


def arguments(values: Given) -> tuple[Argument, ...]:
    """Return values by name; a list has one argument for each of its values."""
    return tuple(
        Argument(name=name, value=value)
        for name, given in values.items()
        for value in (given if isinstance(given, list) else [given])
    )


def filled(form: Form, changed: Given) -> dict[str, Any]:
    """Return what a form holds, with some of its fields changed."""
    held = {each.name: list(each.values) for each in form.fields}
    return {**held, **changed}


@dataclass
class Play:
    """A case while it is played; forms and buttons are those last shown to each person."""

    desk: Desk
    who: Given
    replies: list[Reply] = field(default_factory=list)
    forms: dict[str, Form] = field(default_factory=dict)
    buttons: dict[str, tuple[Button, ...]] = field(default_factory=dict)

    async def take(self, step: Given) -> None:
        """Do what a step says, and keep the reply."""
        if "wait" in step:
            assert isinstance(self.desk.clock, FakeClock)
            self.desk.clock.advance(span_of(step["wait"]).total_seconds())
            return
        who = _who({**self.who, **step.get("by", {})})
        reply = await self._reply(step, who)
        self.replies.append(reply)
        if isinstance(reply, Form):
            self.forms[who["user_id"]] = reply
            return
        card = reply.card if isinstance(reply, Revised) else reply
        self.buttons[who["user_id"]] = card.buttons or self.buttons.get(who["user_id"], ())

    async def _reply(self, step: Given, who: dict[str, Any]) -> Reply:
        if "order" in step:
            order = replace(order_of(step["order"]), **who)
            reply = await commands.carry_out(order, self.desk)
            assert not isinstance(reply, Form) or _opens_form(order), "declare opens_form"
            return reply
        if "press" in step:
            button = self._button(step["press"], who["user_id"])
            request = Request(**who, action=button.action, target=button.target)
            reply = await commands.answer(request, self.desk)
            assert not isinstance(reply, Form) or button.action.opens_form, "Discord takes no form"
            return reply
        form = self.forms[step.get("form_of", who["user_id"])]
        values = arguments(filled(form, step["fill"]))
        submission = Submission(**who, form=form.name, draft=form.draft, values=values)
        return await commands.submit(submission, self.desk)

    def _button(self, given: str | Given, user: str) -> Button:
        if isinstance(given, str):
            return self._labelled(given, user)
        if "of" in given:
            return self._labelled(given["label"], given["of"])
        return Button(action=Action(given["action"]), label="", target=given["target"])

    def _labelled(self, label: str, user: str) -> Button:
        (button,) = [button for button in self.buttons[user] if button.label == label]
        return button


async def played(case: Given, desk: Desk) -> list[Any]:
    """Return what a case is answered with, step after step, as it is written in the case."""
    who = {key: value for key, value in case["order"].items() if key in _WHO}
    play = Play(desk, who)
    for step in ({"order": case["order"]}, *case.get("steps", [])):
        await play.take(step)
    return [written_reply(reply) for reply in play.replies]


_WHO = {"workspace", "channel", "user", "standing"}


def written_reply(reply: Reply) -> Any:
    """Write a reply down."""
    match reply:
        case Form():
            return _written_form(reply)
        case Revised():
            return {"in_place": written(reply.card)}
        case _:
            return written(reply)


def _opens_form(order: Order) -> bool:
    """Say whether a command is declared to open a form, as Discord must know before it asks."""
    understood = read(order, MENU)
    if isinstance(understood, Mistake):
        return understood.incomplete is not None  # Typed, and so not on Discord.
    given = (understood.group, understood.verb)
    return any(spec.opens_form for spec in MENU.commands if (spec.group, spec.verb) == given)


def _written_form(form: Form) -> dict[str, Any]:
    """Write down what a form asks for, with what it holds, and what is wrong with it."""
    held = {each.name: list(each.values) for each in form.fields}
    said = {
        "form": form.name,
        "title": form.title,
        "fields": {
            name: values[0] if len(values) == 1 else values for name, values in held.items()
        },
    }
    mistakes = {each.name: each.mistake for each in form.fields if each.mistake}
    return {**said, "mistakes": mistakes} if mistakes else said


def written(value: object) -> Any:
    """Write a card down: what it says, and nothing that is as it is by default."""
    match value:
        case Button():
            return value.label
        case Passage():
            return _marked(value)
        case StrEnum():
            return value.value
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case bytes():
            return "a PNG" if value.startswith(b"\x89PNG") else "bytes"
        case tuple():
            return [written(each) for each in value]
        case _ if is_dataclass(value):
            return {
                f.name: written(v) for f in fields(value) if _said(f, v := getattr(value, f.name))
            }
        case _:
            return value


def _said(field_: Any, value: object) -> bool:
    return field_.default is MISSING or value != field_.default


def _marked(passage: Passage) -> str:
    """Return a passage with brackets around what stands out."""
    text = passage.text
    for start, end in sorted(passage.marks, reverse=True):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text

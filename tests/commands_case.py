"""Cases of commands: what somebody orders, presses and fills in, and what is answered.

A case is a YAML file: an `order`, the `steps` after it, and the `replies` to all of them in turn.

    order: {group: watch, text: add, standing: admin}
    steps:
    - fill: {title: Port Avel, when: avel}     # sends the form that was opened last, so changed
    - press: Save                              # a button of the card that stands, by its label
    - press: {action: undo, target: made-up}   # or any other, as somebody could forge it
    - order: {group: watch, text: list}        # another command
      by: {user: U2, channel: C2}              # by somebody else, elsewhere, of other standing
    - wait: 25h                                # answered by nothing

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
from bot.commands import Desk
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
    """A case while it is played."""

    desk: Desk
    who: Given
    replies: list[Reply] = field(default_factory=list)
    form: Form | None = None
    buttons: tuple[Button, ...] = ()

    async def take(self, step: Given) -> None:
        """Do what a step says, and keep the reply."""
        if "wait" in step:
            assert isinstance(self.desk.clock, FakeClock)
            self.desk.clock.advance(span_of(step["wait"]).total_seconds())
            return
        reply = await self._reply(step, {**self.who, **step.get("by", {})})
        self.replies.append(reply)
        if isinstance(reply, Form):
            self.form = reply
            return
        self.buttons = (reply.card if isinstance(reply, Revised) else reply).buttons

    async def _reply(self, step: Given, who: Given) -> Reply:
        if "order" in step:
            return await commands.carry_out(order_of({**who, **step["order"]}), self.desk)
        if "press" in step:
            button = self._button(step["press"])
            request = Request(**_who(who), action=button.action, target=button.target)
            return await commands.answer(request, self.desk)
        assert self.form is not None
        submission = Submission(
            **_who(who),
            form=self.form.name,
            draft=self.form.draft,
            values=arguments(filled(self.form, step["fill"])),
        )
        return await commands.submit(submission, self.desk)

    def _button(self, given: str | Given) -> Button:
        if not isinstance(given, str):
            return Button(action=Action(given["action"]), label="", target=given["target"])
        (button,) = [button for button in self.buttons if button.label == given]
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
            said = written(replace(reply, draft=""))
            return {"form": said.pop("name"), **{k: v for k, v in said.items() if k != "draft"}}
        case Revised():
            return {"in_place": written(reply.card)}
        case _:
            return written(reply)


def written(value: object) -> Any:
    """Write a card or form down: what it says, and nothing that is as it is by default."""
    match value:
        case Button():
            return value.label
        case Passage():
            return _marked(value)
        case StrEnum():
            return value.value
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
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

"""Help for the tests of commands: a desk, and orders in a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.commands import MENU, Desk, carry_out
from bot.model import Argument, Card, Feed, Order, Rule, Standing
from bot.ports import Store
from bot.rules import Names, read_rule
from bot.store.memory import MemoryStore
from tests.fakes import FakeChat, FakeClock

WORKSPACE = "T1"
"""The workspace of FakeChat."""


def a_desk(
    archive: Store | None = None,
    *,
    rules: Sequence[Rule] = (),
    feeds: Sequence[Feed] = (),
    names: Names | None = None,
    clock: FakeClock | None = None,
    prefix: str = "",
) -> Desk:
    """A desk whose one chat is the Slack workspace T1."""
    known, clock = names or Names(), clock or FakeClock()
    return Desk(
        archive=archive or MemoryStore(),
        clock=clock,
        menu=replace(MENU, prefix=prefix),
        rules={rule.name: read_rule(rule, known) for rule in rules},
        feeds=tuple(feeds),
        names=known,
        chats=[FakeChat(clock, "slack")],
    )


def an_order(group: str, text: str = "", **changed: Any) -> Order:
    """What a member of T1 typed after `/group`."""
    given: dict[str, Any] = {
        "workspace": WORKSPACE,
        "channel_id": "C1",
        "user_id": "U1",
        "standing": Standing.MEMBER,
        "group": group,
        "text": text,
    }
    return Order(**(given | changed))


def filled(group: str, verb: str, **values: str) -> Order:
    """What a platform with options makes of a command."""
    arguments = tuple(Argument(name=name, value=value) for name, value in values.items())
    return an_order(group, verb=verb, arguments=arguments)


async def typed(desk: Desk, line: str) -> Card:
    """The answer to a line such as `/news latest`, typed by a member of T1."""
    group, _, text = line.removeprefix("/").partition(" ")
    return await carry_out(an_order(group.removeprefix(desk.menu.prefix), text), desk)

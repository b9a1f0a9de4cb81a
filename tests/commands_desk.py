"""Help for the tests of commands: a desk, and orders in a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot import commands
from bot.commands import MENU, Desk, Web
from bot.model import Argument, Card, Feed, Form, Order, Reply, Request, Revised, Rule, Standing
from bot.ports import Fetcher, Store
from bot.rulebook import Rulebook
from bot.rules import Names, read_rule
from bot.rules.match import Matcher
from bot.settings import rules_yaml
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from bot.watch import Given, Watch
from tests.fakes import FakeChat, FakeClock, FakePublishers, FakeSandbox

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
    fetcher: Fetcher | None = None,
) -> Desk:
    """A desk whose one chat is the Slack workspace T1."""
    known, clock = names or Names(), clock or FakeClock()
    register = archive if isinstance(archive, MemoryStore | SqlStore) else OpenStore()
    compiled = {rule.name: read_rule(rule, known) for rule in rules}
    given = Given(rules=compiled, feeds=tuple(feeds), names=known)
    return Desk(
        archive=archive or OpenStore(),
        register=register,
        clock=clock,
        menu=replace(MENU, prefix=prefix),
        watch=Watch(given, register, Rulebook(Matcher(list(compiled.values()))), clock),
        write_rules=rules_yaml,
        web=Web(fetcher or FakePublishers(clock), FakeSandbox()),
        chats=[FakeChat(clock, "slack")],
    )


def without_rules(desk: Desk) -> Desk:
    """The same desk, where nothing is watched any more."""
    given = Given(feeds=desk.feeds, names=desk.names)
    empty = Watch(given, OpenStore(), Rulebook(Matcher(())), desk.clock)
    return replace(desk, watch=empty)


class OpenStore(MemoryStore):
    """A store that is open from the beginning."""

    def __init__(self) -> None:
        super().__init__()
        self._is_open = True


def card_of(reply: Reply) -> Card:
    """The card that a person is shown."""
    assert not isinstance(reply, Form)
    return reply.card if isinstance(reply, Revised) else reply


async def carry_out(order: Order, desk: Desk) -> Card:
    """The card that answers an order."""
    return card_of(await commands.carry_out(order, desk))


async def answer(request: Request, desk: Desk) -> Card:
    """The card that answers a press."""
    return card_of(await commands.answer(request, desk))


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

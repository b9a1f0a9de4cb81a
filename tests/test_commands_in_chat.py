"""Every case of every command, through both platforms' real libraries and emulators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import serve_of
from bot.commands import Desk
from bot.commands.typed import Mistake, read
from bot.model import Card, Menu, Order, Reply, Request, Standing
from bot.ports import Clock, Serve
from bot.store.memory import MemoryStore
from tests.commands_archive import NOW, desk_of, shelf
from tests.commands_case import FILES as ALL
from tests.commands_case import case_of, order_of
from tests.commands_desk import card_of
from tests.contracts.commands import CommandHarness, FakeDesk, Seen
from tests.fakes import FakeClock
from tests.test_discord_commands import discord_commands
from tests.test_slack_commands import slack_commands


def is_read_through(path: Path) -> bool:
    """Say whether a case is a command and the pages of its answer, and opens no form."""
    case = case_of(path)
    turns = all(step in ({"press": "Older"}, {"press": "Newer"}) for step in case.get("steps", []))
    return turns and not any("form" in reply for reply in case["replies"])


FILES = [path for path in ALL if is_read_through(path)]
ROUND = str.maketrans("[]", "()")


@dataclass(kw_only=True)
class RealDesk(FakeDesk):
    """The commands themselves behind an adapter, asked from the workspace of a case."""

    real: Desk
    workspace: str
    cards: list[Card] = field(default_factory=list)

    def serve(self, clock: Clock, menu: Menu | None = None) -> Serve:
        return super().serve(clock, menu or self.real.menu)

    async def carry_out(self, order: Order) -> Reply:
        asked = replace(order, workspace=self.workspace)
        return self._kept(await serve_of(self.real).carry_out(asked))

    async def answer(self, request: Request) -> Reply:
        asked = replace(request, workspace=self.workspace)
        return self._kept(await serve_of(self.real).answer(asked))

    def _kept(self, reply: Reply) -> Reply:
        self.cards.append(card_of(reply))
        return reply


async def real_desk(case: dict[str, Any]) -> RealDesk:
    """Return the commands over the archive of the cases."""
    store = MemoryStore()
    await store.open()
    await shelf().remember(store)
    return RealDesk(real=desk_of(store, "acme-"), workspace=order_of(case["order"]).workspace)


def said_in(card: Card) -> list[str]:
    """Return all words of a card, in the brackets that every platform shows."""
    parts = [
        card.title,
        *card.notes,
        *card.why,
        *(line.text for line in card.lines),
        *(item.title for item in card.items),
        *(item.source for item in card.items),
        *(item.passage.text for item in card.items if item.passage),
        *(passage.text for passage in card.summary),
    ]
    return [part.translate(ROUND) for part in parts]


async def played(harness: CommandHarness, case: dict[str, Any]) -> Seen:
    """Press what the case presses, and return the one answer that then stands."""
    presses = [step["press"] for step in case.get("steps", [])]
    for number, label in enumerate(presses, 2):
        assert isinstance(harness.desk, RealDesk)
        labels = [button.label for button in harness.desk.cards[-1].buttons]
        await harness.press(labels.index(label))
        await harness.answers(number)
    (seen,) = await harness.answers(1 + len(presses))
    return seen


def assert_shown(harness: CommandHarness, seen: Seen, desk: RealDesk) -> None:
    """The person sees the last card, all of it, and nothing that the platform would refuse."""
    card, words = desk.cards[-1], seen.words.translate(ROUND)

    assert [part for part in said_in(card) if part not in words] == []
    assert seen.buttons == len(card.buttons)
    assert seen.mentions == []
    assert harness.faults() == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_a_case_is_answered_in_slack(path: Path) -> None:
    """What is typed in Slack is answered once, with all that the card says, page after page."""
    case = case_of(path)
    order = order_of(case["order"])
    text = order.text or " ".join([order.verb, *(given.value for given in order.arguments)])
    desk = await real_desk(case)
    async with slack_commands(FakeClock(NOW), desk) as harness:
        harness.become(order.standing)
        await harness.command(order.group, text)
        await harness.answers(1)

        assert_shown(harness, await played(harness, case), desk)


def filled(paths: Sequence[Path]) -> list[Any]:
    """Return the cases that Discord lets a person give, with the order that its options make."""
    found = []
    for path in paths:
        order = order_of(case_of(path)["order"])
        understood = read(order, desk_of(MemoryStore()).menu)
        if not isinstance(understood, Mistake):
            found.append(pytest.param(path, understood, id=path.stem))
    return found


@pytest.mark.parametrize(("path", "order"), filled(FILES))
async def test_a_case_is_answered_on_discord(path: Path, order: Order) -> None:
    """What is chosen on Discord is answered once, with all that the card says, page after page."""
    case = case_of(path)
    desk = await real_desk(case)
    async with discord_commands(FakeClock(NOW), desk) as harness:
        harness.become(order.standing)
        options = {given.name: given.value for given in order.arguments}
        await harness.command(order.group, order.verb, **options)
        await harness.answers(1)

        assert_shown(harness, await played(harness, case), desk)


def test_most_cases_run_on_both_platforms() -> None:
    """Only what is typed wrongly cannot be given where a platform has options."""
    assert len(filled(FILES)) >= 0.8 * len(FILES)
    assert {Standing.GUEST, Standing.MEMBER, Standing.ADMIN} == {
        order_of(case_of(path)["order"]).standing for path in FILES
    }

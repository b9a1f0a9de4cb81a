"""Every command, case by case: an order and its card in tests/cases/commands, over both stores.

A case is `<group>.<verb>.<what>.yaml`: an order, the card, and the pages that buttons lead on to.
`python -m tests.test_commands_cases` writes down what the commands answer now; look at it well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands import COMMANDS, Desk
from bot.model import Argument, Button, Order, Passage, Request, Standing
from bot.ports import Store
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from tests.commands_archive import CASES, desk_of, shelf
from tests.commands_desk import answer, carry_out

FILES = sorted(path for path in CASES.glob("*.yaml") if path.name != "archive.yaml")


@pytest.fixture(params=["memory", "sql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each store with the archive."""
    made: Store = MemoryStore() if request.param == "memory" else SqlStore(tmp_path / "case.db")
    await made.open()
    await shelf().remember(made)
    yield made
    await made.close()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_an_order_gets_the_card_of_its_case(path: Path, store: Store) -> None:
    """What a person asks is answered with the card that the case says, page after page."""
    case = _read(path)

    assert await played(case, desk_of(store, case.get("prefix", ""))) == case["cards"]


def _read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


def test_every_command_has_a_case() -> None:
    """No command is without a card that somebody looked at."""
    cased = {tuple(path.name.split(".")[:2]) for path in FILES}

    assert cased == {(command.spec.group, command.spec.verb) for command in COMMANDS}


async def played(case: Mapping[str, Any], desk: Desk) -> list[Any]:
    """Return the cards that answer a case's order and the presses after it."""
    order = order_of(case["order"])
    cards = [await carry_out(order, desk)]
    for label in case.get("presses", []):
        (button,) = [button for button in cards[-1].buttons if button.label == label]
        cards.append(await answer(press_of(button, order), desk))
    return [written(card) for card in cards]


def order_of(given: Mapping[str, Any]) -> Order:
    """Return an order; a platform fills `verb` and `values`, or leaves `text`."""
    return Order(
        workspace=given.get("workspace", "T1"),
        channel_id="C1",
        user_id="U1",
        standing=Standing(given.get("standing", "member")),
        group=given["group"],
        verb=given.get("verb", ""),
        arguments=tuple(Argument(name=n, value=v) for n, v in given.get("values", {}).items()),
        text=given.get("text", ""),
    )


def press_of(button: Button, order: Order) -> Request:
    """Return a press of a button by whoever gave the order."""
    return Request(
        workspace=order.workspace,
        channel_id=order.channel_id,
        user_id=order.user_id,
        action=button.action,
        target=button.target,
        standing=order.standing,
    )


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
        case tuple():
            return [written(each) for each in value]
        case _ if is_dataclass(value):
            return {
                f.name: written(v) for f in fields(value) if _said(f, v := getattr(value, f.name))
            }
        case _:
            return value


def _said(field: Any, value: object) -> bool:
    return field.default is MISSING or value != field.default


def _marked(passage: Passage) -> str:
    """Return a passage with brackets around what stands out."""
    text = passage.text
    for start, end in sorted(passage.marks, reverse=True):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


async def _now(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case with the cards that the commands answer now."""
    store = MemoryStore()
    await store.open()
    await shelf().remember(store)
    return {**case, "cards": await played(case, desk_of(store, case.get("prefix", "")))}


if __name__ == "__main__":
    for path in FILES:
        case = asyncio.run(_now(_read(path)))
        text = yaml.safe_dump(case, sort_keys=False, allow_unicode=True, width=100)
        path.write_text(text, encoding="utf-8")

"""Every command, case by case: what is asked and answered, over both stores.

A case is tests/cases/commands/<group>.<verb>.<what>.yaml; see tests/commands_case.py.
`python -m tests.test_commands_cases` writes down what is answered now; look at it well.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands import COMMANDS, FORMS
from bot.ports import Store
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from tests.commands_archive import desk_of, shelf
from tests.commands_case import FILES, case_of, played


@pytest.fixture(params=["memory", "sql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each store with the archive."""
    made: Store = MemoryStore() if request.param == "memory" else SqlStore(tmp_path / "case.db")
    await made.open()
    await shelf().remember(made)
    yield made
    await made.close()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_what_is_asked_is_answered_as_its_case_says(path: Path, store: Store) -> None:
    """Every command, press and form of a case gets the reply that the case says, one by one."""
    case = case_of(path)

    assert await played(case, desk_of(store, case.get("prefix", ""))) == case["replies"]


def test_every_command_has_a_case() -> None:
    """No command is without a card that somebody looked at."""
    cased = {tuple(path.name.split(".")[:2]) for path in FILES}

    assert cased == {(command.spec.group, command.spec.verb) for command in COMMANDS}


def replied(case: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each step of a case with its reply."""
    steps = [{"order": case["order"]}, *case.get("steps", [])]
    yield from zip((step for step in steps if "wait" not in step), case["replies"], strict=True)


def test_every_form_has_a_case() -> None:
    """No form of rules is without a case that opens it."""
    opened = {
        reply["form"] for path in FILES for _, reply in replied(case_of(path)) if "form" in reply
    }

    assert opened >= {form.name for form in FORMS if form.name.startswith("watch.")}


async def _now(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case with what is answered now."""
    store = MemoryStore()
    await store.open()
    await shelf().remember(store)
    return {**case, "replies": await played(case, desk_of(store, case.get("prefix", "")))}


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]) if sys.argv[1:] else FILES:
        case = asyncio.run(_now(case_of(path)))
        text = yaml.safe_dump(case, sort_keys=False, allow_unicode=True, width=100)
        path.write_text(text, encoding="utf-8")

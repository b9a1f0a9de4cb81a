"""Edits in a service that runs."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot.model import Rule
from bot.rulebook import Rulebook
from bot.rules.index import Folding
from bot.rules.index.segment import Segment
from bot.rules.match import Matcher
from bot.rules.rule import Names
from tests.rules_desk import a_rule, an_article

PORT = an_article("A port.")


def _names(rulebook: Rulebook) -> list[str]:
    return [match.rule for match in rulebook.match(PORT)]


def _rulebook(number: int) -> Rulebook:
    rules = [Rule(name=f"old-{n}", title="", when="port", to=()) for n in range(number)]
    return Rulebook(Matcher.of_texts(rules, Names())[0])


async def test_an_edit_counts_at_once() -> None:
    """Who adds, changes or removes a rule sees it with the next article."""
    rulebook = _rulebook(2)

    rulebook.put(a_rule("port", name="new"))
    rulebook.put(a_rule("zebra", name="old-0"))
    assert _names(rulebook) == ["old-1", "new"]
    assert rulebook.drop("old-1")
    assert not rulebook.drop("old-1")
    assert _names(rulebook) == ["new"]
    assert not rulebook.drop("never-there")


async def test_edits_made_while_others_are_folded_in_stay_in_force(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A build that is under way undoes nothing that is edited meanwhile."""
    rulebook, begun, go_on = _rulebook(3), threading.Event(), threading.Event()
    build = Folding.build

    def slowly(folding: Folding) -> Segment:
        begun.set()
        go_on.wait(10)
        return build(folding)

    monkeypatch.setattr(Folding, "build", slowly)
    rulebook.put(a_rule("port", name="before"))
    rulebook.put(a_rule("port", name="changed"))
    folding = asyncio.create_task(rulebook.fold())
    await asyncio.to_thread(begun.wait, 10)

    rulebook.put(a_rule("zebra", name="changed"))
    rulebook.put(a_rule("port", name="after"))
    rulebook.drop("old-1")
    rulebook.drop("before")
    during = _names(rulebook)
    go_on.set()
    await folding

    assert during == ["old-0", "old-2", "after"]
    assert _names(rulebook) == during
    await rulebook.fold()
    assert _names(rulebook) == during


async def test_many_edits_are_folded_in_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small index of edits does not grow without end."""
    monkeypatch.setattr("bot.rules.match.FOLD_FROM", 5)
    matcher = Matcher()
    rulebook = Rulebook(matcher)
    running = asyncio.create_task(rulebook.run())

    for n in range(12):
        rulebook.put(a_rule("port", name=str(n)))
        rulebook.drop(str(n - 1))
    async with asyncio.timeout(10):
        while matcher.wants_folding:  # noqa: ASYNC110 - what is waited for happens in a thread
            await asyncio.sleep(0.01)
    running.cancel()

    assert _names(rulebook) == ["11"]
    with pytest.raises(asyncio.CancelledError):
        await running

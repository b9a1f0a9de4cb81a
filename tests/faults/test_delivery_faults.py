"""Whatever stops a delivery, whenever: nothing is lost and nothing is doubled.

The last tests take one rule of the protocol away at a time and show that the chaos notices.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.model import (
    Absent,
    AlertState,
    InDoubt,
    MessageRef,
    Outcome,
    Posted,
    Postponed,
    Sighting,
    Unseen,
)
from bot.ports import Claim, DeliveryPolicy, Store
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from tests.fakes import Mishap
from tests.faults.chaos import POLICY, Chaos, Reopen
from tests.faults.killing import kill_often

NOWHERE = MessageRef(workspace="T1", channel_id="C1", message_id="never accepted")


def memory(kind: type[MemoryStore] = MemoryStore, policy: DeliveryPolicy = POLICY) -> Reopen:
    """Keep one store in memory; closing and opening it is what a restart is to it."""
    kept = kind(policy)

    async def reopen() -> Store:
        await kept.close()
        await kept.open()
        return kept

    return reopen


def database(path: Path) -> Reopen:
    """Keep a database; a restart opens it anew."""
    stores: list[SqlStore] = []

    async def reopen() -> Store:
        for store in stores:
            await store.close()
        stores[:] = [SqlStore(path, POLICY)]
        await stores[0].open()
        return stores[0]

    return reopen


async def wreak(reopen: Reopen, **changes: Any) -> Chaos:
    """Run the chaos with its log kept quiet."""
    chaos = Chaos(reopen, **changes)
    with capture_logs():
        await chaos.run()
    return chaos


@pytest.mark.parametrize("seed", range(4))
async def test_chaos_loses_and_doubles_nothing(seed: int) -> None:
    """Through lost answers, silence, refusals and restarts every alert is one message."""
    chaos = await wreak(memory(), seed=seed)

    assert (chaos.lost, chaos.doubled) == (0, 0)
    assert len(chaos.chat.accepted) == chaos.alerts
    assert chaos.lives > 10
    assert len(chaos.chat.looked) > 10


@pytest.mark.parametrize("seed", range(2))
async def test_chaos_over_a_database_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    """What holds in memory holds over SQLite, whose writes take time in which one can die."""
    chaos = await wreak(database(tmp_path / "redline.db"), seed=seed, alerts=60, pause=0.003)

    assert (chaos.lost, chaos.doubled) == (0, 0)
    assert len(chaos.chat.accepted) == chaos.alerts
    assert chaos.lives > 3


@pytest.mark.parametrize("mishap", Mishap)
async def test_a_crash_at_any_moment_loses_and_doubles_nothing(mishap: Mishap) -> None:
    """For every mishap: a process that dies at its first, second, … await leaves the truth."""
    for moment in range(70):
        chaos = Chaos(memory(), seed=0, alerts=3, channels=2)
        chaos.chat.misbehave(iter([Mishap.NONE, mishap, *[Mishap.NONE] * 99]).__next__)
        with capture_logs():
            await chaos.die_at(moment)

        assert (moment, chaos.lost, chaos.doubled) == (moment, 0, 0)


@pytest.mark.parametrize("mishap", [Mishap.NONE, Mishap.DROPPED, Mishap.RAISE_BEFORE])
async def test_a_crash_while_gathering_tells_every_story_once(mishap: Mishap) -> None:
    """Whenever a process dies, each story that waits stands in one digest that was posted once."""
    for moment in range(60):
        chaos = Chaos(memory(), seed=0, alerts=1, channels=2, digested=9)
        chaos.chat.misbehave(iter([mishap, *[Mishap.NONE] * 99]).__next__)
        with capture_logs():
            await chaos.die_at(moment)

        assert (moment, chaos.gathered, chaos.lost, chaos.doubled) == (moment, 9, 0, 0)


async def test_chaos_tells_every_story_of_a_digest_once() -> None:
    """Digests come through the same chaos as the alerts beside them."""
    chaos = await wreak(memory(), seed=5, digested=60)

    assert (chaos.gathered, chaos.lost, chaos.doubled) == (60, 0, 0)


async def test_killed_processes_lose_and_double_nothing(tmp_path: Path) -> None:
    """A sender that is killed -9 again and again posts every alert once."""
    verdict = await kill_often(tmp_path, alerts=80, seed=3)

    assert (verdict.lost, verdict.doubled, verdict.unsettled) == (0, 0, 0)
    assert verdict.kills > 3


# --- without one of its rules the protocol fails, and the chaos sees it -------------------------


class Impatient(MemoryStore):
    """Takes doubt for a refusal: sends again without looking (against rule 4)."""

    async def settle(self, claim: Claim, outcome: Outcome, now: datetime) -> bool:
        if isinstance(outcome, InDoubt):
            outcome = Postponed(outcome.why, timedelta(seconds=1))
        return await super().settle(claim, outcome, now)


class Forgetful(MemoryStore):
    """Writes no intent before the send (against rule 3): a restart finds the alert owed."""

    async def open(self) -> None:
        sending = [kept for kept in self._pages.alerts.values() if kept.standing.state == "sending"]
        await super().open()
        for kept in sending:
            self._stand(kept, replace(kept.standing, state=AlertState.OWED, fence=None))


class Credulous(MemoryStore):
    """Takes a look that saw nothing for a look that found nothing (against rule 4)."""

    async def settle_look(self, claim: Claim, sighting: Sighting, now: datetime) -> bool:
        return await super().settle_look(
            claim, Absent() if isinstance(sighting, Unseen) else sighting, now
        )


class Hopeful(MemoryStore):
    """Takes doubt for success: what was not accepted is never sent."""

    async def settle(self, claim: Claim, outcome: Outcome, now: datetime) -> bool:
        if isinstance(outcome, InDoubt):
            outcome = Posted(NOWHERE)
        return await super().settle(claim, outcome, now)


HASTY = replace(POLICY, settle=timedelta(0))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (Impatient, {}),
        (Credulous, {"blind": True, "most_lives": 60}),
        (MemoryStore, {"policy": HASTY}),
    ],
    ids=["doubt is owed", "unseen is absent", "no settle time"],
)
async def test_without_a_rule_alerts_are_doubled(
    kind: type[MemoryStore], changes: dict[str, Any]
) -> None:
    """Each rule of the protocol is needed: without it, messages are posted twice."""
    policy = changes.get("policy", POLICY)
    chaos = await wreak(memory(kind, policy), seed=1, **changes)

    assert chaos.doubled > 0


async def test_without_the_intent_a_crash_doubles() -> None:
    """Without the intent, a process that dies between a send and its answer posts twice."""
    doubled = 0
    for moment in range(70):
        chaos = Chaos(memory(Forgetful), seed=0, alerts=3, channels=2)
        with capture_logs():
            await chaos.die_at(moment)
        doubled += chaos.doubled

    assert doubled > 0


async def test_blindness_alone_doubles_nothing() -> None:
    """With all rules in force, a channel that cannot be looked into costs time, not truth."""
    chaos = await wreak(memory(), seed=1, blind=True, most_lives=60)

    assert (chaos.lost, chaos.doubled) == (0, 0)


async def test_taking_doubt_for_success_loses_alerts() -> None:
    """Were doubt taken for success, alerts would be lost."""
    chaos = await wreak(memory(Hopeful), seed=1)

    assert chaos.lost > 0

"""Kill -9, for real: a process delivers from a database to a platform that we are, and dies often.

The platform drops answers, hangs, refuses for now, accepts late, and kills the sender before it
accepts, after it accepted, and after it answered; a timer kills it besides. What the platform
accepted is the truth.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.model import AlertState, ChannelRef
from bot.store.sql import SqlStore
from tests.contracts.chat import key_of
from tests.contracts.store_world import NOW, owed, owing
from tests.faults.child import PLATFORM, POLICY

ROOT = Path(__file__).parents[2]
CHANNELS = 40
BATCH = 250
LATE = (0.5, 1.2)  # Seconds; the settle time is 2.
LIFE = (0.02, 0.6)  # Seconds until the timer kills.


class Fate(enum.StrEnum):
    """What happens to one request to post."""

    ACCEPTED = "accepted and answered"
    DROPPED = "accepted, connection closed without an answer"
    SILENT = "accepted, never answered"
    REFUSED = "connection closed before it was accepted"
    LATE = "never answered, accepted later"
    LIMITED = "refused for now"
    KILLED_BEFORE = "sender killed before it was accepted"
    KILLED_AFTER = "sender killed after it was accepted, before the answer"
    KILLED_ANSWERED = "sender killed right after the answer"


WEIGHTS = {
    Fate.ACCEPTED: 60,
    Fate.DROPPED: 6,
    Fate.SILENT: 3,
    Fate.REFUSED: 6,
    Fate.LATE: 3,
    Fate.LIMITED: 6,
    Fate.KILLED_BEFORE: 2,
    Fate.KILLED_AFTER: 2,
    Fate.KILLED_ANSWERED: 2,
}


ACCEPTED_AT_ONCE = {
    Fate.ACCEPTED,
    Fate.DROPPED,
    Fate.SILENT,
    Fate.KILLED_AFTER,
    Fate.KILLED_ANSWERED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was lost and doubled, and what it went through."""

    alerts: int
    lost: int
    doubled: int
    unsettled: int
    kills: int
    requests: int
    looks: int
    seconds: float
    fates: dict[str, int]


@dataclass
class Nursery:
    """Gives life to senders, one at a time, and takes it."""

    process: asyncio.subprocess.Process
    pid: int = 0
    kills: int = 0
    died: asyncio.Event = field(default_factory=asyncio.Event)

    async def bear(self, database: Path, port: int) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{database} {port}\n".encode())
        self.pid = int(await self.process.stdout.readline())
        self.died.clear()

    def kill(self) -> None:
        """Kill the sender, if one lives."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.kills += 1
            self.pid = 0
            self.died.set()


@contextlib.asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """Run the process that gives birth to senders."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.child", stdin=pipe, stdout=pipe, cwd=ROOT
    )
    nurse = Nursery(process)
    try:
        yield nurse
    finally:
        nurse.kill()
        assert process.stdin
        process.stdin.close()
        await process.wait()


@dataclass
class WirePlatform:
    """The platform: it takes messages in, or not, and tells what it has."""

    nurse: Nursery
    dice: random.Random
    calm: bool = False
    accepted: list[str] = field(default_factory=list)
    fates: Counter[Fate] = field(default_factory=Counter)
    looks: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            line = await reader.readline()
            if line.endswith(b"\n"):
                await self._answer(json.loads(line), writer)
        writer.close()

    async def _answer(self, request: dict[str, str], writer: asyncio.StreamWriter) -> None:
        if request["do"] == "find":
            self.looks += 1
            found = {"message": request["key"]} if request["key"] in self.accepted else {}
            await self._say(writer, found or {"absent": True})
        else:
            await self._take(request["key"], writer)

    async def _take(self, key: str, writer: asyncio.StreamWriter) -> None:
        fate = self._choose()
        self.fates[fate] += 1
        if fate in ACCEPTED_AT_ONCE:
            self.accepted.append(key)
        if fate in {Fate.KILLED_BEFORE, Fate.KILLED_AFTER}:
            self.nurse.kill()
        if fate is Fate.LATE:
            task = asyncio.create_task(self._accept_late(key))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        if fate in {Fate.SILENT, Fate.LATE}:
            await asyncio.sleep(POLICY.send_timeout.total_seconds() * 2)
        if fate is Fate.LIMITED:
            await self._say(writer, {"wait": self.dice.uniform(0.01, 0.3)})
        if fate in {Fate.ACCEPTED, Fate.KILLED_ANSWERED}:
            await self._say(writer, {"message": key})
        if fate is Fate.KILLED_ANSWERED:
            self.nurse.kill()

    def _choose(self) -> Fate:
        if self.calm:
            return Fate.ACCEPTED
        return self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]

    async def _accept_late(self, key: str) -> None:
        await asyncio.sleep(self.dice.uniform(*LATE))
        self.accepted.append(key)

    async def _say(self, writer: asyncio.StreamWriter, answer: dict[str, Any]) -> None:
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()


async def _owe(database: Path, keys: list[str]) -> None:
    store = SqlStore(database, POLICY)
    await store.open()
    for start in range(0, len(keys), BATCH):
        batch = [
            owed(
                key,
                ChannelRef(PLATFORM, f"#c{number % CHANNELS}"),
                decided_at=NOW + timedelta(microseconds=number),
            )
            for number, key in enumerate(keys[start : start + BATCH], start)
        ]
        await store.remember(owing(*batch))
    await store.close()


async def _unsettled(database: Path) -> int:
    """Count the alerts that are not yet known to be posted."""
    store = SqlStore(database, POLICY, read_only=True)
    await store.open()
    states = (await store.tally()).states
    await store.close()
    return sum(states.values()) - states[AlertState.POSTED]


async def _take_lives(platform: WirePlatform, database: Path, port: int, alerts: int) -> None:
    """Let senders live and die until most is accepted, then let one finish."""
    nurse = platform.nurse
    while len(set(platform.accepted)) < alerts * 0.98:
        await nurse.bear(database, port)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(nurse.died.wait(), platform.dice.uniform(*LIFE))
        nurse.kill()
    platform.calm = True
    await nurse.bear(database, port)
    for _ in range(600):
        if not await _unsettled(database):
            return
        await asyncio.sleep(0.2)


async def kill_often(folder: Path, alerts: int, seed: int) -> Verdict:
    """Deliver `alerts` alerts over as many lives as it takes, and count."""
    database = folder / "redline.db"
    keys = [key_of(number) for number in range(alerts)]
    await _owe(database, keys)
    started = time.monotonic()
    async with nursery() as nurse:
        platform = WirePlatform(nurse, random.Random(seed))
        server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await _take_lives(platform, database, port, alerts)
        kills = nurse.kills
        server.close()
    times = Counter(platform.accepted)
    return Verdict(
        alerts=alerts,
        lost=len(set(keys) - set(times)),
        doubled=sum(1 for count in times.values() if count > 1),
        unsettled=await _unsettled(database),
        kills=kills,
        requests=platform.fates.total(),
        looks=platform.looks,
        seconds=round(time.monotonic() - started, 1),
        fates={str(fate): count for fate, count in platform.fates.most_common()},
    )

"""The process that is killed: a real Delivery over a real database, sending to its parent.

Started as `python -m tests.faults.child`, it is a nursery: for each line `DATABASE PORT` on its
standard input it forks a child that delivers until it is killed, and prints the child's process id.
Forking a process that has imported everything makes a life cheap, so that hundreds can be taken.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.delivery import Delivery, DeliveryOptions
from bot.errors import StoreError
from bot.model import (
    Absent,
    Card,
    ChannelRef,
    Finding,
    Found,
    InDoubt,
    MessageRef,
    Outcome,
    Post,
    Posted,
    Postponed,
    Sighting,
    Unseen,
)
from bot.ports import DeliveryPolicy
from bot.store.sql import SqlStore

PLATFORM = "wire"
POLICY = DeliveryPolicy(
    settle=timedelta(seconds=2),
    lease=timedelta(seconds=4),
    send_timeout=timedelta(seconds=0.4),
    pace=timedelta(seconds=0.02),
)
"""The times of the protocol, shortened sixtyfold, so that a life is worth taking."""


class RealClock:
    """The time of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 -- a process that is really killed lives in real time

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class WireChat:
    """A platform behind a socket: one JSON line for each request and each answer."""

    platform = PLATFORM

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        """Connections are opened for each request."""

    async def close(self) -> None:
        """Connections are closed after each request."""

    async def _ask(self, **request: str) -> dict[str, Any]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            await writer.drain()
            line = await reader.readline()
        finally:
            writer.close()
        answer = json.loads(line or b"{}")
        assert isinstance(answer, dict)
        return answer

    async def send(self, post: Post) -> Outcome:
        try:
            answer = await self._ask(do="send", key=post.key, channel=post.channel.name)
        except ConnectionError as error:
            return InDoubt(type(error).__name__)
        if "message" in answer:
            return Posted(self._named(post, answer))
        if "wait" in answer:
            return Postponed("rate limited", timedelta(seconds=answer["wait"]))
        return InDoubt("no answer")

    async def find(self, post: Post, since: datetime) -> Sighting:
        try:
            answer = await self._ask(do="find", key=post.key, channel=post.channel.name)
        except ConnectionError as error:
            return Unseen(type(error).__name__)
        if "message" in answer:
            return Found(self._named(post, answer))
        return Absent() if answer.get("absent") else Unseen("no answer")

    def _named(self, post: Post, answer: dict[str, Any]) -> MessageRef:
        return MessageRef(
            workspace="T1", channel_id=post.channel.name, message_id=str(answer["message"])
        )

    async def edit(self, message: MessageRef, card: Card) -> Outcome:
        return Posted(message)

    def home_of(self, channel: ChannelRef) -> str | None:
        return None

    def id_of(self, channel: ChannelRef) -> str | None:
        return None

    async def inspect(self, channels: Sequence[ChannelRef]) -> Sequence[Finding]:
        return ()


async def leave_with(nursery: int) -> None:
    """End when the process that bore us is gone: nobody is left to kill us."""
    while os.getppid() == nursery:  # noqa: ASYNC110 -- a parent's death is not announced
        await asyncio.sleep(0.5)
    os._exit(1)


async def deliver(database: Path, port: int) -> None:
    """Deliver what the database owes, until killed."""
    leaving = asyncio.create_task(leave_with(os.getppid()))
    store = SqlStore(database, POLICY)
    while not leaving.done():
        try:
            await store.open()
            break
        except StoreError:  # The one before us is dead, but the system has not buried it yet.
            await asyncio.sleep(0.005)
    options = DeliveryOptions(policy=POLICY)
    await Delivery(store, (WireChat(port),), RealClock(), options).run()


def nurse() -> None:
    """Fork a child for each line that is asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        database, port = line.split()
        pid = os.fork()
        if pid == 0:
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            asyncio.run(deliver(Path(database), int(port)))
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    nurse()

"""A child process that lives with a store until it is killed, and says what was acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import random
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

from bot.errors import StoreError
from bot.model import AlertState, Changed, Posted, Rule
from bot.ports import ChangeQuery
from bot.store.sql import SqlStore
from tests.contracts.store_register import a_change, a_rule, an_errand
from tests.contracts.store_world import NOW, PLATFORMS, article, at, message, owed, owing

Say = Callable[[str, str], None]

CHANNELS_AT_ONCE = 6
MOST_HEARD = 80
LONGEST_WAIT = 0.02


async def _remember(store: SqlStore, life: int, hand: int, say: Say) -> None:
    """Owe one alert after another, and say each that was acknowledged."""
    for number in range(10**6):
        name = f"k{life}-{hand}-{number}"
        await store.remember(owing(owed(name, decided_at=at(life))))
        say("owed", name)


async def _deliver(store: SqlStore, life: int, say: Say) -> None:
    """Claim and settle, on a clock that runs a day a life and a second a message."""
    for number in range(10**6):
        now = at(life * 86400 + number)
        claim = await store.claim(PLATFORMS, now)
        if claim is None:
            await asyncio.sleep(0)
        elif not claim.in_doubt:
            say("intended", claim.post.key)
            if await store.settle(claim, Posted(message(claim.post.key)), now):
                say("posted", claim.post.key)


async def _decide(store: SqlStore, life: int, say: Say) -> None:
    """Add rules and edit each, and say every change that was acknowledged."""
    for number in range(10**6):
        name = f"r{life}-{number}"
        rule = a_rule(name)
        if await store.change(a_change(f"add-{name}", None, rule)) is Changed.DONE:
            say("added", name)
        if await store.change(a_change(f"edit-{name}", rule, edited(rule))) is Changed.DONE:
            say("edited", name)


async def _ask(store: SqlStore, life: int, say: Say) -> None:
    """Take errands and answer every second, and say what was acknowledged."""
    for number in range(10**6):
        name = f"e{life}-{number}"
        if await store.take(an_errand(name)):
            say("taken", name)
        if number % 2:
            await store.done(name)
            say("answered", name)


def edited(rule: Rule) -> Rule:
    """Return a rule as the hand of a life edits it."""
    return replace(rule, when="canal")


async def _live(path: Path, life: int, say: Say) -> None:
    store = SqlStore(path)
    await store.open()
    say("open", str(life))
    hands = [_remember(store, life, hand, say) for hand in range(CHANNELS_AT_ONCE)]
    people = _decide(store, life, say), _ask(store, life, say)
    await asyncio.gather(_deliver(store, life, say), *people, *hands)


def live(path: Path, life: int, pipe: Connection) -> None:
    """Live until killed; a line on the pipe is an acknowledgement."""
    asyncio.run(_live(path, life, lambda said, name: pipe.send((said, name))))


async def _live_small(path: Path, limit: int, say: Say) -> None:
    store = SqlStore(path)
    await store.open()
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
    for number in range(40):
        if number == 35:
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        try:
            await store.remember(owing(owed(f"k{number}")))
            say("owed", f"k{number}")
        except StoreError as error:
            say(str(error), f"k{number}")
    await store.close()


def live_small(path: Path, limit: int, pipe: Connection) -> None:
    """Write forty records, most of them with no file allowed to grow beyond `limit` bytes."""
    asyncio.run(_live_small(path, limit, lambda said, name: pipe.send((said, name))))
    pipe.close()


@dataclass
class Ledger:
    """What was acknowledged before the kills."""

    kills: int = 0
    owed: set[str] = field(default_factory=set)
    intended: set[str] = field(default_factory=set)
    posted: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    edited: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    def note(self, said: str, name: str) -> None:
        """Write down one acknowledgement."""
        if said != "open":
            getattr(self, said).add(name)


def lines(pipe: Connection) -> Iterator[tuple[str, str]]:
    """Yield what was said before the other end died; half a line is no acknowledgement."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            yield pipe.recv()


def kill_often(path: Path, kills: int, seed: int) -> Ledger:
    """Start `kills` children one after the other and kill each somewhere in its work."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.store_life"])
    chance, ledger = random.Random(seed), Ledger()
    for life in range(kills):
        for said, name in _one_life(context, path, life, chance):
            ledger.note(said, name)
        ledger.kills += 1
        check(path, ledger)
    return ledger


def _one_life(
    context: ForkServerContext, path: Path, life: int, chance: random.Random
) -> list[tuple[str, str]]:
    """Kill a child somewhere behind some of its acknowledgements, and return them all."""
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=live, args=(path, life, there), daemon=True)
    child.start()
    there.close()
    heard = [here.recv() for _ in range(1 + chance.randrange(MOST_HEARD))]
    time.sleep(chance.uniform(0, LONGEST_WAIT))
    child.kill()
    heard.extend(lines(here))
    child.join()
    here.close()
    return heard


def check(path: Path, ledger: Ledger) -> None:
    """Open what was left, as the next process does, and compare it with the ledger."""
    # An intent may have been heard of before the news that its alert was owed.
    found = asyncio.run(_found(path, ledger.owed | ledger.intended))
    states = found.states
    missing = {name for name, state in states.items() if state is None}
    assert not missing, f"{len(missing)} acknowledged alerts are missing"
    unsent = {name for name in ledger.intended if states[name] is AlertState.OWED}
    assert not unsent, f"{len(unsent)} intents are forgotten"
    unposted = {name for name in ledger.posted if states[name] is not AlertState.POSTED}
    assert not unposted, f"{len(unposted)} posted alerts are not"
    _check_decisions(found, ledger)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _check_decisions(found: Found, ledger: Ledger) -> None:
    lost = ledger.added - found.rules.keys()
    assert not lost, f"{len(lost)} acknowledged rules are missing"
    undone = {name for name in ledger.edited if found.rules[name] != edited(a_rule(name))}
    assert not undone, f"{len(undone)} acknowledged edits are undone"
    # A thing and its line of the audit trail are there together, or neither is.
    made = {f"add-{name}" for name in found.rules}
    made |= {f"edit-{name}" for name, rule in found.rules.items() if rule == edited(a_rule(name))}
    assert found.changes == made, f"{len(found.changes ^ made)} changes are half done"
    unasked = ledger.taken - ledger.answered - found.pending
    # An answer that was written may not have been heard of.
    assert all(int(name.rpartition("-")[2]) % 2 for name in unasked), "errands are missing"
    again = ledger.answered & found.pending
    assert not again, f"{len(again)} errands would be answered twice"


@dataclass(frozen=True)
class Found:
    """What a process finds that comes after a kill."""

    states: dict[str, AlertState | None]
    rules: dict[str, Rule]
    changes: set[str]
    pending: set[str]


async def _found(path: Path, names: set[str]) -> Found:
    store = SqlStore(path)
    await store.open()
    # Whole records or none: an alert without its article would be half of one.
    assert not names or await store.article("a1") == article()
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = dict(connection.execute("SELECT alert_id, state FROM alerts"))
    rules = {rule.name: rule for rule in await store.kept_rules()}
    changes = {change.id for change in await store.changes(ChangeQuery(limit=10**6))}
    pending = {errand.id for errand in await store.pending("slack", NOW)}
    await store.close()
    states = {name: AlertState(found[name]) if name in found else None for name in names}
    return Found(states, rules, changes, pending)

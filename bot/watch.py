"""What is watched right now: the rules, feeds and mutes of the settings and of the people in chat.

Every change goes through `Watch.change`: into the store in one transaction with its line of the
audit trail, and then into force, without a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

import structlog

from bot.alerts.silence import Locate, channels_of
from bot.errors import RuleError
from bot.judge import Judge
from bot.model import Change, Changed, ChannelRef, Feed, Mute, MuteScope, Rule, Thing
from bot.ports import Clock, FeedStore, Register
from bot.rulebook import Rulebook
from bot.rules import CompiledRule, Names, read_rule

TENDING = timedelta(minutes=1)
"""How often is looked for mutes that have ended. They are quiet no longer than they said."""

log = structlog.get_logger(__name__)


class Memory(Register, FeedStore, Protocol):
    """Where changes are kept, and feeds are given to be polled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the settings say is watched; the files stay its owner."""

    rules: Mapping[str, CompiledRule] = field(default_factory=dict)
    feeds: tuple[Feed, ...] = ()
    names: Names = field(default_factory=Names)


class Watch:
    """The rules, feeds and mutes in force. The mappings are live: whoever holds them sees changes.

    `compiled` and `rules` hold every rule by name, those of the settings first; `feeds` every feed
    by id. `mutes` are by id and may have ended; ask `Mute.holds`.
    """

    feeds_changed: Callable[[], None]
    """Called whenever other feeds are to be polled than before."""

    def __init__(self, given: Given, memory: Memory, rulebook: Rulebook, clock: Clock) -> None:
        """Begin with what the settings say; `load` adds what people decided in chat.

        `rulebook` matches by the rules of `given` already.
        """
        self._given = given
        self._memory = memory
        self._rulebook = rulebook
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._deciding: set[asyncio.Task[Sequence[Changed]]] = set()
        self.feeds_changed = _nobody_listens
        self.names = given.names
        self.compiled: dict[str, CompiledRule] = dict(given.rules)
        self.rules: dict[str, Rule] = {name: one.rule for name, one in given.rules.items()}
        self.feeds: dict[str, Feed] = {feed.id: feed for feed in given.feeds}
        self.mutes: dict[str, Mute] = {}

    async def load(self) -> None:
        """Take in what people decided before, and have the feeds polled.

        A rule that can no longer be read, or whose name the settings have taken since, is left out
        and named in the log; it stays in the store.
        """
        for rule in await self._memory.kept_rules():
            self._take_in(rule)
        for feed in await self._memory.kept_feeds():
            if feed.id in self.feeds:
                log.warning("feed of chat left out", feed=feed.id, why="config/ has its id")
            else:
                self.feeds[feed.id] = feed
        for mute in await self._memory.mutes(self._clock.now()):
            self.mutes[mute.id] = mute
        await self._poll_these()

    async def change(self, change: Change) -> Changed:
        """Write a change down and put it in force.

        Raises:
            RuleError: the rule cannot be read; nothing was written.
        """
        return (await self.change_all((change,)))[0]

    async def change_all(self, changes: Sequence[Change]) -> Sequence[Changed]:
        """Write changes down one after another, and have the feeds polled once, after the last.

        Raises:
            RuleError: a rule cannot be read; it was not written, nor was what comes after it.
        """
        # Whoever waits may give up; what was written down must come into force all the same.
        deciding = asyncio.create_task(self._change_all(changes))
        self._deciding.add(deciding)
        deciding.add_done_callback(self._deciding.discard)
        return await asyncio.shield(deciding)

    async def _change_all(self, changes: Sequence[Change]) -> Sequence[Changed]:
        # What is in force must have changed in the order in which it was written down.
        async with self._one_at_a_time:
            try:
                became = [await self._change(change) for change in changes]
            finally:
                if any(map(_is_of_a_feed, changes)):
                    await self._poll_these()
        return became

    async def forget_ended(self) -> None:
        """Let go of the mutes that have ended; a feed that was silent till now is polled again."""
        async with self._one_at_a_time:
            now = self._clock.now()
            ended = [mute for mute in self.mutes.values() if not mute.holds(now)]
            for mute in ended:
                del self.mutes[mute.id]
            if any(mute.scope is MuteScope.FEED for mute in ended):
                await self._poll_these()

    async def _change(self, change: Change) -> Changed:
        compiled = self._read(change.after) if isinstance(change.after, Rule) else None
        done = await self._memory.change(change)
        if done is Changed.DONE and not change.refused:
            if change.before is not None and _key(change.before) != _key(change.after):
                self._drop(change.before)
            if compiled is not None:
                self._put(compiled)
            elif change.after is not None:
                self._set(change.after)
        return done

    def judge(self, locate: Locate) -> Judge:
        """Return the judge of what is watched: what changes here counts for the next article."""
        return Judge(self._rulebook, self.rules, mutes=self.mutes, locate=locate)

    def channels(self) -> tuple[ChannelRef, ...]:
        """Return every channel that a rule tells, once, in the order of the rules."""
        told = (channel for rule in self.rules.values() for channel in channels_of(rule))
        return tuple(dict.fromkeys(told))

    async def run(self) -> None:
        """Fold many edits into the rules' index, and let mutes end, until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(self._rulebook.run, "edits not folded"))
            tasks.create_task(self._keep(self._let_mutes_end, "ended mutes not forgotten"))

    async def _let_mutes_end(self) -> None:
        while True:
            await self._clock.sleep(TENDING.total_seconds())
            await self.forget_ended()

    async def _keep(self, work: Callable[[], Awaitable[None]], trouble: str) -> None:
        """Begin work anew that breaks: nobody's alerts hang on it, and all else goes on."""
        while True:
            try:
                await work()
            except Exception:
                log.exception(trouble)
            await self._clock.sleep(TENDING.total_seconds())

    def is_paused(self, scope: MuteScope, target: str, workspace: str) -> bool:
        """Say whether people of a workspace paused a rule or feed in chat."""
        return self.pause_of(scope, target, workspace) is not None

    def pause_of(self, scope: MuteScope, target: str, workspace: str) -> Mute | None:
        """Return the pause of a rule or feed that people of a workspace set in chat."""
        pauses = (
            mute
            for mute in self.mutes.values()
            if mute.until is None
            and (mute.scope, mute.target, mute.workspace) == (scope, target, workspace)
        )
        return next(pauses, None)

    def _take_in(self, rule: Rule) -> None:
        if rule.name in self.rules:
            log.warning("rule of chat left out", rule=rule.name, why="config/ has its name")
            return
        try:
            self._put(self._read(rule))
        except RuleError as error:
            log.warning("rule of chat left out", rule=rule.name, why=str(error))

    def _read(self, rule: Rule) -> CompiledRule:
        return read_rule(rule, self.names)

    def _put(self, compiled: CompiledRule) -> None:
        self._rulebook.put(compiled)
        self.compiled[compiled.rule.name] = compiled
        self.rules[compiled.rule.name] = compiled.rule

    def _set(self, thing: Thing) -> None:
        match thing:
            case Feed():
                self.feeds[thing.id] = thing
            case Mute():
                self.mutes[thing.id] = thing
            case Rule():
                self._put(self._read(thing))

    def _drop(self, thing: Thing) -> None:
        match thing:
            case Rule():
                self._rulebook.drop(thing.name)
                self.compiled.pop(thing.name, None)
                self.rules.pop(thing.name, None)
            case Feed():
                self.feeds.pop(thing.id, None)
            case Mute():
                self.mutes.pop(thing.id, None)

    async def _poll_these(self) -> None:
        """Have every feed polled that nobody paused."""
        now = self._clock.now()
        paused = {
            mute.target
            for mute in self.mutes.values()
            if mute.scope is MuteScope.FEED and mute.holds(now)
        }
        feeds = [
            replace(feed, paused=feed.paused or feed.id in paused) for feed in self.feeds.values()
        ]
        await self._memory.sync_feeds(feeds, now)
        self.feeds_changed()


def _nobody_listens() -> None:
    """Do nothing: nobody polls yet."""


def _key(thing: Thing | None) -> tuple[type, str] | None:
    match thing:
        case None:
            return None
        case Rule():
            return Rule, thing.name
        case _:
            return type(thing), thing.id


def _is_of_a_feed(change: Change) -> bool:
    """Say whether a change adds, changes, removes, pauses or resumes a feed."""
    thing = change.after or change.before
    paused = isinstance(thing, Mute) and thing.scope is MuteScope.FEED
    return paused or isinstance(thing, Feed)

"""What is watched right now: the rules, feeds and mutes of the settings and of the people in chat.

Every change goes through `Watch.change`: into the store in one transaction with its line of the
audit trail, and then into force, without a restart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from bot.errors import RuleError
from bot.model import Change, Changed, Feed, Mute, MuteScope, Rule, Thing
from bot.ports import Clock, FeedStore, Register
from bot.rulebook import Rulebook
from bot.rules import CompiledRule, Names, read_rule

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

    def __init__(self, given: Given, memory: Memory, rulebook: Rulebook, clock: Clock) -> None:
        """Begin with what the settings say; `load` adds what people decided in chat.

        `rulebook` matches by the rules of `given` already.
        """
        self._given = given
        self._memory = memory
        self._rulebook = rulebook
        self._clock = clock
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
        self.mutes = {mute.id: mute for mute in await self._memory.mutes(self._clock.now())}
        await self._poll_these()

    async def change(self, change: Change) -> Changed:
        """Write a change down and put it in force.

        Raises:
            RuleError: the rule cannot be read; nothing was written.
        """
        compiled = self._read(change.after) if isinstance(change.after, Rule) else None
        done = await self._memory.change(change)
        if done is Changed.DONE and not change.refused:
            if change.before is not None and _key(change.before) != _key(change.after):
                self._drop(change.before)
            if compiled is not None:
                self._put(compiled)
            elif change.after is not None:
                self._set(change.after)
            if isinstance(change.after or change.before, Feed) or _pauses(change):
                await self._poll_these()
        return done

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
        paused = {one.target for one in self.mutes.values() if one.scope is MuteScope.FEED}
        feeds = [
            replace(feed, paused=feed.paused or feed.id in paused) for feed in self.feeds.values()
        ]
        await self._memory.sync_feeds(feeds, self._clock.now())


def _key(thing: Thing | None) -> tuple[type, str] | None:
    match thing:
        case None:
            return None
        case Rule():
            return Rule, thing.name
        case _:
            return type(thing), thing.id


def _pauses(change: Change) -> bool:
    """Say whether a change begins or ends the pause of a feed."""
    thing = change.after or change.before
    return isinstance(thing, Mute) and thing.scope is MuteScope.FEED

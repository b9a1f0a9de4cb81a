"""What a command is, and what it may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.model import Card, ChannelRef, CommandSpec, Feed, Menu, Order, Rule
from bot.ports import Chat, Clock, Look, Store
from bot.rules import CompiledRule, Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that commands may use: what is remembered, what the settings say, the time.

    `rules` are those of the settings, read, by name and in their order. `chats` says where the
    channels of rules lie; it is filled once the platforms are made.
    """

    archive: Store
    clock: Clock
    menu: Menu
    rules: Mapping[str, CompiledRule] = field(default_factory=lambda: MappingProxyType({}))
    feeds: tuple[Feed, ...] = ()
    names: Names = field(default_factory=Names)
    chats: list[Chat] = field(default_factory=list)

    def is_here(self, channel: ChannelRef, workspace: str) -> bool:
        """Say whether a channel lies in a workspace, as far as its platform knows."""
        return bool(workspace) and workspace in {chat.home_of(channel) for chat in self.chats}

    def rules_here(self, workspace: str) -> dict[str, CompiledRule]:
        """Return the rules that a workspace may know of: one of their channels lies in it."""
        return {
            name: compiled
            for name, compiled in self.rules.items()
            if self.channels_here(compiled.rule, workspace)
        }

    def channels_here(self, rule: Rule, workspace: str) -> tuple[ChannelRef, ...]:
        """Return those channels of a rule that lie in a workspace."""
        return tuple(channel for channel in rule.to if self.is_here(channel, workspace))


@dataclass(frozen=True, slots=True)
class Command:
    """A command: how it is declared, and what it does with an order that was read.

    `turn` shows the page of a look, for commands whose answers go on.
    """

    spec: CommandSpec
    carry_out: Callable[[Order, Desk], Awaitable[Card]]
    turn: Callable[[Look, Desk], Awaitable[Card]] | None = None

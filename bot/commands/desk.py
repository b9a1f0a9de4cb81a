"""What a command, a press and a form are, and what they may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.model import (
    Access,
    Action,
    Asked,
    ChannelRef,
    CommandSpec,
    Draft,
    Feed,
    Menu,
    Order,
    Reply,
    Request,
    Role,
    Rule,
    Submission,
)
from bot.ports import Chat, Clock, Fetcher, Look, Register, Sandbox, Store
from bot.rules import CompiledRule, Names
from bot.watch import Watch


@dataclass(frozen=True, slots=True)
class Web:
    """How commands reach publishers: through the guarded fetcher, and into the sandbox."""

    fetcher: Fetcher
    sandbox: Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that commands may use: what is remembered, what is watched, the time.

    `write_rules` writes rules as the YAML that the settings read. `places` are the
    channels that the settings name. `chats` says where channels lie; it is filled once the
    platforms are made.
    """

    archive: Store
    register: Register
    clock: Clock
    menu: Menu
    watch: Watch
    write_rules: Callable[[Sequence[Rule]], str]
    web: Web
    access: Access = field(default_factory=Access)
    places: tuple[ChannelRef, ...] = ()
    chats: list[Chat] = field(default_factory=list)

    @property
    def names(self) -> Names:
        """What rules may refer to."""
        return self.watch.names

    @property
    def rules(self) -> Mapping[str, CompiledRule]:
        """Every rule, read, by name."""
        return self.watch.compiled

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Every feed."""
        return tuple(self.watch.feeds.values())

    def feeds_here(self, asked: Asked) -> tuple[Feed, ...]:
        """Return the feeds that somebody may know of: the settings' and their workspace's own."""
        return tuple(feed for feed in self.feeds if feed.workspace in {"", asked.workspace})

    def is_here(self, channel: ChannelRef, workspace: str) -> bool:
        """Say whether a channel lies in a workspace, as far as its platform knows."""
        return bool(workspace) and workspace in {chat.home_of(channel) for chat in self.chats}

    def is_asked_in(self, channel: ChannelRef, asked: Asked) -> bool:
        """Say whether somebody asks in a channel, as far as its platform knows."""
        if channel.platform != asked.platform or not asked.channel_id:
            return False
        return asked.channel_id in {chat.id_of(channel) for chat in self.chats}

    def rules_here(self, asked: Asked) -> dict[str, CompiledRule]:
        """Return the rules that somebody may know of.

        They were written in their workspace, or tell one of its channels; a private rule is known
        in its own channels only.
        """
        return {
            name: compiled
            for name, compiled in self.rules.items()
            if self.knows(compiled.rule, asked)
        }

    def knows(self, rule: Rule, asked: Asked) -> bool:
        """Say whether somebody may know of a rule, also of one that is no more."""
        if rule.workspace and rule.workspace != asked.workspace:
            return False
        here = bool(rule.workspace or self.channels_here(rule, asked.workspace))
        shown = not rule.private or any(self.is_asked_in(channel, asked) for channel in rule.to)
        return here and shown

    def channels_here(self, rule: Rule, workspace: str) -> tuple[ChannelRef, ...]:
        """Return those channels of a rule that lie in a workspace."""
        return tuple(channel for channel in rule.to if self.is_here(channel, workspace))


@dataclass(frozen=True, slots=True)
class Command:
    """A command: how it is declared, and what it does with an order that was read.

    `turn` shows the page of a look, for commands whose answers go on.
    """

    spec: CommandSpec
    carry_out: Callable[[Order, Desk], Awaitable[Reply]]
    turn: Callable[[Look, Desk], Awaitable[Reply]] | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """What the press of a button does, and what a person must be to press it.

    `role` None lets everybody press who sees it.
    """

    action: Action
    role: Role | None
    answer: Callable[[Request, Desk], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class FormDesk:
    """What is done with a form that somebody sent: its name, and who may send it."""

    name: str
    role: Role
    submit: Callable[[Submission, Desk], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Step:
    """What a FORM, SAVE, TRIAL or CONFIRM button does, and what a person must be to press it.

    `of` is the form that the button's draft belongs to, such as `watch.edit`. A target like
    `rule.rafah` has no draft: there `of` is what stands before the dot, and `take` is given a draft
    whose subject is what stands behind it, with nothing filled in.
    """

    of: str
    action: Action
    role: Role
    take: Callable[[Draft, Request, Desk], Awaitable[Reply]]

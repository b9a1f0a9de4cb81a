"""What people ask: the commands there are, and one command or press as it arrives."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Action(enum.StrEnum):
    """What a button does.

    PAGE shows another page in place of the private answer that it stands on.
    """

    WHY = "why"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A control on a card. `target` is an id that is looked up, never trusted."""

    action: Action
    label: str
    target: str


class Standing(enum.StrEnum):
    """What a platform says of a person in a workspace."""

    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"
    EXTERNAL = "external"
    BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody pressed a button. `target` is the button's, as it came back from the platform.

    Whom a platform says nothing about counts as a guest.
    """

    workspace: str
    channel_id: str
    user_id: str
    action: Action
    target: str
    standing: Standing = Standing.GUEST


class OptionKind(enum.StrEnum):
    """What an option takes. The names of rules can be completed."""

    TEXT = "text"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A value that a command takes. In typed text the last option takes the rest of the line."""

    name: str
    help: str
    kind: OptionKind = OptionKind.TEXT
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """The declaration of a command, from which platforms, help and docs are made.

    It is written `/group verb options`. `example` is what a person could type after the verb.
    `default` says that the verb may be left out where commands are typed; one of a group has it.
    """

    group: str
    verb: str
    help: str
    options: tuple[Option, ...] = ()
    example: str = ""
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """All commands. `prefix` stands before each group's name where names would collide."""

    commands: tuple[CommandSpec, ...] = ()
    prefix: str = ""

    def groups(self) -> tuple[str, ...]:
        """Return the names of the groups, each once, without the prefix."""
        return tuple(dict.fromkeys(command.group for command in self.commands))


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """The value of an option."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Somebody gave a command.

    A platform with options fills `verb` and `arguments`; one without hands on what was typed after
    the group's name as `text`, and leaves the reading of it to the commands. `group` is the name
    without the menu's prefix.
    """

    workspace: str
    channel_id: str
    user_id: str
    standing: Standing
    group: str
    verb: str = ""
    arguments: tuple[Argument, ...] = ()
    text: str = ""

    def value(self, name: str) -> str:
        """Return the value of an option, the empty string where it was not given."""
        given = (argument.value for argument in self.arguments if argument.name == name)
        return next(given, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value that a platform offers to complete an option with."""

    value: str
    label: str

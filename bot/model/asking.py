"""What people ask: the commands there are, and one command or press as it arrives."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from bot.model.access import Role


class Action(enum.StrEnum):
    """What a button does. The target of the first four is an alert's id.

    WHY explains an alert, RELEVANT and IRRELEVANT give an opinion on it, MUTE opens the form that
    silences its rule, story or source. PAGE shows another page in place of the answer that it
    stands on. ADD opens the form of a new rule. FORM opens the form of a draft, filled as it was
    left. SAVE, TRIAL and CONFIRM do what a draft holds: save its rule, save it on trial, carry out
    what was asked about. UNDO takes back a change, UNMUTE ends a mute, RELEASE posts what is held
    of a flood, DISCARD leaves it at the message that told of it; their targets are ids.
    """

    WHY = "why"
    RELEVANT = "relevant"
    IRRELEVANT = "irrelevant"
    MUTE = "mute"
    PAGE = "page"
    ADD = "add"
    FORM = "form"
    SAVE = "save"
    TRIAL = "trial"
    CONFIRM = "confirm"
    UNDO = "undo"
    UNMUTE = "unmute"
    RELEASE = "release"
    DISCARD = "discard"

    @property
    def opens_form(self) -> bool:
        """Whether the answer may be a Form, which Discord takes as a first answer only."""
        return self in {Action.MUTE, Action.ADD, Action.FORM, Action.TRIAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A control on a card. `target` is an id that is looked up, never trusted.

    `main` stands out as what is probably wanted, `danger` as what destroys something.
    """

    action: Action
    label: str
    target: str
    main: bool = False
    danger: bool = False


class Standing(enum.StrEnum):
    """What a platform says of a person in a workspace."""

    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"
    EXTERNAL = "external"
    BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody asks for something: who, where, and under which id.

    `id` names the interaction as its platform does, so that what is delivered twice is done once.
    `groups` are the ids of the usergroups or roles that the person is in, as far as the settings
    name them. Whom a platform says nothing about counts as a guest.
    """

    workspace: str
    channel_id: str
    user_id: str
    standing: Standing = Standing.GUEST
    groups: tuple[str, ...] = ()
    platform: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Asked):
    """Somebody pressed a button. `target` is the button's, as it came back from the platform."""

    action: Action
    target: str


class OptionKind(enum.StrEnum):
    """What an option takes. The names of rules, feeds, sets and durations can be completed."""

    TEXT = "text"
    RULE = "rule"
    FEED = "feed"
    SET = "set"
    DURATION = "duration"


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
    `role` is what a person must be to give it. `opens_form` says that the answer may be a Form,
    which Discord takes as a first answer only: such a command answers within a second.
    """

    group: str
    verb: str
    help: str
    options: tuple[Option, ...] = ()
    example: str = ""
    default: bool = False
    role: Role = Role.VIEWER
    opens_form: bool = False


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
    """The value of an option or of a form's field."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Asked):
    """Somebody gave a command.

    A platform with options fills `verb` and `arguments`; one without hands on what was typed after
    the group's name as `text`, and leaves the reading of it to the commands. `group` is the name
    without the menu's prefix.
    """

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

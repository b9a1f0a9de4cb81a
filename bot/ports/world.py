"""The world: time, publishers, untrusted bytes, chat platforms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ParamSpec, Protocol, TypeVar

from bot.model import (
    Asked,
    Card,
    ChannelRef,
    Choice,
    Errand,
    FetchResult,
    Finding,
    Menu,
    MessageRef,
    OptionKind,
    Order,
    Outcome,
    Post,
    Reply,
    Request,
    Sighting,
    Submission,
)
from bot.ports.register import Inbox

P = ParamSpec("P")
T = TypeVar("T")


class Clock(Protocol):
    """The time, and the passing of it."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` seconds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One resource to fetch. Validators are sent only where they are given."""

    url: str
    accept: str = "*/*"
    etag: str | None = None
    last_modified: str | None = None


class Fetcher(Protocol):
    """The door to publishers."""

    async def fetch(self, wanted: Wanted) -> FetchResult:
        """Fetch one resource; trouble is a value, never an exception."""
        ...


class Sandbox(Protocol):
    """Where untrusted bytes are parsed."""

    async def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the module-level function `task` in a child process and return what it returns.

        Raises:
            SandboxError: the child took too long, grew too large, or crashed.
            RedlineError: whatever the task itself raised of our own errors.
        """
        ...


class Chat(Protocol):
    """A chat platform. It does one thing once; retrying and remembering are the core's."""

    @property
    def platform(self) -> str:
        """The name that channels are written with, such as `slack`."""
        ...

    async def open(self) -> None:
        """Connect and begin to listen.

        Raises:
            ChatError: the platform refuses us; the error says what to do.
        """
        ...

    async def close(self) -> None:
        """Stop listening and disconnect; may be called more than once."""
        ...

    async def send(self, post: Post) -> Outcome:
        """Try once to post a message, and say what became of it."""
        ...

    async def edit(self, message: MessageRef, card: Card) -> Outcome:
        """Replace the card of a message; idempotent."""
        ...

    async def find(self, post: Post, since: datetime) -> Sighting:
        """Look into the channel for a message with the post's key, sent at `since` or later."""
        ...

    def home_of(self, channel: ChannelRef) -> str | None:
        """Return the workspace that a channel lies in, as orders and requests name it.

        None where it lies in none of ours, or where that is not known without asking the platform.
        """
        ...

    def id_of(self, channel: ChannelRef) -> str | None:
        """Return the platform's id of a channel, as orders and requests name it.

        None where it is none of ours, or where that is not known without asking the platform.
        """
        ...

    async def inspect(self, channels: Sequence[ChannelRef]) -> Sequence[Finding]:
        """Say of the token and of each channel whether we could post there, without posting."""
        ...


NO_MENU = Menu()

Answer = Callable[[Request], Awaitable[Reply]]
CarryOut = Callable[[Order], Awaitable[Reply]]
Submit = Callable[[Submission], Awaitable[Reply]]
Suggest = Callable[[Asked, OptionKind, str], Awaitable[Sequence[Choice]]]
Home = Callable[[Asked], Awaitable[Card]]


async def _no_command(_order: Order) -> Reply:
    return Card(title="There are no commands here")


async def _no_form(_submission: Submission) -> Reply:
    return Card(title="There are no forms here")


async def _no_choice(_asked: Asked, _kind: OptionKind, _typed: str) -> Sequence[Choice]:
    return ()


async def _no_home(_asked: Asked) -> Card:
    return Card(title="Redline")


class NoInbox:
    """Takes everything, remembers nothing: for platforms that nobody asks anything."""

    async def take(self, _errand: Errand) -> bool:
        """Take it."""
        return True

    async def done(self, _errand_id: str) -> None:
        """Forget it."""

    async def pending(self, _platform: str, _since: datetime) -> Sequence[Errand]:
        """Return nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Serve:
    """What the service gives to a platform adapter.

    `answer` answers presses, `carry_out` commands and `submit` forms. `suggest` completes the name
    of a thing that is being typed: it takes who asks, what is named and what was typed of it, and
    gives at most 25 choices. `home` is what a person sees of Redline at first. `menu` says which
    commands there are. Orders, presses and forms go through `inbox`: taken before they are
    acknowledged, done when they are answered, pending ones answered after a restart. `groups` are
    the usergroups and roles that the settings name, each as `platform:id`.
    """

    answer: Answer
    clock: Clock
    menu: Menu = NO_MENU
    carry_out: CarryOut = _no_command
    suggest: Suggest = _no_choice
    submit: Submit = _no_form
    home: Home = _no_home
    inbox: Inbox = field(default_factory=NoInbox)
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Platform:
    """A chat platform as it registers itself.

    `options` is a frozen dataclass of the adapter's own settings. The settings validate the section
    named `name` against it and fill fields whose metadata has `env` from the environment; fields of
    type `Secret` come from there only. `lacks` says what must still be set before the options
    suffice to connect, as advice to a person, and nothing where they do. `connect` makes the Chat
    without yet reaching for the network.
    """

    name: str
    options: type[Any]
    lacks: Callable[[Any], str]
    connect: Callable[[Any, Serve], Chat]

    def ready(self, options: Any) -> bool:
        """Whether the options suffice to connect."""
        return not self.lacks(options)

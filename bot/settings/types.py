"""Settings: what the files of config/ and the environment say, checked as a whole, frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from bot.logs import LogPolicy
from bot.model import Access, Channel, ChannelRef, Feed, Person, Place, Rule, Secret
from bot.ports import DeliveryPolicy
from bot.settings.problems import Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """How feeds and pages are fetched.

    The limits are those of the issue on fetching: at most two requests to a host at once, ten
    seconds to connect, thirty for a whole answer, fifteen MiB of it once unpacked; an interval that
    follows how often a feed has news, between five minutes and six hours.
    """

    concurrency: int = 32
    per_host: int = 2
    connect_timeout: timedelta = timedelta(seconds=10)
    timeout: timedelta = timedelta(seconds=30)
    max_bytes: int = 15 * 1024 * 1024
    min_interval: timedelta = timedelta(minutes=5)
    max_interval: timedelta = timedelta(hours=6)
    allow_private_networks: tuple[IPv4Network | IPv6Network, ...] = ()


class PlatformOptions:
    """The options of each chat platform, in the platform's own type."""

    __slots__ = ("_options",)

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Hold one options object for each platform's name."""
        self._options = MappingProxyType(dict(options))

    def of(self, platform: str, kind: type[T]) -> T:
        """Return the options of a platform, which are of its own type `kind`."""
        options = self._options[platform]
        if not isinstance(options, kind):
            raise TypeError(f"the options of {platform} are a {type(options).__name__}")
        return options

    def __getitem__(self, platform: str) -> Any:
        """Return the options of a platform."""
        return self._options[platform]

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the platforms."""
        return iter(self._options)

    def secrets(self) -> tuple[Secret, ...]:
        """Return every secret that is set, so that the log can black it out."""
        values = (
            getattr(options, option.name)
            for options in self._options.values()
            for option in fields(options)
        )
        return tuple(value for value in values if isinstance(value, Secret) and value.reveal())


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that people decide about a running Redline.

    `database` is relative to the working folder unless it is absolute. `notices` are the channels
    that hear of troubles of Redline itself. `channels` has only the channels with wishes of their
    own: ask `channel()`. `sets` are the texts that rules name with `@`. `warnings` are oddities
    that do not stop the service; `redline check` shows them.
    """

    folder: Path = Path("config")
    contact: str = ""
    database: Path = Path("data/redline.db")
    poll: Poll = Poll()
    delivery: DeliveryPolicy = field(default_factory=DeliveryPolicy)
    log: LogPolicy = field(default_factory=LogPolicy)
    command_prefix: str = ""
    access: Access = field(default_factory=Access)
    notices: tuple[ChannelRef, ...] = ()
    channels: Mapping[ChannelRef, Channel] = field(default_factory=dict)
    platforms: PlatformOptions = field(default_factory=lambda: PlatformOptions({}))
    feeds: tuple[Feed, ...] = ()
    rules: tuple[Rule, ...] = ()
    sets: Mapping[str, str] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    places: tuple[Place, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def channel(self, ref: ChannelRef) -> Channel:
        """Return a channel with its own wishes, or with those that hold for all."""
        known = self.channels.get(ref)
        return known or replace(Channel(ref=ref), pace=self.delivery.pace)

    def named_channels(self) -> tuple[ChannelRef, ...]:
        """Return each channel that something is posted to, once: those of rules before others."""
        return tuple(dict.fromkeys((*self.rule_channels(), *self.notices)))

    def rule_channels(self) -> tuple[ChannelRef, ...]:
        """Return each channel that a rule names, once, in the order of the rules."""
        return tuple(dict.fromkeys(ref for rule in self.rules for ref in rule.to))

"""From what stands in the files to the nouns of the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from bot.feeds.naming import id_of_address
from bot.logs import LogPolicy
from bot.model import Channel, ChannelRef, Feed, Person, Place, Rule
from bot.ports import DeliveryPolicy
from bot.settings import files
from bot.settings.types import PlatformOptions, Poll, Settings


def settings(folder: Path, main: files.RedlineFile, platforms: PlatformOptions) -> Settings:
    """Return the settings of redline.yaml; the other files are still to come."""
    poll = main.poll.model_dump()
    networks = tuple(poll.pop("allow_private_networks"))
    return Settings(
        folder=folder,
        contact=main.contact or "",
        database=Path(main.database),
        poll=Poll(**poll, allow_private_networks=networks),
        delivery=DeliveryPolicy(**main.delivery.model_dump()),
        log=LogPolicy(**main.log.model_dump()),
        command_prefix=main.commands.prefix,
        platforms=platforms,
    )


def channel(ref: ChannelRef, section: files.ChannelSection, delivery: DeliveryPolicy) -> Channel:
    """Return a channel with its own wishes."""
    wished = Channel(ref=ref, pace=section.pace or delivery.pace, timezone=section.timezone)
    return replace(wished, digest_at=tuple(section.digest_at)) if section.digest_at else wished


def feed_id(item: files.FeedItem) -> str:
    """Return the id of a feed: its own, or one made from its address, which stays the same."""
    return item.id or id_of_address(item.url)


def feed(item: files.FeedItem) -> Feed:
    """Return the feed of an item."""
    name = feed_id(item)
    rest = item.model_dump(exclude={"id", "title"})
    return Feed(id=name, title=item.title or name, **rest)


def rule(item: files.RuleItem, to: Iterable[ChannelRef]) -> Rule:
    """Return the rule of an item, for the given channels, each of them once."""
    return Rule(
        name=item.name,
        title=item.title or item.name,
        when=item.when,
        unless=item.unless or "",
        to=tuple(dict.fromkeys(to)),
        urgency=item.urgency,
        private=item.private,
        paused=item.paused,
    )


def person(item: files.PersonItem) -> Person:
    """Return the person of an item."""
    return Person(name=item.name, aliases=tuple(item.aliases), titles=tuple(item.titles))


def place(item: files.PlaceItem) -> Place:
    """Return the place of an item."""
    lists: Mapping[str, list[str]] = item.model_dump(exclude={"name"})
    return Place(name=item.name, **{key: tuple(value) for key, value in lists.items()})

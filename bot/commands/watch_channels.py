"""From the channels of a form to those of rules, and back: one channel has one name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.commands.desk import Desk
from bot.model import Asked, CardLine, ChannelRef


def id_of(channel: ChannelRef, desk: Desk) -> str | None:
    """Return the platform's id of a channel, as far as its chat knows."""
    ids = (chat.id_of(channel) for chat in desk.chats if chat.platform == channel.platform)
    return next(filter(None, ids), None)


def channel_of(channel_id: str, asked: Asked, desk: Desk) -> ChannelRef:
    """Return the channel with an id, by the name that settings and rules have for it."""
    (channel,) = channels_of([channel_id], asked, desk)
    return channel


def channels_of(ids: Iterable[str], asked: Asked, desk: Desk) -> list[ChannelRef]:
    """Return the channels with some ids, by the names that settings and rules have for them.

    A channel with two names would be told everything twice.
    """
    named: dict[str | None, ChannelRef] = {}
    # Ten thousand rules tell the same few channels.
    for known in dict.fromkeys(_known(desk)):
        if known.platform == asked.platform:
            named.setdefault(id_of(known, desk), known)
    return [named.get(one) or ChannelRef(asked.platform, one) for one in ids]


def ids_of(channels: Iterable[ChannelRef], asked: Asked, desk: Desk) -> tuple[str, ...]:
    """Return the ids of those channels that a form can show where somebody asks."""
    return tuple(
        found
        for channel in channels
        if channel.platform == asked.platform and (found := id_of(channel, desk))
    )


def channels_line(text: str, channels: Sequence[ChannelRef], asked: Asked) -> CardLine:
    """Return a line that ends with channels, each shown as its platform does where it can be.

    Of a channel that is known by its name alone, the platform is named to who asks on another.
    """
    ids = tuple(one.name for one in channels if _is_an_id(one, asked))
    names = ", ".join(_name(one, asked) for one in channels if not _is_an_id(one, asked))
    return CardLine(text=f"{text} {names}" if names else text, channels=ids)


def _name(channel: ChannelRef, asked: Asked) -> str:
    return channel.name if channel.platform == asked.platform else str(channel)


def _is_an_id(channel: ChannelRef, asked: Asked) -> bool:
    return channel.platform == asked.platform and not channel.name.startswith("#")


def _known(desk: Desk) -> Iterator[ChannelRef]:
    """Yield every channel that has a name, those of the settings first."""
    yield from desk.places
    yield from desk.access.channels
    for rule in desk.watch.rules.values():
        yield from rule.to
        if rule.trial:
            yield from filter(None, (rule.trial.channel, rule.trial.report_to))

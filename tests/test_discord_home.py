"""Which server a channel lies in, from what the gateway has told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bot.model import ChannelRef
from handlers.discord.places import home_of, id_of


@dataclass(frozen=True)
class Place:
    """A channel or thread as discord.py keeps it."""

    id: int
    name: str


@dataclass(frozen=True)
class Server:
    """A server as discord.py keeps it."""

    id: int
    channels: list[Place] = field(default_factory=list)
    threads: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class Gateway:
    """A client that was told of some servers."""

    guilds: list[Server]


NORTH = Server(1, [Place(11, "desk"), Place(12, "north")], [Place(13, "tides")])
SOUTH = Server(2, [Place(21, "desk"), Place(22, "south")])


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("11", "1"),
        ("22", "2"),
        ("13", "1"),
        ("#north", "1"),
        ("#desk", None),
        ("99", None),
    ],
)
def test_a_channel_is_at_home_in_its_server(name: str, home: str | None) -> None:
    """Of several servers it is the one that has the channel; what two of them have is neither's."""
    client = cast(Any, Gateway([NORTH, SOUTH]))

    assert home_of(client, ChannelRef("discord", name)) == home


@pytest.mark.parametrize(
    ("name", "known"),
    [("111111111111111111", "111111111111111111"), ("#north", "12"), ("#desk", None), ("#x", None)],
)
def test_the_id_of_a_channel_is_known_without_asking(name: str, known: str | None) -> None:
    """An id is one already; a name is one where no two channels bear it."""
    assert id_of(cast(Any, Gateway([NORTH, SOUTH])), ChannelRef("discord", name)) == known


@pytest.mark.parametrize("name", ["11", "#anything", "99"])
def test_where_there_is_one_server_all_channels_are_its_own(name: str) -> None:
    """A channel that the bot may not see yet is at home all the same."""
    assert home_of(cast(Any, Gateway([NORTH])), ChannelRef("discord", name)) == "1"


def test_without_servers_nothing_is_at_home() -> None:
    """Before the gateway has told of servers, nothing is known."""
    assert home_of(cast(Any, Gateway([])), ChannelRef("discord", "11")) is None

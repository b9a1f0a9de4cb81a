"""Who acts in the pictures, and where: the names that platforms show in the place of ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, with their id on each platform."""

    name: str
    ids: Mapping[str, str]


ANNA: Final = Person("Anna Kowal", {"slack": "U0ANNA", "discord": "20000000000000001"})
BEN: Final = Person("Ben Osei", {"slack": "U0BEN", "discord": "20000000000000002"})
CLARA: Final = Person("Clara Lind", {"slack": "U0CLARA", "discord": "20000000000000003"})
PEOPLE: Final = (ANNA, BEN, CLARA)

DESK: Final = "policy-desk"
CHANNELS: Final[Mapping[str, Mapping[str, str]]] = {
    "slack": {DESK: "C0POLICY", "grain": "C0GRAIN1"},
    "discord": {DESK: "1187500000000000001", "grain": "1187500000000000002"},
}

_PERSONS = {found: person.name for person in PEOPLE for found in person.ids.values()}
_PLACES = {found: name for each in CHANNELS.values() for name, found in each.items()}


def person(user_id: str) -> str:
    """Return how a person is shown."""
    return f"@{_PERSONS.get(user_id, user_id)}"


def channel(channel_id: str) -> str:
    """Return how a channel is shown."""
    return f"#{_PLACES.get(channel_id, channel_id)}"

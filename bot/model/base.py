"""Values that every stage uses."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Span(NamedTuple):
    """Half-open character span `[start, end)`."""

    start: int
    end: int


class Secret:
    """A value that must never be shown; `reveal()` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Wrap `value`."""
        self._value = value

    def reveal(self) -> str:
        """Return the value, for the wire only."""
        return self._value

    def __repr__(self) -> str:
        """Show that there is a secret, and nothing of it."""
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        """Two secrets are equal when their values are."""
        return isinstance(other, Secret) and other.reveal() == self._value

    def __hash__(self) -> int:
        """Hash as the value does."""
        return hash(self._value)


class Origin(enum.StrEnum):
    """Who owns a rule or a feed: the files of config/, or the people in chat."""

    YAML = "yaml"
    CHAT = "chat"

"""Frozen types to JSON text and back, exactly.

Pydantic reads the dataclasses as they stand, so that no second description of a card or an
article has to be kept in step. Reading is strict: a stored value of the wrong kind is an error,
not a guess.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from typing_extensions import TypeAliasType

from bot.errors import StoreError

T = TypeVar("T")

_BYTES = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
"""Pictures are no text; JSON holds them as RFC 4648 has it."""


class Codec(Generic[T]):
    """Writes and reads values of one type."""

    def __init__(self, kind: Any, name: str) -> None:
        """Make the codec of `kind`; `name` is what errors call its values."""
        # A dataclass takes this setting only from what it lies in.
        stored: Any = TypeAliasType("stored", kind)
        self._adapter: TypeAdapter[T] = TypeAdapter(stored, config=_BYTES)
        self._name = name

    def write(self, value: T) -> str:
        """Return `value` as JSON.

        Raises:
            StoreError: the value holds what JSON cannot, such as half a surrogate pair.
        """
        try:
            return self._adapter.dump_json(value).decode()
        except PydanticSerializationError as error:
            raise StoreError(
                self._name, f"cannot be written: {error}", advice="Clean its text first"
            ) from error

    def read(self, text: str) -> T:
        """Return the value that `write` wrote.

        Raises:
            StoreError: the text is not such a value.
        """
        try:
            return self._adapter.validate_json(text, strict=True)
        except ValidationError as error:
            raise StoreError(
                self._name,
                f"cannot be read back: {error.error_count()} fields are not as written",
                advice="The database may be damaged; restore it from a backup",
            ) from error

"""Ids that nobody can guess."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Final

import regex

from bot.model import Asked

_PLAIN: Final = regex.compile(r"[a-z0-9_-]{1,50}")
"""What stands in a button as it is: no dot, which parts the kind of a thing from its name."""


def new_id() -> str:
    """Return an id that nobody can guess: 26 characters of a-z and 2-7."""
    return _written(secrets.token_bytes(16))


def id_from(name: str) -> str:
    """Return the id that belongs to a name, of the same kind as those of `new_id`."""
    return _written(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:16])


def deed_id(asked: Asked) -> str:
    """Return the id of what an interaction does, the same for each delivery; empty without one.

    It stands in the audit trail and in the target of the button that takes a change back. What
    platforms call their interactions is often too long for that, holds signs that mean something
    there, or, where it is the address to answer at, is a secret.
    """
    if not asked.id or _PLAIN.fullmatch(asked.id):
        return asked.id
    return id_from(asked.id)


def _written(sixteen: bytes) -> str:
    return base64.b32encode(sixteen).decode("ascii").rstrip("=").lower()

"""Ids that nobody can guess."""

from __future__ import annotations

import base64
import hashlib
import secrets


def new_id() -> str:
    """Return an id that nobody can guess: 26 characters of a-z and 2-7."""
    return _written(secrets.token_bytes(16))


def id_from(name: str) -> str:
    """Return the id that belongs to a name, of the same kind as those of `new_id`."""
    return _written(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:16])


def _written(sixteen: bytes) -> str:
    return base64.b32encode(sixteen).decode("ascii").rstrip("=").lower()

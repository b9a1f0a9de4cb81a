"""Ids that nobody can guess."""

from __future__ import annotations

import base64
import secrets


def new_id() -> str:
    """Return an id that nobody can guess: 26 characters of a-z and 2-7."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()

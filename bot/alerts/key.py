"""The keys of what is sent: by them a message is found again, and never sent twice. Pure."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

_LENGTH: Final = 24
"""Discord takes a nonce of at most 25 characters, and keys serve as nonces."""


def key_of(*named: str) -> str:
    """Return the key of what is named so: 24 characters of [a-z2-7], after a restart the same."""
    digest = hashlib.sha256("\n".join(named).encode()).digest()
    return base64.b32encode(digest)[:_LENGTH].decode().lower()

"""The id of a feed, on which all that Redline remembers of it hangs. Pure."""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import count
from urllib.parse import urlsplit

LONGEST_ID = 64
LANGUAGE = "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
"""How the name of a language is written, as a regular expression."""
_IN_EVERY_ADDRESS = frozenset({"www", "com", "xml", "rss"})


def id_of_address(url: str) -> str:
    """Return the id that an address gives to its feed, always the same: `bbc-co-uk-news`."""
    parts = urlsplit(url)
    words = re.findall(r"[^\W_]+", f"{parts.hostname or ''} {parts.path} {parts.query}".lower())
    telling = [word for word in words if word not in _IN_EVERY_ADDRESS]
    return "-".join(telling or words)[:LONGEST_ID]


def is_language(text: str) -> bool:
    """Say whether a text is written like the name of a language: `ar`, `pt-BR`."""
    return re.fullmatch(LANGUAGE, text) is not None


def free_id(url: str, taken: Container[str]) -> str:
    """Return the id that an address gives, with a number behind it where it is taken."""
    first = id_of_address(url)
    if first not in taken:
        return first
    numbered = (f"{first[: LONGEST_ID - 6]}-{number}" for number in count(2))
    return next(name for name in numbered if name not in taken)

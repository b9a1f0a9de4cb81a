"""The name of a rule that is written in chat, made from what people call it."""

from __future__ import annotations

import unicodedata
from itertools import count
from typing import Final

import regex

from bot.commands.deciding import was_used
from bot.commands.desk import Desk

LONGEST: Final = 50
"""With `rule.` before it a name fits into a button's target (handlers/discord/cards.py)."""
_OTHERS: Final = regex.compile(r"[^a-z0-9]+")


def slug(title: str) -> str:
    """Return a title in small letters a-z, digits and hyphens: `Rafah: Árbol` is `rafah-arbol`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    return _cut(_OTHERS.sub("-", plain.lower()).strip("-"), LONGEST) or "rule"


async def free_name(title: str, desk: Desk) -> str:
    """Return a name that no rule has, and none ever had as far as the audit trail tells.

    A name that was used before would bring the new rule the old one's history, counts and mutes.
    """
    base = slug(title)
    for number in count(1):
        name = base if number == 1 else f"{_cut(base, LONGEST - 1 - len(str(number)))}-{number}"
        if name not in desk.watch.rules and not await was_used(name, desk):
            return name
    raise AssertionError("the numbers do not end")


def _cut(text: str, longest: int) -> str:
    """Return a slug that is short enough, cut between words where it can be."""
    if len(text) <= longest:
        return text
    head = text[: longest + 1]
    return head.rpartition("-")[0] if "-" in head else text[:longest]

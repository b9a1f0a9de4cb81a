"""What both stores share of keeping decisions. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, TypeAlias

from bot.model import Change, Feed, Mute, Rule, Thing
from bot.ports import ChangeQuery

KEEP_DRAFTS: Final = timedelta(days=1)
KEEP_ERRANDS: Final = timedelta(days=1)


Key: TypeAlias = tuple[str, str]
"""The kind of a thing and its name."""

Move: TypeAlias = tuple[Key, Thing | None, Thing | None]
"""What must be under a key for a change to be made, and what is there then."""


def key_of(thing: Thing) -> Key:
    """Return the kind of a thing and its name; no two have the same."""
    match thing:
        case Rule():
            return "rule", thing.name
        case Feed():
            return "feed", thing.id
        case Mute():
            return "mute", thing.id


def moves(change: Change) -> Iterator[Move]:
    """Yield what a change moves: one key, or two where it gives the thing another name."""
    before = change.before and key_of(change.before)
    after = change.after and key_of(change.after)
    if before and before != after:
        yield before, change.before, None
    if after:
        yield after, change.before if before == after else None, change.after


def is_asked_for(change: Change, query: ChangeQuery) -> bool:
    """Say whether a query asks for a line of the audit trail."""
    return all(
        (
            query.workspace is None or change.workspace == query.workspace,
            not query.subject or change.subject == query.subject,
            not query.id or change.id == query.id,
            query.since is None or change.at >= query.since,
            query.until is None or change.at < query.until,
            query.refused or not change.refused,
        )
    )

"""What both stores share of keeping decisions. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.model import Change, Feed, Mute, Rule, Thing
from bot.ports import ChangeQuery

KEEP_DRAFTS: Final = timedelta(days=1)
KEEP_ERRANDS: Final = timedelta(days=1)


def key_of(thing: Thing) -> tuple[str, str]:
    """Return the kind of a thing and its name; no two have the same."""
    match thing:
        case Rule():
            return "rule", thing.name
        case Feed():
            return "feed", thing.id
        case Mute():
            return "mute", thing.id


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

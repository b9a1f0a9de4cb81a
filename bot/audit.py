"""Who decided what in chat, as `redline audit` tells it: what it was before, and what it is."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any

from bot.model import Change, Thing
from bot.settings import thing_yaml
from bot.text import one_line


def headline(change: Change) -> str:
    """Return when, who, where, what: `2026-03-02 09:00 UTC  slack U1 in T1 C1  watch edit ferries`.

    Ids stand as the platform gave them; control characters in them do not.
    """
    who = f"{change.platform} {change.user_id} in {change.workspace} {change.channel_id}".rstrip()
    what = f"{change.what} {change.subject}".rstrip()
    return one_line(f"{change.at:%Y-%m-%d %H:%M} UTC · {who} · {what}")


def details(change: Change) -> Iterator[str]:
    """Yield why nothing was changed, or the lines that are gone (-) and those that are new (+)."""
    if change.refused:
        yield f"refused: {one_line(change.refused)}"
    before, after = _lines(change.before), _lines(change.after)
    for line in difflib.ndiff(before, after):
        if line[0] in "+-":
            words = line[2:].lstrip(" ")
            yield line[: len(line) - len(words)] + one_line(words)


def json_of(change: Change) -> str:
    """Return a change as one line of JSON; what it was before, and what it is, as YAML."""
    whole: dict[str, Any] = {
        "id": change.id,
        "at": change.at.isoformat(),
        "platform": change.platform,
        "workspace": change.workspace,
        "channel": change.channel_id,
        "user": change.user_id,
        "what": change.what,
        "subject": change.subject,
        "before": thing_yaml(change.before) if change.before else None,
        "after": thing_yaml(change.after) if change.after else None,
        "refused": change.refused or None,
    }
    return json.dumps(whole, ensure_ascii=False)


def _lines(thing: Thing | None) -> list[str]:
    return thing_yaml(thing).splitlines() if thing else []

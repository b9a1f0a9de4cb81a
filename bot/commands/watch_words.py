"""What was changed, in words: the same on cards and in histories. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from typing import Final

from bot.commands.watch_channels import channels_line
from bot.model import Asked, CardLine, Change, Feed, Mute, Rule, Thing, Trial, Urgency
from bot.text import ELLIPSIS, one_line, shorten

LONGEST_SIDE: Final = 80
"""Characters of what a text was, and of what it is: both stand on one line of a card."""
_SHARED: Final = 20
"""How many characters that both have stand before the first that differs."""
_URGENCIES: Final = {
    Urgency.NOW: "at once",
    Urgency.DIGEST: "in the digest",
    Urgency.CRITICAL: "critical",
}


def moment(at: datetime) -> str:
    """Return a time as people say it: `Tuesday 3 Mar, 09:00 UTC`."""
    return f"{at:%A} {at.day} {at:%b}, {at:%H:%M} UTC"


def called(thing: Thing) -> str:
    """Return what people call a thing."""
    return thing.label if isinstance(thing, Mute) else thing.title


def thing_of(change: Change) -> Thing | None:
    """Return what was changed, as it is now or was last; None for a refusal."""
    return change.after or change.before


def happened(change: Change) -> str:
    """Return what became of a thing: `saved`, `paused`, `muted until …`."""
    match change.after or change.before:
        case Mute() as mute:
            return _of_mute(mute, ends=change.after is None)
        case Rule():
            return _of_rule(change.before, change.after)
        case Feed():
            if change.before and change.after:
                return "changed"
            return "added" if change.after else "removed"
        case None:
            return "left as it was"


def _of_mute(mute: Mute, *, ends: bool) -> str:
    if mute.until is None:
        return "watched again" if ends else "paused"
    if ends:
        return "no longer muted"
    where = " in one channel" if mute.channel else ""
    return f"muted{where} until {moment(mute.until)}"


def _of_rule(before: Thing | None, after: Thing | None) -> str:
    if not isinstance(after, Rule):
        return "deleted"
    if after.trial and not (isinstance(before, Rule) and before.trial == after.trial):
        return "saved on trial"
    if before is None:
        return "saved"
    was_tried = isinstance(before, Rule) and before.trial and not after.trial
    return "saved for good" if was_tried else "changed"


def differences(before: Rule, after: Rule, asked: Asked) -> Iterator[CardLine]:
    """Yield a line for each thing that was changed: what it was, and what it is."""
    pairs = (
        ("Name", before.title, after.title),
        ("When", before.when, after.when),
        ("Except", before.unless, after.unless),
        ("Urgency", _URGENCIES[before.urgency], _URGENCIES[after.urgency]),
        ("Shown to", _shown_to(before), _shown_to(after)),
        ("Trial", trial_words(before.trial), trial_words(after.trial)),
    )
    for label, was, is_now in pairs:
        if was != is_now:
            old, new = apart(one_line(was), one_line(is_now))
            yield CardLine(text=f"{label}: {old} → {new}")
    if added := [one for one in after.to if one not in before.to]:
        yield channels_line("Tells from now on:", added, asked)
    if left := [one for one in before.to if one not in after.to]:
        yield channels_line("No longer tells:", left, asked)


def trial_words(trial: Trial | None) -> str:
    """Return how a rule is tried."""
    if trial is None:
        return ""
    where = "in a channel of its own" if trial.channel else "silently"
    return f"{where} until {moment(trial.until)}"


def urgency_words(urgency: Urgency) -> str:
    """Return how soon people are told."""
    return _URGENCIES[urgency]


def _shown_to(rule: Rule) -> str:
    return "people in its channels only" if rule.private else "everybody here"


def apart(before: str, after: str) -> tuple[str, str]:
    """Return two texts in quotes, cut so that the first place where they differ is seen."""
    if max(len(before), len(after)) <= LONGEST_SIDE:
        return _side(before, 0), _side(after, 0)
    pairs = zip(before, after, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    start = max(0, same - _SHARED)
    space = before.find(" ", start, same) if start else -1
    return _side(before, max(start, space + 1)), _side(after, max(start, space + 1))


def _side(text: str, start: int) -> str:
    if not text:
        return "nothing"
    lead = ELLIPSIS if start else ""
    return f"“{lead}{shorten(text[start:], LONGEST_SIDE)}”"

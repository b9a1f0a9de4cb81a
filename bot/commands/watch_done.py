"""The card that says what was just changed, and takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.commands.deciding import undo_button
from bot.commands.desk import Desk
from bot.commands.muted import muted_name
from bot.commands.watch_channels import channels_line
from bot.commands.watch_silence import is_paused
from bot.commands.watch_words import called, differences, happened, thing_of, trial_words
from bot.model import Asked, Card, CardLine, Change, Mute, Rule, Thing

PRIVATE: Final = CardLine(text="Private: only people in its channels see it")

_BACK: Final = {"saved": "saved again", "changed": "changed back"}
"""What undoing something does, where it is not said as what people do."""


def done_card(change: Change, asked: Asked, desk: Desk) -> Card:
    """Say what was changed, with a button that takes it back."""
    thing = thing_of(change)
    name = _called(thing, asked, desk) if thing else change.subject
    undone = change.what.endswith(" undo")
    is_now = happened(change)
    return Card(
        title=f"“{name}” is {_BACK.get(is_now, is_now) if undone else is_now}",
        lines=tuple(_lines(change, asked)),
        notes=tuple(_notes(change, asked, desk)),
        buttons=(undo_button(change),),
    )


def _lines(change: Change, asked: Asked) -> Iterator[CardLine]:
    before, after = change.before, change.after
    if isinstance(before, Rule) and isinstance(after, Rule):
        yield from differences(before, after, asked)
    elif isinstance(after, Rule):
        yield from whom_it_tells(after, asked)
        if after.private:
            yield PRIVATE
    if isinstance(after, Mute) and after.channel:
        yield channels_line("Silent in", (after.channel,), asked)


def whom_it_tells(rule: Rule, asked: Asked) -> Iterator[CardLine]:
    """Yield whom a rule tells, and for how long it is only tried."""
    trial = rule.trial
    if trial is None:
        yield channels_line("Tells:", rule.to, asked)
        return
    yield channels_line("Would tell:", rule.to, asked)
    if trial.channel:
        yield channels_line(f"Tried {trial_words(trial)}:", (trial.channel,), asked)
    else:
        yield CardLine(text=f"Tried {trial_words(trial)}")
    yield channels_line("Then reports to", (trial.report_to,), asked)


def _called(thing: Thing, asked: Asked, desk: Desk) -> str:
    return muted_name(thing, asked, desk) if isinstance(thing, Mute) else called(thing)


def _notes(change: Change, asked: Asked, desk: Desk) -> Iterator[str]:
    prefix = desk.menu.prefix
    match change.after:
        case Rule() as rule if is_paused(rule, asked, desk):
            yield f"It is paused. To have it watched again: /{prefix}watch resume {rule.name}"
        case Rule() as rule:
            when = "It is tried from now on" if rule.trial else "It is in force from now on"
            yield f"{when}. All of it: /{prefix}watch show {rule.name}"
        case Mute(until=None) if muted_name(change.after, asked, desk) == change.after.label:
            yield f"Until somebody resumes it: /{prefix}watch resume {change.after.target}"

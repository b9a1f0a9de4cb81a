"""What became of a rule in the past, as far as somebody may know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from bot.commands.deciding import subject_of
from bot.commands.desk import Desk
from bot.commands.lookups import no_such_rule
from bot.commands.watch_words import thing_of
from bot.model import Asked, Change, Mute, MuteScope, Rule, Thing
from bot.ports import ChangeQuery

FAR: Final = 1_000
"""How many changes of one thing are looked through; the trail keeps them all."""


def kind_of(thing: Thing) -> str:
    """Return what a change of a thing is a change of: a rule's mutes and pauses are the rule's."""
    return thing.scope.value if isinstance(thing, Mute) else type(thing).__name__.lower()


async def past_of(thing: Thing, asked: Asked | Change, desk: Desk) -> Sequence[Change]:
    """Return the changes of a thing in the workspace, newest first."""
    query = ChangeQuery(
        workspace=asked.workspace, subject=subject_of(thing), refused=False, limit=FAR
    )
    kind = kind_of(thing)
    return [
        change
        for change in await desk.register.changes(query)
        if (changed := thing_of(change)) and kind_of(changed) == kind
    ]


async def past_of_rule(name: str, asked: Asked, desk: Desk) -> Sequence[Change]:
    """Return the changes of a rule, also of one that was deleted, newest first.

    Raises:
        OrderError: there is no such rule that the asker may know of, and there was none.
    """
    query = ChangeQuery(workspace=asked.workspace, subject=name, refused=False, limit=FAR)
    changes = [one for one in await desk.register.changes(query) if _is_of_a_rule(thing_of(one))]
    last = desk.watch.rules.get(name) or _last_known(changes)
    if last is None or not desk.knows(last, asked):
        raise no_such_rule(name, asked, desk)
    return changes


def is_told(change: Change, asked: Asked, desk: Desk) -> bool:
    """Say whether somebody may see a change: not one of texts that were private elsewhere."""
    rules = [one for one in (change.before, change.after) if isinstance(one, Rule)]
    return all(desk.knows(rule, asked) for rule in rules)


def last_of(changes: Iterable[Change], now: datetime) -> Change | None:
    """Return the newest change that can be taken back; what ended by itself is passed over."""
    return next((one for one in changes if not has_ended(one, now)), None)


def has_ended(change: Change, now: datetime) -> bool:
    """Say whether a change only was about silence that is over anyway."""
    thing = thing_of(change)
    return isinstance(thing, Mute) and not thing.holds(now)


def _is_of_a_rule(thing: Thing | None) -> bool:
    return isinstance(thing, Rule) or (isinstance(thing, Mute) and thing.scope is MuteScope.RULE)


def _last_known(changes: Iterable[Change]) -> Rule | None:
    """Return a rule as it was before it was deleted."""
    things = (thing for one in changes for thing in (one.after, one.before))
    return next((thing for thing in things if isinstance(thing, Rule)), None)

"""Changing what is watched: one line of the audit trail, in force at once, done once."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.access import audit_line
from bot.commands.desk import Desk
from bot.commands.ids import deed_id
from bot.commands.reach import check_reach
from bot.errors import OrderError
from bot.model import Action, Asked, Button, Change, Changed, Feed, Mute, Origin, Rule, Thing
from bot.ports import ChangeQuery


def change_of(
    asked: Asked, desk: Desk, what: str, *, before: Thing | None = None, after: Thing | None = None
) -> Change:
    """Return what somebody decides, under the id of their interaction.

    `what` is the command, such as `watch edit`. The subject is the name of the rule, the id of the
    feed, or what a mute silences.

    Raises:
        BeyondReachError: they may not change what is told in all the channels that it touches.
    """
    check_reach((before, after), asked, desk, what)
    thing = after or before
    line = audit_line(asked, what, desk)
    return replace(line, subject=subject_of(thing) if thing else "", before=before, after=after)


def subject_of(thing: Thing) -> str:
    """Return what a change of a thing is a change of."""
    match thing:
        case Rule():
            return thing.name
        case Feed():
            return thing.id
        case Mute():
            return thing.target


async def decided(change: Change, desk: Desk) -> Change:
    """Put a change in force; one that was delivered before is returned as it was written then.

    Raises:
        OrderError: somebody else changed the same thing at the same time.
        RuleError: the rule cannot be read.
    """
    done = await put(change, desk)
    if done is None:
        raise OrderError(
            "",
            "Somebody else has just changed that",
            advice="Nothing was changed by you. Look at it again, and repeat what you did.",
        )
    return done


async def put(change: Change, desk: Desk) -> Change | None:
    """Put a change in force, as `decided`; None where somebody else was there first.

    Raises:
        RuleError: the rule cannot be read.
    """
    if _is_of_a_file(change.after, desk):
        return None
    done = await desk.watch.change(change)
    if done is Changed.CONFLICT:
        return None
    return change if done is Changed.DONE else await change_by_id(change.id, change, desk)


async def earlier(asked: Asked, desk: Desk) -> Change | None:
    """Return what this very interaction changed, where it is delivered or taken up again."""
    return await change_by_id(deed_id(asked), asked, desk) if asked.id else None


async def change_by_id(change_id: str, asked: Asked | Change, desk: Desk) -> Change | None:
    """Return a change that was made in the workspace; None for a refusal too."""
    query = ChangeQuery(workspace=asked.workspace, id=change_id, refused=False, limit=1)
    return next(iter(await desk.register.changes(query)), None) if change_id else None


async def was_used(name: str, desk: Desk) -> bool:
    """Say whether a rule or feed ever had a name, as far as the audit trail tells.

    What comes under such a name anew would be taken for what had it before.
    """
    return bool(await desk.register.changes(ChangeQuery(subject=name, refused=False, limit=1)))


def undo_button(change: Change) -> Button:
    """Return the button that takes a change back."""
    return Button(action=Action.UNDO, label="Undo", target=change.id)


def _is_of_a_file(thing: Thing | None, desk: Desk) -> bool:
    """Say whether the settings have a rule or feed of that name, which nothing of chat replaces."""
    match thing:
        case Rule():
            in_force: Rule | Feed | None = desk.watch.rules.get(thing.name)
        case Feed():
            in_force = desk.watch.feeds.get(thing.id)
        case _:
            return False
    return in_force is not None and in_force.origin is Origin.YAML

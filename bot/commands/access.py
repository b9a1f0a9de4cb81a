"""Who may do what. Every command, press, form and completion passes here when it is carried out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.commands.desk import Desk
from bot.commands.ids import deed_id, new_id
from bot.model import Asked, Card, Change, Grants, Role, Standing

LOOKS_UP: Final = frozenset({Standing.ADMIN, Standing.MEMBER})
"""Who may look things up: everybody who belongs to the workspace."""

_WHY: Final = {
    Standing.GUEST: "Guests of this workspace cannot ask Redline.",
    Standing.EXTERNAL: "People of another organisation cannot ask Redline here.",
    Standing.BOT: "Apps and bots cannot ask Redline.",
}


def role_of(asked: Asked, desk: Desk) -> Role | None:
    """Return what a person may do where they ask; None for who does not belong to the workspace."""
    if asked.standing not in LOOKS_UP:
        return None
    access = desk.access
    roles = [access.everyone]
    if asked.standing is Standing.ADMIN and access.platform_admins:
        roles.append(Role.ADMIN)
    for grants in _grants(asked, desk):
        roles += _granted(grants, asked)
    return max(roles, key=lambda role: role.rank)


def may(asked: Asked, role: Role, desk: Desk) -> bool:
    """Say whether a person is at least of a role where they ask."""
    own = role_of(asked, desk)
    return own is not None and own.rank >= role.rank


def edits_everywhere(asked: Asked, desk: Desk) -> bool:
    """Say whether a person may edit in the whole workspace, and not in single channels alone."""
    return may(replace(asked, channel_id=""), Role.EDITOR, desk)


async def refusal(asked: Asked, role: Role, what: str, desk: Desk) -> Card | None:
    """Return what a person is told who may not do something, None where they may.

    A refusal is written into the audit trail.

    Args:
        asked: who asks.
        role: what they must be.
        what: what they asked for, such as `watch edit`.
        desk: what says who may.
    """
    if may(asked, role, desk):
        return None
    card = _refused(asked, role)
    await write_refusal(asked, what, card.notes[0], desk)
    return card


async def write_refusal(asked: Asked, what: str, why: str, desk: Desk) -> None:
    """Write into the audit trail that somebody was refused what they asked for, and why."""
    await desk.register.change(replace(audit_line(asked, what, desk), refused=why))


def audit_line(asked: Asked, what: str, desk: Desk) -> Change:
    """Return a line of the audit trail that says who does what, and not yet what comes of it.

    Its id is that of the interaction, so that a second delivery changes nothing.
    """
    return Change(
        id=deed_id(asked) or new_id(),
        at=desk.clock.now(),
        platform=asked.platform,
        workspace=asked.workspace,
        channel_id=asked.channel_id,
        user_id=asked.user_id,
        what=what,
        subject="",
    )


def _refused(asked: Asked, role: Role) -> Card:
    title = "You may not do that here"
    if asked.standing not in LOOKS_UP:
        help_ = "An admin of this workspace can make you a member of it."
        return Card(title=title, notes=(_WHY[asked.standing], help_))
    article = "an" if role.value[0] in "ae" else "a"
    one = f"{article} {role.value}"
    who_can = "Ask an admin of this workspace. Whoever keeps config/redline.yaml can make you"
    return Card(
        title=title, notes=(f"It takes {one} of Redline.", f"{who_can} {one}, under access:.")
    )


def _grants(asked: Asked, desk: Desk) -> Iterator[Grants]:
    """Yield the lists that count where a person asks."""
    yield desk.access.grants
    for channel, grants in desk.access.channels.items():
        if desk.is_asked_in(channel, asked):
            yield grants


def _granted(grants: Grants, asked: Asked) -> Iterator[Role]:
    own = {f"{asked.platform}:{one}" for one in (asked.user_id, *asked.groups)}
    if own & grants.admins:
        yield Role.ADMIN
    if own & grants.editors:
        yield Role.EDITOR

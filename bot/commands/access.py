"""Who may ask. Every command, press and completion passes here when it is carried out."""

from __future__ import annotations

from typing import Final

from bot.model import Card, Standing

LOOKS_UP: Final = frozenset({Standing.ADMIN, Standing.MEMBER})
"""Who may look things up: everybody who belongs to the workspace."""

_WHY: Final = {
    Standing.GUEST: "Guests of this workspace cannot ask Redline.",
    Standing.EXTERNAL: "People of another organisation cannot ask Redline here.",
    Standing.BOT: "Apps and bots cannot ask Redline.",
}


def refusal(standing: Standing) -> Card | None:
    """Return what a person is told who may not look things up, None where they may."""
    if standing in LOOKS_UP:
        return None
    return Card(
        title="You may not do that here",
        notes=(_WHY[standing], "An admin of this workspace can make you a member of it."),
    )

"""What people asked for and were not answered yet, and what they are about to do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bot.model import Draft, Errand
from bot.store.registering import KEEP_DRAFTS, KEEP_ERRANDS
from bot.store.schema import drafts, errands
from bot.store.upsert import upsert

# An errand is acknowledged when it is written; building these costs more than running them.
_forget = delete(errands).where(errands.c.taken_at <= bindparam("oldest"))
_one = select(errands.c.errand_id).where(errands.c.errand_id == bindparam("of_errand"))
_take = insert(errands)


def take(connection: Connection, errand: Errand) -> bool:
    """Write an errand down, once, and forget those that are too old."""
    connection.execute(_forget, {"oldest": errand.taken_at - KEEP_ERRANDS})
    if connection.scalar(_one, {"of_errand": errand.id}) is not None:
        return False
    row = {"errand_id": errand.id, "platform": errand.platform, "taken_at": errand.taken_at}
    connection.execute(_take, {**row, "answered": False, "document": errand})
    return True


def done(connection: Connection, errand_id: str) -> None:
    """Note that an errand was answered."""
    answered = update(errands).where(errands.c.errand_id == errand_id)
    connection.execute(answered.values(answered=True))


def pending(connection: Connection, platform: str, since: datetime) -> tuple[Errand, ...]:
    """Return the errands of a platform that were taken since then and not answered."""
    wanted = (
        select(errands.c.document)
        .where(
            errands.c.platform == platform,
            errands.c.answered.is_(False),
            errands.c.taken_at >= since,
        )
        .order_by(errands.c.taken_at, errands.c.errand_id)
    )
    return tuple(connection.scalars(wanted))


def keep_draft(connection: Connection, draft: Draft) -> None:
    """Keep a draft, and forget those that are too old."""
    connection.execute(delete(drafts).where(drafts.c.made_at <= draft.made_at - KEEP_DRAFTS))
    row = {"draft_id": draft.id, "made_at": draft.made_at, "document": draft}
    upsert(connection, drafts, [row])


def draft(connection: Connection, draft_id: str) -> Draft | None:
    """Return a draft that was kept."""
    wanted = select(drafts.c.document).where(drafts.c.draft_id == draft_id)
    found: Draft | None = connection.scalar(wanted)
    return found

"""What a person is about to do, kept between a form and the button that does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.commands.desk import Desk
from bot.commands.ids import new_id
from bot.errors import OrderError
from bot.model import Argument, Asked, Draft
from bot.store.registering import KEEP_DRAFTS


def new_draft(form: str, asked: Asked, desk: Desk, subject: str = "") -> Draft:
    """Return an empty draft of whoever asks; it is not kept yet."""
    return Draft(
        id=new_id(),
        form=form,
        workspace=asked.workspace,
        channel_id=asked.channel_id,
        user_id=asked.user_id,
        made_at=desk.clock.now(),
        subject=subject,
    )


def arguments(values: Mapping[str, str | Sequence[str]]) -> tuple[Argument, ...]:
    """Return values as a draft keeps them; what is empty is left out."""
    return tuple(
        Argument(name=name, value=value)
        for name, given in values.items()
        for value in ([given] if isinstance(given, str) else given)
        if value
    )


def with_values(draft: Draft, values: Mapping[str, str | Sequence[str]]) -> Draft:
    """Return a draft with some of its values replaced."""
    kept = tuple(one for one in draft.values if one.name not in values)
    return replace(draft, values=(*kept, *arguments(values)))


async def own_draft(draft_id: str, asked: Asked, desk: Desk, *forms: str) -> Draft:
    """Return the asker's own draft; where forms are named, one of these.

    Raises:
        OrderError: there is none. An unknown one, one that has expired, one of somebody else, of
            another workspace or of another form are all answered alike.
    """
    draft = await desk.register.draft(draft_id) if draft_id else None
    if draft is None or not _is_theirs(draft, asked) or (forms and draft.form not in forms):
        raise gone(desk)
    if draft.made_at <= desk.clock.now() - KEEP_DRAFTS:
        raise gone(desk)
    return draft


def gone(desk: Desk) -> OrderError:
    """Return what is said of a draft that is not there."""
    return OrderError(
        "",
        "This is no longer kept",
        advice="Only the person who began it can go on with it, for a day. "
        f"To begin again: /{desk.menu.prefix}redline help shows how.",
    )


def _is_theirs(draft: Draft, asked: Asked) -> bool:
    maker = (draft.workspace, draft.user_id)
    return maker == (asked.workspace, asked.user_id) and all(maker)

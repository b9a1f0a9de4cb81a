"""The buttons that go on with what somebody is about to do: Edit, Save, Save as trial, Delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.commands.access import refusal
from bot.commands.desk import Desk, Step
from bot.commands.drafts import gone, new_draft, own_draft
from bot.model import Action, Draft, Reply, Request

STEPS: Final = (Action.FORM, Action.SAVE, Action.TRIAL, Action.CONFIRM)
"""The actions of which a draft, or the thing that is named, says what they do."""

Steps = Mapping[tuple[str, Action], Step]
"""The steps there are, by what they are of and their action."""


async def take_step(request: Request, desk: Desk, steps: Steps) -> Reply:
    """Do what the button's draft says.

    Raises:
        OrderError: there is no such draft of theirs, or it knows no such button.
    """
    draft = await _draft_of(request, desk)
    step = steps.get((draft.form, request.action))
    if step is None:
        raise gone(desk)
    refused = await refusal(request, step.role, f"press {request.action.value} {step.of}", desk)
    return refused or await step.take(draft, request, desk)


async def _draft_of(request: Request, desk: Desk) -> Draft:
    """Return the draft whose id the target is, or that of a thing such as `rule.rafah`."""
    kind, dot, name = request.target.partition(".")
    if dot:
        return new_draft(kind, request, desk, subject=name)
    return await own_draft(request.target, request, desk)

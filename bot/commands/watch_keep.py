"""The Save button of a trial's report: the rule is no longer on trial."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.commands.deciding import change_of, decided, earlier
from bot.commands.desk import Desk, Step
from bot.commands.lookups import rule_named
from bot.commands.watch_done import done_card
from bot.model import Action, Card, Draft, Request, Role


async def press(draft: Draft, request: Request, desk: Desk) -> Card:
    """Let the rule tell its channels from now on."""
    if done := await earlier(request, desk):
        return done_card(done, request, desk)
    rule = rule_named(draft.subject, request, desk).rule
    if rule.trial is None:
        return Card(title=f"“{rule.title}” is saved for good already")
    kept = replace(rule, trial=None)
    change = change_of(request, desk, "watch save", before=rule, after=kept)
    return done_card(await decided(change, desk), request, desk)


STEPS: Final = (Step("rule", Action.SAVE, Role.EDITOR, press),)

"""The Why button: what made Redline tell the channel."""

from __future__ import annotations

from bot.cards import gone_card, why_card
from bot.commands.desk import Desk, Press
from bot.commands.posted import posted_record
from bot.model import Action, Card, Request


async def why(request: Request, desk: Desk) -> Card:
    """Explain the alert whose id the button carried.

    The id is only a claim: one of another workspace, or of a private rule that is asked for
    elsewhere, gets the same friendly answer as an unknown one.
    """
    record = await posted_record(request.target, request, desk)
    if record is None:
        return gone_card()
    article = await desk.archive.article(record.alert.article_id)
    return why_card(record.alert, record.matches, article)


PRESS = Press(Action.WHY, None, why)

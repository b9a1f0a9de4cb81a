"""The Why button: what made Redline tell the channel."""

from __future__ import annotations

from bot.cards import gone_card, why_card
from bot.commands.desk import Desk, Press
from bot.model import Action, Card, Request


async def why(request: Request, desk: Desk) -> Card:
    """Explain the alert whose id the button carried.

    The id is only a claim: an unknown one, or one of another workspace, gets the same friendly
    answer, so that nothing crosses from one workspace to another.
    """
    record = await desk.archive.alert(request.target)
    if record is None or record.message is None:
        return gone_card()
    if record.message.workspace != request.workspace:
        return gone_card()
    article = await desk.archive.article(record.alert.article_id)
    return why_card(record.alert, record.matches, article)


PRESS = Press(Action.WHY, None, why)

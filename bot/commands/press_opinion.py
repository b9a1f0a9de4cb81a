"""The Relevant and Not relevant buttons: what a person thinks of an alert."""

from __future__ import annotations

from functools import partial

from bot.cards import gone_card
from bot.commands.desk import Desk, Press
from bot.commands.posted import marked, posted_alert
from bot.model import Action, Feedback, Opinion, Reply, Request, Role


async def give_opinion(request: Request, desk: Desk, opinion: Opinion) -> Reply:
    """Remember the opinion and show it on the card; the last one of a person counts.

    Nothing is posted, and nobody else is told: the card alone changes. To say the same again
    changes nothing.
    """
    posted = await posted_alert(request.target, request, desk)
    if posted is None:
        return gone_card()
    given = await desk.register.feedback_on(posted.alert.id)
    if (request.user_id, opinion) not in {(one.user_id, one.opinion) for one in given}:
        await desk.register.give_feedback(
            Feedback(
                alert_id=posted.alert.id,
                workspace=request.workspace,
                user_id=request.user_id,
                opinion=opinion,
                at=desk.clock.now(),
            )
        )
    return await marked(posted, request, desk)


RELEVANT = Press(Action.RELEVANT, Role.VIEWER, partial(give_opinion, opinion=Opinion.RELEVANT))
IRRELEVANT = Press(
    Action.IRRELEVANT, Role.VIEWER, partial(give_opinion, opinion=Opinion.IRRELEVANT)
)

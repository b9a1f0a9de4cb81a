"""What people think of a rule's alerts, taken together: its precision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from bot.commands.desk import Desk
from bot.commands.wording import counted
from bot.model import Asked, Feedback, Opinion

SPAN: Final = timedelta(days=90)
"""What people thought longer ago was about another rule, or another world."""


def verdicts(feedback: Iterable[Feedback]) -> Mapping[str, Opinion]:
    """Return what the majority thinks of each alert; where both sides are equal, nothing."""
    balance: Counter[str] = Counter()
    for given in feedback:
        balance[given.alert_id] += 1 if given.opinion is Opinion.RELEVANT else -1
    return {
        alert_id: Opinion.RELEVANT if votes > 0 else Opinion.IRRELEVANT
        for alert_id, votes in balance.items()
        if votes
    }


async def verdicts_on(rule: str, asked: Asked, desk: Desk) -> Mapping[str, Opinion]:
    """Return what the asker's workspace thinks of the alerts of a rule; the newest come last."""
    since = desk.clock.now() - SPAN
    return verdicts(await desk.register.feedback_of_rule(rule, asked.workspace, since))


async def precision_line(rule: str, asked: Asked, desk: Desk) -> str:
    """Say how many of a rule's alerts were relevant, of those that people judged."""
    return f"Precision: {precision(await verdicts_on(rule, asked, desk))}"


def precision(judged: Mapping[str, Opinion]) -> str:
    """Put it in words: `82 % (9 of 11 alerts judged relevant)`."""
    if not judged:
        return "nobody has judged its alerts yet"
    relevant = sum(1 for opinion in judged.values() if opinion is Opinion.RELEVANT)
    share = round(100 * relevant / len(judged))
    return f"{share} % ({relevant:,} of {counted(len(judged), 'alert')} judged relevant)"

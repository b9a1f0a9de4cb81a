"""Completing what is being typed: the names of rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rapidfuzz import process, utils

from bot.commands.access import role_of
from bot.commands.desk import Desk
from bot.model import Asked, Choice, OptionKind, Rule
from bot.text import one_line, shorten

MOST_CHOICES: Final = 25
"""https://docs.discord.com/developers/interactions/application-commands#autocomplete"""
LONGEST_CHOICE: Final = 75
"""What Slack shows of one (chat-platforms.md, section 5.1); Discord shows 100 characters."""
_SIMILAR: Final = 50
"""From this score of rapidfuzz (0 to 100) a name counts as meant."""


async def suggest(asked: Asked, kind: OptionKind, typed: str, desk: Desk) -> Sequence[Choice]:
    """Return what may complete a name: what begins so first, then what is similar."""
    if role_of(asked, desk) is None or kind is not OptionKind.RULE:
        return ()
    rules = [compiled.rule for compiled in desk.rules_here(asked).values()]
    return tuple(map(_choice, _meant(one_line(typed).casefold(), rules)[:MOST_CHOICES]))


def _meant(typed: str, rules: list[Rule]) -> list[Rule]:
    if not typed:
        return rules
    begun = [rule for rule in rules if rule.name.casefold().startswith(typed)]
    others = {rule.name: f"{rule.name} {rule.title}" for rule in rules if rule not in begun}
    similar = process.extract(
        typed, others, processor=utils.default_process, score_cutoff=_SIMILAR, limit=MOST_CHOICES
    )
    by_name = {rule.name: rule for rule in rules}
    return begun + [by_name[name] for _, _, name in similar]


def _choice(rule: Rule) -> Choice:
    said = rule.name if rule.title == rule.name else f"{rule.name}: {rule.title}"
    return Choice(value=rule.name, label=shorten(one_line(said), LONGEST_CHOICE))

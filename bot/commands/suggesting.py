"""Completing what is being typed: the names of rules, feeds and sets, and durations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rapidfuzz import process, utils

from bot.commands.access import role_of
from bot.commands.desk import Desk
from bot.commands.durations import offered, read_duration, spoken
from bot.model import Asked, Choice, OptionKind
from bot.text import one_line, shorten

MOST_CHOICES: Final = 25
"""https://docs.discord.com/developers/interactions/application-commands#autocomplete"""
LONGEST_CHOICE: Final = 75
"""What Slack shows of one (chat-platforms.md, section 5.1); Discord shows 100 characters."""
_SIMILAR: Final = 50
"""From this score of rapidfuzz (0 to 100) a name counts as meant."""


async def suggest(asked: Asked, kind: OptionKind, typed: str, desk: Desk) -> Sequence[Choice]:
    """Return what may complete a name: what begins so first, then what is similar."""
    if role_of(asked, desk) is None:
        return ()
    text = one_line(typed).casefold()
    if kind is OptionKind.DURATION:
        return tuple(Choice(value=each, label=_lasting(each)) for each in offered(text))
    return tuple(_meant(text, _known(asked, kind, desk))[:MOST_CHOICES])


def _known(asked: Asked, kind: OptionKind, desk: Desk) -> list[Choice]:
    """Return everything of a kind that somebody may name."""
    match kind:
        case OptionKind.RULE:
            rules = (compiled.rule for compiled in desk.rules_here(asked).values())
            return [_choice(rule.name, rule.title) for rule in rules]
        case OptionKind.FEED:
            return [_choice(feed.id, feed.title) for feed in desk.feeds_here(asked)]
        case OptionKind.SET:
            return [_choice(name, name) for name in desk.names.sets]
        case _:
            return []


def _meant(typed: str, known: list[Choice]) -> list[Choice]:
    if not typed:
        return known
    begun = [one for one in known if one.value.casefold().startswith(typed)]
    others = {one.value: f"{one.value} {one.label}" for one in known if one not in begun}
    similar = process.extract(
        typed, others, processor=utils.default_process, score_cutoff=_SIMILAR, limit=MOST_CHOICES
    )
    by_name = {one.value: one for one in known}
    return begun + [by_name[name] for _, _, name in similar]


def _choice(name: str, title: str) -> Choice:
    said = name if title == name else f"{name}: {title}"
    return Choice(value=name, label=shorten(one_line(said), LONGEST_CHOICE))


def _lasting(written: str) -> str:
    return f"{written}: {spoken(read_duration(written))}"

"""Completing what is being typed: the names of rules, feeds and sets, and durations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
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
    meant = _meant(text, _known(asked, kind, desk))
    return tuple(_choice(name, title) for name, title in meant)


def _known(asked: Asked, kind: OptionKind, desk: Desk) -> Mapping[str, str]:
    """Return the names of everything of a kind that somebody may name, with their titles."""
    match kind:
        case OptionKind.RULE:
            return {name: one.rule.title for name, one in desk.rules_here(asked).items()}
        case OptionKind.FEED:
            return {feed.id: feed.title for feed in desk.feeds_here(asked)}
        case OptionKind.SET:
            return {name: name for name in desk.names.sets}
        case _:
            return {}


def _meant(typed: str, known: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Return the names that are offered: there may be ten thousand others."""
    begun = (pair for pair in known.items() if pair[0].casefold().startswith(typed))
    first = dict(islice(begun, MOST_CHOICES))
    left = MOST_CHOICES - len(first)
    if not left:
        return first.items()
    others = {name: f"{name} {title}" for name, title in known.items() if name not in first}
    similar = process.extract(
        typed, others, processor=utils.default_process, score_cutoff=_SIMILAR, limit=left
    )
    return [*first.items(), *((name, known[name]) for _, _, name in similar)]


def _choice(name: str, title: str) -> Choice:
    said = name if title == name else f"{name}: {title}"
    return Choice(value=name, label=shorten(one_line(said), LONGEST_CHOICE))


def _lasting(written: str) -> str:
    return f"{written}: {spoken(read_duration(written))}"

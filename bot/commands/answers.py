"""The answers that more than one command gives. Pure."""

from __future__ import annotations

from bot.commands.typed import Mistake
from bot.commands.wording import example, group_name, usage
from bot.errors import OrderError, RuleError
from bot.model import Card, CardLine, CommandSpec, Menu, Passage, Span
from bot.text import one_line, shorten

_AROUND = 100
"""How many characters before and after the wrong part of a rule are shown."""
_HERE = "▲"
LONGEST_MISTAKE = 300
"""Characters of what is wrong with a field: a few lines below it."""
_NEAR = 30
"""How many characters around the wrong part are shown at a field of a form."""


MOST_LINES = 20
"""Commands that are shown one by one; Slack shows 24 lines of a card in all."""


def menu_lines(commands: tuple[CommandSpec, ...], menu: Menu) -> tuple[CardLine, ...]:
    """Return a line for each command: how it is written, and what it does.

    Where these would be too many to be shown, each group has one line with its verbs.
    """
    if len(commands) > MOST_LINES:
        groups = dict.fromkeys(spec.group for spec in commands)
        return tuple(_group_line(group, commands, menu) for group in groups)
    return tuple(CardLine(text=f"{usage(spec, menu)} - {spec.help}") for spec in commands)


def _group_line(group: str, commands: tuple[CommandSpec, ...], menu: Menu) -> CardLine:
    verbs = ", ".join(spec.verb for spec in commands if spec.group == group)
    return CardLine(text=f"{group_name(group, menu)} {verbs}")


def mistake_card(mistake: Mistake, menu: Menu) -> Card:
    """Say what is wrong with an order, what was probably meant, and how it is written."""
    meant = [spec for spec in mistake.meant if spec.verb == mistake.nearest]
    nearest = f"Did you mean {group_name(meant[0].group, menu)} {meant[0].verb}?" if meant else ""
    shown = mistake.meant
    tried = f"For example: {example(shown[0], menu)}" if len(shown) == 1 else ""
    return Card(
        title=mistake.said,
        notes=tuple(filter(None, (nearest, tried))),
        lines=menu_lines(shown, menu),
    )


def rule_mistake_card(error: RuleError) -> Card:
    """Show what is wrong with the text of a rule: the place stands out in its line.

    Cards have no fixed-width font in which a caret would stand under the place.
    """
    return Card(
        title=_sentence(error.problem),
        summary=(_place(error),),
        notes=(_sentence(error.advice),) if error.advice else (),
    )


def mistake_line(error: RuleError) -> str:
    """Say in one short text what is wrong with the text of a rule: where, what, and what to do.

    It stands at the field of a form, where nothing can stand out: ▸ and ◂ show the place.
    """
    place = _place(error, _NEAR)
    ((start, end),) = place.marks
    wrong = place.text[start:end]
    shown = wrong if wrong == _HERE else f"▸{wrong}◂"
    where = f"{place.text[:start]}{shown}{place.text[end:]}"
    said = f"{_sentence(error.problem)}: {where}"
    advised = f"{said}. {_sentence(error.advice)}." if error.advice else said
    return shorten(one_line(advised), LONGEST_MISTAKE)


def not_there_card(error: OrderError) -> Card:
    """Say what is not there, and what to do."""
    return Card(title=error.problem, notes=(error.advice,) if error.advice else ())


def _place(error: RuleError, around: int = _AROUND) -> Passage:
    """Return the line of the rule with the wrong part marked, or a sign where something lacks."""
    line_start = error.source.rfind("\n", 0, error.start) + 1
    line = error.source[line_start:].split("\n", 1)[0]
    start = min(error.start - line_start, len(line))
    end = min(error.end - line_start, len(line))
    before, wrong, after = line[:start], line[start:end] or _HERE, line[max(start, end) :]
    lead = f"…{before[-around:]}" if len(before) > around else before
    tail = f"{after[:around]}…" if len(after) > around else after
    wrong = f"{wrong[:around]}…" if len(wrong) > around else wrong
    return Passage(f"{lead}{wrong}{tail}", (Span(len(lead), len(lead) + len(wrong)),))


def _sentence(words: str) -> str:
    """Begin with a capital, unless it begins with a word of the language such as `since:`."""
    first = words.split(" ", 1)[0]
    return words[:1].upper() + words[1:] if first.isalpha() else words

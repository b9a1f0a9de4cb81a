"""From what was typed to an order with verb and arguments.

Slack has no subcommands: `/news why a1b2 rafah-red-line` arrives as text. Discord fills verb and
arguments, which are checked here in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import regex
from rapidfuzz import process

from bot.model import Argument, CommandSpec, Menu, Option, OptionKind, Order
from bot.text import one_line

_SIMILAR: Final = 60
"""From this score of rapidfuzz (0 to 100) a known name is offered for an unknown one."""
_QUOTES: Final = {'"': '"', "“": "”", "„": "“”", "«": "»", "'": "'"}
_QUOTED: Final = regex.compile(
    r"""\s*(?: "([^"]*)" | [“„]([^“”]*)[“”] | «([^»]*)» | '([^']*)'(?=\s|$) | (\S+) )""", regex.X
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """An order that cannot be carried out: what is wrong, and the commands that it may have meant.

    `nearest` is the verb that was probably meant. `incomplete` is the order as far as it was read,
    where only values are missing that can be asked for.
    """

    said: str
    meant: tuple[CommandSpec, ...]
    nearest: str = ""
    incomplete: Order | None = None


def read(order: Order, menu: Menu) -> Order | Mistake:
    """Return the order with verb and arguments, each value checked to be there."""
    group = [spec for spec in menu.commands if spec.group == order.group]
    if not group:
        return Mistake(f"There is no command /{menu.prefix}{order.group}", menu.commands)
    if order.verb or order.arguments:
        return _filled(order, group)
    return _typed(order, one_line(order.text), group)


def nearest(name: str, known: list[str]) -> str:
    """Return the known name that `name` is probably meant to be, or the empty string."""
    found = process.extractOne(name.casefold(), known, score_cutoff=_SIMILAR)
    return found[0] if found else ""


def _filled(order: Order, group: list[CommandSpec]) -> Order | Mistake:
    verb = order.verb or _default(group).verb
    spec = next((spec for spec in group if spec.verb == verb), None)
    if spec is None:
        return _unknown(verb, group)
    known = {option.name for option in spec.options}
    given = {one.name: one_line(one.value) for one in order.arguments if one.name in known}
    return _checked(order, spec, given)


def _typed(order: Order, text: str, group: list[CommandSpec]) -> Order | Mistake:
    first, _, rest = text.partition(" ")
    spec = next((spec for spec in group if spec.verb == first.casefold()), None)
    if spec is None:
        spec, rest = _default(group), text
        if rest and not spec.options:
            return _unknown(first, group)
    if rest and not spec.options:
        return Mistake(f"Nothing follows {spec.verb}", (spec,))
    return _checked(order, spec, _values(rest, spec.options))


def _values(text: str, options: tuple[Option, ...]) -> dict[str, str]:
    """Divide a line among options; the last takes the rest, with its quotes where it is text."""
    given: dict[str, str] = {}
    for option in options[:-1]:
        found = _QUOTED.match(text)
        if found:
            given[option.name] = next(filter(None, found.groups()), "")
            text = text[found.end() :]
    for option in options[-1:]:
        rest = text.strip()
        given[option.name] = unquoted(rest) if option.kind is OptionKind.RULE else rest
    return given


def unquoted(text: str) -> str:
    """Return a text without the quotes around it."""
    if len(text) > 1 and text[-1] in _QUOTES.get(text[0], ""):
        return text[1:-1].strip()
    return text


def _checked(order: Order, spec: CommandSpec, given: dict[str, str]) -> Order | Mistake:
    missing = [o.name.upper() for o in spec.options if o.required and not given.get(o.name)]
    arguments = tuple(Argument(name=name, value=value) for name, value in given.items() if value)
    understood = replace(order, verb=spec.verb, arguments=arguments, text="")
    if not missing:
        return understood
    # Whoever typed no verb may not know which there are, and is helped by reading it.
    can_ask = order.text.split(" ", 1)[0].casefold() == spec.verb
    incomplete = understood if can_ask else None
    return Mistake(f"{' and '.join(missing)} must be given", (spec,), incomplete=incomplete)


def _default(group: list[CommandSpec]) -> CommandSpec:
    return next((spec for spec in group if spec.default), group[0])


def _unknown(verb: str, group: list[CommandSpec]) -> Mistake:
    meant = nearest(verb, [spec.verb for spec in group])
    return Mistake(f"There is no “{verb}” here", tuple(group), meant)

"""Refusing rules that make no sense: that can never match, or match whatever is written.

A rule's clauses are taken as switches that can be on or off, except where one switches another:
what is found in the title is found in the article, "red line" is never found without "line", an
article has one language. A rule of up to twelve different clauses is tried with all settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from bot.errors import RuleError
from bot.rules.kinds import Seeker
from bot.rules.rule import (
    And,
    AtLeast,
    Count,
    Named,
    Near,
    Node,
    Not,
    Or,
    Scope,
    Scoped,
    Sought,
    With,
    children,
)

_MOST_SWITCHES: Final = 12
EVERYWHERE: Final = frozenset({" the ", " a ", " and ", " of ", " to ", " in "})
"""English words that stand in practically every article."""
ONE_OF_A_KIND: Final = frozenset({"tier", "lang"})


@dataclass(frozen=True, slots=True)
class _Switch:
    """A clause that is on or off; `scope` confines it, `node` is one that needs others to be on."""

    scope: Scope | None
    seeker: Seeker | None = None
    node: Node | None = None


Setting = dict[_Switch, bool]


def check_sense(when: Node, unless: Node | None, source: str) -> None:
    """Refuse a rule that can never match, matches everything, or only says what must be absent.

    Raises:
        RuleError: with the reason.
    """
    whole = when if unless is None else And((when, Not(unless)))
    switches = list(dict.fromkeys(_switches(whole, None)))
    if len(switches) <= _MOST_SWITCHES:
        _try_all(whole, switches, source, when)
    if not asks_for_something(when):
        problem = "only says what must not be there, so that nearly everything would match"
        advice = "Add a term that an article must have"
        raise RuleError(problem, source=source, span=when.span, advice=advice)


def asks_for_something(node: Node, wanted: bool = True) -> bool:
    """Say whether the node can be `wanted` only where a term is present."""
    match node:
        case Not():
            return asks_for_something(node.part, not wanted)
        case Named() | Scoped():
            return asks_for_something(node.part, wanted)
        case And() | Or():
            asking = [asks_for_something(part, wanted) for part in node.parts]
            return any(asking) if isinstance(node, And) is wanted else all(asking)
        case AtLeast() if wanted:
            silent = sum(not asks_for_something(part) for part in node.parts)
            return node.number > silent
        case _:
            return wanted


def _try_all(whole: Node, switches: list[_Switch], source: str, when: Node) -> None:
    settings = list(_possible_settings(switches))
    outcomes = [_holds(whole, None, setting) for setting in settings]
    if not any(outcomes):
        problem = "can never match: what one part asks for, another part excludes"
        raise RuleError(problem, source=source, span=when.span, advice="Look at NOT and except")
    usual = [
        outcome
        for setting, outcome in zip(settings, outcomes, strict=True)
        if all(on for switch, on in setting.items() if _is_everywhere(switch))
    ]
    if all(usual) and asks_for_something(when):
        problem = "matches everything: there is no article for which it does not hold"
        advice = "Ask for words that not every article has"
        raise RuleError(problem, source=source, span=when.span, advice=advice)


def _switches(node: Node, scope: Scope | None) -> Iterator[_Switch]:
    match node:
        case Sought():
            yield _Switch(scope, seeker=node.seeker)
            if scope is not None:
                yield _Switch(None, seeker=node.seeker)
        case Near() | With() | Count():
            yield _Switch(scope, node=node)
    inner = node.scope if isinstance(node, Scoped) else scope
    for part in children(node):
        yield from _switches(part, inner)


def _holds(node: Node, scope: Scope | None, setting: Setting) -> bool:
    match node:
        case Sought():
            return setting[_Switch(scope, seeker=node.seeker)]
        case Near() | With() | Count():
            return setting[_Switch(scope, node=node)]
        case Not():
            return not _holds(node.part, scope, setting)
        case _:
            inner = node.scope if isinstance(node, Scoped) else scope
            return sum(_holds(part, inner, setting) for part in children(node)) >= _needed(node)


def _needed(node: Node) -> int:
    """Return how many of a node's parts must hold."""
    if isinstance(node, AtLeast):
        return node.number
    return len(node.parts) if isinstance(node, And) else 1


def _possible_settings(switches: Sequence[_Switch]) -> Iterator[Setting]:
    """Yield the settings that an article can have."""
    needs = [(a, b) for a in switches for b in switches if a != b and _needs(a, b)]
    apart = [(a, b) for a in switches for b in switches if _excludes(a, b)]
    for values in product((False, True), repeat=len(switches)):
        setting = dict(zip(switches, values, strict=True))
        if any(setting[a] and not setting[b] for a, b in needs):
            continue
        if any(setting[a] and setting[b] for a, b in apart):
            continue
        if all(_parts_hold(switch, setting) for switch, on in setting.items() if on):
            yield setting


def _parts_hold(switch: _Switch, setting: Setting) -> bool:
    """Say whether what a NEAR, WITH or count is made of is on."""
    match switch.node:
        case Near() | With() as pair:
            sides = (pair.left, pair.right)
            return all(_holds(side, switch.scope, setting) for side in sides)
        case Count() as count:
            return _holds(count.part, switch.scope, setting)
        case _:
            return True


def _needs(one: _Switch, other: _Switch) -> bool:
    """Say whether the first is never on without the second."""
    if one.seeker is None or other.seeker is None or other.scope not in {None, one.scope}:
        return False
    if one.seeker == other.seeker:
        return True
    longer, shorter = one.seeker.phrases(), other.seeker.phrases()
    if not longer or not shorter or not other.seeker.sufficient:
        return False
    return all(any(short in long for short in shorter) for long in longer)


def _excludes(one: _Switch, other: _Switch) -> bool:
    """Say whether an article cannot have both: one language, one kind of publisher."""
    a, b = one.seeker, other.seeker
    if a is None or b is None or a.kind != b.kind or a.kind not in ONE_OF_A_KIND:
        return False
    return not (a.written.startswith(b.written) or b.written.startswith(a.written))


def _is_everywhere(switch: _Switch) -> bool:
    phrases = switch.seeker.phrases() if switch.seeker else None
    return bool(phrases and phrases & EVERYWHERE)

"""Refusing rules that make no sense: that can never match, or match whatever is written."""

from __future__ import annotations

from bot.errors import RuleError
from bot.rules.rule import And, AtLeast, Named, Node, Not, Or


def check_sense(when: Node, unless: Node | None, source: str) -> None:
    """Refuse a rule that can never match, matches everything, or only says what must be absent.

    Raises:
        RuleError: with the reason.
    """
    if unless is not None and unless == when:
        problem = "can never match: what it looks for is also what it excepts"
        raise RuleError(problem, source=source, span=when.span)
    if not asks_for_something(when):
        problem = "only says what must not be there, so that nearly everything would match"
        advice = "Add a term that an article must have"
        raise RuleError(problem, source=source, span=when.span, advice=advice)


def asks_for_something(node: Node, wanted: bool = True) -> bool:
    """Say whether the node can be `wanted` only where a term is present."""
    match node:
        case Not():
            return asks_for_something(node.part, not wanted)
        case Named():
            return asks_for_something(node.part, wanted)
        case And() | Or():
            asking = [asks_for_something(part, wanted) for part in node.parts]
            return any(asking) if isinstance(node, And) is wanted else all(asking)
        case AtLeast() if wanted:
            silent = sum(not asks_for_something(part) for part in node.parts)
            return node.number > silent
        case _:
            return wanted

"""Text to tree and back. `write(parse(text))` is the canonical form of a rule's text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, cast

from lark import Lark
from lark.exceptions import UnexpectedInput

from bot.errors import RuleError
from bot.rules.mistakes import syntax_error
from bot.rules.rule import (
    And,
    AtLeast,
    Count,
    Named,
    Near,
    Node,
    Not,
    Or,
    Scoped,
    Sought,
    Term,
    With,
    children,
)
from bot.rules.treemaker import TreeMaker

MAX_DEPTH: Final = 20
"""How deep a rule may nest (issue 3)."""
MAX_LENGTH: Final = 20_000
"""How many characters a rule may have: room for 500 terms of 40 characters."""

_GRAMMAR = Path(__file__).with_name("grammar.lark")


def parse(text: str) -> Node:
    """Read the text of a rule as a tree of terms.

    Raises:
        RuleError: with the place, what was expected there, and the nearest form that can be read.
    """
    if len(text) > MAX_LENGTH:
        problem = f"has {len(text):,} characters; at most {MAX_LENGTH:,} are allowed"
        raise RuleError(problem, source=text, span=(MAX_LENGTH, len(text)), advice=_SPLIT)
    try:
        node = cast(Node, _lark().parse(text))
    except UnexpectedInput as error:
        raise syntax_error(text, error, _parses) from None
    except RuleError as error:
        span = (error.start, error.end)
        raise RuleError(error.problem, source=text, span=span, advice=error.advice) from None
    deepest, depth = _depth(node)
    if depth > MAX_DEPTH:
        problem = f"nests {depth} deep; at most {MAX_DEPTH} levels are allowed"
        raise RuleError(problem, source=text, span=deepest.span, advice=_SPLIT)
    return node


_SPLIT = "Make two rules of it, or name a part of it as a set and refer to it with @"


@cache
def _lark() -> Lark:
    grammar = _GRAMMAR.read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=TreeMaker(), maybe_placeholders=False)


def _parses(text: str) -> bool:
    try:
        _lark().parse(text)
    except (UnexpectedInput, RuleError):
        return False
    return True


def _depth(node: Node) -> tuple[Node, int]:
    """Return the deepest node and its depth, without recursion: the text may nest without end."""
    deepest, reached = node, 1
    waiting = [(node, 1)]
    while waiting:
        here, depth = waiting.pop()
        if depth > reached:
            deepest, reached = here, depth
        waiting.extend((child, depth + 1) for child in children(here))
    return deepest, reached


def write(node: Node) -> str:
    """Write a tree in the canonical form of the language."""
    match node:
        case Term():
            return node.written()
        case Sought():
            return node.term.written()
        case Named():
            return f"@{node.name}"
        case And():
            return " AND ".join(_under(part, (And, Or)) for part in node.parts)
        case Or():
            return " OR ".join(_under(part, (Or,)) for part in node.parts)
        case Not():
            return f"NOT {_under(node.part, (And, Or))}"
        case _:
            return _write_placed(node)


def _write_placed(node: Near | With | AtLeast | Count | Scoped) -> str:
    match node:
        case Near():
            operator = f"{'BEFORE' if node.ordered else 'NEAR'}/{node.words}"
            return f"{_under(node.left, _LOOSE)} {operator} {_under(node.right, _BINARY)}"
        case With():
            return f"{_under(node.left, _LOOSE)} WITH {_under(node.right, _BINARY)}"
        case AtLeast():
            return f"{node.number} OF ({', '.join(write(part) for part in node.parts)})"
        case Count():
            return f"count({write(node.part)}) >= {node.number}"
        case Scoped():
            return f"{node.scope.value}:{_under(node.part, _BINARY)}"


_LOOSE = (And, Or, Not)
_BINARY = (And, Or, Not, Near, With)


def _under(node: Node, loose: tuple[type, ...]) -> str:
    return f"({write(node)})" if isinstance(node, loose) else write(node)

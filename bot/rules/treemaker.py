"""What the grammar's rules become: the nodes of a rule's tree, each with its span."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from lark import Token, Transformer

from bot.errors import RuleError
from bot.model import Span
from bot.rules.rule import (
    NEAR_WORDS,
    And,
    AtLeast,
    Count,
    Near,
    Node,
    Not,
    Or,
    Scope,
    Scoped,
    Term,
    With,
)

_SCOPES = {scope.value: scope for scope in Scope}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# Operators in small letters, or without their number's slash.
_MISSPELT = re.compile(r"(and|or|not|near)|(NEAR|BEFORE)\W?(\w*)|(OF)")

Part = Node | Token


class TreeMaker(Transformer[Token, Node]):
    """Makes the tree while the text is parsed."""

    def start(self, parts: list[Node]) -> Node:
        """The whole rule."""
        return parts[0]

    def or_(self, parts: list[Part]) -> Node:
        """`a OR b`."""
        return Or(_nodes(parts), _span(parts))

    def and_(self, parts: list[Part]) -> Node:
        """`a AND b`, or `a b`."""
        _refuse_split_names(_nodes(parts))
        return And(_nodes(parts), _span(parts))

    def negation(self, parts: list[Part]) -> Node:
        """`NOT a`, or `-a`."""
        return Not(_nodes(parts)[0], _span(parts))

    def nearness(self, parts: list[Part]) -> Node:
        """`a NEAR/5 b`, `a BEFORE/5 b`, `a WITH b`."""
        left, right = _nodes(parts)
        operator, _, number = str(parts[1]).partition("/")
        if operator == "WITH":
            return With(left, right, _span(parts))
        if not number:
            _refuse_bare_number(operator, right)
        words = int(number) if number else NEAR_WORDS
        return Near(left, right, words, operator == "BEFORE", _span(parts))

    def group(self, parts: list[Part]) -> Node:
        """`(a)`."""
        return _nodes(parts)[0]

    def at_least(self, parts: list[Part]) -> Node:
        """`2 OF (a, b, c)`."""
        return AtLeast(int(str(parts[0]).split()[0]), _nodes(parts), _span(parts))

    def count(self, parts: list[Part]) -> Node:
        """`count(a) >= 3`."""
        number = int(str(parts[-1]).removeprefix(">=").strip())
        return Count(_nodes(parts)[0], number, _span(parts))

    def led(self, parts: list[Part]) -> Node:
        """`title:a`, `name:a`, `place:(a OR b)`."""
        lead = str(parts[0])[:-1]
        scope = _SCOPES.get(lead)
        part = _nodes(parts)[0]
        if scope is not None:
            return Scoped(scope, part, _span(parts))
        return _lead_over(part, lead, parts)

    def exactly(self, parts: list[Part]) -> Node:
        """`="WHO"`."""
        return _lead_over(_nodes(parts)[0], "=", parts)

    def value(self, parts: list[Part]) -> Node:
        """A word or a phrase, perhaps with `*` or `+`."""
        first = parts[0]
        assert isinstance(first, Token)
        tail = str(parts[1]) if len(parts) > 1 else ""
        written = str(first)
        if first.type == "WORD":
            _refuse_misspelt(first)
        else:
            written = _ESCAPED.sub(r"\1", written[1:-1])
        return Term("", written, tail, _span(parts))

    def pattern(self, parts: list[Part]) -> Node:
        """`/pattern/` or `/pattern/i`."""
        pattern, _, flag = str(parts[0])[1:].rpartition("/")
        return Term("/", pattern, flag, _span(parts))

    def set_(self, parts: list[Part]) -> Node:
        """`@ceasefire-words`."""
        return Term("@", str(parts[0])[1:], "", _span(parts))


def _nodes(parts: list[Part]) -> tuple[Node, ...]:
    return tuple(part for part in parts if not isinstance(part, Token))


def _span(parts: list[Part]) -> Span:
    first, last = parts[0], parts[-1]
    start = first.start_pos if isinstance(first, Token) else first.span.start
    end = last.end_pos if isinstance(last, Token) else last.span.end
    return Span(start or 0, end or 0)


def _lead_over(node: Node, lead: str, parts: list[Part]) -> Node:
    """Put what stands before a term or a group before every term in it."""
    match node:
        case Term(lead=""):
            return replace(node, lead=lead, span=_span(parts))
        case And() | Or():
            return replace(node, parts=tuple(_lead_over(p, lead, [p]) for p in node.parts))
        case Not():
            return replace(node, part=_lead_over(node.part, lead, [node.part]))
        case _:
            mark = lead if lead == "=" else f"{lead}:"
            raise RuleError(
                f"expected a word or a phrase in quotes after {mark}",
                source="",
                span=node.span,
                advice=f'For example {mark}"Red Line"',
            )


def _refuse_misspelt(word: Token) -> None:
    match = _MISSPELT.fullmatch(str(word))
    if match is None:
        return
    small, near, number, _ = match.groups()
    meant = small.upper() if small else f"{near}/{number}" if near else "2 OF (a, b, c)"
    if near and not number.isdigit():
        meant = f"{near}/{NEAR_WORDS}"
    raise RuleError(
        f"{word} is not an operator as it is written here",
        source="",
        span=(word.start_pos or 0, word.end_pos or 0),
        advice=f'Write {meant}, or "{word}" in quotes for the word itself',
    )


def _refuse_split_names(nodes: tuple[Node, ...]) -> None:
    """Refuse `name:Joe Biden`, which would look for a person called Joe and the word Biden."""
    for name, word in pairwise(nodes):
        if not (isinstance(name, Term) and name.lead.startswith("name")):
            continue
        side_by_side = word.span.start - name.span.end < len(" AND ")
        if isinstance(word, Term) and not word.lead and word.value.istitle() and side_by_side:
            raise RuleError(
                f"{name.lead}: takes one word, or a name in quotes",
                source="",
                span=Span(name.span.start, word.span.end),
                advice=f'Write {name.lead}:"{name.value} {word.value}", or AND between the two',
            )


def _refuse_bare_number(operator: str, right: Node) -> None:
    """Refuse `a NEAR 5 b`, which would look for the number."""
    if isinstance(right, Term) and right.lead == "" and right.value.isdigit():
        raise RuleError(
            f"the number of words belongs to {operator}",
            source="",
            span=right.span,
            advice=f"Write {operator}/{right.value}",
        )

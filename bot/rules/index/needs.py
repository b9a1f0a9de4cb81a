"""What a rule needs an article to have, as clauses: of each clause, one piece must occur.

The clauses are necessary, never sufficient: where they all hold, the rule is worth a look.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from math import comb
from typing import Final

from bot.rules.index.facts import fact_of
from bot.rules.rule import And, AtLeast, CompiledRule, Node, Not, Or, Sought, Term, children

Clause = frozenset[str]
Clauses = tuple[Clause, ...]

_MOST_CHOICES: Final = 8
"""Of the ways to say what an OR of conjunctions needs, so many are kept; each costs memory."""


def needs_of(compiled: CompiledRule) -> Clauses:
    """Return what must occur for a rule to hold; nothing where it cannot say."""
    return needs(compiled.when)


def needs(node: Node) -> Clauses:
    """Return what must occur for a clause of a rule to hold."""
    match node:
        case Sought():
            return _of_term(node)
        case Not(part=Not(part=part)):
            return needs(part)
        case Not() | Term():
            return ()
        case Or():
            return _of_any([needs(part) for part in node.parts])
        case AtLeast():
            return _of_at_least(node.number, [needs(part) for part in node.parts])
        case And():
            return _of_all([needs(part) for part in node.parts])
        case _:
            return _of_all([needs(part) for part in children(node)])


def _of_term(node: Sought) -> Clauses:
    phrases = node.seeker.phrases()
    if phrases:
        return (phrases,)
    fact = fact_of(node.seeker)
    return (frozenset({fact}),) if fact else ()


def _of_all(parts: Sequence[Clauses]) -> Clauses:
    return tuple(dict.fromkeys(clause for part in parts for clause in part))


def _of_any(parts: Sequence[Clauses]) -> Clauses:
    """Return what one of the parts must have: a clause of each, joined."""
    if not all(parts):
        return ()
    choices = 1
    for part in parts:
        choices *= len(part)
    picked = product(*parts) if choices <= _MOST_CHOICES else [[max(p, key=_length) for p in parts]]
    return tuple(dict.fromkeys(frozenset[str]().union(*choice) for choice in picked))


def _of_at_least(number: int, parts: Sequence[Clauses]) -> Clauses:
    """Return what must occur where `number` of the parts hold: one of any group large enough."""
    group = len(parts) - number + 1
    if comb(len(parts), group) > _MOST_CHOICES:
        return _of_any(sorted(parts, key=len, reverse=True)[:group])
    return _of_all([_of_any(chosen) for chosen in combinations(parts, group)])


def _length(clause: Clause) -> int:
    """Return the length of the shortest piece: long ones are rare."""
    return min(map(len, clause))

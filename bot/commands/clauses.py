"""Which phrases an article must hold for a rule to hold: what a search asks the index for. Pure.

An article without them cannot answer, whatever else the rule says; one that has them may, and is
then judged by the rule itself. What must be absent asks for nothing, nor does a term that cannot
name its words, such as a pattern.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.rules.rule import And, AtLeast, Node, Not, Or, Sought, children

Clause = frozenset[str]
"""Phrases of folded text of which at least one must occur; without any, nothing can answer."""


def required(node: Node) -> tuple[Clause, ...]:
    """Return the clauses of which all must hold where the node holds; () where none can be told."""
    match node:
        case Sought():
            phrases = node.seeker.phrases()
            return () if phrases is None else (frozenset(phrases),)
        case Not():
            return ()
        case Or():
            return _some(1, node.parts)
        case AtLeast():
            return _some(node.number, node.parts)
        case _:
            return _all(children(node))


def _all(parts: Sequence[Node]) -> tuple[Clause, ...]:
    clauses = [clause for part in parts for clause in required(part)]
    return tuple(dict.fromkeys(clauses))


def _some(number: int, parts: Sequence[Node]) -> tuple[Clause, ...]:
    """Return what must hold where `number` of the parts do.

    Among any `len(parts) - number + 1` of them one holds, so the phrases of so many parts together
    are one clause; the parts that ask for least are taken.
    """
    if number >= len(parts):
        return _all(parts)
    enough = len(parts) - number + 1
    telling = [min(clauses, key=len) for part in parts if (clauses := required(part))]
    if len(telling) < enough:
        return ()
    return (frozenset().union(*sorted(telling, key=len)[:enough]),)


def sources(node: Node) -> tuple[str, ...]:
    """Return the domains that an article must be of: `source:reuters.com`, joined by AND."""
    match node:
        case And():
            return tuple(domain for part in node.parts for domain in sources(part))
        case Sought() if node.seeker.kind == "source":
            domain = node.term.value.casefold().removeprefix("www.")
            # A name with spaces or accents is folded in ways that the index need not share.
            plain = domain.isascii() and "." in domain and domain.replace(".", "a").isalnum()
            return (domain,) if plain else ()
        case _:
            return ()

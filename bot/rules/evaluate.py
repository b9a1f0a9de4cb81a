"""The truth about one rule and one article. Everything faster must say the same.

Evidence is the occurrences that made the rule hold; what must be absent gives none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot.model import Evidence, Field
from bot.rules.kinds import Hit, Seeker
from bot.rules.normal import NormalText
from bot.rules.rule import (
    And,
    AtLeast,
    CompiledRule,
    Count,
    Named,
    Near,
    Node,
    Not,
    Or,
    Scope,
    Scoped,
    Sought,
    Term,
    With,
)

MOST_PARTNERS = 8
"""Of the other side of a NEAR, so many nearest occurrences on each side are looked at."""


class Found(NamedTuple):
    """A term with one of its occurrences."""

    seeker: Seeker
    hit: Hit


class Spot(NamedTuple):
    """A half-open range of tokens where a clause holds, and the occurrences that make it hold."""

    first: int
    last: int
    found: tuple[Found, ...]


class Window(NamedTuple):
    """The half-open range of tokens that a clause may look at."""

    first: int
    last: int


def evaluate(compiled: CompiledRule, normal: NormalText) -> tuple[Evidence, ...] | None:
    """Return what proves that the rule holds for the article, or None where it does not hold."""
    whole = whole_article(normal)
    found = proof(compiled.when, normal, whole)
    if found is None:
        return None
    if compiled.unless is not None and proof(compiled.unless, normal, whole) is not None:
        return None
    return evidence_of(found, normal)


def whole_article(normal: NormalText) -> Window:
    """Return the window that confines nothing."""
    return Window(0, len(normal.tokens))


def proof(node: Node, normal: NormalText, window: Window) -> list[Found] | None:
    """Return the occurrences that make a clause hold within the window, None where it does not."""
    match node:
        case And():
            return _of_all(node.parts, normal, window)
        case Or():
            return _of_at_least(1, node.parts, normal, window)
        case AtLeast():
            return _of_at_least(node.number, node.parts, normal, window)
        case Not():
            return [] if proof(node.part, normal, window) is None else None
        case Named():
            return proof(node.part, normal, window)
        case Scoped():
            return proof(node.part, normal, scope_window(node.scope, normal, window))
        case _:
            found = spots(node, normal, window)
            needed = node.number if isinstance(node, Count) else 1
            return [one for spot in found for one in spot.found] if len(found) >= needed else None


def _of_all(parts: Sequence[Node], normal: NormalText, window: Window) -> list[Found] | None:
    found: list[Found] = []
    for part in parts:
        proved = proof(part, normal, window)
        if proved is None:
            return None
        found += proved
    return found


def _of_at_least(
    number: int, parts: Sequence[Node], normal: NormalText, window: Window
) -> list[Found] | None:
    proofs = [proved for part in parts if (proved := proof(part, normal, window)) is not None]
    return [one for proved in proofs for one in proved] if len(proofs) >= number else None


def scope_window(scope: Scope, normal: NormalText, window: Window) -> Window:
    """Return the part of the window that lies within the title or the lead."""
    first, last = normal.token_range(Field.TITLE) if scope is Scope.TITLE else normal.lead_range()
    return Window(max(first, window.first), min(last, window.last))


def spots(node: Node, normal: NormalText, window: Window) -> list[Spot]:
    """Return where a clause that stands somewhere holds, by first token."""
    match node:
        case Sought():
            return _term_spots(node, normal, window)
        case Named() | Count():
            return spots(node.part, normal, window)
        case Scoped():
            return spots(node.part, normal, scope_window(node.scope, normal, window))
        case Or():
            return _apart(spot for part in node.parts for spot in spots(part, normal, window))
        case Near():
            return near_spots(node, normal, window)
        case With():
            return _with_spots(node, normal, window)
        case And() | Not() | AtLeast() | Term():
            raise AssertionError(f"{node} does not stand anywhere; reading a rule refuses it")


def _term_spots(node: Sought, normal: NormalText, window: Window) -> list[Spot]:
    return [
        Spot(hit.first, hit.last, (Found(node.seeker, hit),))
        for hit in normal.find(node.seeker)
        if window.first <= hit.first and hit.last <= window.last
    ]


def _apart(all_spots: Iterable[Spot]) -> list[Spot]:
    """Merge spots of the same range, so that no place counts twice."""
    by_range: dict[tuple[int, int], tuple[Found, ...]] = {}
    for first, last, found in all_spots:
        by_range[first, last] = by_range.get((first, last), ()) + found
    return [Spot(first, last, by_range[first, last]) for first, last in sorted(by_range)]


def near_spots(node: Near, normal: NormalText, window: Window) -> list[Spot]:
    """Return the pairs of a NEAR or BEFORE, each as the range from its first to its last token."""
    lefts = spots(node.left, normal, window)
    rights = spots(node.right, normal, window)
    pairs = _in_order(lefts, rights, node.words, normal)
    if not node.ordered:
        pairs += _in_order(rights, lefts, node.words, normal)
    return _apart(pairs)


def _in_order(
    befores: Sequence[Spot], afters: Sequence[Spot], words: int, normal: NormalText
) -> list[Spot]:
    firsts = [spot.first for spot in afters]
    pairs = []
    for before in befores:
        at = bisect_left(firsts, before.last)
        until = bisect_right(firsts, before.last + words)
        for after in afters[at : min(until, at + MOST_PARTNERS)]:
            if (before.first < normal.text_token) is (after.first < normal.text_token):
                last = max(before.last, after.last)
                pairs.append(Spot(before.first, last, before.found + after.found))
    return pairs


def _with_spots(node: With, normal: NormalText, window: Window) -> list[Spot]:
    rights: dict[int | None, list[Spot]] = {}
    for spot in spots(node.right, normal, window):
        rights.setdefault(normal.sentence_of(spot.first), []).append(spot)
    pairs = []
    for left in spots(node.left, normal, window):
        for right in rights.get(normal.sentence_of(left.first), [])[:MOST_PARTNERS]:
            if left.last <= right.first or right.last <= left.first:
                first, last = min(left.first, right.first), max(left.last, right.last)
                pairs.append(Spot(first, last, left.found + right.found))
    return _apart(pairs)


_ORDER = {field: n for n, field in enumerate(Field)}


def evidence_of(found: Iterable[Found], normal: NormalText) -> tuple[Evidence, ...]:
    """Return occurrences as evidence: title first, then by place, each once."""
    distinct = sorted(set(found), key=_place)
    return tuple(_evidence(seeker, hit, normal) for seeker, hit in distinct)


def _place(found: Found) -> tuple[int, int, int, str]:
    hit = found.hit
    return _ORDER[hit.field], hit.start, hit.end, found.seeker.written


def _evidence(seeker: Seeker, hit: Hit, normal: NormalText) -> Evidence:
    return Evidence(
        term=seeker.written,
        kind=seeker.kind,
        field=hit.field,
        sentence=normal.sentence_of(hit.first) if hit.field is Field.TEXT else None,
        start=hit.start,
        end=hit.end,
        text=normal.source(hit.field)[hit.start : hit.end],
    )

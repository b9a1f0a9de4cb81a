"""Why a rule holds for an article or does not: its clauses as a tree, with the proof of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model import Article, Evidence, Field
from bot.rules.evaluate import Spot, Window, evidence_of, proof, scope_window, spots, whole_article
from bot.rules.normal import NormalText, normalise
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
    Scoped,
    Sought,
    With,
)
from bot.rules.syntax import write


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One clause of a rule and how it stands for an article.

    `clause` is its text in canonical form. `sentence` is the sentence (or title) that satisfied it,
    `evidence` the occurrences in it. `note` says how close a clause came that does not hold.
    """

    clause: str
    held: bool
    sentence: str = ""
    evidence: tuple[Evidence, ...] = ()
    note: str = ""
    parts: tuple[Explanation, ...] = ()


def explain(compiled: CompiledRule, article: Article) -> Explanation:
    """Return the clauses of a rule as a tree; `except` is the last of them, as NOT."""
    normal = normalise(article)
    return _explained(compiled.tree, normal, whole_article(normal))


def lines(explanation: Explanation) -> list[str]:
    """Return an explanation as lines of plain text, parts indented by two spaces."""
    return list(_lines(explanation, ""))


def _lines(explanation: Explanation, indent: str) -> Iterator[str]:
    mark = "✓" if explanation.held else "✗"
    note = f"  ({explanation.note})" if explanation.note else ""
    yield f"{indent}{mark} {explanation.clause}{note}"
    if explanation.sentence and not explanation.parts:
        yield f"{indent}    {explanation.sentence}"
    for part in explanation.parts:
        yield from _lines(part, f"{indent}  ")


def _explained(node: Node, normal: NormalText, window: Window) -> Explanation:
    found = proof(node, normal, window)
    evidence = evidence_of(found or (), normal)
    return Explanation(
        clause=write(node),
        held=found is not None,
        sentence=_sentence(evidence, normal),
        evidence=evidence,
        note="" if found is not None else _shortfall(node, normal, window),
        parts=tuple(
            _explained(part, normal, inner) for part, inner in _parts(node, normal, window)
        ),
    )


def _parts(node: Node, normal: NormalText, window: Window) -> list[tuple[Node, Window]]:
    match node:
        case And() | Or() | AtLeast():
            return [(part, window) for part in node.parts]
        case Near() | With():
            return [(node.left, window), (node.right, window)]
        case Not() | Named():
            return [(node.part, window)]
        case Scoped() if not isinstance(node.part, Sought):
            return [(node.part, scope_window(node.scope, normal, window))]
        case Count() if not isinstance(node.part, Sought):
            return [(node.part, window)]
        case _:
            return []


def _sentence(evidence: Sequence[Evidence], normal: NormalText) -> str:
    """Return the sentence of the first occurrence in the text, else the title."""
    sentences = normal.article.sentences
    for one in evidence:
        if one.sentence is not None and one.sentence < len(sentences):
            start, end = sentences[one.sentence]
            return normal.article.text[start:end].strip()
    in_title = any(one.field is Field.TITLE for one in evidence)
    return normal.article.title if in_title else ""


def _shortfall(node: Node, normal: NormalText, window: Window) -> str:
    """Say how close a clause came."""
    match node:
        case Near():
            return _nearest(node, normal, window)
        case With():
            both = spots(node.left, normal, window) and spots(node.right, normal, window)
            return "both occur, never in one sentence" if both else "one side does not occur"
        case Count():
            return f"found {len(spots(node.part, normal, window))} of {node.number}"
        case AtLeast():
            held = sum(proof(part, normal, window) is not None for part in node.parts)
            return f"found {held} of {node.number}"
        case Scoped():
            elsewhere = proof(node.part, normal, window) is not None
            return f"occurs, but not in the {node.scope}" if elsewhere else ""
        case Sought():
            return _why_not(node, normal)
        case _:
            return ""


def _why_not(node: Sought, normal: NormalText) -> str:
    if normal.find(node.seeker):
        return "occurs elsewhere in the article"
    phrases = node.seeker.phrases() or frozenset()
    present = sorted(phrase.strip() for phrase in phrases if phrase in normal.folded)
    return f'"{present[0]}" occurs, but does not count as {node.term.written()}' if present else ""


def _nearest(node: Near, normal: NormalText, window: Window) -> str:
    """Say how far apart the nearest pair is."""
    lefts, rights = spots(node.left, normal, window), spots(node.right, normal, window)
    if not (lefts and rights):
        return "one side does not occur"
    gaps = [
        _words_between(left, right)
        for left in lefts
        for right in rights
        if _in_one_field(left, right, normal) and (not node.ordered or left.last <= right.first)
    ]
    gaps = [gap for gap in gaps if gap >= 0]
    if not gaps:
        return "both occur, but not in this order" if node.ordered else "both occur, apart"
    return f"the nearest pair has {min(gaps)} words between, at most {node.words} are allowed"


def _in_one_field(left: Spot, right: Spot, normal: NormalText) -> bool:
    return (left.first < normal.text_token) is (right.first < normal.text_token)


def _words_between(left: Spot, right: Spot) -> int:
    return max(right.first - left.last, left.first - right.last)

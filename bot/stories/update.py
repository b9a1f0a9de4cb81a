"""What is new in a story: which matched sentences a channel has not been told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import regex
from rapidfuzz import fuzz, process

SAME_SENTENCE = 80.0
"""Similarity (0 to 100, rapidfuzz's token_sort_ratio) from which two sentences say the same.

A mended typo or a slightly changed figure in a sentence of twenty words stays above it, a new
sentence about the same people and places stays below: see tests/cases/updates.
"""

SAME_FIGURE: Final = 1.5
"""A figure that grew or shrank by more than this factor is a new fact: 12 dead, then 45."""

_FIGURE = regex.compile(r"(?<![\p{L}\d])\d+(?:,\d{3})*(?:\.\d+)?(?![\p{L}\d])")
_NEGATION = regex.compile(
    r"\b(?:not|no|never|nobody|none|nothing|nor|neither|without|cannot|un(?:likely|able))\b|n[’']t\b",
    regex.IGNORECASE,
)


def new_sentences(matched: Sequence[str], told: Sequence[str]) -> tuple[str, ...]:
    """Return those of `matched` that say something none of the `told` sentences says."""
    return tuple(sentence for sentence in matched if not _said_before(sentence, told))


def _said_before(sentence: str, told: Sequence[str]) -> bool:
    alike = process.extract(
        sentence, told, scorer=fuzz.token_sort_ratio, score_cutoff=SAME_SENTENCE, limit=None
    )
    return any(_says_the_same(sentence, known) for known, *_ in alike)


def _says_the_same(sentence: str, known: str) -> bool:
    """Say whether sentences of nearly the same words deny and count the same."""
    if len(_NEGATION.findall(sentence)) != len(_NEGATION.findall(known)):
        return False
    figures, before = _figures(sentence), _figures(known)
    if len(figures) != len(before):
        return True
    return all(_is_close(now, then) for now, then in zip(figures, before, strict=True))


def _figures(sentence: str) -> list[float]:
    return [float(figure.replace(",", "")) for figure in _FIGURE.findall(sentence)]


def _is_close(now: float, then: float) -> bool:
    return max(now, then) <= SAME_FIGURE * min(now, then)

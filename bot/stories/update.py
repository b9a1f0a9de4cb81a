"""What is new in a story: which matched sentences a channel has not been told."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process

SAME_SENTENCE = 80.0
"""Similarity (0 to 100, rapidfuzz's token_sort_ratio) from which two sentences say the same.

A mended typo or a changed figure in a sentence of twenty words stays above it, a new sentence about
the same people and places stays below: see tests/cases/updates.
"""


def new_sentences(matched: Sequence[str], told: Sequence[str]) -> tuple[str, ...]:
    """Return those of `matched` that say something none of the `told` sentences says."""
    return tuple(sentence for sentence in matched if not _said_before(sentence, told))


def _said_before(sentence: str, told: Sequence[str]) -> bool:
    best = process.extractOne(
        sentence, told, scorer=fuzz.token_sort_ratio, score_cutoff=SAME_SENTENCE
    )
    return best is not None

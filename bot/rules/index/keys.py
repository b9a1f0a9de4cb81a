"""Phrases as numbers, so that an article is looked up in numpy arrays.

A key is 64 bits made of the hashes of words; Python keys its hash of strings anew in every process
(PEP 456), so that nobody outside can make keys collide. Two phrases of one key would cost a wasted
look at a rule and nothing else: the index proposes, `bot.rules.evaluate` decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.rules.fold import BREAK, END
from bot.rules.index.facts import facts_of
from bot.rules.normal import NormalText

Keys = npt.NDArray[np.uint64]

_MASK: Final = (1 << 64) - 1
# 2^64 divided by the golden ratio, made odd: Knuth, The Art of Computer Programming 3, 6.4.
_STEP: Final = 0x9E3779B97F4A7C15
STEP: Final = np.uint64(_STEP)
"""The key of a longer phrase is that of its beginning, times this, plus that of the next word."""
_STEM: Final = "\0stem"


class Atom(NamedTuple):
    """Something to look up: its key, the keys of its beginnings, and itself if it is a stem."""

    key: int
    beginnings: tuple[int, ...] = ()
    stem: str = ""


class Reading(NamedTuple):
    """An article as the index sees it: its words, their keys, and the keys of its facts."""

    words: list[str]
    keys: Keys
    facts: Keys


def read_keys(normal: NormalText) -> Reading:
    """Return the keys of an article, once for all parts of the index."""
    own: Iterable[str] = normal.words
    if BREAK in normal.words:
        own = (word for word in own if word != BREAK)
    words = [*own, END, *normal.strands]
    keys = np.fromiter(map(hash, words), np.int64, len(words)).view(np.uint64)
    facts = [_key((fact,)) for fact in facts_of(normal.article)]
    return Reading(words, keys, np.array(facts, np.uint64))


def atom_of(piece: str) -> Atom | None:
    """Return what to look up for a piece of folded text or a fact; None where that is nothing.

    Of a piece of several words that is open at its end, the words before the last are looked up.
    Breaks between words are left out, here and of articles.
    """
    if piece.startswith("\0"):
        return Atom(_key((piece,)))
    if not piece.startswith(" "):
        return None
    *words, stem = piece[1:].split(" ")
    if stem and not words:
        return Atom(stem_key(stem), (), stem)
    words = [word for word in words if word != BREAK] if BREAK in words else words
    keys = [_key(words[:length]) for length in range(1, len(words) + 1)]
    return Atom(keys[-1], tuple(keys[:-1])) if keys else None


def stem_key(stem: str) -> int:
    """Return the key of the beginning of a word."""
    return _key((_STEM, stem))


def _key(words: Iterable[str]) -> int:
    key = 0
    for word in words:
        key = (key * _STEP + hash(word)) & _MASK
    return key

"""Phrases as numbers, so that an article is looked up in numpy arrays.

A key is 64 bits made of the numbers of words. Two phrases of one key would cost a wasted look at a
rule and nothing else: the index proposes, `bot.rules.evaluate` decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np

from bot.model import Article
from bot.rules.fold import BREAK, END, SEVERAL
from bot.rules.index.facts import facts_of
from bot.rules.lexicon import Ints, Keys, Lexicon, word_key
from bot.rules.normal import NormalText

__all__ = ["STEP", "Atom", "Keys", "Reading", "atom_of", "read_keys", "stem_key"]

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
    """An article as the index sees it.

    `keys` are those of its words, of their second readings, and of its facts, which begin at
    `facts_at`. `rows` are its words in the lexicon, `joined` the words that stand in none.
    """

    keys: Keys
    facts_at: int
    lexicon: Lexicon
    rows: Ints
    joined: list[str]


def read_keys(normal: NormalText) -> Reading:
    """Return the keys of an article, once for all parts of the index."""
    tokens, strands = normal.tokens, normal.strands
    facts = _fact_keys(normal.article)
    keys = normal.keys
    if np.any(tokens.flags & SEVERAL):
        words = " ".join([*tokens.words, END, *strands.words]).split(" ")
        keys = np.array(list(map(word_key, words)), np.uint64)
    found = np.append(keys, facts)
    found = found[found != _BREAK_KEY]
    at = len(found) - len(facts)
    return Reading(found, at, tokens.lexicon, tokens.rows, strands.joined_words)


_BREAK_KEY: Final = np.uint64(word_key(BREAK))


def _fact_keys(article: Article) -> Keys:
    return np.array([_key((fact,)) for fact in facts_of(article)], np.uint64)


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
    keys = list(accumulate(map(word_key, words), longer_key))
    return Atom(keys[-1], tuple(keys[:-1])) if keys else None


def stem_key(stem: str) -> int:
    """Return the key of the beginning of a word."""
    return _key((_STEM, stem))


def _key(words: Iterable[str]) -> int:
    return reduce(longer_key, map(word_key, words))


def longer_key(key: int, word: int) -> int:
    """Return the key of a phrase from that of its beginning and that of its last word."""
    return (key * _STEP + word) & _MASK

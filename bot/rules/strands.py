"""Second readings of words, each in its surroundings, to be searched like the text itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.rules.fold import BREAKS_AFTER, CONTRACTED, END, JOINS_NEXT, TWO_READINGS
from bot.rules.lexicon import Ints, Keys, Tokens, word_key

AROUND = 5
"""How many words on either side a phrase can reach beyond a word in its second reading."""

END_KEY: Final = np.uint64(word_key(END))
"""The end of a strand as a number."""


@dataclass(frozen=True, eq=False)
class Strands:
    """Strands of words, one behind the other, each with an end behind it.

    `places` are the tokens that stand there, the number of all tokens for an end; `keys` are their
    readings as numbers. `others` are the places in the strands of words in their second reading,
    `joined` those of two words read as one, which are `joined_words`.
    """

    tokens: Tokens
    places: Ints
    keys: Keys
    others: Ints
    joined: Ints
    joined_words: list[str]

    @cached_property
    def words(self) -> list[str]:
        """Return the readings and ends."""
        own, rows = self.tokens.words, self.tokens.rows
        words = list(map([*own, END].__getitem__, self.places.tolist()))
        for at, row in zip(
            self.others.tolist(), rows[self.places[self.others]].tolist(), strict=True
        ):
            words[at] = self.tokens.lexicon.others[row]
        for at, word in zip(self.joined.tolist(), self.joined_words, strict=True):
            words[at] = word
        return words

    @cached_property
    def stands(self) -> npt.NDArray[np.bool_]:
        """Return which of the places are words and not ends."""
        return self.places < len(self.tokens)

    @cached_property
    def firsts(self) -> Ints:
        """Return the first token of each reading."""
        return self.places[self.stands]

    @cached_property
    def lasts(self) -> Ints:
        """Return the token behind the last of each reading."""
        lasts = self.places + 1
        lasts[self.joined] += 1
        return lasts[self.stands]

    def tokens_of(self, first: int, last: int) -> tuple[int, int]:
        """Return the half-open range of tokens of the words from one place to another."""
        return int(self.places[first]), int(self.places[last]) + 1 + int(last in self.joined)


def strands_of(tokens: Tokens) -> Strands:
    """Lay out the second readings of an article's words.

    First come acronyms and spelled-out umlauts: each alone, then all of a passage together; then
    words that a hyphen joins, as one word.
    """
    flags = tokens.flags
    others = np.flatnonzero(flags & TWO_READINGS)
    goes_on = (flags[1:] & CONTRACTED) == 0
    joins = np.flatnonzero(goes_on & ((flags[:-1] & JOINS_NEXT) > 0))
    if not len(others) + len(joins):
        nothing = np.zeros(0, np.int64)
        return Strands(tokens, nothing, np.zeros(0, np.uint64), nothing, nothing, [])
    return _Layout(tokens, others, joins).strands()


class _Layout:
    """The strands of some words: one for each of `at`, around which it reaches to low and high."""

    def __init__(self, tokens: Tokens, others: Ints, joins: Ints) -> None:
        self._tokens = tokens
        others, whole = self._doubled(others)
        self._at = np.concatenate([others, joins])
        self._joins = len(joins)
        self._whole = np.concatenate([whole, np.zeros(len(joins), np.bool_)])
        low, high = self._around(self._at, self._at + 1 + (np.arange(len(self._at)) >= len(others)))
        self._lengths = high - low + 1
        self._ends = self._lengths.cumsum()
        self._begins = self._ends - self._lengths
        self._places = np.arange(self._ends[-1]) + np.repeat(low - self._begins, self._lengths)
        self._places[self._ends - 1] = len(tokens)
        self._changed = self._begins + self._at - low

    def _around(self, first: Ints, last: Ints) -> tuple[Ints, Ints]:
        """Return the tokens around `first` to `last` within which a phrase can stand."""
        begins, ends = self._passages
        low = begins[begins.searchsorted(first, side="right") - 1]
        high = ends[ends.searchsorted(last)]
        return np.maximum(low, first - AROUND), np.minimum(high, last + AROUND)

    @cached_property
    def _passages(self) -> tuple[Ints, Ints]:
        behind = np.flatnonzero(self._tokens.flags & BREAKS_AFTER) + 1
        return np.append(0, behind), np.append(behind, len(self._tokens))

    def _doubled(self, others: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Return the words, twice where others have a second reading beside them, and which."""
        different = np.flatnonzero(self._tokens.other_keys != self._tokens.keys)
        low, high = self._around(others, others + 1)
        beside = different.searchsorted(high) - different.searchsorted(low)
        itself = different.searchsorted(others + 1) - different.searchsorted(others)
        times = 1 + (beside > itself)
        whole = np.zeros(times.sum(), np.bool_)
        whole[times.cumsum()[times > 1] - 1] = True
        return np.repeat(others, times), whole

    def strands(self) -> Strands:
        """Return the strands."""
        tokens, alone = self._tokens, ~self._whole
        first_join = len(self._at) - self._joins
        alone[first_join:] = False
        changed = np.zeros(len(self._places), np.bool_)
        changed[self._changed[alone]] = True
        second = np.append((tokens.flags & TWO_READINGS) > 0, False)
        changed |= np.repeat(self._whole, self._lengths) & second[self._places]
        others = np.flatnonzero(changed)
        keys = np.append(tokens.keys, END_KEY)[self._places]
        keys[others] = tokens.other_keys[self._places[others]]
        joined = self._changed[first_join:]
        words = self._joined_words(self._at[first_join:])
        keys[joined] = np.array([word_key(word) for word in words], np.uint64)
        kept = np.ones(len(keys), np.bool_)
        kept[joined + 1] = False
        moved = kept.cumsum() - 1
        return Strands(tokens, self._places[kept], keys[kept], moved[others], moved[joined], words)

    def _joined_words(self, at: Ints) -> list[str]:
        words, rows = self._tokens.lexicon.words, self._tokens.rows
        pairs = zip(rows[at].tolist(), rows[at + 1].tolist(), strict=True)
        return [words[one] + words[other] for one, other in pairs]

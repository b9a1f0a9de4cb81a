"""Second readings of words, each in its surroundings, to be searched like the text itself."""

from __future__ import annotations

from functools import cached_property

from bot.rules.fold import BREAKS_AFTER, END, JOINS_NEXT, TWO_READINGS, Columns

AROUND = 5
"""How many words on either side a phrase can reach beyond a word in its second reading."""

_SPECIAL = TWO_READINGS | JOINS_NEXT
# The ends of contractions: "don't" has no second reading "dont".
_CONTRACTED = frozenset({"t", "re", "ve", "ll", "d", "m", "s"})


class Positions:
    """What stands in the folded text, and the half-open range of tokens that each word stands for.

    First come the words of the article, one token each; then the strands.
    """

    def __init__(self, tokens: Columns) -> None:
        """Lay out the words of an article, and their second readings behind them."""
        self.chunks = list(tokens.chunks)
        self._tokens = len(self.chunks)
        self._strand_firsts: list[int] = []
        self._strand_lasts: list[int] = []
        if self.chunks:
            self.chunks[-1] = f"{tokens.rows[-1].word} {END}"
        special = [n for n, flags in enumerate(tokens.flags) if flags & _SPECIAL]
        self._add_others(tokens, [n for n in special if tokens.flags[n] & TWO_READINGS])
        self._add_joined(tokens, [n for n in special if tokens.flags[n] & JOINS_NEXT])

    @cached_property
    def firsts(self) -> list[int]:
        """Return the first token of each position."""
        return [*range(self._tokens), *self._strand_firsts]

    @cached_property
    def lasts(self) -> list[int]:
        """Return the token behind the last of each position."""
        return [*range(1, self._tokens + 1), *self._strand_lasts]

    def _add_others(self, tokens: Columns, places: list[int]) -> None:
        """Add acronyms and spelled-out umlauts: each alone, and all of a passage together."""
        for at in places:
            low, high = _surroundings(tokens.flags, at, at + 1)
            rows = tokens.rows[low:high]
            chunks = [row.word for row in rows]
            chunks[at - low] = tokens.rows[at].other
            self._add(low, high, chunks)
            others = [row.other or row.word for row in rows]
            if others != chunks:
                self._add(low, high, others)

    def _add_joined(self, tokens: Columns, places: list[int]) -> None:
        """Add words that a hyphen joins, as one word."""
        for at in places:
            if at + 1 == self._tokens or tokens.rows[at + 1].word in _CONTRACTED:
                continue
            low, high = _surroundings(tokens.flags, at, at + 2)
            words = [row.word for row in tokens.rows[low:high]]
            joined = at - low
            words[joined : joined + 2] = [words[joined] + words[joined + 1]]
            self._add(low, high, words)
            joined_at = len(self._strand_firsts) - (high - low) + joined
            del self._strand_firsts[joined_at + 1], self._strand_lasts[joined_at]

    def _add(self, low: int, high: int, chunks: list[str]) -> None:
        chunks[-1] = f"{chunks[-1]} {END}"
        self.chunks += chunks
        self._strand_firsts += range(low, high)
        self._strand_lasts += range(low + 1, high + 1)


def _surroundings(flags: tuple[int, ...], first: int, last: int) -> tuple[int, int]:
    """Return the range of tokens around `first` to `last` within which a phrase can stand."""
    low, lowest = first, max(0, first - AROUND)
    while low > lowest and not flags[low - 1] & BREAKS_AFTER:
        low -= 1
    high, highest = last, min(len(flags), last + AROUND)
    while high < highest and not flags[high - 1] & BREAKS_AFTER:
        high += 1
    return low, high

"""Second readings of words, each in its surroundings, to be searched like the text itself."""

from __future__ import annotations

from bot.rules.fold import BREAKS_AFTER, END, JOINS_NEXT, Columns

AROUND = 5
"""How many words on either side a phrase can reach beyond a word in its second reading."""

# The ends of contractions: "don't" has no second reading "dont".
_CONTRACTED = frozenset({"t", "re", "ve", "ll", "d", "m", "s"})


class Positions:
    """What stands in the folded text, and the half-open range of tokens that each word stands for.

    First come the words of the article, one token each; then the strands.
    """

    __slots__ = ("chunks", "firsts", "lasts")

    def __init__(self, tokens: Columns) -> None:
        """Lay out the words of an article, and their second readings behind them."""
        self.chunks = list(tokens.chunks)
        self.firsts = list(range(len(self.chunks)))
        self.lasts = list(range(1, len(self.chunks) + 1))
        if self.chunks:
            self.chunks[-1] = f"{tokens.words[-1]} {END}"
        self._add_others(tokens)
        self._add_joined(tokens)

    def _add_others(self, tokens: Columns) -> None:
        """Add acronyms and spelled-out umlauts: each alone, and all of a passage together."""
        words, others = tokens.words, tokens.others
        for at in [n for n, other in enumerate(others) if other]:
            low, high = _surroundings(tokens.flags, at, at + 1)
            self._add(low, high, [*words[low:at], others[at], *words[at + 1 : high]])
            if any(others[low:at]) or any(others[at + 1 : high]):
                self._add(low, high, [others[n] or words[n] for n in range(low, high)])

    def _add_joined(self, tokens: Columns) -> None:
        """Add words that a hyphen joins, as one word."""
        words = tokens.words
        joining = [n for n, flags in enumerate(tokens.flags) if flags & JOINS_NEXT]
        for at in joining:
            if at + 1 == len(words) or words[at + 1] in _CONTRACTED:
                continue
            low, high = _surroundings(tokens.flags, at, at + 2)
            joined = words[at] + words[at + 1]
            self._add(low, high, [*words[low:at], joined, *words[at + 2 : high]])
            joined_at = len(self.firsts) - (high - low) + (at - low)
            del self.firsts[joined_at + 1], self.lasts[joined_at]

    def _add(self, low: int, high: int, chunks: list[str]) -> None:
        chunks[-1] = f"{chunks[-1]} {END}"
        self.chunks += chunks
        self.firsts += range(low, high)
        self.lasts += range(low + 1, high + 1)


def _surroundings(flags: tuple[int, ...], first: int, last: int) -> tuple[int, int]:
    """Return the range of tokens around `first` to `last` within which a phrase can stand."""
    low, lowest = first, max(0, first - AROUND)
    while low > lowest and not flags[low - 1] & BREAKS_AFTER:
        low -= 1
    high, highest = last, min(len(flags), last + AROUND)
    while high < highest and not flags[high - 1] & BREAKS_AFTER:
        high += 1
    return low, high

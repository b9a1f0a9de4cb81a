"""Second readings of words, each in its surroundings, to be searched like the text itself."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rules.fold import BREAKS_AFTER, JOINS_NEXT, Word

AROUND = 5
"""How many words on either side a phrase can reach beyond a word in its second reading."""

Strand = list[tuple[str, int, int]]
"""Words with the half-open range of tokens that each stands for."""

# The ends of contractions: "don't" has no second reading "dont".
_CONTRACTED = frozenset({"t", "re", "ve", "ll", "d", "m", "s"})


def strands(tokens: list[Word]) -> Iterator[Strand]:
    """Yield the second readings: acronyms, umlauts spelled out, hyphenated words as one."""
    others = {at for at, token in enumerate(tokens) if token.other}
    for at in sorted(others):
        low, high = _surroundings(tokens, at, at + 1)
        plain = [(token.word, low + n, low + n + 1) for n, token in enumerate(tokens[low:high])]
        around = range(low, high)
        yield _with(plain, at - low, (tokens[at].other, at, at + 1))
        if any(near in others and near != at for near in around):
            yield [(tokens[n].other or tokens[n].word, n, n + 1) for n in around]
    yield from _joined(tokens)


def _joined(tokens: list[Word]) -> Iterator[Strand]:
    for at, token in enumerate(tokens[:-1]):
        following = tokens[at + 1]
        if not token.flags & JOINS_NEXT or following.word in _CONTRACTED:
            continue
        low, high = _surroundings(tokens, at, at + 2)
        before = [(tokens[n].word, n, n + 1) for n in range(low, at)]
        after = [(tokens[n].word, n, n + 1) for n in range(at + 2, high)]
        yield [*before, (token.word + following.word, at, at + 2), *after]


def _with(strand: Strand, at: int, other: tuple[str, int, int]) -> Strand:
    return [*strand[:at], other, *strand[at + 1 :]]


def _surroundings(tokens: list[Word], first: int, last: int) -> tuple[int, int]:
    """Return the range of tokens around `first` to `last` within which a phrase can stand."""
    low = first
    while low > 0 and first - low < AROUND and not tokens[low - 1].flags & BREAKS_AFTER:
        low -= 1
    high = last
    while high < len(tokens) and high - last < AROUND and not tokens[high - 1].flags & BREAKS_AFTER:
        high += 1
    return low, high

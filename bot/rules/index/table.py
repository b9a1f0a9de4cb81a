"""Numbers by key, for a thousand keys at a time."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from bot.rules.index.keys import Keys

Numbers = npt.NDArray[np.int32]
Places = npt.NDArray[np.intp]

Number = TypeVar("Number", np.uint64, np.int32, np.intp)

_BITS: Final = 64
_HALF: Final = 32
_STEP: Final = 100_000


class Table:
    """Says at which place of a sorted array a key stands.

    Keys are spread evenly, so that the first bits of one say almost where it stands. There are two
    to four times as many beginnings as keys: most keys of an article are ruled out by one look.
    """

    __slots__ = ("_keys", "_shift", "_starts")

    def __init__(self, keys: Keys) -> None:
        """Take distinct keys in ascending order."""
        bits = max(1, (2 * len(keys)).bit_length())
        self._keys = keys
        self._shift = np.uint64(_BITS - bits)
        counts = np.bincount((keys >> self._shift).astype(np.intp), minlength=1 << bits)
        self._starts = np.zeros((1 << bits) + 1, np.int32)
        np.cumsum(counts, out=self._starts[1:])

    def find(self, wanted: Keys) -> tuple[Places, Places]:
        """Return which of the wanted keys there are, and the place of each of these."""
        beginnings = (wanted >> self._shift).astype(np.intp)
        at, until = self._starts[beginnings], self._starts[beginnings + 1]
        which = np.flatnonzero(at < until)
        at, until, wanted = at[which], until[which], wanted[which]
        found_which, found_at = [], []
        while len(which):
            same = self._keys[at] == wanted
            found_which.append(which[same])
            found_at.append(at[same])
            at = at + 1
            going = ~same & (at < until)
            which, at, until, wanted = which[going], at[going], until[going], wanted[going]
        if not found_which:
            return which, which
        return np.concatenate(found_which), np.concatenate(found_at).astype(np.intp)


def distinct(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Return the values in ascending order, each once.

    `np.unique` does the same in a table of hashes: over a hundred times slower at a million keys,
    and without letting other threads on (numpy 2.4).
    """
    ordered = np.sort(values)
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def order_of(values: npt.NDArray[np.integer]) -> Places:
    """Return the places of small numbers in the order of the numbers, equal ones as they stood.

    Numbers and places are sorted as one: several times faster than a stable argsort.
    """
    both = values.astype(np.int64)
    both <<= np.int64(_HALF)
    both |= np.arange(len(values), dtype=np.int64)
    both.sort()
    both &= np.int64((1 << _HALF) - 1)
    return both.astype(np.intp, copy=False)


def spread(starts: Numbers, rows: npt.NDArray[np.integer]) -> Places:
    """Return where the values of several rows stand: row n from starts[n] to starts[n + 1]."""
    begins = starts[rows]
    lengths = starts[rows + 1] - begins
    ends = np.cumsum(lengths, dtype=np.intp)
    total = int(ends[-1]) if len(ends) else 0
    at: Places = np.arange(total, dtype=np.intp)
    at += repeated(begins - ends + lengths, lengths)
    return at


def repeated(values: npt.NDArray[Number], counts: npt.NDArray[np.integer]) -> npt.NDArray[Number]:
    """Return each value so many times; in steps, as `np.repeat` lets no other thread on."""
    if len(values) <= _STEP:
        return np.repeat(values, counts)
    steps = range(0, len(values), _STEP)
    return np.concatenate([np.repeat(values[n : n + _STEP], counts[n : n + _STEP]) for n in steps])


def gathered(starts: Numbers, values: Numbers, rows: npt.NDArray[np.integer]) -> Numbers:
    """Return the values of several rows."""
    return values[spread(starts, rows)]


def rows_of(row: npt.NDArray[np.integer], count: int) -> Numbers:
    """Return where each of `count` rows starts among values that are sorted by their row."""
    starts = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(row, minlength=count), out=starts[1:])
    return starts

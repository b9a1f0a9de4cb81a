"""A number of rules, ready to be asked which of them an article is worth a look for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.rules.index.draft import ALWAYS, Draft
from bot.rules.index.keys import STEP, Reading, stem_key
from bot.rules.index.table import (
    Numbers,
    Places,
    Table,
    distinct,
    gathered,
    order_of,
    rows_of,
    spread,
)

_CHECKED: Final = 3
"""Besides the clause that a rule hangs on, so many of its rarest ones are looked at."""
_MEMO_SIZE: Final = 100_000


class Segment:
    """Rules in an order of their own, those that hang on one clause side by side.

    Each hangs on the clause that was true of the fewest sample articles.
    """

    def __init__(self, draft: Draft, sample: Sequence[Reading] = ()) -> None:
        """Build it; `sample` are recent articles, by which rare is told from common."""
        self.draft = draft
        keys = distinct(np.concatenate([draft.atom_keys, draft.beginnings]))
        self._table = Table(keys)
        self._goes_on = np.zeros(len(keys), np.bool_)
        self._goes_on[np.searchsorted(keys, draft.beginnings)] = True
        order = np.argsort(draft.atom_keys)
        self._clause_rows = rows_of(np.searchsorted(keys, draft.atom_keys[order]), len(keys))
        self._clauses = draft.atom_clauses[order]
        self._stems = _Stems(draft.stems)
        self._true = np.zeros(draft.clauses, np.bool_)
        self._hang(self._seen(sample))

    def _seen(self, sample: Sequence[Reading]) -> npt.NDArray[np.int64]:
        """Return of how many sample articles each clause is true."""
        seen = np.zeros(self.draft.clauses, np.int64)
        for reading in sample:
            seen[self._true_clauses(reading)] += 1
        seen[ALWAYS] = len(sample) + 1
        return seen

    def _hang(self, seen: npt.NDArray[np.int64]) -> None:
        """Hang each rule on its rarest clause, and keep the next rarest to be looked at."""
        draft = self.draft
        counts = np.diff(draft.starts)
        rule = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        rarest = order_of(seen[draft.needed])
        needed = draft.needed[rarest[order_of(rule[rarest])]]
        columns = [_nth(needed, draft.starts, counts, n) for n in range(1 + _CHECKED)]
        by_hook = order_of(columns[0])
        self._rule_rows = rows_of(columns[0], draft.clauses)
        self._slots = draft.slots[by_hook]
        self._checked = [column[by_hook] for column in columns[1:]]

    def candidates(self, reading: Reading) -> Numbers:
        """Return the slots of the rules that are worth a look."""
        clauses = self._true_clauses(reading)
        self._true[clauses] = True
        rules = spread(self._rule_rows, clauses)
        for column in self._checked:
            rules = rules[self._true[column[rules]]]
        self._true[clauses] = False
        return self._slots[rules]

    def _true_clauses(self, reading: Reading) -> Numbers:
        """Return the clauses that are true of an article, each once."""
        places = [self._phrases(reading)]
        looked_up = self._stem_keys(reading.words)
        others = np.concatenate([reading.facts, np.array(looked_up, np.uint64)])
        places.append(self._table.find(others)[1])
        clauses = gathered(self._clause_rows, self._clauses, distinct(np.concatenate(places)))
        return distinct(np.append(clauses, np.int32(ALWAYS)))

    def _phrases(self, reading: Reading) -> Places:
        """Return the places in the table of all phrases, and beginnings of phrases, that occur."""
        keys = reading.keys
        at, places = self._table.find(keys)
        found = [places]
        ends, longer = at, keys[at]
        while len(places):
            going = np.flatnonzero(self._goes_on[places])
            ends, longer = ends[going] + 1, longer[going]
            inside = np.flatnonzero(ends < len(keys))
            ends, longer = ends[inside], longer[inside] * STEP + keys[ends[inside]]
            at, places = self._table.find(longer)
            ends, longer = ends[at], longer[at]
            found.append(places)
        return np.concatenate(found)

    def _stem_keys(self, words: list[str]) -> list[int]:
        """Return the keys of the stems with which words of the article begin."""
        if not self.draft.stems:
            return []
        if len(self._stems) > _MEMO_SIZE:
            self._stems.clear()
        return list(chain.from_iterable(filter(None, map(self._stems.__getitem__, set(words)))))


class _Stems(dict[str, tuple[int, ...]]):
    """The keys of the known stems with which words begin, of words seen before."""

    def __init__(self, stems: frozenset[str]) -> None:
        super().__init__()
        self._known = stems
        self._lengths = sorted({len(stem) for stem in stems})

    def __missing__(self, word: str) -> tuple[int, ...]:
        found = [stem for n in self._lengths if (stem := word[:n]) in self._known]
        keys = self[word] = tuple(stem_key(stem) for stem in dict.fromkeys(found))
        return keys


def _nth(needed: Numbers, starts: Numbers, counts: npt.NDArray[np.integer], n: int) -> Numbers:
    """Return the nth clause of each rule, ALWAYS where it has no more."""
    column = np.full(len(counts), ALWAYS, np.int32)
    having = np.flatnonzero(counts > n)
    column[having] = needed[starts[having] + n]
    return column

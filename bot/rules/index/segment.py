"""A number of rules, ready to be asked which of them an article is worth a look for."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
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
from bot.rules.lexicon import Lexicon

_CHECKED: Final = 3
"""Besides the clause that a rule hangs on, so many of its rarest ones are looked at."""
_STEP: Final = 100_000


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
        self._clause_rows = rows_of(np.searchsorted(keys, draft.atom_keys), len(keys))
        stems = sorted(draft.stems)
        stem_keys = np.array(list(map(stem_key, stems)), np.uint64)
        places = np.searchsorted(keys, stem_keys).tolist()
        self._stems = _Stems(dict(zip(stems, places, strict=True)))
        self._keys = keys
        self._true = np.zeros(draft.clauses, np.bool_)
        self._hang(self._seen(sample))

    def _seen(self, sample: Sequence[Reading]) -> Numbers:
        """Return of how many sample articles each clause is true."""
        seen = np.zeros(self.draft.clauses, np.int32)
        for reading in sample:
            seen[self._true_clauses(reading)] += 1
        seen[ALWAYS] = len(sample) + 1
        return seen

    def _hang(self, seen: Numbers) -> None:
        """Hang each rule on its rarest clause, and keep the next rarest to be looked at."""
        draft = self.draft
        counts = np.diff(draft.starts)
        needed = _rarest_first(draft, seen)
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
        clauses = gathered(
            self._clause_rows, self.draft.atom_clauses, distinct(self._places(reading))
        )
        return distinct(np.append(clauses, np.int32(ALWAYS)))

    def _places(self, reading: Reading) -> Places:
        """Return the places in the table of all that the article has of phrases and facts."""
        keys = reading.keys
        at, places = self._table.find(keys)
        found = [self._stems.places(reading), places]
        going = np.flatnonzero(self._goes_on[places])
        while len(going):
            at = at[going] + 1
            inside = np.flatnonzero(at < reading.facts_at)
            at, before = at[inside], self._keys[places[going[inside]]]
            which, places = self._table.find(before * STEP + keys[at])
            at = at[which]
            found.append(places)
            going = np.flatnonzero(self._goes_on[places])
        return np.concatenate(found)


class _Stems:
    """The stems with which words begin, and what is known of the words of a lexicon.

    The stems of row n of the lexicon stand in `_known` from `_begins[n]` on, `_counts[n]` of them.
    """

    def __init__(self, place_of: dict[str, int]) -> None:
        self._place_of = place_of
        self._lengths = sorted({len(stem) for stem in place_of})
        self._shortest = self._lengths[0] if place_of else 0
        self._beginnings = {stem[: self._shortest] for stem in place_of}
        self._lexicon: Lexicon | None = None
        self._forget()

    def _forget(self) -> None:
        self._known = array("q")
        self._begins = np.zeros(0, np.int32)
        self._counts = np.zeros(0, np.int32)

    def places(self, reading: Reading) -> Places:
        """Return the places in the table of the stems with which words of an article begin."""
        if not self._place_of:
            return np.zeros(0, np.intp)
        if self._lexicon is not reading.lexicon:
            self._forget()
        self._lexicon = reading.lexicon
        self._look_at(reading)
        rows = reading.rows[self._counts[reading.rows] > 0]
        begins, counts = self._begins[rows], self._counts[rows]
        at = np.arange(counts.sum()) + np.repeat(begins - counts.cumsum() + counts, counts)
        joined = [place for word in reading.joined for place in self._stems(word)]
        return np.append(np.array(self._known, np.intp)[at], np.array(joined, np.intp))

    def _look_at(self, reading: Reading) -> None:
        """See to it that the words of an article are known."""
        lexicon = reading.lexicon
        if len(self._counts) < len(lexicon.words):
            more = np.full(2 * len(lexicon.words) - len(self._counts), _UNSEEN, np.int32)
            self._begins = np.append(self._begins, more)
            self._counts = np.append(self._counts, more)
        unseen = reading.rows[self._counts[reading.rows] == _UNSEEN]
        self._counts[unseen] = 0
        for row in set(unseen.tolist()):
            stems = {*self._stems(lexicon.words[row]), *self._stems(lexicon.others[row])}
            if stems:
                self._begins[row], self._counts[row] = len(self._known), len(stems)
                self._known.extend(stems)

    def _stems(self, word: str) -> list[int]:
        """Return the places of the stems with which a word begins."""
        if word[: self._shortest] not in self._beginnings:
            return []
        stems = {word[:length] for length in self._lengths}
        return [self._place_of[stem] for stem in stems if stem in self._place_of]


_UNSEEN: Final = -1


def _rarest_first(draft: Draft, seen: Numbers) -> Numbers:
    """Return the clauses that the rules need, those of each rule in the order of their rarity.

    It sorts some rules at a time: sorting all at once takes 100 MB for a million.
    """
    needed = np.empty_like(draft.needed)
    for first in range(0, len(draft.slots), _STEP):
        starts = draft.starts[first : first + _STEP + 1]
        clauses = draft.needed[starts[0] : starts[-1]]
        rarest = order_of(seen[clauses])
        rule = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))[rarest]
        needed[starts[0] : starts[-1]] = clauses[rarest[order_of(rule)]]
    return needed


def _nth(needed: Numbers, starts: Numbers, counts: npt.NDArray[np.integer], n: int) -> Numbers:
    """Return the nth clause of each rule, ALWAYS where it has no more."""
    column = np.full(len(counts), ALWAYS, np.int32)
    having = np.flatnonzero(counts > n)
    column[having] = needed[starts[having] + n]
    return column

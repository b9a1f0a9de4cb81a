"""The rules of an index as flat numbers: what it is built of, and what it is built anew of."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.rules.index.keys import Keys, atom_of, longer_key, stem_key
from bot.rules.index.needs import Clause
from bot.rules.index.table import Numbers, distinct, gathered
from bot.rules.lexicon import word_key

ALWAYS = 0
"""The clause that always holds; a rule that needs nothing hangs on it."""

_MEMO_SIZE: Final = 100_000
"""So many clauses are known again: 40 MB. Clauses seldom asked for may have several numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Rules as numbers.

    `atom_keys`, in ascending order, with `atom_clauses` say which clauses a key makes true.
    `beginnings` are the keys of phrases that go on, `stems` the beginnings of words, each with its
    `stem_key` among the keys. `needed` are the clauses of all rules, one rule after another; those
    of rule n stand from `starts[n]` to `starts[n + 1]`. `slots` say which rule it is. `clauses` is
    their number.
    """

    atom_keys: Keys
    atom_clauses: Numbers
    beginnings: Keys
    stems: frozenset[str]
    needed: Numbers
    starts: Numbers
    slots: Numbers
    clauses: int


class Gatherer:
    """Gathers rules for a draft. A clause that was seen not long before is the same number."""

    def __init__(self) -> None:
        """Begin with the clause that always holds."""
        self._known: dict[Clause, int] = {}
        self._clauses = 1
        self._atom_keys = array("Q")
        self._atom_clauses = array("i")
        self._beginnings = array("Q")
        self._stems: set[str] = set()
        self._needed = array("i")
        self._starts = array("i", [0])
        self._slots = array("i")

    def clause(self, clause: Clause) -> int:
        """Return the number of a clause."""
        number = self._known.get(clause)
        if number is None:
            if len(self._known) > _MEMO_SIZE:
                self._known.clear()
            number = self._known[clause] = self._new(clause)
        return number

    def _new(self, clause: Clause) -> int:
        """Return a new number; a clause with a piece that cannot be looked up always holds."""
        atoms = [atom for piece in clause if (atom := atom_of(piece))]
        if len(atoms) < len(clause):
            return ALWAYS
        number = self.new()
        for atom in atoms:
            self._atom_keys.append(atom.key)
            self._atom_clauses.append(number)
            self._beginnings.extend(atom.beginnings)
            if atom.stem:
                self._stems.add(atom.stem)
        return number

    def new(self) -> int:
        """Return the number of a new clause, which nothing makes true yet."""
        number, self._clauses = self._clauses, self._clauses + 1
        return number

    def add_phrase(self, clause: int, words: tuple[str, ...]) -> None:
        """Let a folded word make a clause true, or two, and what these are together if it is given.

        It is what `clause` does for most of what rules are made of, and several times faster.
        """
        key = word_key(words[0])
        if len(words) > 1:
            self._beginnings.append(key)
            key = longer_key(key, word_key(words[1]))
        self._atom_keys.append(key)
        self._atom_clauses.append(clause)
        if len(words) > 2:
            self._atom_keys.append(word_key(words[2]))
            self._atom_clauses.append(clause)

    def add(self, slot: int, needed: Iterable[int]) -> None:
        """Add a rule that needs the clauses of these numbers."""
        self._needed.extend(needed)
        self._starts.append(len(self._needed))
        self._slots.append(slot)

    def draft(self) -> Draft:
        """Return what was gathered."""
        keys = np.array(self._atom_keys, np.uint64)
        order = np.argsort(keys)
        return Draft(
            atom_keys=keys[order],
            atom_clauses=np.array(self._atom_clauses, np.int32)[order],
            beginnings=distinct(np.array(self._beginnings, np.uint64)),
            stems=frozenset(self._stems),
            needed=np.array(self._needed, np.int32),
            starts=np.array(self._starts, np.int32),
            slots=np.array(self._slots, np.int32),
            clauses=self._clauses,
        )


def joined(first: Draft, second: Draft, alive: npt.NDArray[np.bool_]) -> Draft:
    """Return the rules of two drafts whose slots are alive, in one."""
    one, other = _Living(first, alive), _Living(second, alive)
    shift = one.clauses - 1
    keys = np.concatenate([one.atom_keys(), other.atom_keys()])
    order = np.argsort(keys)
    keys = keys[order]
    needed = other.needed()
    starts = one.starts()
    return Draft(
        atom_keys=keys,
        atom_clauses=np.concatenate([one.atom_clauses(), other.atom_clauses() + shift])[order],
        beginnings=distinct(np.concatenate([first.beginnings, second.beginnings])),
        stems=frozenset(_among(first.stems | second.stems, keys)),
        needed=np.concatenate([one.needed(), np.where(needed == ALWAYS, ALWAYS, needed + shift)]),
        starts=np.concatenate([starts, other.starts()[1:] + starts[-1]]),
        slots=np.concatenate([one.slots(), other.slots()]),
        clauses=one.clauses + other.clauses - 1,
    )


def _among(stems: Iterable[str], keys: Keys) -> Iterator[str]:
    """Return the stems that some rule still looks for: no others are among the ascending keys.

    `np.isin` would sort all keys once more, and hold the interpreter while it does.
    """
    listed = list(stems)
    wanted = np.array(list(map(stem_key, listed)), np.uint64)
    begins, ends = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, "right")
    return compress(listed, begins < ends)


class _Living:
    """A draft without the rules that were removed, and without what only they needed.

    Each column is made when it is asked for: there need not be two more of all at once.
    """

    def __init__(self, draft: Draft, alive: npt.NDArray[np.bool_]) -> None:
        self._draft = draft
        self._rules = np.flatnonzero(alive[draft.slots])
        used = np.zeros(draft.clauses, np.bool_)
        used[ALWAYS] = True
        used[self._needed()] = True
        self._number = np.cumsum(used, dtype=np.int32) - np.int32(1)
        self._atoms = used[draft.atom_clauses]
        self.clauses = int(self._number[-1]) + 1

    def _needed(self) -> Numbers:
        return gathered(self._draft.starts, self._draft.needed, self._rules)

    def needed(self) -> Numbers:
        return self._number[self._needed()]

    def starts(self) -> Numbers:
        lengths = np.diff(self._draft.starts)[self._rules]
        return np.concatenate([np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)])

    def slots(self) -> Numbers:
        return self._draft.slots[self._rules]

    def atom_keys(self) -> Keys:
        return self._draft.atom_keys[self._atoms]

    def atom_clauses(self) -> Numbers:
        return self._number[self._draft.atom_clauses[self._atoms]]


EMPTY = Gatherer().draft()

"""The index of the rules in force: a large part that stays, a small one that takes the edits."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.rules.index.draft import EMPTY, Draft, Gatherer, joined
from bot.rules.index.keys import Reading, read_keys
from bot.rules.index.needs import Clauses
from bot.rules.index.segment import Segment
from bot.rules.normal import NormalText

SAMPLE: Final = 200
"""So many recent articles say which words are rare."""
FOLD_FROM: Final = 1_000
"""From so many edits on, they are worth folding in: until then they cost little to look through."""


@dataclass(frozen=True, slots=True)
class Folding:
    """Work that may be done elsewhere: to build one index of the large part and the edits."""

    base: Draft
    edits: dict[int, Clauses]
    alive: npt.NDArray[np.bool_]
    sample: Sequence[Reading]

    def build(self) -> Segment:
        """Build it. It touches nothing that is in use."""
        return Segment(joined(self.base, _draft(self.edits), self.alive), self.sample)


class Index:
    """Says which rules an article is worth a look for. Rules are known by their slots.

    An edit is in force with the next article. A slot is used once: a changed rule takes another.
    """

    def __init__(self, base: Segment | None = None, slots: int = 0) -> None:
        """Begin with the rules of `base`, whose slots are below `slots`."""
        self._base = base or Segment(EMPTY)
        self._alive = np.ones(max(1, slots), np.bool_)
        self._edits: dict[int, Clauses] = {}
        self._small: Segment | None = Segment(EMPTY)
        self._removed = 0
        self._recent: deque[Reading] = deque(maxlen=SAMPLE)

    @property
    def edits(self) -> int:
        """Return how many edits are not folded in."""
        return len(self._edits) + self._removed

    def put(self, slot: int, clauses: Clauses) -> None:
        """Take a rule in."""
        if slot >= len(self._alive):
            more = np.ones(max(slot + 1, 2 * len(self._alive)), np.bool_)
            more[: len(self._alive)] = self._alive
            self._alive = more
        self._edits[slot] = clauses
        self._small = None

    def drop(self, slot: int) -> None:
        """Take a rule out."""
        self._alive[slot] = False
        if self._edits.pop(slot, None) is None:
            self._removed += 1
        else:
            self._small = None

    def candidates(self, normal: NormalText) -> list[int]:
        """Return the slots of the rules that are worth a look, in ascending order."""
        reading = read_keys(normal)
        self._recent.append(reading)
        slots = self._base.candidates(reading)
        slots = slots[self._alive[slots]]
        if self._edits:
            slots = np.concatenate([slots, self._small_segment().candidates(reading)])
        return sorted(slots.tolist())

    def _small_segment(self) -> Segment:
        if self._small is None:
            self._small = Segment(_draft(self._edits))
        return self._small

    def folding(self) -> Folding:
        """Return the work of folding in the edits made so far; `adopt` takes the result."""
        sample = tuple(self._recent)
        return Folding(self._base.draft, dict(self._edits), self._alive.copy(), sample)

    def adopt(self, built: Segment) -> None:
        """Put what a folding has built in the place of what it was built of.

        Rules that were removed in the meantime stay removed, and edits made in the meantime stay.
        """
        last = int(built.draft.slots.max(initial=-1))
        self._base = built
        self._edits = {slot: needs for slot, needs in self._edits.items() if slot > last}
        self._removed = int(np.count_nonzero(~self._alive[built.draft.slots]))
        self._small = None


def _draft(rules: dict[int, Clauses]) -> Draft:
    gatherer = Gatherer()
    for slot, clauses in rules.items():
        gatherer.add(slot, [gatherer.clause(clause) for clause in clauses])
    return gatherer.draft()

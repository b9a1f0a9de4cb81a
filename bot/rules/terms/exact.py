"""Exactly as written, case and all: `="WHO"`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rules.fold import folded_words
from bot.rules.kinds import Hit, Kind, refused
from bot.rules.normal import NormalText
from bot.rules.phrase import hits_of, phrases_of
from bot.rules.rule import Names, Term


@dataclass(frozen=True, slots=True)
class Exact:
    """Finds a text as it is. `before` is how many characters of it stand before its first word."""

    written: str
    value: str
    forms: frozenset[str]
    before: int
    kind: str = "exact"
    sufficient: bool = False

    def phrases(self) -> frozenset[str]:
        """Return the folded forms, one of which stands wherever the text stands."""
        return self.forms

    def find(self, normal: NormalText) -> Sequence[Hit]:
        """Return the occurrences whose characters are those that were written."""
        return [
            hit._replace(start=start, end=start + len(self.value))
            for hit in hits_of(normal, self.forms)
            if (start := hit.start - self.before) >= 0
            and normal.source(hit.field).startswith(self.value, start)
        ]


def read(term: Term, _names: Names) -> Exact:
    """Read a text that is to be found as it is."""
    value = term.value.strip()
    forms = phrases_of(value, joined=False)
    if not forms:
        raise refused(term, "can never match: it has no letter and no digit")
    before, _ = folded_words(value)
    return Exact(term.written(), value, forms, before)


KIND = Kind(name="exact", leads=("=",), read=read, example='="WHO"')

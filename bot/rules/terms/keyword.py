"""A word or a phrase: `sanctions`, `"red line"`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rules.kinds import Hit, Kind, refused
from bot.rules.normal import NormalText
from bot.rules.phrase import hits_of, phrases_of, prefixed
from bot.rules.rule import Names, Term


@dataclass(frozen=True, slots=True)
class Keyword:
    """Finds a word or phrase with case, accents, quotes, hyphens, plural and possessive folded."""

    written: str
    forms: frozenset[str]
    kind: str = "keyword"
    sufficient: bool = True

    def phrases(self) -> frozenset[str]:
        """Return the folded phrase, and its words written together."""
        return self.forms

    def find(self, normal: NormalText) -> Sequence[Hit]:
        """Return every occurrence of one of the forms."""
        return hits_of(normal, self.forms)


def read(term: Term, _names: Names) -> Keyword:
    """Read a keyword."""
    forms = phrases_of(term.value)
    if not term.value.isascii():
        forms = prefixed(forms)
    if not forms:
        problem = "can never match: it has no letter and no digit"
        raise refused(term, problem, "Operators are written AND, OR, NOT")
    return Keyword(term.written(), forms)


KIND = Kind(name="keyword", leads=("",), read=read, example='"red line"')

"""A word that starts so: `sanction*`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.rules.fold import fold_letters, folded_words
from bot.rules.kinds import Hit, Kind, refused
from bot.rules.normal import NormalText
from bot.rules.rule import Names, Term

SHORTEST: Final = 4
"""A prefix has at least this many letters (issue 3)."""
_PLURAL_LETTERS: Final = 3


@dataclass(frozen=True, slots=True)
class Prefix:
    """Finds words that begin with `beginning`, which is folded but keeps its ending."""

    written: str
    beginning: str
    stem: str
    kind: str = "prefix"
    sufficient: bool = False

    def phrases(self) -> frozenset[str]:
        """Return the open-ended beginning, less what a plural ending could have changed."""
        return frozenset({f" {self.stem}"})

    def find(self, normal: NormalText) -> Sequence[Hit]:
        """Return the words that begin so, as they are written."""
        ranges = sorted(set(normal.occurrences(f" {self.stem}")))
        return [
            normal.hit(first, last)
            for first, last in ranges
            if fold_letters(normal.written(first)).startswith(self.beginning)
        ]


def read(term: Term, _names: Names) -> Prefix:
    """Read the beginning of a word.

    Raises:
        RuleError: where it is too short, or more than one word.
    """
    _, words = folded_words(term.value)
    beginning = fold_letters(term.value.strip())
    if len(words) != 1 or not beginning.isalnum():
        raise refused(term, "a prefix is the beginning of one word", "For example sanction*")
    if len(beginning) < SHORTEST:
        problem = f"the prefix {term.value}* has fewer than {SHORTEST} letters"
        raise refused(term, problem, f"Write at least {SHORTEST} letters before the *")
    stem = beginning[: max(SHORTEST - 2, len(beginning) - _PLURAL_LETTERS)]
    if not beginning.endswith(("s", "e", "i")):
        stem = beginning
    return Prefix(term.written(), beginning, stem)


KIND = Kind(name="prefix", leads=("",), tail="*", read=read, example="sanction*")

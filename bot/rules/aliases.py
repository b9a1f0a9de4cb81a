"""Suggesting aliases: names in the archive that are spelled much like a known one.

Matching never guesses; `redline check` shows these, and a person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from bot.model import Person
from bot.rules.fold import BREAKS_AFTER, CAPITALISED, POSSESSIVE, written_words
from bot.rules.normal import NormalText
from bot.rules.people import known_key
from bot.rules.wordlists import same_given_names

_ALIKE: Final = 80
"""From this score of rapidfuzz (0 to 100) both words of a name are taken for a spelling of it."""

_FEWEST: Final = 2
"""A spelling that stands in fewer articles is taken for a slip of the pen."""

_MOST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """A name as articles write it, and how many of them do."""

    name: str
    articles: int


class NamesRead:
    """The names of two words that some articles write, ready to be compared with people."""

    def __init__(self, texts: Iterable[NormalText]) -> None:
        """Count in how many articles each name stands."""
        counted: Counter[str] = Counter()
        for normal in texts:
            counted.update(set(_names_of_two_words(normal)))
        self._counted = {name: n for name, n in counted.items() if n >= _FEWEST}
        self._folded = {name: " ".join(_letters(name)) for name in self._counted}

    def alike(self, pair: tuple[str, ...]) -> Iterator[Spelling]:
        """Yield the names whose two words are both spelled much like those of a known one."""
        # Where both words are alike their sum is: this pass in C leaves few to look at closely.
        near = process.extract(
            " ".join(pair), self._folded, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None
        )
        for found, _, name in near:
            if _is_spelling(tuple(found.split()), pair):
                yield Spelling(name=name, articles=self._counted[name])


def suggest_aliases(
    person: Person, read: NamesRead, others: Sequence[Person] = ()
) -> tuple[Spelling, ...]:
    """Return what may be other spellings of a person's name, most frequent first.

    Args:
        person: a person of people.yaml; a body has none.
        read: the names of recent articles.
        others: the people of people.yaml, whose names are not offered to one another.
    """
    known = (person.name, *person.aliases)
    taken = {known_key(name) for each in (person, *others) for name in (each.name, *each.aliases)}
    pairs = [] if person.body else [pair for name in known if len(pair := _letters(name)) == 2]
    found = {
        spelling
        for pair in pairs
        for spelling in read.alike(pair)
        if known_key(spelling.name) not in taken
    }
    return tuple(sorted(found, key=lambda one: (-one.articles, one.name))[:_MOST])


def _names_of_two_words(normal: NormalText) -> Iterator[str]:
    for first in range(len(normal.words) - 1):
        ends = normal.flags[first] & (BREAKS_AFTER | POSSESSIVE)
        if not ends and normal.flags[first] & normal.flags[first + 1] & CAPITALISED:
            yield f"{normal.written(first)} {normal.written(first + 1)}"


def _letters(name: str) -> tuple[str, ...]:
    return tuple(word.letters for word in written_words(name))


def _is_spelling(found: tuple[str, ...], pair: tuple[str, ...]) -> bool:
    """Say whether a name may be a spelling of a person's that matching does not know already.

    It knows the short forms of given names, and a family in the plural is nobody's name.
    """
    if len(found) != len(pair):
        return False
    (given, surname), (own_given, own_surname) = found, pair
    if surname in {own_surname, f"{own_surname}s"} and given in _short_forms(own_given):
        return False
    return fuzz.ratio(given, own_given) >= _ALIKE and fuzz.ratio(surname, own_surname) >= _ALIKE


def _short_forms(given: str) -> frozenset[str]:
    return same_given_names().get(given, frozenset()) | {given}

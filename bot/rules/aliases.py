"""Suggesting aliases: names in the archive that are spelled much like a known one.

Matching never guesses; `redline check` shows these, and a person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rapidfuzz import fuzz

from bot.model import Person
from bot.rules.fold import BREAKS_AFTER, CAPITALISED, POSSESSIVE
from bot.rules.normal import NormalText
from bot.rules.people import known_key

_ALIKE: Final = 80
"""From this score of rapidfuzz (0 to 100) both words of a name are taken for a spelling of it."""


def suggest_aliases(person: Person, texts: Iterable[NormalText]) -> tuple[str, ...]:
    """Return names of two words that may be other spellings of a person's, most frequent first."""
    known = {known_key(name) for name in (person.name, *person.aliases)}
    pairs = [key for key in known if len(key) == len(("given", "surname"))]
    found: Counter[str] = Counter()
    for normal in texts:
        for name in _names_of_two_words(normal):
            key = known_key(name)
            if key not in known and any(_alike(key, pair) for pair in pairs):
                found[name] += 1
    return tuple(name for name, _ in found.most_common())


def _names_of_two_words(normal: NormalText) -> Iterator[str]:
    for first in range(len(normal.words) - 1):
        ends = normal.flags[first] & (BREAKS_AFTER | POSSESSIVE)
        if not ends and normal.flags[first] & normal.flags[first + 1] & CAPITALISED:
            yield f"{normal.written(first)} {normal.written(first + 1)}"


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return len(one) == len(other) and all(
        fuzz.ratio(a, b) >= _ALIKE for a, b in zip(one, other, strict=True)
    )

"""A person or body, however it is called: `name:"Joe Biden"`.

Anchored, the default: the full name, an alias, title and surname, or initial and surname; once one
of these stands in the article, the bare surname counts too. `name.strict:` takes full names and
aliases alone, `name.surname:` the surname even where nothing anchors it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.rules.before import (
    Before,
    is_date,
    is_known_given_name,
    look_before,
    name_goes_on,
)
from bot.rules.fold import CAPITALISED, UNCASED, letter_forms
from bot.rules.kinds import Hit, Kind, refused
from bot.rules.normal import NormalText
from bot.rules.people import Called, called, known_as
from bot.rules.phrase import hits_of, phrases_of
from bot.rules.rule import Names, Term
from bot.rules.wordlists import given_names, given_names_of, groups


class Mode(enum.StrEnum):
    """How much of a name must stand."""

    ANCHORED = "name"
    STRICT = "name.strict"
    SURNAME = "name.surname"


# These do not count beside an anchor: counted apart, or not this person at all.
_NOT_OTHERS = frozenset({Before.OWN_NAME, Before.SOMEBODY_ELSE, Before.HALF_NAME})


@dataclass(frozen=True, slots=True)
class Name:
    """Finds a person or body. `surnames` maps the phrase of each surname to its words."""

    written: str
    mode: Mode
    known: Called
    whole: frozenset[str]
    surnames: tuple[tuple[str, tuple[str, ...]], ...]
    lower_case: bool = False
    kind: str = "name"
    sufficient: bool = False

    def phrases(self) -> frozenset[str]:
        """Return the surnames and the names that are found as they are."""
        return self.whole | {phrase for phrase, _ in self.surnames}

    def find(self, normal: NormalText) -> Sequence[Hit]:
        """Return the occurrences that count in this mode."""
        strong = [hit for hit in hits_of(normal, self.whole) if self._is_name(normal, hit.first)]
        seen = list(self._surname_hits(normal))
        strong += [hit for before, hit in seen if before is Before.OWN_NAME]
        if self.mode is Mode.STRICT:
            return _outermost(strong)
        others = [hit for before, hit in seen if before not in _NOT_OTHERS]
        namesake = any(before is Before.SOMEBODY_ELSE for before, _ in seen)
        anchors = {Before.TITLE, Before.COURTESY, Before.INITIAL}
        if namesake:
            anchors = {Before.TITLE} if self.known.titled else set()
        anchored = strong or any(before in anchors for before, _ in seen)
        return _outermost(strong + others) if anchored or self.mode is Mode.SURNAME else ()

    def _is_name(self, normal: NormalText, first: int) -> bool:
        """Say whether a name that is found as it is begins like one, and is not a surname."""
        if self.known.body:
            return self.lower_case or _is_capitalised(normal, first)
        reached = look_before(normal, first, ())
        somebody = reached.before is Before.SOMEBODY_ELSE and is_known_given_name(normal, first - 1)
        return (self.lower_case or _is_capitalised(normal, first)) and not somebody

    def _surname_hits(self, normal: NormalText) -> Iterator[tuple[Before, Hit]]:
        """Yield the surname's occurrences, with what stands before each."""
        for phrase, words in self.surnames:
            for first, last in set(normal.occurrences(phrase)):
                if _is_written_so(normal, first, words) and not is_date(normal, first):
                    before, begin = self._before(normal, first, words)
                    if before is not Before.OWN_NAME and self._goes_on(normal, first, last):
                        before = Before.SOMEBODY_ELSE
                    elif before is not Before.OWN_NAME and words not in self.known.surnames:
                        before = Before.HALF_NAME
                    yield before, normal.hit(begin, last)

    def _before(self, normal: NormalText, first: int, words: tuple[str, ...]) -> tuple[Before, int]:
        """Return what stands before a surname, and where it begins."""
        names = [name for name in self.known.full if name.surname == words]
        before, begin, title = look_before(normal, first, names or self.known.full)
        if before is Before.TITLE:
            return self._bears(title), begin
        return before, begin

    def _goes_on(self, normal: NormalText, first: int, last: int) -> bool:
        """Say whether what looks like the surname is somebody's given name."""
        doubtful = self.known.family_first or normal.words[first] in given_names()
        return doubtful and name_goes_on(normal, last)

    def _bears(self, title: str) -> Before:
        """Say whether a title can be this person's, as far as titles and given name tell."""
        lists = groups("words_before_names.txt")
        given = {name for full in self.known.full for name in full.given}
        if title in self.known.titled:
            return Before.TITLE
        if title in lists["women"] and given & given_names_of("male"):
            return Before.SOMEBODY_ELSE
        if title in lists["men"] and given & given_names_of("female"):
            return Before.SOMEBODY_ELSE
        if title in lists["royal"]:
            return Before.SOMEBODY_ELSE
        return Before.COURTESY if title in lists["courtesy"] else Before.TITLE


def _is_written_so(normal: NormalText, first: int, words: tuple[str, ...]) -> bool:
    """Say whether the tokens are the surname and not its plural, and begin as a name does."""
    tokens = range(first, first + len(words))
    same = all(
        letter_forms(normal.written(token)) & letter_forms(word)
        for token, word in zip(tokens, words, strict=True)
    )
    return same and any(_is_capitalised(normal, token) for token in tokens)


def _is_capitalised(normal: NormalText, token: int) -> bool:
    return bool(normal.flags[token] & (CAPITALISED | UNCASED))


def _outermost(hits: list[Hit]) -> list[Hit]:
    """Return the hits in the order of the article, without those that stand within another."""
    kept: list[Hit] = []
    for hit in sorted(set(hits), key=lambda hit: (hit.first, -hit.last)):
        if not kept or hit.last > kept[-1].last:
            kept.append(hit)
    return kept


def _surname_phrases(surname: tuple[str, ...]) -> frozenset[str]:
    return phrases_of("-".join(surname), joined=False)


def read(term: Term, names: Names) -> Name:
    """Read a name."""
    person = known_as(term.value, names.people)
    known = called(person)
    mode = Mode(term.lead)
    whole = frozenset(phrase for name in known.whole for phrase in phrases_of(name, joined=False))
    surnames = {name for full in known.full for name in [full.surname]} | known.surnames
    pairs = {(phrase, name) for name in surnames for phrase in _surname_phrases(name)}
    if not whole and not pairs:
        raise refused(term, "can never match: it has no letter")
    return Name(term.written(), mode, known, whole, tuple(sorted(pairs)), person.name.islower())


KIND = Kind(
    name="name",
    leads=tuple(Mode),
    read=read,
    example='name:"Joe Biden"',
)

"""A place, however it is spelled, and its people: `place:Rafah`, `place:Israel`.

`place:"Gaza Strip"+` also finds what lies inside it; `place.capital:Russia` also the capital, as in
"Moscow said". A place is not found within somebody's name, a language or another place's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

from bot.model import Field
from bot.model import Place as KnownPlace
from bot.rules import gazetteer
from bot.rules.before import is_known_given_name, name_goes_on, named_before
from bot.rules.fold import (
    ALL_CAPS,
    BREAK,
    BREAKS_AFTER,
    CAPITALISED,
    POSSESSIVE,
    UNCASED,
    letter_forms,
    written_words,
)
from bot.rules.kinds import Hit, Kind, refused
from bot.rules.normal import NormalText
from bot.rules.phrase import hits_of, phrases_of, prefixed
from bot.rules.rule import Names, Term
from bot.rules.wordlists import given_names, groups, no_names, titles

_PAIRS = frozenset("-‐‑–—/")
_SPORTS_WORDS = 3
"""An article with so many different words of sport is a sports report."""


@dataclass(frozen=True, slots=True)
class Place:
    """Finds a place by its names and demonyms, except in the names of something else."""

    written: str
    names: frozenset[str]
    spelled: frozenset[str]
    lookalikes: frozenset[str]
    abroad: bool
    kind: str = "place"
    sufficient: bool = False

    def phrases(self) -> frozenset[str]:
        """Return the folded names and demonyms."""
        return self.names

    def find(self, normal: NormalText) -> Sequence[Hit]:
        """Return the occurrences that mean the place."""
        spelled = [h for h in hits_of(normal, self.names) if self._is_spelled_so(normal, h)]
        bearers = {normal.words[h.first] for h in spelled if _is_somebody(normal, h)}
        hits = [
            hit
            for hit in spelled
            if _is_place(normal, hit)
            and not (normal.words[hit.first] in bearers and not _stands_after(normal, hit.first))
            and not (self.abroad and _is_in_america(normal, hit))
        ]
        if not hits:
            return hits
        others = {at for phrase in self.lookalikes for at in normal.occurrences(phrase)}
        return _outermost(
            hit
            for hit in hits
            if not any(first <= hit.first and hit.last <= last for first, last in others)
        )

    def _is_spelled_so(self, normal: NormalText, hit: Hit) -> bool:
        """Refuse what only folding made alike: names have no plural, demonyms have."""
        words = [normal.written(token) for token in range(hit.first, hit.last)]
        spelled = gazetteer.key(" ".join(words))
        return spelled in self.spelled or _is_spelled_out(words, self.spelled)


def _is_spelled_out(words: list[str], spelled: frozenset[str]) -> bool:
    """Say whether the words are among the spellings once umlauts are spelled out."""
    choices = (letter_forms(word) for word in words)
    return any(" ".join(choice) in spelled for choice in product(*choices))


def _is_place(normal: NormalText, hit: Hit) -> bool:
    flags = normal.flags[hit.first]
    if not flags & (CAPITALISED | UNCASED):
        return False
    return not (_is_language(normal, hit) or _is_somebody(normal, hit) or _is_team(normal, hit))


def _is_language(normal: NormalText, hit: Hit) -> bool:
    """Say whether a demonym means the language: "speaks French", "in fluent Russian"."""
    words = groups("languages.txt")
    if normal.words[hit.first] not in words["languages"]:
        return False
    before, after = hit.first - 1, hit.last
    goes_on = after < len(normal.words) and not normal.flags[hit.last - 1] & BREAKS_AFTER
    if goes_on and normal.words[after] in words["after"]:
        return True
    if before < 0 or normal.flags[before] & BREAKS_AFTER:
        return False
    ends = not goes_on or normal.words[after] in words["ends"]
    word = normal.words[before]
    return word in words["before"] or (ends and word in words["prepositions"])


def _is_somebody(normal: NormalText, hit: Hit) -> bool:
    """Say whether the place is part of a person's name: Michael Jordan, Paris Hilton."""
    if not _is_paired(normal, hit, hit.last) and _begins_name(normal, hit):
        return True
    if _is_paired(normal, hit, hit.first):
        return False
    is_surname = normal.words[hit.first] in groups("languages.txt")["surnames"]
    named = is_surname and named_before(normal, hit.first)
    return named or is_known_given_name(normal, hit.first - 1)


def _begins_name(normal: NormalText, hit: Hit) -> bool:
    return normal.words[hit.first] in given_names() and _name_follows(normal, hit)


def _is_paired(normal: NormalText, hit: Hit, token: int) -> bool:
    """Say whether a hyphen or dash before `token` pairs two parties: the Israel-Hamas war."""
    low, high = normal.token_range(hit.field)
    if not low < token < high:
        return False
    return not _PAIRS.isdisjoint(
        normal.source(hit.field)[normal.ends[token - 1] : normal.starts[token]]
    )


def _stands_after(normal: NormalText, first: int) -> bool:
    """Say whether a preposition before the token makes it a place even beside a namesake."""
    return _stands_as_place(normal, first) or normal.words[first - 1] in {"of", "to"}


def _is_in_america(normal: NormalText, hit: Hit) -> bool:
    """Say whether an American state follows: Alexandria, Virginia."""
    if hit.last >= len(normal.words) or not normal.flags[hit.last - 1] & BREAKS_AFTER:
        return False
    gap = normal.source(hit.field)[hit.end : normal.starts[hit.last]]
    states = gazetteer.american_states()
    follows = {normal.folded_name(hit.last, hit.last + n) for n in (1, 2)}
    return gap.strip() == "," and bool(follows & states)


def _is_team(normal: NormalText, hit: Hit) -> bool:
    """Say whether a country's name means its team, or is part of a tournament's.

    In a sports report a country is a place only where the wording says so: "in Australia",
    "Eschen, Liechtenstein", "Henman (Britain)", "Australian".
    """
    words = groups("languages.txt")
    goes_on = hit.last < len(normal.words) and not normal.flags[hit.last - 1] & BREAKS_AFTER
    if goes_on and normal.words[hit.last] in words["events"]:
        return bool(normal.flags[hit.last] & CAPITALISED)
    name = normal.folded_name(hit.first, hit.last)
    if name not in _country_names() or not _is_sports_report(normal):
        return False
    return not _stands_as_place(normal, hit.first)


def _name_follows(normal: NormalText, hit: Hit) -> bool:
    """Say whether a capitalised word goes on a name; in headlines it says nothing."""
    if hit.field is Field.TITLE:
        return name_goes_on(normal, hit.last)
    if hit.last >= len(normal.words) or normal.flags[hit.last - 1] & (BREAKS_AFTER | POSSESSIVE):
        return False
    capitalised = normal.flags[hit.last] & CAPITALISED and not normal.flags[hit.last] & ALL_CAPS
    return bool(capitalised) and normal.words[hit.last] not in no_names() | titles()


def _stands_as_place(normal: NormalText, first: int) -> bool:
    """Say whether a place is what is meant before the token: a preposition, a city, a bracket."""
    if first in {0, normal.text_token}:
        return False
    if normal.flags[first - 1] & BREAKS_AFTER:
        source = normal.source(normal.hit(first, first + 1).field)
        return source[normal.ends[first - 1] : normal.starts[first]].strip() in {",", "("}
    before = normal.words[first - 1]
    if before in {"the", BREAK} and first > 1:
        before = normal.words[first - 2]
    return before in groups("languages.txt")["places"]


@cache
def _country_names() -> frozenset[str]:
    names = (name for country in gazetteer.countries().values() for name in country.names)
    return frozenset(p.strip() for name in names for p in phrases_of(name, joined=False))


@lru_cache(maxsize=8)
def _is_sports_report(normal: NormalText) -> bool:
    words = groups("languages.txt")["sports"]
    return sum(f" {word} " in normal.folded for word in words) >= _SPORTS_WORDS


def _outermost(hits: Iterable[Hit]) -> list[Hit]:
    """Leave out hits within longer ones: Gaza in Gaza Strip."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.first, -hit.last)):
        if not kept or hit.last > kept[-1].last:
            kept.append(hit)
    return kept


def read(term: Term, names: Names) -> Place:
    """Read a place."""
    known = _known(term.value, names.places)
    facts = gazetteer.facts_of(known.name)
    demonyms = {*known.demonyms, *facts.demonyms}
    spellings = {term.value, known.name, *known.aliases, *facts.names}
    if term.lead == "place.capital":
        if not facts.capital:
            raise refused(term, f"no capital of {term.value} is known", "Write its name with OR")
        spellings |= set(gazetteer.facts_of(facts.capital).names)
    if term.tail == "+":
        spellings |= _within(known.name, names.places)
        spellings |= set(gazetteer.inside(known.name))
    people = demonyms | {f"{demonym}s" for demonym in demonyms}
    spelled = frozenset(form for name in spellings | people for form in _letters(name))
    spellings |= demonyms
    phrases = frozenset(p for name in spellings for p in phrases_of(name, joined=False))
    phrases = prefixed(phrases, shortest=3)
    spelled |= {
        form.strip() for form in prefixed(frozenset(map(" {} ".format, spelled)), shortest=3)
    }
    if not phrases:
        raise refused(term, "can never match: it has no letter")
    abroad = bool(facts.code) and not facts.code.startswith("US")
    return Place(term.written(), phrases, spelled, _lookalikes(phrases, spellings), abroad)


def _letters(name: str) -> frozenset[str]:
    """Return the folded letters of a name's words, also with umlauts spelled out."""
    forms = (word.forms | {word.letters} for word in written_words(name))
    return frozenset(" ".join(choice).removeprefix("the ") for choice in product(*forms))


def _known(name: str, places: Sequence[KnownPlace]) -> KnownPlace:
    """Return the place of places.yaml that goes by a name, else one of that name alone."""
    wanted = gazetteer.key(name)
    for place in places:
        if wanted in {gazetteer.key(known) for known in (place.name, *place.aliases)}:
            return place
    return KnownPlace(name=name)


def _within(name: str, places: Sequence[KnownPlace]) -> set[str]:
    """Return the spellings of all places of places.yaml that lie in a place, at any depth."""
    reached = {gazetteer.key(name)}
    spellings: set[str] = set()
    for _ in places:
        inner = [place for place in places if reached & {gazetteer.key(w) for w in place.within}]
        spellings |= {word for p in inner for word in (p.name, *p.aliases, *p.demonyms)}
        reached |= {gazetteer.key(place.name) for place in inner}
    return spellings


def _lookalikes(phrases: frozenset[str], spellings: set[str]) -> frozenset[str]:
    """Return the phrases of other names that contain one of this place's names."""
    own = {gazetteer.key(spelling) for spelling in spellings}
    return frozenset(
        phrase
        for key, others in _other_names()
        if key not in own
        for phrase in others - phrases
        if any(own_phrase in phrase for own_phrase in phrases)
    )


@cache
def _other_names() -> tuple[tuple[str, frozenset[str]], ...]:
    """Return what a place can be taken for: the keys of known names, each with its phrases."""
    names = [*gazetteer.lookalikes()]
    for country in gazetteer.countries().values():
        names += [*country.names, *country.demonyms]
    return tuple(
        (gazetteer.key(name), phrases_of(name, joined=False)) for name in dict.fromkeys(names)
    )


KIND = Kind(name="place", leads=("place", "place.capital"), read=read, example="place:Rafah")
INNER = Kind(
    name="place",
    leads=("place", "place.capital"),
    tail="+",
    read=read,
    example='place:"Gaza Strip"+',
)

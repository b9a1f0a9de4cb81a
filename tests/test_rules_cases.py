"""The language, case by case: every YAML file of tests/cases/rules is rules, texts and verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.errors import RuleError
from bot.model import Person, Place, Tier
from bot.rules.match import match_article
from bot.rules.normal import normalise
from bot.rules.rule import Names, Sought, walk
from bot.rules.terms import KINDS
from tests.rules_desk import a_rule, an_article

CASES = Path(__file__).parent / "cases" / "rules"


def read_names(given: dict[str, Any]) -> Names:
    """The people, places and sets of a case file."""
    people = [_frozen(person) for person in given.get("people", [])]
    places = [_frozen(place) for place in given.get("places", [])]
    return Names(
        people=tuple(Person(**person) for person in people),
        places=tuple(Place(**place) for place in places),
        sets=given.get("sets", {}),
    )


def _frozen(given: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}


def _load(folder: Path) -> list[Any]:
    documents = {
        path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in folder.glob("*.yaml")
    }
    return [
        pytest.param(case, read_names(documents[path].get("names", {})), id=f"{path.stem}-{n}")
        for path in sorted(documents)
        for n, case in enumerate(documents[path]["cases"])
    ]


@pytest.mark.parametrize(("case", "names"), _load(CASES) + _load(CASES / "terms"))
def test_a_rule_finds_what_its_case_says(case: dict[str, Any], names: Names) -> None:
    """A rule holds for a text exactly where its case says so, and shows the words that prove it."""
    article = an_article(
        case.get("text", ""),
        case.get("title", ""),
        domain=case.get("domain", "example.org"),
        tier=Tier(case.get("tier", "news")),
        language=case.get("language"),
    )
    compiled = a_rule(case["rule"], case.get("except", ""), names)

    matches = match_article([compiled], article)

    found = [evidence.text for match in matches for evidence in match.evidence]
    expected = case["finds"]
    assert bool(matches) is (expected is not False), found
    if isinstance(expected, list):
        assert found == expected


@pytest.mark.parametrize(("case", "names"), _load(CASES) + _load(CASES / "terms"))
def test_a_term_occurs_only_where_one_of_its_phrases_does(
    case: dict[str, Any], names: Names
) -> None:
    """A term is found only where a phrase it requires is, and wherever one is if that suffices."""
    article = an_article(case.get("text", ""), case.get("title", ""))
    normal = normalise(article)

    for leaf in walk(a_rule(case["rule"], case.get("except", ""), names).tree):
        if isinstance(leaf, Sought) and (phrases := leaf.seeker.phrases()) is not None:
            present = any(phrase in normal.folded for phrase in phrases)
            assert present or not normal.find(leaf.seeker)
            assert not leaf.seeker.sufficient or bool(normal.find(leaf.seeker)) is present


@pytest.mark.parametrize("path", sorted((CASES / "refused").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_refused_rule_says_where_why_and_what_instead(path: Path) -> None:
    """A rule that cannot be read is refused with the place, the reason and a valid form."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = read_names(document.get("names", {}))
    for case in document["cases"]:
        with pytest.raises(RuleError) as caught:
            a_rule(case["rule"], case.get("except", ""), names)

        error = caught.value
        assert error.source[error.start : error.end] == case["at"], case["rule"]
        assert case["says"] in error.problem, case["rule"]
        assert case.get("advice", "") in error.advice, case["rule"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_term_has_its_cases(kind: Any) -> None:
    """Each kind of term has a file of cases, texts that it finds and texts that it does not."""
    document = yaml.safe_load((CASES / "terms" / f"{kind.name}.yaml").read_text(encoding="utf-8"))

    assert {case["finds"] is not False for case in document["cases"]} == {True, False}
    read = a_rule(kind.example, names=read_names(document.get("names", {})))
    assert isinstance(read.when, Sought)
    assert read.when.seeker.kind == kind.name


def test_every_file_of_a_kind_is_registered() -> None:
    """A kind of term that exists as a file can be used in rules."""
    folder = Path(__file__).parents[1] / "bot" / "rules" / "terms"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}

    assert files == {kind.name for kind in KINDS}

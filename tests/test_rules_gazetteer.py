"""What is known of places, and how little of it is kept."""

from __future__ import annotations

import pytest

from bot.rules import gazetteer


@pytest.mark.parametrize(
    ("name", "known", "demonym"),
    [
        ("Israel", "State of Israel", "Israeli"),
        ("the Netherlands", "Holland", "Dutch"),
        ("UK", "Great Britain", "British"),
        ("USA", "United States", "American"),
        ("Türkiye", "Turkey", "Turk"),
        ("Côte d'Ivoire", "Ivory Coast", "Ivorian"),
        ("Gaza", "Gaza Strip", "Gazan"),
    ],
)
def test_a_country_is_known_by_any_of_its_names(name: str, known: str, demonym: str) -> None:
    """Whichever name a rule uses, all of them are found, and the demonyms."""
    facts = gazetteer.facts_of(name)

    assert known in facts.names
    assert demonym in facts.demonyms


def test_a_city_brings_its_spellings_and_scripts() -> None:
    """A city is found in other spellings and scripts, but not by codes or by what is unlike."""
    names = gazetteer.facts_of("Rafah").names

    assert {"Rafah", "Rafaḩ", "رفح", "רפיח"} <= set(names)
    assert not {"rfh", "la fa shi"} & set(names)
    assert "PAR" not in gazetteer.facts_of("Paris").names


def test_an_unknown_place_is_its_name() -> None:
    """A place that no data knows is still found by its name."""
    assert gazetteer.facts_of("Port Ellery").names == ("Port Ellery",)


@pytest.mark.parametrize(
    ("region", "within", "outside"),
    [
        ("Gaza Strip", "Rafah", "Ramallah"),
        ("Palestine", "Rafah", "Haifa"),
        ("Israel", "Haifa", "Rafah"),
        ("Middle East", "Lebanon", "Norway"),
        ("Korea", "North Korea", "China"),
        ("Germany", "Hamburg", "Vienna"),
    ],
)
def test_a_region_contains_what_lies_in_it(region: str, within: str, outside: str) -> None:
    """Containment goes through regions and countries to cities."""
    inside = gazetteer.inside(region)

    assert within in inside
    assert outside not in inside


def test_a_city_of_a_common_name_belongs_to_the_larger_one() -> None:
    """Paris in Texas does not make every Paris a place in the United States."""
    inside = gazetteer.inside("United States")

    assert "Houston" in inside
    assert not {"Paris", "Moscow", "Reading", "Mobile"} & set(inside)


def test_every_country_of_the_list_has_five_columns_and_a_name() -> None:
    """The list of countries is complete in its own terms."""
    for country in gazetteer.countries().values():
        assert country.name
        assert country.names[0] == country.name
        assert len(country.code) in {0, 2, 5, 6}

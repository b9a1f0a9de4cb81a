"""How names are taken apart, and what people.yaml adds to them."""

from __future__ import annotations

import pytest

from bot.model import Person
from bot.rules.people import called, known_as, split_name


@pytest.mark.parametrize(
    ("name", "surname", "given"),
    [
        ("Ellen Marsh", ("marsh",), "ellen"),
        ("Ellen R. Marsh", ("marsh",), "ellen"),
        ("Ellen Marsh Jr.", ("marsh",), "ellen"),
        ("Ellen Marsh III", ("marsh",), "ellen"),
        ("Jean-Claude Morel", ("morel",), "jean"),
        ("Karine Jean-Pierre", ("jean", "pierre"), "karine"),
        ("Ursula von der Leyen", ("von", "der", "leyen"), "ursula"),
        ("Bashar al-Assad", ("al", "assad"), "bashar"),
        ("Mohammed bin Salman", ("bin", "salman"), "mohammed"),
        ("Søren Ødegård", ("ødegård",), "soren"),
        ("ORBÁN Viktor", ("orbán",), "viktor"),
        ("KIM Jong Un", ("kim",), "jong"),
        ("Xi Jinping", ("xi",), "jinping"),
        ("Li Andersson", ("andersson",), "li"),
        ("محمود عباس", ("عباس",), "محمود"),
    ],
)
def test_a_name_has_a_surname_and_a_given_name(
    name: str, surname: tuple[str, ...], given: str
) -> None:
    """The surname is the last word with its particles, or the word in capitals."""
    parts = split_name(name)

    assert parts is not None
    assert parts.surname == surname
    assert given in parts.given


@pytest.mark.parametrize(
    "name", ["Hamas", "Elizabeth I of England", "The Knack", "習近平", "", "Jr."]
)
def test_a_name_of_one_piece_has_no_surname(name: str) -> None:
    """Names of one word, of monarchs, of bands and in unspaced scripts are found as they are."""
    assert split_name(name) is None


def test_nicknames_stand_for_the_given_name() -> None:
    """Andrew is Andy, and William is Bill; Sergei is Sergey."""
    for name, other in [
        ("Andrew Hale", "andy"),
        ("Bill Hale", "william"),
        ("Sergey Hale", "sergei"),
    ]:
        parts = split_name(name)
        assert parts is not None
        assert other in parts.given


def test_a_person_is_known_by_any_alias_in_any_order() -> None:
    """A rule may name a person by an alias, or with the family name first."""
    person = Person(name="ORBÁN Viktor", aliases=("Viktor Mihály Orbán",))

    for name in ("Orban Viktor", "viktor orbán", "Viktor Mihály Orbán"):
        assert known_as(name, [person]) is person
    assert known_as("Viktor Hale", [person]) == Person(name="Viktor Hale")


def test_a_body_has_no_surname() -> None:
    """The last word of an organisation's name never stands for it."""
    for person in [Person(name="World Grain Council"), Person(name="Blue Shield", body=True)]:
        assert called(person).surnames == frozenset()
        assert called(person).whole[0] == person.name


def test_an_alias_with_another_surname_does_not_lend_it() -> None:
    """The surname of an alias counts alone only where it is marked as the surname."""
    plain = called(Person(name="Mahmoud Abbas", aliases=("Abu Mazen",)))
    marked = called(Person(name="Mahmoud Abbas", aliases=("Abu MAZEN",)))

    assert plain.surnames == {("abbas",)}
    assert ("mazen",) in marked.surnames

"""Suggesting aliases for a person from the names in the archive."""

from __future__ import annotations

from bot.model import Person
from bot.rules.aliases import NamesRead, Spelling, suggest_aliases
from bot.rules.normal import normalise
from tests.rules_desk import an_article

TEXTS = (
    "Aslan Maskhadov met Azlan Maskhadof. Azlan Maskhadof left; Anna Maskhadova stayed.",
    "Aslan Maskadov spoke; Anna Maskhadova and Aslan Petrov did not. Robert Gray sang.",
    "Azlan Maskhadof’s men and Aslan Maskadov. Aslan Petrov heard Bob Gray, and Rob Grey.",
    "Azlan Maskhadof came. The Robert Grays and Bob Gray wait for Rob Grey. Robert Grays sing.",
    "Maskhadov Aslan came, and Maskadof Aslan too.",
    "Maskhadov Aslan went, and Maskadof Aslan too. Once there was Aslan Maskhadoff.",
)
READ = NamesRead(normalise(an_article(text)) for text in TEXTS)


def test_other_spellings_are_suggested_most_frequent_first() -> None:
    """Names of several articles that are spelled much alike are offered, other people are not."""
    suggested = suggest_aliases(Person(name="Aslan Maskhadov"), READ)

    assert suggested == (
        Spelling(name="Azlan Maskhadof", articles=3),
        Spelling(name="Aslan Maskadov", articles=2),
    )


def test_known_spellings_are_not_suggested_again() -> None:
    """What is an alias already is not offered."""
    person = Person(name="Aslan Maskhadov", aliases=("Azlan Maskhadof", "Aslan Maskadov"))

    assert suggest_aliases(person, READ) == ()


def test_the_name_of_somebody_else_is_not_suggested() -> None:
    """Two people of people.yaml with like names are not offered to one another."""
    others = [Person(name="Aslan Maskadov"), Person(name="Azlan Maskhadof")]

    assert suggest_aliases(Person(name="Aslan Maskhadov"), READ, others) == ()


def test_what_matching_knows_is_not_suggested() -> None:
    """Short forms of a given name are found anyway, and a family in the plural is nobody."""
    assert suggest_aliases(Person(name="Robert Gray"), READ) == ()


def test_a_body_has_no_other_spellings() -> None:
    """The names of organisations are found as they are."""
    assert suggest_aliases(Person(name="Aslan Maskhadov", body=True), READ) == ()

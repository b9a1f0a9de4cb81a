"""Suggesting aliases for a person from the names in the archive."""

from __future__ import annotations

from bot.model import Person
from bot.rules.aliases import suggest_aliases
from bot.rules.normal import normalise
from tests.rules_desk import an_article

TEXTS = [
    normalise(an_article("Aslan Maskhadov met Azlan Maskhadof. Azlan Maskhadof left.")),
    normalise(an_article("Aslan Maskadov spoke; Anna Maskhadova and Aslan Petrov did not.")),
]


def test_other_spellings_are_suggested_most_frequent_first() -> None:
    """Names of the archive that are spelled much alike are offered, other people are not."""
    suggested = suggest_aliases(Person(name="Aslan Maskhadov"), TEXTS)

    assert suggested == ("Azlan Maskhadof", "Aslan Maskadov")


def test_known_spellings_are_not_suggested_again() -> None:
    """What is an alias already is not offered."""
    person = Person(name="Aslan Maskhadov", aliases=("Azlan Maskhadof", "Aslan Maskadov"))

    assert suggest_aliases(person, TEXTS) == ()

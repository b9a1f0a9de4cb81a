"""Explaining a rule: each clause, whether it held, the sentence, and how close a failure came."""

from __future__ import annotations

import pytest

from bot.rules.explain import Explanation, explain, lines
from tests.rules_desk import a_rule, an_article

ARTICLE = an_article(
    "Grain left the port at dawn. The red line of one two three four five the metro held. "
    "Ministers spoke. Port fees rose.",
    "Grain on the move",
)


def _explained(when: str, unless: str = "") -> Explanation:
    return explain(a_rule(when, unless), ARTICLE)


def test_a_clause_that_holds_shows_its_sentence() -> None:
    """The sentence that satisfied a clause stands beside it."""
    told = _explained('grain AND "red line"')

    assert told.held
    assert [part.sentence for part in told.parts] == [
        "Grain left the port at dawn.",
        "The red line of one two three four five the metro held.",
    ]


@pytest.mark.parametrize(
    ("when", "note"),
    [
        ('"red line" NEAR/3 metro', "the nearest pair has 7 words between, at most 3 are allowed"),
        ("grain NEAR zebra", "one side does not occur"),
        ("fees BEFORE/3 rose WITH grain", "both occur, never in one sentence"),
        ("count(port) >= 3", "found 2 of 3"),
        ("2 OF (port, zebra, lion)", "found 1 of 2"),
        ("title:port", "occurs, but not in the title"),
        ("rose BEFORE/3 grain", "both occur, but not in this order"),
        ('="grain left"', '"grain left" occurs, but does not count as ="grain left"'),
        ('name:"Ann Port"', '"port" occurs, but does not count as name:"Ann Port"'),
    ],
)
def test_a_failure_says_how_close_it_came(when: str, note: str) -> None:
    """A clause that does not hold says by how much it failed."""
    told = _explained(when)

    assert not told.held
    assert told.note == note


def test_an_explanation_agrees_with_the_verdict() -> None:
    """The tree of a rule with except says what the match says, except last."""
    told = _explained("grain port", "metro")

    assert not told.held
    assert [part.held for part in told.parts] == [True, False]
    assert told.parts[-1].clause == "NOT metro"


def test_an_explanation_reads_as_lines() -> None:
    """A terminal shows ticks and crosses, indented by depth."""
    assert lines(_explained("(grain OR zebra) lion")) == [
        "✗ (grain OR zebra) AND lion",
        "  ✓ grain OR zebra",
        "    ✓ grain",
        "        Grain left the port at dawn.",
        "    ✗ zebra",
        "  ✗ lion",
    ]


def test_what_stands_in_the_title_alone_shows_the_title() -> None:
    """Evidence in the title shows the title as its sentence."""
    assert _explained("title:move").sentence == "Grain on the move"

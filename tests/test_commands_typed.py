"""Reading what was typed after a command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import commands
from bot.commands import MENU
from bot.commands.typed import Mistake, read
from bot.model import Argument, Card, CommandSpec, Form, Menu, Option, OptionKind, Order
from tests.commands_archive import known_desk
from tests.commands_desk import a_desk, an_order, filled, typed

QUERY = Option(name="query", help="What to look for", required=True)
RULE = Option(name="rule", help="A rule", kind=OptionKind.RULE, required=True)
ARTICLE = Option(name="article", help="An article", required=True)
SMALL = Menu(
    commands=(
        CommandSpec(group="paper", verb="search", help="Look", options=(QUERY,), default=True),
        CommandSpec(group="paper", verb="why", help="Why", options=(ARTICLE, RULE)),
        CommandSpec(group="desk", verb="list", help="All", default=True),
        CommandSpec(group="desk", verb="show", help="One", options=(RULE,), example="tides"),
    )
)


def arguments(**values: str) -> tuple[Argument, ...]:
    """The values of an order."""
    return tuple(Argument(name=name, value=value) for name, value in values.items())


@pytest.mark.parametrize(
    ("group", "text", "verb", "values"),
    [
        ("paper", "search tides", "search", {"query": "tides"}),
        ("paper", "tides", "search", {"query": "tides"}),
        ("paper", 'tides "red line"', "search", {"query": 'tides "red line"'}),
        ("paper", '"red line"', "search", {"query": '"red line"'}),
        ("paper", "SEARCH  tides ", "search", {"query": "tides"}),
        ("paper", '"search"', "search", {"query": '"search"'}),
        ("paper", "why a1 tides", "why", {"article": "a1", "rule": "tides"}),
        ("paper", 'why "a 1" “the tides”', "why", {"article": "a 1", "rule": "the tides"}),
        ("paper", "why «a 1» tides now", "why", {"article": "a 1", "rule": "tides now"}),
        ("desk", "", "list", {}),
        ("desk", "show 'the tides'", "show", {"rule": "the tides"}),
    ],
)
def test_a_line_becomes_verb_and_values(
    group: str, text: str, verb: str, values: dict[str, str]
) -> None:
    """The verb may be missing, values may be quoted, and the last one takes the rest."""
    read_order = read(an_order(group, text), SMALL)

    assert isinstance(read_order, Order)
    assert (read_order.verb, read_order.arguments) == (verb, arguments(**values))


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (an_order("paper"), "QUERY must be given"),
        (an_order("paper", "why"), "ARTICLE and RULE must be given"),
        (an_order("paper", "why a1"), "RULE must be given"),
        (an_order("desk", "list everything"), "Nothing follows list"),
        (an_order("desk", "shwo tides"), "There is no “shwo” here"),
        (an_order("boat", "list"), "There is no command /boat"),
        (filled("paper", "why", article="a1", rule=" "), "RULE must be given"),
        (filled("paper", "burn"), "There is no “burn” here"),
    ],
)
def test_what_cannot_be_read_is_a_mistake_that_says_why(order: Order, said: str) -> None:
    """A line and a form that lack something are told what it is."""
    mistake = read(order, SMALL)

    assert isinstance(mistake, Mistake)
    assert mistake.said == said


def test_a_misspelt_verb_gets_the_nearest() -> None:
    """Who mistypes a verb is offered the one that was probably meant."""
    mistake = read(an_order("desk", "shwo tides"), SMALL)

    assert isinstance(mistake, Mistake)
    assert mistake.nearest == "show"


def test_options_of_a_form_are_read_as_typed_ones() -> None:
    """A platform that fills verb and values gets the same order; what is not declared is left."""
    order = read(filled("paper", "why", article="a1", rule=" tides ", colour="red"), SMALL)

    assert isinstance(order, Order)
    assert order.arguments == arguments(article="a1", rule="tides")


async def test_a_mistake_is_answered_with_help() -> None:
    """The answer to a mistake shows how it is written."""
    card = await typed(a_desk(), "/redline halp")

    assert card.title == "There is no command “halp”"
    assert "Did you mean /redline help?" in card.notes
    assert any(line.text.startswith("/redline") and "status" in line.text for line in card.lines)


VERBS = [f"{spec.verb} " for spec in MENU.commands]
LANGUAGE = [
    "(",
    ")",
    '"',
    "AND ",
    "OR ",
    "NOT ",
    "since:",
    "in:",
    "source:",
    "avel ",
    "/",
    "@",
    "2 ",
]


@given(
    text=st.text(max_size=300) | st.lists(st.sampled_from([*VERBS, *LANGUAGE])).map("".join),
    verb=st.sampled_from(["", *VERBS]),
    group=st.sampled_from([*MENU.groups(), "boat"]),
)
async def test_no_text_breaks_a_command(text: str, verb: str, group: str) -> None:
    """Whatever is typed after a command gets an answer."""
    reply = await commands.carry_out(an_order(group, verb + text), await known_desk())
    assert isinstance(reply, Card | Form)

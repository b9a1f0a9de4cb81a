"""Ten thousand rules: what is shown of them is made of what is shown alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot import commands
from bot.commands import Desk
from bot.commands.listing import PAGE_LINES
from bot.commands.suggesting import MOST_CHOICES
from bot.model import ChannelRef, OptionKind, Origin, Rule
from tests.commands_desk import a_desk, an_order, typed

MANY = 300
"""Enough to tell what is made for each from what is made for those that are shown."""


class Title(str):
    """A title that counts how often it is put into words."""

    __slots__ = ()
    written = 0

    def __format__(self, spec: str) -> str:
        Title.written += 1
        return super().__format__(spec)


@pytest.fixture
def desk() -> Desk:
    """A desk with many rules, whose titles begin to be counted."""
    Title.written = 0
    return a_desk(rules=[a_rule(number) for number in range(MANY)])


def a_rule(number: int) -> Rule:
    """One of many rules of T1."""
    return Rule(
        name=f"rule-{number:05}",
        title=Title(f"Number {number}"),
        when="rafah",
        to=(ChannelRef("slack", f"#{number % 7}"),),
        origin=Origin.CHAT,
        workspace="T1",
    )


async def offered(desk: Desk, text: str) -> list[str]:
    """The names that complete a text."""
    choices = await commands.suggest(an_order("watch"), OptionKind.RULE, text, desk)
    return [choice.value for choice in choices]


@pytest.mark.parametrize("text", ["", "rule-", "RULE-0"])
async def test_names_that_begin_so_are_offered_and_no_others_read(desk: Desk, text: str) -> None:
    """Completing costs what it offers, however many rules begin as was typed."""
    assert await offered(desk, text) == [f"rule-{number:05}" for number in range(MOST_CHOICES)]
    assert Title.written <= MOST_CHOICES


async def test_what_is_similar_follows_what_begins_so(desk: Desk) -> None:
    """A name that was typed whole stands first, and none is offered twice."""
    names = await offered(desk, "rule-00299")

    assert names[0] == "rule-00299"
    assert len(names) == len(set(names)) == MOST_CHOICES


async def test_a_title_finds_its_rule(desk: Desk) -> None:
    """Who remembers the title alone is offered the name."""
    assert (await offered(desk, "number 77"))[0] == "rule-00077"


async def test_a_list_writes_the_lines_of_its_page(desk: Desk) -> None:
    """A page of a list costs what it shows."""
    card = await typed(desk, "/watch list")

    assert card.status == f"1 to {PAGE_LINES} of {MANY}"
    assert Title.written <= PAGE_LINES


async def test_a_file_of_many_rules_is_written_beside_the_service() -> None:
    """An export that takes long keeps nobody from being answered."""
    threads: list[threading.Thread] = []

    def write(rules: Sequence[Rule]) -> str:
        threads.append(threading.current_thread())
        return f"{len(rules)} rules"

    card = await typed(replace(a_desk(rules=[a_rule(1)]), write_rules=write), "/watch export")

    assert card.document is not None
    assert card.document.text == "1 rules"
    assert threads != [threading.current_thread()]

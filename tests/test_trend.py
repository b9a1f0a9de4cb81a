"""`/news trend`: the figures of each day, in words and as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ParamSpec, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import Desk
from bot.commands.bars import bars
from bot.commands.desk import Web
from bot.commands.news_trend import LONGEST_ALT
from bot.errors import SandboxError
from tests.commands_archive import desk_of, shelf
from tests.commands_desk import OpenStore, typed

P = ParamSpec("P")
T = TypeVar("T")


@pytest.fixture
async def desk() -> Desk:
    """A desk over the archive of the cases."""
    store = OpenStore()
    await shelf().remember(store)
    return desk_of(store)


class Overrun:
    """A sandbox in which everything takes too long."""

    async def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        raise SandboxError(task.__qualname__, "took too long")


@pytest.mark.parametrize(
    ("numbers", "drawn"),
    [
        ([], ""),
        ([0, 0], "▁▁"),
        ([0, 1], "▁█"),
        ([1, 2, 4, 8], "▂▃▅█"),
        ([0, 5, 100], "▁▂█"),
        ([7, 7], "██"),
    ],
)
def test_bars_are_as_high_as_their_numbers(numbers: Sequence[int], drawn: str) -> None:
    """The largest is full, nothing is flat, and something is never flat."""
    assert bars(numbers) == drawn


@given(numbers=st.lists(st.integers(0, 10**6), max_size=90))
def test_a_larger_number_never_has_a_lower_bar(numbers: list[int]) -> None:
    """Bars are in the order of their numbers, one for each."""
    drawn = bars(numbers)

    assert len(drawn) == len(numbers)
    pairs = sorted(zip(numbers, drawn, strict=True))
    assert [bar for _, bar in pairs] == sorted(bar for _, bar in pairs)
    assert all((bar == "▁") == (number == 0) for number, bar in pairs)


async def test_a_trend_counts_articles_by_the_day_of_their_publication(desk: Desk) -> None:
    """The sums are those of the weeks, the first and last of which may be shorter."""
    card = await typed(desk, '/news trend "Port Avel" 7d')

    assert card.title == ('"Port Avel": 4 articles in 7 days, 0.6 a day; busiest 2 on Sunday 1 Mar')
    assert [line.text for line in card.lines] == [
        "24 Feb to 1 Mar: 3 articles",
        "2 Mar: 1 article",
    ]


async def test_the_picture_has_its_figures_in_words(desk: Desk) -> None:
    """Who does not see it is told the same."""
    picture = (await typed(desk, '/news trend "Port Avel" 7d')).picture

    assert picture is not None
    assert picture.png.startswith(b"\x89PNG")
    assert picture.alt == (
        'Articles a day about "Port Avel", 24 Feb to 2 Mar: 4 articles in 7 days, 0.6 a day; '
        "busiest 2 on Sunday 1 Mar. 27 Feb 1, 1 Mar 2, 2 Mar 1."
    )
    assert len(picture.alt) <= LONGEST_ALT


@pytest.mark.parametrize(
    ("typed_span", "number"),
    [("", 30), (" 7d", 7), (" 2 w", 14), (" 90d", 90), (" 12w", 84), (" 2D", 2)],
)
async def test_the_span_stands_at_the_end(desk: Desk, typed_span: str, number: int) -> None:
    """Days or weeks; thirty days where none is given."""
    card = await typed(desk, f"/news trend harbour{typed_span}")

    assert f"in {number} days" in card.title


@pytest.mark.parametrize("span", ["1d", "91d", "0d", "13w", "365d"])
async def test_a_span_that_is_too_short_or_too_long_is_a_mistake(desk: Desk, span: str) -> None:
    """A picture of one day or of a year is none."""
    card = await typed(desk, f"/news trend harbour {span}")

    assert card.title == "A trend shows 2 to 90 days"
    assert card.notes == ("For example 7d, 30d or 12w",)


async def test_a_span_alone_is_what_is_sought(desk: Desk) -> None:
    """There is nothing else that could be."""
    assert (await typed(desk, "/news trend 30d")).title.startswith("30d: 0 articles in 30 days")


async def test_a_rule_counts_what_it_matched(desk: Desk) -> None:
    """By its name, and as it matched then, though its words have changed since."""
    changed = {**desk.watch.compiled}
    changed["grain-tariffs"] = replace(changed["grain-tariffs"], when=changed["old-harbour"].when)
    desk.watch.compiled.update(changed)

    card = await typed(desk, "/news trend grain-tariffs")

    assert card.title.startswith("Tariffs on grain: 2 articles in 30 days, 0.1 a day")


async def test_a_rule_of_another_workspace_is_but_a_word(desk: Desk) -> None:
    """Its name finds what says its name."""
    assert (await typed(desk, "/news trend second-house")).title.startswith(
        "second-house: 0 articles"
    )


async def test_where_nothing_was_written_there_is_no_picture(desk: Desk) -> None:
    """A chart of nothing says nothing."""
    card = await typed(desk, "/news trend submarine")

    assert (card.title, card.picture, card.lines) == (
        "submarine: 0 articles in 30 days",
        None,
        (),
    )


async def test_without_a_picture_the_figures_still_stand_in_words(desk: Desk) -> None:
    """Where the sandbox gives up, small bars stand in the place of the picture."""
    there = await typed(desk, '/news trend "Port Avel"')
    web = Web(desk.web.fetcher, Overrun())
    card = await typed(replace(desk, web=web), '/news trend "Port Avel"')

    assert card.lines[0].text == f"1 Feb {'▁' * 26}▅▁█▅ 2 Mar"
    assert replace(card, lines=card.lines[1:]) == replace(there, picture=None)


async def test_a_mistake_in_the_rule_is_shown_at_its_place(desk: Desk) -> None:
    """The text is read as a search is."""
    card = await typed(desk, "/news trend place:Rafah AND 7d")

    assert card.summary
    assert card.picture is None

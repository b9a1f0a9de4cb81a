"""How long something is to be silent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.durations import LONGEST, offered, read_duration, spoken
from bot.errors import OrderError


@pytest.mark.parametrize(
    ("text", "span", "said"),
    [
        ("1h", timedelta(hours=1), "1 hour"),
        ("8 H", timedelta(hours=8), "8 hours"),
        ("90 min", timedelta(minutes=90), "90 minutes"),
        ("1d", timedelta(days=1), "1 day"),
        (" 3 days ", timedelta(days=3), "3 days"),
        ("2w", timedelta(days=14), "14 days"),
        ("30d", timedelta(days=30), "30 days"),
    ],
)
def test_a_duration_is_a_number_and_its_unit(text: str, span: timedelta, said: str) -> None:
    """People write hours, days and weeks as they like, and hear them in words."""
    assert read_duration(text) == span
    assert spoken(span) == said


@pytest.mark.parametrize(
    "text", ["", "soon", "0h", "-1d", "1", "d", "1.5h", "1y", "٣x", "31d", "9999w"]
)
def test_what_never_ends_is_refused(text: str) -> None:
    """Silence has an end, within thirty days."""
    with pytest.raises(OrderError):
        read_duration(text)


@given(st.text(max_size=12) | st.from_regex(r"\d{1,4} ?[mhdw]", fullmatch=True))
def test_whatever_is_offered_can_be_read(text: str) -> None:
    """Completing a duration never leads to one that is refused."""
    for each in offered(text):
        assert timedelta() < read_duration(each) <= LONGEST


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("", ["1h", "8h", "1d", "7d"]),
        ("1", ["1h", "1d"]),
        ("3d", ["3d"]),
        ("1d", ["1d"]),
        ("x", []),
    ],
)
def test_what_begins_so_is_offered(typed: str, known: list[str]) -> None:
    """Four durations are offered, and any other that was typed."""
    assert list(offered(typed)) == known

"""Frozen types go to JSON and back unchanged."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

import bot.model
from bot import ports
from bot.errors import StoreError
from bot.model import Card, Picture, Secret
from bot.store.codec import Codec
from bot.store.columns import Instant

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.builds(
    lambda seconds, micros, zone: (
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=micros)
    ).astimezone(zone),
    st.integers(-4 * 10**9, 4 * 10**9),
    st.integers(0, 999_999),
    st.one_of(st.just(UTC), ZONES),
)
"""Aware times of two centuries and a half, in any zone."""


@cache
def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a field's type; its times are aware, as the model's are."""
    if hint is datetime:
        return TIMES
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        parts = {one.name: values_of(hints[one.name]) for one in dataclasses.fields(hint)}
        return st.deferred(lambda: st.builds(hint, **parts))
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is tuple:
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    if typing.get_origin(hint) is frozenset:
        return st.frozensets(values_of(arguments[0]), max_size=3)
    if arguments:
        return st.one_of([values_of(one) for one in arguments])
    return st.from_type(hint)


def is_stored(kind: object) -> bool:
    """Say whether a type is a frozen dataclass that JSON can hold: no secret and no mapping."""
    if not dataclasses.is_dataclass(kind):
        return False
    hints = set(typing.get_type_hints(kind).values())
    return Secret not in hints and Mapping not in {typing.get_origin(hint) for hint in hints}


MODEL = [kind for name in bot.model.__all__ if is_stored(kind := getattr(bot.model, name))]
PORTS = [ports.PollRecord, ports.Owed, ports.Remembered, ports.AlertRecord, ports.Claim]


@pytest.mark.parametrize("kind", [*MODEL, *PORTS], ids=lambda kind: kind.__name__)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back(kind: type[Any], data: st.DataObject) -> None:
    """Every type of the model survives JSON exactly: value, type, and aware times."""
    hint: Any = kind
    value = data.draw(values_of(hint))
    codec = Codec[Any](kind, kind.__name__)

    assert codec.read(codec.write(value)) == value
    assert type(codec.read(codec.write(value))) is kind


def test_the_model_is_covered() -> None:
    """The round trip covers the types that a poll brings, and what people decide."""
    names = {kind.__name__ for kind in MODEL}
    assert {"Alert", "Article", "Card", "Evidence", "FeedState", "Match", "MessageRef"} <= names
    assert {"Change", "Draft", "Errand", "Feed", "Feedback", "Mute", "Rule"} <= names


def test_a_picture_is_kept_to_the_byte() -> None:
    """A card whose picture is no text at all comes back whole."""
    drawn = Card(title="Trend", picture=Picture(png=bytes(range(256)), alt="A line that rises."))
    codec = Codec[Card](Card, "a card")

    assert codec.read(codec.write(drawn)) == drawn


def test_text_that_is_no_text_is_refused() -> None:
    """Half a surrogate pair is refused with advice, and not written as something else."""
    with pytest.raises(StoreError, match=r"a card: cannot be written.*Clean"):
        Codec[Card](Card, "a card").write(Card(title="\ud83d"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"title": 7}',
        '{"title": "a", "summary": "b"}',
        '["a"]',
        '{"title": "a", "urgency": "soon"}',
    ],
)
def test_what_was_not_written_by_us_is_refused(text: str) -> None:
    """Reading guesses nothing: a wrong type or a missing field is an error."""
    with pytest.raises(StoreError, match="a card: cannot be read back"):
        Codec[Card](Card, "a card").read(text)


@given(TIMES)
def test_a_time_is_kept_to_the_microsecond(time: datetime) -> None:
    """A stored time is the same instant, aware and in UTC, before 1970 too."""
    instant, dialect = Instant(), sqlite.dialect()
    kept = instant.process_result_value(instant.process_bind_param(time, dialect), dialect)

    assert kept == time
    assert kept is not None
    assert kept.tzinfo is UTC


@given(st.lists(TIMES, min_size=2))
def test_stored_times_keep_their_order(times: list[datetime]) -> None:
    """Times compare in the database as they do in the program."""
    instant, dialect = Instant(), sqlite.dialect()

    def stored(time: datetime) -> int:
        return instant.process_bind_param(time, dialect) or 0

    assert sorted(times) == sorted(times, key=stored)


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody can store a time that says nothing about its zone."""
    with pytest.raises(TypeError, match="offset-naive"):
        Instant().process_bind_param(datetime(2026, 3, 2), sqlite.dialect())  # noqa: DTZ001 - the mistake under test

"""What a channel knows of a story, and which databases are known."""

from __future__ import annotations

from itertools import permutations

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql

from bot.errors import StoreError
from bot.model import AlertState
from bot.store import upsert
from bot.store.schema import aliases
from bot.store.tellings import Telling, told
from tests.contracts.store_world import DESK, WATCH, alert, at


def telling(name: str, second: float, state: AlertState, *sentences: str) -> Telling:
    """Return a decision for the desk, taken at that second."""
    return Telling(alert=alert(name, decided_at=at(second)), state=state, sentences=sentences)


def test_the_order_of_reading_does_not_matter() -> None:
    """However the database hands decisions out, what was told is the same."""
    decided = [
        telling("k1", 0, AlertState.QUIET, "One."),
        telling("k2", 5, AlertState.POSTED, "Two.", "One."),
        telling("k3", 9, AlertState.DEAD, "Three."),
    ]
    answers = {told(order) for order in permutations(decided)}

    ((desk,),) = answers
    assert (desk.channel, desk.alert_id) == (DESK, "k2")
    assert desk.sentences == ("One.", "Two.", "Three.")


def test_channels_are_told_apart() -> None:
    """What one channel knows is nothing to another."""
    other = Telling(alert=alert("w1", WATCH), state=AlertState.OWED, sentences=("Else.",))
    watch, desk = told([telling("k1", 5, AlertState.OWED, "One."), other])

    assert (watch.channel, watch.sentences) == (WATCH, ("Else.",))
    assert (desk.channel, desk.sentences) == (DESK, ("One.",))


@pytest.mark.parametrize("words", ["DO NOTHING", "DO UPDATE SET article_id = excluded.article_id"])
def test_inserts_are_written_for_postgresql_too(words: str) -> None:
    """The statements that may be repeated are the same in both databases."""
    once = upsert._once("postgresql", aliases)
    change = upsert._or_change("postgresql", aliases, ("alias", "article_id"))
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
    written = [str(one.compile(dialect=dialect)) for one in (once, change)]

    assert sum(words in one for one in written) == 1


def test_a_strange_database_is_refused() -> None:
    """A database that Redline has no words for is refused by its name."""
    with pytest.raises(StoreError, match="mysql: is no database Redline can use"):
        upsert._insert("mysql", aliases)

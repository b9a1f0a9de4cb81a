"""Where an article stands among all others: a number that grows with its time. Pure.

Newest first is then the plain descending order of one number, which an index can walk and stop in,
where sorting all hits of a common word by time would mean to read all of them. The number is also
the cursor that leads to the next page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from bot.errors import StoreError
from bot.model import Article
from bot.ports import Candidates
from bot.store.protocol import EPOCH

A_SECOND = 1024
"""Places there are for each second of publication; what does not fit takes the next second's."""
A_DAY = A_SECOND * 86_400

_CURSOR = re.compile(r"-?[0-9]{1,18}")


def second_of(time: datetime) -> int:
    """Return the first place of the second of a time."""
    return (time - EPOCH) // timedelta(seconds=1) * A_SECOND


def free_place(time: datetime, last_between: Callable[[int, int], int | None]) -> int:
    """Return the place of an article published at `time`.

    `last_between` returns the last place that is taken in a half-open range of places.
    """
    first = second_of(time)
    while True:
        last = last_between(first, first + A_SECOND)
        if last is None:
            return first
        if last + 1 < first + A_SECOND:
            return last + 1
        first += A_SECOND


def day_of(number: int) -> date:
    """Return the day of `place // A_DAY`."""
    return (EPOCH + timedelta(days=number)).date()


def read_cursor(after: str | None) -> int | None:
    """Return the place that a cursor names.

    Raises:
        StoreError: it is none.
    """
    if after is None:
        return None
    if not _CURSOR.fullmatch(after):
        raise StoreError("a search", "cannot go on from here", advice="Ask again from the start")
    return int(after)


def page(found: Iterable[tuple[int, Article]], limit: int) -> Candidates:
    """Return a page of what was found, last place first, one more than fits where there is more."""
    places = dict(found)
    shown = list(places)[:limit]
    return Candidates(
        articles=tuple(places[place] for place in shown),
        cursor=str(shown[-1]) if len(places) > limit else None,
    )

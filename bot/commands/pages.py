"""Lists that go on: five answers a page, and buttons that lead on, also after a restart.

A button carries the id of a `Look` that the store keeps: who asked for what, and where the page
begins. The cursors of all pages up to it stand in the look, so that the way back is known too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Generic, TypeVar

from bot.commands.desk import Desk
from bot.commands.ids import new_id
from bot.model import Action, Article, Button, Match, Order
from bot.ports import Candidates, Look

T = TypeVar("T")

PAGE_SIZE: Final = 5
BATCH: Final = 50
"""How many candidates are asked for at a time."""
MOST_LOOKED: Final = 400
"""How many candidates are judged for one page before the person is asked whether to go on."""
_BETWEEN: Final = " "
"""Stands between the cursors of a look; no cursor holds it."""

Find = Callable[[str | None, int], Awaitable[Candidates]]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What a page shows, and where the next one begins: None at the end.

    `looked` is the number of candidates that were judged, `oldest` the last of them where the page
    was left before it was full.
    """

    shown: tuple[T, ...]
    after: str | None
    looked: int = 0
    oldest: datetime | None = None

    @property
    def is_full(self) -> bool:
        """Whether there are as many answers as a page shows."""
        return len(self.shown) >= PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Answer:
    """An article that answers a search, and why."""

    article: Article
    match: Match


async def matching(
    find: Find, judge: Callable[[Article], Match | None], after: str | None
) -> Page[Answer]:
    """Return the next answers among the candidates, newest first.

    Other work goes on between two candidates. One answer more than fits is looked for, so that
    there is no button that leads to nothing.
    """
    shown: list[Answer] = []
    cursor, following, looked = after, after, 0
    oldest: datetime | None = None
    while looked < MOST_LOOKED:
        batch = await find(cursor, BATCH)
        for number, article in enumerate(batch.articles, 1):
            await asyncio.sleep(0)
            match = judge(article)
            if match is None:
                continue
            if len(shown) == PAGE_SIZE:
                return Page(tuple(shown), following, looked + number)
            shown.append(Answer(article, match))
            if len(shown) == PAGE_SIZE:
                following = (await find(cursor, number)).cursor
        looked += len(batch.articles)
        if batch.cursor is None:
            return Page(tuple(shown), None, looked)
        cursor, oldest = batch.cursor, batch.articles[-1].published_at
    # The page may be full all the same: then the next begins after its last answer.
    return Page(tuple(shown), following if len(shown) == PAGE_SIZE else cursor, looked, oldest)


def first_look(order: Order, desk: Desk) -> Look:
    """Return the look of an order that was just given; it is not kept."""
    return Look(id="", order=order, after=None, asked_at=desk.clock.now())


def begins_at(look: Look) -> str | None:
    """Return the cursor at which the look's page begins, None for the first."""
    return look.after.split(_BETWEEN)[-1] if look.after else None


async def buttons(look: Look, after: str | None, desk: Desk) -> tuple[Button, ...]:
    """Keep the looks before and behind a page, and return the buttons that lead to them."""
    trail = look.after.split(_BETWEEN) if look.after else []
    made = []
    if trail:
        made.append(await _button("Newer", look, trail[:-1], desk))
    if after is not None:
        made.append(await _button("Older", look, [*trail, after], desk))
    return tuple(made)


async def _button(label: str, look: Look, trail: list[str], desk: Desk) -> Button:
    kept = replace(look, id=new_id(), after=_BETWEEN.join(trail) or None)
    await desk.archive.keep_look(kept)
    return Button(action=Action.PAGE, label=label, target=kept.id)

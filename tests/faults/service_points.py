"""The points between a poll and its acknowledgement at which a service is killed.

Each point is a context: inside it the emulators are told to hold the service there, and what it
yields waits until the service is there.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from bot.model import AlertState
from tests.faults.service_life import Life, Team

FEED = "/feed.xml"
POST = "chat.postMessage"
TOLD = (AlertState.OWED, AlertState.SENDING, AlertState.IN_DOUBT, AlertState.POSTED)
A_WHILE = 1.0
"""Seconds in which a service that may not commit certainly comes to its commit. One that has not
come so far is killed before it, all the same."""


@dataclass(frozen=True)
class Scene:
    """Whose service is killed, over which article, and which platform holds it."""

    team: Team
    slug: str
    platform: str

    @property
    def page(self) -> str:
        return f"/news/{self.slug}"

    def asked(self, path: str) -> int:
        """Return how often a page or feed was asked for."""
        return len(self.team.house.web.requests(path))

    def posts(self) -> int:
        """Return how often a message was sent to the platform, taken in or not."""
        house = self.team.house
        if self.platform == "slack":
            return len(house.slack.calls(POST))
        return sum(
            each.startswith("POST ") and each.endswith("/messages") for each in house.discord.sent()
        )

    def accepted(self) -> int:
        """Return how many messages the platform took in."""
        house = self.team.house
        taken = house.slack.workspace.accepted
        return len(taken if self.platform == "slack" else house.discord.world.accepted)


Reached = Callable[[Life], Awaitable[None]]
Point = Callable[[Scene], AbstractAsyncContextManager[Reached]]


def _grown(count: Callable[[], int]) -> Reached:
    """Return what waits until `count` is more than it is now."""
    before = count()

    async def reached(life: Life) -> None:
        await life.until(lambda: count() > before)

    return reached


@asynccontextmanager
async def before_the_feed(scene: Scene) -> AsyncIterator[Reached]:
    """The publisher has the request for the feed and does not answer."""
    scene.team.house.web.hang(FEED)
    yield _grown(lambda: scene.asked(FEED))
    scene.team.house.publish()


@asynccontextmanager
async def amid_the_feed(scene: Scene) -> AsyncIterator[Reached]:
    """Half of the feed has arrived."""
    house = scene.team.house
    house.web.stall(FEED, house.newsroom.feed())
    yield _grown(lambda: scene.asked(FEED))
    house.publish()


@asynccontextmanager
async def amid_the_page(scene: Scene) -> AsyncIterator[Reached]:
    """The feed is parsed, and half of the article's page has arrived."""
    house = scene.team.house
    page = house.newsroom.page(scene.slug)
    assert page is not None
    house.web.stall(scene.page, page)
    yield _grown(lambda: scene.asked(scene.page))
    house.publish()


@asynccontextmanager
async def before_the_commit(scene: Scene) -> AsyncIterator[Reached]:
    """The article is read and judged, and its commit has not been made."""
    team = scene.team
    team.house.web.delay(scene.page, A_WHILE / 2)
    asked = _grown(lambda: scene.asked(scene.page))

    async def reached(life: Life) -> None:
        await asked(life)
        with team.locked():
            await asyncio.sleep(2 * A_WHILE)
            await life.kill()

    yield reached
    team.house.publish()


@asynccontextmanager
async def committed(scene: Scene) -> AsyncIterator[Reached]:
    """The alert is owed, and the platform is not open yet, so that nobody has claimed it."""
    hold_door(scene)

    async def reached(life: Life) -> None:
        while not await scene.team.count(scene.platform, AlertState.OWED):
            await life.until(lambda: True)

    yield reached


@asynccontextmanager
async def intended(scene: Scene) -> AsyncIterator[Reached]:
    """The intent is written, and Slack is asked for its channels; nothing was posted."""
    workspace = scene.team.house.slack.workspace
    workspace.hold_request("conversations.list")
    yield _grown(lambda: len(scene.team.house.slack.calls("conversations.list")))


@asynccontextmanager
async def before_it_is_taken_in(scene: Scene) -> AsyncIterator[Reached]:
    """The platform has the bytes of the request and has not acted on them; it never will."""
    house = scene.team.house
    if scene.platform == "slack":
        house.slack.workspace.hold_request(POST)
    else:
        house.discord.delay(3600)
    yield _grown(scene.posts)


@asynccontextmanager
async def before_the_reply(scene: Scene) -> AsyncIterator[Reached]:
    """The platform has taken the message in and does not answer."""
    hold_reply(scene)
    yield _grown(scene.accepted)


@asynccontextmanager
async def before_it_is_written_down(scene: Scene) -> AsyncIterator[Reached]:
    """The platform has answered, and what it said has not been committed."""
    house = scene.team.house
    if scene.platform == "slack":
        house.slack.workspace.delay(A_WHILE / 2, POST)
    else:
        house.discord.hold_reply(A_WHILE / 2)
    taken_in = _grown(scene.accepted)

    async def reached(life: Life) -> None:
        await taken_in(life)
        with scene.team.locked():
            await asyncio.sleep(A_WHILE)
            await life.kill()

    yield reached


@asynccontextmanager
async def written_down(scene: Scene) -> AsyncIterator[Reached]:
    """The alert is known to be posted."""
    before = await scene.team.count(scene.platform, AlertState.POSTED)

    async def reached(life: Life) -> None:
        while await scene.team.count(scene.platform, AlertState.POSTED) <= before:
            await life.until(lambda: True)

    yield reached


@asynccontextmanager
async def amid_the_look(scene: Scene) -> AsyncIterator[Reached]:
    """A second life looks for a message whose reply the first one died waiting for."""
    house = scene.team.house
    hold_reply(scene)
    taken_in = _grown(scene.accepted)
    async with scene.team.life() as first:
        await taken_in(first)
        await first.kill()
    if scene.platform == "slack":
        house.slack.workspace.hold_request("conversations.history")
    else:
        house.discord.hold_look()
    yield _grown(lambda: looks(scene))


def looks(scene: Scene) -> int:
    """Return how often the platform was asked for a channel's history."""
    house = scene.team.house
    if scene.platform == "slack":
        return len(house.slack.calls("conversations.history"))
    return sum(
        each.startswith("GET ") and each.endswith("/messages") for each in house.discord.sent()
    )


def hold_door(scene: Scene) -> None:
    """Let the platform never answer what the service asks before it sends anything."""
    house = scene.team.house
    if scene.platform == "slack":
        house.slack.workspace.hold_request("auth.test")
        house.slack.workspace.hold_request("apps.connections.open")
    else:
        house.discord.drop_request(messages_only=False)


def hold_reply(scene: Scene) -> None:
    """Let the platform take the next message in and never answer."""
    house = scene.team.house
    if scene.platform == "slack":
        house.slack.workspace.hold_reply(POST)
    else:
        house.discord.hold_reply()


@dataclass(frozen=True)
class Place:
    """A point by its name, and the state in which an alert is found after a kill there.

    None says that nothing is remembered yet of the article.
    """

    name: str
    point: Point
    left: AlertState | None


EVERYWHERE = (
    Place("before the feed answers", before_the_feed, None),
    Place("in the middle of the feed", amid_the_feed, None),
    Place("parsed, in the middle of the page", amid_the_page, None),
    Place("read, before the commit", before_the_commit, None),
    Place("committed, before the claim", committed, AlertState.OWED),
    Place("before the message is taken in", before_it_is_taken_in, AlertState.SENDING),
    Place("taken in, before the reply", before_the_reply, AlertState.SENDING),
    Place("replied, before it is written down", before_it_is_written_down, AlertState.SENDING),
    Place("written down", written_down, AlertState.POSTED),
    Place("in the middle of the look", amid_the_look, AlertState.IN_DOUBT),
)
IN_SLACK = (Place("intended, before the message is sent", intended, AlertState.SENDING),)
"""Discord's adapter asks for nothing between the intent and the message."""


async def kill_at(place: Place, scene: Scene) -> None:
    """Publish, let the service live until the point, kill it there, and look where it stood."""
    team = scene.team
    before = await _remembered(scene)
    team.publish(scene.slug)
    async with place.point(scene) as reached, team.life() as life:
        await reached(life)
        if life.process.returncode is None:
            await life.kill()
    team.house.slack.workspace.faults.clear()
    team.house.discord.rest.faults.clear()
    assert await _remembered(scene) - before == Counter([place.left] if place.left else []), place


async def _remembered(scene: Scene) -> Counter[AlertState]:
    return Counter({each: await scene.team.count(scene.platform, each) for each in TOLD})


async def recover(team: Team, articles: int) -> int:
    """Let the service live until everything is told, and stop it; return its exit code."""
    async with team.life() as life:
        polled = len(team.house.web.requests(FEED))
        await life.until(lambda: len(team.house.web.requests(FEED)) > polled)
        await team.is_quiet(life, posted=2 * articles)
        return await life.stop()

"""The demo: a small newspaper on loopback that publishes a few fictional articles.

It serves what a real outlet serves: a feed with teasers, and pages with a header, a navigation, the
story, related links and a footer. An article appears in the feed when its time has come; that time
stands still while nobody asks, so that a slow machine sees all of it, one thing after the other.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from importlib import resources
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.model import UNDER_WAY
from bot.ports import Archive, Clock, Platform, Tally
from bot.settings import Settings, load

LOOK_EVERY = timedelta(seconds=1)
"""How often the demo's feed is polled: a person is watching."""

MOST_AT_ONCE = 2 * LOOK_EVERY
"""How far the newspaper's time goes on between two polls, however late the second comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article of the demo, as it stands from `after` seconds on."""

    slug: str
    title: str
    paragraphs: tuple[str, ...]
    after: float
    version: int = 1


def demo_settings(feed_url: str, platforms: Sequence[Platform]) -> Settings:
    """Return the demo's own settings, which poll its newspaper at `feed_url` and nothing else."""
    settings = load(Path(str(resources.files(__name__))) / "config", {}, platforms)
    feeds = tuple(replace(feed, url=feed_url, interval=LOOK_EVERY) for feed in settings.feeds)
    return replace(settings, feeds=feeds)


def pieces() -> tuple[Piece, ...]:
    """Return everything the demo publishes, in the order of publication."""
    site = json.loads((resources.files(__name__) / "site.json").read_text(encoding="utf-8"))
    return tuple(sorted(_pieces(site["articles"]), key=lambda piece: piece.after))


class DemoSite:
    """The newspaper's web server on 127.0.0.1."""

    def __init__(self, clock: Clock) -> None:
        """Publish by `clock`, from the first poll on."""
        self._clock = clock
        self._began = self._asked_at = clock.now()
        self._passed: timedelta | None = None
        self._runner: web.AppRunner | None = None
        self._pieces = pieces()
        self.feed_url = ""
        self.all_served_at: datetime | None = None
        """When the feed first had all that the demo publishes; None until then."""

    async def start(self) -> None:
        """Begin to serve; afterwards `feed_url` is the address of the feed."""
        app = web.Application()
        app.router.add_get("/feed.xml", self._feed)
        app.router.add_get("/news/{slug}", self._page)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.feed_url = f"http://{host}:{port}/feed.xml"

    async def stop(self) -> None:
        """Stop serving."""
        if self._runner:
            await self._runner.cleanup()

    def published(self) -> tuple[Piece, ...]:
        """Return the newest version of each piece whose time has come, newest first."""
        passed = (self._passed or timedelta()).total_seconds()
        newest = {piece.slug: piece for piece in self._pieces if piece.after <= passed}
        return tuple(sorted(newest.values(), key=lambda piece: piece.after, reverse=True))

    async def _feed(self, request: web.Request) -> web.Response:
        self._go_on()
        published = self.published()
        if self.all_served_at is None and self._pieces[-1] in published:
            self.all_served_at = self._asked_at
        items = "".join(self._item(piece, request) for piece in published)
        return web.Response(
            text=f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
            f"<title>The Harbour Courier</title><link>{_link(request, '')}</link>{items}"
            "</channel></rss>",
            content_type="application/rss+xml",
        )

    def _go_on(self) -> None:
        now = self._clock.now()
        if self._passed is None:
            self._began, self._passed = now, timedelta()
        else:
            self._passed += min(now - self._asked_at, MOST_AT_ONCE)
        self._asked_at = now

    def _item(self, piece: Piece, request: web.Request) -> str:
        when = format_datetime(self._began + timedelta(seconds=piece.after))
        link = _link(request, piece.slug)
        teaser = " ".join((piece.paragraphs[0], "Read more…"))
        return (
            f"<item><title>{html.escape(piece.title)}</title><link>{link}</link>"
            f"<guid>{link}</guid><pubDate>{when}</pubDate>"
            f"<description>{html.escape(teaser)}</description></item>"
        )

    async def _page(self, request: web.Request) -> web.Response:
        slug = request.match_info["slug"]
        for piece in self.published():
            if piece.slug == slug:
                return web.Response(text=page_of(piece), content_type="text/html")
        raise web.HTTPNotFound


async def all_told(site: DemoSite, archive: Archive, clock: Clock) -> None:
    """Return once all that the site publishes was read, and nothing of it is on its way any more.

    However slow the machine is: a fixed time would be too short for some.
    """
    while not is_told(site.all_served_at, await archive.tally()):
        await clock.sleep(LOOK_EVERY.total_seconds())


def is_told(served_at: datetime | None, tally: Tally) -> bool:
    """Whether a poll that saw everything ended well, and what it owed is told."""
    if served_at is None or any(tally.states[state] for state in UNDER_WAY):
        return False
    return all(one.last_success_at and one.last_success_at >= served_at for one in tally.feeds)


def page_of(piece: Piece) -> str:
    """Write the page of an article as an outlet does, with everything around the story."""
    story = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in piece.paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><title>{html.escape(piece.title)}</title></head>'
        "<body><header><a href='/'>The Harbour Courier</a><nav><ul><li><a href='/world'>World</a>"
        "</li><li><a href='/trade'>Trade</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
        f"</header><main><article><h1>{html.escape(piece.title)}</h1>{story}</article>"
        "<aside><h2>Related</h2><ul><li><a href='/news/cod'>Cod prices at a ten-year high</a>"
        "</li></ul></aside></main><footer><p>© The Harbour Courier. All events are invented.</p>"
        "</footer></body></html>"
    )


def _pieces(articles: list[dict[str, Any]]) -> Iterator[Piece]:
    for article in articles:
        yield _piece(article["slug"], article, 1)
        if "update" in article:
            yield _piece(article["slug"], article["update"], 2)


def _piece(slug: str, written: dict[str, Any], version: int) -> Piece:
    return Piece(
        slug=slug,
        title=written["title"],
        paragraphs=tuple(written["paragraphs"]),
        after=written["after"],
        version=version,
    )


def _link(request: web.Request, slug: str) -> str:
    return f"http://{request.host}/{f'news/{slug}' if slug else ''}"

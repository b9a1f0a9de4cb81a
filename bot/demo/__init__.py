"""The demo: a small newspaper on loopback that publishes a few fictional articles.

It serves what a real outlet serves: a feed with teasers, and pages with a header, a navigation, the
story, related links and a footer. An article appears in the feed when its time has come.
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

from bot.ports import Clock, Platform
from bot.settings import Settings, load

LOOK_EVERY = timedelta(seconds=1)
"""How often the demo's feed is polled: a person is watching."""


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
        """Publish by `clock`, from the moment of `start`."""
        self._clock = clock
        self._began: datetime = clock.now()
        self._runner: web.AppRunner | None = None
        self._pieces = pieces()
        self.feed_url = ""

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
        self._began = self._clock.now()

    async def stop(self) -> None:
        """Stop serving."""
        if self._runner:
            await self._runner.cleanup()

    def published(self) -> tuple[Piece, ...]:
        """Return the newest version of each piece whose time has come, newest first."""
        passed = (self._clock.now() - self._began).total_seconds()
        newest = {piece.slug: piece for piece in self._pieces if piece.after <= passed}
        return tuple(sorted(newest.values(), key=lambda piece: piece.after, reverse=True))

    async def _feed(self, request: web.Request) -> web.Response:
        items = "".join(self._item(piece, request) for piece in self.published())
        return web.Response(
            text=f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
            f"<title>The Harbour Courier</title><link>{_link(request, '')}</link>{items}"
            "</channel></rss>",
            content_type="application/rss+xml",
        )

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

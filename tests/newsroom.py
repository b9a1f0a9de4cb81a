"""A fake outlet: publishes, amends, moves and breaks, as a Fetcher or behind a real web server."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bot.model import Fetched, FetchFailure, FetchResult, FetchTrouble, NotModified
from bot.ports import Clock, Wanted

SITE = "https://courier.example"
BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Piece:
    """One article of the outlet."""

    slug: str
    title: str
    teaser: str
    paragraphs: tuple[str, ...]
    number: int


class Newsroom:
    """What the outlet has published, newest first in the feed."""

    def __init__(self, site: str = SITE) -> None:
        self.site = site
        self.guid_prefix = "id-"
        self._pieces: dict[str, Piece] = {}

    @property
    def feed_url(self) -> str:
        """The address of the feed."""
        return f"{self.site}/feed.xml"

    def publish(self, slug: str, *paragraphs: str, title: str = "", teaser: str = "") -> None:
        """Add an article; its teaser is the beginning of its first paragraph."""
        self._pieces[slug] = Piece(
            slug=slug,
            title=title or f"Report on {slug.replace('-', ' ')}",
            teaser=teaser or f"{paragraphs[0][:60]}…",
            paragraphs=paragraphs,
            number=len(self._pieces),
        )

    def amend(self, slug: str, *paragraphs: str, teaser: str = "") -> None:
        """Change the text of an article; the teaser changes too, so that the feed shows it."""
        piece = self._pieces[slug]
        self._pieces[slug] = replace(
            piece, paragraphs=paragraphs, teaser=teaser or f"Updated: {paragraphs[0][:50]}…"
        )

    def flip_guids(self) -> None:
        """Give every article another guid, as a site does that changes its software."""
        self.guid_prefix = "new-id-"

    def slugs(self) -> list[str]:
        """The names of all articles."""
        return list(self._pieces)

    def feed(self) -> bytes:
        """Write the feed."""
        newest_first = sorted(self._pieces.values(), key=lambda piece: -piece.number)
        items = "".join(self._item(piece) for piece in newest_first)
        return (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
            f"<title>The Courier</title><link>{self.site}/</link>{items}</channel></rss>"
        ).encode()

    def page(self, slug: str) -> bytes | None:
        """Write an article's page, with what an outlet puts around a story."""
        piece = self._pieces.get(slug)
        if piece is None:
            return None
        story = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in piece.paragraphs)
        return (
            f'<!doctype html><html lang="en"><head><title>{html.escape(piece.title)}</title></head>'
            "<body><header><a href='/'>The Courier</a><nav><ul><li><a href='/world'>World</a></li>"
            "<li><a href='/sport'>Sport</a></li></ul></nav></header><main><article>"
            f"<h1>{html.escape(piece.title)}</h1>{story}</article><aside><h2>Related</h2><ul>"
            "<li><a href='/news/metro'>Red Line metro closed on Sunday</a></li></ul></aside></main>"
            "<footer><p>© The Courier. Terms of use. Contact the red line desk.</p></footer>"
            "</body></html>"
        ).encode()

    def _item(self, piece: Piece) -> str:
        when = format_datetime(BEGAN + timedelta(minutes=piece.number))
        return (
            f"<item><title>{html.escape(piece.title)}</title>"
            f"<link>{self.site}/news/{piece.slug}</link>"
            f'<guid isPermaLink="false">{self.guid_prefix}{piece.slug}</guid>'
            f"<pubDate>{when}</pubDate>"
            f"<description>{html.escape(piece.teaser)}</description></item>"
        )


class FakeFetcher:
    """Fetches from a newsroom without a network. Verbs make the next answers bad."""

    def __init__(self, newsroom: Newsroom, clock: Clock) -> None:
        self._newsroom = newsroom
        self._clock = clock
        self._next: list[Callable[[], FetchResult]] = []
        self._down: set[str] = set()
        self.fetched: list[Wanted] = []

    def answer_next(self, body: bytes, content_type: str = "text/html") -> None:
        """Answer the next request with this body, whatever it asks for."""
        self._next.append(lambda: self._body(self._newsroom.feed_url, body, content_type))

    def not_modified_next(self) -> None:
        """Answer the next request with 304."""
        self._next.append(
            lambda: NotModified(url=self._newsroom.feed_url, fetched_at=self._clock.now())
        )

    def fail_next(self, trouble: FetchTrouble, why: str) -> None:
        """Let the next request fail."""
        self._next.append(lambda: self._failure(self._newsroom.feed_url, trouble, why))

    def take_down(self, slug: str) -> None:
        """Let the page of an article be out of reach from now on."""
        self._down.add(f"{self._newsroom.site}/news/{slug}")

    async def fetch(self, wanted: Wanted) -> FetchResult:
        """Answer as the newsroom stands."""
        self.fetched.append(wanted)
        if self._next:
            return self._next.pop(0)()
        if wanted.url == self._newsroom.feed_url:
            return self._body(wanted.url, self._newsroom.feed(), "application/rss+xml")
        page = self._newsroom.page(wanted.url.rpartition("/")[2])
        if page is None or wanted.url in self._down:
            return self._failure(wanted.url, FetchTrouble.STATUS, "The page is gone (404).")
        return self._body(wanted.url, page, "text/html")

    def _body(self, url: str, body: bytes, content_type: str) -> Fetched:
        return Fetched(
            url=url,
            final_url=url,
            status=200,
            content_type=content_type,
            body=body,
            fetched_at=self._clock.now(),
        )

    def _failure(self, url: str, trouble: FetchTrouble, why: str) -> FetchFailure:
        return FetchFailure(url=url, trouble=trouble, why=why, fetched_at=self._clock.now())

"""The ways into our own network that a publisher or a person could find: none leads there.

tests/test_guard.py asks directly and by redirect; here are the feed's links, the article's page,
and the search for feeds. The canary listens on this machine, and hears of nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from html import escape

import pytest

from bot.errors import OrderError
from bot.feeds.discover import find_feeds
from bot.feeds.fetch import WebFetcher
from bot.judge import Judge
from bot.model import Feed, Fulltext
from bot.pipeline import Pipeline, PipelineParts
from bot.rules.match import Matcher
from bot.store.memory import MemoryStore
from tests.emulators.web import FakeWeb
from tests.fakes import FakeClock, FakeSandbox
from tests.test_guard import guarded, spelled_urls


@pytest.fixture
async def doorway() -> AsyncIterator[FakeWeb]:
    """A publisher that may be reached, beside the canary."""
    made = FakeWeb("127.0.0.2")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def fetcher(web: FakeWeb, clock: FakeClock) -> AsyncIterator[WebFetcher]:
    """A fetcher that may reach the doorway and nothing else of this machine."""
    web.serve("/", b"<title>the canary</title>")
    made = await guarded({web.port}, clock=clock)
    yield made
    await made.close()


def feed_of(links: list[str]) -> str:
    """A feed whose items lead to these addresses."""
    items = "".join(
        f"<item><title>Item {number}</title><guid>{number}</guid>"
        f"<link>{escape(link)}</link><description>…</description></item>"
        for number, link in enumerate(links)
    )
    return f'<rss version="2.0"><channel><title>Odd</title>{items}</channel></rss>'


async def polled(fetcher: WebFetcher, doorway: FakeWeb, clock: FakeClock, links: list[str]) -> int:
    """Poll a feed with these links, pages and all, and return how many articles it made."""
    store = MemoryStore()
    await store.open()
    feed = Feed(
        id="odd", url=doorway.serve("/feed", feed_of([])), title="Odd", fulltext=Fulltext.ALWAYS
    )
    parts = PipelineParts(
        store=store,
        fetcher=fetcher,
        sandbox=FakeSandbox(),
        judge=Judge(Matcher([])),
        clock=clock,
    )
    pipeline = Pipeline(parts, {feed.id: feed}, lambda: None)
    await store.sync_feeds([feed], clock.now())
    for items in ([doorway.url("/before")], links):
        doorway.serve("/feed", feed_of(items))
        (state,) = await store.due_feeds(clock.now(), 1)
        await pipeline.poll(state)
        clock.advance(86_400)
    return len((await store.latest(None, 500, None)).articles)


async def test_no_link_of_a_feed_reaches_this_machine(
    web: FakeWeb, doorway: FakeWeb, fetcher: WebFetcher, clock: FakeClock
) -> None:
    """More than 200 spellings as the links of items, whose pages are to be read."""
    urls = spelled_urls(web.port)

    made = await polled(fetcher, doorway, clock, urls)

    assert made > 200
    assert web.log == []


async def test_no_page_of_an_article_leads_to_this_machine(
    web: FakeWeb, doorway: FakeWeb, fetcher: WebFetcher, clock: FakeClock
) -> None:
    """The same addresses behind honest links, which redirect."""
    urls = [url for url in spelled_urls(web.port) if "\n" not in url and "\t" not in url]
    links = [doorway.redirect(f"/a{number}", url) for number, url in enumerate(urls)]

    await polled(fetcher, doorway, clock, links)

    assert len(doorway.log) > 200
    assert web.log == []


async def test_no_search_for_feeds_reaches_this_machine(
    web: FakeWeb, doorway: FakeWeb, fetcher: WebFetcher
) -> None:
    """Neither what a person types nor what the page of a site names."""
    for number, url in enumerate(spelled_urls(web.port)):
        page = (
            f'<!doctype html><html><head><link rel="alternate" type="application/rss+xml"'
            f' href="{escape(url)}"></head><body><a href="{escape(url)}rss">RSS</a></body></html>'
        )
        site = doorway.serve(f"/{number}", page, content_type="text/html")
        for typed in (url, site):
            try:
                await find_feeds(typed, fetcher, FakeSandbox())
            except OrderError:
                continue

    assert len(doorway.log) > 200
    assert web.log == []

"""Finding the feeds of a site."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar

import pytest

from bot.app import sandbox_of
from bot.errors import OrderError, SandboxError
from bot.feeds import discover
from bot.feeds.discover import MOST_FOUND, MOST_REQUESTS, Discovery, FoundFeed, find_feeds
from bot.feeds.fetch import FetchPolicy, WebFetcher
from bot.feeds.guard import read_networks
from bot.model import FetchResult, FetchTrouble
from bot.ports import Wanted
from tests.emulators.web import FakeWeb, PlantedResolver
from tests.fakes import FakeClock, FakePublishers, FakeSandbox

P = ParamSpec("P")
T = TypeVar("T")
SITE = "https://courier.example"
HTML = "text/html; charset=utf-8"


def a_feed(title: str, *items: tuple[str, str]) -> str:
    """A feed with items of a title and a date."""
    written = "".join(
        f"<item><title>{name}</title><link>/{number}</link>"
        f"{f'<pubDate>{date}</pubDate>' if date else ''}</item>"
        for number, (name, date) in enumerate(items)
    )
    return f'<rss version="2.0"><channel><title>{title}</title>{written}</channel></rss>'


NOTICES = a_feed(
    "Notices &amp; tenders",
    ("Dock gates close", "Sun, 01 Mar 2026 08:00:00 GMT"),
    ("&lt;b&gt;Pilots&lt;/b&gt; strike &amp;amp; rest", "Mon, 02 Mar 2026 07:30:00 GMT"),
    ("Next year's tides", "Fri, 01 Jan 2027 00:00:00 GMT"),
)


def page(*feeds: str, links: str = "") -> str:
    """A page that declares feeds."""
    declared = "".join(f'<link rel=alternate type="application/rss+xml" href="{f}">' for f in feeds)
    return f"<!DOCTYPE html><html><head>{declared}</head><body>{links}</body></html>"


@pytest.fixture
def web() -> FakePublishers:
    """A web without a page."""
    return FakePublishers(FakeClock())


async def find(typed: str, web: FakePublishers) -> Discovery:
    """Search as commands do."""
    return await find_feeds(typed, web, FakeSandbox())


def urls(found: Discovery) -> list[str]:
    """The addresses of what was found."""
    return [feed.url for feed in found.feeds]


async def test_the_address_of_a_feed_is_enough(web: FakePublishers) -> None:
    """A feed is found where it is, with its newest item as proof of life, after one request."""
    web.publish(f"{SITE}/rss.xml", NOTICES)

    found = await find("courier.example/rss.xml", web)

    (feed,) = found.feeds
    assert (feed.url, feed.title, feed.items) == (f"{SITE}/rss.xml", "Notices & tenders", 3)
    assert feed.newest is not None
    assert feed.newest.title == "Pilots strike & rest"
    assert feed.newest.published_at == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert feed.newest.link == f"{SITE}/1"
    assert timedelta(minutes=5) <= feed.interval <= timedelta(hours=6)
    assert web.asked == [f"{SITE}/rss.xml"]


async def test_the_address_of_a_site_is_enough(web: FakePublishers) -> None:
    """What a page declares is read; feeds of comments are left alone where there are others."""
    web.publish(SITE, page("/comments/feed/", "/feed/"), HTML)
    web.publish(f"{SITE}/feed/", NOTICES)
    web.publish(f"{SITE}/comments/feed/", a_feed("Comments"))

    found = await find("courier.example", web)

    assert urls(found) == [f"{SITE}/feed/"]
    assert found.others == ()
    assert web.asked == [SITE, f"{SITE}/feed/"]


async def test_a_feed_without_items_and_title_is_one(web: FakePublishers) -> None:
    """An empty feed is named after its site, and has nothing to prove its life with."""
    web.publish(f"{SITE}/rss.xml", a_feed(""))

    (feed,) = (await find(f"{SITE}/rss.xml", web)).feeds

    assert (feed.title, feed.items, feed.newest) == ("courier.example", 0, None)


async def test_undated_items_are_shown_without_a_date(web: FakePublishers) -> None:
    """Where no item has a date that has come, the first stands for the newest."""
    items = (("First", ""), ("Second", "Fri, 01 Jan 2027 00:00:00 GMT"))
    web.publish(f"{SITE}/rss.xml", a_feed("Tides", *items))

    (feed,) = (await find(f"{SITE}/rss.xml", web)).feeds

    assert feed.newest is not None
    assert (feed.newest.title, feed.newest.published_at) == ("First", None)


async def test_of_many_feeds_four_are_read(web: FakePublishers) -> None:
    """The others are told by their addresses, without asking the site for each."""
    names = [f"{SITE}/feeds/{n}.rss" for n in range(12)]
    web.publish(SITE, page(*names), HTML)
    for name in names:
        web.publish(name, NOTICES)

    found = await find(SITE, web)

    assert urls(found) == names[:MOST_FOUND]
    assert [feed.url for feed in found.others] == names[MOST_FOUND:]
    assert len(web.asked) == 1 + MOST_FOUND


async def test_a_page_of_feeds_is_followed_once(web: FakePublishers) -> None:
    """Where a site only links to a page that lists its feeds, the list is read."""
    web.publish(SITE, page(links='<a href="/help/rss">RSS</a>'), HTML)
    web.publish(f"{SITE}/help/rss", page(links='<a href="/rss/world.xml">World</a>'), HTML)
    web.publish(f"{SITE}/rss/world.xml", NOTICES)

    assert urls(await find(SITE, web)) == [f"{SITE}/rss/world.xml"]


async def test_the_usual_places_are_a_last_resort(web: FakePublishers) -> None:
    """A page that names nothing is no end: feeds usually lie in one of a few places."""
    web.publish(f"{SITE}/news", page(), HTML)
    web.publish(f"{SITE}/rss.xml", NOTICES)

    found = await find(f"{SITE}/news", web)

    assert urls(found) == [f"{SITE}/rss.xml"]
    assert web.asked[:3] == [f"{SITE}/news", f"{SITE}/news/feed", f"{SITE}/"]


async def test_no_usual_place_is_asked_twice(web: FakePublishers) -> None:
    """What was asked already, as the address or because the page names it, is passed over."""
    web.publish(f"{SITE}/rss", page("/feed"), HTML)

    await find(f"{SITE}/rss", web)

    assert len(set(web.asked)) == len(web.asked)


async def test_the_front_page_is_asked_what_it_names(web: FakePublishers) -> None:
    """An article's address leads to the feed that the front page declares."""
    web.publish(f"{SITE}/a/b", page(), HTML)
    web.publish(f"{SITE}/", page("/all"), HTML)
    web.publish(f"{SITE}/all", NOTICES)

    assert urls(await find(f"{SITE}/a/b", web)) == [f"{SITE}/all"]


async def test_a_known_rule_saves_a_request(web: FakePublishers) -> None:
    """The page itself is not asked where the feed's address is certain, and is where it is not."""
    web.publish("https://github.com/avel/tides/releases.atom", NOTICES)

    assert urls(await find("github.com/avel/tides", web)) == [
        "https://github.com/avel/tides/releases.atom"
    ]
    assert len(web.asked) == 1

    web.publish("https://github.com/avel/charts", page("/avel/charts/commits.atom"), HTML)
    web.publish("https://github.com/avel/charts/commits.atom", NOTICES)
    found = await find("github.com/avel/charts", web)
    assert urls(found) == ["https://github.com/avel/charts/commits.atom"]


async def test_nothing_is_asked_for_more_than_eight_times(web: FakePublishers) -> None:
    """However much a site names, it gets eight requests, each for another address."""
    links = "".join(f'<a href="/{n}/rss.xml">{n}</a>' for n in range(10_000))
    web.publish(SITE, page(*(f"/{n}.rss" for n in range(9)), links=links), HTML)

    found = await find(SITE, web)

    assert found.feeds == ()
    assert len(set(web.asked)) == len(web.asked) == MOST_REQUESTS


async def test_what_has_moved_for_good_is_found_where_it_went(web: FakePublishers) -> None:
    """A feed is not added at an address that its publisher has given up."""
    web.move(f"{SITE}/feed", "https://news.courier.example/feed")
    web.publish("https://news.courier.example/feed", NOTICES)

    assert urls(await find(f"{SITE}/feed", web)) == ["https://news.courier.example/feed"]


async def test_two_addresses_of_one_feed_are_one(web: FakePublishers) -> None:
    """A feed that a page names twice, under an old address too, is offered once."""
    web.publish(SITE, page("/feed", "/rss"), HTML)
    web.move(f"{SITE}/rss", f"{SITE}/feed")
    web.publish(f"{SITE}/feed", NOTICES)

    assert urls(await find(SITE, web)) == [f"{SITE}/feed"]


async def test_a_site_without_https_is_found(web: FakePublishers) -> None:
    """Who types no scheme gets https, and http where nothing answers to it."""
    why = "the host takes no connection"
    web.fail("https://old.example", FetchTrouble.UNREACHABLE, why)
    web.publish("http://old.example", page("/rss"), HTML)
    web.publish("http://old.example/rss", NOTICES)

    assert urls(await find("old.example", web)) == ["http://old.example/rss"]
    assert (await find("https://old.example", web)).why == why


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (FetchTrouble.REFUSED_ADDRESS, "the address is not one of the public internet"),
        (FetchTrouble.TIMEOUT, "no answer within 30 s"),
        (FetchTrouble.RATE_LIMITED, "the publisher asked to be left alone for another 2 min"),
    ],
)
async def test_a_site_that_cannot_be_had_is_asked_once(
    web: FakePublishers, trouble: FetchTrouble, why: str
) -> None:
    """What is wrong with the whole site is said in words, without trying its other addresses."""
    web.fail(SITE, trouble, why)

    found = await find(SITE, web)

    assert (found.feeds, found.why) == ((), why)
    assert web.asked == [SITE]


async def test_why_nothing_was_found_is_said(web: FakePublishers) -> None:
    """The person who gave the address learns what is there instead of a feed."""
    web.publish(SITE, "<html><title>Just a moment...</title>Checking your browser</html>", HTML)

    found = await find(SITE, web)

    assert "prove that they are human" in found.why
    assert (await find("nowhere.example", web)).why.startswith("there is nothing at this address")


async def test_an_address_that_is_none_is_refused(web: FakePublishers) -> None:
    """Nothing is asked for a feed with a password, or for what is no address."""
    with pytest.raises(OrderError, match="password"):
        await find("https://mary:secret@courier.example/feed", web)

    assert web.asked == []


class SlowFetcher:
    """Brings one page, and then nothing ever."""

    def __init__(self, web: FakePublishers) -> None:
        self._web = web

    async def fetch(self, wanted: Wanted) -> FetchResult:
        if self._web.asked:
            await asyncio.Event().wait()
        return await self._web.fetch(wanted)


async def test_a_search_ends(web: FakePublishers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that takes its time holds nobody up for longer than the search may take."""
    monkeypatch.setattr(discover, "MOST_SECONDS", 0.05)
    web.publish(SITE, page("/feed"), HTML)

    found = await find_feeds(SITE, SlowFetcher(web), FakeSandbox())

    assert (found.feeds, found.why) == ((), "the site took too long to answer")


class BrokenSandbox:
    """A sandbox in which everything takes too long."""

    async def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        raise SandboxError(task.__name__, "was stopped")


async def test_what_cannot_be_read_safely_is_no_feed(web: FakePublishers) -> None:
    """Bytes that break the reader end in an answer in words."""
    web.publish(SITE, NOTICES)

    found = await find_feeds(SITE, web, BrokenSandbox())

    assert found.why.startswith("what is there could not be read safely")


# --- over the real fetcher and the real sandbox -------------------------------------------------


@pytest.fixture
async def fetcher() -> AsyncIterator[WebFetcher]:
    """The real fetcher, to which this machine's 127.0.0.2 is a private network."""
    policy = FetchPolicy(user_agent="Redline/test", allowed=read_networks(["127.0.0.1"]))
    made = WebFetcher(policy, FakeClock(), resolver=PlantedResolver(["127.0.0.1"]))
    await made.open()
    yield made
    await made.close()


async def test_a_site_is_discovered_for_real(fetcher: WebFetcher) -> None:
    """Over real sockets and a real sandbox: a site, its page, its feed, and no private address."""
    site, sandbox = FakeWeb(), sandbox_of()
    await site.start()
    await sandbox.open()
    site.serve("/rss", NOTICES)
    inner = f"http://127.0.0.2:{site.port}/feed"
    site.redirect("/moved", inner)
    home = site.serve("/", page(inner, "/moved", "/rss"), content_type=HTML)
    try:
        found = await find_feeds(home, fetcher, sandbox)
        refused = await find_feeds(inner, fetcher, sandbox)
    finally:
        await sandbox.close()
        await site.stop()

    assert [type(feed) for feed in found.feeds] == [FoundFeed]
    assert urls(found) == [site.url("/rss")]
    assert refused.why == "the address is not one of the public internet"
    assert [seen.path for seen in site.log] == ["/", "/moved", "/rss"]

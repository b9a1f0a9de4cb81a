"""Thousands of bad answers from one publisher, and the feed of another beside it.

`REDLINE_EXAMPLES=10000 python -m pytest --timeout 0 tests/test_bad_answers.py` runs all of them; a
run of the whole suite does some.
"""

from __future__ import annotations

import gzip
import os
import random
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta

import brotli
import pytest

from bot.clock import SystemClock
from bot.feeds.fetch import FetchPolicy, WebFetcher
from bot.feeds.guard import read_networks
from bot.judge import Judge
from bot.model import Feed, FeedState, Fulltext
from bot.pipeline import Pipeline, PipelineParts
from bot.rules.match import Matcher
from bot.sandbox import ProcessSandbox
from bot.store.memory import MemoryStore
from tests.emulators.web import FakeWeb

EXAMPLES = int(os.environ.get("REDLINE_EXAMPLES", "300"))  # noqa: TID251 - a longer run sets it
RSS = b"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Odd</title>
<item><title>A quiet day \xe2\x80\x93 again</title><link>https://odd.example/1</link><guid>1</guid>
<description>&lt;p&gt;Nothing happened.&lt;/p&gt;</description></item></channel></rss>"""
BODIES = (
    RSS,
    b"",
    b"<" * 20_000,
    b"<a " + b"b=1 " * 3_000 + b">",
    b"<d>" * 3_000,
    b"<!doctype html><title>Just a moment...</title><script>captcha()</script>",
    b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1}, null, 7, {"id": []}]}',
    b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel>&b;</channel></rss>',
    b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><rss><channel><item/></channel></rss>',
    RSS.decode().encode("utf-16"),
    RSS.replace(b"utf-8", b"koi8-r"),
    bytes(range(256)) * 40,
)
STATUS = (*["200 OK"] * 20, "301 Moved", "304 Same", "404 Gone", "500 Oh", "999 What")
HEADS = (
    "Content-Type: text/html",
    "Content-Encoding: gzip",
    "Content-Encoding: br",
    "Content-Encoding: deflate, gzip",
    "Content-Length: 7",
    "Content-Length: 99999999999",
    "Transfer-Encoding: chunked",
    "Location: /self",
    "Location: file:///etc/passwd",
    "Location: http://169.254.169.254/",
    'ETag: W/"\xe9"',
    "Last-Modified: Thirdsday",
    "Cache-Control: max-age=999999999999",
    "X-Long: " + "x" * 9_000,
    "no colon at all",
)
CODINGS = {
    "identity": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
}


def bad_answer(dice: random.Random) -> bytes:
    """Return an answer that is wrong in some ways."""
    coding = dice.choice(list(CODINGS))
    body = bytes(CODINGS[coding](damaged(dice.choice(BODIES), dice)))
    heads = dice.sample(HEADS, dice.choice((0, 0, 0, 1, 3)))
    heads.append(f"Content-Encoding: {coding}")
    head = "\r\n".join([f"HTTP/1.1 {dice.choice(STATUS)}", *heads, "", ""]).encode("latin-1")
    whole = head + body
    return damaged(whole, dice) if dice.random() < 0.2 else whole


def damaged(body: bytes, dice: random.Random) -> bytes:
    """Cut some bytes off, change some, or repeat some."""
    at = dice.randrange(len(body) + 1)
    match dice.randrange(5):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + dice.randbytes(8) + body[at + 8 :]
        case 2:
            return body[:at] + body[at // 2 : at] * 3 + body[at:]
        case _:
            return body


@pytest.fixture
async def fetcher() -> AsyncIterator[WebFetcher]:
    """The fetcher of the service, which may reach this machine.

    No answer makes it wait: a short patience would only try the speed of the machine.
    """
    policy = FetchPolicy(user_agent="Redline/0.1", allowed=read_networks(["127.0.0.0/8"]))
    made = WebFetcher(policy, SystemClock())
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def sandbox() -> AsyncIterator[ProcessSandbox]:
    """The sandbox of the service."""
    made = ProcessSandbox(preload=["bot.feeds.parse", "bot.articles.read"])
    await made.open()
    yield made
    await made.close()


async def test_bad_answers_hurt_nobody(
    web: FakeWeb, fetcher: WebFetcher, sandbox: ProcessSandbox
) -> None:
    """No answer breaks a poll or ends a feed, and the good feed beside is read every time."""
    dice, clock, store = random.Random(20261122), SystemClock(), MemoryStore()
    await store.open()
    bad = Feed(id="bad", url=web.url("/bad"), title="Bad", fulltext=Fulltext.NEVER)
    good = Feed(id="good", url=web.serve("/good", RSS), title="Good", fulltext=Fulltext.NEVER)
    feeds = {feed.id: feed for feed in (bad, good)}
    parts = PipelineParts(
        store=store, fetcher=fetcher, sandbox=sandbox, judge=Judge(Matcher([])), clock=clock
    )
    pipeline = Pipeline(parts, feeds, lambda: None)
    await store.sync_feeds(list(feeds.values()), clock.now())

    for number in range(EXAMPLES):
        web.say("/bad", bad_answer(dice))
        await pipeline.poll(await _state(store, bad))
        state = await _state(store, bad)
        assert state.next_poll_at - clock.now() <= timedelta(days=1.1), number
        if number % 10 == 0:
            await pipeline.poll(await _state(store, good))
            assert (await _state(store, good)).failures == 0, number


async def _state(store: MemoryStore, feed: Feed) -> FeedState:
    """Return how a feed stands, as if it were due."""
    states = {state.feed_id: state for state in (await store.tally()).feeds}
    return states[feed.id]

"""Finding the feeds of a site: a person gives an address, and gets what can be polled there.

    the address typed → by convention → the page itself → what it names → where feeds usually are

What is fetched goes through the guarded fetcher, like every poll, and what comes back is read in
the sandbox. A feed counts as found only when it was read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import lxml.etree
import lxml.html

from bot.errors import ParseError, SandboxError
from bot.feeds.addresses import by_convention, over_http, read_address, well_known
from bot.feeds.links import NamedFeed, named_feeds
from bot.feeds.parse import parse_feed
from bot.feeds.schedule import interval_for, polite
from bot.model import Fetched, FetchFailure, FetchTrouble, ParsedFeed
from bot.ports import Fetcher, Sandbox, Wanted
from bot.text import canonical_url, domain_of, one_line, safe_link, shorten

MOST_REQUESTS: Final = 8
"""Requests for one search; a redirect is part of its request."""
MOST_SECONDS: Final = 20.0
MOST_FOUND: Final = 4
"""Feeds that are read to be offered; the others that a page names are told by their address."""
LONGEST_TITLE: Final = 150

_ACCEPT: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/html;q=0.8, */*;q=0.5"
)
# Troubles that every other address of the site has too.
_OF_THE_SITE: Final = frozenset(
    {
        FetchTrouble.REFUSED_ADDRESS,
        FetchTrouble.BAD_URL,
        FetchTrouble.UNREACHABLE,
        FetchTrouble.TIMEOUT,
        FetchTrouble.RATE_LIMITED,
    }
)
_UNSAFE: Final = "what is there could not be read safely"
_TOO_SLOW: Final = "the site took too long to answer"
_NONE_NAMED: Final = "no feed is named there, and none is where sites usually have it"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestItem:
    """The newest item of a feed: the proof that it lives."""

    title: str
    link: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that was found and read. `interval` is how often it would be polled."""

    url: str
    title: str
    items: int
    interval: timedelta
    newest: NewestItem | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFeed:
    """What is at an address that is no feed, in words, and the feeds that it names."""

    why: str
    named: tuple[NamedFeed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a search brought.

    `others` are feeds that the site names and that were not looked at. `why` says for people why
    nothing was found.
    """

    address: str
    feeds: tuple[FoundFeed, ...] = ()
    others: tuple[NamedFeed, ...] = ()
    why: str = ""


def read_answer(fetched: Fetched) -> FoundFeed | NoFeed:
    """Read what an address brought; it is a stranger's, so this is run in the sandbox."""
    try:
        parsed = parse_feed(fetched.body, fetched.content_type, fetched.final_url)
    except ParseError as error:
        named = named_feeds(fetched.body, fetched.content_type, fetched.final_url)
        return NoFeed(why=error.problem, named=named)
    dates = [entry.date for entry in parsed.entries if entry.date]
    wishes = [parsed.ttl, fetched.max_age]
    return FoundFeed(
        url=fetched.moved_to or fetched.url,
        title=_plain(parsed.title) or domain_of(fetched.final_url),
        items=len(parsed.entries) + parsed.left_out,
        interval=polite(interval_for(dates, fetched.fetched_at), wishes),
        newest=_newest(parsed, fetched.fetched_at),
        language=parsed.language,
    )


def _newest(parsed: ParsedFeed, now: datetime) -> NewestItem | None:
    """Return the newest item; where no dates tell, the first, and a date to come is none."""
    if not parsed.entries:
        return None
    dated = [
        (one.date, -at) for at, one in enumerate(parsed.entries) if one.date and one.date <= now
    ]
    newest = parsed.entries[-max(dated)[1]] if dated else parsed.entries[0]
    return NewestItem(
        title=_plain(newest.title or newest.summary) or "without a title",
        link=safe_link(newest.link or ""),
        published_at=newest.date if dated else None,
    )


def _plain(html: str) -> str:
    """Return the words of a title that may hold markup."""
    try:
        words = lxml.html.fragment_fromstring(html, create_parent=True).text_content()
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        words = ""
    return shorten(one_line(words), LONGEST_TITLE)


async def find_feeds(typed: str, fetcher: Fetcher, sandbox: Sandbox) -> Discovery:
    """Find the feeds at an address that a person typed, within 8 requests and 20 seconds.

    Raises:
        OrderError: it is no address, or holds a name or password.
    """
    address = read_address(typed)
    search = _Search(address, fetcher, sandbox)
    try:
        async with asyncio.timeout(MOST_SECONDS):
            await search.run(has_scheme="://" in typed)
    except TimeoutError:
        search.why = search.why or _TOO_SLOW
    return search.result()


class _Search:
    """One search: what it may still spend, and what it found."""

    def __init__(self, address: str, fetcher: Fetcher, sandbox: Sandbox) -> None:
        self.why = ""
        self._address = address
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._requests = 0
        self._asked: set[str] = set()
        self._found: dict[str, FoundFeed] = {}
        self._named: dict[str, NamedFeed] = {}

    async def run(self, *, has_scheme: bool) -> None:
        """Look at one address after another, so that no site is asked for much at once."""
        convention = by_convention(self._address)
        if convention:
            await self._look_at(convention)
        if self._found:
            return
        first = await self._look_at(self._address)
        insecure = None if has_scheme else over_http(self._address)
        if _is(first, FetchTrouble.UNREACHABLE) and insecure:
            self._address = insecure
            first = await self._look_at(insecure)
        if isinstance(first, FetchFailure) and first.trouble in _OF_THE_SITE:
            self.why = first.why
            return
        await self._follow(first)
        await self._guess()
        self.why = "" if isinstance(first, FoundFeed) else f"{first.why}; {_NONE_NAMED}"

    def result(self) -> Discovery:
        """Return what was found so far."""
        others = [
            feed
            for key, feed in self._named.items()
            if key not in self._asked and not feed.is_of_comments
        ]
        return Discovery(
            address=self._address,
            feeds=tuple(self._found.values()),
            others=tuple(others),
            why="" if self._found else self.why,
        )

    async def _guess(self) -> None:
        """Try the usual places until one is right."""
        for address in well_known(self._address):
            if self._found or self._is_spent:
                return
            if canonical_url(address) in self._asked:
                continue
            await self._follow(await self._look_at(address))

    async def _follow(self, looked: FoundFeed | NoFeed | FetchFailure) -> None:
        """Look at the feeds that a page names, and at those that a page of feeds names in turn."""
        if not isinstance(looked, NoFeed):
            return
        further = [await self._look_at(feed.url) for feed in self._worth_a_look(looked.named)]
        for page in further:
            if isinstance(page, NoFeed) and not self._found:
                for feed in self._worth_a_look(page.named):
                    await self._look_at(feed.url)

    def _worth_a_look(self, named: Sequence[NamedFeed]) -> Iterable[NamedFeed]:
        """Yield feeds to look at: links that only look like feeds where none was declared."""
        for feed in named:
            self._named.setdefault(canonical_url(feed.url), feed)
        for feed in named:
            enough = self._found and (feed.is_of_comments or not feed.declared)
            if self._is_spent or enough:
                return
            if canonical_url(feed.url) not in self._asked:
                yield feed

    @property
    def _is_spent(self) -> bool:
        return self._requests >= MOST_REQUESTS or len(self._found) >= MOST_FOUND

    async def _look_at(self, address: str) -> FoundFeed | NoFeed | FetchFailure:
        self._requests += 1
        self._asked.add(canonical_url(address))
        answer = await self._fetcher.fetch(Wanted(url=address, accept=_ACCEPT))
        if isinstance(answer, FetchFailure):
            return answer
        if not isinstance(answer, Fetched):
            return NoFeed(why=_UNSAFE)
        try:
            looked = await self._sandbox.run(read_answer, answer)
        except SandboxError:
            return NoFeed(why=_UNSAFE)
        if isinstance(looked, FoundFeed):
            self._found.setdefault(canonical_url(answer.final_url), looked)
        return looked


def _is(looked: FoundFeed | NoFeed | FetchFailure, trouble: FetchTrouble) -> bool:
    return isinstance(looked, FetchFailure) and looked.trouble is trouble

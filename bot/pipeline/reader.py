"""From an entry to its reading: the feed's text, and the page where the feed has only a teaser."""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog

from bot.articles.extract import PageText, read_page
from bot.articles.read import FeedText, choose, read_entry, wants_page
from bot.errors import ParseError, SandboxError
from bot.model import Entry, Fetched, FetchFailure, Fulltext, Reading
from bot.ports import Fetcher, Sandbox, Wanted
from bot.text import one_line

PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"

TOO_SLOW = "the publisher's pages took too long"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """What became of the attempt to read an article's page: its text, or why there is none."""

    text: PageText | None = None
    trouble: str | None = None


class Reader:
    """Reads entries. Pages that cannot be had are a value: the teaser then stands, and says so."""

    def __init__(self, fetcher: Fetcher, sandbox: Sandbox) -> None:
        """Fetch pages by `fetcher` and take everything apart in `sandbox`."""
        self._fetcher = fetcher
        self._sandbox = sandbox

    async def read(
        self, entry: Entry, fulltext: Fulltext, language: str | None = None, *, hurry: bool = False
    ) -> Reading:
        """Return the clean text of an entry, in `language` where nothing else names one.

        In a `hurry` no page is fetched, and the reading says that it is wanting.
        """
        entry = replace(entry, language=entry.language or language)
        feed_text = await self._feed_text(entry)
        if not (entry.link and wants_page(feed_text, fulltext)):
            return choose(feed_text, None)
        if hurry:
            return choose(feed_text, None, TOO_SLOW)
        page = await self.page(entry.link)
        return choose(feed_text, page.text, page.trouble)

    async def _feed_text(self, entry: Entry) -> FeedText:
        try:
            return await self._sandbox.run(read_entry, entry)
        except SandboxError as error:
            log.warning("entry not read", link=entry.link, why=str(error))
            return FeedText(title=one_line(entry.title), text="", teaser=True)

    async def page(self, link: str) -> Page:
        """Fetch and read the page of an article."""
        result = await self._fetcher.fetch(Wanted(url=link, accept=PAGE))
        if isinstance(result, FetchFailure):
            return Page(trouble=result.why)
        if not isinstance(result, Fetched):
            return Page(trouble="the publisher sent no page")
        try:
            return Page(await self.page_of(result.body, result.final_url, result.content_type))
        except (ParseError, SandboxError) as error:
            log.info("page not read", url=link, why=str(error))
            return Page(trouble=error.problem)

    async def page_of(self, body: bytes, url: str, content_type: str) -> PageText:
        """Read a page that is already here.

        Raises:
            ParseError: the bytes are no page of text.
            SandboxError: reading it took too long, too much memory, or crashed.
        """
        return await self._sandbox.run(read_page, body, url, content_type)

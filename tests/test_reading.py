"""An entry and its page become one article: the whole way, with strangers' bytes in the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest
import pytest_asyncio

from bot.articles.extract import read_page
from bot.articles.identity import Edition, aliases, article_id, article_of
from bot.articles.read import choose, read_entry, wants_page
from bot.errors import ParseError, SandboxError
from bot.model import Article, Entry, Evidence, Field, Fulltext, Match, Source, TextFrom
from bot.sandbox import ProcessSandbox
from bot.summaries.extract import summarise
from bot.text import domain_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "https://www.courier.example/world/red-line?utm_source=rss"
PAGE = (Path(__file__).parent / "cases" / "articles" / "pages" / "outlet.html").read_bytes()


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[ProcessSandbox]:
    """A sandbox of one child that knows how to read."""
    pool = ProcessSandbox(size=1, preload=["bot.articles.read"])
    await pool.open()
    yield pool
    await pool.close()


def entry(teaser: str, title: str = "Envoys weigh terms as Norland draws a “red line”") -> Entry:
    """Make an entry with a teaser, as most outlets write them."""
    return Entry(guid="7", link=URL, title=title, summary=f"<p>{escape(teaser)}</p>")


async def read(sandbox: ProcessSandbox, one: Entry, page: bytes) -> Article:
    """Go the way of the pipeline, with `page` for what the fetch would bring."""
    feed_text = await sandbox.run(read_entry, one)
    assert wants_page(feed_text, Fulltext.AUTO)
    page_text = await sandbox.run(read_page, page, URL, "text/html; charset=utf-8")
    reading = choose(feed_text, page_text)
    source = Source(feed_id="courier", name="The Courier", domain=domain_of(URL))
    edition = Edition(article_id=article_id(aliases(one, "courier")), version=1, fetched_at=NOW)
    return article_of(reading, one, source, edition)


def red_line(article: Article) -> Match:
    """Find the red line as a rule would."""
    start = article.text.index("red line")
    proof = Evidence(
        term="red line", kind="keyword", field=Field.TEXT, sentence=None,
        start=start, end=start + len("red line"), text="red line",
    )  # fmt: skip
    return Match(rule="r", article_id=article.id, version=1, evidence=(proof,))


async def test_a_teaser_and_its_page_become_one_article(sandbox: ProcessSandbox) -> None:
    """The story comes from the page, its date too, and its name from the canonical link."""
    article = await read(sandbox, entry("Envoys of five countries met for a second day […]"), PAGE)
    proof = summarise(article, [red_line(article)])[0]

    assert article.url == "https://courier.example/world/red-line"
    assert article.source.domain == "courier.example"
    assert article.published_at == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert article.text_from is TextFrom.PAGE
    assert article.update_notice
    assert article.sentences[0].start == 0
    assert proof.text.startswith("A ground operation in the southern district would cross")


async def test_what_breaks_the_reader_breaks_nothing_else(sandbox: ProcessSandbox) -> None:
    """A page that is none, or a bomb, is an error of ours, and the next page is read."""
    with pytest.raises(ParseError, match="no HTML"):
        await sandbox.run(read_page, b"%PDF-1.7", URL, "text/html")
    with pytest.raises(SandboxError):
        await sandbox.run(read_page, b"<html><body>" + b"<a href=x>" * 300_000, URL, "text/html")

    assert (await sandbox.run(read_page, PAGE, URL, "text/html")).update_notice


@pytest.mark.shared
async def test_the_first_article_is_read_as_an_outlet_serves_it(
    sandbox: ProcessSandbox, shared: Path
) -> None:
    """From a page with a frame around it the article comes back whole, without its notes."""
    text = (shared / "data" / "articles" / "rafah-red-line.txt").read_text().strip()
    paragraphs = text.split("\n")
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    page = (
        "<html lang='en'><head><title>A title</title></head><body><header><nav><a href='/'>Home</a>"
        f"</nav></header><main><article><h1>A title</h1>{body}</article><aside><h2>Related</h2><ul>"
        "<li><a href='/x'>Another story</a></li></ul></aside></main><footer>© 2024</footer></body>"
    )
    article = await read(sandbox, entry(" ".join(paragraphs[:2])[:300], "A title"), page.encode())

    assert article.text.split("\n\n") == paragraphs[:-2]
    assert article.update_notice
    assert "“red line” that President Joe Biden" in summarise(article, [red_line(article)])[0].text

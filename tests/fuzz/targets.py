"""What is fuzzed: each target takes any bytes, and fails where a reader breaks its promise."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from bot.articles.extract import read_page
from bot.articles.sentences import split
from bot.errors import ParseError, RuleError
from bot.feeds.links import MOST_NAMED, named_feeds
from bot.feeds.opml import read_opml, write_opml
from bot.feeds.parse import parse_feed
from bot.model import Feed
from bot.rules.evaluate import evaluate
from bot.rules.normal import normalise
from bot.rules.rule import Node
from bot.rules.syntax import parse, write
from bot.text import canonical_url, clean_text, safe_link, shorten
from tests.rules_desk import a_rule, an_article

LONGEST_TITLE = 70
FEED = "https://vale.example/feed"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def rules(data: bytes) -> None:
    """A rule's text is a tree that reads back as itself, or an error that shows the place."""
    text = data.decode("utf-8", "replace")
    read = _parsed(text)
    if isinstance(read, RuleError):
        assert 0 <= read.start <= read.end <= len(text)
        assert "^" in read.caret()
    else:
        assert parse(write(read)) == read


def _parsed(text: str) -> Node | RuleError:
    try:
        return parse(text)
    except RuleError as error:
        return error


def matching(data: bytes) -> None:
    """A rule that is read can be put to any text: its evidence is the text's own words."""
    when, _, text = data.decode("utf-8", "replace").partition("\n")
    article = an_article(clean_text(text))
    normal = normalise(article)
    with suppress(RuleError):
        for found in evaluate(a_rule(when), normal) or ():
            assert found.text in {"", article.text[found.start : found.end], article.source.domain}


def texts(data: bytes) -> None:
    """Cleaning and shortening are final, and keep to their limits."""
    text = clean_text(data.decode("utf-8", "replace"))
    short = shorten(text, LONGEST_TITLE)
    assert text == clean_text(text)
    assert len(short) <= LONGEST_TITLE


def addresses(data: bytes) -> None:
    """An address has one canonical form, and a safe link is safe again."""
    url = data.decode("utf-8", "replace")
    link = safe_link(url)
    assert canonical_url(canonical_url(url)) == canonical_url(url)
    assert link is None or safe_link(link) == link


def feeds(data: bytes) -> None:
    """Any bytes are a feed or an error."""
    with suppress(ParseError):
        parse_feed(data, "text/xml", FEED)


def opml(data: bytes) -> None:
    """Any text is a list of safe addresses that can be written and read back, or an error."""
    with suppress(ParseError):
        listed = read_opml(data.decode("utf-8", "replace")).feeds
        feeds = [
            Feed(
                id="id", url=one.url, title=one.title, tier=one.tier, fulltext=one.fulltext,
                interval=one.interval, language=one.language,
            )
            for one in listed
        ]  # fmt: skip
        assert all(safe_link(feed.url) == feed.url for feed in feeds)
        assert not feeds or read_opml(write_opml(feeds, "Feeds", NOW)).feeds == listed


def pages(data: bytes) -> None:
    """Any page names safe addresses, and not many."""
    named = named_feeds(data, "text/html", FEED)
    assert len(named) <= MOST_NAMED
    assert all(safe_link(feed.url) == feed.url for feed in named)


def _without_space(text: str) -> str:
    return "".join(text.split())


def articles(data: bytes) -> None:
    """Any bytes are a page whose text is clean and cut into sentences, or an error."""
    with suppress(ParseError):
        page = read_page(data, FEED, "text/html")
        spans = split(page.text, page.language)
        assert clean_text(page.text) == page.text
        assert all(page.text[a:b] == page.text[a:b].strip() != "" for a, b in spans)
        assert _without_space("".join(page.text[a:b] for a, b in spans)) == _without_space(
            page.text
        )


TARGETS: dict[str, Callable[[bytes], None]] = {
    "rules": rules,
    "matching": matching,
    "texts": texts,
    "addresses": addresses,
    "feeds": feeds,
    "opml": opml,
    "pages": pages,
    "articles": articles,
}

"""The feeds that a page names."""

from __future__ import annotations

import gzip
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from bot.feeds.links import MOST_NAMED, NamedFeed, named_feeds
from bot.text import safe_link

CASES = Path(__file__).parent / "cases" / "feeds" / "discover"
PAGES = sorted(CASES.glob("*.html"))
SITE = "https://courier.example/"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_the_feeds_of_its_case(page: Path) -> None:
    """Declared feeds come first, then links that look like feeds; feeds of comments stand last."""
    case: dict[str, Any] = yaml.safe_load(page.with_suffix(".yaml").read_text(encoding="utf-8"))
    expected = [asdict(NamedFeed(**feed)) for feed in case["feeds"]]

    named = named_feeds(page.read_bytes(), case.get("content_type", "text/html"), case["url"])

    assert [asdict(feed) for feed in named] == expected


def test_a_page_of_ten_thousand_links_names_a_few() -> None:
    """A page cannot make Redline look at more than forty addresses."""
    links = "".join(f'<a href="/{n}/rss.xml">{n}</a>' for n in range(10_000))

    named = named_feeds(f"<html><body>{links}</body></html>".encode(), "text/html", SITE)

    assert [feed.url for feed in named] == [f"{SITE}{n}/rss.xml" for n in range(MOST_NAMED)]


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 300_000,
        b"<" * 2_000_000,
        b"<a " + b"x=1 " * 200_000 + b">",
        b"<link rel=alternate type=application/rss+xml href='" + b"x" * 2_000_000 + b"'>",
        b"<a href=/feed>" + b"word " * 400_000,
        b"\0\xff\xfe<a href=/feed>",
    ],
    ids=["deep", "brackets", "attributes", "long address", "long words", "bytes"],
)
def test_a_hostile_page_names_only_safe_addresses(body: bytes) -> None:
    """Whatever a page is made of, what it names is a safe address of the web, or nothing."""
    for feed in named_feeds(body, "text/html", SITE):
        assert safe_link(feed.url) == feed.url
        assert len(feed.title) <= 150


@pytest.mark.shared
def test_real_pages_declare_what_is_found(shared: Path) -> None:
    """Of the pages of real publishers, each that declares a feed has one found, declared first."""
    for path in sorted((shared / "data" / "pages").glob("*.html.gz")):
        body = gzip.decompress(path.read_bytes())
        written = re.findall(rb"<link[^>]+application/(?:rss|atom)\+xml[^>]*>", body)

        named = named_feeds(body, "text/html", "https://site.example/a/b")

        assert bool(written) == any(feed.declared for feed in named), path.name
        assert all(urlsplit(feed.url).scheme in {"http", "https"} for feed in named)

"""From a web page to the feeds that it names. Pure.

A page is a stranger's, so this is run in the sandbox: `await sandbox.run(named_feeds, ...)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import lxml.etree
import lxml.html

from bot.feeds.mend import to_utf8
from bot.text import canonical_url, domain_of, one_line, safe_link, shorten

MOST_NAMED: Final = 40
"""Feeds that are taken from one page; the longest lists of honest sites are read to their end by
people, who then give the address that they want."""
MOST_LOOKED_AT: Final = 20_000
LONGEST_TITLE: Final = 150

_FEED_TYPES: Final = frozenset(
    f"application/{kind}"
    for kind in ("rss+xml", "atom+xml", "feed+json", "rdf+xml", "x.atom+xml", "x-atom+xml", "rss")
)
_XML_TYPES: Final = frozenset({"text/xml", "application/xml", "application/json", ""})
# What the addresses of feeds look like. It is looked for in the path and the query only.
_FEEDISH_PATH: Final = re.compile(
    r"(?:\.(?:rss|atom|rdf)|/(?:rss|feed|atom|rdf)s?(?:\.(?:xml|json|php|aspx?|jsp))?"
    r"|/(?:index|news|latest|all|feed|rss)[\w-]*\.(?:xml|rdf)|[/_-](?:rss|feed|atom)\d?\.(?:xml|json)"
    r"|/rss/.+)"
    r"/?\Z",
    re.IGNORECASE,
)
_FEEDISH_QUERY: Final = re.compile(
    r"(?:^|&)(?:feed|format|output|type|alt|view)=(?:rss2?|atom|feed|rdf)(?:&|$)", re.IGNORECASE
)
_FEEDISH_HOST: Final = re.compile(r"(?:feeds?\d?|rss)\.|feeds\d?\.feedburner\.com|.*\.feedburner\.")
_FEEDISH_WORDS: Final = re.compile(
    r"(?:rss|atom|json)(?:[ -]?(?:feeds?|2\.0|1\.0))?s?", re.IGNORECASE
)
_COMMENTS: Final = re.compile(
    r"\bcomments?\b|kommentar|commentaires?|comentario|commenti|комментари|reacties", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFeed:
    """A feed that a page names: where it is, and what the page calls it.

    `declared` says that the page declares it to machines; else a link only looks like one.
    """

    url: str
    title: str = ""
    declared: bool = False

    @property
    def is_of_comments(self) -> bool:
        """Whether it brings what readers write below the articles."""
        return _COMMENTS.search(f"{self.title} {urlsplit(self.url).path}") is not None


def named_feeds(body: bytes, content_type: str, url: str) -> tuple[NamedFeed, ...]:
    """Return the feeds that a page names, the likeliest first, each once.

    First what it declares, in its order; then links that look like feeds of the same site; feeds
    of comments stand last. What is no safe address of the web is left out.

    Args:
        body: the bytes of the page, unpacked.
        content_type: the Content-Type header; only its charset is looked at.
        url: the address the bytes came from, after redirects.
    """
    tree = _tree(to_utf8(body, content_type))
    if tree is None:
        return ()
    base = _base(tree, url)
    found = islice(chain(_declared(tree, base), _linked(tree, base)), MOST_NAMED * 5)
    ranked = sorted(found, key=lambda feed: feed.is_of_comments)
    once: dict[str, NamedFeed] = {}
    for feed in ranked:
        once.setdefault(canonical_url(feed.url), feed)
    return tuple(once.values())[:MOST_NAMED]


def _tree(text: bytes) -> lxml.html.HtmlElement | None:
    # huge_tree stays off: lxml then stops at depths and sizes that no honest page has.
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        return lxml.html.document_fromstring(text, parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None


def _base(tree: lxml.html.HtmlElement, url: str) -> str:
    """Return what the page's links are relative to (https://html.spec.whatwg.org/#the-base-element)."""
    declared = next((each.get("href") for each in tree.iter("base") if each.get("href")), "")
    return _absolute(declared, url) or url


def _declared(tree: lxml.html.HtmlElement, base: str) -> Iterator[NamedFeed]:
    for link in _some(tree.iter("link")):
        address = _absolute(link.get("href") or "", base)
        if address and _declares_feed(link, address):
            yield NamedFeed(url=address, title=_title(link.get("title")), declared=True)


def _declares_feed(link: Any, address: str) -> bool:
    rel = (link.get("rel") or "").lower().split()
    kind = (link.get("type") or "").partition(";")[0].strip().lower()
    if not {"alternate", "feed"} & set(rel) or "stylesheet" in rel:
        return False
    # WordPress declares its programming interface as alternate JSON, and translations have no type.
    return kind in _FEED_TYPES or (kind in _XML_TYPES and ("feed" in rel or _is_feedish(address)))


def _linked(tree: lxml.html.HtmlElement, base: str) -> Iterator[NamedFeed]:
    """Yield the links that look like feeds; those that only say so in words come last."""
    site = domain_of(base)
    by_word = []
    for link in _some(tree.iter("a")):
        address = _absolute(link.get("href") or "", base)
        if address is None or not _belongs(address, site):
            continue
        words = _title(link.get("title") or link.text_content())
        if _is_feedish(address):
            yield NamedFeed(url=address, title=words)
        elif _FEEDISH_WORDS.fullmatch(words):
            by_word.append(NamedFeed(url=address, title=words))
    yield from by_word


def _some(links: Iterable[Any]) -> Iterator[Any]:
    return islice(links, MOST_LOOKED_AT)


def _belongs(address: str, site: str) -> bool:
    """Whether a link is the site's own; links to feed readers hold the feed's address too."""
    host = urlsplit(address).hostname or ""
    return domain_of(address) == site or _FEEDISH_HOST.match(host) is not None


def _is_feedish(address: str) -> bool:
    parts = urlsplit(address)
    if _FEEDISH_PATH.search(parts.path) or _FEEDISH_QUERY.search(parts.query):
        return True
    return _FEEDISH_HOST.match(parts.hostname or "") is not None and len(parts.path) > 1


def _absolute(href: str, base: str) -> str | None:
    """Return a safe address; None for other schemes, and for one with a name or password."""
    try:
        address = urljoin(base, "".join(href.split()))
        has_name = "@" in urlsplit(address).netloc
    except ValueError:
        return None
    return None if not href.strip() or has_name else safe_link(address.partition("#")[0])


def _title(words: str | None) -> str:
    return shorten(one_line((words or "")[:1_000]), LONGEST_TITLE)

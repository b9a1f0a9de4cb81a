"""From what a person types to the addresses where a feed may be. Pure.

Whoever adds a source types what their browser shows, or what they remember of it. What is certain
is used at once: some publishers have one rule for all their feeds. What is only usual is tried
last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import urljoin, urlsplit

from bot.errors import OrderError
from bot.text import safe_link

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d+(?:/|$))")
_FEED_SCHEME: Final = re.compile(r"feed:(?://)?(?=https?://)|feed:(?=//)", re.IGNORECASE)
_IS_HOST: Final = re.compile(r"[.:]|^localhost$")


def read_address(typed: str) -> str:
    """Return the address that a person means: `example.org` is `https://example.org`.

    Slack's angle brackets, `feed:` and a fragment are taken off.

    Raises:
        OrderError: it is no address of the web, or holds a name or password.
    """
    written = typed.strip().strip("<>").partition("|")[0].strip()
    address = _FEED_SCHEME.sub("", written, count=1)
    if address.startswith("//"):
        address = f"https:{address}"
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() not in {"http", "https"}:
        raise OrderError("", f"{scheme[1]}: addresses cannot be read", advice=_BEGINS)
    if not scheme:
        address = f"https://{address}"
    return _checked(address, written)


_BEGINS: Final = "Give the address of a site or a feed, such as example.org/news"


def _checked(address: str, written: str) -> str:
    netloc = address.partition("://")[2].partition("/")[0]
    if "@" in netloc:
        raise OrderError(
            "",
            "The address holds a name or a password",
            advice="Redline does not keep them. Give it without what stands before the @",
        )
    link = safe_link(address.partition("#")[0])
    if link is None or not _IS_HOST.search(urlsplit(link).hostname or "") or " " in written:
        shown = written if len(written) <= 60 else f"{written[:59]}…"
        raise OrderError("", f"“{shown}” is not an address", advice=_BEGINS)
    return link


# --- What is certain ----------------------------------------------------------------------------

_RULES: Final = tuple(
    (re.compile(host), re.compile(rest), feed)
    for host, rest, feed in (
        # https://www.reddit.com/wiki/rss
        (
            r"(?:www\.|old\.|new\.)?reddit\.com",
            r"/(r|user|u)/([\w-]+)/?",
            r"https://www.reddit.com/\1/\2/.rss",
        ),
        # https://docs.github.com/en/rest/activity/feeds; releases, tags and commits have a .atom.
        (
            r"(?:www\.)?github\.com",
            r"/([\w.-]+)/([\w.-]+)/(releases|tags|commits/[\w./-]+?)/?",
            r"https://github.com/\1/\2/\3.atom",
        ),
        (
            r"(?:www\.)?github\.com",
            r"/([\w.-]+)/([\w.-]+)/?",
            r"https://github.com/\1/\2/releases.atom",
        ),
        # https://support.google.com/youtube/answer/6224202
        (
            r"(?:www\.|m\.)?youtube\.com",
            r"/channel/(UC[\w-]{22})(?:/.*)?",
            r"https://www.youtube.com/feeds/videos.xml?channel_id=\1",
        ),
        (
            r"(?:www\.|m\.)?youtube\.com",
            r"/playlist\?list=([\w-]+)",
            r"https://www.youtube.com/feeds/videos.xml?playlist_id=\1",
        ),
        # https://support.substack.com/hc/en-us/articles/360038239391
        (r"([\w-]+)\.substack\.com", r"/?", r"https://\1.substack.com/feed"),
        # https://wordpress.com/support/feeds/
        (r"([\w-]+)\.wordpress\.com", r"/?", r"https://\1.wordpress.com/feed/"),
        # https://help.medium.com/hc/en-us/articles/214874118
        (r"medium\.com", r"/(@[\w.-]+|(?!tag/|m/|p/)[\w-]+)/?", r"https://medium.com/feed/\1"),
        # https://support.google.com/blogger/answer/97933
        (r"([\w-]+)\.blogspot\.com", r"/?", r"https://\1.blogspot.com/feeds/posts/default"),
        # https://bsky.app/profile/HANDLE/rss, named in the head of every profile.
        (r"bsky\.app", r"/profile/([\w.:-]+)/?", r"https://bsky.app/profile/\1/rss"),
    )
)


def by_convention(url: str) -> str | None:
    """Return where the feed of a page is, at publishers that have one rule for all."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    for hosts, paths, feed in _RULES:
        owner, page = hosts.fullmatch(host), paths.fullmatch(rest)
        if owner and page:
            names = (*owner.groups(), *page.groups())
            return re.sub(r"\\(\d)", partial(_numbered, names), feed)
    return None


def _numbered(names: Sequence[str], found: re.Match[str]) -> str:
    return names[int(found[1]) - 1]


# --- What is only usual -------------------------------------------------------------------------

_WELL_KNOWN: Final = (
    "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json",
)  # fmt: skip


def well_known(url: str) -> tuple[str, ...]:
    """Return where sites often have their feed, though nothing says so.

    Below a page comes first what lies under it, and the site's front page, which may name one.
    """
    path = urlsplit(url).path.rstrip("/")
    below = (f"{path}/feed", "/") if path else ()
    return tuple(urljoin(url, each) for each in (*below, *_WELL_KNOWN))


def over_http(url: str) -> str | None:
    """Return an address for a site that knows no https; None where it is not such an address."""
    return f"http:{url.removeprefix('https:')}" if url.startswith("https:") else None

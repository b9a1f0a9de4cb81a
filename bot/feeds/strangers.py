"""What is no feed, and what it is instead: the words for whoever gave the address."""

from __future__ import annotations

import re

_ROOT = re.compile(
    rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<![A-Za-z][^>]*>\s*)*<([A-Za-z][\w:.-]*)", re.DOTALL
)
_ROOT_WITHIN = 1 << 16
_FEED_ROOTS = frozenset({"rss", "rdf", "feed", "entry", "channel"})
# Words of the pages that Cloudflare, Akamai, DataDome and their like put before a site.
_CHALLENGE = re.compile(
    rb"captcha|cf-challenge|challenge-platform|just a moment|checking your browser"
    rb"|verify (?:that )?you are (?:a )?human|are you a robot|enable javascript and cookies"
    rb"|unusual traffic|datadome|px-captcha",
    re.IGNORECASE,
)
_LOOK_WITHIN = 1 << 17
_KINDS = {
    "opml": "it is a list of feeds (OPML), not a feed",
    "urlset": "it is a sitemap, not a feed",
    "sitemapindex": "it is a sitemap, not a feed",
    "svg": "it is a picture, not a feed",
}
_MAGIC = (
    (b"%PDF", "it is a PDF document, not a feed"),
    (b"\x89PNG", "it is a picture, not a feed"),
    (b"GIF8", "it is a picture, not a feed"),
    (b"PK\x03", "it is an archive, not a feed"),
)


def root_name(text: bytes) -> str:
    """Return the local name of the first element in lower case, empty where there is none."""
    found = _ROOT.match(text, 0, _ROOT_WITHIN)
    return found[1].decode("utf-8", "replace").rpartition(":")[2].lower() if found else ""


def is_feed(text: bytes) -> bool:
    """Whether `text` begins as feeds do."""
    return root_name(text) in _FEED_ROOTS


def stranger(text: bytes) -> str:
    """Say what a text is that is no feed."""
    if not text.strip():
        return "it is empty"
    if text.startswith((b"{", b"[")):
        return "it is JSON, but not a JSON Feed"
    for magic, what in _MAGIC:
        if magic.strip(b"\x03\x89") in text[:8]:
            return what
    name = root_name(text)
    if name in _KINDS:
        return _KINDS[name]
    if _is_page(name, text):
        return _page(text)
    if name:
        return f"it is XML, but not a feed (it begins with <{name[:40]}>)"
    return "it is neither XML nor JSON"


def _is_page(name: str, text: bytes) -> bool:
    head = text[:_LOOK_WITHIN].lower()
    return (
        name in {"html", "head", "body", "div", "script", "title", "meta", "p"} or b"<html" in head
    )


def _page(text: bytes) -> str:
    if _CHALLENGE.search(text[:_LOOK_WITHIN]):
        return "it is a page that asks visitors to prove that they are human, not a feed"
    return "it is a web page, not a feed"

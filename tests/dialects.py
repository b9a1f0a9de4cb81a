"""The same stories, written as feeds in all the ways that publishers have of writing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

Choose = Callable[[Sequence[str]], str]
"""Picks one of several ways: hypothesis, or a test that wants a certain one."""

_SPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "yandex": "http://news.yandex.ru",
}
_XHTML = "http://www.w3.org/1999/xhtml"
# What stands in an item beside the story, and is no part of it.
_BESIDES = (
    "",
    "<enclosure url='https://c.example/1.mp3'/><enclosure url='https://c.example/2.mp3'/>",
    "<media:content><media:description>Ships at anchor</media:description></media:content>",
    "<comments>https://courier.example/talk</comments><dc:creator><![CDATA[Ann Lee]]></dc:creator>",
    "<source url='https://other.example/feed'>Another feed</source><category>Ports</category>",
)
_ATOM_BESIDES = (
    "",
    "<author><name>Ann Lee</name><uri>https://courier.example/lee</uri></author>",
    "<source><id>urn:other</id><title>Another</title><link href='https://other.example/'/></source>",
    "<link rel='enclosure' href='https://c.example/1.mp3'/>",
    "<link rel='replies' href='https://courier.example/talk'/><link rel='self' href='/self'/>",
)


@dataclass(frozen=True, slots=True)
class Story:
    """What one entry says. The words are HTML without markup; "" and None are left out."""

    guid: str
    link: str
    title: str
    words: str
    published: datetime | None
    updated: datetime | None


def rss(stories: Iterable[Story], choose: Choose) -> bytes:
    """Write RSS 0.91 to 2.0."""
    ways = {
        "link": choose(["<link>{}</link>", "<link>\n {}\n</link>", "<atom:link href='{}'/>"]),
        "guid": choose(
            ["<guid isPermaLink='false'>{}</guid>", "<guid>{}</guid>", "<id>{}</id>"]
        ),
        "words": choose([
            "<description>{}</description>",
            "<content:encoded>{}</content:encoded>",
            "<itunes:summary>{}</itunes:summary>",
            "<media:group><media:description>{}</media:description></media:group>",
            "<description>Short.</description><yandex:full-text>{}</yandex:full-text>",
            "<dc:description>{}</dc:description>",
        ]),
        "published": choose(["<pubDate>{}</pubDate>", "<dc:date>{}</dc:date>"]),
        "updated": choose(
            ["<atom:updated>{}</atom:updated>", "<dcterms:modified>{}</dcterms:modified>"]
        ),
    }  # fmt: skip
    besides = choose(_BESIDES)
    items = "".join(f"<item>{_fields(story, ways, choose)}{besides}</item>" for story in stories)
    declared = choose([_declared(), ""])
    version = choose(["0.91", "0.92", "2.0"])
    return (
        f'<rss version="{version}"{declared}><channel><title>Harbour Courier</title>'
        f"<link>https://courier.example/</link><description>News</description>{items}</channel></rss>"
    ).encode()


def rdf(stories: Iterable[Story], choose: Choose) -> bytes:
    """Write RSS 0.90 and 1.0; the guid is the item's rdf:about."""
    ways = {
        "link": "<link>{}</link>",
        "guid": "",
        "words": choose(["<description>{}</description>", "<content:encoded>{}</content:encoded>"]),
        "published": choose(["<dc:date>{}</dc:date>", "<dcterms:issued>{}</dcterms:issued>"]),
        "updated": "<dcterms:modified>{}</dcterms:modified>",
    }
    items = "".join(
        f"<item{_about(story)}>{_fields(story, ways, choose)}</item>" for story in stories
    )
    space = choose(["http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"])
    return (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{space}"'
        f"{_declared()}><channel><title>Harbour Courier</title>"
        f"<link>https://courier.example/</link></channel>{items}</rdf:RDF>"
    ).encode()


def atom(stories: Iterable[Story], choose: Choose) -> bytes:
    """Write Atom 1.0 and 0.3, in the namespace by default or by prefix."""
    new = choose(["1.0", "0.3"]) == "1.0"
    published, updated = ("published", "updated") if new else ("issued", "modified")
    html = "type='html'" if new else "type='text/html' mode='escaped'"
    xhtml = "type='xhtml'" if new else "type='application/xhtml+xml' mode='xml'"
    div = f"<div xmlns='{_XHTML}'>{{}}</div>"
    ways = {
        "title": choose(["<title>{}</title>", f"<title {xhtml}>{div}</title>"]),
        "link": choose(["<link href='{}'/>", "<link rel='alternate' type='text/html' href='{}'/>"]),
        "guid": "<id>{}</id>",
        "words": choose([
            f"<summary {html}>{{}}</summary>",
            f"<content {html}>{{}}</content>",
            f"<summary {xhtml}>{div}</summary>",
            f"<content {xhtml}>{div}</content>",
            "<media:group><media:description>{}</media:description></media:group>",
        ]),
        "published": f"<{published}>{{}}</{published}>",
        "updated": f"<{updated}>{{}}</{updated}>",
    }  # fmt: skip
    besides = choose(_ATOM_BESIDES)
    entries = "".join(
        f"<entry>{besides}{_fields(story, ways, choose)}</entry>" for story in stories
    )
    space = _SPACES["atom"] if new else "http://purl.org/atom/ns#"
    feed = (
        f"<feed{_declared()} xmlns='{space}'><title>Harbour Courier</title><id>urn:feed</id>"
        f"<updated>2026-01-01T00:00:00Z</updated>{entries}</feed>"
    )
    return feed.encode()


DIALECTS = {"rss": rss, "rdf": rdf, "atom": atom}


def _fields(story: Story, ways: dict[str, str], choose: Choose) -> str:
    """Write the fields of one story, each in the way of its feed."""
    written = {
        "title": escape(story.title),
        "link": quoteattr(story.link)[1:-1],
        "guid": escape(story.guid),
        "words": escape(story.words),
        "published": _time(story.published, ways["published"], choose),
        "updated": _time(story.updated, ways["updated"], choose),
    }
    ways = {"title": "<title>{}</title>", **ways}
    return "".join(ways[name].format(text) for name, text in written.items() if text)


def _time(moment: datetime | None, way: str, choose: Choose) -> str:
    """Write a time as it stands in an element: as RFC 822, or as RFC 3339 in some zone."""
    if moment is None:
        return ""
    if "pubDate" in way:
        return format_datetime(moment)
    hours = int(choose(["0", "-4", "9"]))
    away = moment.replace(tzinfo=None) + timedelta(hours=hours)
    return f"{away.isoformat()}{hours:+03d}:00"


def _about(story: Story) -> str:
    return f" rdf:about={quoteattr(story.guid)}" if story.guid else ""


def _declared() -> str:
    return "".join(f' xmlns:{prefix}="{space}"' for prefix, space in _SPACES.items())

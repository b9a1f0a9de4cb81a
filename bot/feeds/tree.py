"""An XML feed read from its tree, by the same few tables for every dialect.

The tables name elements as nearly all publishers do, `dc:date`, whatever prefix a feed gives to
the namespace and whether it declares it at all; without a prefix stand the elements of Atom and of
RSS in all its versions. The libraries for feeds know some elements in some dialects only, and
invent what they miss: docs/benchmarks.md has the figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin

import lxml.etree

from bot.dates import minutes, read_date
from bot.model import Entry, ParsedFeed

_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_ITEMS: Final = frozenset({"item", "entry"})
_PREFIXES: Final = {
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://channel.netscape.com/rdf/simple/0.9": "",
    "http://purl.org/rss/1.0/modules/content": "content:",
    "http://purl.org/dc/elements/1.1": "dc:",
    "http://purl.org/dc/elements/1.0": "dc:",
    "http://purl.org/dc/terms": "dcterms:",
    "http://search.yahoo.com/mrss": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://news.yandex.ru": "yandex:",
    _XHTML: "xhtml:",
}
"""The prefixes of the tables, by address of the namespace, without the slash that some forget."""

# Other names under which feeds have what the tables call otherwise.
_ALSO: Final = {"atom": "", "atom10": "", "rss": "", "": "", "html": "xhtml:"}

# What an entry has, the most telling first.
_TITLE: Final = ("title", "dc:title", "media:title")
_GUID: Final = ("guid", "id")
_SUMMARY: Final = (
    "description", "summary", "dc:description", "itunes:summary", "media:description",
    "dcterms:abstract", "itunes:subtitle",
)  # fmt: skip
_CONTENT: Final = ("content:encoded", "content", "xhtml:body", "xhtml:div", "yandex:full-text")
_PUBLISHED: Final = (
    "pubdate", "published", "issued", "dc:date", "dcterms:issued", "dcterms:created",
    "dcterms:date", "date", "created",
)  # fmt: skip
_UPDATED: Final = ("updated", "modified", "dcterms:modified")
_PAGE_TYPES: Final = frozenset({"", "text/html", "application/xhtml+xml"})

_Element = Any
"""An element of lxml, which ships no types."""

_Fields = Mapping[str, Sequence[_Element]]


@dataclass(frozen=True, slots=True)
class TreeRead:
    """A feed as its tree tells it.

    `broken` says that the markup is not well-formed, so that something may be missing, `cut_off`
    that all that is wrong with it is its end; `torn` that an element was closed in the wrong place,
    so that what follows it may stand where it does not belong.
    """

    feed: ParsedFeed
    broken: bool
    cut_off: bool
    torn: bool


def read_tree(text: bytes) -> TreeRead | None:
    """Read a feed that `mend` has mended; None where it is no tree.

    Texts are HTML as it came, links are resolved as far as the document itself says how.
    """
    # Without huge_tree libxml2 stops at depths and sizes that no honest feed has.
    parser = lxml.etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False,
        remove_comments=True, remove_pis=True, collect_ids=False, encoding="utf-8",
    )  # fmt: skip
    try:
        root = lxml.etree.fromstring(text, parser)
    except lxml.etree.LxmlError:
        return None
    if root is None or not len(root):
        return None
    slips = {error.type for error in parser.error_log if error.domain != _NAMESPACE}
    return TreeRead(
        _Reader(based=b"xml:base" in text).feed(root),
        broken=bool(slips),
        cut_off=bool(slips) and slips <= _CUT_OFF,
        torn=_TORN in slips,
    )


_NAMESPACE: Final = lxml.etree.ErrorDomains.NAMESPACE
_TORN: Final = lxml.etree.ErrorTypes.ERR_TAG_NAME_MISMATCH
_CUT_OFF: Final = frozenset(
    getattr(lxml.etree.ErrorTypes, f"ERR_{what}_NOT_FINISHED")
    for what in ("TAG", "CDATA", "COMMENT")
)


class _Reader:
    """Reads one document; it remembers what its tags are called in the tables."""

    def __init__(self, *, based: bool) -> None:
        self._based = based
        self._names: dict[str, str] = {}

    def feed(self, root: _Element) -> ParsedFeed:
        """Read the feed that `root` is."""
        items: list[_Element] = []
        head: defaultdict[str, list[_Element]] = defaultdict(list)
        for element in self._outside_items(root, items):
            head[self._name(element)].append(element)
        read = [self._entry(item) for item in items]
        entries = tuple(entry for entry in read if entry is not None)
        channel = (head["channel"] or head["feed"] or [root])[0]
        of_channel: _Fields = {} if items == [root] else self._fields(channel)
        return ParsedFeed(
            title=self._first(of_channel, _TITLE),
            link=self._link(of_channel),
            entries=entries,
            ttl=minutes(_text_of(of_channel.get("ttl", ()))),
            language=_tag(
                _text_of(of_channel.get("language", ()))
                or _text_of(of_channel.get("dc:language", ()))
                or channel.get(f"{_XML}lang")
                or root.get(f"{_XML}lang")
            ),
            skipped=len(read) - len(entries),
            parser="fast",
        )

    def _outside_items(self, root: _Element, items: list[_Element]) -> Iterator[_Element]:
        """Yield what is in no item, and put the items into `items`, each in the feed's order."""
        waiting = [root]
        while waiting:
            element = waiting.pop()
            if self._name(element) in _ITEMS:
                items.append(element)
            else:
                yield element
                waiting += reversed(element)

    def _entry(self, item: _Element) -> Entry | None:
        """Read one entry; None where it says nothing."""
        fields = self._fields(item)
        content = max((_markup(e) for e in self._all(fields, _CONTENT)), key=len, default="")
        summary = self._first(fields, _SUMMARY)
        entry = Entry(
            guid=(self._first(fields, _GUID) or item.get(_ABOUT, "").strip()) or None,
            link=self._link(fields),
            title=self._first(fields, _TITLE),
            summary="" if summary == content else summary,
            content=content,
            published_at=self._date(fields, _PUBLISHED),
            updated_at=self._date(fields, _UPDATED),
            language=self._language(item, fields),
        )
        says = entry.guid or entry.link or entry.title or summary or content
        return entry if says else None

    # --- names ------------------------------------------------------------------------------

    def _name(self, element: _Element) -> str:
        """Return what the tables call an element."""
        name = self._names.get(element.tag)
        if name is None:
            name = self._names[element.tag] = _named(element)
        return name

    def _fields(self, item: _Element) -> _Fields:
        """Return the elements of an item by name; what media:group holds comes after its own."""
        fields: defaultdict[str, list[_Element]] = defaultdict(list)
        for element in item:
            fields[self._name(element)].append(element)
        for group in fields.get("media:group", ()):
            for element in group:
                fields[self._name(element)].append(element)
        return fields

    # --- fields -----------------------------------------------------------------------------

    @staticmethod
    def _all(fields: _Fields, names: Iterable[str]) -> Iterator[_Element]:
        return (element for name in names for element in fields.get(name, ()))

    def _first(self, fields: _Fields, names: Iterable[str]) -> str:
        """Return the first of the named texts that says something."""
        return next(filter(None, map(_markup, self._all(fields, names))), "")

    def _date(self, fields: _Fields, names: Iterable[str]) -> datetime | None:
        read = (read_date(element.text or "") for element in self._all(fields, names))
        return next(filter(None, read), None)

    @staticmethod
    def _language(item: _Element, fields: _Fields) -> str | None:
        contents = [*fields.get("content", ()), item]
        spoken = (element.get(f"{_XML}lang") for element in contents)
        return _tag(_text_of(fields.get("dc:language", ())) or next(filter(None, spoken), None))

    def _link(self, fields: _Fields) -> str | None:
        """Return the page of an entry or a feed: RSS writes it into the element, Atom at it."""
        links = fields.get("link", ())
        written = [element for element in links if (element.text or "").strip()]
        if written:
            return self._resolved(written[0], written[0].text.strip())
        pages = [one for one in links if one.get("href") and _is_page(one)]
        best = [one for one in pages if one.get("type", "") in _PAGE_TYPES]
        for page in [*best, *pages]:
            return self._resolved(page, page.get("href").strip())
        for content in fields.get("content", ()):
            if content.get("src"):  # RFC 4287 4.1.3.2
                return self._resolved(content, content.get("src").strip())
        return None

    def _resolved(self, element: _Element, link: str) -> str:
        """Resolve a link against the xml:base around it."""
        base = str(element.base or "") if self._based else ""
        try:
            return urljoin(base, link)
        except ValueError:
            return link


_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def _named(element: _Element) -> str:
    """Return the table's name of an element, by its namespace, else by the prefix it is given."""
    space, _, local = element.tag.rpartition("}")
    if local.lower().endswith("encoded"):
        return "content:encoded"  # Under whatever prefix and address, it is nothing else.
    prefix = element.prefix or ""
    if not space:
        prefix, _, local = local.rpartition(":")  # Not declared.
    known = _PREFIXES.get(space[1:].rstrip("/").lower()) if space else None
    if known is None:
        known = _ALSO.get(prefix.lower(), f"{prefix.lower()}:")
    return f"{known}{local.lower()}"


def _is_page(link: _Element) -> bool:
    return link.get("rel", "").strip().lower() in {"", "alternate"}


def _text_of(elements: Iterable[_Element]) -> str:
    return next(((element.text or "").strip() for element in elements), "")


def _tag(language: str | None) -> str | None:
    """Return a language as BCP 47 writes it; None where it is no language."""
    tag = (language or "").strip().replace("_", "-")
    return tag if 2 <= len(tag) <= _LONGEST_TAG and tag.replace("-", "").isalnum() else None


_LONGEST_TAG: Final = 35


def _markup(element: _Element) -> str:
    """Return the HTML that an element holds, whether it is escaped, in CDATA or bare."""
    if not len(element):
        return (element.text or "").strip()
    if len(element) == 1 and element[0].tag == f"{{{_XHTML}}}div" and not _says_more(element):
        element = element[0]  # It only carries the namespace (RFC 4287 3.1.1.3).
    # What stays in its document is written with the namespaces of that.
    alone = lxml.etree.Element("div")
    alone.text = element.text
    alone.extend(map(deepcopy, element))
    for inner in alone.iter(f"{{{_XHTML}}}*"):
        inner.tag = inner.tag.rpartition("}")[2]
    lxml.etree.cleanup_namespaces(alone)
    written: str = lxml.etree.tostring(alone, encoding="unicode", method="html")
    return written.removeprefix("<div>").removesuffix("</div>").strip()


def _says_more(element: _Element) -> bool:
    """Whether an element says something beside its only child."""
    return bool((element.text or "").strip() or (element[0].tail or "").strip())

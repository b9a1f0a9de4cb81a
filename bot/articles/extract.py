"""From the bytes of a page, or the HTML of a feed, to paragraphs of clean text.

These functions read what strangers wrote, so they are run in the sandbox. trafilatura is given
text only, never an address to fetch; lxml is kept from the network by its own default.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import lxml.etree
import lxml.html
import regex
import trafilatura
from trafilatura.utils import detect_encoding

from bot.articles.clean import folded, without_furniture
from bot.articles.declared import declared
from bot.articles.language import Guess, guessed
from bot.errors import ParseError
from bot.text import clean_text, one_line

LONGEST_TEXT = 300_000
"""Longer texts, in characters, are cut off; the longest of 7,547 real articles has 120,000."""

_LONGEST_FRAGMENT = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What a page says.

    `text` is the story, without furniture, a paragraph a line with an empty line between.
    `language` is what the page claims, in lower case, `guess` what its text shows. `published_at`
    is there only where the page names a time with its zone.
    """

    title: str
    text: str
    language: str | None = None
    guess: Guess | None = None
    published_at: datetime | None = None
    update_notice: bool = False


def read_page(html: bytes, url: str, content_type: str = "") -> PageText:
    """Read the story of a page.

    Args:
        html: the body as it came over the wire, not compressed.
        url: where it was found, for the error only.
        content_type: the header of that name; its charset counts where the bytes allow it.

    Raises:
        ParseError: the bytes are no page of text.
    """
    if not _TEXTUAL.match(content_type):
        raise ParseError(url, f"the page is {content_type.split(';', maxsplit=1)[0]}, not HTML")
    tree = trafilatura.load_html(f"{decoded(html, content_type)}\n")
    if tree is None:
        raise ParseError(url, "the page holds no HTML")
    own = declared(tree)
    # With favor_recall fewer pages lose half of their story; what it lets in is taken out below.
    found = trafilatura.extract(tree, fast=True, favor_recall=True, include_comments=False) or ""
    body = _led(_fuller(found, read_html(own.body)), own.summary)
    cleaned = without_furniture(clean_text(body[:LONGEST_TEXT]), own.headlines)
    return PageText(
        title=own.title,
        text=cleaned.text,
        language=own.language,
        guess=guessed(cleaned.text),
        published_at=own.published_at,
        update_notice=cleaned.update_notice,
    )


_TEXTUAL = regex.compile(r"\s*(?:$|;|text/|application/(?:[\w.]+\+)?(?:xhtml|xml)\b)", regex.I)
_BULLET = regex.compile(r"(?m)^(?:[-•*] )+")


def _fuller(found: str, body: str) -> str:
    """Return the text that was found, or what the page declares as its body where that is far more.

    Some layouts hide most of the story from any reader of HTML, and yet hand it to search engines.
    """
    shown = _BULLET.sub("", found)
    enough = 1.3 * len(shown) + min(500, 4 * len(shown))
    return body if len(body) > enough else shown


def _led(body: str, summary: str) -> str:
    """Return the body with the page's summary before it, where it does not hold that."""
    if not body or not summary or folded(summary) in folded(body):
        return body
    return f"{summary}\n{body}"


# --- encodings --------------------------------------------------------------------------------

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEADER_CHARSET = regex.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", regex.I)
_META_CHARSET = regex.compile(
    rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,100}encoding=[\"']([\w.:-]+)",
    regex.I,
)
# Labels mean more than they say: https://encoding.spec.whatwg.org/#names-and-labels
_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949",
    "big5": "big5hkscs",
}  # fmt: skip


def decoded(body: bytes, content_type: str = "") -> str:
    """Return the text of a page in the encoding that its bytes speak for.

    A byte order mark wins; then UTF-8 where the bytes are valid, since hardly any other text is;
    then what the header and the page declare, as browsers understand it; then a guess.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").removeprefix("\ufeff")
    if b"\0" in body[:200]:
        return body.decode("utf-16-be" if body[:1] == b"\0" else "utf-16-le", "replace")
    if b"\x1b" not in body:
        try:
            return body.decode()
        except UnicodeDecodeError:
            pass
    return _declared_or_guessed(body, content_type)


def _declared_or_guessed(body: bytes, content_type: str) -> str:
    """Decode by the first declared encoding that leaves hardly anything unread."""
    for encoding in [*_labels(body, content_type), *detect_encoding(body), "cp1252"]:
        try:
            text = body.decode(encoding, "replace")
        except LookupError:
            continue
        if text.count("\ufffd") * 1000 <= len(text):
            return text
    return body.decode("utf-8", "replace")


def _labels(body: bytes, content_type: str) -> Iterator[str]:
    """Yield the codecs that the header and the page name."""
    header = _HEADER_CHARSET.search(content_type)
    meta = _META_CHARSET.search(body[:4096])
    named = [header.group(1) if header else "", _ascii(meta)]
    for label in filter(None, named):
        try:
            codec = codecs.lookup(label).name
        except LookupError:
            continue
        if not codec.startswith(("utf-16", "utf-32", "utf-7")):
            yield _WIDER.get(codec, codec)


def _ascii(found: regex.Match[bytes] | None) -> str:
    return (found.group(1) or found.group(2)).decode("ascii", "ignore") if found else ""


# --- the HTML of feeds --------------------------------------------------------------------------

_SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "form",
     "button", "input", "select", "textarea", "video", "audio", "canvas", "figure", "figcaption",
     "head", "title", "nav", "aside", "map")
)  # fmt: skip
_BLOCKS = frozenset(
    ("address", "article", "blockquote", "br", "center", "dd", "details", "div", "dl", "dt",
     "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre",
     "section", "summary", "table", "tbody", "td", "th", "tr", "ul")
)  # fmt: skip
_MARKUP = regex.compile(r"<(?:/?[a-zA-Z][^<>]{0,2000}|!--)|&(?:#\d+|#x[\da-fA-F]+|\w+);")
_ESCAPED_TAG = regex.compile(
    r"</?(?:p|br|a|div|em|strong|b|i|span|img|ul|li|h\d)\b[^<>]*>", regex.I
)
_HIDDEN = regex.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", regex.I)
_EMPTY_LINE = regex.compile(r"\n\s*\n")


def read_html(fragment: str) -> str:
    """Return the words of an HTML fragment as clean text, a paragraph a line.

    Scripts, forms, players, pictures with their captions and what is not shown are left out. Text
    without any markup keeps its paragraphs where empty lines stand between them.
    """
    fragment = fragment[:_LONGEST_FRAGMENT]
    if not _MARKUP.search(fragment):
        return clean_text("\n".join(map(one_line, _EMPTY_LINE.split(fragment))))
    text = _text_of(fragment)
    # Some feeds escape their HTML once too often.
    return _text_of(text) if _ESCAPED_TAG.search(text) else text


def _text_of(fragment: str) -> str:
    """Parse `fragment` and return what is shown of it."""
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    body = f"<div>{clean_text(fragment)}</div>".encode()
    root = lxml.html.document_fromstring(body, parser=parser)
    return clean_text("".join(_shown(root)))


def _shown(root: lxml.html.HtmlElement) -> Iterator[str]:
    """Yield the texts that are shown, with a newline around blocks; without recursion."""
    walk = lxml.etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        ends = "\n" if element.tag in _BLOCKS else ""
        if event == "start":
            yield ends
            if _is_hidden(element):
                walk.skip_subtree()
            else:
                yield _flat(element.text)
        else:
            yield ends + _flat(element.tail)


def _flat(text: str | None) -> str:
    return regex.sub(r"\s+", " ", text) if text else ""


def _is_hidden(element: lxml.html.HtmlElement) -> bool:
    """Whether an element is not shown, or shows something else than words."""
    return (
        element.tag in _SKIPPED
        or element.get("hidden") is not None
        or _HIDDEN.search(element.get("style") or "") is not None
    )

"""From the bytes of a feed to UTF-8 that an XML parser can read.

Publishers declare one encoding and send another, put blanks before the declaration, use HTML's
entities in XML, and write a bare ampersand. All of it is mended here, before any parser sees it, so
that a feed's tree has what only a tolerant parser could find; and nothing of a DOCTYPE is left for
a parser to act on.
"""

from __future__ import annotations

import codecs
import html
import re
import string

from charset_normalizer import from_bytes

MAX_GROWTH = 1 << 20
"""Bytes that the entities of a feed may add to it; honest ones add a few dozen."""

# What XML 1.0 allows of the control characters is tab, line feed and carriage return.
_CONTROLS = bytes(set(range(32)) - {9, 10, 13}) + b"\x7f"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<" and the character after it look without a byte order mark (XML 1.0, appendix F).
_WIDE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)[\"']", re.IGNORECASE)
# Names that mean a larger encoding in practice (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
}
_ENCODING_SAMPLE = 1 << 16
_FEW = 40
_TAGS = re.compile(rb"<[^>]*>")
_PLAIN = re.compile(rb"[\x00-\x7f]{40,}")
_NO_LETTERS = bytes(set(range(128)) - set(string.ascii_letters.encode()))

_START = re.compile(rb"<(?:\?xml|!DOCTYPE|!--|rss\b|feed\b|rdf:RDF\b|html\b)", re.IGNORECASE)
_START_WITHIN = 8192
_DECLARATION = re.compile(rb"(?:\s*(?:<\?xml[^>]*>|<!--.*?-->))+\s*", re.IGNORECASE | re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[(.*?)\]\s*)?>", re.IGNORECASE | re.DOTALL)
_DOCTYPE_WITHIN = 1 << 16
_ROOT = re.compile(rb"\s*<[A-Za-z][^<>]{0,4000}>")
_UNQUOTED = re.compile(rb"(\s[\w:.-]+)\s*=\s*([^\s\"'<>]+)(?=[\s>])")
# Small internal entities only: no file, no parameter, no entity within an entity.
_ENTITY = re.compile(rb"<!ENTITY\s+([A-Za-z][\w.-]*)\s+(?:\"([^\"&%<]*)\"|'([^'&%<]*)')\s*>")
_OUR_OWN = (b"amp", b"lt", b"gt", b"quot", b"apos")
_REFERENCE = re.compile(rb"&(?!amp;|lt;|gt;|quot;|apos;)([A-Za-z][A-Za-z0-9]{0,31});")
# "AT&T", "5 < 6", "<3"; and CDATA, in which they are good.
_BARE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<(?=[\s\d=])"
    rb"|&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)",
    re.DOTALL,
)
_BARE_LESS = re.compile(rb"<[\s\d=]")
_GOOD = (b"&lt;", b"&gt;", b"&amp;", b"&quot;", b"&apos;")
_ESCAPED = {b"&": b"&amp;", b"<": b"&lt;"}


class MendError(Exception):
    """The bytes are made to harm and not to be read."""


def mend(body: bytes, content_type: str) -> bytes:
    """Return `body` as UTF-8 without declaration, DOCTYPE, control characters and slips.

    Raises:
        MendError: its entities grow beyond measure.
    """
    text = _trimmed(to_utf8(body, content_type).translate(None, _CONTROLS))
    text, entities = _without_doctype(text)
    text = _with_bare_escaped(_expanded(text, entities))
    return _without_half_a_tag(_with_quotes_at_root(text))


# --- Encoding -----------------------------------------------------------------------------------


def to_utf8(body: bytes, content_type: str) -> bytes:
    """Return `body` in UTF-8, without a byte order mark.

    A byte order mark is believed first, then the bytes themselves: what can be read as UTF-8 is
    UTF-8, whatever is declared. Of what is declared, a server's blanket Latin-1 or ASCII is
    believed less than the document. What is not declared is guessed at.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _recoded(body[len(mark) :], encoding)
    head = body.lstrip()[:2]
    for sign, encoding in _WIDE:
        if head == sign:
            return _recoded(body.lstrip(), encoding)
    # An escape character means one of the seven-bit encodings, which are all valid UTF-8.
    if b"\x1b" not in body and _is_utf8(body):
        return body
    return _recoded(body, _encoding(body, content_type))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _recoded(body: bytes, encoding: str) -> bytes:
    return body.decode(encoding, "replace").encode("utf-8", "replace")


def _encoding(body: bytes, content_type: str) -> str:
    """Choose among what the document says, what the server says, and a guess."""
    in_document = _DECLARED.search(body[:2000])
    in_header = _CHARSET.search(content_type)
    document = _known(in_document[1].decode("ascii") if in_document else "")
    server = _known(in_header[1] if in_header else "")
    if server in {None, "cp1252", "utf-8"}:
        server = document or server
    if server is not None and server != "utf-8":
        return server
    if _is_nearly_utf8(body):
        return "utf-8"
    return _guessed(body)


def _known(label: str) -> str | None:
    """Return the encoding that `label` means to the web, None where it is none."""
    try:
        name = codecs.lookup(_MEANT.get(label.lower(), label)).name
    except (LookupError, ValueError):
        return None
    return "cp1252" if name in {"iso8859-1", "ascii"} else name


def _is_nearly_utf8(body: bytes) -> bool:
    """Whether there is far more of UTF-8 in `body` than there are slips in it."""
    text = body.decode("utf-8", "replace")
    slips = text.count("\ufffd")
    beyond_ascii = sum(1 for letter in text[:_ENCODING_SAMPLE] if letter > "\x7f")
    return slips * 10 < beyond_ascii


def _guessed(body: bytes) -> str:
    """Guess from the letters of the text, without the markup that is the same everywhere."""
    sample = _TAGS.sub(b" ", body[:_ENCODING_SAMPLE])
    high = len(sample.translate(None, bytes(range(128))))
    if high < _FEW and high * 4 < len(sample.translate(None, _NO_LETTERS)):
        return "cp1252"  # Some accents in a Latin text tell a guesser nothing.
    best = from_bytes(_PLAIN.sub(b" ", sample)).best()
    return best.encoding if best is not None else "cp1252"


# --- What stands before the feed ----------------------------------------------------------------


def _trimmed(text: bytes) -> bytes:
    """Take off blanks, babble, comments and the declaration, which no longer tells the truth."""
    text = text.lstrip()
    if not text.startswith((b"<", b"{", b"[")):
        start = _START.search(text, 0, _START_WITHIN)
        text = text[start.start() :] if start else text
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _without_doctype(text: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """Return the text without its DOCTYPE, and the small entities that this defined."""
    found = _DOCTYPE.search(text, 0, _DOCTYPE_WITHIN)
    if found is None or b"html" in found[0][:20].lower():
        return text, {}
    own = _ENTITY.findall(found[1] or b"")
    entities = {name: double or single for name, double, single in own if name not in _OUR_OWN}
    return text[: found.start()] + text[found.end() :], entities


def _with_quotes_at_root(text: bytes) -> bytes:
    """Put the quotes into <rss version=2.0>: an XML parser gives up on all that follows."""
    root = _ROOT.match(text)
    if root is None:
        return text
    return _UNQUOTED.sub(rb'\1="\2"', root[0]) + text[root.end() :]


def _without_half_a_tag(text: bytes) -> bytes:
    """Take off the tag in which a feed was cut off: </tit would be a slip of another kind."""
    last = text.rfind(b"<")
    return text[:last] if last > max(0, text.rfind(b">")) else text


# --- Ampersands and their like ------------------------------------------------------------------


def _expanded(text: bytes, entities: dict[bytes, bytes]) -> bytes:
    """Put characters for HTML's entities and the document's own; leave unknown ones as text."""
    room = MAX_GROWTH

    def put(found: re.Match[bytes]) -> bytes:
        nonlocal room
        value = entities.get(found[1]) or _of_html(found[1])
        room -= max(0, len(value) - len(found[0]))
        if room < 0:
            raise MendError("its entities grow without measure")
        return value

    return _REFERENCE.sub(put, text) if _REFERENCE.search(text) else text


def _of_html(name: bytes) -> bytes:
    reference = f"&{name.decode('ascii')};"
    value = html.unescape(reference)
    if value == reference:
        return b"&amp;" + name + b";"
    return html.escape(value).encode("utf-8")


def _with_bare_escaped(text: bytes) -> bytes:
    """Escape bare ampersands and less-than signs, but not in CDATA."""
    # To count is quicker than to look closely, and in most feeds nothing is bare.
    if text.count(b"&") == sum(map(text.count, _GOOD)) and not _BARE_LESS.search(text):
        return text
    return _BARE.sub(lambda bare: _ESCAPED.get(bare[0], bare[0]), text)

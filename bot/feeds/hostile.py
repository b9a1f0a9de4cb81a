"""What makes a parser run for minutes, found before a parser sees it.

The limits are those of the measurements in our reliability notes: with 30,000 attributes a parser
ran for 16 seconds, with nesting 200,000 deep for 6. What slips through here is stopped by the
sandbox; here it gets a better sentence, and costs no child.
"""

from __future__ import annotations

import re

MAX_ATTRIBUTES = 1000
MAX_DEPTH = 256

# An attribute takes five bytes at least, so only a long tag can have too many.
_LONG_TAG = re.compile(rb"<[A-Za-z][^<>]{4000,}")
_NO_TAGS = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(rb"<(/?)([A-Za-z][\w:.-]*)[^<>]*?(/?)>")


def fault(text: bytes) -> str | None:
    """Say what makes `text` dangerous to any parser, None where nothing does."""
    if text.count(b"=") <= MAX_ATTRIBUTES:
        return None
    for tag in _LONG_TAG.finditer(text):
        if text.count(b"=", *tag.span()) > MAX_ATTRIBUTES:
            return f"one of its tags has more than {MAX_ATTRIBUTES} attributes"
    return None


def is_too_deep(text: bytes) -> bool:
    """Whether elements are nested deeper than any feed nests them.

    An end tag closes what was left open inside its element, as in HTML, so that an unclosed <br>
    in each of 300 entries does not add up.
    """
    open_tags: list[bytes] = []
    for tag in _TAG.finditer(_NO_TAGS.sub(b"", text)):
        end, name, empty = tag.groups()
        if end:
            _close(open_tags, name)
        elif not empty:
            open_tags.append(name)
            if len(open_tags) > MAX_DEPTH:
                return True
    return False


def _close(open_tags: list[bytes], name: bytes) -> None:
    for at in range(len(open_tags) - 1, -1, -1):
        if open_tags[at] == name:
            del open_tags[at:]
            return

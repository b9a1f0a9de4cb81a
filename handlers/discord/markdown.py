r"""Text from outside as text, whatever Discord's markdown could make of it.

Discord reads a message from left to right; a backslash before any ASCII character that is neither
letter, digit nor space makes that character plain text
(https://support.discord.com/hc/en-us/articles/210298617). `discord.utils.escape_markdown` leaves
links, mentions, times, headings and shortcodes alone, so this is our own. The one place where
backslashes are not read is the label of a masked link: see `link` and `escape_below_link`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.model import Passage, Span
from bot.text import one_line, shorten, utf16_length

# Emphasis, spoilers, code, quotes, headings, mentions, times, custom emoji and masked links begin
# with one of the first group; `://` makes a bare link, `:name:` an emoji, and a host with a path
# can be an invitation (discord.gg/…), which Discord finds in the raw text.
_LIVE = re.compile(r"[\\*_~`|<>\[\]#@]|:(?=//|[\w+~-]+:)|(?<=\w)/(?=\w)")
_PERHAPS_LIVE = re.compile(r"[\\*_~`|<>\[\]#@:/]")
_LIST = re.compile(r"^([-+]|\d+(?=[.)]))")
_LINK_ENDS = {ord("("): "%28", ord(")"): "%29", ord("\\"): "%5C"}
_BRACKETS = str.maketrans("[]", "()")
_MOST_MARKS = 20


def escape(text: str) -> str:
    """Return `text` so that Discord shows exactly it; `text` has one line."""
    return _no_list(_inner(text))


def escape_below_link(text: str) -> str:
    r"""Return `text` escaped, to stand after a masked link of ours.

    Discord lets the label of a link run on to the last bracket that could end it, whatever stands
    before that bracket: `[ours](…) theirs\](evil)` is one link to evil. So brackets become
    parentheses below a link.
    """
    return escape(text.translate(_BRACKETS))


def cost(text: str) -> int:
    """Return the most characters that `text` can have once it is escaped, in UTF-16 units.

    Discord does not say in what it counts; UTF-16 units are never fewer than code points. The cost
    of a text is the sum of the costs of its parts.
    """
    return utf16_length(text) + len(_PERHAPS_LIVE.findall(text))


def fit(text: str, limit: int) -> str:
    """Return `text` cleaned, on one line and short enough to have `limit` characters escaped."""
    return shorten(one_line(text), limit - 1, measure=cost)


def link(label: str, url: str) -> str:
    """Return a masked link.

    Discord finds the end of the label without regard to backslashes, so brackets in it would let a
    label carry a link of its own; they become parentheses.
    """
    return f"[{escape_below_link(label)}]({url.translate(_LINK_ENDS)})"


def mark(passage: Passage, limit: int) -> str:
    """Return the passage escaped, its marks bold, in at most `limit` characters and the bold signs.

    The signs are at most `MARKS_COST` characters.
    """
    whole = one_line(passage.text)
    text = shorten(whole, limit - 1, measure=cost)
    kept = len(text) if text == whole else _shared(text, whole)
    clean = whole == passage.text
    moved = (span if clean else _moved(passage.text, span) for span in passage.marks)
    pieces, at = [], 0
    for start, end in _apart(text, moved, kept):
        pieces += [_inner(text[at:start]), f"**{_inner(text[start:end])}**"]
        at = end
    return _no_list("".join([*pieces, _inner(text[at:])]))


def mark_below_link(passage: Passage, limit: int) -> str:
    """Return what `mark` returns, to stand after a masked link of ours; see `escape_below_link`."""
    return mark(Passage(passage.text.translate(_BRACKETS), passage.marks), limit)


MARKS_COST = 4 * _MOST_MARKS


def _inner(text: str) -> str:
    """Escape what is live anywhere in a line."""
    return _LIVE.sub(r"\\\g<0>", text)


def _no_list(line: str) -> str:
    """Keep a line from being an item of a list."""
    return _LIST.sub(lambda found: _escape_item(found.group()), line)


def _escape_item(item: str) -> str:
    """Put the backslash before the sign of a list, which follows the number where there is one."""
    return f"{item}\\" if item.isdecimal() else f"\\{item}"


def _shared(text: str, whole: str) -> int:
    """Return how many characters `text`, a shortened `whole`, has from it."""
    differing = (at for at, pair in enumerate(zip(text, whole, strict=False)) if len(set(pair)) > 1)
    return next(differing, min(len(text), len(whole)))


def _moved(raw: str, span: Span) -> Span:
    """Return where a span of `raw` stands once `raw` is on one line."""
    start, end = (min(max(at, 0), len(raw)) for at in span)
    return Span(len(one_line(raw[:start] + "x")) - 1, len(one_line(raw[:end])))


def _apart(text: str, spans: Iterable[Span], kept: int) -> Sequence[Span]:
    """Return the spans in order, without white space at their ends, the touching ones as one.

    Two bold runs that touch would show their asterisks.
    """
    merged: list[Span] = []
    for start, end in sorted(_trimmed(text, span, kept) for span in spans):
        if start >= end:
            continue
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Span(start, end))
    return merged[:_MOST_MARKS]


def _trimmed(text: str, span: Span, kept: int) -> Span:
    """Return the span within the kept text, without the white space at its ends."""
    start, end = max(span.start, 0), min(span.end, kept)
    inside = text[start:end]
    return Span(
        start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())
    )

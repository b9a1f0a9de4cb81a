"""The elements of Slack's rich text, which show words as they are. Pure.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.model import CardLine, Passage, Span
from bot.text import ELLIPSIS, clean_text, domain_of, one_line, safe_link, shorten
from handlers.slack.payloads import Json

# All are our own: a card is compact.
PASSAGE_LENGTH = 600
PASSAGES = 4
MARKS = 20
LINE_LENGTH = 320
LINES_PER_BLOCK = 12
MENTIONS = 20

_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")


def rich_text(element: Json) -> Json:
    """Return a block with one element."""
    return {"type": "rich_text", "elements": [element]}


def section(*elements: Json) -> Json:
    """Return a paragraph."""
    return {"type": "rich_text_section", "elements": list(elements)}


def words(text: str, *, bold: bool = False) -> Json:
    """Return words."""
    style: Json = {"style": {"bold": True}} if bold else {}
    return {"type": "text", "text": text, **style}


def link(text: str, url: str, *, bold: bool = False) -> Json:
    """Return words that lead somewhere."""
    style: Json = {"style": {"bold": True}} if bold else {}
    return {"type": "link", "url": url, "text": text, **style}


def quote(passages: Sequence[Passage]) -> list[Json]:
    """Return passages as one quotation."""
    shown = [parts for one in passages[:PASSAGES] if (parts := passage(one))]
    if not shown:
        return []
    elements = shown[0]
    for parts in shown[1:]:
        elements = [*elements, words("\n\n"), *parts]
    return [rich_text({"type": "rich_text_quote", "elements": elements})]


def passage(given: Passage, limit: int = PASSAGE_LENGTH) -> list[Json]:
    """Return the words of a passage, the marked ones bold."""
    clean = clean_text(given.text)
    # Where cleaning moved the words, marks would stand in the wrong places: better none.
    marks = given.marks if clean == given.text else ()
    short = shorten(clean, limit)
    kept = len(short if short == clean else short.removesuffix(ELLIPSIS).rstrip())
    elements, at = [], 0
    for start, end in _disjoint(marks, kept)[:MARKS]:
        elements += [words(short[at:start]), words(short[start:end], bold=True)]
        at = end
    return [element for element in (*elements, words(short[at:])) if element["text"]]


def _disjoint(marks: Iterable[Span], length: int) -> list[Span]:
    """Return the marks in order, within the text, and without overlaps."""
    disjoint: list[Span] = []
    at = 0
    for start, end in sorted(marks):
        span = Span(max(start, at, 0), min(end, length))
        if span.start < span.end:
            disjoint.append(span)
            at = span.end
    return disjoint


def listed(lines: Sequence[CardLine], most: int, *, names: bool) -> list[Json]:
    """Return lines as a list, `most` of them; `names` shows the people and channels of each."""
    said = [line for line in lines if one_line(line.text) or line.users or line.channels]
    shown, left_out = said[:most], sum(not line.heading for line in said[most:])
    if left_out:
        shown.append(CardLine(text=f"and {left_out} more"))
    runs = groupby(shown, key=lambda line: line.heading)
    return [
        rich_text(element)
        for heading, run in runs
        for element in (_headings(run) if heading else _bullets(run, names=names))
    ]


def marked(marks: Sequence[CardLine], most: int, *, names: bool) -> list[Json]:
    """Return what people did with a card, a line each."""
    lines = [elements for line in marks[:most] if (elements := _line(line, names=names))]
    parts = [part for elements in lines for part in (words("\n"), *elements)][1:]
    return [rich_text(section(*parts))] if parts else []


def _headings(lines: Iterable[CardLine]) -> Iterator[Json]:
    for line in lines:
        yield section(words(shorten(one_line(line.text), LINE_LENGTH), bold=True))


def _bullets(lines: Iterable[CardLine], *, names: bool) -> Iterator[Json]:
    items = [section(*elements) for line in lines if (elements := _line(line, names=names))]
    for at in range(0, len(items), LINES_PER_BLOCK):
        part = items[at : at + LINES_PER_BLOCK]
        yield {"type": "rich_text_list", "style": "bullet", "elements": part}


def _line(line: CardLine, *, names: bool) -> list[Json]:
    said = shorten(one_line(line.text), LINE_LENGTH)
    mentions = list(_mentions(line)) if names else []
    parts = _linked(said, line.url) if said else []
    return [*parts, words(" "), *mentions] if parts and mentions else parts or mentions


def _linked(text: str, url: str | None) -> list[Json]:
    """Return a link with the domain it leads to beside it, so that its words cannot deceive."""
    target = safe_link(url) if url else None
    return [link(text, target), words(f"  {domain_of(target)}")] if target else [words(text)]


def _mentions(line: CardLine) -> Iterator[Json]:
    """Yield the people and channels, between them commas; what is no id of Slack's is left out."""
    people = [one for one in line.users if _PERSON.fullmatch(one)]
    channels = [one for one in line.channels if _CHANNEL.fullmatch(one)]
    named: list[Json] = [
        *({"type": "user", "user_id": one} for one in people),
        *({"type": "channel", "channel_id": one} for one in channels),
    ]
    for number, element in enumerate(named[:MENTIONS]):
        if number:
            yield words(", ")
        yield element
    if len(named) > MENTIONS:
        yield words(f" and {len(named) - MENTIONS} more")

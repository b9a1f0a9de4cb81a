"""Card to Slack blocks. Pure.

Whatever comes from a feed stands in rich_text elements or in plain_text. Both show text as it is:
they have no markup in which it could format, link, ping or turn into an emoji, and so nothing in
them needs escaping. mrkdwn is used for the date alone and for the fallback text of notifications,
where & < > are escaped: https://docs.slack.dev/messaging/formatting-message-text#escaping
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from itertools import groupby
from typing import Any, NamedTuple

from bot.model import Button, Card, CardItem, CardLine, Passage, Span, Urgency
from bot.text import ELLIPSIS, clean_text, domain_of, one_line, safe_link, shorten

Json = dict[str, Any]

# https://docs.slack.dev/reference/methods/chat.postMessage: text beyond 4,000 has been posted in
# several parts (https://github.com/slackapi/bolt-python/issues/764).
TEXT_LENGTH = 3_000
# https://docs.slack.dev/reference/block-kit/composition-objects/text-object
TEXT_OBJECT_LENGTH = 3_000
# https://docs.slack.dev/reference/block-kit/blocks
MESSAGE_BLOCKS = 50
# https://docs.slack.dev/reference/block-kit/blocks/context-block
CONTEXT_ELEMENTS = 10
# https://docs.slack.dev/reference/block-kit/block-elements/button-element
BUTTON_LABEL_LENGTH = 75
BUTTON_VALUE_LENGTH = 2_000
ACTION_ID_LENGTH = 255
# All blocks together are refused with msg_blocks_too_long from some 13,200 characters on, which
# Slack does not document: https://github.com/slackapi/bolt-js/issues/2509
BLOCKS_LENGTH = 12_000
# The rest are our own: a card is compact.
TITLE_LENGTH = 300
PASSAGE_LENGTH = 600
PASSAGES = 4
MARKS = 20
CONTEXT_LENGTH = 500
NOTES = 4
LINE_LENGTH = 320
LINES = (24, 12, 6, 2, 0)
"""How many lines a list shows: the first number with which the message is not too long."""
LINES_PER_BLOCK = 12
ITEMS = 10
ITEM_PASSAGES = (300, 300, 200, 100, 0)
"""How long the sentence of a found article may be, beside each number of LINES."""
BUTTONS = 4

ACTION_PREFIX = "redline:"
UNTITLED = "Untitled"
SEPARATOR = " · "
HANGING = "\u00a0· "
"""A separator that no line begins with."""


class Layout(NamedTuple):
    """A message as Slack takes it: the text of notifications, and the blocks."""

    text: str
    blocks: list[Json]


def layout(card: Card, *, plain: bool = False) -> Layout:
    """Lay a card out for Slack.

    Args:
        card: what people are to see.
        plain: lay out the smallest form: one section of plain text, without any link, markup or
            button that Slack could have refused.
    """
    if plain:
        return Layout(_fallback(card), [_plain_section(card)])
    layouts = (_blocks(card, *room) for room in zip(LINES, ITEM_PASSAGES, strict=True))
    blocks = next(filter(_fit, layouts), None) or [_plain_section(card)]
    return Layout(_fallback(card), blocks)


def escape(text: str) -> str:
    """Escape text for mrkdwn: the three characters that Slack reads, and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(card: Card, lines: int, passage: int) -> list[Json]:
    return [
        _headline(card),
        *_byline(card),
        *_quote(card.summary),
        *_articles(card.items, passage),
        *_list(card.lines, lines),
        *_context("Why: ", card.why),
        *(block for note in card.notes[:NOTES] for block in _context("", (note,))),
        *_actions(card.buttons),
    ]


def _fit(blocks: list[Json]) -> bool:
    length = len(json.dumps(blocks, ensure_ascii=False))
    return length <= BLOCKS_LENGTH and len(blocks) <= MESSAGE_BLOCKS


# --- rich text --------------------------------------------------------------------------------


def _headline(card: Card) -> Json:
    elements: list[Json] = []
    if card.urgency is Urgency.CRITICAL:
        elements = [{"type": "emoji", "name": "rotating_light"}, _text(" Critical  ", bold=True)]
    title = shorten(one_line(card.title), TITLE_LENGTH) or UNTITLED
    link = safe_link(card.url) if card.url else None
    elements.append(_link(title, link, bold=True) if link else _text(title, bold=True))
    return _rich_text({"type": "rich_text_section", "elements": elements})


def _linked(text: str, url: str | None) -> list[Json]:
    """Return a link with the domain it leads to beside it, so that its words cannot deceive."""
    link = safe_link(url) if url else None
    return [_link(text, link), _text(f"  {domain_of(link)}")] if link else [_text(text)]


def _link(text: str, link: str, *, bold: bool = False) -> Json:
    style: Json = {"style": {"bold": True}} if bold else {}
    return {"type": "link", "url": link, "text": text, **style}


def _quote(passages: Sequence[Passage]) -> list[Json]:
    shown = [parts for passage in passages[:PASSAGES] if (parts := _passage(passage))]
    if not shown:
        return []
    elements = shown[0]
    for parts in shown[1:]:
        elements = [*elements, _text("\n\n"), *parts]
    return [_rich_text({"type": "rich_text_quote", "elements": elements})]


def _passage(passage: Passage, limit: int = PASSAGE_LENGTH) -> list[Json]:
    """Return the words of a passage, the marked ones bold."""
    clean = clean_text(passage.text)
    # Where cleaning moved the words, marks would stand in the wrong places: better none.
    marks = passage.marks if clean == passage.text else ()
    short = shorten(clean, limit)
    kept = len(short if short == clean else short.removesuffix(ELLIPSIS).rstrip())
    elements, at = [], 0
    for start, end in _disjoint(marks, kept)[:MARKS]:
        elements += [_text(short[at:start]), _text(short[start:end], bold=True)]
        at = end
    return [element for element in (*elements, _text(short[at:])) if element["text"]]


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


def _articles(items: Sequence[CardItem], passage: int) -> list[Json]:
    """Lay out articles that were looked up, each as a small card."""
    blocks = [block for item in items[:ITEMS] for block in _article(item, passage)]
    if len(items) > ITEMS:
        blocks.append(_rich_text(_section(_text(f"and {len(items) - ITEMS} more"))))
    return blocks


def _article(item: CardItem, passage: int) -> list[Json]:
    said = _passage(item.passage, passage) if item.passage and passage else []
    quote = [_rich_text({"type": "rich_text_quote", "elements": said})] if said else []
    card = Card(title=item.title, url=item.url, source=item.source, published_at=item.published_at)
    return [_headline(card), *_byline(card), *quote]


def _list(lines: Sequence[CardLine], most: int) -> list[Json]:
    said = [line for line in lines if one_line(line.text)]
    shown, left_out = said[:most], sum(not line.heading for line in said[most:])
    if left_out:
        shown.append(CardLine(text=f"and {left_out} more"))
    runs = groupby(shown, key=lambda line: line.heading)
    return [
        _rich_text(element)
        for heading, run in runs
        for element in (_headings(run) if heading else _bullets(run))
    ]


def _headings(lines: Iterable[CardLine]) -> Iterator[Json]:
    for line in lines:
        yield _section(_text(shorten(one_line(line.text), LINE_LENGTH), bold=True))


def _bullets(lines: Iterable[CardLine]) -> Iterator[Json]:
    items = [_item(line) for line in lines]
    for at in range(0, len(items), LINES_PER_BLOCK):
        part = items[at : at + LINES_PER_BLOCK]
        yield {"type": "rich_text_list", "style": "bullet", "elements": part}


def _item(line: CardLine) -> Json:
    return _section(*_linked(shorten(one_line(line.text), LINE_LENGTH), line.url))


def _section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def _rich_text(element: Json) -> Json:
    return {"type": "rich_text", "elements": [element]}


def _text(text: str, *, bold: bool = False) -> Json:
    style: Json = {"style": {"bold": True}} if bold else {}
    return {"type": "text", "text": text, **style}


# --- context and controls ---------------------------------------------------------------------


def _byline(card: Card) -> list[Json]:
    """Return source, the link's own domain, time and status as one small line.

    The domain is taken from the link, so that no title and no source can claim another.
    """
    link = safe_link(card.url) if card.url else None
    facts = [
        _plain(one_line(card.source), CONTEXT_LENGTH),
        _plain(domain_of(link) if link else "", CONTEXT_LENGTH),
        _date(card),
        _plain(one_line(card.status), CONTEXT_LENGTH),
    ]
    elements = [fact for fact in facts if fact["text"]]
    for element in elements[:-1]:
        element["text"] += " ·"
    return [{"type": "context", "elements": elements}] if elements else []


def _date(card: Card) -> Json:
    """Return the time in the zone and language of whoever reads it.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    if card.published_at is None:
        return _plain("", 1)
    seconds = int(card.published_at.timestamp())
    text = f"<!date^{seconds}^{{date_short_pretty}} {{time}}|{_written_date(card)}>"
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _written_date(card: Card) -> str:
    if card.published_at is None:
        return ""
    return card.published_at.astimezone(UTC).strftime("%d %b %Y %H:%M UTC")


def _context(label: str, lines: Iterable[str]) -> list[Json]:
    said = HANGING.join(_said("", lines))
    if not said:
        return []
    return [{"type": "context", "elements": [_plain(label + said, CONTEXT_LENGTH)]}]


def _plain(text: str, limit: int) -> Json:
    return {"type": "plain_text", "text": shorten(text, limit), "emoji": False}


def _actions(buttons: Sequence[Button]) -> list[Json]:
    shown = {action_id(button): button for button in buttons}
    elements = [
        {
            "type": "button",
            "action_id": name,
            "value": button.target,
            "text": _plain(one_line(button.label) or button.action, BUTTON_LABEL_LENGTH),
        }
        for name, button in shown.items()
        if len(name) <= ACTION_ID_LENGTH
    ]
    return [{"type": "actions", "elements": elements[:BUTTONS]}] if elements else []


def action_id(button: Button) -> str:
    """Return the name under which Slack reports that a button was pressed."""
    return f"{ACTION_PREFIX}{button.action}:{button.target}"


# --- words alone ------------------------------------------------------------------------------


def _fallback(card: Card) -> str:
    """Return the text that notifications show and that screen readers read."""
    return escape(shorten(_words(card), TEXT_LENGTH, measure=lambda part: len(escape(part))))


def _plain_section(card: Card) -> Json:
    link = safe_link(card.url) if card.url else None
    room = TEXT_OBJECT_LENGTH - (len(link) + 1 if link else 0)
    text = shorten(_words(card), room) + (f"\n{link}" if link else "")
    return {"type": "section", "text": _plain(text, TEXT_OBJECT_LENGTH)}


def _words(card: Card) -> str:
    critical = "Critical: " if card.urgency is Urgency.CRITICAL else ""
    link = safe_link(card.url) if card.url else None
    domain = f" ({domain_of(link)})" if link else ""
    byline = SEPARATOR.join(filter(None, (card.source, _written_date(card), card.status)))
    said = (
        f"{critical}{one_line(card.title) or UNTITLED}{domain}",
        *_said("", [byline]),
        *_said("", [passage.text for passage in card.summary]),
        *(line for item in card.items for line in _found(item)),
        *(
            words
            for line in card.lines
            for words in _said("" if line.heading else "• ", [line.text])
        ),
        *_said("Why: ", [SEPARATOR.join(_said("", card.why))]),
        *_said("", card.notes),
    )
    return "\n".join(said)


def _found(item: CardItem) -> list[str]:
    link = safe_link(item.url) if item.url else None
    domain = f" ({domain_of(link)})" if link else ""
    title = f"{one_line(item.title) or UNTITLED}{domain}"
    return _said("• ", [SEPARATOR.join(filter(None, (title, one_line(item.source))))])


def _said(label: str, lines: Iterable[str]) -> list[str]:
    """Return the lines that say anything, each on one line and after the label."""
    return [label + line for raw in lines if (line := one_line(raw))]

"""Card to Slack blocks. Pure.

Whatever comes from a feed stands in rich_text elements or in plain_text. Both show text as it is:
they have no markup in which it could format, link, ping or turn into an emoji, and so nothing in
them needs escaping. mrkdwn is used for the date alone and for the fallback text of notifications,
where & < > are escaped: https://docs.slack.dev/messaging/formatting-message-text#escaping

Slack does not say in what it counts its limits; they are kept in UTF-16 units, which are never
fewer than characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import NamedTuple

from bot.model import Button, Card, CardItem, Document, Picture, Urgency
from bot.text import clean_text, domain_of, one_line, safe_link, shorten, utf16_length
from handlers.slack import rich
from handlers.slack.payloads import Json

# https://docs.slack.dev/reference/methods/chat.postMessage: text beyond 4,000 has been posted in
# several parts (https://github.com/slackapi/bolt-python/issues/764).
TEXT_LENGTH = 3_000
# https://docs.slack.dev/reference/block-kit/composition-objects/text-object
TEXT_OBJECT_LENGTH = 3_000
# https://docs.slack.dev/reference/block-kit/blocks
MESSAGE_BLOCKS = 50
# https://docs.slack.dev/reference/block-kit/blocks/context-block
CONTEXT_ELEMENTS = 10
# https://docs.slack.dev/reference/block-kit/blocks/image-block
ALT_LENGTH = 2_000
# https://docs.slack.dev/reference/block-kit/block-elements/button-element
BUTTON_LABEL_LENGTH = 75
BUTTON_VALUE_LENGTH = 2_000
ACTION_ID_LENGTH = 255
# All blocks together are refused with msg_blocks_too_long from some 13,200 characters on, which
# Slack does not document: https://github.com/slackapi/bolt-js/issues/2509
BLOCKS_LENGTH = 12_000
# The rest are our own: a card is compact.
TITLE_LENGTH = 300
CONTEXT_LENGTH = 500
NOTES = 4
WHYS = 4
LINES = (24, 12, 6, 2, 0)
"""How many lines a list shows: the first number with which the message is not too long."""
ITEMS = 10
ITEM_PASSAGES = (300, 300, 200, 100, 0)
"""How long the sentence of a found article may be, beside each number of LINES."""
DOCUMENT_LENGTH = 2_900
"""A document up to this length is shown; a longer one is sent as a file."""
DOCUMENT_LENGTHS = (DOCUMENT_LENGTH, DOCUMENT_LENGTH, 1_500, 700, 300)
"""How much of a document is shown, beside each number of LINES."""
BUTTONS = 10

ACTION_PREFIX = "redline:"
UNTITLED = "Untitled"
SEPARATOR = " · "
HANGING = "\u00a0· "
"""A separator that no line begins with."""


# Lines, characters of a passage, and characters of a document.
_VIEW_ROOM = (60, ITEM_PASSAGES[0], DOCUMENT_LENGTH)


class Layout(NamedTuple):
    """A message as Slack takes it: the text of notifications, and the blocks."""

    text: str
    blocks: list[Json]


class _Room(NamedTuple):
    """How much a card may show of what it lists; `names` shows people and channels, too."""

    lines: int
    passage: int
    document: int
    names: bool


def layout(
    card: Card, *, plain: bool = False, names: bool = True, picture: str = "", view: bool = False
) -> Layout:
    """Lay a card out for Slack.

    Args:
        card: what people are to see.
        plain: lay out the smallest form: one section of plain text, without any link, markup or
            button that Slack could have refused.
        names: name the people and channels of its lines. A message that is new pings whom it
            names, an edit and a private answer do not.
        picture: the id of the file that is the card's picture; without it its words are shown.
        view: lay it out for a window or the App Home, which are looked at on purpose and show more.
    """
    if plain:
        return Layout(_fallback(card), [_plain_section(card)])
    every = zip(LINES, ITEM_PASSAGES, DOCUMENT_LENGTHS, strict=True)
    rooms = [_VIEW_ROOM, *every] if view else [*every]
    layouts = (_blocks(card, _Room(*room, names), picture) for room in rooms)
    blocks = next(filter(_fit, layouts), None) or [_plain_section(card)]
    return Layout(_fallback(card), blocks)


def escape(text: str) -> str:
    """Escape text for mrkdwn: the three characters that Slack reads, and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(card: Card, room: _Room, picture: str) -> list[Json]:
    return [
        _headline(card),
        *_byline(card),
        *(_picture(card.picture, picture) if card.picture else ()),
        *rich.quote(card.summary),
        *_articles(card.items, room.passage),
        *rich.listed(card.lines, room.lines, names=room.names),
        *(_document(card.document, room.document) if card.document else ()),
        *_context("Why: ", _whys(card.why)),
        *(block for note in card.notes[:NOTES] for block in _context("", (note,))),
        *rich.marked(card.marks, max(room.lines, 2), names=room.names),
        *_actions(card.buttons),
    ]


def _fit(blocks: list[Json]) -> bool:
    length = utf16_length(json.dumps(blocks, ensure_ascii=False))
    return length <= BLOCKS_LENGTH and len(blocks) <= MESSAGE_BLOCKS


def _headline(card: Card) -> Json:
    elements: list[Json] = []
    if card.urgency is Urgency.CRITICAL:
        mark = {"type": "emoji", "name": "rotating_light"}
        elements = [mark, rich.words(" Critical  ", bold=True)]
    title = shorten(one_line(card.title), TITLE_LENGTH) or UNTITLED
    link = safe_link(card.url) if card.url else None
    shown = rich.link(title, link, bold=True) if link else rich.words(title, bold=True)
    return rich.rich_text(rich.section(*elements, shown))


def _articles(items: Sequence[CardItem], passage: int) -> list[Json]:
    """Lay out articles that were looked up, each as a small card."""
    blocks = [block for item in items[:ITEMS] for block in _article(item, passage)]
    if len(items) > ITEMS:
        more = rich.words(f"and {len(items) - ITEMS} more")
        blocks.append(rich.rich_text(rich.section(more)))
    return blocks


def _article(item: CardItem, passage: int) -> list[Json]:
    said = rich.passage(item.passage, passage) if item.passage and passage else []
    quote = [rich.rich_text({"type": "rich_text_quote", "elements": said})] if said else []
    card = Card(title=item.title, url=item.url, source=item.source, published_at=item.published_at)
    return [_headline(card), *_byline(card), *quote]


def _picture(picture: Picture, file: str) -> list[Json]:
    """Return the picture; where it could not be uploaded, the words for those who see none."""
    alt = shorten(one_line(picture.alt), ALT_LENGTH) or "A picture"
    if not file:
        return _context("", (picture.alt,))
    return [{"type": "image", "slack_file": {"id": file}, "alt_text": alt}]


def _document(document: Document, limit: int) -> list[Json]:
    shown = shorten(document.text, limit)
    if not shown.strip():
        return []
    name = one_line(document.name)
    block = {"type": "rich_text_preformatted", "elements": [rich.words(shown)]}
    cut = f"{name} is cut off here" if shown != document.text else name
    return [rich.rich_text(block), *_context("", (cut,))]


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


def _whys(lines: Sequence[str]) -> list[str]:
    """Return the reasons, each with its part of the room, so that a long one hides no other."""
    said = _said("", lines)
    room = CONTEXT_LENGTH // min(len(said) or 1, WHYS) - len(HANGING) - len("and 99 more")
    more = [f"and {len(said) - WHYS} more"] if len(said) > WHYS else []
    return [*(shorten(line, room) for line in said[:WHYS]), *more]


def _context(label: str, lines: Iterable[str]) -> list[Json]:
    said = HANGING.join(_said("", lines))
    if not said:
        return []
    return [{"type": "context", "elements": [_plain(label + said, CONTEXT_LENGTH)]}]


def _plain(text: str, limit: int) -> Json:
    return {
        "type": "plain_text",
        "text": shorten(text, limit, measure=utf16_length),
        "emoji": False,
    }


def _actions(buttons: Sequence[Button]) -> list[Json]:
    shown = {action_id(button): button for button in buttons}
    elements = [
        {
            "type": "button",
            "action_id": name,
            "value": button.target,
            "text": _plain(one_line(button.label) or button.action, BUTTON_LABEL_LENGTH),
            **_style(button),
        }
        for name, button in shown.items()
        if len(name) <= ACTION_ID_LENGTH
    ]
    return [{"type": "actions", "elements": elements[:BUTTONS]}] if elements else []


def _style(button: Button) -> Json:
    if button.danger:
        return {"style": "danger"}
    return {"style": "primary"} if button.main else {}


def action_id(button: Button) -> str:
    """Return the name under which Slack reports that a button was pressed."""
    return f"{ACTION_PREFIX}{button.action}:{button.target}"


# --- words alone ------------------------------------------------------------------------------


def _fallback(card: Card) -> str:
    """Return the text that notifications show and that screen readers read."""
    return escape(
        shorten(_words(card), TEXT_LENGTH, measure=lambda part: utf16_length(escape(part)))
    )


def _plain_section(card: Card) -> Json:
    link = safe_link(card.url) if card.url else None
    room = TEXT_OBJECT_LENGTH - (len(link) + 1 if link else 0)
    text = shorten(_words(card), room, measure=utf16_length) + (f"\n{link}" if link else "")
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
        *([card.picture.alt] if card.picture else ()),
        *([clean_text(card.document.text)] if card.document else ()),
        *_said("Why: ", [SEPARATOR.join(_said("", card.why))]),
        *_said("", card.notes),
        *_said("", [line.text for line in card.marks]),
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

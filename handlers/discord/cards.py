"""Card → what Discord shows: an embed and a row of buttons, or plain content. All of it is pure.

Limits: https://docs.discord.com/developers/resources/message#embed-object-embed-limits and
https://docs.discord.com/developers/components/reference#button. They are counted in UTF-16 units,
escapes included, the strictest way in which Discord may count them.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import Action, Button, Card, CardItem, CardLine, Document, Picture, Urgency
from bot.text import one_line, safe_link, shorten, utf16_length
from handlers.discord import markdown

CONTENT = 2_000
TITLE = 256
DESCRIPTION = 4_096
FOOTER = 2_048
EMBED_SUM = 6_000
BUTTONS = 25
"""Five rows of five."""
LABEL = 80
CUSTOM_ID = 100

# Our own, smaller ones: a card is compact. Together with the bold signs they stay below
# DESCRIPTION and leave what is not used to the lines of a list.
_QUOTES, _QUOTE = 3, 700
_WHYS, _WHY = 4, 200
_NOTES, _NOTE = 3, 150
_LINE = 320
_STATUS = 300
_FACT = 120
_PLAIN_URL = 700
_MARKS, _MARK = 3, 80
_NAMED = (10, 5, 2, 0)
"""How many people and channels a line names: the first number with which all marks fit."""
_ITEMS = 10
_FOUND = (300, 200, 100, 0)
"""How long the sentence of a found article may be: the first number with which all fit."""
_FOUND_TITLE = 150
_FOUND_SOURCE = 80
_FOUND_URL = 300
"""A longer address is not linked: five of them would leave no room for what they are about."""

COLOURS = {
    Urgency.DIGEST: 0x667085,
    Urgency.NOW: 0x2E6FDB,
    Urgency.CRITICAL: 0xD92D20,
}

TEMPLATE = re.compile(
    r"redline:(?P<action>[a-z]+):(?P<target>[a-z0-9._-]{1,55})(?::(?P<key>[a-z2-7]{1,25}))?"
)
"""A button's custom_id: what to do, with what, and the key of the message where the target is
another. Together they have at most CUSTOM_ID characters for an action of up to 10."""


_ID = re.compile(r"[0-9]{1,20}")
_KEY = re.compile(r"[a-z2-7]{1,25}")
PICTURE = "picture.png"
_LONGEST_NAME = 80
_FILE_NAME = re.compile(r"[^\w.-]+", re.ASCII)


class Weight(enum.Enum):
    """How a button stands out."""

    PLAIN = enum.auto()
    MAIN = enum.auto()
    DANGER = enum.auto()


@dataclass(frozen=True, slots=True)
class Press:
    """A button as Discord gets it."""

    custom_id: str
    label: str
    weight: Weight = Weight.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedText:
    """An embed, every part escaped as far as Discord reads markdown there.

    Discord reads markdown in titles and descriptions, and none in authors and footers.
    """

    title: str
    url: str | None = None
    description: str = ""
    author: str = ""
    footer: str = ""
    colour: int = COLOURS[Urgency.NOW]
    timestamp: datetime | None = None
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as Discord gets it: content or an embed, its buttons, and what goes with it."""

    content: str | None = None
    embed: EmbedText | None = None
    buttons: tuple[Press, ...] = ()
    picture: Picture | None = None
    document: Document | None = None


def render(card: Card, *, key: str = "", plain: bool = False) -> Rendered:
    """Lay a card out as a message.

    With a `key` the message can be found again by `carries`: the key stands in the custom_id of a
    button, the only part of a message that Discord keeps as it is and that no moderator can take
    away (embeds can be hidden, and whether a nonce is kept is not documented). A message without
    buttons therefore gets the button that explains it.
    """
    buttons = _buttons(card.buttons, key)
    if plain:
        return Rendered(content=_content(card), buttons=buttons)
    return Rendered(
        embed=_embed(card),
        buttons=buttons,
        picture=card.picture,
        document=_document(card.document) if card.document else None,
    )


def key_on(custom_ids: Iterable[str]) -> str:
    """Return the key that marks a message with these buttons, the empty string where none does."""
    found = filter(None, map(TEMPLATE.fullmatch, custom_ids))
    keys = (one["key"] or one["target"] for one in found)
    return next((key for key in keys if _KEY.fullmatch(key)), "")


def origin_on(custom_ids: Iterable[str]) -> str:
    """Return what buttons carry of the message that they are about; may be empty."""
    found = filter(None, map(TEMPLATE.fullmatch, custom_ids))
    return next((one["key"] for one in found if one["key"]), "")


def opens(custom_id: str, draft: str) -> bool:
    """Whether a button with this custom_id opens the form of the draft."""
    found = TEMPLATE.fullmatch(custom_id)
    return bool(found and found["action"] == Action.FORM.value and found["target"] == draft)


def _document(document: Document) -> Document:
    """Return the document under a name that Discord keeps as it is."""
    name = _FILE_NAME.sub("-", document.name)[-_LONGEST_NAME:].lstrip(".-") or "redline.txt"
    return replace(document, name=name)


def carries(custom_id: str, key: str) -> bool:
    """Whether a button with this custom_id marks the message with the key."""
    found = TEMPLATE.fullmatch(custom_id)
    return found is not None and (found["key"] or found["target"]) == key


def _buttons(buttons: Iterable[Button], key: str) -> tuple[Press, ...]:
    """Return the buttons, no custom_id twice."""
    shown: dict[str, Press] = {}
    for button in buttons:
        custom_id = f"redline:{button.action.value}:{button.target}"
        if key and button.target != key:
            custom_id += f":{key}"
        if TEMPLATE.fullmatch(custom_id) and len(custom_id) <= CUSTOM_ID:
            label = shorten(one_line(button.label), LABEL, measure=utf16_length)
            shown[custom_id] = Press(custom_id, label or button.action.value, _weight(button))
    if key and not shown:
        shown["why"] = Press(f"redline:why:{key}", "Why")
    return tuple(shown.values())[:BUTTONS]


def _weight(button: Button) -> Weight:
    if button.danger:
        return Weight.DANGER
    return Weight.MAIN if button.main else Weight.PLAIN


def _embed(card: Card) -> EmbedText:
    """Lay a card out as an embed: linked title, quotes, reasons, and a quiet last line.

    The last line says who published it, on which site the link leads, how the story stands and
    when it was published. Only what is critical gets a line above the title.
    """
    return EmbedText(
        title=_title(card, TITLE),
        url=safe_link(card.url) if card.url else None,
        description=_description(card),
        author=_urgency(card),
        footer=_byline(card),
        colour=COLOURS[card.urgency],
        timestamp=card.published_at,
        picture=PICTURE if card.picture else "",
    )


def _title(card: Card, limit: int) -> str:
    """Return the title escaped: Discord reads markdown in the titles of embeds, too."""
    return markdown.escape(markdown.fit(card.title, limit)) or "Untitled"


def _urgency(card: Card) -> str:
    return "Critical" if card.urgency is Urgency.CRITICAL else ""


def _byline(card: Card) -> str:
    """Say who published it, on which site the link leads, and how the story stands.

    Each is shortened by itself, so that a long source cannot push the site out.
    """
    parts = (shorten(part, _FACT, measure=utf16_length) for part in _facts(card))
    return _dotted(*parts)


def _facts(card: Card) -> Iterator[str]:
    yield from (one_line(part) for part in (card.source, card.domain, card.status))


def _dotted(*parts: str) -> str:
    """Join the parts that are not empty."""
    return " · ".join(filter(None, (one_line(part) for part in parts)))


def _description(card: Card) -> str:
    """Return quotes, articles, list, reasons, notes and marks, in this order, in DESCRIPTION."""
    quotes = "\n\n".join(_quoted(card, _QUOTES))
    below = _joined(_whys(card, _WHYS), "\n"), _joined(_notes(card), "\n")
    room = DESCRIPTION - sum(utf16_length(part) + 2 for part in (quotes, *below))
    marks = _marks(card.marks, room)
    room -= utf16_length(marks) + 2
    found = _articles(card.items, room)
    listed = _list(card.lines, room - utf16_length(found) - 2)
    return _joined([quotes, found, listed, *below, marks], "\n\n")


def _joined(parts: Iterable[str], glue: str) -> str:
    """Join the parts that are not empty."""
    return glue.join(filter(None, parts))


def _quoted(card: Card, most: int) -> Iterator[str]:
    """Quote the passages, the matched words bold."""
    for passage in card.summary[:most]:
        words = markdown.mark(passage, _QUOTE)
        if words:
            yield f"> {words}"


def _whys(card: Card, most: int) -> Iterator[str]:
    """Name the rules and the words they found."""
    for why in card.why[:most]:
        words = markdown.fit(why, _WHY)
        if words:
            yield f"-# Why: {markdown.escape_below_link(words)}"
    if len(card.why) > most:
        yield f"-# Why: and {len(card.why) - most} more"


def _notes(card: Card) -> Iterator[str]:
    """Return the notes as small print."""
    for note in card.notes[:_NOTES]:
        words = markdown.fit(note, _NOTE)
        if words:
            yield f"-# {markdown.escape_below_link(words)}"


def _marks(lines: Sequence[CardLine], room: int) -> str:
    """Say what people did with it, naming as many of them as there is room for."""
    for most in _NAMED:
        shown = "\n".join(filter(None, (_marked(line, most) for line in lines[:_MARKS])))
        if utf16_length(shown) <= room:
            return shown
    return ""


def _marked(line: CardLine, most: int) -> str:
    words = markdown.escape_below_link(markdown.fit(line.text, _MARK))
    said = " ".join(filter(None, (words, _mentions(line, most))))
    return f"-# {said}" if said else ""


def _mentions(line: CardLine, most: int = _NAMED[0]) -> str:
    """Name people and channels by their ids: Discord shows their names, and pings nobody."""
    people = [f"<@{one}>" for one in line.users if _ID.fullmatch(one)]
    named = [*people, *(f"<#{one}>" for one in line.channels if _ID.fullmatch(one))]
    more = [f"and {len(named) - most} more"] if len(named) > most else []
    return " ".join([*named[:most], *more])


def _articles(items: Sequence[CardItem], room: int) -> str:
    """Return the articles that were looked up, their sentences as long as there is room for."""
    for sentence in _FOUND:
        found = _found(items, _ITEMS, sentence)
        if utf16_length(found) <= room:
            return found
    fewer = (_found(items, most, 0) for most in range(_ITEMS - 1, 0, -1))
    return next((found for found in fewer if utf16_length(found) <= room), "")


def _found(items: Sequence[CardItem], most: int, sentence: int) -> str:
    shown = ["\n".join(_article(item, sentence)) for item in items[:most]]
    left_out = [f"and {len(items) - most} more"] if len(items) > most else []
    return "\n\n".join([*shown, *left_out])


def _article(item: CardItem, sentence: int) -> Iterator[str]:
    """Yield the lines of an article: its linked title, where and when it stood, what it says."""
    title = markdown.fit(item.title, _FOUND_TITLE) or "Untitled"
    url = safe_link(item.url) if item.url else None
    linked = url if url and len(url) <= _FOUND_URL else None
    yield markdown.link(title, linked) if linked else markdown.escape_below_link(title)
    facts = [markdown.fit(fact, _FOUND_SOURCE) for fact in (item.source, item.domain)]
    when = f"<t:{int(item.published_at.timestamp())}:f>" if item.published_at else ""
    origin = [*(markdown.escape_below_link(fact) for fact in facts), when]
    if any(origin):
        yield f"-# {' · '.join(filter(None, origin))}"
    words = markdown.mark_below_link(item.passage, sentence) if item.passage and sentence else ""
    if words:
        yield f"> {words}"


def _list(lines: Iterable[CardLine], room: int) -> str:
    """Return as many lines as there is room for, and how many are left out."""
    items = [(item, line) for line in lines if (item := _item(line))]
    # A heading stands apart from the list above it.
    items[1:] = [(f"\n{item}" if line.heading else item, line) for item, line in items[1:]]
    reserve = len("- and 9999999 more\n")
    shown: list[str] = []
    used = 0
    for at, (item, _) in enumerate(items):
        used += utf16_length(item) + 1
        if used + reserve > room:
            left_out = sum(not line.heading for _, line in items[at:])
            return "\n".join([*shown, f"- and {left_out} more"])
        shown.append(item)
    return "\n".join(shown)


def _item(line: CardLine) -> str:
    """Return one line of a list, linked where it can be, with the site behind the link."""
    words, named = markdown.fit(line.text, _LINE), _mentions(line)
    if not words:
        return f"- {named}" if named else ""
    if line.heading:
        return f"**{markdown.escape_below_link(words)}** {named}".rstrip()
    url = safe_link(line.url) if line.url else None
    shown = markdown.link(words, url) if url else markdown.escape_below_link(words)
    site = markdown.escape_below_link(markdown.fit(line.domain, _LINE))
    return f"- {' · '.join(filter(None, (f'{shown} {named}'.rstrip(), site)))}"


def _content(card: Card) -> str:
    """Return the smallest form of a card: no embed, one link that Discord does not unfold."""
    url = safe_link(card.url) if card.url else None
    origin = markdown.fit(_dotted(_urgency(card), _byline(card)), _STATUS)
    parts = [
        f"**{_title(card, TITLE)}**",
        f"<{url}>" if url and len(url) <= _PLAIN_URL else "",
        markdown.escape(origin) if origin else "",
        *_whys(card, 2),
    ]
    return _joined(parts, "\n")

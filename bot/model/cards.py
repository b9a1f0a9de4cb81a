"""Card: what a person sees, with no platform in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.asking import Button
from bot.model.base import Span
from bot.model.rules import Urgency


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of an article, with the spans in `text` that are to stand out."""

    text: str
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a person sees, with no platform in it.

    `domain` is shown beside the link, so that a title cannot pretend to be another site. `marks`
    of the passages are the matched words. `why` are lines such as "Rafah and the red line: Rafah,
    red line". `items` are articles that were looked up. `lines` are further plain lines: the items
    of a digest, the clauses of an explanation, the lines of a status.
    `status` says how the story stands, `notes` what the reader should know of how it was read,
    `marks` what people did with it: who finds it relevant, who muted its rule. A `picture` or
    `document` goes with the card.
    """

    title: str
    url: str | None = None
    source: str = ""
    domain: str = ""
    published_at: datetime | None = None
    urgency: Urgency = Urgency.NOW
    status: str = ""
    summary: tuple[Passage, ...] = ()
    why: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    items: tuple[CardItem, ...] = ()
    lines: tuple[CardLine, ...] = ()
    marks: tuple[CardLine, ...] = ()
    picture: Picture | None = None
    document: Document | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLine:
    """A line of a list on a card, linked where `url` is given.

    A `heading` stands above the lines that follow it. After the text stand the people and channels
    whose ids `users` and `channels` are, as the platform names them; nobody is pinged.
    """

    text: str
    url: str | None = None
    domain: str = ""
    heading: bool = False
    users: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as PNG, with the words for those who do not see it."""

    png: bytes
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text file to take away, such as `rules.yaml`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardItem:
    """An article in a list: its linked title, who published it and when, and what it says."""

    title: str
    url: str | None = None
    source: str = ""
    domain: str = ""
    published_at: datetime | None = None
    passage: Passage | None = None

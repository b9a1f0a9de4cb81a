"""Rule, Match, Evidence, and the names rules know."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import SettingsError
from bot.model.base import Origin


class Urgency(enum.StrEnum):
    """How soon a channel wants to know. `rank` orders them: critical outranks now and digest."""

    DIGEST = "digest"
    NOW = "now"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 for digest, 1 for now, 2 for critical."""
        return list(Urgency).index(self)


@dataclass(frozen=True, slots=True, order=True)
class ChannelRef:
    """A channel as people write it: `slack:#mideast-desk`, `discord:1187500000000000000`."""

    platform: str
    name: str

    @classmethod
    def parse(cls, written: str) -> ChannelRef:
        """Read `platform:channel`.

        Raises:
            SettingsError: where either half is missing.
        """
        platform, colon, name = written.strip().partition(":")
        if not (platform and colon and name.strip()):
            raise SettingsError(
                written,
                "is not a channel",
                advice="Write platform:channel, for example slack:#mideast-desk",
            )
        return cls(platform.strip().lower(), name.strip())

    def __str__(self) -> str:
        """Write it as people do."""
        return f"{self.platform}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A rule that is tried out until `until`: silently, or in a channel of its own.

    `report_to` is told then what it would have brought.
    """

    until: datetime
    report_to: ChannelRef
    channel: ChannelRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A watch rule as its author wrote it; `bot.rules` reads `when` and `unless`.

    `unless` is what YAML and forms call `except`. One that was written in chat belongs to its
    `workspace`. A `private` rule is shown in its own channels only.
    """

    name: str
    title: str
    when: str
    to: tuple[ChannelRef, ...]
    unless: str = ""
    urgency: Urgency = Urgency.NOW
    paused: bool = False
    origin: Origin = Origin.YAML
    workspace: str = ""
    private: bool = False
    trial: Trial | None = None


class Field(enum.StrEnum):
    """Where in an article a term was found."""

    TITLE = "title"
    TEXT = "text"
    SOURCE = "source"
    META = "meta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What proves a term: its place and its words.

    `start` and `end` are a half-open character span in the clean title or text (for `source`, in
    the publisher's domain). `sentence` is the index of the sentence in the text, `None` outside it.
    `text` is the article's own words in the span, never the folded ones.
    """

    term: str
    kind: str
    field: Field
    sentence: int | None
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule that holds for an article, with the evidence that proves it.

    `clauses` are the parts that the rule is joined from with AND, each with the terms that may
    satisfy it, as evidence names them: a sentence that satisfies more of them tells more.
    """

    rule: str
    article_id: str
    version: int
    evidence: tuple[Evidence, ...]
    clauses: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person or body of people.yaml: other full names and titles that mean the same one.

    A word in capitals in a name or alias says that it is the surname: `ORBÁN Viktor`. A `body` (an
    organisation, a country's army) has no surname; its names are found as they are.
    """

    name: str
    aliases: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    body: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of places.yaml: other spellings, demonyms, and the places it lies in."""

    name: str
    aliases: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    within: tuple[str, ...] = field(default=())

"""What may stand in each file of config/: the models that check them and make the JSON schema.

The docstring below a key is its help: in `docs/settings.md`, and in the editor, through
`config/schema.json`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.logs import LogFormat, LogLevel
from bot.model import Fulltext, Role, Tier, Urgency
from bot.ports import DeliveryPolicy
from bot.settings.addresses import Contact, Networks, WebAddress
from bot.settings.types import Poll
from bot.settings.values import (
    Channels,
    CommandPrefix,
    DatabaseFile,
    Duration,
    Language,
    Name,
    People,
    SomeChannels,
    Text,
    TimesOfDay,
    TimeZone,
    at_least,
)

_POLL = Poll()
_DELIVERY = DeliveryPolicy()
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_HOLDERS = (list, dict, BaseModel)


class File(BaseModel):
    """Unknown keys are errors, and a key's docstring is its help."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_sections(cls, data: Any) -> Any:
        """Let a section or list whose lines are all commented out be as if it were not there."""
        if not isinstance(data, dict):
            return data
        holders = {n for n, f in cls.model_fields.items() if isinstance(f.default, _HOLDERS)}
        return {k: v for k, v in data.items() if not (v == "" and k in holders)}


class PollSection(File):
    """How feeds and pages are fetched."""

    concurrency: Annotated[int, Field(ge=1, le=1000)] = _POLL.concurrency
    """How many fetches may be under way at once."""
    per_host: Annotated[int, Field(ge=1, le=20)] = _POLL.per_host
    """How many of them may go to one host."""
    connect_timeout: Annotated[Duration, at_least(_SECOND)] = _POLL.connect_timeout
    """How long a connection may take to stand."""
    timeout: Annotated[Duration, at_least(_SECOND)] = _POLL.timeout
    """How long one answer may take, from the first byte sent to the last received."""
    max_bytes: Annotated[int, Field(ge=100_000, le=500_000_000)] = _POLL.max_bytes
    """How large an answer may be, in bytes, once it is unpacked."""
    min_interval: Annotated[Duration, at_least(_MINUTE)] = _POLL.min_interval
    """The shortest time between two polls of a feed that has much news."""
    max_interval: Annotated[Duration, at_least(_MINUTE)] = _POLL.max_interval
    """The longest time between two polls of a feed that has little."""
    allow_private_networks: Networks = []
    """Networks inside your own house that may be fetched from. All others of them are refused."""


class DeliverySection(File):
    """The times of sending. They are right for Slack and Discord as they are."""

    pace: Annotated[Duration, at_least(_SECOND)] = _DELIVERY.pace
    """The time between two messages to one channel. Both platforms ask for a second or more."""
    settle: Annotated[Duration, at_least(_SECOND)] = _DELIVERY.settle
    """How long to wait, after an answer was lost, before looking whether the message arrived."""
    lease: Annotated[Duration, at_least(_SECOND)] = _DELIVERY.lease
    """How long one sender owns a channel before another may take it over."""
    send_timeout: Annotated[Duration, at_least(_SECOND)] = _DELIVERY.send_timeout
    """How long the platform may take to answer."""
    keep_parked: Annotated[Duration, at_least(_SECOND)] = _DELIVERY.keep_parked
    """How long alerts wait for what only a person can mend, before they are given up: a channel or
    platform that refuses us, a token that is missing, a history that cannot be read."""


class LogSection(File):
    """What is written to the log, and how."""

    level: LogLevel = LogLevel.INFO
    """The least important events that are written."""
    format: LogFormat = LogFormat.AUTO
    """Lines for people, or JSON; auto is the first on a terminal and the second elsewhere."""


class ChannelSection(File):
    """The wishes of one channel."""

    pace: Annotated[Duration, at_least(_SECOND)] | None = None
    """The time between two messages; without it, that of delivery.pace."""
    digest_at: TimesOfDay | None = None
    """The times of day at which digests are posted; without it, 08:00."""
    timezone: TimeZone = "UTC"
    """Where the channel's clock hangs."""


class CommandsSection(File):
    """The commands that people give in chat."""

    prefix: CommandPrefix = ""
    """What stands before the commands' names where they collide with those of another app: acme-
    makes /news to /acme-news."""


class GrantsSection(File):
    """Whom a list makes editors and admins in one channel."""

    editors: People = []
    """Who may edit rules, mutes and feeds there: ids of people, or of their groups or roles."""
    admins: People = []
    """Who may change there what others depend on, too."""


class AccessSection(GrantsSection):
    """Who may do what in chat. Guests and people of other organisations never edit."""

    editors: People = []
    """Who may edit rules, mutes and feeds: ids of people, or of their groups or roles, each written
    platform:id."""
    admins: People = []
    """Who may change what others depend on, too, written alike."""
    everyone: Role = Role.VIEWER
    """What every member of the workspace is."""
    platform_admins: bool = True
    """Whether those who lead the workspace on its platform are admins here too."""
    channels: dict[Text, GrantsSection] = {}
    """More editors and admins for single channels, each written as platform:channel."""


class RedlineFile(File):
    """redline.yaml: the service itself. A section for each chat platform is added to it."""

    contact: Contact | None = None
    """A page or mail address where publishers find out who polls them. Each request carries it."""
    database: DatabaseFile = "data/redline.db"
    """The file of the database, seen from the working folder."""
    poll: PollSection = PollSection()
    """How feeds and pages are fetched."""
    delivery: DeliverySection = DeliverySection()
    """The times of sending."""
    log: LogSection = LogSection()
    """What is written to the log, and how."""
    commands: CommandsSection = CommandsSection()
    """The commands that people give in chat."""
    access: AccessSection = AccessSection()
    """Who may do what in chat."""
    notices: Channels = []
    """Channels where those who run Redline hear of its own troubles, each written as
    platform:channel: a channel that refuses its alerts, a platform that refuses us as a whole, an
    alert that was given up, a feed that has failed for three days. Without any, only the log,
    redline status and the home tell."""
    channels: dict[Text, ChannelSection] = {}
    """The wishes of single channels, each written as platform:channel."""


class FeedItem(File):
    """One feed."""

    url: WebAddress
    """The address of the feed itself (RSS, Atom or JSON Feed), not of the site's front page."""
    id: Name | None = None
    """The name that its memory hangs on; without it, one made from the address."""
    title: Text | None = None
    """How cards name the source; without it, the id."""
    tier: Tier = Tier.NEWS
    """What kind of publisher it is; rules can ask for it with tier:official."""
    fulltext: Fulltext = Fulltext.AUTO
    """Whether to read the article's page too; auto does where the feed has only a teaser."""
    interval: Annotated[Duration, at_least(_MINUTE)] | None = None
    """A fixed time between polls; without it, the feed's own rhythm decides."""
    language: Language | None = None
    """The language of the feed where it does not say so itself, such as ar or pt-BR."""
    paused: bool = False
    """Whether to leave it alone for now."""


class FeedsFile(File):
    """feeds.yaml: what is polled."""

    feeds: list[FeedItem] = []
    """The feeds."""


class RuleItem(File):
    """One watch rule."""

    name: Name
    """A short name without spaces; cards and commands use it."""
    title: Text | None = None
    """What the rule is about, in words; without it, the name."""
    when: Text
    """What an article must say, in the language of rules."""
    unless: Text | None = Field(default=None, alias="except")
    """What it must not say."""
    to: SomeChannels
    """The channels that are told, each written as platform:channel."""
    urgency: Urgency = Urgency.NOW
    """How soon: digest, now or critical."""
    private: bool = False
    """Whether only people in its channels are shown what it looks for."""
    paused: bool = False
    """Whether the rule rests for now."""


class RulesFile(File):
    """rules.yaml: what is watched for, and who is told."""

    sets: dict[Name, Text] = {}
    """Parts that several rules share; a rule names one with @ before its name."""
    rules: list[RuleItem] = []
    """The watch rules."""


class PersonItem(File):
    """A person or a body."""

    name: Text
    """The full name, as rules write it in name:."""
    aliases: list[Text] = []
    """Other full names and spellings of the same one."""
    titles: list[Text] = []
    """Titles that stand before the surname, such as President."""


class PeopleFile(File):
    """people.yaml: whom rules can name, and what else they are called."""

    people: list[PersonItem] = []
    """The people and bodies."""


class PlaceItem(File):
    """A place."""

    name: Text
    """The name, as rules write it in place:."""
    aliases: list[Text] = []
    """Other spellings, other scripts."""
    demonyms: list[Text] = []
    """What its people and things are called, such as Israeli."""
    within: list[Text] = []
    """The places it lies in; place:"Gaza Strip"+ finds what lies within."""


class PlacesFile(File):
    """places.yaml: where rules can look, and what else it is called."""

    places: list[PlaceItem] = []
    """The places."""

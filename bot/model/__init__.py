"""The nouns of Redline, one meaning each, frozen. Standard library only.

They stand in the order in which the data meets them: a Feed is polled and its bytes are Fetched;
its Entries become Articles; a Rule that holds for an Article is a Match with Evidence; Articles
that report one development are a Story; an Alert is the decision to tell one channel; a Card is
what a person sees. All times are aware, all spans are half-open and count characters.
"""

from bot.model.alerts import Alert, Channel, Reason, Story
from bot.model.articles import Article, DateFlag, Reading, Source, TextFrom
from bot.model.asking import (
    Action,
    Argument,
    Button,
    Choice,
    CommandSpec,
    Menu,
    Option,
    OptionKind,
    Order,
    Request,
    Standing,
)
from bot.model.base import Secret, Span
from bot.model.cards import Card, CardItem, CardLine, Passage
from bot.model.feeds import (
    Entry,
    Feed,
    FeedState,
    Fetched,
    FetchFailure,
    FetchResult,
    FetchTrouble,
    Fulltext,
    NotModified,
    ParsedFeed,
    Tier,
)
from bot.model.findings import Finding, Verdict
from bot.model.proof import matched_sentences, sentence_of
from bot.model.rules import ChannelRef, Evidence, Field, Match, Person, Place, Rule, Urgency
from bot.model.sending import (
    Absent,
    AlertState,
    Found,
    InDoubt,
    Malformed,
    MessageRef,
    Outcome,
    Post,
    Posted,
    Postponed,
    ShutOut,
    Sighting,
    Unseen,
    Unwelcome,
)

__all__ = [
    "Absent",
    "Action",
    "Alert",
    "AlertState",
    "Argument",
    "Article",
    "Button",
    "Card",
    "CardItem",
    "CardLine",
    "Channel",
    "ChannelRef",
    "Choice",
    "CommandSpec",
    "DateFlag",
    "Entry",
    "Evidence",
    "Feed",
    "FeedState",
    "FetchFailure",
    "FetchResult",
    "FetchTrouble",
    "Fetched",
    "Field",
    "Finding",
    "Found",
    "Fulltext",
    "InDoubt",
    "Malformed",
    "Match",
    "Menu",
    "MessageRef",
    "NotModified",
    "Option",
    "OptionKind",
    "Order",
    "Outcome",
    "ParsedFeed",
    "Passage",
    "Person",
    "Place",
    "Post",
    "Posted",
    "Postponed",
    "Reading",
    "Reason",
    "Request",
    "Rule",
    "Secret",
    "ShutOut",
    "Sighting",
    "Source",
    "Span",
    "Standing",
    "Story",
    "TextFrom",
    "Tier",
    "Unseen",
    "Unwelcome",
    "Urgency",
    "Verdict",
    "matched_sentences",
    "sentence_of",
]

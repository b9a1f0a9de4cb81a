"""Small made-up feeds, articles and alerts for the tests of a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.model import (
    Alert,
    Article,
    Card,
    ChannelRef,
    Evidence,
    Feed,
    FeedState,
    Field,
    Match,
    MessageRef,
    Reason,
    Source,
    Span,
    Story,
    Urgency,
)
from bot.ports import Owed, PollRecord, Remembered

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DESK = ChannelRef("slack", "#desk")
WATCH = ChannelRef("slack", "#watch")
GUILD = ChannelRef("discord", "1187500000000000000")
PLATFORMS = ("slack", "discord")
SENTENCES = ("Envoys met in Rafah.", "The minister spoke of a red line.", "Talks go on.")


def at(seconds: float) -> datetime:
    """Return the time `seconds` after the beginning."""
    return NOW + timedelta(seconds=seconds)


def feed(name: str = "gazette", **changes: object) -> Feed:
    """Return a feed of the settings."""
    settings = {"id": name, "url": f"https://{name}.example/feed", "title": name.title()}
    return Feed(**{**settings, **changes})  # type: ignore[arg-type]  # a Feed's fields


def state(name: str = "gazette", **changes: object) -> FeedState:
    """Return what is remembered of a feed."""
    given = {"feed_id": name, "address": f"https://{name}.example/feed", "next_poll_at": at(900)}
    return FeedState(**{**given, **changes})  # type: ignore[arg-type]  # its fields


def article(name: str = "a1", version: int = 1, sentences: tuple[str, ...] = SENTENCES) -> Article:
    """Return an article of these sentences."""
    spans, start = [], 0
    for sentence in sentences:
        spans.append(Span(start, start + len(sentence)))
        start += len(sentence) + 1
    return Article(
        id=name,
        version=version,
        url=f"https://gazette.example/{name}",
        link=f"https://gazette.example/{name}?from=feed",
        source=Source(feed_id="gazette", name="The Gazette", domain="gazette.example"),
        title="Envoys meet in Rafah",
        text=" ".join(sentences),
        sentences=tuple(spans),
        published_at=at(-600),
        fetched_at=NOW,
    )


def remembered(
    name: str = "a1", version: int = 1, sentences: tuple[str, ...] = SENTENCES
) -> Remembered:
    """Return an article with two aliases and a hash."""
    return Remembered(
        article=article(name, version, sentences),
        aliases=(f"guid:{name}", f"link:{name}"),
        content_hash=f"hash-{name}-{version}",
    )


def match(
    rule: str = "red-line", of: str = "a1", version: int = 1, sentence: int | None = 1
) -> Match:
    """Return a match with one piece of evidence."""
    text = SENTENCES[sentence] if sentence is not None else "Rafah"
    evidence = Evidence(
        term='"red line"',
        kind="keyword",
        field=Field.TITLE if sentence is None else Field.TEXT,
        sentence=sentence,
        start=0,
        end=len(text),
        text=text,
    )
    return Match(rule=rule, article_id=of, version=version, evidence=(evidence,))


def story(name: str = "s1", *article_ids: str) -> Story:
    """Return a story of these articles, or of `a1`."""
    return Story(
        id=name,
        title="Envoys meet in Rafah",
        article_ids=article_ids or ("a1",),
        first_at=NOW,
        updated_at=at(60),
    )


def card(title: str = "Envoys meet in Rafah") -> Card:
    """Return a card."""
    return Card(title=title, url="https://gazette.example/a1", published_at=NOW)


def alert(name: str = "k1", channel: ChannelRef = DESK, **changes: object) -> Alert:
    """Return an alert of story `s1` about article `a1`."""
    given = {
        "id": name,
        "channel": channel,
        "story_id": "s1",
        "article_id": "a1",
        "version": 1,
        "rules": ("red-line",),
        "urgency": Urgency.NOW,
        "reason": Reason.NEW_STORY,
        "decided_at": NOW,
    }
    return Alert(**{**given, **changes})  # type: ignore[arg-type]  # an Alert's fields


def owed(name: str = "k1", channel: ChannelRef = DESK, **changes: object) -> Owed:
    """Return an alert with its card, where it is to be told."""
    decided = alert(name, channel, **changes)
    loud = decided.reason.tells
    return Owed(
        alert=decided,
        card=card(f"Card of {name}") if loud else None,
        held_in="h1" if decided.reason.is_held else None,
    )


def owing(*decided: Owed) -> PollRecord:
    """Return a poll that brought one article and these decisions."""
    return PollRecord(
        state=state(),
        articles=(remembered(),),
        matches=(match(),),
        stories=(story(),),
        owed=decided,
    )


def message(name: str = "m1") -> MessageRef:
    """Return a message on a platform."""
    return MessageRef(workspace="T1", channel_id="C1", message_id=name)

"""Builders: articles, rules and matches with only what a test is about spelled out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from bot.model import (
    Article,
    ChannelRef,
    Evidence,
    Field,
    Match,
    Rule,
    Source,
    Span,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DESK = ChannelRef("slack", "#desk")
WIRE = ChannelRef("discord", "1187500000000000000")


def an_article(text: str = "Nothing happened.", **changed: Any) -> Article:
    """An article whose sentences end with a full stop."""
    spans = tuple(
        Span(found.start(), found.end()) for found in re.finditer(r"[^.\n]+\.?", text.strip())
    )
    given: dict[str, Any] = {
        "id": "a1",
        "version": 1,
        "url": "https://courier.example/a1",
        "link": "https://courier.example/a1",
        "source": Source(feed_id="courier", name="The Courier", domain="courier.example"),
        "title": "A quiet day",
        "text": text,
        "sentences": tuple(_trimmed(text, span) for span in spans),
        "published_at": NOON,
        "fetched_at": NOON,
    }
    return Article(**(given | changed))


def a_rule(name: str = "red-line", *to: ChannelRef, **changed: Any) -> Rule:
    """A rule that posts to `to`, or to the desk."""
    given: dict[str, Any] = {"name": name, "title": name, "when": '"red line"', "to": to or (DESK,)}
    return Rule(**(given | changed))


def a_match(article: Article, *words: str, rule: str = "red-line") -> Match:
    """A match of `rule`: each of `words` at its first place in the text, or else in the title."""
    evidence = tuple(_evidence(article, each) for each in words)
    return Match(rule=rule, article_id=article.id, version=article.version, evidence=evidence)


def _evidence(article: Article, words: str) -> Evidence:
    in_text = words in article.text
    start = article.text.index(words) if in_text else article.title.index(words)
    holding = [
        number
        for number, span in enumerate(article.sentences)
        if in_text and span.start <= start < span.end
    ]
    return Evidence(
        term=words,
        kind="keyword",
        field=Field.TEXT if in_text else Field.TITLE,
        sentence=holding[0] if holding else None,
        start=start,
        end=start + len(words),
        text=words,
    )


def _trimmed(text: str, span: Span) -> Span:
    words = text[span.start : span.end]
    return Span(span.start + len(words) - len(words.lstrip()), span.end)

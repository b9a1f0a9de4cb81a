"""Help for the tests of rules: articles and rules in a line."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.model import Article, Match, Rule, Source, Span, Tier
from bot.rules.match import match_article
from bot.rules.read import read_rule
from bot.rules.rule import CompiledRule, Names

_SENTENCE = re.compile(r"[^\n]+?(?:[.!?][”’\"]?(?=\s+[A-Z“\"]|\s*\n|\s*$)|(?=\n)|$)", re.DOTALL)


def an_article(
    text: str,
    title: str = "",
    *,
    domain: str = "example.org",
    tier: Tier = Tier.NEWS,
    language: str | None = None,
) -> Article:
    """An article as the earlier stages would hand it over, with plainly split sentences."""
    found = [match for match in _SENTENCE.finditer(text) if match.group().strip()]
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    return Article(
        id="a1",
        version=1,
        url=f"https://{domain}/a1",
        link=f"https://{domain}/a1",
        source=Source(feed_id="desk", name="The Desk", domain=domain, tier=tier),
        title=title,
        text=text,
        sentences=tuple(Span(match.start(), match.end()) for match in found),
        published_at=at,
        fetched_at=at,
        language=language,
    )


def a_rule(
    when: str, unless: str = "", names: Names | None = None, *, name: str = "r"
) -> CompiledRule:
    """A rule that has been read."""
    rule = Rule(name=name, title="R", when=when, to=(), unless=unless)
    return read_rule(rule, names or Names())


def matched(
    when: str, article: Article, unless: str = "", names: Names | None = None
) -> Match | None:
    """The match of one rule, None where it does not hold."""
    matches = match_article([a_rule(when, unless, names)], article)
    return matches[0] if matches else None

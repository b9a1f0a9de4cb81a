"""What a person searches for: a rule's text, narrowed by `since:7d` and `in:RULE`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import regex

from bot.commands.clauses import required, sources
from bot.commands.typed import nearest
from bot.errors import RuleError
from bot.model import Article, Match, Rule
from bot.ports import SearchQuery
from bot.rules import CompiledRule, Names, match_article, read_rule

NAME: Final = "search"
"""The name of the rule that a query is read as."""

_NARROWING: Final = regex.compile(
    r"""(?<quoted> "(?:[^"\\]|\\.)*" | [“„][^“”]*[“”] | «[^»]*» )
      | (?<!\S)(?<key> since | in ): (?<value> \S+ )""",
    regex.X | regex.I,
)
_AGE: Final = regex.compile(r"(\d{1,4})\s*(min|m|h|d|w)")
_UNITS: Final = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


@dataclass(frozen=True, slots=True)
class Query:
    """A search that was read: what to ask the archive for, and the rule that judges the answer.

    Without a rule every article that the archive gives is an answer.
    """

    search: SearchQuery
    compiled: CompiledRule | None = None

    def match(self, article: Article) -> Match | None:
        """Return why an article answers the search, None where it does not."""
        if self.compiled is None:
            return Match(rule=NAME, article_id=article.id, version=article.version, evidence=())
        return next(iter(match_article([self.compiled], article)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a query is read against: the time it was asked at, and what its asker may name."""

    now: datetime
    names: Names
    rules: Mapping[str, CompiledRule]


def read_query(text: str, scope: Scope) -> Query:
    """Read a query.

    Raises:
        RuleError: it cannot be read; the error's `source` is the whole of `text`.
    """
    rest, since, rule = text, None, None
    for found in _NARROWING.finditer(text):
        if found["quoted"]:
            continue
        if found["key"].casefold() == "since":
            since = _since(found, text, scope.now)
        else:
            rule = _rule(found, text, scope.rules)
        # Blanks in their place keep what is left where the person wrote it, for the error's span.
        start, end = found.span()
        rest = rest[:start] + " " * (end - start) + rest[end:]
    narrowed = SearchQuery(since=since, rule=rule)
    if not rest.strip() and (since or rule):
        return Query(narrowed)
    return _with_words(read_words(rest, text, scope.names), narrowed)


def read_words(rest: str, text: str, names: Names) -> CompiledRule:
    """Read what is left of a query as a rule.

    Raises:
        RuleError: it cannot be read; `text` is what the person wrote.
    """
    try:
        return read_rule(Rule(name=NAME, title=NAME, when=rest, to=()), names)
    except RuleError as error:
        if error.source != rest:
            raise
        span = (error.start, error.end)
        raise RuleError(error.problem, source=text, span=span, advice=error.advice) from None


def candidates_of(compiled: CompiledRule, since: datetime | None = None) -> SearchQuery:
    """Return what to ask the archive for, so that no article for which the rule holds is missed."""
    return _with_words(compiled, SearchQuery(since=since)).search


def _with_words(compiled: CompiledRule, narrowed: SearchQuery) -> Query:
    search = SearchQuery(
        clauses=tuple(tuple(sorted(clause)) for clause in required(compiled.when)),
        since=narrowed.since,
        source=next(iter(sources(compiled.when)), None),
        rule=narrowed.rule,
    )
    return Query(search, compiled)


def _since(found: regex.Match[str], text: str, now: datetime) -> datetime:
    value = found["value"].casefold()
    age = _AGE.fullmatch(value)
    try:
        if age:
            return now - int(age[1]) * _UNITS[age[2]]
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise RuleError(
            "since: takes an age or a day",
            source=text,
            span=found.span("value"),
            advice="For example since:12h, since:7d, since:2w or since:2026-03-01",
        ) from None


def _rule(found: regex.Match[str], text: str, rules: Mapping[str, CompiledRule]) -> str:
    name = found["value"]
    if name in rules:
        return name
    meant = nearest(name, list(rules))
    raise RuleError(
        f"there is no rule “{name}” here",
        source=text,
        span=found.span("value"),
        advice=f"Did you mean in:{meant}?" if meant else "The name of a rule follows in:",
    )

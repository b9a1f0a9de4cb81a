"""`redline replay`: the rules on an archive, with the articles' own times as the clock.

Match, group, summarise and decide run exactly as in the service, without network or database. One
line of JSON comes out for each article that goes in.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO, TypeVar

from bot.articles.language import guessed, settled
from bot.articles.sentences import split
from bot.errors import ParseError
from bot.judge import Judge, Judgement, Past
from bot.model import Alert, Article, Evidence, Source, Story, TextFrom, matched_sentences
from bot.ports import Told
from bot.text import canonical_url, clean_text, domain_of, one_line

T = TypeVar("T")
Timer = Callable[[], float]


@dataclass(slots=True)
class ReplayStats:
    """How much was replayed, and the seconds each stage took."""

    articles: int = 0
    matches: int = 0
    alerts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, stage: str, seconds: float) -> None:
        """Count `seconds` towards `stage`."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds


class Replay:
    """One run over an archive; remembers what its channels were told."""

    def __init__(self, judge: Judge, timer: Timer) -> None:
        """Judge by `judge`; `timer` gives seconds and only serves the statistics."""
        self._judge = replace(judge, stage=self._measured)
        self._timer = timer
        self._stories: dict[str, Story] = {}
        self._told: dict[str, list[Told]] = {}
        self.stats = ReplayStats()

    def read(
        self, lines: Iterable[str], skipped: Callable[[ParseError], None]
    ) -> Iterator[Article]:
        """Yield the articles of an archive; a line that is none goes to `skipped`, with its number.

        One bad line never stops the others.
        """
        for number, line in enumerate(lines, 1):
            try:
                yield self._measured("read", partial(article_of_line, line, number))
            except ParseError as error:
                skipped(error)

    def _measured(self, name: str, work: Callable[[], T]) -> T:
        began = self._timer()
        try:
            return work()
        finally:
            self.stats.add(name, self._timer() - began)

    def run(self, articles: Iterable[Article]) -> Iterator[Judgement]:
        """Judge each article at its own time, in the order of the archive."""
        for article in articles:
            judgement = self._judge.judge(article, self._past(article), article.published_at)
            self._keep(judgement)
            yield judgement

    def _past(self, article: Article) -> Past:
        return Past(story=self._stories.get(article.id), told=self._told.get(article.id, ()))

    def _keep(self, judgement: Judgement) -> None:
        self.stats.articles += 1
        self.stats.matches += len(judgement.matches)
        self.stats.alerts += sum(alert.reason.posts for alert in judgement.alerts)
        self._stories[judgement.story.id] = judgement.story
        said = matched_sentences(judgement.article, judgement.matches)
        self._told.setdefault(judgement.story.id, []).extend(
            Told(channel=alert.channel, alert_id=alert.id, rules=alert.rules, sentences=said)
            for alert in judgement.alerts
        )


def lines_of(path: Path) -> Iterator[str]:
    """Yield the lines of a JSON Lines file that are not blank; `.gz` is unpacked on the way.

    Raises:
        ParseError: the file cannot be read.
    """
    try:
        with _opened(path) as lines:
            yield from (line for line in lines if line.strip())
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ParseError(
            str(path), f"cannot be read: {error}", advice="Give a JSON Lines file, .gz or not"
        ) from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def articles_in(lines: Iterable[str], skipped: Callable[[ParseError], None]) -> Iterator[Article]:
    """Yield the articles of an archive; a line that is none goes to `skipped`, with its number."""
    for number, line in enumerate(lines, 1):
        try:
            yield article_of_line(line, number)
        except ParseError as error:
            skipped(error)


def article_of_line(line: str, number: int) -> Article:
    """Read one line: `id`, `url`, `title`, `text`, `published` and `source`; others are ignored.

    Raises:
        ParseError: the line is not such an object; it names the line's number and the field.
    """
    about = f"line {number}"
    try:
        given: Any = json.loads(line)
    except ValueError as error:
        raise ParseError(about, "is not JSON", advice="Write one JSON object a line") from error
    if not isinstance(given, dict):
        raise ParseError(about, "is not a JSON object")
    fields = {name: _text(given, name, about) for name in ("id", "url", "title", "text")}
    url = fields["url"]
    text = clean_text(fields["text"])
    when = _time(_text(given, "published", about), about)
    language = settled(given.get("language"), guessed(text))
    return Article(
        id=fields["id"],
        version=1,
        url=canonical_url(url),
        link=url,
        source=Source(feed_id="", name=_text(given, "source", about), domain=domain_of(url)),
        title=one_line(fields["title"]),
        text=text,
        sentences=split(text, language),
        published_at=when,
        fetched_at=when,
        text_from=TextFrom.PAGE,
        language=language,
    )


def json_of(judgement: Judgement) -> str:
    """Write one judgement as the line of JSON that `redline replay --json` prints."""
    return json.dumps(
        {
            "id": judgement.article.id,
            "matches": [
                {"rule": match.rule, "evidence": [_evidence(found) for found in match.evidence]}
                for match in judgement.matches
            ],
            "summary": " ".join(passage.text for passage in judgement.summary),
            "story": judgement.story.id,
            "alerts": [_alert(alert) for alert in judgement.alerts],
        },
        ensure_ascii=False,
    )


def _evidence(found: Evidence) -> dict[str, Any]:
    return {
        "term": found.term,
        "kind": found.kind,
        "field": found.field.value,
        "sentence": found.sentence,
        "start": found.start,
        "end": found.end,
        "text": found.text,
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "channel": str(alert.channel),
        "rules": list(alert.rules),
        "reason": alert.reason.name.lower(),
    }


def _text(given: dict[str, Any], name: str, about: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise ParseError(about, f"has no text under {name!r}")
    return value


def _time(written: str, about: str) -> datetime:
    try:
        when = datetime.fromisoformat(written)
    except ValueError as error:
        raise ParseError(
            about, f"has the date {written!r}", advice="Write it as 2026-03-02T09:00:00Z"
        ) from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)

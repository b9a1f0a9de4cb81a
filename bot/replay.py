"""`redline replay`: the rules on an archive, with the articles' own times as the clock.

Match, group, summarise and decide run exactly as in the service, without network or database. One
line of JSON comes out for each article that goes in. docs/replay.md says what it holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from bot.archive import Archived, Line, Refused, read_archive
from bot.judge import Judge, Judgement, Past
from bot.model import Alert, AlertState, Evidence, Match, Story, matched_sentences
from bot.store.tellings import Telling, told

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


@dataclass(frozen=True, slots=True)
class Replayed:
    """A line of an archive, and what follows from its article."""

    given: Archived
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class _Told:
    """An article that somebody was to be told of, and all that was decided about it so far."""

    given: Archived
    story: Story
    tellings: tuple[Telling, ...]


class Replay:
    """One run over an archive; remembers what its channels were told, and nothing else of it."""

    def __init__(self, judge: Judge, timer: Timer) -> None:
        """Judge by `judge`; `timer` gives seconds and only serves the statistics."""
        self._judge = replace(judge, stage=self._measured)
        self._timer = timer
        self._told: dict[str, _Told] = {}
        self.stats = ReplayStats()

    def read(self, lines: Iterable[Line], refused: Refused) -> Iterator[Archived]:
        """Yield the articles of an archive; a line that is none goes to `refused`."""
        return read_archive(lines, refused, partial(self._measured, "read"))

    def _measured(self, name: str, work: Callable[[], T]) -> T:
        began = self._timer()
        try:
            return work()
        finally:
            self.stats.add(name, self._timer() - began)

    def run(self, archive: Iterable[Archived]) -> Iterator[Replayed]:
        """Judge each article at its own time, in the order of the archive."""
        for given in archive:
            before = self._told.get(given.article.id)
            replayed = self._replayed(_edition(given, before), before)
            self._keep(replayed, before)
            yield replayed

    def _replayed(self, given: Archived, before: _Told | None) -> Replayed:
        past = Past(story=before.story, told=told(before.tellings)) if before else Past()
        article = given.article
        return Replayed(given, self._judge.judge(article, past, article.published_at))

    def _keep(self, replayed: Replayed, before: _Told | None) -> None:
        judgement = replayed.judgement
        self.stats.articles += 1
        self.stats.matches += len(judgement.matches)
        self.stats.alerts += sum(alert.reason.posts for alert in judgement.alerts)
        if judgement.alerts:
            tellings = (*(before.tellings if before else ()), *_tellings(judgement))
            self._told[judgement.article.id] = _Told(replayed.given, judgement.story, tellings)


def _edition(given: Archived, before: _Told | None) -> Archived:
    """Return the article with the version that it has in the service, where texts are counted."""
    if before is None:
        return given
    known, article = before.given.article, given.article
    same = (article.title, article.text) == (known.title, known.text)
    return replace(given, article=replace(article, version=known.version + (not same)))


def _tellings(judgement: Judgement) -> Iterator[Telling]:
    """Yield what each channel knows after a judgement, as the service remembers it."""
    for alert in judgement.alerts:
        its_own = [match for match in judgement.matches if match.rule in alert.known_rules]
        owed = alert.reason.posts or alert.reason.waits
        yield Telling(
            alert=alert,
            state=AlertState.OWED if owed else AlertState.QUIET,
            sentences=matched_sentences(judgement.article, its_own),
        )


def json_of(replayed: Replayed) -> str:
    """Write what follows from one line as the line of JSON that `redline replay --json` prints.

    Evidence stands as in the given title and text.
    """
    judgement, placed = replayed.judgement, replayed.given.placer()
    written = json.dumps(
        {
            "id": judgement.article.id,
            "matches": [_match(match, placed) for match in judgement.matches],
            "summary": " ".join(passage.text for passage in judgement.summary),
            "story": judgement.story.id,
            "alerts": [_alert(alert) for alert in judgement.alerts],
        },
        ensure_ascii=False,
    )
    # Half a surrogate pair cannot be written as UTF-8; \udXXX is how JSON writes it.
    return written.encode(errors="backslashreplace").decode()


def _match(match: Match, placed: Callable[[Evidence], Evidence]) -> dict[str, Any]:
    evidence = [_evidence(placed(found)) for found in match.evidence]
    return {"rule": match.rule, "evidence": evidence}


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

"""`redline replay`: the rules on an archive."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ParseError
from bot.judge import Judge
from bot.replay import Replay, article_of_line, json_of, lines_of
from bot.rules.match import Matcher
from bot.rules.read import read_rule
from bot.rules.rule import Names
from tests.build import a_rule

GIVEN: dict[str, Any] = {
    "id": "n1",
    "url": "https://www.courier.example/news/1?utm_source=x",
    "title": "A warning",
    "text": "Ships wait at Port Avel.\n\nA blockade is a “red line”, Marten said.",
    "published": "2026-03-02T12:00:00Z",
    "source": "The Courier",
    "ignored": 1,
}


def replay() -> Replay:
    """A replay of one rule, with a clock that ticks once a call."""
    ticks = iter(range(10_000))
    rule = a_rule()
    judge = Judge(Matcher([read_rule(rule, Names())]), {rule.name: rule})
    return Replay(judge, lambda: float(next(ticks)))


def test_a_line_of_an_archive_is_an_article() -> None:
    """Text is cleaned and split, the time is aware, the source has its domain."""
    article = article_of_line(json.dumps(GIVEN), 1)

    assert (article.id, article.source.name, article.source.domain) == (
        "n1",
        "The Courier",
        "courier.example",
    )
    assert len(article.sentences) == 2
    assert article.published_at.isoformat() == "2026-03-02T12:00:00+00:00"


def test_the_judgement_of_an_article_is_one_line_of_json() -> None:
    """A match has its rule, and its evidence is an exact span of the clean text."""
    article = article_of_line(json.dumps(GIVEN), 1)
    (judgement,) = replay().run([article])

    written = json.loads(json_of(judgement))

    assert list(written) == ["id", "matches", "summary", "story", "alerts"]
    (match,) = written["matches"]
    (evidence,) = match["evidence"]
    assert match["rule"] == "red-line"
    assert set(evidence) == {"term", "kind", "field", "sentence", "start", "end", "text"}
    assert article.text[evidence["start"] : evidence["end"]] == "red line" == evidence["text"]
    assert evidence["sentence"] == 1
    assert written["summary"].startswith("A blockade is a “red line”")
    assert written["alerts"] == [
        {"channel": "slack:#desk", "rules": ["red-line"], "reason": "new_story"}
    ]


def test_an_article_without_a_match_has_its_line_too() -> None:
    """One line comes out for each article that goes in."""
    article = article_of_line(json.dumps(GIVEN | {"text": "Nothing."}), 1)

    written = json.loads(json_of(next(replay().run([article]))))

    assert (written["id"], written["matches"], written["alerts"]) == ("n1", [], [])


def test_the_clock_of_a_replay_is_the_articles_own() -> None:
    """Decisions bear the time of the article, not of the day of the replay."""
    article = article_of_line(json.dumps(GIVEN), 1)

    (judgement,) = replay().run([article])

    assert judgement.alerts[0].decided_at == article.published_at


def test_an_article_that_comes_twice_is_told_once() -> None:
    """A replay remembers what its channels were told."""
    article = article_of_line(json.dumps(GIVEN), 1)
    replaying = replay()

    judgements = list(replaying.run([article, article]))

    assert [judged.alerts[0].reason.name for judged in judgements] == ["NEW_STORY", "ALREADY_TOLD"]
    assert (replaying.stats.articles, replaying.stats.alerts) == (2, 1)


def test_seconds_are_counted_for_each_stage() -> None:
    """The statistics know how long each stage took, in the order of the stages."""
    replaying = replay()
    lines = [json.dumps(GIVEN | {"id": str(n)}) for n in range(3)]
    skipped: list[ParseError] = []

    list(replaying.run(replaying.read(lines, skipped.append)))

    stages = ["read", "match", "group", "summarise", "decide"]
    assert replaying.stats.seconds == dict.fromkeys(stages, 3.0)
    assert skipped == []


def test_one_bad_line_never_stops_the_others() -> None:
    """A line that is no article is passed over, and told with its number."""
    skipped: list[ParseError] = []
    lines = [json.dumps(GIVEN), "{}", json.dumps(GIVEN | {"id": "n2"})]

    articles = list(replay().read(lines, skipped.append))

    assert [article.id for article in articles] == ["n1", "n2"]
    assert [error.about for error in skipped] == ["line 2"]


@pytest.mark.parametrize("name", ["archive.jsonl", "archive.jsonl.gz"])
def test_archives_may_be_packed(tmp_path: Path, name: str) -> None:
    """A file that ends in .gz is unpacked; blank lines are passed over."""
    path = tmp_path / name
    body = b'{"a": 1}\n\n{"a": 2}\n'
    path.write_bytes(gzip.compress(body) if name.endswith(".gz") else body)

    assert [json.loads(line)["a"] for line in lines_of(path)] == [1, 2]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "is not JSON"),
        ("[1]", "is not a JSON object"),
        (json.dumps(GIVEN | {"title": None}), "has no text under 'title'"),
        (json.dumps(GIVEN | {"published": "yesterday"}), "has the date 'yesterday'"),
    ],
)
def test_a_bad_line_is_named_by_its_number(line: str, said: str) -> None:
    """An error of an archive says which line and what is wrong with it."""
    with pytest.raises(ParseError, match=f"line 7: {said}"):
        article_of_line(line, 7)


@pytest.mark.parametrize("body", [None, b"\x1f\x8bbroken"])
def test_an_archive_that_cannot_be_read_is_named(tmp_path: Path, body: bytes | None) -> None:
    """A file that is missing or damaged is an error that names it."""
    path = tmp_path / "archive.jsonl.gz"
    if body:
        path.write_bytes(body)

    with pytest.raises(ParseError, match=r"archive\.jsonl\.gz: cannot be read"):
        list(lines_of(path))

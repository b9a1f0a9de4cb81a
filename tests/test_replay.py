"""`redline replay`: the rules on an archive."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from bot.app import judge_of
from bot.archive import Archived, archived_of, lines_of
from bot.errors import ParseError
from bot.judge import Judge
from bot.replay import Replay, json_of
from bot.rules.match import Matcher
from bot.rules.read import read_rule
from bot.rules.rule import Names
from bot.settings import load
from bot.summaries.extract import MOST_WORDS
from handlers import PLATFORMS
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


def replay(*whens: str) -> Replay:
    """A replay of rules for one channel, with a clock that ticks once a call."""
    ticks = iter(range(10_000))
    rules = [
        a_rule(f"rule-{number}" if number else "red-line", when=when)
        for number, when in enumerate(whens or ['"red line"'])
    ]
    matcher = Matcher([read_rule(rule, Names()) for rule in rules])
    return Replay(Judge(matcher, {rule.name: rule for rule in rules}), lambda: float(next(ticks)))


def given(**fields: object) -> Archived:
    """What a line of an archive holds."""
    return archived_of((1, json.dumps(GIVEN | fields).encode()))


def reasons(replaying: Replay, *texts: str) -> list[str]:
    """What is decided for the channel about one article whose text changes."""
    replayed = replaying.run(given(text=text) for text in texts)
    return [alert.reason.name for one in replayed for alert in one.judgement.alerts]


def test_what_follows_from_an_article_is_one_line_of_json() -> None:
    """A match has its rule, and its evidence is an exact span of the text."""
    (replayed,) = replay().run([given()])

    written = json.loads(json_of(replayed))

    assert list(written) == ["id", "matches", "summary", "story", "alerts"]
    (match,) = written["matches"]
    (evidence,) = match["evidence"]
    assert match["rule"] == "red-line"
    assert list(evidence) == ["term", "kind", "field", "sentence", "start", "end", "text"]
    assert GIVEN["text"][evidence["start"] : evidence["end"]] == "red line" == evidence["text"]
    assert evidence["sentence"] == 1
    assert written["summary"].startswith("A blockade is a “red line”")
    assert written["alerts"] == [
        {"channel": "slack:#desk", "rules": ["red-line"], "reason": "new_story"}
    ]


def test_evidence_stands_as_in_the_text_that_was_given() -> None:
    """Whoever has only the archive finds the words at their place, though the text was cleaned."""
    text = "\n\n\n  Ships\u200b wait.\r\n\r\n\r\n\r\nA\u202e cafe\u0301 is a red\u00a0 \tline."
    title = "  The red\nline\u0007 "
    (replayed,) = replay('cafe "red line"').run([given(text=text, title=title)])

    (match,) = json.loads(json_of(replayed))["matches"]

    whole = {"text": text, "title": title}
    assert [found["text"] for found in match["evidence"]] == [
        "red\nline",
        "cafe\u0301",
        "red\u00a0 \tline",
    ]
    for found in match["evidence"]:
        assert whole[found["field"]][found["start"] : found["end"]] == found["text"]


def test_what_no_utf_8_can_hold_is_written_all_the_same() -> None:
    """Half a surrogate pair inside of what matched becomes an escape of JSON."""
    text = "A red\ud83d line."
    (replayed,) = replay().run([given(text=text)])

    line = json_of(replayed)

    assert line.encode()
    assert json.loads(line)["matches"][0]["evidence"][0]["text"] == "red\ud83d line"


def test_an_article_without_a_match_has_its_line_too() -> None:
    """One line comes out for each article that goes in."""
    written = json.loads(json_of(next(replay().run([given(text="Nothing.")]))))

    assert (written["id"], written["matches"], written["alerts"]) == ("n1", [], [])


def test_the_clock_of_a_replay_is_the_articles_own() -> None:
    """Decisions bear the time of the article, not of the day of the replay."""
    archived = given()

    (replayed,) = replay().run([archived])

    assert replayed.judgement.alerts[0].decided_at == archived.article.published_at


def test_an_article_that_comes_twice_is_told_once() -> None:
    """A replay remembers what its channels were told."""
    replaying = replay()

    assert reasons(replaying, GIVEN["text"], GIVEN["text"]) == ["NEW_STORY", "ALREADY_TOLD"]
    assert (replaying.stats.articles, replaying.stats.alerts) == (2, 1)


@pytest.mark.parametrize(
    ("texts", "decided"),
    [
        (["Red line.", "Red line. Rain."], ["NEW_STORY", "NOTHING_NEW"]),
        (
            ["It is a red line.", "Marten drew another red line at the port.", "It is a red line."],
            ["NEW_STORY", "MATERIAL_UPDATE", "NOTHING_NEW"],
        ),
        (
            ["A red line in the sand, he said.", "A red line in the ships, he said."],
            ["NEW_STORY", "NEW_RULE"],
        ),
        (["Nothing.", "Red line."], ["NEW_STORY"]),
    ],
)
def test_an_article_that_changes_is_an_update(texts: list[str], decided: list[str]) -> None:
    """The same id again is a later version, and is decided on as the service does it."""
    assert reasons(replay('"red line"', "ships AND -wait"), *texts) == decided


def test_seconds_are_counted_for_each_stage() -> None:
    """The statistics know how long each stage took, in the order of the stages."""
    replaying = replay()
    lines = [(n, json.dumps(GIVEN | {"id": str(n)}).encode()) for n in range(3)]
    refused: list[ParseError] = []

    list(replaying.run(replaying.read(lines, refused.append)))

    stages = ["read", "match", "group", "summarise", "decide"]
    assert replaying.stats.seconds == dict.fromkeys(stages, 3.0)
    assert refused == []


@pytest.mark.shared
def test_the_shipped_rules_judge_a_real_archive(shared: Path) -> None:
    """Every fortieth article of the team's archive is judged, and each find stands in its text."""
    settings = load(Path(__file__).parents[1] / "config", {}, PLATFORMS)
    archive = lines_of(shared / "data" / "news-2016-2017.jsonl.gz")
    lines = list(islice(archive, 0, None, 40))
    refused: list[ParseError] = []
    replaying = Replay(judge_of(settings), lambda: 0.0)

    written = [
        json.loads(json_of(one)) for one in replaying.run(replaying.read(lines, refused.append))
    ]

    given = [json.loads(line) for _, line in lines]
    assert refused == []
    assert [one["id"] for one in written] == [one["id"] for one in given]
    assert sum(bool(one["matches"]) for one in written) > 4
    assert all(len(one["summary"].split()) <= MOST_WORDS for one in written)
    for one, its in zip(written, given, strict=True):
        for found in (found for match in one["matches"] for found in match["evidence"]):
            assert its[found["field"]][found["start"] : found["end"]] == found["text"]

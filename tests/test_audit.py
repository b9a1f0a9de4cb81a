"""Who decided what in chat, and the rules of chat as a file: read beside a service that runs."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.__main__ import main
from bot.audit import details, headline, json_of
from bot.model import (
    Change,
    Changed,
    Feed,
    Fulltext,
    Mute,
    MuteScope,
    Origin,
    Rule,
    Thing,
    Tier,
    Trial,
    Urgency,
)
from bot.settings import load
from bot.store.sql import SqlStore
from handlers import PLATFORMS
from tests.build import DESK, WIRE, a_rule

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FERRIES = replace(
    a_rule("ferries", when="ferry"), title="Ferries", origin=Origin.CHAT, workspace="T1"
)
TRAMS = replace(a_rule("trams", WIRE, when="tram"), origin=Origin.CHAT, workspace="G1")
FEED = Feed(
    id="gazette",
    url="https://gazette.example/feed.xml",
    title="The Gazette",
    tier=Tier.OFFICIAL,
    fulltext=Fulltext.NEVER,
    interval=timedelta(minutes=10),
    language="no",
    paused=True,
)
MUTE = Mute(
    id="m1",
    scope=MuteScope.STORY,
    target="a1",
    label="Ferry stops",
    workspace="T1",
    user_id="U1",
    at=AT,
    until=AT + timedelta(hours=8),
    channel=DESK,
)

Say = Callable[..., tuple[int, str, str]]


def a_change(before: Thing | None = None, after: Thing | None = None, **given: Any) -> Change:
    """Somebody changes something in T1."""
    wished: dict[str, Any] = {
        "id": "change-1",
        "at": AT,
        "platform": "slack",
        "workspace": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "what": "watch edit",
        "subject": "ferries",
        "before": before,
        "after": after,
    }
    return Change(**(wished | given))


# --- One line of the trail --------------------------------------------------------------------


def test_an_edit_shows_what_was_and_what_is() -> None:
    """Of a rule that was changed the lines that differ are shown, and no others."""
    edited = replace(FERRIES, when='ferry OR "fast boat"', urgency=Urgency.CRITICAL)

    assert headline(a_change(FERRIES, edited)) == (
        "2026-03-02 09:00 UTC · slack U1 in T1 C1 · watch edit ferries"
    )
    assert list(details(a_change(FERRIES, edited))) == [
        "- when: ferry",
        '+ when: ferry OR "fast boat"',
        "+ urgency: critical",
    ]


def test_a_new_rule_is_shown_whole() -> None:
    """What there was not before is all new, with how it is tried."""
    trial = Trial(until=AT + timedelta(days=7), report_to=DESK, channel=WIRE)

    assert list(details(a_change(None, replace(FERRIES, trial=trial)))) == [
        "+ name: ferries",
        "+ title: Ferries",
        "+ when: ferry",
        "+ to:",
        "+   - slack:#desk",
        "+ paused: false",
        "+ trial:",
        "+   until: 2026-03-09 09:00 UTC",
        "+   report_to: slack:#desk",
        "+   channel: discord:1187500000000000000",
    ]


def test_a_mute_that_ended_early_is_shown_as_gone() -> None:
    """What is no longer there is all old."""
    assert list(details(a_change(MUTE, None))) == [
        "- mute: story",
        "- target: a1",
        "- label: Ferry stops",
        "- until: 2026-03-02 17:00 UTC",
        "- up_to: now",
        "- channel: slack:#desk",
    ]


def test_a_pause_is_told_from_a_mute() -> None:
    """A mute without an end is a pause."""
    pause = replace(MUTE, scope=MuteScope.RULE, target="ferries", label="ferries", until=None)

    assert list(details(a_change(None, replace(pause, channel=None)))) == [
        "+ pause: rule",
        "+ target: ferries",
    ]


def test_a_feed_is_shown_as_feeds_yaml_has_it(tmp_path: Path) -> None:
    """What the trail says of a feed loads back to it."""
    text = json.loads(json_of(a_change(None, FEED)))["after"]
    (tmp_path / "feeds.yaml").write_text(yaml.safe_dump({"feeds": [yaml.safe_load(text)]}))

    assert load(tmp_path, {}, PLATFORMS).feeds == (FEED,)


def test_a_refusal_says_why() -> None:
    """Who was refused stands in the trail with the reason."""
    refused = a_change(subject="", what="watch add", refused="It takes an editor of Redline.")

    assert headline(refused).endswith("slack U1 in T1 C1 · watch add")
    assert list(details(refused)) == ["refused: It takes an editor of Redline."]


def test_nothing_in_a_line_runs_in_a_terminal() -> None:
    """Control characters that somebody smuggled into a name or a rule are not printed."""
    evil = "\x1b[2Jevil\u202e"
    change = a_change(None, replace(FERRIES, title=evil), subject=evil, refused=evil)

    shown = "\n".join((headline(change), *details(change)))

    assert not {"\x1b", "\u202e"} & set(shown)
    assert "evil" in shown


# --- The commands -----------------------------------------------------------------------------


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "redline.yaml").write_text("contact: https://courier.example/about\n")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@contextmanager
def service(folder: Path, changes: Sequence[Change]) -> Iterator[None]:
    """Hold the database as a running service does, after people decided on something."""
    ready, over = threading.Event(), threading.Event()

    async def hold() -> None:
        store = SqlStore(folder / "data" / "redline.db")
        await store.open()
        for change in changes:
            assert await store.change(change) is Changed.DONE
        ready.set()
        await asyncio.to_thread(over.wait)
        await store.close()

    (folder / "data").mkdir()
    held = threading.Thread(target=lambda: asyncio.run(hold()))
    held.start()
    try:
        assert ready.wait(60)
        yield
    finally:
        over.set()
        held.join()


def decided() -> list[Change]:
    """What people of two workspaces decided: the newest was refused, the oldest is a year old."""
    now = datetime.now(UTC)  # noqa: TID251 - the command line counts from the real time
    edited = replace(FERRIES, when="ferry OR boat")
    return [
        a_change(None, FERRIES, id="c1", at=now - timedelta(days=365), what="watch add"),
        a_change(FERRIES, edited, id="c2", at=now - timedelta(days=2)),
        a_change(
            None,
            TRAMS,
            id="c3",
            at=now - timedelta(hours=2),
            platform="discord",
            workspace="G1",
            what="watch add",
            subject="trams",
        ),
        a_change(id="c4", at=now, subject="", what="feeds add", refused="It takes an editor."),
    ]


def test_the_audit_says_who_did_what_the_newest_last(say: Say, tmp_path: Path) -> None:
    """`redline audit` prints every change and refusal while the service runs."""
    with service(tmp_path, decided()):
        code, out, _ = say("audit")

    told = [line.split(" · ")[-1] for line in out.splitlines() if not line.startswith(" ")]
    assert (code, told) == (
        0,
        ["watch add ferries", "watch edit ferries", "watch add trams", "feeds add"],
    )
    assert "  - when: ferry\n  + when: ferry OR boat\n" in out
    assert "  refused: It takes an editor.\n" in out


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        (("--since", "7d"), ["c2", "c3", "c4"]),
        (("--since", "1h"), ["c4"]),
        (("--subject", "ferries"), ["c1", "c2"]),
        (("--subject", "ferries", "--since", "3d"), ["c2"]),
        (("--subject", "buses"), []),
    ],
)
def test_the_audit_is_narrowed(
    say: Say, tmp_path: Path, asked: tuple[str, ...], ids: list[str]
) -> None:
    """--since and --subject show a part of it, --json one object a line."""
    with service(tmp_path, decided()):
        code, out, _ = say("audit", "--json", *asked)

    assert (code, [json.loads(line)["id"] for line in out.splitlines()]) == (0, ids)


def test_an_audit_that_finds_nothing_says_so(say: Say, tmp_path: Path) -> None:
    """Nobody wonders whether the command worked; the trail itself stays empty, also as JSON."""
    with service(tmp_path, decided()):
        in_words = say("audit", "--subject", "buses")
        as_json = say("audit", "--subject", "buses", "--json")

    said = "Nobody has changed anything in chat, or was refused, as far as was asked for.\n"
    assert in_words == (0, "", said)
    assert as_json == (0, "", "")


def test_json_has_what_was_and_what_is(say: Say, tmp_path: Path) -> None:
    """A line of JSON names people and places as the platform does, and both sides as YAML."""
    with service(tmp_path, decided()):
        _, out, _ = say("audit", "--json", "--subject", "ferries", "--since", "3d")

    line = json.loads(out)
    assert (line["platform"], line["workspace"], line["channel"], line["user"]) == (
        "slack",
        "T1",
        "C1",
        "U1",
    )
    assert yaml.safe_load(line["before"])["when"] == "ferry"
    assert yaml.safe_load(line["after"])["when"] == "ferry OR boat"
    assert line["refused"] is None


def test_a_span_that_is_none_is_refused(say: Say) -> None:
    """--since takes a number and its unit, and says so."""
    code, _, err = say("audit", "--since", "yesterday")

    assert (code, "Write a number and its unit" in err) == (2, True)


@pytest.mark.parametrize("command", [("audit",), ("rules", "export")])
def test_without_a_database_there_is_advice(say: Say, command: tuple[str, ...]) -> None:
    """Before the first start nobody decided on anything."""
    code, _, err = say(*command)

    assert (code, "Start the service with redline run" in err) == (2, True)


@pytest.mark.parametrize(
    ("asked", "names"),
    [((), ["ferries", "trams"]), (("--workspace", "T1"), ["ferries"]), (("--workspace", "T9"), [])],
)
def test_exported_rules_are_a_file(
    say: Say, tmp_path: Path, asked: tuple[str, ...], names: list[str]
) -> None:
    """`redline rules export` prints a rules.yaml that loads back to the rules of chat."""
    with service(tmp_path, decided()):
        code, out, _ = say("rules", "export", *asked)
    (tmp_path / "config" / "rules.yaml").write_text(out)

    loaded = load(tmp_path / "config", {}, PLATFORMS).rules

    kept = {"ferries": replace(FERRIES, when="ferry OR boat"), "trams": TRAMS}
    of_the_file: list[Rule] = [
        replace(kept[name], origin=Origin.YAML, workspace="") for name in names
    ]
    assert (code, list(loaded)) == (0, of_the_file)

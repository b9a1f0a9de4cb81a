"""Who is kept quiet: a case of tests/cases/decide is rules and mutes beside what is decided."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.decide import Case, History, decide
from bot.alerts.silence import Locate, Mutes, Whereabouts
from bot.model import (
    Alert,
    Article,
    ChannelRef,
    Mute,
    MuteScope,
    Reason,
    Rule,
    Silenced,
    Source,
    Trial,
    Urgency,
)
from bot.ports import Told
from bot.stories.group import story_of
from tests.build import DESK, NOON, a_match, a_rule, an_article

CASES = sorted((Path(__file__).parent / "cases" / "decide").glob("*.yaml"))
TEXT = "A blockade is a red line."


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_who_is_kept_quiet_is_decided_as_written(path: Path) -> None:
    """Each case says who is told, who is not, and why."""
    given_case = yaml.safe_load(path.read_text(encoding="utf-8"))

    decided = {str(alert.channel): _shown(alert) for alert in _decided(given_case)}

    expected = {
        channel: {"urgency": "now", "silenced": {}, **said}
        for channel, said in given_case["expected"].items()
    }
    assert decided == expected


def _decided(given_case: dict[str, Any]) -> tuple[Alert, ...]:
    rules = [_rule(written) for written in given_case["rules"]]
    article = _article(given_case)
    case = Case(
        story=story_of(article, None, NOON),
        article=article,
        matches=tuple(a_match(article, "red line", rule=rule.name) for rule in rules),
        baseline=given_case.get("baseline", False),
    )
    mutes = Mutes([_mute(written) for written in given_case.get("mutes", ())], _locate(given_case))
    return decide(case, {rule.name: rule for rule in rules}, _history(given_case), NOON, mutes)


def _article(given_case: dict[str, Any]) -> Article:
    domain = given_case.get("domain", "courier.example")
    source = Source(feed_id="courier", name="The Courier", domain=domain)
    return an_article(TEXT, source=source, version=given_case.get("version", 1))


def _history(given_case: dict[str, Any]) -> dict[ChannelRef, History]:
    new = tuple(given_case.get("new", ()))
    return {
        ChannelRef.parse(channel): History(
            Told(
                channel=ChannelRef.parse(channel), alert_id="k1", rules=tuple(rules), sentences=()
            ),
            new,
        )
        for channel, rules in given_case.get("told", {}).items()
    }


def _locate(given_case: dict[str, Any]) -> Locate:
    homes, ids = given_case.get("homes", {}), given_case.get("ids", {})
    return lambda channel: Whereabouts(homes.get(str(channel)), ids.get(str(channel)))


def _rule(written: dict[str, Any]) -> Rule:
    given_rule = dict(written)
    to = [ChannelRef.parse(channel) for channel in given_rule.pop("to")]
    if "trial" in given_rule:
        given_rule["trial"] = _trial(given_rule["trial"])
    if "urgency" in given_rule:
        given_rule["urgency"] = Urgency(given_rule["urgency"])
    return a_rule(given_rule.pop("name"), *to, **given_rule)


def _trial(written: dict[str, Any]) -> Trial:
    channel = written.get("channel")
    return Trial(
        until=NOON + timedelta(minutes=written.get("until", 60)),
        report_to=DESK,
        channel=ChannelRef.parse(channel) if channel else None,
    )


def _mute(written: dict[str, Any]) -> Mute:
    channel, minutes = written.get("channel"), written.get("until")
    return Mute(
        id=written["id"],
        scope=MuteScope(written["scope"]),
        target=written["target"],
        label=written["target"],
        workspace=written["workspace"],
        user_id="U1",
        at=NOON - timedelta(hours=1),
        until=None if minutes is None else NOON + timedelta(minutes=minutes),
        channel=ChannelRef.parse(channel) if channel else None,
        urgency=Urgency(written.get("urgency", "now")),
    )


def _shown(alert: Alert) -> dict[str, Any]:
    return {
        "reason": alert.reason.name,
        "rules": list(alert.rules),
        "urgency": alert.urgency.value,
        "silenced": {one.rule: _why(one) for one in alert.silenced},
    }


def _why(silenced: Silenced) -> str:
    return (
        f"{silenced.reason.name} by {silenced.mute_id}"
        if silenced.mute_id
        else silenced.reason.name
    )


# --- Whatever is muted ------------------------------------------------------------------------

CHANNELS = [
    ChannelRef("slack", "#desk"),
    ChannelRef("slack", "#wire"),
    ChannelRef("discord", "900"),
]
HOMES = {CHANNELS[0]: "T1", CHANNELS[1]: "T1", CHANNELS[2]: "G1"}
MUTES = st.builds(
    lambda scope, workspace, channel, minutes, urgency: Mute(
        id="m",
        scope=scope,
        target={"rule": "red-line", "story": "a1", "source": "courier.example", "feed": "courier"}[
            scope
        ],
        label="",
        workspace=workspace,
        user_id="U1",
        at=NOON,
        until=None if minutes is None else NOON + timedelta(minutes=minutes),
        channel=channel,
        urgency=urgency,
    ),
    st.sampled_from(MuteScope),
    st.sampled_from(["T1", "G1"]),
    st.none() | st.sampled_from(CHANNELS),
    st.none() | st.integers(-60, 60),
    st.sampled_from(Urgency),
)
RULES = st.builds(
    lambda name, to, urgency, paused: a_rule(name, *to, urgency=urgency, paused=paused),
    st.sampled_from(["red-line", "blockade"]),
    st.lists(st.sampled_from(CHANNELS), min_size=1, unique=True),
    st.sampled_from(Urgency),
    st.booleans(),
)


def all_of(rules: list[Rule], mutes: list[Mute]) -> tuple[Alert, ...]:
    """What is decided of an article that all rules fire for."""
    article = an_article(TEXT)
    case = Case(
        story=story_of(article, None, NOON),
        article=article,
        matches=tuple(a_match(article, "red line", rule=rule.name) for rule in rules),
    )
    known = Mutes(mutes, lambda channel: Whereabouts(HOMES[channel]))
    return decide(case, {rule.name: rule for rule in rules}, {}, NOON, known)


@given(
    rules=st.lists(RULES, max_size=2, unique_by=lambda rule: rule.name),
    mutes=st.lists(MUTES, max_size=4),
)
def test_silence_changes_who_is_told_and_never_what_is_remembered(
    rules: list[Rule], mutes: list[Mute]
) -> None:
    """Every channel is decided on and knows each rule that fired; silence has a reason."""
    for alert in all_of(rules, mutes):
        fired = {rule.name for rule in rules if alert.channel in rule.to}
        silenced = {one.rule for one in alert.silenced}
        assert set(alert.known_rules) == fired
        assert alert.reason.tells or silenced == fired
    assert {alert.channel for alert in all_of(rules, mutes)} == {
        channel for rule in rules for channel in rule.to
    }


@given(mutes=st.lists(MUTES, max_size=4))
def test_nothing_crosses_from_one_workspace_to_another(mutes: list[Mute]) -> None:
    """What the people of one workspace mute is never quiet in a channel of another."""
    of_guild = [mute for mute in mutes if mute.workspace == "G1"]

    decided = all_of([a_rule("red-line", *CHANNELS)], of_guild)

    told = [alert.channel for alert in decided if alert.reason is Reason.NEW_STORY]
    assert set(CHANNELS[:2]) <= set(told)

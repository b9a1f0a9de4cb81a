"""Whom to tell, and why not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.decide import Case, History, alert_id, decide
from bot.model import Alert, Article, ChannelRef, Match, Reason, Rule, Urgency
from bot.ports import Told
from bot.stories.group import story_of
from tests.build import DESK, NOON, WIRE, a_match, a_rule, an_article

ARTICLE = an_article("A blockade is a red line.")


def case(*matches: Match, article: Article = ARTICLE, baseline: bool = False) -> Case:
    """A new story of one article and its matches."""
    return Case(
        story=story_of(article, None, NOON), article=article, matches=matches, baseline=baseline
    )


def known(*rules: str, new: tuple[str, ...] = (), channel: ChannelRef = DESK) -> History:
    """What a channel knows of the story."""
    return History(Told(channel=channel, alert_id="first", rules=rules, sentences=()), new)


def only(about: Case, *rules: Rule, history: dict[ChannelRef, History] | None = None) -> Alert:
    """The one alert that is decided."""
    (alert,) = decide(about, {rule.name: rule for rule in rules}, history or {}, NOON)
    return alert


def test_a_first_report_is_told() -> None:
    """A channel is told of a story it does not know."""
    alert = only(case(a_match(ARTICLE, "red line")), a_rule())

    assert (alert.channel, alert.reason, alert.rules) == (DESK, Reason.NEW_STORY, ("red-line",))


def test_rules_that_fire_for_one_channel_share_one_alert() -> None:
    """Two rules make one card in a channel, and it names both."""
    matches = (a_match(ARTICLE, "red line"), a_match(ARTICLE, "blockade", rule="blockade"))

    alert = only(case(*matches), a_rule(), a_rule("blockade"))

    assert alert.rules == ("red-line", "blockade")


def test_every_channel_of_a_rule_is_told() -> None:
    """A rule with two channels makes one alert in each."""
    alerts = decide(
        case(a_match(ARTICLE, "red line")), {"red-line": a_rule("red-line", DESK, WIRE)}, {}, NOON
    )

    assert [alert.channel for alert in alerts] == [DESK, WIRE]
    assert len({alert.id for alert in alerts}) == 2


def test_what_was_there_before_is_baseline() -> None:
    """What stands in a feed when it is added is remembered and not posted."""
    alert = only(case(a_match(ARTICLE, "red line"), baseline=True), a_rule())

    assert alert.reason is Reason.BASELINE
    assert not alert.reason.posts


def test_a_paused_rule_is_quiet_and_says_so() -> None:
    """A paused rule decides, quietly, with its reason."""
    assert only(case(a_match(ARTICLE, "red line")), a_rule(paused=True)).reason is Reason.PAUSED


def test_a_paused_rule_does_not_silence_its_neighbour() -> None:
    """A card names the active rules only."""
    matches = (a_match(ARTICLE, "red line"), a_match(ARTICLE, "blockade", rule="blockade"))

    alert = only(case(*matches), a_rule(paused=True), a_rule("blockade"))

    assert (alert.rules, alert.reason) == (("blockade",), Reason.NEW_STORY)


@pytest.mark.parametrize(
    ("version", "history", "reason"),
    [
        (2, known("red-line", new=("Something new.",)), Reason.MATERIAL_UPDATE),
        (2, known("red-line"), Reason.NOTHING_NEW),
        (1, known("red-line"), Reason.ALREADY_TOLD),
        (1, known("another"), Reason.NEW_RULE),
    ],
)
def test_a_known_story_is_told_only_for_a_named_reason(
    version: int, history: History, reason: Reason
) -> None:
    """A channel that knows the story hears of it again only when something is new."""
    article = an_article("A blockade is a red line.", version=version)

    alert = only(
        case(a_match(article, "red line"), article=article), a_rule(), history={DESK: history}
    )

    assert (alert.reason, alert.reply_to) == (reason, "first")


def test_the_most_urgent_rule_sets_the_urgency() -> None:
    """One critical rule makes the shared card critical."""
    matches = (a_match(ARTICLE, "red line"), a_match(ARTICLE, "blockade", rule="blockade"))

    alert = only(
        case(*matches),
        a_rule(urgency=Urgency.DIGEST),
        a_rule("blockade", urgency=Urgency.CRITICAL),
    )

    assert (alert.urgency, alert.reason) == (Urgency.CRITICAL, Reason.NEW_STORY)


def test_a_digest_rule_waits_for_the_digest() -> None:
    """A rule of digest urgency does not post at once."""
    alert = only(case(a_match(ARTICLE, "red line")), a_rule(urgency=Urgency.DIGEST))

    assert alert.reason is Reason.DIGEST


def test_the_same_decision_has_the_same_key() -> None:
    """A decision taken twice, at other times too, is one alert."""
    about = case(a_match(ARTICLE, "red line"))
    rules = {"red-line": a_rule()}

    (first,) = decide(about, rules, {}, NOON)
    (again,) = decide(about, rules, {}, NOON + timedelta(days=3))

    assert first.id == again.id


@given(st.text(max_size=30), st.text(max_size=30), st.integers(1, 9))
def test_a_key_fits_every_platform(story: str, article: str, version: int) -> None:
    """A key is 24 characters of [a-z2-7], whatever the names."""
    key = alert_id(DESK, story, article, version)

    assert len(key) == 24
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz234567")

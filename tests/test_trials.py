"""When the time of a trial is over: one report of what the rule found, and what can be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import PRESSES
from bot.model import Action, Card, ChannelRef, Feedback, Opinion, Reason, Rule, Trial
from bot.trials import LOOKING, id_of
from tests.build import DESK
from tests.fakes import FakeClock
from tests.watching import FERRY, World, a_chat_rule, a_world, settled

WEEK = timedelta(days=7)
LAB = ChannelRef("slack", "#lab")


@pytest.fixture
def world(clock: FakeClock, tmp_path: Path) -> World:
    """A team with one feed."""
    return a_world(clock, tmp_path)


def on_trial(world: World, **changed: Any) -> Rule:
    """A rule that is tried for a week from now on, and then reports to the desk."""
    name = changed.pop("name", "ferries")
    until = world.clock.now() + WEEK
    trial = Trial(until=until, report_to=DESK, channel=changed.pop("channel", None))
    return replace(a_chat_rule(trial=trial, **changed), name=name)


async def publish(world: World, *slugs: str) -> None:
    """Publish articles that the rule finds, and have them polled."""
    for slug in slugs:
        world.press.courier.publish(slug, f"{slug}. {FERRY}", teaser=f"{slug}. {FERRY}")
    await world.poll()


async def wait(world: World, span: timedelta = WEEK) -> None:
    """Let the time of the trial pass."""
    world.clock.advance((span + LOOKING).total_seconds())
    await settled()
    world.clock.advance(60)
    await settled()


def reports(world: World) -> list[Card]:
    """The reports that were posted to the desk."""
    posted = [world.slack.shown[one.message.message_id] for one in world.slack.accepted]
    return [card for card in posted if card.title.startswith("The trial of")]


async def test_a_silent_trial_reports_what_it_found(world: World) -> None:
    """The report counts articles, stories and a day, and shows the newest five with their words."""
    async with world.running() as watch:
        await watch.change(world.change(None, on_trial(world)))
        await publish(world, *(f"ferry-{number}" for number in range(7)))
        assert world.titles(world.slack) == []
        await wait(world)

        [report] = reports(world)
        assert report.title == "The trial of “ferries” is over"
        assert report.status == "7 articles, 7 stories, 1.0 a day"
        assert [item.title for item in report.items] == [
            f"Report on ferry {number}" for number in (6, 5, 4, 3, 2)
        ]
        assert all(item.passage and item.passage.marks for item in report.items)
        assert "silent" in report.notes[0]
        assert watch.rules["ferries"].trial is not None


async def test_a_report_says_what_can_be_done(world: World) -> None:
    """Save for good, Edit and Delete name the rule itself, which outlives every draft."""
    async with world.running() as watch:
        await watch.change(world.change(None, on_trial(world)))
        await wait(world)

        [report] = reports(world)
        assert [(each.action, each.target) for each in report.buttons] == [
            (Action.SAVE, "rule.ferries"),
            (Action.FORM, "rule.ferries"),
            (Action.CONFIRM, "rule.ferries"),
        ]
        assert {each.action for each in report.buttons} <= {press.action for press in PRESSES}


async def test_a_trial_that_found_nothing_says_so(world: World) -> None:
    """Silence is news to the author of a rule."""
    async with world.running() as watch:
        await watch.change(world.change(None, on_trial(world)))
        await wait(world)

        [report] = reports(world)
        assert (report.status, report.items) == ("It found nothing", ())
        assert report.notes[0].startswith("Nothing published in that time matched")


async def test_a_report_is_given_once(world: World) -> None:
    """Neither a minute nor a restart repeats it, and the rule goes on being silent."""
    async with world.running() as watch:
        await watch.change(world.change(None, on_trial(world)))
        await wait(world)
        await wait(world, LOOKING)

    async with world.running():
        await publish(world, "ferry")
        await wait(world, LOOKING)

    assert world.titles(world.slack) == ["The trial of “ferries” is over"]


async def test_a_report_that_was_due_while_the_service_was_away_is_given(world: World) -> None:
    """A trial that ends during a restart reports at the start."""
    async with world.running() as watch:
        await watch.change(world.change(None, on_trial(world)))
    world.clock.advance(WEEK.total_seconds())

    async with world.running():
        await wait(world, LOOKING)

    assert len(reports(world)) == 1


async def test_a_second_trial_reports_again(world: World) -> None:
    """A rule that is put on trial anew gets a report of that trial too."""
    async with world.running() as watch:
        rule = on_trial(world)
        await watch.change(world.change(None, rule))
        await wait(world)
        await watch.change(world.change(rule, on_trial(world)))
        await wait(world)

        assert len(reports(world)) == 2


@pytest.mark.parametrize("decided", ["saved", "deleted"])
async def test_who_decides_before_the_end_gets_no_report(world: World, decided: str) -> None:
    """A rule that was saved or deleted meanwhile is no longer on trial."""
    async with world.running() as watch:
        rule = on_trial(world)
        await watch.change(world.change(None, rule))
        after = replace(rule, trial=None) if decided == "saved" else None
        await watch.change(world.change(rule, after))
        await wait(world)

        assert reports(world) == []


async def test_what_people_said_in_the_channel_of_the_trial_is_counted(world: World) -> None:
    """A trial with a channel has opinions to tell of; the alerts themselves went there alone."""
    async with world.running() as watch:
        await watch.change(world.change(None, on_trial(world, channel=LAB)))
        await publish(world, "ferry-1", "ferry-2", "ferry-3")
        await wait(world, LOOKING)
        opinions = (Opinion.RELEVANT, Opinion.IRRELEVANT, Opinion.RELEVANT)
        for sent, opinion in zip(world.slack.accepted, opinions, strict=True):
            assert sent.channel == LAB
            await world.store.give_feedback(
                Feedback(
                    alert_id=sent.key,
                    workspace="T1",
                    user_id="U1",
                    opinion=opinion,
                    at=world.clock.now(),
                )
            )
        await wait(world)

        [report] = reports(world)
        assert [line.text for line in report.lines] == [
            "People called 2 of its alerts relevant and 1 not relevant."
        ]
        assert "channel of its trial" in report.notes[0]


async def test_what_a_rule_found_before_its_trial_is_not_counted(world: World) -> None:
    """The report is about the time of the trial, as the audit trail has it."""
    async with world.running() as watch:
        plain = a_chat_rule()
        await watch.change(world.change(None, plain))
        await publish(world, "ferry-1", "ferry-2")
        await watch.change(world.change(plain, on_trial(world)))
        await wait(world)

        assert reports(world)[0].status == "It found nothing"


async def test_what_a_new_feed_had_before_is_not_counted(world: World) -> None:
    """Old articles that come with a feed's baseline are no work of the rule."""
    world.clock.advance(timedelta(days=10).total_seconds())
    async with world.running() as watch:
        await watch.change(world.change(None, on_trial(world)))
        await publish(world, "ferry")
        await wait(world)

        assert reports(world)[0].status == "It found nothing"


async def test_a_report_is_no_alert_of_its_rule(world: World) -> None:
    """What a rule brought is counted without the report of its trial."""
    async with world.running() as watch:
        rule = on_trial(world)
        await watch.change(world.change(None, rule))
        await wait(world)
        assert rule.trial is not None
        record = await world.store.alert(id_of("ferries", rule.trial))

    assert record is not None
    assert (record.alert.reason, record.alert.rules) == (Reason.REPORT, ())


async def test_a_name_that_fits_into_no_button_is_said(world: World) -> None:
    """A rule with another kind of name is decided on by commands."""
    async with world.running() as watch:
        await watch.change(world.change(None, on_trial(world, name="Fähren")))
        await wait(world)

        [report] = reports(world)
        assert report.buttons == ()
        assert "Its name is Fähren; the watch commands edit, save and delete it." in report.notes


@given(st.text(), st.text(), st.integers(0, 100))
def test_no_two_trials_share_a_report(one: str, other: str, days: int) -> None:
    """A report's id is that of the rule's name and the end of the trial, and fits as a key."""
    first = Trial(until=FakeClock().now(), report_to=DESK)
    second = replace(first, until=first.until + timedelta(days=days))

    assert (id_of(one, first) == id_of(other, second)) == ((one, 0) == (other, days))
    assert len(id_of(one, first)) == 24

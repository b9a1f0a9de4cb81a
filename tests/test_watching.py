"""What people decide in chat counts in the service that runs, and in the one that starts again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Changed, ChannelRef, Feed, MuteScope, Origin, Reason, Silenced, Trial
from bot.service import OPENING
from bot.watch import TENDING
from tests.commands_desk import a_desk, an_order, carry_out, typed
from tests.fakes import FakeClock
from tests.watching import (
    DESK,
    FERRY,
    LONG,
    RED,
    Slow,
    World,
    a_chat_rule,
    a_world,
    settled,
    told_of,
)


@pytest.fixture
def world(clock: FakeClock, tmp_path: Path) -> World:
    """A team with one feed, and one rule that tells two workspaces."""
    return a_world(clock, tmp_path)


async def test_a_rule_that_is_saved_in_chat_tells_of_the_next_article(world: World) -> None:
    """A rule counts from the next poll on, without a restart."""
    async with world.running() as watch:
        assert await watch.change(world.change(None, a_chat_rule())) is Changed.DONE
        world.press.courier.publish("ferry", FERRY, teaser=FERRY)
        await world.poll()

        assert world.titles(world.slack) == ["Report on ferry"]
        assert (await told_of(world, "ferry")).rules == ("ferries",)


async def test_an_edited_rule_means_what_it_says_now(world: World) -> None:
    """An edit is in force for the next article: new words tell, old ones no longer do."""
    async with world.running() as watch:
        rule = a_chat_rule(when="harbour")
        await watch.change(world.change(None, rule))
        await watch.change(world.change(rule, replace(rule, when="ferry")))
        world.press.courier.publish("ferry", FERRY, teaser=FERRY)
        world.press.courier.publish("harbour", "The harbour is closed.", teaser="It is closed.")
        await world.poll()

        assert world.titles(world.slack) == ["Report on ferry"]


async def test_a_deleted_rule_tells_nobody(world: World) -> None:
    """A rule that was deleted in chat is silent at once."""
    async with world.running() as watch:
        rule = a_chat_rule()
        await watch.change(world.change(None, rule))
        await watch.change(world.change(rule, None))
        world.press.courier.publish("ferry", FERRY, teaser=FERRY)
        await world.poll()

        assert world.titles(world.slack) == []


async def test_a_muted_rule_is_quiet_in_its_workspace_and_says_why(world: World) -> None:
    """A mute silences one workspace; the decision is remembered with its reason and its mute."""
    async with world.running() as watch:
        mute = world.mute("red-line", hours=12)
        await watch.change(world.change(None, mute))
        world.press.courier.publish("blockade", RED, teaser=RED)
        await world.poll()

        assert (world.titles(world.slack), world.titles(world.discord)) == (
            [],
            ["Report on blockade"],
        )
        quiet = await told_of(world, "blockade")
        assert quiet.reason is Reason.MUTED
        assert quiet.silenced == (Silenced(rule="red-line", reason=Reason.MUTED, mute_id=mute.id),)


async def test_who_asks_why_hears_of_the_mute(world: World) -> None:
    """`/news why` says of each channel here whether it was told, and what kept it quiet."""
    async with world.running() as watch:
        until = world.clock.now() + timedelta(hours=24)
        await watch.change(world.change(None, world.mute("red-line", hours=24)))
        world.press.courier.publish("blockade", RED, teaser=RED)
        await world.poll()
        desk = replace(
            a_desk(world.store, clock=world.clock),
            watch=watch,
            chats=[world.slack, world.discord],
        )
        article = f"{world.press.courier.site}/news/blockade"

        here = await typed(desk, f"/news why {article} red-line")
        there = await carry_out(an_order("news", f"why {article} red-line", workspace="G1"), desk)

        muted = f"muted in chat until {until.day} {until:%b %H:%M} UTC"
        assert here.notes == (f"slack:#desk was not told of it by this rule: {muted}.",)
        assert there.notes == ("discord:900 was told: first report of this story.",)


async def test_when_a_mute_ends_nothing_old_is_told(world: World) -> None:
    """A mute ends by itself; what came meanwhile stays quiet, what comes then is told."""
    async with world.running() as watch:
        await watch.change(world.change(None, world.mute("red-line", hours=8)))
        world.press.courier.publish("blockade", RED, teaser=RED)
        await world.poll()
        world.press.courier.amend("blockade", f"{RED} ", teaser=f"Updated: {RED}")
        world.press.courier.publish("mines", f"Mines? {RED}", teaser=f"Mines? {RED}")
        await world.poll()

        assert world.titles(world.slack) == ["Report on mines"]
        assert (await told_of(world, "blockade", version=2)).reason is Reason.NOTHING_NEW
        assert watch.mutes == {}


async def test_the_words_of_a_rule_muted_beside_another_are_old_afterwards(world: World) -> None:
    """A rule that was muted while another spoke does not tell its old find when the mute ends."""
    both = f"{FERRY} {RED}"
    async with world.running() as watch:
        await watch.change(world.change(None, a_chat_rule()))
        await watch.change(world.change(None, world.mute("red-line", hours=8)))
        world.press.courier.publish("ferry", both, teaser=both)
        await world.poll()
        first = await told_of(world, "ferry")
        world.press.courier.amend("ferry", both, teaser=f"{both} It is Monday.")
        await world.poll()

        assert (first.rules, first.reason) == (("ferries",), Reason.NEW_STORY)
        assert (await told_of(world, "ferry", version=2)).reason is Reason.NOTHING_NEW
        assert world.titles(world.slack) == ["Report on ferry"]


async def test_a_rule_of_the_files_is_paused_and_resumed_in_one_workspace(world: World) -> None:
    """People of T1 put a YAML rule to rest for T1 alone, and take it up again."""
    async with world.running() as watch:
        pause = world.mute("red-line", hours=None)
        await watch.change(world.change(None, pause))
        world.press.courier.publish("blockade", RED, teaser=RED)
        await world.poll()
        await watch.change(world.change(pause, None))
        world.press.courier.publish("mines", f"Mines? {RED}", teaser=f"Mines? {RED}")
        await world.poll()

        assert (await told_of(world, "blockade")).reason is Reason.PAUSED
        assert world.titles(world.slack) == ["Report on mines"]
        assert world.titles(world.discord) == ["Report on blockade", "Report on mines"]


async def test_a_rule_on_trial_tells_its_own_channel_alone(world: World) -> None:
    """A trial with a channel posts there, and is remembered as quiet where the rule would tell."""
    lab = ChannelRef("slack", "#lab")
    trial = Trial(until=world.clock.now() + timedelta(days=7), report_to=DESK, channel=lab)
    async with world.running() as watch:
        await watch.change(world.change(None, a_chat_rule(trial=trial)))
        world.press.courier.publish("ferry", FERRY, teaser=FERRY)
        await world.poll()

        assert [one.channel for one in world.slack.accepted] == [lab]
        assert (await told_of(world, "ferry")).reason is Reason.TRIAL


GAZETTE = Feed(
    id="gazette",
    url="https://gazette.example/feed.xml",
    title="The Gazette",
    origin=Origin.CHAT,
    workspace="T1",
)


async def test_a_feed_that_is_added_is_polled_at_once(world: World) -> None:
    """A new feed begins with a baseline, with no time passing, and then tells of what is new."""
    async with world.running() as watch:
        world.press.gazette.publish("old", RED, teaser=RED)
        await watch.change(world.change(None, GAZETTE))
        await settled()
        assert GAZETTE.url in world.press.asked
        assert world.titles(world.slack) == []

        world.press.gazette.publish("blockade", RED, teaser=RED)
        await world.poll()

        assert world.titles(world.slack) == ["Report on blockade"]


async def test_a_feed_that_is_removed_is_polled_no_more(world: World) -> None:
    """A removed feed is left alone, and what was under way with it ends without a trace."""
    async with world.running() as watch:
        await watch.change(world.change(None, GAZETTE))
        await settled()
        world.press.gazette.publish("blockade", RED, teaser=RED)
        world.press.held = asyncio.Event()
        await world.poll()
        asked = world.press.asked.count(GAZETTE.url)
        await watch.change(world.change(GAZETTE, None))
        world.press.held.set()
        await settled()
        await world.poll()

        assert world.press.asked.count(GAZETTE.url) == asked == 2
        assert world.titles(world.slack) == []


async def test_an_address_that_changes_under_way_is_asked_next(world: World) -> None:
    """A poll of the old address that comes home late does not take the new one back."""
    moved = replace(GAZETTE, url="https://gazette.example/feed.xml?all")
    async with world.running() as watch:
        world.press.held = asyncio.Event()
        await watch.change(world.change(None, GAZETTE))
        await settled()
        await watch.change(world.change(GAZETTE, moved))
        world.press.held.set()
        await world.poll()

        assert world.press.asked[-2:].count(moved.url) == 1
        assert world.press.asked.count(GAZETTE.url) == 1


async def test_a_muted_feed_is_polled_again_when_its_mute_ends(world: World) -> None:
    """Nobody has to do anything for a feed to come back."""
    async with world.running() as watch:
        mute = world.mute("courier", hours=24, scope=MuteScope.FEED)
        await watch.change(world.change(None, mute))
        asked = len(world.press.asked)
        await world.poll()
        assert len(world.press.asked) == asked

        world.clock.advance(timedelta(hours=24).total_seconds() + TENDING.total_seconds())
        await settled()
        await world.poll()

        assert len(world.press.asked) > asked


async def test_everything_is_in_force_after_a_restart(world: World) -> None:
    """Rules, feeds, mutes and pauses that people decided on outlive the service."""
    async with world.running() as watch:
        await watch.change(world.change(None, a_chat_rule()))
        await watch.change(world.change(None, GAZETTE))
        await watch.change(world.change(None, world.mute("red-line", hours=None)))
        await settled()

    async with world.running() as watch:
        assert list(watch.rules) == ["red-line", "ferries"]
        assert list(watch.feeds) == ["courier", "gazette"]
        assert [mute.target for mute in watch.mutes.values()] == ["red-line"]
        world.press.gazette.publish("ferry", FERRY, teaser=FERRY)
        world.press.courier.publish("blockade", RED, teaser=RED)
        await world.poll()

        assert world.titles(world.slack) == ["Report on ferry"]
        assert (await told_of(world, "blockade")).reason is Reason.PAUSED


async def test_polling_waits_a_moment_for_the_platforms(world: World) -> None:
    """A pause holds although news came before the platform was open: polling waited for it."""
    slow = Slow(world.clock, "slack")
    world.slack = slow
    slow.may_open.set()
    async with world.running() as watch:
        await watch.change(world.change(None, world.mute("red-line", hours=None)))
        await settled()
    slow.may_open.clear()
    world.press.courier.publish("blockade", RED, teaser=RED)
    world.clock.advance(LONG)
    asked = len(world.press.asked)

    async with world.running():
        assert len(world.press.asked) == asked
        slow.may_open.set()
        await world.poll()

        assert (await told_of(world, "blockade")).reason is Reason.PAUSED


async def test_polling_waits_no_longer_than_a_moment(world: World) -> None:
    """A platform that never opens holds up the news no longer than is said."""
    world.slack = Slow(world.clock, "slack")
    async with world.running():
        assert world.press.asked == []

        world.clock.advance(OPENING.total_seconds())
        await settled()

        assert len(world.press.asked) == 1


async def test_a_platform_that_is_away_still_has_its_mutes(world: World) -> None:
    """Where a channel lies stays known while its platform has lost its connection."""
    slack = Slow(world.clock, "slack")
    slack.may_open.set()
    world.slack = slack
    async with world.running() as watch:
        world.press.courier.publish("blockade", RED, teaser=RED)
        await world.poll()
        await watch.change(world.change(None, world.mute("red-line", hours=None)))
        slack.is_open = False
        world.press.courier.publish("mines", f"Mines? {RED}", teaser=f"Mines? {RED}")
        await world.poll()

        assert (await told_of(world, "mines")).reason is Reason.PAUSED


async def test_changes_count_in_the_order_in_which_they_were_made(world: World) -> None:
    """Of two edits at the same time one wins, in the store and in force alike."""
    async with world.running() as watch:
        rule = a_chat_rule()
        await watch.change(world.change(None, rule))
        edits = [replace(rule, when=words) for words in ("harbour", "bridge")]
        done = await asyncio.gather(*(watch.change(world.change(rule, edit)) for edit in edits))

        assert sorted(done) == [Changed.CONFLICT, Changed.DONE]
        assert list(await world.store.kept_rules()) == [watch.rules["ferries"]]

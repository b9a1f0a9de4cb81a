"""A flood from its poll to the button that ends it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.alerts.flood import JOINS, KEEP
from bot.commands import Desk, answer
from bot.model import (
    Access,
    Action,
    AlertState,
    ChannelRef,
    Feed,
    Flood,
    Grants,
    MessageRef,
    Posted,
    Request,
    Revised,
    Role,
    Standing,
)
from bot.ports import ChangeQuery, Held
from bot.upkeep import EVERY, Overdue, Upkeep
from tests.commands_desk import a_desk, card_of, typed
from tests.fakes import FakeChat, FakeClock
from tests.test_pipeline import Desk as Newsdesk

MANY = 20
DESK = ChannelRef("slack", "#desk")


@pytest.fixture
async def news(clock: FakeClock) -> Newsdesk:
    """A feed that was polled once, with one old report in it."""
    desk = Newsdesk(clock)
    desk.newsroom.publish("old-news", "The red line of last week was crossed again on Monday.")
    await desk.start()
    return desk


def wave(news: Newsdesk, name: str = "wave", size: int = MANY) -> None:
    """Let the feed bring many stories at once."""
    for number in range(size):
        news.newsroom.publish(f"{name}-{number}", f"Red line number {number} of {name}.")


async def flooded(news: Newsdesk) -> Held:
    """Let a poll bring too much, and return what is held."""
    wave(news)
    await news.poll()
    (held,) = (await news.store.tally()).held
    return held


def chat_desk(news: Newsdesk, **changed: Any) -> Desk:
    """What people in T1 press at, where the desk's channel is C1."""
    feed = Feed(id="courier", url=news.feed.url, title="The Courier")
    desk = a_desk(news.store, feeds=(feed,), rules=news.rules, clock=news.clock)
    desk.chats[:] = [FakeChat(news.clock, "slack", ids={"#desk": "C1"})]
    return replace(desk, **changed)


def pressed(action: Action, target: str, **changed: Any) -> Request:
    """An admin presses a button of the message."""
    given: dict[str, Any] = {
        "workspace": "T1", "channel_id": "C1", "user_id": "U1", "standing": Standing.ADMIN,
        "platform": "slack", "id": "press-1",
    }  # fmt: skip
    return Request(**(given | changed), action=action, target=target)


# --- the poll -----------------------------------------------------------------------------------


async def test_a_flood_is_one_message(news: Newsdesk) -> None:
    """Twenty matching articles of one poll are one message; their cards are held."""
    held = await flooded(news)

    assert await news.states() == {
        AlertState.QUIET: 1, AlertState.HELD: MANY, AlertState.OWED: 1,
    }  # fmt: skip
    claim = await news.claim()
    assert claim.post.key == held.hold.id
    assert claim.post.card.title == "Held: 20 stories at once from The Courier"
    assert (held.alerts, held.hold.feed_id, held.hold.entries) == (MANY, "courier", MANY)


async def test_the_next_story_after_a_flood_is_told(news: Newsdesk) -> None:
    """The gate closes on a poll, not on a feed."""
    await flooded(news)
    news.newsroom.publish("after", "A red line after the flood.")

    await news.poll()

    assert (await news.states())[AlertState.OWED] == 2


async def test_a_feed_that_floods_at_every_poll_is_told_of_once(news: Newsdesk) -> None:
    """What comes while nobody has decided joins what is held, for half a day."""
    held = await flooded(news)
    wave(news, "again")
    news.clock.advance(-timedelta(hours=24).total_seconds())  # polls of this desk are 25 h apart
    await news.poll()

    assert (await news.store.tally()).held == (replace(held, alerts=2 * MANY),)

    wave(news, "much-later")
    news.clock.advance(JOINS.total_seconds())
    await news.poll()

    assert [one.alerts for one in (await news.store.tally()).held] == [2 * MANY, MANY]


async def test_what_a_feed_usually_brings_is_no_flood(news: Newsdesk) -> None:
    """Once twenty at once were released, twenty at once are what the feed brings."""
    held = await flooded(news)
    desk = chat_desk(news)
    await answer(pressed(Action.RELEASE, held.hold.id), desk)
    wave(news, "next-day", 15)
    wave(news, "unmatched", 0)

    await news.poll()

    assert (await news.store.tally()).held == ()
    assert await news.store.bursts("courier", news.clock.now() - timedelta(days=9)) == (15, 20)


async def test_what_is_not_released_does_not_count_as_usual(news: Newsdesk) -> None:
    """A feed that shows its archive every day is held every day."""
    held = await flooded(news)
    await answer(pressed(Action.DISCARD, held.hold.id), chat_desk(news))
    wave(news, "next-day")

    await news.poll()

    assert len((await news.store.tally()).held) == 1


async def test_a_flood_that_no_rule_asks_for_holds_nobody_up(news: Newsdesk) -> None:
    """Where nothing matched there is nothing to decide, and it counts as what the feed brings."""
    for number in range(40):
        news.newsroom.publish(f"sport-{number}", "The harbour team won again.")

    await news.poll()

    assert (await news.store.tally()).held == ()
    assert await news.store.bursts("courier", news.clock.now() - timedelta(days=9)) == (40,)


async def rewritten(clock: FakeClock, entries: int, anew: int) -> Newsdesk:
    """A feed that gave its old stories as teasers, and now gives so many of them whole."""
    desk = Newsdesk(clock)
    told = {f"s-{n}": f"The council met on day {n} of the budget talks." for n in range(entries)}
    for slug, teaser in told.items():
        desk.newsroom.publish(slug, teaser, teaser=teaser)
    await desk.start()
    for slug in list(told)[:anew]:
        words = f"{told[slug]} It crossed the red line of {slug}."
        desk.newsroom.amend(slug, words, teaser=words)
    await desk.poll()
    return desk


async def test_old_stories_that_are_given_whole_are_held(clock: FakeClock) -> None:
    """A feed that begins to give whole articles does not post what was there all the time."""
    desk = await rewritten(clock, 12, 12)

    (held,) = (await desk.store.tally()).held
    assert (held.hold.flood, held.hold.entries, held.alerts) == (Flood.REWRITTEN, 0, 12)
    assert await desk.states() == {AlertState.HELD: 12, AlertState.OWED: 1}

    await answer(pressed(Action.RELEASE, held.hold.id), chat_desk(desk))
    assert await desk.states() == {AlertState.OWED: 13}
    assert await desk.store.bursts("courier", clock.now() - timedelta(days=9)) == ()


@pytest.mark.parametrize(("entries", "anew"), [(3, 3), (12, 7)])
async def test_edits_of_some_stories_are_told(clock: FakeClock, entries: int, anew: int) -> None:
    """Few stories that come to match, or some among many, are news."""
    desk = await rewritten(clock, entries, anew)

    assert await desk.states() == {AlertState.OWED: anew}


async def test_a_baseline_is_no_flood(clock: FakeClock) -> None:
    """What stands in a feed when it is added neither floods nor counts as usual."""
    desk = Newsdesk(clock)
    wave(desk)
    await desk.start()

    assert await desk.states() == {AlertState.QUIET: MANY}
    assert await desk.store.bursts("courier", clock.now() - timedelta(days=9)) == ()


# --- the buttons --------------------------------------------------------------------------------


async def test_what_is_released_is_posted(news: Newsdesk) -> None:
    """An admin's Release owes each card, shows who decided, and is in the audit trail."""
    held = await flooded(news)
    desk = chat_desk(news)

    reply = await answer(pressed(Action.RELEASE, held.hold.id), desk)

    assert isinstance(reply, Revised)
    assert reply.card.title == "Held: 20 stories at once from The Courier"
    assert [line.users for line in reply.card.marks] == [("U1",)]
    assert reply.card.marks[0].text.startswith("Released on")
    assert reply.card.buttons == ()
    assert (await news.states())[AlertState.OWED] == MANY + 1
    (line,) = await desk.register.changes(ChangeQuery(subject="courier"))
    assert (line.what, line.user_id, line.refused) == ("feeds release", "U1", "")


async def test_every_released_card_is_claimed(news: Newsdesk) -> None:
    """After the message each story comes as the card that it would have been."""
    held = await flooded(news)
    await answer(pressed(Action.RELEASE, held.hold.id), chat_desk(news))

    titles = set()
    for number in range(MANY + 1):
        news.clock.advance(1)
        claim = await news.claim()
        message = MessageRef(workspace="T1", channel_id="C1", message_id=str(number))
        await news.store.settle(claim, Posted(message), news.clock.now())
        titles.add(claim.post.card.summary[0].text if claim.post.card.summary else "message")

    assert titles == {"message", *(f"Red line number {n} of wave." for n in range(MANY))}


async def test_what_is_discarded_is_quiet(news: Newsdesk) -> None:
    """Discard leaves it at the message."""
    held = await flooded(news)

    reply = await answer(pressed(Action.DISCARD, held.hold.id), chat_desk(news))

    assert isinstance(reply, Revised)
    assert reply.card.marks[0].text.startswith("Discarded on")
    assert await news.states() == {AlertState.QUIET: MANY + 1, AlertState.OWED: 1}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
@pytest.mark.parametrize("action", [Action.RELEASE, Action.DISCARD])
async def test_only_admins_decide(news: Newsdesk, role: Role, action: Action) -> None:
    """Whoever is none is refused, which is written down; everything stays held."""
    held = await flooded(news)
    desk = chat_desk(news, access=Access(everyone=role))

    reply = await answer(pressed(action, held.hold.id, standing=Standing.MEMBER), desk)

    assert card_of(reply).title == "You may not do that here"
    assert (await news.states())[AlertState.HELD] == MANY
    (line,) = await desk.register.changes(ChangeQuery())
    assert line.what == f"feeds {action.value}"
    assert line.refused


async def test_an_admin_of_the_channel_decides(news: Newsdesk) -> None:
    """Whoever is an admin where it would be told may decide, an admin of another channel not."""
    held = await flooded(news)
    of_here = Access(channels={DESK: Grants(admins=frozenset({"slack:U2"}))})
    desk = chat_desk(news, access=of_here)
    member = {"standing": Standing.MEMBER, "channel_id": "C9"}

    refused = await answer(pressed(Action.RELEASE, held.hold.id, user_id="U3", **member), desk)
    assert card_of(refused).title == "You may not do that here"

    await answer(pressed(Action.RELEASE, held.hold.id, user_id="U2", id="p2", **member), desk)
    assert (await news.store.tally()).held == ()


@pytest.mark.parametrize("case", ["unknown", "of another workspace"])
async def test_what_is_not_held_here_is_not_decided(news: Newsdesk, case: str) -> None:
    """A made-up id and one of another workspace get the same answer, and change nothing."""
    held = await flooded(news)
    target = "made-up" if case == "unknown" else held.hold.id
    workspace = "T1" if case == "unknown" else "T2"

    reply = await answer(pressed(Action.RELEASE, target, workspace=workspace), chat_desk(news))

    assert card_of(reply).title == "This flood is not known here"
    assert (await news.states())[AlertState.HELD] == MANY


async def test_the_first_decision_counts(news: Newsdesk) -> None:
    """Who presses second sees what the first decided; the same press twice is one decision."""
    held = await flooded(news)
    desk = chat_desk(news)
    for press in ("press-1", "press-1", "press-2"):
        reply = await answer(
            pressed(
                Action.RELEASE if press == "press-1" else Action.DISCARD, held.hold.id, id=press
            ),
            desk,
        )
        assert isinstance(reply, Revised)
        assert reply.card.marks[0].text.startswith("Released on")

    assert len(await desk.register.changes(ChangeQuery())) == 1
    assert (await news.states())[AlertState.OWED] == MANY + 1


async def test_after_a_week_it_is_left_at_the_message(news: Newsdesk) -> None:
    """Where nobody decides, old stories are not posted; a late press says so."""
    held = await flooded(news)
    await news.claim()
    upkeep = Upkeep(news.clock, Overdue(news.store, ("slack",), news.clock).let_go)
    task = asyncio.create_task(upkeep.run())
    await news.clock.slept()
    news.clock.advance(KEEP.total_seconds() - 1)
    await news.clock.slept()
    assert (await news.states())[AlertState.HELD] == MANY

    news.clock.advance(EVERY.total_seconds() + 1)
    await news.clock.slept()
    task.cancel()

    assert AlertState.HELD not in await news.states()
    reply = await answer(pressed(Action.RELEASE, held.hold.id), chat_desk(news))
    assert card_of(reply).title == "Nobody decided in time"
    assert (await news.states())[AlertState.QUIET] == MANY + 1


# --- what people are shown ----------------------------------------------------------------------


async def test_status_and_list_show_what_is_held(news: Newsdesk) -> None:
    """Whoever asks sees that something waits for a decision, and of which feed."""
    held = await flooded(news)
    news.clock.advance(7200)
    desk = chat_desk(news)

    status = await typed(desk, "/redline status")
    assert status.title == "Redline needs a look"
    assert (
        "Held for 2 h: 20 alerts of The Courier to slack:#desk,"
        " the feed brought far more at once than it ever does"
    ) in [line.text for line in status.lines]
    assert status.buttons == ()
    listed = await typed(desk, "/feeds list")
    assert "20 alerts held" in listed.lines[0].text

    leading = replace(desk, access=Access(everyone=Role.ADMIN))
    status = await typed(leading, "/redline status")
    assert [(one.action, one.target) for one in status.buttons] == [
        (Action.RELEASE, held.hold.id),
        (Action.DISCARD, held.hold.id),
    ]


async def test_what_is_held_elsewhere_is_not_shown(news: Newsdesk) -> None:
    """Nothing crosses from one workspace to another."""
    await flooded(news)
    desk = chat_desk(news)
    desk.chats[:] = [FakeChat(news.clock, "discord")]

    status = await typed(desk, "/redline status")
    assert not any("Held" in line.text for line in status.lines)
    assert "held" not in (await typed(desk, "/feeds list")).lines[0].text

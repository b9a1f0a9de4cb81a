"""What people do at the same moment, what is broken off half-way, and who hears of it elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot import commands
from bot.commands import Desk
from bot.model import (
    Access,
    Action,
    Card,
    Change,
    Changed,
    ChannelRef,
    Feed,
    Form,
    Grants,
    Origin,
    Request,
    Role,
    Standing,
)
from bot.ports import ChangeQuery
from tests.build import a_rule
from tests.commands_desk import OpenStore, a_desk, an_order, card_of, typed
from tests.rules_in_chat import Person, rule_desk
from tests.test_feeds_commands import ADMIN, SITE, a_web, order

DESK = ChannelRef("slack", "#desk")
COURIER = Feed(id="courier", url="https://courier.example/rss", title="The Courier")


class Busy(OpenStore):
    """A store that lets others go first whenever it is asked."""

    async def changes(self, query: ChangeQuery) -> Sequence[Change]:
        """Return lines of the audit trail."""
        await rest()
        return await super().changes(query)

    async def change(self, change: Change) -> Changed:
        """Write it down."""
        await rest()
        return await super().change(change)


async def rest(turns: int = 3) -> None:
    """Let others go first, so many times."""
    for _ in range(turns):
        await asyncio.sleep(0)


class Held(OpenStore):
    """A store that has written a change down before it says so."""

    def __init__(self) -> None:
        super().__init__()
        self.may_say_so = asyncio.Event()

    async def change(self, change: Change) -> Changed:
        """Write it down, and say so when told to."""
        done = await super().change(change)
        await self.may_say_so.wait()
        return done


# --- at the same moment -----------------------------------------------------------------------


@pytest.mark.parametrize("line", ["/watch pause avel", "/feeds pause courier"])
async def test_what_two_people_pause_at_once_is_paused_once(line: str) -> None:
    """Who resumes it then does so for good."""
    desk = a_desk(Busy(), rules=[a_rule("avel", DESK)], feeds=[COURIER])
    desk = replace(desk, access=Access(everyone=Role.EDITOR))
    group, _, text = line.removeprefix("/").partition(" ")
    orders = [an_order(group, text, user_id=user, id=user.lower()) for user in ("U1", "U2")]

    await asyncio.gather(*(commands.carry_out(each, desk) for each in orders))
    assert len(desk.watch.mutes) == 1
    await typed(desk, line.replace("pause", "resume"))

    assert desk.watch.mutes == {}


async def test_a_feed_that_two_presses_add_at_once_is_added_once() -> None:
    """Whatever the store answers in between, an address is read once."""
    for ahead in range(12):
        desk = a_desk(Busy(), fetcher=a_web("/rss.xml"))
        offers = [await order(desk, f"add {SITE}/rss.xml") for _ in range(2)]

        async def press(card: Card | Form, turns: int, desk: Desk = desk) -> None:
            assert isinstance(card, Card)
            await rest(turns)
            where: dict[str, Any] = {
                "workspace": "T1",
                "channel_id": "C1",
                "user_id": "U1",
                "id": f"p{turns}",
            }
            target = card.buttons[0].target
            await commands.answer(
                Request(**where, **ADMIN, action=Action.CONFIRM, target=target), desk
            )

        await asyncio.gather(press(offers[0], 0), press(offers[1], ahead))
        assert len(desk.feeds) == 1, ahead


# --- broken off -------------------------------------------------------------------------------


async def test_what_was_written_down_comes_into_force_though_nobody_waits() -> None:
    """Who gives up waiting leaves no rule in the store that the service does not know."""
    store = Held()
    desk = a_desk(store)
    rule = a_rule("avel", DESK, origin=Origin.CHAT, workspace="T1")
    who: dict[str, Any] = {
        "platform": "slack",
        "workspace": "T1",
        "channel_id": "C1",
        "user_id": "U1",
    }
    change = Change(
        id="c1", at=desk.clock.now(), what="watch add", subject="avel", after=rule, **who
    )

    waiting = asyncio.create_task(desk.watch.change(change))
    await asyncio.sleep(0.01)
    waiting.cancel()
    store.may_say_so.set()
    await asyncio.sleep(0.01)

    assert waiting.cancelled()
    assert desk.watch.rules == {"avel": rule}


async def test_mutes_that_were_ended_half_way_are_ended_when_it_is_taken_up_again() -> None:
    """A restart between two mutes leaves none behind."""
    desk = rule_desk(a_rule("avel", DESK))
    person = Person(desk)
    await person.types("mute avel 8h")
    await person.types("mute avel 1d here")
    first, second = desk.watch.mutes.values()
    half = an_order("watch", "unmute avel", platform="slack", id="unmuting")
    ended = Change(
        id="unmuting",
        at=desk.clock.now(),
        platform="slack",
        workspace="T1",
        channel_id="C1",
        user_id="U1",
        what="watch unmute",
        subject="avel",
        before=first,
    )
    await desk.watch.change(ended)
    assert list(desk.watch.mutes) == [second.id]

    said = card_of(await commands.carry_out(half, desk))

    assert desk.watch.mutes == {}
    assert said.title.endswith("is no longer muted")
    assert said.buttons == ()
    assert card_of(await commands.carry_out(half, desk)).title == said.title


# --- elsewhere --------------------------------------------------------------------------------


async def test_the_status_counts_no_source_of_another_workspace() -> None:
    """What people elsewhere added is neither counted here nor makes Redline look ill."""
    theirs = replace(COURIER, id="theirs", origin=Origin.CHAT, workspace="T2")
    desk = a_desk(OpenStore(), feeds=[COURIER, theirs])
    await desk.watch.load()

    card = await typed(desk, "/redline status")

    assert card.lines[0].text.startswith("Sources: 1 feed polled")


async def test_a_mute_of_a_private_rule_that_is_deleted_does_not_name_it() -> None:
    """People outside learn it neither from a list, nor by ending the mute, nor by undoing that."""
    desk = rule_desk()
    inside, outside = Person(desk), Person(desk, user="U2", channel="C2")
    form = await inside.opens("add private")
    card = card_of(await inside.fills(form, title="Tolls", when="toll", channels=["C1"]))
    await inside.presses(card, "Save")
    await inside.types("mute tolls 8h")

    (mute,) = desk.watch.mutes.values()
    ended = await outside.forges(Action.UNMUTE, mute.id)
    undone = await outside.presses(card_of(ended), "Undo")
    assert "tolls" not in f"{ended} {undone}".casefold().replace('target="tolls"', "")
    await inside.deletes("tolls")
    home = await commands.carry_out(an_order("redline", "home", platform="slack"), desk)

    assert "tolls" not in str(home).casefold()


async def test_an_editor_of_one_channel_pauses_no_feed_of_all() -> None:
    """A feed that is paused is read for nobody, so it takes an editor of the whole workspace."""
    granted = Access(channels={DESK: Grants(editors=frozenset({"slack:U1"}))})
    desk = replace(rule_desk(feeds=[COURIER]), access=granted)

    reply = await commands.carry_out(an_order("feeds", "pause courier", platform="slack"), desk)

    assert card_of(reply).title == "You may not do that in all channels that it would touch"
    assert desk.watch.mutes == {}


async def test_an_editor_of_one_channel_adds_no_feed_for_all() -> None:
    """What a feed brings is there for every rule, so it takes an editor of the whole workspace."""
    granted = Access(channels={DESK: Grants(editors=frozenset({"slack:U1"}))})
    desk = a_desk(fetcher=a_web("/rss.xml"))
    desk = replace(desk, access=granted, chats=rule_desk().chats)
    who: dict[str, Any] = {"workspace": "T1", "channel_id": "C1", "user_id": "U1"}
    who |= {"standing": Standing.MEMBER, "platform": "slack"}

    offered = card_of(
        await commands.carry_out(an_order("feeds", f"add {SITE}/rss.xml", **who), desk)
    )
    confirm = Request(**who, action=Action.CONFIRM, target=offered.buttons[0].target)
    reply = card_of(await commands.answer(confirm, desk))

    assert reply.title == "You may not do that in all channels that it would touch"
    assert desk.watch.feeds == {}


async def test_a_viewer_opens_a_form_that_came_too_late() -> None:
    """Slack opens a form for three seconds; the button that opens it later works for everybody."""
    desk = replace(rule_desk(a_rule("avel", DESK)), access=Access())
    person = Person(desk)
    form = await person.opens("show")

    again = await person.forges(Action.FORM, form.draft)

    assert isinstance(again, Form)
    assert again.draft == form.draft


async def test_a_feed_that_the_settings_took_over_is_not_brought_back() -> None:
    """Undoing its removal leaves the feed of the file in force, for everybody."""
    desk = a_desk(fetcher=a_web("/rss.xml"))
    offered = await order(desk, f"add {SITE}/rss.xml")
    assert isinstance(offered, Card)
    who: dict[str, Any] = {"workspace": "T1", "channel_id": "C1", "user_id": "U1", **ADMIN}
    confirm = Request(**who, action=Action.CONFIRM, target=offered.buttons[0].target)
    added = card_of(await commands.answer(confirm, desk))
    (feed,) = desk.feeds
    undo = Request(**who, action=Action.UNDO, target=added.buttons[0].target)
    removed = card_of(await commands.answer(undo, desk))
    of_the_file = replace(feed, origin=Origin.YAML, workspace="")
    desk.watch.feeds[feed.id] = of_the_file

    again = Request(**who, action=Action.UNDO, target=removed.buttons[0].target)
    await commands.answer(again, desk)

    assert desk.feeds == (of_the_file,)

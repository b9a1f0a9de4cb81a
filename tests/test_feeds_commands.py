"""Feeds in chat, where the cases do not reach: repeats, rivals, other workspaces, large files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot import commands
from bot.commands import COMMANDS, DRAFT_STEPS, FORMS, Desk
from bot.commands.listing import LONGEST_LINE
from bot.model import (
    Action,
    Argument,
    Card,
    Change,
    Changed,
    ChannelRef,
    Feed,
    Form,
    MuteScope,
    Origin,
    Request,
    Revised,
    Role,
    Standing,
    Submission,
)
from bot.ports import ChangeQuery
from bot.store.memory import MemoryStore
from tests.commands_desk import OpenStore, a_desk, an_order, card_of, typed
from tests.fakes import FakeClock, FakePublishers
from tests.test_feeds_discover import BrokenSandbox, a_feed

SITE = "https://tides.example"
COURIER = Feed(id="courier", url="https://courier.example/rss", title="The Courier")
THEIRS = Feed(
    id="tides-example",
    url=f"{SITE}/rss.xml",
    title="Theirs",
    origin=Origin.CHAT,
    workspace="T2",
)


def a_web(*paths: str) -> FakePublishers:
    """A web with feeds at some paths of a site."""
    web = FakePublishers(FakeClock())
    for path in paths:
        web.publish(f"{SITE}{path}", a_feed(f"Tides {path}", ("Low water", "")))
    return web


async def order(desk: Desk, text: str, **who: Any) -> Card | Form:
    """What an admin of T1 is answered to `/feeds TEXT`."""
    reply = await commands.carry_out(an_order("feeds", text, **(ADMIN | who)), desk)
    assert not isinstance(reply, Revised)
    return reply


ADMIN: dict[str, Any] = {"standing": Standing.ADMIN, "platform": "slack"}


async def press(desk: Desk, card: Card | Form, number: int = 0, **who: Any) -> Card:
    """What is answered to the press of a button of a card."""
    assert isinstance(card, Card)
    button = card.buttons[number]
    given: dict[str, Any] = {
        "workspace": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "action": button.action,
        "target": button.target,
    }
    return card_of(await commands.answer(Request(**(given | ADMIN | who)), desk))


async def fill(desk: Desk, form: Card | Form, **values: str) -> Card | Form:
    """What is answered to a form that an admin sends."""
    assert isinstance(form, Form)
    given = tuple(Argument(name=name, value=value) for name, value in values.items())
    submission = Submission(
        workspace="T1",
        channel_id="C1",
        user_id="U1",
        form=form.name,
        draft=form.draft,
        values=given,
        **ADMIN,
    )
    reply = await commands.submit(submission, desk)
    return reply.card if isinstance(reply, Revised) else reply


def a_list(number: int) -> str:
    """A file with so many feeds, each of another site."""
    lines = (f'<outline type="rss" xmlUrl="https://s{n}.example/rss"/>' for n in range(number))
    return f"<opml><body>{''.join(lines)}</body></opml>"


async def trail(desk: Desk) -> Sequence[Change]:
    """The audit trail, the oldest line first."""
    return list(await desk.register.changes(ChangeQuery(limit=10_000)))[::-1]


# --- add ----------------------------------------------------------------------------------------


async def test_a_press_that_is_delivered_twice_adds_once() -> None:
    """The repeat of a press is answered as the press was, and nothing is done."""
    desk = a_desk(fetcher=a_web("/rss.xml"))
    offered = await order(desk, f"add {SITE}/rss.xml")

    first = await press(desk, offered, id="press-1")
    again = await press(desk, offered, id="press-1")

    assert first == again
    assert [change.what for change in await trail(desk)] == ["feeds add"]


async def test_a_second_press_says_that_it_is_added() -> None:
    """Who presses again, and not the platform, learns that the feed is read already."""
    desk = a_desk(fetcher=a_web("/rss.xml"))
    offered = await order(desk, f"add {SITE}/rss.xml")
    await press(desk, offered, id="press-1")

    again = await press(desk, offered, id="press-2")

    assert again.title == "“Tides /rss.xml” is read already"
    assert len(desk.feeds) == 1


async def test_a_feed_belongs_to_who_added_it() -> None:
    """What is added in chat belongs to its workspace, and the trail names who did it."""
    desk = a_desk(OpenStore(), fetcher=a_web("/rss.xml"))

    await press(desk, await order(desk, f"add {SITE}/rss.xml"), id="press-1")

    (feed,) = desk.feeds
    (change,) = await trail(desk)
    assert (feed.origin, feed.workspace, feed.id) == (Origin.CHAT, "T1", "tides-example")
    assert feed.report_to == ChannelRef("slack", "C1")
    assert (change.id, change.user_id, change.after) == ("press-1", "U1", feed)
    assert [state.feed_id for state in await desk.archive.due_feeds(desk.clock.now(), 9)] == [
        feed.id
    ]


async def test_a_feed_of_another_workspace_is_not_there() -> None:
    """It is not shown, not named, not changed, and does not keep people here from adding it."""
    desk = a_desk(feeds=[COURIER, THEIRS], fetcher=a_web("/rss.xml"))

    for text in ("pause", "resume", "remove"):
        card = await order(desk, f"{text} tides-example")
        assert isinstance(card, Card)
        assert card.title == "There is no feed “tides-example” here"
    listed = await typed(desk, "/feeds list")
    assert "Theirs" not in str(listed)
    assert "Theirs" not in str(await order(desk, "export"))
    added = await press(desk, await order(desk, f"add {SITE}/rss.xml"))
    assert added.title == "“Tides /rss.xml” is read from now on"
    assert desk.watch.feeds["tides-example"] == THEIRS
    assert desk.watch.feeds["tides-example-2"].workspace == "T1"


class Overtaken(OpenStore):
    """A store in which somebody else was always faster."""

    async def change(self, change: Change) -> Changed:
        """Refuse what adds or removes anything."""
        return Changed.DONE if change.refused else Changed.CONFLICT


@pytest.mark.parametrize("what", ["add", "pause", "import"])
async def test_who_was_overtaken_is_told(what: str) -> None:
    """Where somebody else changed the same thing at the same time, nothing is done, in words."""
    desk = a_desk(Overtaken(), feeds=[COURIER], fetcher=a_web("/rss.xml"))

    match what:
        case "add":
            card = await press(desk, await order(desk, f"add {SITE}/rss.xml"))
        case "pause":
            card = card_of(await order(desk, "pause courier"))
        case _:
            card = await press(desk, await fill(desk, await order(desk, "import"), file=a_list(1)))

    assert "somebody else" in f"{card.title} {card.notes}".casefold()
    assert desk.feeds == (COURIER,)


async def test_what_a_form_forges_is_not_taken() -> None:
    """A form of another person, with another name, or of no draft leads nowhere."""
    desk = a_desk(fetcher=a_web("/rss.xml"))
    offered = await order(desk, f"add {SITE}/rss.xml")
    assert isinstance(offered, Card)
    button = offered.buttons[1]
    request = Request(
        workspace="T1", channel_id="C1", user_id="U1", action=button.action,
        target=button.target, **ADMIN,
    )  # fmt: skip
    form = await commands.answer(request, desk)
    assert isinstance(form, Form)

    file_form = await order(desk, "import")
    assert isinstance(file_form, Form)
    crossed = (replace(form, name="feeds.import"), replace(file_form, name="feeds.add"))
    given = {"title": "Mine", "tier": "news", "fulltext": "auto", "file": a_list(1)}

    for forged in (replace(form, draft="made-up"), *crossed):
        answered = await fill(desk, forged, **given)
        assert isinstance(answered, Card)
        assert answered.title == "This is no longer kept"
    assert desk.feeds == ()


async def test_a_site_of_many_feeds_names_the_others() -> None:
    """Four feeds can be chosen; of the others five are told by their addresses."""
    paths = [f"/feeds/{n}.rss" for n in range(12)]
    web = a_web(*paths)
    links = "".join(f'<link rel=alternate type="application/rss+xml" href="{p}">' for p in paths)
    web.publish(SITE, f"<html><head>{links}</head></html>", "text/html")

    card = await order(a_desk(fetcher=web), f"add {SITE}")

    assert isinstance(card, Card)
    assert len(card.buttons) == 4
    assert len(card.lines) == 4 * 3 + 1 + 5
    assert "8 more feeds" in card.lines[12].text
    assert card.lines[-1].text == f"Without a name: {SITE}/feeds/8.rss"


async def test_long_names_and_addresses_stay_on_their_lines() -> None:
    """What a publisher calls itself and its items does not fill the card."""
    web, url = FakePublishers(FakeClock()), f"{SITE}/{'long/' * 300}rss.xml"
    web.publish(url, a_feed("Tides " * 200, ("Water " * 400, "")))

    card = await order(a_desk(fetcher=web), f"add {url}")

    assert isinstance(card, Card)
    assert len(card.title) <= 160
    assert max(len(line.text) for line in card.lines) <= LONGEST_LINE
    added = await press(a_desk(fetcher=web), card)
    assert added.title == "This is no longer kept"


# --- pause and remove ---------------------------------------------------------------------------


async def test_a_paused_feed_is_not_polled() -> None:
    """It leaves the list of what is due, and is back on it when it is resumed."""
    desk = a_desk(OpenStore(), feeds=[COURIER])

    await order(desk, "pause courier", id="1")
    during = await desk.archive.due_feeds(desk.clock.now(), 9)
    await order(desk, "resume courier", id="2")
    after = await desk.archive.due_feeds(desk.clock.now(), 9)

    assert [len(during), len(after)] == [0, 1]


@pytest.mark.parametrize("text", ["pause courier", "resume courier"])
async def test_an_order_that_is_delivered_twice_is_done_once(text: str) -> None:
    """The repeat of a pause is no mistake, and no second pause."""
    desk = a_desk(feeds=[COURIER])
    if text == "resume courier":
        await order(desk, "pause courier", id="0")

    first = await order(desk, text, id="1")
    again = await order(desk, text, id="1")

    assert first == again
    assert len({change.id for change in await trail(desk)}) == len(await trail(desk))


async def test_removing_a_feed_ends_its_pause() -> None:
    """The next feed of that name does not come paused; a crash in between is made good."""
    desk = a_desk(fetcher=a_web("/rss.xml"))
    await press(desk, await order(desk, f"add {SITE}/rss.xml"))
    await order(desk, "pause tides-example")
    asked = await order(desk, "remove tides-example")

    first = await press(desk, asked, id="press-1")
    again = await press(desk, asked, id="press-1")

    assert first == again
    assert desk.feeds == ()
    assert not desk.watch.is_paused(MuteScope.FEED, "tides-example", "T1")
    assert [change.what for change in await trail(desk)] == [
        "feeds add", "feeds pause", "feeds remove", "feeds resume",
    ]  # fmt: skip


async def test_a_removed_feed_begins_anew() -> None:
    """A feed that comes back has another id, so that its past is not told at once."""
    desk = a_desk(fetcher=a_web("/rss.xml"))
    await press(desk, await order(desk, f"add {SITE}/rss.xml"))
    await press(desk, await order(desk, "remove tides-example"))

    await press(desk, await order(desk, f"add {SITE}/rss.xml"))

    assert list(desk.watch.feeds) == ["tides-example-2"]


# --- export and import --------------------------------------------------------------------------


class Counting(OpenStore):
    """Counts how often the feeds are given to be polled."""

    synced = 0

    async def sync_feeds(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Count."""
        self.synced += 1
        await super().sync_feeds(feeds, now)


async def test_two_thousand_feeds_are_given_to_be_polled_once() -> None:
    """A large file does not have all feeds written anew for each of its own."""
    store = Counting()
    desk = a_desk(store)

    read = await fill(desk, await order(desk, "import"), file=a_list(2_000))
    done = await press(desk, read, id="press-1")

    assert done.title == "2,000 feeds are read from now on"
    assert len(desk.feeds) == len(await trail(desk)) == 2_000
    assert store.synced == 1


async def test_an_import_that_was_cut_off_adds_the_rest() -> None:
    """After a crash the same press adds what is missing, and nothing twice."""
    store = MemoryStore()
    await store.open()
    desk = a_desk(store)
    read = await fill(desk, await order(desk, "import"), file=a_list(5))
    whole = a_desk(OpenStore())
    await press(whole, await fill(whole, await order(whole, "import"), file=a_list(5)), id="p")
    for change in (await trail(whole))[:2]:
        await desk.watch.change(change)

    done = await press(desk, read, id="p")

    assert done.title == "3 feeds are read from now on"
    assert done.notes[1] == "2 feeds had been added meanwhile."
    assert [change.id for change in await trail(desk)] == [one.id for one in await trail(whole)]
    assert list(desk.watch.feeds) == list(whole.watch.feeds)


async def test_what_is_exported_is_known_when_it_is_imported() -> None:
    """A file of one's own brings nothing new here, and everything elsewhere."""
    feeds = [COURIER, replace(COURIER, id="b", url="https://b.example/rss", title="B & <b>")]
    desk, other = a_desk(feeds=feeds), a_desk()
    exported = await order(desk, "export")
    assert isinstance(exported, Card)
    assert exported.document

    here = await fill(desk, await order(desk, "import"), file=exported.document.text)
    there = await fill(other, await order(other, "import"), file=exported.document.text)
    await press(other, there)

    assert isinstance(here, Card)
    assert here.title == "2 feeds: 2 known already"
    assert [(one.url, one.title) for one in other.feeds] == [(one.url, one.title) for one in feeds]


async def test_a_file_that_cannot_be_read_safely_is_refused() -> None:
    """What breaks the reader is said at the field."""
    desk = a_desk()
    broken = replace(desk, web=replace(desk.web, sandbox=BrokenSandbox()))

    form = await fill(broken, await order(broken, "import"), file=a_list(1))

    assert isinstance(form, Form)
    assert form.fields[0].mistake == "It could not be read safely."


async def test_the_form_of_a_file_can_be_opened_again() -> None:
    """Where a platform cannot show the form at once, its draft opens it later."""
    desk = a_desk()
    form = await order(desk, "import")
    assert isinstance(form, Form)
    request = Request(
        workspace="T1",
        channel_id="C1",
        user_id="U1",
        action=Action.FORM,
        target=form.draft,
        **ADMIN,
    )

    assert await commands.answer(request, desk) == form


async def test_two_addresses_of_a_file_never_share_an_id() -> None:
    """What names a feed's memory differs also where the addresses say the same."""
    desk = a_desk()
    text = "".join(
        f'<outline type="rss" xmlUrl="https://a.example/{name}"/>' for name in ("rss", "rss.xml")
    )
    read = await fill(desk, await order(desk, "import"), file=f"<opml>{text}</opml>")

    await press(desk, read)

    assert list(desk.watch.feeds) == ["a-example", "a-example-2"]


# --- who may ------------------------------------------------------------------------------------


def test_what_others_depend_on_takes_an_admin() -> None:
    """Editors add and pause; removing and importing are for admins alone, at every step."""
    roles = {one.spec.verb: one.spec.role for one in COMMANDS if one.spec.group == "feeds"}
    steps = {(step.of, step.action): step.role for step in DRAFT_STEPS}
    forms = {form.name: form.role for form in FORMS}

    assert roles == {
        "list": Role.VIEWER, "add": Role.EDITOR, "pause": Role.EDITOR, "resume": Role.EDITOR,
        "export": Role.EDITOR, "remove": Role.ADMIN, "import": Role.ADMIN,
    }  # fmt: skip
    assert steps["feeds.remove", Action.CONFIRM] is Role.ADMIN
    assert steps["feeds.import", Action.CONFIRM] is Role.ADMIN
    assert steps["feeds.import", Action.FORM] is Role.ADMIN
    assert forms["feeds.import"] is Role.ADMIN

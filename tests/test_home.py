"""What a person sees of Redline at first: App Home and `/redline home`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.app import serve_of
from bot.commands import Desk
from bot.commands.home import MOST_FEEDS, MOST_RULES, MOST_UNMUTES, home
from bot.model import (
    Access,
    Action,
    Asked,
    Card,
    Feed,
    FeedState,
    Mute,
    MuteScope,
    Role,
    Standing,
)
from bot.ports import PollRecord
from tests.build import a_rule
from tests.commands_archive import NOW, desk_of, shelf
from tests.commands_desk import OpenStore, a_desk, typed
from tests.fakes import FakeClock
from tests.judged import CHANNEL


@pytest.fixture
async def desk() -> Desk:
    """A desk over the archive of the cases."""
    store = OpenStore()
    await shelf().remember(store)
    return desk_of(store)


def asked(**changed: Any) -> Asked:
    """A member opens their home, which lies in no channel."""
    given: dict[str, Any] = {
        "workspace": "T1",
        "channel_id": "",
        "user_id": "U1",
        "standing": Standing.MEMBER,
        "platform": "slack",
    }
    return Asked(**(given | changed))


def under(card: Card, heading: str) -> list[str]:
    """The lines below a heading."""
    texts = [(line.text, line.heading) for line in card.lines]
    if (heading, True) not in texts:
        return []
    rest = texts[texts.index((heading, True)) + 1 :]
    ends = [at for at, (_, is_heading) in enumerate(rest) if is_heading]
    return [text for text, _ in rest[: ends[0] if ends else None]]


def a_mute(number: int = 0, **changed: Any) -> Mute:
    """Somebody muted a rule for some hours."""
    mute = Mute(
        id=f"m{number}",
        scope=MuteScope.RULE,
        target="avel-red-line",
        label="Port Avel and the red line",
        workspace="T1",
        user_id="U2",
        at=NOW,
        until=NOW + timedelta(hours=number + 1),
    )
    return replace(mute, **changed)


async def test_the_app_home_and_the_command_show_the_same(desk: Desk) -> None:
    """Slack's App Home and /redline home are one card."""
    there = await serve_of(desk).home(asked())
    here = await typed(desk, "/redline home")

    assert there == here
    assert there.title == "Redline in this workspace"


@pytest.mark.parametrize(
    ("role", "abilities", "buttons"),
    [(Role.VIEWER, 1, []), (Role.EDITOR, 2, ["Add rule"]), (Role.ADMIN, 3, ["Add rule"])],
)
async def test_it_says_what_the_person_may_do(
    desk: Desk, role: Role, abilities: int, buttons: list[str]
) -> None:
    """Nobody is offered what they would be refused."""
    card = await home(asked(), replace(desk, access=Access(everyone=role)))

    assert len(under(card, "What you can do")) == abilities
    assert [button.label for button in card.buttons] == buttons


async def test_add_rule_opens_the_form_of_a_new_rule(desk: Desk) -> None:
    """The button is that of /watch add."""
    (button,) = (await home(asked(standing=Standing.ADMIN), desk)).buttons

    assert (button.action, button.target) == (Action.ADD, "rule")


@pytest.mark.parametrize("standing", [Standing.GUEST, Standing.EXTERNAL, Standing.BOT])
async def test_who_does_not_belong_sees_nothing(desk: Desk, standing: Standing) -> None:
    """A guest's home tells no rule, and no refusal is written for a mere visit."""
    card = await home(asked(standing=standing), desk)

    assert card.title == "You may not ask Redline here"
    assert not card.lines


async def test_the_commands_bear_their_prefix(desk: Desk) -> None:
    """What is offered can be typed."""
    prefixed = replace(desk, menu=replace(desk.menu, prefix="acme-"))
    card = await home(asked(standing=Standing.ADMIN), prefixed)

    assert all("/acme-" in line for line in under(card, "What you can do"))


async def test_each_rule_has_a_bar_for_each_day_of_its_week(desk: Desk) -> None:
    """Today's is the last; the rule that found most stands first."""
    card = await home(asked(), desk)

    assert under(card, "Rules and their week") == [
        "▁▁▁▁▁█▅ Port Avel and the red line · 3 articles",
        "▁██▁▁▁▁ Tariffs on grain · 2 articles",
        "▁▁▁▁█▁▁ old-harbour · 1 article · paused",
    ]


async def test_private_rules_stay_in_their_channels(desk: Desk) -> None:
    """The home lies in no channel, so it names none of them."""
    compiled = desk.watch.compiled["avel-red-line"]
    private = replace(compiled.rule, private=True)
    desk.watch.compiled["avel-red-line"] = replace(compiled, rule=private)

    everywhere = under(await home(asked(), desk), "Rules and their week")
    there = under(await home(asked(channel_id="C1"), desk), "Rules and their week")

    assert (len(everywhere), len(there)) == (2, 3)


async def test_what_is_muted_has_its_end_and_a_button_to_end_it(desk: Desk) -> None:
    """An editor ends a mute from here; a viewer sees it."""
    desk.watch.mutes["m0"] = a_mute()
    viewer = await home(asked(), desk)
    editor = await home(asked(standing=Standing.ADMIN), desk)

    said = ["Rule: Port Avel and the red line, everywhere until 2 Mar 10:00 UTC, by"]
    assert under(viewer, "Muted") == under(editor, "Muted") == said
    assert not viewer.buttons
    _, button = editor.buttons
    assert (button.label, button.action, button.target) == (
        "Unmute Port Avel and the red line",
        Action.UNMUTE,
        "m0",
    )


async def test_no_more_buttons_are_shown_than_fit(desk: Desk) -> None:
    """The first to end have theirs; all of the shown ones are listed."""
    desk.watch.mutes.update({f"m{n}": a_mute(n) for n in range(9)})
    card = await home(asked(standing=Standing.ADMIN), desk)

    assert [button.target for button in card.buttons[1:]] == ["m0", "m1", "m2"]
    assert len(card.buttons) == 1 + MOST_UNMUTES == 4
    assert under(card, "Muted")[-1] == "and 5 more: /watch list"


async def test_sources_that_fail_are_named_with_their_reason(desk: Desk) -> None:
    """What is well is not told."""
    assert under(await home(asked(), desk), "Sources that ail") == [
        "Norland Harbour Authority: failing for 3 h, the publisher answered 503"
    ]


async def test_a_large_workspace_has_a_short_home() -> None:
    """Eight rules and two sources are shown, and the rest is counted."""
    feeds = [
        Feed(id=f"f{n}", url=f"https://courier.example/{n}", title=f"Feed {n}") for n in range(8)
    ]
    store = OpenStore()
    await store.sync_feeds(feeds, NOW)
    for feed in feeds:
        state = FeedState(
            feed_id=feed.id, address=feed.url, next_poll_at=NOW, failures=1, last_error="gone"
        )
        await store.remember(PollRecord(state=state))
    rules = [a_rule(f"rule-{n:02}", CHANNEL) for n in range(14)]
    desk = a_desk(store, rules=rules, feeds=feeds, clock=FakeClock(NOW))

    card = await home(asked(), desk)

    assert card.status == "14 rules, 8 sources"
    assert under(card, "Rules and their week")[MOST_RULES:] == ["and 6 more: /watch list"]
    assert under(card, "Sources that ail")[MOST_FEEDS:] == ["and 6 more: /feeds list"]


async def test_an_empty_workspace_has_a_home() -> None:
    """Before there is anything, it says what can be done."""
    card = await home(asked(standing=Standing.ADMIN), a_desk())

    assert card.status == "0 rules, 0 sources"
    assert [line.text for line in card.lines if line.heading] == ["What you can do"]
    assert [button.label for button in card.buttons] == ["Add rule"]


async def test_nothing_crosses_from_one_workspace_to_another(desk: Desk) -> None:
    """People of another workspace see neither rules nor mutes of this one."""
    desk.watch.mutes["m0"] = a_mute()
    card = await home(asked(workspace="T2", standing=Standing.ADMIN), desk)

    assert not under(card, "Rules and their week")
    assert not under(card, "Muted")

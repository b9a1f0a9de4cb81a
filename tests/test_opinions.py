"""The Relevant and Not relevant buttons of an alert."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands import Desk, answer
from bot.model import Action, Card, FeedState, Opinion, Reply, Request, Revised, Standing
from bot.ports import PollRecord
from tests.commands_archive import NOW, desk_of, shelf
from tests.commands_desk import OpenStore

ALERT = "avel1-desk"
GONE = "This alert is no longer remembered"


@pytest.fixture
async def desk() -> Desk:
    """A desk over the archive of the cases, in which one alert was posted."""
    store = OpenStore()
    await shelf().remember(store)
    return desk_of(store)


def pressed(
    action: Action, target: str = ALERT, user: str = "U1", workspace: str = "T1"
) -> Request:
    """A member presses a button of an alert."""
    return Request(
        workspace=workspace,
        channel_id="C1",
        user_id=user,
        standing=Standing.MEMBER,
        platform="slack",
        action=action,
        target=target,
    )


def marks(reply: Reply) -> list[tuple[str, tuple[str, ...]]]:
    """The marks of the message that now looks so."""
    assert isinstance(reply, Revised)
    return [(line.text, line.users) for line in reply.card.marks]


async def test_a_press_changes_the_card_for_everybody(desk: Desk) -> None:
    """Relevant puts the person's name on the card as it was posted."""
    reply = await answer(pressed(Action.RELEVANT), desk)

    assert marks(reply) == [("Relevant:", ("U1",))]
    assert isinstance(reply, Revised)
    record = await desk.archive.alert(ALERT)
    assert record is not None
    assert replace(reply.card, marks=()) == record.card


async def test_every_later_press_shows_all_marks(desk: Desk) -> None:
    """The second person's press keeps what the first one said."""
    await answer(pressed(Action.RELEVANT), desk)
    reply = await answer(pressed(Action.IRRELEVANT, user="U2"), desk)

    assert marks(reply) == [("Relevant:", ("U1",)), ("Not relevant:", ("U2",))]


async def test_the_other_button_changes_the_opinion(desk: Desk) -> None:
    """A person has one opinion on an alert, the last."""
    await answer(pressed(Action.RELEVANT), desk)
    reply = await answer(pressed(Action.IRRELEVANT), desk)

    assert marks(reply) == [("Not relevant:", ("U1",))]
    (kept,) = await desk.register.feedback_on(ALERT)
    assert kept.opinion is Opinion.IRRELEVANT


async def test_the_same_button_again_changes_nothing(desk: Desk) -> None:
    """A second press takes nothing back, and those who pressed stay in their order."""
    await answer(pressed(Action.RELEVANT), desk)
    await answer(pressed(Action.RELEVANT, user="U2"), desk)
    reply = await answer(pressed(Action.RELEVANT), desk)

    assert marks(reply) == [("Relevant:", ("U1", "U2"))]


@pytest.mark.parametrize(
    ("target", "workspace"),
    [("avel3-desk", "T1"), ("avel3-closed", "T1"), (ALERT, "T2"), ("", "T1"), (ALERT, "")],
    ids=["unknown", "never posted", "of another workspace", "empty", "from nowhere"],
)
async def test_what_is_not_there_gets_one_friendly_answer(
    desk: Desk, target: str, workspace: str
) -> None:
    """Nobody learns from the answer whether there is such an alert elsewhere."""
    for action in (Action.RELEVANT, Action.IRRELEVANT):
        reply = await answer(pressed(action, target, workspace=workspace), desk)

        assert isinstance(reply, Card)
        assert reply.title == GONE
    assert not await desk.register.feedback_on(target)


async def test_an_alert_of_a_private_rule_is_known_in_its_channel_only(desk: Desk) -> None:
    """A press from elsewhere is answered as if there were no such alert."""
    rule = desk.watch.rules["avel-red-line"]
    desk.watch.rules["avel-red-line"] = replace(rule, private=True)

    there = await answer(pressed(Action.RELEVANT), desk)
    elsewhere = await answer(replace(pressed(Action.RELEVANT), channel_id="C2"), desk)

    assert isinstance(there, Revised)
    assert isinstance(elsewhere, Card)
    assert elsewhere.title == GONE
    why = await answer(replace(pressed(Action.WHY), channel_id="C2"), desk)
    assert isinstance(why, Card)
    assert why.title == GONE


@pytest.mark.parametrize(("workspace", "known"), [("T1", True), ("T2", False), ("", False)])
async def test_a_press_may_come_before_the_platform_answered(workspace: str, known: bool) -> None:
    """People see an alert before we are told that it was posted; its buttons work at once."""
    store = OpenStore()
    owed = next(one for one in shelf().owed if one.alert.id == ALERT)
    state = FeedState(feed_id="courier", address="https://c.example", next_poll_at=NOW)
    await store.remember(PollRecord(state=state, owed=(owed,)))
    claim = await store.claim(["slack"], NOW)

    reply = await answer(pressed(Action.RELEVANT, workspace=workspace), desk_of(store))

    assert claim is not None
    assert isinstance(reply, Revised) is known


async def test_a_guest_gives_no_opinion(desk: Desk) -> None:
    """Who does not belong to the workspace is refused, and nothing is remembered."""
    reply = await answer(replace(pressed(Action.RELEVANT), standing=Standing.GUEST), desk)

    assert isinstance(reply, Card)
    assert reply.title == "You may not do that here"
    assert not await desk.register.feedback_on(ALERT)

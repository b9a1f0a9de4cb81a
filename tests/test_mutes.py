"""Muting from an alert: the form, the mute, the list of what is muted, and its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.commands import Desk, answer, submit
from bot.commands.muted import mute_lines, mutes_here
from bot.model import (
    Access,
    Action,
    Argument,
    Asked,
    Card,
    ChannelRef,
    Form,
    Grants,
    Mute,
    MuteScope,
    Reply,
    Request,
    Revised,
    Role,
    Standing,
    Submission,
    Urgency,
)
from bot.ports import ChangeQuery
from tests.commands_archive import NOW, desk_of, shelf
from tests.commands_desk import OpenStore
from tests.fakes import FakeClock

ALERT = "avel1-desk"
DESK = ChannelRef("slack", "#desk")
GRAIN = ChannelRef("slack", "#grain")
CHOSEN = {"what": "rule-0", "where": "here", "how-long": "8h"}


@pytest.fixture
async def desk() -> Desk:
    """A desk over the archive of the cases, at which everybody is an editor."""
    store = OpenStore()
    await shelf().remember(store)
    return replace(desk_of(store), access=Access(everyone=Role.EDITOR))


def who(**changed: Any) -> dict[str, Any]:
    """Somebody in the desk's channel."""
    given: dict[str, Any] = {
        "workspace": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "standing": Standing.MEMBER,
        "platform": "slack",
    }
    return given | changed


def pressed(action: Action, target: str, **changed: Any) -> Request:
    """Somebody presses a button."""
    return Request(**who(**changed), action=action, target=target)


async def opened(desk: Desk, **changed: Any) -> Form:
    """The form that Mute… opens."""
    form = await answer(pressed(Action.MUTE, ALERT, **changed), desk)
    assert isinstance(form, Form)
    return form


async def sent(form: Form, desk: Desk, values: dict[str, str] = CHOSEN, **changed: Any) -> Reply:
    """The answer to the form, so filled in."""
    given = tuple(Argument(name=name, value=value) for name, value in values.items())
    submission = Submission(**who(**changed), form=form.name, draft=form.draft, values=given)
    return await submit(submission, desk)


def marks(reply: Reply) -> list[str]:
    """The marks of the message that now looks so."""
    assert isinstance(reply, Revised)
    return [line.text for line in reply.card.marks]


def title(reply: Reply) -> str:
    """The title of a card that is no changed message."""
    assert isinstance(reply, Card)
    return reply.title


async def the_mute(desk: Desk, **chosen: str) -> Mute:
    """The one mute there is after the form was sent."""
    await sent(await opened(desk), desk, {**CHOSEN, **chosen})
    (mute,) = desk.watch.mutes.values()
    return mute


# --- the form ---------------------------------------------------------------------------------


async def test_the_form_offers_story_rule_and_source(desk: Desk) -> None:
    """What can be muted is what the alert is about; the least is chosen to begin with."""
    form = await opened(desk)

    what, where, how_long = form.fields
    assert [choice.label for choice in what.choices] == [
        "This story",
        "Rule: Port Avel and the red line",
        "Source: The Courier (courier.example)",
    ]
    assert [choice.label for choice in where.choices] == [
        "In this channel",
        "Everywhere in this workspace",
    ]
    assert [choice.label for choice in how_long.choices] == ["1 hour", "8 hours", "1 day", "7 days"]
    assert (what.value, where.value, how_long.value) == ("story", "here", "1h")


async def test_a_viewer_gets_no_form(desk: Desk) -> None:
    """To mute is to edit: a viewer is told who can help, and the refusal is written down."""
    viewers = replace(desk, access=Access())

    assert title(await answer(pressed(Action.MUTE, ALERT), viewers)) == ("You may not do that here")
    (refused,) = await desk.register.changes(ChangeQuery())
    assert refused.what == "press mute"
    assert refused.refused


@pytest.mark.parametrize("target", ["avel3-desk", "avel3-closed", ""])
async def test_only_a_posted_alert_can_be_muted(desk: Desk, target: str) -> None:
    """An id that is none gets the friendly answer, and no draft is kept."""
    assert title(await answer(pressed(Action.MUTE, target), desk)) == (
        "This alert is no longer remembered"
    )


# --- what a sent form does --------------------------------------------------------------------


async def test_a_rule_is_muted_in_the_channel(desk: Desk) -> None:
    """The card says so, and the mute leaves what is more urgent than the alert."""
    reply = await sent(await opened(desk), desk)

    assert marks(reply) == ["Rule muted here until 2 Mar 17:00 UTC by"]
    (mute,) = desk.watch.mutes.values()
    assert (mute.scope, mute.target, mute.label) == (
        MuteScope.RULE,
        "avel-red-line",
        "Port Avel and the red line",
    )
    assert (mute.channel, mute.user_id, mute.urgency) == (DESK, "U1", Urgency.NOW)
    assert mute.until == NOW + timedelta(hours=8)


@pytest.mark.parametrize(("how_long", "hours"), [("1h", 1), ("8h", 8), ("1d", 24), ("7d", 7 * 24)])
async def test_a_mute_lasts_as_long_as_was_chosen(desk: Desk, how_long: str, hours: int) -> None:
    """Each duration that is offered ends when it says."""
    mute = await the_mute(desk, **{"how-long": how_long})

    assert mute.until == NOW + timedelta(hours=hours)


async def test_a_story_can_be_muted_everywhere(desk: Desk) -> None:
    """Then no channel is named, and the story's card says everywhere."""
    mute = await the_mute(desk, what="story", where="everywhere")

    assert (mute.scope, mute.target, mute.channel) == (MuteScope.STORY, "avel", None)


async def test_a_source_is_muted_by_its_site(desk: Desk) -> None:
    """The mute is told by the name that people know, and holds for the site."""
    mute = await the_mute(desk, what="source")

    assert (mute.scope, mute.target) == (MuteScope.SOURCE, "courier.example")
    assert mute.label == "The Courier (courier.example)"


async def test_marks_of_opinions_stay_when_something_is_muted(desk: Desk) -> None:
    """Every revision of the card shows all that people did with it."""
    await answer(pressed(Action.RELEVANT, ALERT, user_id="U2"), desk)
    reply = await sent(await opened(desk), desk)
    again = await answer(pressed(Action.IRRELEVANT, ALERT), desk)

    mute = "Rule muted here until 2 Mar 17:00 UTC by"
    assert marks(reply) == ["Relevant:", mute]
    assert marks(again) == ["Relevant:", "Not relevant:", mute]


async def test_a_mute_that_has_ended_is_no_longer_shown(desk: Desk) -> None:
    """The card tells how things stand when it is changed next."""
    await sent(await opened(desk), desk)
    assert isinstance(desk.clock, FakeClock)
    desk.clock.advance(timedelta(hours=8).total_seconds())

    assert marks(await answer(pressed(Action.RELEVANT, ALERT), desk)) == ["Relevant:"]


async def test_a_form_that_comes_twice_mutes_once(desk: Desk) -> None:
    """A repeated delivery of one interaction does one thing."""
    form = await opened(desk)

    for _ in range(2):
        assert marks(await sent(form, desk, id="1")) == ["Rule muted here until 2 Mar 17:00 UTC by"]
    assert len(desk.watch.mutes) == 1


@pytest.mark.parametrize("name", CHOSEN)
async def test_what_was_not_offered_is_a_mistake_at_its_field(desk: Desk, name: str) -> None:
    """A form that was tampered with is shown again, and nothing is muted."""
    form = await sent(await opened(desk), desk, {**CHOSEN, name: "everything"})

    assert isinstance(form, Form)
    assert [field.name for field in form.fields if field.mistake] == [name]
    assert not desk.watch.mutes


@pytest.mark.parametrize("stranger", [{"user_id": "U2"}, {"workspace": "T2"}])
async def test_a_form_of_somebody_else_is_not_taken(desk: Desk, stranger: dict[str, Any]) -> None:
    """Only who opened it may send it."""
    assert title(await sent(await opened(desk), desk, **stranger)) == "This is no longer kept"
    assert not desk.watch.mutes


async def test_an_editor_of_one_channel_mutes_in_that_channel(desk: Desk) -> None:
    """Who may edit here alone silences nothing elsewhere."""
    granted = Access(channels={DESK: Grants(editors=frozenset({"slack:U1"}))})
    here_only = replace(desk, access=granted)
    form = await opened(here_only)

    again = await sent(form, here_only, {**CHOSEN, "where": "everywhere"})

    assert isinstance(again, Form)
    assert [field.mistake for field in again.fields if field.mistake] == [
        "You may mute things in this channel only."
    ]
    assert marks(await sent(form, here_only)) == ["Rule muted here until 2 Mar 17:00 UTC by"]


async def test_a_form_with_a_mistake_can_be_opened_again(desk: Desk) -> None:
    """Where a platform cannot show mistakes in the form, its draft opens it as it was left."""
    form = await opened(desk)
    before = await answer(pressed(Action.FORM, form.draft), desk)
    await sent(form, desk, {"what": "source", "where": "here", "how-long": "for ever"})
    again = await answer(pressed(Action.FORM, form.draft), desk)

    assert before == form
    assert isinstance(again, Form)
    assert [field.value for field in again.fields] == ["source", "here", "1h"]
    assert title(await answer(pressed(Action.FORM, form.draft, user_id="U2"), desk)) == (
        "This is no longer kept"
    )
    assert marks(await sent(again, desk)) == ["Rule muted here until 2 Mar 17:00 UTC by"]


async def test_who_muted_what_is_written_down(desk: Desk) -> None:
    """The audit trail has a line with the mute."""
    mute = await the_mute(desk)

    (line,) = await desk.register.changes(ChangeQuery())
    assert (line.what, line.subject, line.user_id) == ("watch mute", "avel-red-line", "U1")
    assert (line.before, line.after) == (None, mute)


# --- what is muted ----------------------------------------------------------------------------


async def test_what_is_muted_is_listed_with_its_end(desk: Desk) -> None:
    """Here, elsewhere and everywhere; what ends first stands first."""
    here = await the_mute(desk)
    story = replace(here, id="m2", scope=MuteScope.STORY, target="avel", label="Escorts promised")
    there = replace(story, until=NOW + timedelta(hours=1), channel=GRAIN)
    paused = replace(here, id="m3", until=None, channel=None)
    everywhere = replace(here, id="m4", until=NOW + timedelta(days=3), channel=None)
    desk.watch.mutes.update({mute.id: mute for mute in (there, paused, everywhere)})

    assert [line.text for line in mute_lines(Asked(**who()), desk)] == [
        "Story: Escorts promised, in slack:#grain until 2 Mar 10:00 UTC, by",
        "Rule: Port Avel and the red line, here until 2 Mar 17:00 UTC, by",
        "Rule: Port Avel and the red line, everywhere until 5 Mar 09:00 UTC, by",
        "Rule: Port Avel and the red line, paused by",
    ]


async def test_another_workspace_sees_nothing_of_it(desk: Desk) -> None:
    """Mutes do not cross from one workspace to another, and what has ended is not listed."""
    await the_mute(desk)

    assert mute_lines(Asked(**who(workspace="T2")), desk) == ()
    later = replace(desk, clock=FakeClock(NOW + timedelta(hours=8)))
    assert mutes_here(Asked(**who()), later) == []


async def test_a_private_rule_is_not_named_elsewhere(desk: Desk) -> None:
    """People outside its channels see that something is muted, and not what."""
    await the_mute(desk)
    rule = desk.watch.compiled["avel-red-line"].rule
    private = replace(rule, private=True)
    desk.watch.rules[rule.name] = private
    desk.watch.compiled[rule.name] = replace(desk.watch.compiled[rule.name], rule=private)

    (line,) = mute_lines(Asked(**who(channel_id="C2")), desk)
    assert line.text == "Rule: a private rule, in slack:#desk until 2 Mar 17:00 UTC, by"
    assert line.users == ("U1",)


# --- the end ----------------------------------------------------------------------------------


async def test_a_mute_is_ended_by_its_button(desk: Desk) -> None:
    """Any editor may end it; the answer takes the place of the card that the button stood on."""
    mute = await the_mute(desk)
    reply = await answer(pressed(Action.UNMUTE, mute.id, user_id="U2"), desk)

    assert isinstance(reply, Revised)
    assert reply.card.title == "No longer muted: Port Avel and the red line"
    assert [button.label for button in reply.card.buttons] == ["Undo"]
    assert not desk.watch.mutes
    newest, *_ = await desk.register.changes(ChangeQuery())
    assert (newest.what, newest.before, newest.after) == ("watch unmute", mute, None)


async def test_a_press_that_comes_twice_is_answered_twice(desk: Desk) -> None:
    """A repeated delivery ends the mute once, and says so each time."""
    mute = await the_mute(desk)

    for _ in range(2):
        reply = await answer(pressed(Action.UNMUTE, mute.id, id="press-1"), desk)
        assert isinstance(reply, Revised)
        assert reply.card.title == "No longer muted: Port Avel and the red line"


async def test_the_end_of_a_mute_can_be_undone(desk: Desk) -> None:
    """Undo brings the very mute back, with the end that it had."""
    mute = await the_mute(desk)
    reply = await answer(pressed(Action.UNMUTE, mute.id), desk)
    assert isinstance(reply, Revised)
    (undo,) = reply.card.buttons

    await answer(pressed(undo.action, undo.target), desk)

    assert list(desk.watch.mutes.values()) == [mute]


@pytest.mark.parametrize("case", ["unknown", "ended", "of another workspace"])
async def test_what_is_not_muted_is_not_ended(desk: Desk, case: str) -> None:
    """An id that is none gets one answer, whatever the reason, and nothing changes."""
    mute = await the_mute(desk)
    if case == "ended":
        assert isinstance(desk.clock, FakeClock)
        desk.clock.advance(timedelta(hours=8).total_seconds())
    target = "somethingelse" if case == "unknown" else mute.id
    workspace = "T2" if case == "of another workspace" else "T1"

    reply = await answer(pressed(Action.UNMUTE, target, workspace=workspace), desk)

    assert title(reply) == "This is not muted any more"
    assert list(desk.watch.mutes.values()) == [mute]


async def test_an_editor_of_one_channel_ends_no_mute_elsewhere(desk: Desk) -> None:
    """What is muted for the whole workspace takes an editor of the workspace."""
    mute = await the_mute(desk, where="everywhere")
    granted = Access(channels={DESK: Grants(editors=frozenset({"slack:U1"}))})
    here_only = replace(desk, access=granted)

    assert title(await answer(pressed(Action.UNMUTE, mute.id), here_only)) == (
        "You may not do that here"
    )
    assert mute.id in desk.watch.mutes

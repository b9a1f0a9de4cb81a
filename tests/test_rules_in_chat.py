"""Rules in chat where the cases do not reach: repeats, races, privacy, channels, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import FORMS, Desk
from bot.commands.watch_names import LONGEST, slug
from bot.commands.watch_trial import LASTS
from bot.commands.watch_words import LONGEST_SIDE, apart
from bot.model import (
    LONGEST_FIELD_HELP,
    LONGEST_FORM_TITLE,
    LONGEST_LABEL,
    MOST_FIELDS,
    Access,
    Action,
    Card,
    Change,
    ChannelRef,
    Feed,
    Form,
    Grants,
    MuteScope,
    OptionKind,
    Role,
    Standing,
    Urgency,
)
from bot.ports import ChangeQuery
from bot.rules import Names
from handlers.discord.cards import render
from tests.build import a_rule
from tests.commands_desk import card_of
from tests.fakes import FakeClock
from tests.rules_in_chat import Person, button_of, is_in_place, labels, rule_desk, texts

DESK = ChannelRef("slack", "#desk")
GRAIN = ChannelRef("slack", "#grain")


async def changes(desk: Desk, **query: Any) -> list[Change]:
    """Lines of the audit trail, newest first."""
    return list(await desk.register.changes(ChangeQuery(**query)))


# --- saving -------------------------------------------------------------------------------------


async def test_nothing_is_saved_before_save_is_pressed() -> None:
    """A form that was sent and a backtest that was seen leave everything as it was."""
    desk = rule_desk()
    await Person(desk).tests("Tolls", "toll")

    assert dict(desk.watch.rules) == {}
    assert await changes(desk) == []


async def test_a_saved_rule_is_in_force_and_belongs_here() -> None:
    """What was saved is read, belongs to the workspace, and tells the chosen channels."""
    desk = rule_desk()
    await Person(desk).adds("Tolls & Fares", "toll", channels=["C2", "C1"], urgency="critical")

    rule = desk.watch.rules["tolls-fares"]
    assert (rule.workspace, rule.to, rule.urgency) == (
        "T1", (ChannelRef("slack", "C2"), ChannelRef("slack", "C1")), Urgency.CRITICAL
    )  # fmt: skip
    assert desk.watch.compiled["tolls-fares"].rule == rule


async def test_save_pressed_twice_saves_once() -> None:
    """Two presses of one button are two interactions, and still one rule."""
    desk = rule_desk()
    person = Person(desk)
    card = await person.tests("Tolls", "toll")

    first = card_of(await person.presses(card, "Save"))
    second = card_of(await person.presses(card, "Save"))

    assert second == first
    assert list(desk.watch.rules) == ["tolls"]
    assert len(await changes(desk)) == 1


@pytest.mark.parametrize("deed", ["pause tolls", "mute tolls 8h", "undo tolls", "resume tolls"])
async def test_what_is_delivered_twice_is_done_once(deed: str) -> None:
    """A repeated delivery is answered as the first was, and changes nothing more."""
    desk = rule_desk()
    person = Person(desk)
    await person.adds("Tolls")
    if deed.startswith("resume"):
        await person.types("pause tolls")

    first = await person.types(deed, id="once")
    written = await changes(desk)
    second = await person.types(deed, id="once")

    assert second == first
    assert await changes(desk) == written


async def test_a_save_delivered_twice_is_done_once() -> None:
    """The same holds of a press."""
    desk = rule_desk()
    person = Person(desk)
    await person.adds("Tolls")
    card = card_of(await person.fills(await person.opens("edit tolls"), when="fare"))

    first = await person.presses(card, "Save", id="once")
    second = await person.presses(card, "Save", id="once")

    assert second == first
    assert len(await changes(desk)) == 2


async def test_an_edit_that_changes_nothing_says_so() -> None:
    """Saving a rule as it is writes nothing down."""
    desk = rule_desk()
    person = Person(desk)
    await person.adds("Tolls")
    card = await person.edits("tolls")

    assert card.title == "“Tolls” is as you want it already"
    assert labels(card) == []
    assert len(await changes(desk)) == 1


async def test_a_rule_that_became_unreadable_is_not_saved() -> None:
    """A set that went between the form and Save is a mistake then; the form can be opened again."""
    desk = rule_desk(names=Names(sets={"ships": "ship OR boat"}))
    person = Person(desk)
    card = await person.tests("Ships", "@ships")
    desk.watch.names = Names()

    said = card_of(await person.presses(card, "Save"))

    assert said.title == "It cannot be saved as it is"
    assert labels(said) == ["Edit"]
    assert dict(desk.watch.rules) == {}


async def test_a_rule_deleted_meanwhile_is_not_edited() -> None:
    """Whoever saves an edit of a rule that is gone hears that it is gone."""
    desk = rule_desk()
    person, other = Person(desk), Person(desk, user="U2")
    await person.adds("Tolls")
    card = card_of(await person.fills(await person.opens("edit tolls"), when="fare"))
    await other.deletes("tolls")

    said = card_of(await person.presses(card, "Save"))

    assert said.title == "There is no rule “tolls” here"
    assert dict(desk.watch.rules) == {}


async def test_a_form_after_save_goes_on_from_what_was_saved() -> None:
    """An old card's Edit edits the rule that it became; it does not add another."""
    desk = rule_desk()
    person = Person(desk)
    card = await person.tests("Tolls", "toll")
    await person.presses(card, "Save")
    form = await person.presses(card, "Edit")
    assert isinstance(form, Form)
    again = await person.fills(form, when="fare")
    assert is_in_place(again)
    await person.presses(card_of(again), "Save")

    assert {name: rule.when for name, rule in desk.watch.rules.items()} == {"tolls": "fare"}


async def test_two_people_ending_up_with_the_same_are_not_bothered() -> None:
    """Where both wrote the same, there is nothing to decide between."""
    desk = rule_desk()
    person, other = Person(desk), Person(desk, user="U2")
    await person.adds("Tolls")
    form = await person.opens("edit tolls")
    await other.edits("tolls", when="fare")

    card = card_of(await person.fills(form, when="fare"))

    assert "Save" in labels(card)


async def test_a_change_made_at_the_same_moment_is_not_overwritten() -> None:
    """Where another process changed the rule first, nothing is saved, and both texts are shown."""
    desk = rule_desk()
    person = Person(desk)
    await person.adds("Tolls", "toll")
    card = card_of(await person.fills(await person.opens("edit tolls"), when="fare"))
    rule = desk.watch.rules["tolls"]
    theirs = replace((await changes(desk))[0], id="theirs", before=rule, user_id="U2")
    await desk.register.change(replace(theirs, after=replace(rule, when="price")))

    said = card_of(await person.presses(card, "Save"))
    deleted = await person.deletes("tolls")

    assert said.title == "“Tolls” was changed by somebody else meanwhile"
    assert said.lines[0].users == ("U2",)
    assert deleted.title == "Somebody else has just changed that"
    assert [kept.when for kept in await desk.register.kept_rules()] == ["price"]


# --- names --------------------------------------------------------------------------------------


_COUNT = "one two three four five six seven eight nine ten eleven"


@given(st.text(max_size=120))
def test_a_name_fits_into_a_button(title: str) -> None:
    """Whatever people call a rule, its name is 1 to 50 characters of a-z, 0-9 and hyphens."""
    name = slug(title)

    assert 1 <= len(name) <= LONGEST
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not name.startswith("-")
    assert not name.endswith("-")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Rafah: Árbol & Co.", "rafah-arbol-co"),
        ("رفح", "rule"),
        (_COUNT, "one-two-three-four-five-six-seven-eight-nine-ten"),
        ("x" * 60, "x" * 50),
    ],
)  # fmt: skip
def test_a_name_is_made_from_what_people_call_it(title: str, name: str) -> None:
    """Accents go, other scripts too; long ones are cut between words."""
    assert slug(title) == name


async def test_names_differ_from_all_that_were() -> None:
    """A second rule of one title gets -2, and one after a deleted one does not take its name."""
    desk = rule_desk(a_rule("tolls"))
    person = Person(desk)
    await person.adds("Tolls")
    await person.adds("Tolls")
    await person.deletes("tolls-3")
    await person.adds("Tolls")

    assert list(desk.watch.rules) == ["tolls", "tolls-2", "tolls-4"]


async def test_long_names_stay_short_with_their_number() -> None:
    """The number does not make a name too long for a button."""
    desk = rule_desk()
    person = Person(desk)
    for _ in range(2):
        await person.adds("x" * 60)

    assert list(desk.watch.rules) == ["x" * 50, "x" * 48 + "-2"]


# --- channels -----------------------------------------------------------------------------------


async def test_a_channel_keeps_the_name_that_it_has() -> None:
    """A channel chosen in a form is the one that rules and settings name, never a second one."""
    desk = replace(rule_desk(a_rule("old", DESK)), places=(GRAIN,))
    await Person(desk).adds("Tolls", channels=["C1", "C2", "C3"])

    assert desk.watch.rules["tolls"].to == (DESK, GRAIN, ChannelRef("slack", "C3"))


async def test_an_edit_keeps_the_channels_that_a_form_cannot_show() -> None:
    """What a rule tells on another platform stays when it is edited here."""
    desk = rule_desk()
    person = Person(desk)
    await person.adds("Tolls")
    elsewhere = ChannelRef("discord", "7")
    rule = desk.watch.rules["tolls"]
    both = replace(rule, to=(*rule.to, elsewhere))
    made = (await changes(desk))[0]
    await desk.watch.change(replace(made, id="both", before=rule, after=both))

    await person.edits("tolls", channels=["C2"])

    assert desk.watch.rules["tolls"].to == (ChannelRef("slack", "C2"), elsewhere)


class Elsewhere:
    """A chat none of whose channels lies here."""

    platform = "slack"

    def home_of(self, _channel: ChannelRef) -> str | None:
        return "T2"

    def id_of(self, channel: ChannelRef) -> str | None:
        return channel.name


async def test_a_channel_of_another_workspace_is_refused() -> None:
    """A forged form cannot have a rule tell a channel elsewhere."""
    desk = rule_desk()
    person = Person(desk)
    form = await person.opens("add")
    desk.chats[:] = [Elsewhere()]  # type: ignore[list-item]  # all that is asked of a chat here

    again = await person.fills(form, title="Tolls", when="toll", channels=["C9"])

    assert isinstance(again, Form)
    assert [field.name for field in again.fields if field.mistake] == ["channels"]


# --- trials -------------------------------------------------------------------------------------


async def on_trial(person: Person, card: Card, **values: Any) -> None:
    """Save what a backtest shows on trial."""
    form = await person.presses(card, "Save as trial")
    assert isinstance(form, Form)
    await person.fills(form, **values)


async def test_a_trial_reports_where_it_was_asked_for() -> None:
    """A week later, in the channel in which somebody asked for it."""
    clock = FakeClock()
    desk = rule_desk(clock=clock)
    person = Person(desk, channel="C7")
    await on_trial(person, await person.tests("Tolls", "toll", channels=["C2"]))

    trial = desk.watch.rules["tolls"].trial
    assert trial is not None
    assert (trial.until, trial.report_to) == (clock.now() + LASTS, ChannelRef("slack", "C7"))
    assert timedelta(days=7) == LASTS


async def test_a_private_trial_reports_to_its_own_channels() -> None:
    """A report shows the rule, so that of a private one goes where the rule may be seen."""
    desk = rule_desk()
    person = Person(desk, channel="C7")
    form = await person.opens("add private")
    card = card_of(await person.fills(form, title="Tolls", when="toll", channels=["C2"]))
    await on_trial(person, card)

    trial = desk.watch.rules["tolls"].trial
    assert trial is not None
    assert trial.report_to == ChannelRef("slack", "C2")


# --- who may ------------------------------------------------------------------------------------

DEEDS = [
    "add", "edit tolls", "copy tolls", "pause tolls", "resume tolls", "mute tolls 8h",
    "unmute tolls", "delete tolls", "undo tolls",
]  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_viewer_changes_nothing(deed: str) -> None:
    """Every command that changes rules takes an editor; a refusal is in the audit trail."""
    desk = rule_desk()
    await Person(desk).adds("Tolls")
    viewing = replace(desk, access=Access())

    card = await Person(viewing, user="U2").types(deed)

    assert card.title == "You may not do that here"
    (refused,) = [one for one in await changes(desk) if one.refused]
    assert (refused.user_id, refused.what) == ("U2", f"watch {deed.split(maxsplit=1)[0]}")
    assert list(desk.watch.rules) == ["tolls"]


@pytest.mark.parametrize("action", [Action.SAVE, Action.FORM, Action.CONFIRM])
async def test_a_viewer_presses_no_button_of_a_rule(action: Action) -> None:
    """The buttons of a report do nothing for who may not edit."""
    desk = replace(rule_desk(a_rule("tolls", DESK)), access=Access())

    reply = await Person(desk).forges(action, "rule.tolls")

    assert card_of(reply).title == "You may not do that here"


def editors_of_c1() -> Access:
    """U1 is an editor in #desk alone."""
    return Access(channels={DESK: Grants(editors=frozenset({"slack:U1"}))})


async def test_an_editor_of_one_channel_edits_what_it_is_told() -> None:
    """Whoever is an editor in a channel has a rule for it, and mutes it there."""
    desk = rule_desk(access=editors_of_c1())
    person = Person(desk)
    await person.adds("Tolls", channels=["C1"])
    await person.types("mute tolls 8h here")
    await person.types("mute tolls 8h")

    assert list(desk.watch.rules) == ["tolls"]
    assert len(desk.watch.mutes) == 2


async def test_an_editor_of_one_channel_reaches_no_other() -> None:
    """They add no rule that tells another channel, and change none that does."""
    desk = rule_desk(a_rule("both", DESK, GRAIN), access=editors_of_c1())
    person = Person(desk)

    added = await person.adds("Tolls", channels=["C1", "C2"])
    paused = await person.types("pause both")
    muted = await person.types("mute both 8h here")

    assert added.title == "You may not do that in all channels that it would touch"
    assert paused.title == added.title
    assert muted.title.startswith("“both” is muted in one channel")
    assert list(desk.watch.rules) == ["both"]
    assert [one.what for one in await changes(desk) if one.refused] == ["watch pause", "watch add"]


# --- who may know -------------------------------------------------------------------------------

ASKING = [
    "show", "edit", "copy", "pause", "resume", "mute {} 8h", "unmute", "delete", "history",
    "undo", "export",
]  # fmt: skip


async def private_rule(desk: Desk) -> None:
    """A rule that only #desk may see."""
    person = Person(desk)
    form = await person.opens("add private")
    card = card_of(await person.fills(form, title="Tolls", when="toll", channels=["C1"]))
    await person.presses(card, "Save")


@pytest.mark.parametrize("deed", ASKING)
@pytest.mark.parametrize("who", [{"channel": "C2"}, {"workspace": "T2"}, {"channel": ""}])
async def test_a_private_rule_is_not_there_elsewhere(deed: str, who: dict[str, Any]) -> None:
    """Outside its channels a private rule is answered as one that never was."""
    desk = rule_desk()
    await private_rule(desk)
    outside = Person(desk, user="U2", **who)
    line = deed.format("tolls") if "{}" in deed else f"{deed} tolls"
    never = line.replace("tolls", "never")

    said, of_none = await outside.types(line), await outside.types(never)

    assert said == replace(of_none, title=of_none.title.replace("never", "tolls"))
    assert "tolls" not in " ".join(texts(await outside.types("list")))
    assert [one.value for one in await outside.completes(OptionKind.RULE)] == []


@pytest.mark.parametrize("who", [{"channel": "C2"}, {"workspace": "T2"}])
@pytest.mark.parametrize("action", [Action.SAVE, Action.FORM, Action.CONFIRM])
async def test_no_button_reaches_a_private_rule(action: Action, who: dict[str, Any]) -> None:
    """A made-up target does not find what its maker may not see."""
    desk = rule_desk()
    await private_rule(desk)

    reply = await Person(desk, user="U2", **who).forges(action, "rule.tolls")

    assert card_of(reply).title == "There is no rule “tolls” here"
    assert list(desk.watch.rules) == ["tolls"]


async def test_a_deleted_private_rule_stays_private() -> None:
    """Its history and its undo are for its channels, also when it is gone."""
    desk = rule_desk()
    await private_rule(desk)
    gone = await Person(desk).deletes("tolls")
    outside = Person(desk, user="U2", channel="C2")

    for line in ("history tolls", "undo tolls"):
        assert (await outside.types(line)).title == "There is no rule “tolls” here"
    pressed = await outside.forges(Action.UNDO, button_of(gone, "Undo").target)
    assert card_of(pressed).title == "This change is not known here"
    assert dict(desk.watch.rules) == {}


async def test_what_was_private_once_is_not_told_to_all_later() -> None:
    """A rule that was opened to everybody keeps to itself what it said before."""
    desk = rule_desk()
    await private_rule(desk)
    person, outside = Person(desk), Person(desk, user="U2", channel="C2")
    card = card_of(await person.fills(await person.opens("edit tolls public"), when="fare"))
    await person.presses(card, "Save")

    history = await outside.types("history tolls")
    undo = await outside.types("undo tolls")

    assert history.title == "tolls was never changed in chat"
    assert undo.title.startswith("Nothing was changed in chat")
    assert len(texts(await person.types("history tolls"))) == 4


async def test_a_draft_of_a_private_rule_is_of_no_use_elsewhere() -> None:
    """Whoever left the channel with an open form does not see the rule any more."""
    desk = rule_desk()
    await private_rule(desk)
    form = await Person(desk).opens("edit tolls")

    said = await Person(desk, channel="C2").fills(form, when="fare")

    assert card_of(said).title == "There is no rule “tolls” here"


async def test_a_rule_of_another_workspace_does_not_show_in_names() -> None:
    """Two workspaces call a rule alike and know nothing of each other."""
    desk = rule_desk()
    await Person(desk).adds("Tolls")
    other = Person(desk, workspace="T2")

    assert (await other.types("list")).title == "No rule watches for this workspace"
    assert (await other.types("history tolls")).title == "There is no rule “tolls” here"
    assert await other.completes(OptionKind.RULE, "to") == []


# --- undo ---------------------------------------------------------------------------------------


async def test_undo_of_a_feed_takes_an_admin_unless_it_is_ones_own() -> None:
    """Taking away what others depend on is not for every editor, not by Undo either."""
    desk = rule_desk()
    feed = Feed(id="own", url="https://own.example/feed", title="Own", workspace="T1")
    person, other = Person(desk), Person(desk, user="U2")
    await person.adds("Tolls")
    made = (await changes(desk))[0]
    added = replace(made, id="added", what="feeds add", subject="own", before=None, after=feed)
    await desk.watch.change(added)

    refused = card_of(await other.forges(Action.UNDO, "added"))
    done = card_of(await person.forges(Action.UNDO, "added"))

    assert refused.title == "You may not do that here"
    assert done.title == "“Own” is removed"
    assert dict(desk.watch.feeds) == {}
    assert (await changes(desk, subject="own"))[0].what == "feeds undo"


async def test_undo_does_not_overwrite_a_rule_of_the_file() -> None:
    """Where a file has taken the name since, the rule of chat is not brought back over it."""
    desk = rule_desk()
    person = Person(desk)
    await person.adds("Tolls")
    await person.deletes("tolls")
    desk.watch.rules["tolls"] = a_rule("tolls")

    card = await person.types("undo tolls")

    assert card.title == "Somebody else has just changed that"
    assert desk.watch.rules["tolls"].title == "tolls"


async def test_a_mute_that_ended_is_passed_over() -> None:
    """Undo takes back the last thing that still matters."""
    clock = FakeClock()
    desk = rule_desk(clock=clock)
    person = Person(desk)
    await person.adds("Tolls", "toll")
    await person.edits("tolls", when="fare")
    muted = await person.types("mute tolls 1h")
    clock.advance(3600)

    pressed = card_of(await person.presses(muted, "Undo"))
    await person.types("undo tolls")

    assert pressed.title == "It has ended by itself; there is nothing to undo"
    assert desk.watch.rules["tolls"].when == "toll"


@pytest.mark.parametrize("id_", ["slack:V0A1B:156.78:133.73.80d8f", "discord:1187500000000000000"])
async def test_undo_can_be_pressed_whatever_a_platform_calls_its_interactions(id_: str) -> None:
    """The ids that platforms give stand in no button; what they name is undone all the same."""
    desk = rule_desk(a_rule("tolls", DESK))
    person = Person(desk)
    card = await person.types("pause tolls", id=id_)

    shown = render(card).buttons
    await person.presses(card, "Undo")

    assert [press.label for press in shown] == ["Undo"]
    assert dict(desk.watch.mutes) == {}


# --- silence ------------------------------------------------------------------------------------


async def test_a_mute_silences_a_critical_rule_too() -> None:
    """Whoever mutes a critical rule means it; what is made more urgent later gets through."""
    desk = rule_desk()
    person = Person(desk)
    await person.adds("Tolls", urgency="critical")
    await person.adds("Fares", urgency="digest")
    for name in ("tolls", "fares"):
        await person.types(f"mute {name} 8h")

    assert {mute.target: mute.urgency for mute in desk.watch.mutes.values()} == {
        "tolls": Urgency.CRITICAL,
        "fares": Urgency.NOW,
    }


async def test_muting_again_moves_the_end() -> None:
    """One place has one mute of a rule, whose end is the one said last."""
    clock = FakeClock()
    desk = rule_desk(clock=clock)
    person = Person(desk)
    await person.adds("Tolls")
    for lasts in ("8h", "1h"):
        await person.types(f"mute tolls {lasts}")

    (mute,) = desk.watch.mutes.values()
    assert mute.until == clock.now() + timedelta(hours=1)


async def test_a_pause_is_for_its_workspace() -> None:
    """A rule of the file that two workspaces share is paused for one of them."""
    desk = rule_desk(a_rule("tolls", DESK))
    await Person(desk).types("pause tolls")

    assert desk.watch.is_paused(MuteScope.RULE, "tolls", "T1")
    assert not desk.watch.is_paused(MuteScope.RULE, "tolls", "T2")


# --- words and limits ---------------------------------------------------------------------------


@given(st.text(max_size=300), st.text(max_size=300))
def test_before_and_after_differ_to_the_eye(before: str, after: str) -> None:
    """However long two texts are, what is shown of them fits a line; quotes hold what there is."""
    shown = apart(before, after)

    assert all(len(each) <= LONGEST_SIDE + 3 for each in shown)
    assert (shown[0] == "nothing", shown[1] == "nothing") == (not before, not after)


def test_a_difference_late_in_a_long_text_is_seen() -> None:
    """The first place that differs stands on the line."""
    same = "harbour OR " * 30

    assert apart(f"{same}grain", f"{same}tariff") == (
        "“…OR harbour OR grain”",
        "“…OR harbour OR tariff”",
    )


async def test_forms_are_within_what_both_platforms_take() -> None:
    """Titles, labels, help and the number of fields fit; every form is one that can be sent."""
    desk = rule_desk()
    person = Person(desk)
    edit = await person.opens("add")
    trial = await person.presses(await person.tests("Tolls", "toll"), "Save as trial")
    assert isinstance(trial, Form)

    for form in (edit, trial):
        assert form.name in {each.name for each in FORMS}
        assert len(form.fields) <= MOST_FIELDS
        assert len(form.title) <= LONGEST_FORM_TITLE
        assert len(form.submit) <= LONGEST_FORM_TITLE
        assert all(len(each.label) <= LONGEST_LABEL for each in form.fields)
        assert all(len(each.help) <= LONGEST_FIELD_HELP for each in form.fields)


@pytest.mark.parametrize("field", ["title", "when", "except"])
async def test_what_is_too_long_is_said_at_its_field(field: str) -> None:
    """A platform's limit can be forged away; ours holds."""
    person = Person(rule_desk())
    given_values = {"title": "Tolls", "when": "toll", field: "toll " * 1000}

    again = await person.fills(await person.opens("add"), **given_values)

    assert isinstance(again, Form)
    assert [each.name for each in again.fields if each.mistake] == [field]


async def test_a_rule_too_long_for_a_form_is_not_cut() -> None:
    """A rule of the file that no form holds is refused, not copied in part."""
    words = " OR ".join(f"harbour{n}" for n in range(300))
    person = Person(rule_desk(a_rule("long", DESK, when=words)))

    card = await person.types("copy long")

    assert card.title == "“long” is too long to be edited in chat"


async def test_a_long_title_can_be_copied() -> None:
    """The copy's title is cut, so that it fits the field with its mark."""
    person = Person(rule_desk(a_rule("long", DESK, title="harbour " * 14)))

    form = await person.opens("copy long")

    title = form.fields[0].value
    assert title.endswith(" (copy)")
    assert len(title) <= form.fields[0].longest


# --- completing ---------------------------------------------------------------------------------


async def test_feeds_sets_and_durations_are_completed() -> None:
    """Names of feeds that may be known here, of sets, and lengths of time."""
    mine = Feed(id="gazette", url="https://g.example/", title="The Gazette")
    theirs = Feed(id="grain", url="https://x.example/", title="Grain", workspace="T2")
    desk = rule_desk(names=Names(sets={"ships": "ship", "grain": "corn"}), feeds=[mine, theirs])
    person = Person(desk)

    feeds = await person.completes(OptionKind.FEED)
    sets = await person.completes(OptionKind.SET, "shi")
    durations = await person.completes(OptionKind.DURATION, "3d")

    assert [one.label for one in feeds] == ["gazette: The Gazette"]
    assert [one.value for one in sets] == ["ships"]
    assert [one.label for one in durations] == ["3d: 3 days"]
    assert await person.completes(OptionKind.TEXT, "shi") == []


async def test_guests_complete_nothing() -> None:
    """Not even a length of time."""
    person = Person(rule_desk(), standing=Standing.GUEST)

    for kind in OptionKind:
        assert await person.completes(kind) == []


async def test_roles_rank() -> None:
    """An admin may do what an editor may."""
    desk = rule_desk(access=Access())
    await Person(desk, standing=Standing.ADMIN).adds("Tolls")

    assert list(desk.watch.rules) == ["tolls"]
    assert Role.ADMIN.rank > Role.EDITOR.rank

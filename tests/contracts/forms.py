"""The suite of forms, edits and restarts that every chat platform with commands passes.

A platform plugs in with the harness of its commands, which then has the verbs of a person who fills
in a form as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pytest

from bot.errors import StoreError
from bot.model import (
    Action,
    Button,
    Card,
    Choice,
    FieldKind,
    Form,
    FormField,
    OptionKind,
    Revised,
    Standing,
)
from tests.contracts.chat import CARD, HOSTILE
from tests.contracts.commands import CommandHarness, Doing, Seen

URGENCIES = (
    Choice(value="now", label="At once"),
    Choice(value="digest", label="With the digest"),
    Choice(value="critical", label="Even at night"),
)
RULE_FORM = Form(
    name="watch.edit",
    title="Add a rule",
    draft="draft7",
    fields=(
        FormField(name="name", label="Name", help="Short, without spaces", longest=60),
        FormField(
            name="when", label="When", kind=FieldKind.TEXT, values=('"red line"',), longest=2_000
        ),
        FormField(name="urgency", label="Urgency", kind=FieldKind.CHOICE, choices=URGENCIES),
        FormField(name="to", label="Channels", kind=FieldKind.CHANNELS, required=False),
        FormField(
            name="like", label="Like", kind=FieldKind.NAME, of=OptionKind.RULE, required=False
        ),
    ),
)
MUTE = Button(action=Action.MUTE, label="Mute…", target="alert7")
ALERT = replace(CARD, buttons=(MUTE,))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenField:
    """A field of an open form as the person sees it; a choice that was made by its value."""

    label: str
    values: tuple[str, ...] = ()
    mistake: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenForm:
    """An open form as the person sees it; `words` is everything that can be read in it."""

    title: str
    fields: tuple[SeenField, ...]
    words: str = ""

    def value(self, label: str) -> str:
        """Return what a field holds."""
        (found,) = [field for field in self.fields if field.label == label]
        return " ".join(found.values)


class FormHarness(CommandHarness, Protocol):
    """An adapter in front of its platform, with one person who fills in forms."""

    async def form(self) -> SeenForm:
        """Return the form that is open, once there is one."""
        ...

    def fill(self, label: str, *values: str) -> None:
        """Fill in a field of the open form: words, the value of a choice, ids of channels."""
        ...

    async def complete(self, label: str, typed: str) -> Sequence[str]:
        """Type into the field of a name, and return the values that are offered."""
        ...

    async def submit(self) -> Doing:
        """Send the open form."""
        ...

    async def mistakes(self) -> Mapping[str, str]:
        """Return what the person is told of each field after sending, by its label."""
        ...

    async def post(self, card: Card) -> None:
        """Post a card that everybody sees."""
        ...

    async def press_posted(self, number: int) -> Doing:
        """Press a button of the posted card, counted from 0."""
        ...

    async def posted(self, edits: int) -> Seen:
        """Return the posted card as everybody sees it, once it was edited so often."""
        ...

    async def restart(self) -> None:
        """Break off everything under way, and start again with what the inbox remembers."""
        ...

    async def answered(self, errands: int) -> None:
        """Wait until the inbox was told so often that an errand is done."""
        ...


def mistaken(form: Form, name: str, mistake: str) -> Form:
    """Return the form as it is shown again, with a mistake at one field."""
    fields = [
        replace(field, mistake=mistake) if field.name == name else field for field in form.fields
    ]
    return replace(form, fields=tuple(fields))


class FormContract:
    """What holds of forms on every platform. A subclass gives the `harness` fixture."""

    async def fill_in(self, harness: Any) -> None:
        """Open the form of a rule by its command, and fill it in."""
        harness.desk.reply = RULE_FORM
        await harness.command("watch", "add")
        await harness.form()
        harness.fill("Name", "rafah")
        harness.fill("Urgency", "critical")

    async def test_a_command_opens_a_form(self, harness: FormHarness) -> None:
        """Who asks for a form gets it with its title, its fields in order and what they hold."""
        harness.desk.reply = RULE_FORM
        await harness.command("watch", "add")
        form = await harness.form()

        assert form.title == "Add a rule"
        assert [field.label for field in form.fields] == [one.label for one in RULE_FORM.fields]
        assert form.value("When") == '"red line"'
        assert "Short, without spaces" in form.words
        assert harness.shown_to_all() == 0
        assert harness.faults() == []

    async def test_what_was_filled_in_arrives(self, harness: FormHarness) -> None:
        """A submission names its form and draft, who sent it, and every value as it was given."""
        await self.fill_in(harness)
        harness.desk.choices = [Choice(value="gaza", label="gaza: The Gaza talks")]
        harness.fill("When", 'place:Rafah\n AND <b> "AT&T" @everyone')
        harness.fill("Channels", harness.channel_id)
        await harness.complete("Like", "ga")
        harness.fill("Like", "gaza")
        await harness.submit()
        await harness.answers(1)
        (submission,) = harness.desk.submissions

        assert (submission.form, submission.draft) == ("watch.edit", "draft7")
        assert (submission.workspace, submission.user_id) == (harness.workspace, harness.person)
        assert submission.channel_id == harness.channel_id
        assert submission.standing is Standing.MEMBER
        assert submission.id
        assert {
            name: submission.all(name) for name in ("name", "when", "urgency", "to", "like")
        } == {
            "name": ("rafah",),
            "when": ('place:Rafah\n AND <b> "AT&T" @everyone',),
            "urgency": ("critical",),
            "to": (harness.channel_id,),
            "like": ("gaza",),
        }
        assert harness.faults() == []

    async def test_a_card_in_answer_to_a_form_is_private(self, harness: FormHarness) -> None:
        """What came of a form is told to the one who sent it."""
        await self.fill_in(harness)
        harness.desk.outcomes = [Card(title="The rule rafah is saved")]
        await harness.submit()
        (seen,) = await harness.answers(1)

        assert "The rule rafah is saved" in seen.words
        assert harness.shown_to_all() == 0
        assert harness.faults() == []

    async def test_a_mistake_is_shown_and_nothing_typed_is_lost(self, harness: FormHarness) -> None:
        """A form with a mistake says so, keeps what was filled in, and can be sent again."""
        await self.fill_in(harness)
        given = mistaken(RULE_FORM, "when", "A bracket is missing")
        fields = [
            replace(field, values=("rafah",)) if field.name == "name" else field
            for field in given.fields
        ]
        harness.desk.outcomes = [replace(given, fields=tuple(fields))]
        await harness.submit()
        mistakes = await harness.mistakes()
        form = await harness.form()
        harness.fill("When", "better")
        await harness.submit()
        await harness.answers(1)
        first, second = harness.desk.submissions

        assert "A bracket is missing" in mistakes["When"]
        assert form.value("Name") == "rafah"
        assert second.value("name") == "rafah"
        assert (first.value("when"), second.value("when")) == ('"red line"', "better")
        assert harness.faults() == []

    async def test_a_form_that_is_delivered_twice_is_taken_once(self, harness: FormHarness) -> None:
        """A submission that the platform delivers again does nothing more."""
        await self.fill_in(harness)
        sent = await harness.submit()
        await harness.answers(1)
        await harness.repeat(sent)
        harness.desk.reply = None
        await harness.command("redline", "status")  # to know that the one before it is through
        await harness.answers(2)

        assert len(harness.desk.submissions) == 1

    async def test_a_press_opens_a_form_and_its_outcome_edits_the_card(
        self, harness: FormHarness
    ) -> None:
        """What a form decides about an alert is shown on the alert, to everybody."""
        form = replace(RULE_FORM, name="mute", title="Mute", fields=RULE_FORM.fields[2:3])
        harness.desk.pressed = {Action.MUTE: form}
        harness.desk.outcomes = [Revised(replace(ALERT, status="muted for a day"))]
        await harness.post(ALERT)
        await harness.press_posted(0)
        await harness.form()
        harness.fill("Urgency", "now")
        await harness.submit()
        seen = await harness.posted(1)

        assert "muted for a day" in seen.words
        assert [request.target for request in harness.desk.presses] == ["alert7"]
        assert harness.shown_to_all() == 1
        assert harness.faults() == []

    async def test_a_press_edits_what_everybody_sees(self, harness: FormHarness) -> None:
        """A press can change the posted card itself; no further message is posted."""
        harness.desk.pressed = {Action.MUTE: Revised(replace(ALERT, status="marked relevant"))}
        await harness.post(ALERT)
        await harness.press_posted(0)
        seen = await harness.posted(1)

        assert "marked relevant" in seen.words
        assert seen.buttons == 1
        assert seen.mentions == []
        assert harness.shown_to_all() == 1
        assert await harness.answers(0) == []
        assert harness.faults() == []

    async def test_a_press_can_be_answered_beside(self, harness: FormHarness) -> None:
        """A press that changes nothing on the card is answered privately."""
        harness.desk.pressed = {Action.MUTE: Card(title="It is muted already")}
        await harness.post(ALERT)
        await harness.press_posted(0)
        (seen,) = await harness.answers(1)

        assert "It is muted already" in seen.words
        assert harness.shown_to_all() == 1

    async def test_a_name_is_completed_while_it_is_typed(self, harness: FormHarness) -> None:
        """The field of a name offers what the service suggests for what was typed."""
        await self.fill_in(harness)
        harness.desk.choices = [
            Choice(value="gaza", label="gaza: The Gaza talks"),
            Choice(value="rafah", label="rafah"),
        ]
        offered = await harness.complete("Like", "a")
        (asked, kind, typed) = harness.desk.completed[-1]

        assert list(offered) == ["gaza", "rafah"]
        assert (kind, typed) == (OptionKind.RULE, "a")
        assert (asked.workspace, asked.user_id) == (harness.workspace, harness.person)
        assert asked.standing is Standing.MEMBER
        assert harness.faults() == []

    async def test_trouble_with_names_offers_nothing(self, harness: FormHarness) -> None:
        """Where names cannot be suggested, the field stays empty and nothing breaks."""
        await self.fill_in(harness)
        harness.desk.trouble = ValueError("inner workings")

        assert list(await harness.complete("Like", "a")) == []
        assert harness.faults() == []

    @pytest.mark.parametrize("standing", Standing)
    async def test_the_platform_says_who_sends_a_form(
        self, harness: FormHarness, standing: Standing
    ) -> None:
        """Whoever sends a form arrives as what the platform says they are by then."""
        await self.fill_in(harness)
        harness.pass_time(301)
        harness.become(standing)
        await harness.submit()
        await harness.answers(1)

        assert [one.standing for one in harness.desk.submissions] == [standing]

    @pytest.mark.parametrize("name", HOSTILE)
    async def test_hostile_words_in_a_form_are_only_words(
        self, harness: FormHarness, name: str
    ) -> None:
        """Neither labels nor values nor mistakes break a form, whatever they say."""
        text = HOSTILE[name].replace("\x00", "").encode("utf-16", "replace").decode("utf-16")
        fields = [
            replace(
                field,
                label=f"{number} {text}",
                help=text,
                values=(text[:50],) if number < 2 else (),
            )
            for number, field in enumerate(RULE_FORM.fields)
        ]
        harness.desk.reply = replace(RULE_FORM, title=text, fields=tuple(fields), submit=text)
        await harness.command("watch", "add")
        await harness.form()

        assert harness.faults() == []

    @pytest.mark.parametrize("text", ["x", "*", "é", "\U00010348", "<&>", "a b. "])
    async def test_the_longest_form_fits(self, harness: FormHarness, text: str) -> None:
        """Whatever is too long for a platform is shortened; the form opens."""
        many = text * 4_000
        choices = tuple(Choice(value=f"c{n}", label=f"{n} {many}") for n in range(25))
        fields = [
            replace(
                field,
                label=f"{number} {many}",
                help=many,
                choices=choices if field.choices else (),
            )
            for number, field in enumerate(RULE_FORM.fields)
        ]
        fields[1] = replace(fields[1], values=(many,), longest=4_000)
        harness.desk.reply = replace(RULE_FORM, title=many, submit=many, fields=tuple(fields))
        await harness.command("watch", "add")
        await harness.form()

        assert harness.faults() == []

    # --- the inbox ----------------------------------------------------------------------------

    async def test_every_errand_is_taken_and_done(self, harness: FormHarness) -> None:
        """Commands, presses and forms are written down before they are acknowledged."""
        await self.fill_in(harness)
        taken = [len(harness.desk.inbox.taken)]
        await harness.submit()
        taken.append(len(harness.desk.inbox.taken))
        await harness.post(ALERT)
        await harness.press_posted(0)
        taken.append(len(harness.desk.inbox.taken))
        await harness.answered(3)

        assert taken == [1, 2, 3]
        ids = [errand.id for errand in harness.desk.inbox.taken.values()]
        asked = [errand.asked for errand in harness.desk.inbox.taken.values()]
        assert [type(one).__name__ for one in asked] == ["Order", "Submission", "Request"]
        assert [one.id for one in asked] == ids
        assert set(harness.desk.inbox.answered) == set(ids)

    async def test_a_restart_answers_what_was_taken(self, harness: FormHarness) -> None:
        """A command that was acknowledged before a crash is answered after it, once."""
        await harness.command("news", "search", query="before")
        await harness.answers(1)
        harness.desk.hold = asyncio.Event()
        await harness.command("redline", "status")
        await harness.restart()
        harness.desk.hold.set()
        await harness.answers(2)
        await harness.answered(2)
        await harness.restart()
        await harness.command("redline", "status")
        await harness.answers(3)

        assert len(harness.desk.orders) == 4
        assert harness.faults() == []

    async def test_a_restart_leaves_old_errands(self, harness: FormHarness) -> None:
        """What was asked more than half an hour ago is not answered any more."""
        harness.desk.hold = asyncio.Event()
        await harness.command("redline", "status")
        harness.pass_time(1_801)
        await harness.restart()
        harness.desk.hold.set()
        await harness.command("news", "search", query="now")
        await harness.answers(1)

        assert len(harness.desk.orders) == 2

    async def test_a_form_after_a_restart_has_a_button(self, harness: FormHarness) -> None:
        """No platform opens a form late; the person gets a button that opens it."""
        harness.desk.reply = RULE_FORM
        harness.desk.hold = asyncio.Event()
        await harness.command("redline", "status")
        await harness.restart()
        harness.desk.hold.set()
        (seen,) = await harness.answers(1)
        harness.desk.pressed = {Action.FORM: RULE_FORM}
        await harness.press(0)
        form = await harness.form()

        assert "Add a rule" in seen.words
        assert seen.buttons == 1
        assert form.title == "Add a rule"
        assert [request.target for request in harness.desk.presses] == ["draft7"]
        assert harness.faults() == []

    @pytest.mark.parametrize("trouble", [StoreError("database", "is full"), OSError("disk")])
    async def test_an_inbox_that_breaks_stops_nothing(
        self, harness: FormHarness, trouble: Exception
    ) -> None:
        """Where errands cannot be written down, they are answered all the same."""
        harness.desk.inbox.trouble = trouble
        await harness.command("redline", "status")
        await harness.answers(1)

        assert len(harness.desk.orders) == 1

    async def test_an_inbox_that_hangs_holds_up_no_acknowledgement(
        self, harness: FormHarness
    ) -> None:
        """Where writing an errand down takes long, it is acknowledged and answered before."""
        harness.desk.inbox.hold = asyncio.Event()
        await harness.command("redline", "status")
        seen = await harness.answers(1)
        harness.desk.inbox.hold.set()
        await harness.answered(1)

        assert len(seen) == 1
        assert len(harness.desk.orders) == 1

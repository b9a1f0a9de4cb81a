"""Forms on Discord, and what they decide, through discord.py and the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import DRAFT_STEPS, FORMS
from bot.model import (
    Action,
    Asked,
    Button,
    Card,
    CardLine,
    Choice,
    Document,
    FieldKind,
    Form,
    FormField,
    Found,
    MessageRef,
    OptionKind,
    Picture,
    Post,
    Posted,
    Reply,
    Revised,
    Sighting,
    Standing,
)
from handlers.discord import cards
from handlers.discord.revise import code_of, id_of
from handlers.discord.window import address_of
from tests.contracts.chat import HOSTILE, key_of
from tests.contracts.commands import FakeDesk, Seen
from tests.contracts.forms import (
    ALERT,
    MUTE,
    RULE_FORM,
    FormContract,
    FormHarness,
    SeenField,
    SeenForm,
    mistaken,
)
from tests.emulators.discord_files import Upload
from tests.emulators.discord_interactions import Interaction
from tests.emulators.discord_world import EDITOR_ROLE_ID, OTHER_ROLE_ID, READER_ID, Visitor
from tests.fakes import FakeClock
from tests.test_discord_commands import DiscordCommands

KEY = key_of(1)
UNDO = Button(action=Action.UNDO, label="Undo", target="change9")


class DiscordForms(DiscordCommands):
    """One person in the server who fills in forms."""

    def __init__(self, clock: FakeClock, desk: FakeDesk) -> None:
        super().__init__(clock, desk)
        self._given_back: Reply | None = None
        self._posted: MessageRef | None = None

    async def form(self) -> SeenForm:
        modal = (await self.interactions.opened()).modal
        held = self.interactions.modals[-1].held
        fields = [
            SeenField(label=part["label"], values=tuple(filter(None, values)))
            for part, values in zip(modal["components"], held, strict=True)
        ]
        said = [str(part.get("description", "")) for part in modal["components"]]
        return SeenForm(title=modal["title"], fields=tuple(fields), words="\n".join(said))

    def fill(self, label: str, *values: str) -> None:
        self.interactions.modals[-1].fill(label, values)

    def attach(self, label: str, upload: Upload) -> None:
        self.interactions.modals[-1].attach(label, upload)

    async def complete(self, label: str, typed: str) -> Sequence[str]:
        values = self.interactions.modals[-1].offered(label)
        return [value for value in values if typed in value]

    async def submit(self) -> Interaction:
        self._given_back = self.desk.outcomes[0] if self.desk.outcomes else None
        return await self._done(self.interactions.submit(self.emulator.desk, READER_ID))

    async def mistakes(self) -> Mapping[str, str]:
        """Read the private message that names the mistakes, and press its button."""
        assert isinstance(self._given_back, Form)
        self.asides += 1
        await self.interactions.changed(self.asides)
        message = self.interactions.whispers[-1].message
        told = message["embeds"][0]["description"].split("\n\n")[:-1]
        by_label = (part.partition("\n") for part in told)
        # The service keeps in the draft what was filled in, and opens the form with it.
        sent = self.desk.submissions[-1]
        fields = [
            replace(field, values=field.values or sent.all(field.name))
            for field in self._given_back.fields
        ]
        again = replace(self._given_back, fields=tuple(fields))
        self.desk.pressed = {Action.FORM: again}
        await self._done(self.emulator.press_private(0, whisper=-1))
        return {label.strip("*"): mistake for label, _, mistake in by_label}

    async def post(self, card: Card) -> None:
        post = Post(key=KEY, channel=self.discord.channel, card=card)
        sent = await self.discord.chat.send(post)
        assert isinstance(sent, Posted)
        self._posted = sent.message

    @property
    def message(self) -> MessageRef:
        """The posted card."""
        assert self._posted
        return self._posted

    async def press_posted(self, number: int) -> Interaction:
        assert self._posted
        message = self.emulator.message(self._posted)
        buttons = [item for row in message["components"] for item in row["components"]]
        pressing = self.emulator.press(self._posted, buttons[number]["custom_id"])
        return await self._done(pressing)

    async def posted(self, edits: int) -> Seen:
        assert self._posted
        await self.interactions.edited(edits)
        assert self.interactions.public_edits == edits
        return self._seen(self.emulator.message(self._posted))

    async def restart(self) -> None:
        await self.discord.restart()

    async def answered(self, errands: int) -> None:
        async with asyncio.timeout(5):
            while len(self.desk.inbox.answered) < errands:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.01)


@asynccontextmanager
async def discord_forms(
    clock: FakeClock, desk: FakeDesk | None = None
) -> AsyncIterator[DiscordForms]:
    """Open the adapter in front of an emulator, and close both."""
    harness = DiscordForms(clock, desk or FakeDesk())
    await harness.discord.start()
    yield harness
    await harness.discord.stop()


@pytest.fixture
async def harness(clock: FakeClock) -> AsyncIterator[DiscordForms]:
    """The adapter, open."""
    async with discord_forms(clock) as harness:
        yield harness


class ForgetfulDesk(FakeDesk):
    """Cannot suggest any name."""

    async def suggest(self, asked: Asked, kind: OptionKind, typed: str) -> Sequence[Choice]:
        raise ValueError("inner workings")


class TestDiscordForms(FormContract):
    """The suite that every platform with forms passes.

    Modals complete nothing while it is typed, so names are offered when the form is opened.
    """

    async def fill_in(self, harness: Any) -> None:
        harness.desk.choices = harness.desk.choices or [Choice(value="gaza", label="gaza: Talks")]
        await super().fill_in(harness)

    async def test_a_name_is_completed_while_it_is_typed(self, harness: FormHarness) -> None:
        """The field of a name lets a person choose from what the service suggests."""
        harness.desk.choices = [
            Choice(value="gaza", label="gaza: The Gaza talks"),
            Choice(value="rafah", label="rafah"),
        ]
        await self.fill_in(harness)
        offered = await harness.complete("Like", "a")
        ((asked, kind, typed),) = harness.desk.completed

        assert list(offered) == ["gaza", "rafah"]
        assert (kind, typed) == (OptionKind.RULE, "")
        assert (asked.workspace, asked.user_id) == (harness.workspace, harness.person)
        assert asked.standing is Standing.MEMBER
        assert harness.faults() == []

    async def test_trouble_with_names_offers_nothing(self, harness: FormHarness) -> None:
        """Where names cannot be suggested, the form opens, and the name can be typed."""
        async with discord_forms(FakeClock(), ForgetfulDesk()) as other:
            await super().fill_in(other)
            other.fill("Like", "whatever")

            assert list(await other.complete("Like", "a")) == []
            assert other.faults() == []


# --- a form that comes late -------------------------------------------------------------------


async def test_a_slow_form_gets_a_button(
    harness: DiscordForms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form that is not ready in time is acknowledged, and a button opens it later."""
    monkeypatch.setattr("handlers.discord.reception.ACKNOWLEDGE_WITHIN", 0.05)
    harness.desk.hold = asyncio.Event()
    harness.desk.reply = RULE_FORM
    asked = await harness.command("watch", "add")
    harness.desk.hold.set()
    (seen,) = await harness.answers(1)
    harness.desk.pressed = {Action.FORM: RULE_FORM}
    await harness.press(0)

    assert asked.acks == [{"type": 5, "data": {"flags": 64}}]
    assert "Add a rule" in seen.words
    assert (await harness.form()).title == "Add a rule"
    assert len(harness.desk.orders) == 1
    assert harness.faults() == []


async def test_a_card_where_a_form_may_come_is_private(harness: DiscordForms) -> None:
    """A command that may open a form and answers with a card says it to the one who asked."""
    harness.desk.reply = Card(title="You may not do that here")
    await harness.command("watch", "add")
    (seen,) = await harness.answers(1)

    assert "You may not do that here" in seen.words
    assert harness.interactions.modals == []
    assert harness.faults() == []


async def test_a_form_where_none_is_expected_gets_a_button(harness: DiscordForms) -> None:
    """A command that was not declared to open a form still leads to it."""
    harness.desk.reply = RULE_FORM
    await harness.command("redline", "status")
    (seen,) = await harness.answers(1)

    assert "Add a rule" in seen.words
    assert seen.buttons == 1


async def test_a_form_that_discord_refuses_is_offered_again(harness: DiscordForms) -> None:
    """Where opening fails, the person gets a button instead of nothing."""
    harness.desk.reply = replace(RULE_FORM, fields=())
    await harness.command("watch", "add")
    (seen,) = await harness.answers(1)

    assert "Add a rule" in seen.words
    assert harness.interactions.modals == []


async def test_a_press_that_opens_a_form_late_leaves_the_alert(
    harness: DiscordForms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button to a late form stands beside the alert, for the one who pressed."""
    monkeypatch.setattr("handlers.discord.reception.ACKNOWLEDGE_WITHIN", 0.05)
    await harness.post(ALERT)
    harness.desk.hold = asyncio.Event()
    harness.desk.pressed = {Action.MUTE: RULE_FORM}
    pressed = await harness.press_posted(0)
    harness.desk.hold.set()
    (seen,) = await harness.answers(1)

    assert pressed.acks == [{"type": 6}]
    assert "Add a rule" in seen.words
    assert harness.interactions.public_edits == 0
    assert harness.faults() == []


def test_every_form_can_be_opened_by_its_draft() -> None:
    """Where a form comes late or has mistakes, a button opens it again: each draft knows how."""
    opened = {step.of for step in DRAFT_STEPS if step.action is Action.FORM}
    # A trial is a step of editing its rule, and goes on with that draft.
    kept_under = {"watch.trial": "watch.edit"}

    assert {kept_under.get(form.name, form.name) for form in FORMS} <= opened


# --- mistakes ---------------------------------------------------------------------------------

CARET = "a bracket is missing\nplace:Rafah AND (`red\n                ^^^^"


async def mistaken_once(harness: DiscordForms, mistake: str) -> Seen:
    """Send a form, and return what is said of the mistake in it."""
    harness.desk.reply = RULE_FORM
    await harness.command("watch", "add")
    await harness.form()
    harness.fill("Name", "rafah")
    harness.fill("Urgency", "now")
    harness.desk.outcomes = [mistaken(RULE_FORM, "when", mistake), Card(title="It is saved")]
    await harness.submit()
    (seen,) = await harness.answers(1)
    return seen


async def test_a_caret_stands_below_its_place(harness: DiscordForms) -> None:
    """A mistake with a caret is a block of code, which nothing in it can end."""
    await mistaken_once(harness, CARET)
    said = harness.interactions.whispers[0].message["embeds"][0]["description"]
    block = said.split("```")

    assert len(block) == 3
    assert block[0] == "**When**\n"
    assert block[1].strip("\n") == CARET.replace("`", "'")
    assert "What you filled in is kept" in block[2]


async def test_mistakes_and_what_comes_after_stand_in_one_message(harness: DiscordForms) -> None:
    """The answer to a mended form takes the place of the mistakes."""
    await mistaken_once(harness, "is taken")
    harness.desk.pressed = {Action.FORM: mistaken(RULE_FORM, "when", "is taken")}
    await harness.press(0)
    form = await harness.form()
    harness.fill("Name", "gaza")
    harness.fill("Urgency", "now")
    await harness.submit()
    (seen,) = await harness.answers(2)

    assert "is taken" in form.words
    assert "It is saved" in seen.words
    assert "is taken" not in seen.words
    assert harness.faults() == []


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_mistakes_are_only_words(harness: DiscordForms, name: str) -> None:
    """What a mistake quotes of what somebody typed works nowhere."""
    text = HOSTILE[name].replace("\x00", "").encode("utf-16", "replace").decode("utf-16")
    seen = await mistaken_once(harness, f"{text}\n{text}")

    assert seen.mentions == []
    assert seen.links == []
    assert harness.faults() == []


# --- what stands on a message -----------------------------------------------------------------


def custom_ids(harness: DiscordForms) -> list[str]:
    """Return what the buttons of the posted card carry."""
    message = harness.emulator.message_of(KEY)
    return [item["custom_id"] for row in message["components"] for item in row["components"]]


async def found(harness: DiscordForms) -> Sighting:
    """Look for the posted card as a delivery in doubt does."""
    post = Post(key=KEY, channel=harness.discord.channel, card=ALERT)
    return await harness.discord.chat.find(post, harness.clock.now())


@pytest.mark.parametrize("buttons", [ALERT.buttons, (), (replace(MUTE, target="other"),)])
async def test_the_mark_of_a_message_survives_a_press(
    harness: DiscordForms, buttons: tuple[Button, ...]
) -> None:
    """Whatever buttons a press leaves, the message is still found by its key."""
    await harness.post(ALERT)
    harness.desk.pressed = {Action.MUTE: Revised(replace(ALERT, buttons=buttons))}
    await harness.press_posted(0)
    await harness.posted(1)

    assert all(cards.carries(one, KEY) for one in custom_ids(harness))
    assert isinstance(await found(harness), Found)


async def muted_with_a_mistake(harness: DiscordForms) -> None:
    """Mute from an alert, with a mistake that is mended afterwards."""
    form = replace(RULE_FORM, name="mute", title="Mute", fields=RULE_FORM.fields[2:3])
    harness.desk.pressed = {Action.MUTE: form}
    harness.desk.outcomes = [
        mistaken(form, "urgency", "You may not"),
        Revised(replace(ALERT, status="muted for a day")),
    ]
    await harness.post(ALERT)
    await harness.press_posted(0)
    await harness.form()
    harness.fill("Urgency", "critical")
    await harness.submit()
    mistakes = await harness.mistakes()
    assert mistakes == {"Urgency": "You may not"}
    await harness.form()
    harness.fill("Urgency", "now")
    await harness.submit()


async def test_a_mended_form_changes_the_alert_it_is_about(harness: DiscordForms) -> None:
    """What a form decides stands on the alert, and the message with its mistakes goes away."""
    await muted_with_a_mistake(harness)
    seen = await harness.answers(1)
    shown = harness.emulator.message_of(KEY)

    assert seen == []
    assert shown["embeds"][0]["footer"]["text"].endswith("muted for a day")
    assert custom_ids(harness) == [f"redline:mute:alert7:{KEY}"]
    assert isinstance(await found(harness), Found)
    assert harness.faults() == []


async def test_a_mended_form_tells_where_the_alert_cannot_be_changed(
    harness: DiscordForms, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the alert is gone, the one who sent the form still sees what came of it."""
    form = replace(RULE_FORM, name="mute", fields=RULE_FORM.fields[2:3])
    harness.desk.pressed = {Action.MUTE: mistaken(form, "urgency", "You may not")}
    await harness.post(ALERT)
    harness.desk.hold = asyncio.Event()
    pressed = await harness.press_posted(0)
    harness.desk.hold.set()
    await pressed.answered()
    await harness.answers(1)
    harness.desk.pressed = {Action.FORM: form}
    harness.desk.outcomes = [Revised(replace(ALERT, status="muted for a day"))]
    await harness.press(0)
    await harness.form()
    harness.fill("Urgency", "now")
    harness.emulator.delete_message(harness.message)
    await harness.submit()
    (seen,) = await harness.answers(2)

    assert "muted for a day" in seen.words
    assert "10008" in caplog.text


@given(st.integers(0, (1 << 64) - 1))
def test_a_button_carries_the_message_it_is_about(message_id: int) -> None:
    """The id of any message fits where a button carries a mark, and is read again."""
    code = code_of(message_id)

    assert id_of(code) == message_id
    assert cards.TEMPLATE.fullmatch(f"redline:form:{'a' * 26}:{code}")


@pytest.mark.parametrize("code", ["", "a", "a" * 12, "1" * 13, "a" * 14])
def test_what_is_no_message_is_none(code: str) -> None:
    """Where a button carries something else, no message is meant."""
    assert id_of(code) is None


@pytest.mark.parametrize("buttons", [(), (replace(MUTE, target="other"), replace(MUTE, main=True))])
async def test_the_mark_of_a_message_survives_an_edit(
    harness: DiscordForms, buttons: tuple[Button, ...]
) -> None:
    """An edit brings its buttons along, each with the mark of the message."""
    await harness.post(ALERT)
    message = harness.message
    edited = await harness.discord.chat.edit(message, replace(ALERT, buttons=buttons))

    assert edited == Posted(message)
    assert all(cards.carries(one, KEY) for one in custom_ids(harness))
    assert len(custom_ids(harness)) == max(1, len(buttons))


async def test_an_edit_without_history_leaves_the_buttons(harness: DiscordForms) -> None:
    """Where the mark cannot be read, the buttons stay as they are."""
    await harness.post(ALERT)
    message = harness.message
    before = custom_ids(harness)
    harness.emulator.remove_permission(harness.emulator.desk, read_message_history=True)
    card = replace(ALERT, title="Anew", buttons=(replace(MUTE, target="other"),))
    edited = await harness.discord.chat.edit(message, card)

    assert edited == Posted(message)
    assert custom_ids(harness) == before
    assert harness.emulator.message(message)["embeds"][0]["title"] == "Anew"


async def test_a_private_card_carries_no_mark(harness: DiscordForms) -> None:
    """A private answer that is revised keeps its buttons' targets as they are."""
    harness.desk.card = Card(title="Sure?", buttons=(replace(MUTE, action=Action.CONFIRM),))
    harness.desk.pressed = {Action.CONFIRM: Revised(Card(title="Done", buttons=(UNDO,)))}
    await harness.command("redline", "status")
    await harness.answers(1)
    await harness.press(0)
    await harness.answers(2)
    (row,) = harness.interactions.whispers[0].message["components"]

    assert [item["custom_id"] for item in row["components"]] == ["redline:undo:change9"]


async def test_many_buttons_stand_in_rows_and_stand_out(harness: DiscordForms) -> None:
    """Main and dangerous buttons have their colours; there is room for twenty-five."""
    buttons = tuple(replace(MUTE, target=f"a{number}", label=f"{number}") for number in range(30))
    harness.desk.card = Card(
        title="Choose",
        buttons=(replace(MUTE, main=True), replace(UNDO, danger=True), *buttons),
    )
    await harness.command("redline", "status")
    await harness.answers(1)
    rows = harness.interactions.whispers[0].message["components"]

    assert [len(row["components"]) for row in rows] == [5, 5, 5, 5, 5]
    assert [item["style"] for item in rows[0]["components"]] == [1, 4, 2, 2, 2]
    assert harness.faults() == []


async def test_people_and_channels_are_named_and_not_pinged(harness: DiscordForms) -> None:
    """Marks name people as Discord does; nobody is pinged."""
    marks = (
        CardLine(text="Relevant to", users=("41", "42")),
        CardLine(text="Muted", users=("x>",)),
    )
    harness.desk.pressed = {Action.MUTE: Revised(replace(ALERT, marks=marks))}
    await harness.post(ALERT)
    pressed = await harness.press_posted(0)
    seen = await harness.posted(1)

    assert seen.mentions == ["<@41>", "<@42>"]
    assert "Relevant to <@41> <@42>" in seen.words
    assert pressed.answers[-1]["allowed_mentions"]["parse"] == []


# --- what goes with a card --------------------------------------------------------------------

PICTURE = Picture(png=b"\x89PNG and so on", alt="Mentions a day: 3, then 9")
DOCUMENT = Document(name="../rules (chat).yaml", text="rules: []\n")


async def test_pictures_and_files_go_with_an_answer(harness: DiscordForms) -> None:
    """A picture stands in the card with its words; a file can be taken away."""
    harness.desk.card = Card(title="Trend", picture=PICTURE, document=DOCUMENT)
    await harness.command("redline", "status")
    await harness.answers(1)
    message = harness.interactions.whispers[0].message
    picture, file = message["attachments"]
    kept = harness.interactions.shelf.files

    assert message["embeds"][0]["image"]["url"] == f"attachment://{picture['filename']}"
    assert picture["description"] == PICTURE.alt
    assert kept[picture["id"]].content == PICTURE.png
    assert (file["filename"], kept[file["id"]].content) == ("rules-chat-.yaml", b"rules: []\n")
    assert harness.faults() == []


async def test_a_page_without_a_picture_takes_it_away(harness: DiscordForms) -> None:
    """A private card that is revised shows only what belongs to it."""
    harness.desk.card = Card(title="Trend", picture=PICTURE, buttons=(UNDO,))
    harness.desk.pressed = {Action.UNDO: Revised(Card(title="Gone"))}
    await harness.command("redline", "status")
    await harness.answers(1)
    await harness.press(0)
    await harness.answers(2)
    message = harness.interactions.whispers[0].message

    assert message["attachments"] == []
    assert "image" not in message["embeds"][0]


async def test_an_alert_can_have_a_picture(harness: DiscordForms) -> None:
    """What is posted to a channel brings its picture along, where the bot may attach files."""
    harness.emulator.add_permission(harness.emulator.desk, attach_files=True)
    await harness.post(replace(ALERT, picture=PICTURE))
    message = harness.emulator.message_of(KEY)

    assert [one["description"] for one in message["attachments"]] == [PICTURE.alt]


async def test_an_alert_goes_out_without_a_picture_that_is_not_allowed(
    harness: DiscordForms,
) -> None:
    """The invitation does not ask for Attach Files; the alert is posted all the same."""
    await harness.post(replace(ALERT, picture=PICTURE))
    message = harness.emulator.message_of(KEY)

    assert message["attachments"] == []
    assert "image" not in message["embeds"][0]
    assert harness.shown_to_all() == 1


# --- files of people --------------------------------------------------------------------------

IMPORT = Form(
    name="feeds.import",
    title="Import feeds",
    draft="draft8",
    fields=(FormField(name="file", label="File", kind=FieldKind.FILE),),
)


async def uploaded(harness: DiscordForms, content: bytes) -> Seen:
    """Send a form with a file, and return the answer."""
    harness.desk.reply = IMPORT
    await harness.command("watch", "add")
    await harness.form()
    harness.attach("File", Upload("feeds.opml", content))
    await harness.submit()
    (seen,) = await harness.answers(1)
    return seen


async def test_a_file_arrives_as_text(harness: DiscordForms) -> None:
    """The text of a file is the value of its field, without the mark of its encoding."""
    await uploaded(harness, "\ufeff<opml>é</opml>".encode())
    (submission,) = harness.desk.submissions

    assert submission.value("file") == "<opml>é</opml>"
    await harness.answered(2)
    assert harness.faults() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"x" * ((1 << 20) + 1), "larger than 1 MiB"), (b"\xff\xfe\x00", "no text in UTF-8")],
    ids=["large", "binary"],
)
async def test_a_file_that_is_none_is_refused(
    harness: DiscordForms, content: bytes, said: str
) -> None:
    """What is too large or no text is told to the one who sent it; the form can be opened again."""
    seen = await uploaded(harness, content)

    assert said in seen.words
    assert seen.buttons == 1
    assert harness.desk.submissions == []


async def test_a_file_that_discord_keeps_is_told(harness: DiscordForms) -> None:
    """Where Discord does not hand a file over, the person hears of it."""
    harness.interactions.shelf.down = True
    seen = await uploaded(harness, b"<opml/>")

    assert "did not hand it over" in seen.words
    assert harness.desk.submissions == []


async def test_a_file_that_is_delivered_twice_is_taken_once(harness: DiscordForms) -> None:
    """The second delivery of a form with a file is too late to be acknowledged."""
    await uploaded(harness, b"<opml/>")
    await harness.emulator.gateway.repeat_last()
    harness.desk.reply = None
    await harness.command("redline", "status")
    await harness.answers(2)

    assert len(harness.desk.submissions) == 1


# --- who asks ---------------------------------------------------------------------------------


async def test_only_roles_that_the_settings_name_are_told(clock: FakeClock) -> None:
    """Of somebody's roles those arrive that decide something, with commands, presses and forms."""
    desk = FakeDesk(groups=frozenset({f"discord:{EDITOR_ROLE_ID}", f"slack:{OTHER_ROLE_ID}"}))
    async with discord_forms(clock, desk) as harness:
        roles = (EDITOR_ROLE_ID, OTHER_ROLE_ID)
        harness.emulator.world.people[READER_ID] = Visitor(roles=roles)
        await harness.post(ALERT)
        desk.pressed = {Action.MUTE: RULE_FORM}
        await harness.command("redline", "status")
        await harness.press_posted(0)
        await harness.form()
        harness.fill("Name", "x")
        harness.fill("Urgency", "now")
        await harness.submit()
        await harness.answers(2)

    asked = [*desk.orders, *desk.presses, *desk.submissions]
    assert [one.groups for one in asked] == [(str(EDITOR_ROLE_ID),)] * 3
    assert {one.platform for one in asked} == {"discord"}


# --- the inbox --------------------------------------------------------------------------------


async def test_the_token_of_an_answer_is_in_no_log(
    harness: DiscordForms, caplog: pytest.LogCaptureFixture
) -> None:
    """What lets others answer in our place stands in the inbox and nowhere else."""
    caplog.set_level("INFO")
    harness.desk.hold = asyncio.Event()
    asked = await harness.command("redline", "status")
    await harness.restart()
    harness.pass_time(901)
    harness.desk.hold.set()
    await harness.answered(1)
    (errand,) = harness.desk.inbox.taken.values()

    assert asked.token in errand.address
    assert asked.token not in repr(address_of(errand.address))
    assert "50027" in caplog.text
    assert asked.token not in caplog.text


async def test_an_address_of_another_version_is_let_go(harness: DiscordForms) -> None:
    """An errand whose address cannot be read is done, and stops nothing."""
    harness.desk.hold = asyncio.Event()
    await harness.command("redline", "status")
    (errand,) = harness.desk.inbox.taken.values()
    for written in ("{}", "[]", "nonsense", '{"application_id": 1, "token": "x", "new": 2}'):
        odd = replace(errand, id=written, address=written)
        harness.desk.inbox.taken[odd.id] = odd
    await harness.restart()
    harness.desk.hold.set()
    await harness.answered(5)

    assert len(harness.desk.orders) == 2


async def test_a_press_on_an_alert_is_answered_there_after_a_restart(harness: DiscordForms) -> None:
    """A press that a restart interrupted edits its alert, mark and all, after it."""
    await harness.post(ALERT)
    harness.desk.hold = asyncio.Event()
    harness.desk.pressed = {Action.MUTE: Revised(replace(ALERT, buttons=(UNDO,), status="muted"))}
    pressed = await harness.press_posted(0)
    while not pressed.acks:  # noqa: ASYNC110 - the emulator has it already
        await asyncio.sleep(0.01)
    await harness.restart()
    harness.desk.hold.set()
    seen = await harness.posted(1)

    assert "muted" in seen.words
    assert custom_ids(harness) == [f"redline:undo:change9:{KEY}"]
    assert await harness.answers(0) == []


async def test_an_answer_that_breaks_off_is_owed(harness: DiscordForms) -> None:
    """An answer whose connection broke is given after the next start."""
    harness.interactions.broken = 1
    await harness.command("redline", "status")
    await harness.discord.restart()
    (seen,) = await harness.answers(1)

    assert "Found on page 0" in seen.words
    assert len(harness.desk.orders) == 2

"""Modals, the App Home and files in Slack, through the real libraries and the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

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
    OptionKind,
    Picture,
    Revised,
    Standing,
)
from handlers.slack.askers import Asker, address_of, asker_of_view, read_address
from handlers.slack.cards import layout
from handlers.slack.files import LARGEST_FILE, is_slacks
from handlers.slack.forms import card_view, form_view, home_view, options_of, sent_form
from tests.build import NOON
from tests.contracts.commands import FakeDesk
from tests.contracts.forms import ALERT, RULE_FORM, mistaken
from tests.emulators.slack_files import File
from tests.emulators.slack_workspace import Json
from tests.fakes import FakeClock
from tests.pictures import slack
from tests.test_slack_commands import SlackCommands, slack_commands

ADD = Button(action=Action.ADD, label="Add a rule", target="new", main=True)
UNMUTE = Button(action=Action.UNMUTE, label="Unmute", target="mute3", danger=True)
HOME = Card(title="Your rules", buttons=(ADD, UNMUTE))
IMPORT = Form(
    name="feeds.import",
    title="Import feeds",
    draft="draft9",
    fields=(FormField(name="opml", label="File", kind=FieldKind.FILE),),
)
PNG = b"\x89PNG\r\n\x1a\n not much of a picture"


@pytest.fixture
async def harness(clock: FakeClock) -> AsyncIterator[SlackCommands]:
    """The adapter, open, and a person before it."""
    async with slack_commands(clock) as harness:
        yield harness


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the adapter give up waiting at once, where it would give up in a second or two."""
    monkeypatch.setattr("handlers.slack.errands.LOADING_AFTER", 0.02)
    monkeypatch.setattr("handlers.slack.submissions.SUBMIT_WITHIN", 0.02)


def hold(harness: SlackCommands) -> asyncio.Event:
    """Let the service think until told otherwise."""
    harness.desk.hold = asyncio.Event()
    return harness.desk.hold


async def until(harness: SlackCommands, words: str) -> None:
    """Wait until the modal on top says something."""
    await harness.slack.views.until(
        lambda: harness.modal.is_open and words in harness.modal.view.seen().words
    )


async def open_form(harness: SlackCommands, form: Form = RULE_FORM) -> None:
    """Open a form by its command."""
    harness.desk.reply = form
    await harness.command("watch", "add")
    await harness.form()


async def open_filled(harness: SlackCommands) -> None:
    """Open the form of a rule, and fill in what must be."""
    await open_form(harness)
    harness.fill("Name", "rafah")
    harness.fill("Urgency", "now")


async def open_home(harness: SlackCommands) -> None:
    """Open the App Home."""
    harness.desk.at_home = HOME
    await harness.somebody.open_home()
    await harness.slack.views.until(lambda: harness.person in harness.slack.views.homes)


def home_words(harness: SlackCommands) -> str:
    """What the person sees of the App Home."""
    return harness.slack.views.homes[harness.person].seen().words


# --- in time ----------------------------------------------------------------------------------


async def test_a_slow_form_has_a_window_that_waits(harness: SlackCommands, hurry: None) -> None:
    """A form that is not ready in a second appears in a window that was opened for it."""
    harness.desk.reply = RULE_FORM
    thinking = hold(harness)
    await harness.command("watch", "add")
    await until(harness, "One moment")
    harness.pass_time(10)
    thinking.set()
    form = await harness.form()

    assert form.value("When") == '"red line"'
    assert len(harness.slack.calls("views.open")) == 1
    assert harness.faults() == []


async def test_what_comes_in_place_of_a_slow_form_stands_in_its_window(
    harness: SlackCommands, hurry: None
) -> None:
    """A refusal that comes late is read where the form was expected."""
    harness.desk.reply = Card(title="You may not do that here")
    thinking = hold(harness)
    await harness.command("watch", "add")
    await until(harness, "One moment")
    thinking.set()
    await until(harness, "You may not do that here")

    assert await harness.answers(0) == []


async def test_a_window_that_was_closed_loses_no_answer(
    harness: SlackCommands, hurry: None
) -> None:
    """Who closes the window that waits gets the answer privately."""
    harness.desk.reply = Card(title="It is there already")
    thinking = hold(harness)
    await harness.command("watch", "add")
    await until(harness, "One moment")
    harness.modal.dismiss()
    thinking.set()
    (seen,) = await harness.answers(1)

    assert "It is there already" in seen.words


async def test_a_form_that_comes_too_late_has_a_button(harness: SlackCommands) -> None:
    """A command that nobody expected a form of may be slow; then a button opens the form."""
    harness.desk.reply = RULE_FORM
    thinking = hold(harness)
    await harness.command("redline", "status")
    harness.pass_time(4)
    thinking.set()
    (seen,) = await harness.answers(1)
    harness.desk.pressed = {Action.FORM: RULE_FORM}
    await harness.press(0)

    assert "Add a rule" in seen.words
    assert (await harness.form()).title == "Add a rule"
    assert [request.target for request in harness.desk.presses] == ["draft7"]


async def test_a_form_without_a_draft_has_no_button(harness: SlackCommands) -> None:
    """Where nothing was kept of a form, there is nothing to open."""
    harness.desk.reply = replace(RULE_FORM, draft="")
    thinking = hold(harness)
    await harness.command("redline", "status")
    harness.pass_time(4)
    thinking.set()
    (seen,) = await harness.answers(1)

    assert seen.buttons == 0


async def test_a_slow_submission_is_answered_in_its_window(
    harness: SlackCommands, hurry: None
) -> None:
    """What takes longer than Slack waits is said in the window when it is there."""
    await open_filled(harness)
    harness.desk.outcomes = [Card(title="The rule rafah is saved")]
    thinking = hold(harness)
    await harness.submit()
    waiting = harness.modal.view.seen().words
    thinking.set()
    await until(harness, "The rule rafah is saved")

    assert "One moment" in waiting
    assert await harness.answers(0) == []
    assert harness.faults() == []


async def test_a_slow_mistake_is_shown_over_the_filled_form(
    harness: SlackCommands, hurry: None
) -> None:
    """Mistakes that are found late stand above their fields, and what was typed is there."""
    await open_filled(harness)
    again = mistaken(RULE_FORM, "when", "A bracket is missing\n(red line\n         ^")
    fields = [replace(field, values=("rafah",)) for field in again.fields[:1]]
    harness.desk.outcomes = [replace(again, fields=(*fields, *again.fields[1:]))]
    thinking = hold(harness)
    await harness.submit()
    thinking.set()
    await until(harness, "A bracket is missing")
    form = await harness.form()

    assert "When: A bracket is missing" in form.words
    assert form.value("Name") == "rafah"
    assert harness.faults() == []


async def test_a_slow_edit_reaches_message_and_window(harness: SlackCommands, hurry: None) -> None:
    """A form that decides late about an alert still edits the alert."""
    harness.desk.pressed = {Action.MUTE: replace(RULE_FORM, fields=RULE_FORM.fields[1:2])}
    harness.desk.outcomes = [Revised(replace(ALERT, status="muted for a day"))]
    await harness.post(ALERT)
    await harness.press_posted(0)
    await harness.form()
    thinking = hold(harness)
    await harness.submit()
    thinking.set()
    seen = await harness.posted(1)
    await until(harness, "muted for a day")

    assert "muted for a day" in seen.words


async def test_a_mistake_elsewhere_shows_the_form_anew(harness: SlackCommands) -> None:
    """A mistake at a field that the open form does not have is said over a new form."""
    await open_filled(harness)
    other = FormField(name="other", label="Other", mistake="It is needed by now")
    harness.desk.outcomes = [replace(RULE_FORM, fields=(*RULE_FORM.fields[:4], other))]
    await harness.submit()
    await until(harness, "Other: It is needed by now")

    assert harness.faults() == []


async def test_a_form_can_lead_to_another(harness: SlackCommands) -> None:
    """A form without mistakes in answer to a form takes its place."""
    await open_filled(harness)
    harness.desk.outcomes = [replace(RULE_FORM, name="watch.trial", title="Try the rule")]
    await harness.submit()
    await until(harness, "Try the rule")
    await harness.submit()
    await harness.answers(1)

    assert [one.form for one in harness.desk.submissions] == ["watch.edit", "watch.trial"]


# --- edits ------------------------------------------------------------------------------------


async def test_an_edit_keeps_the_key_of_an_alert(harness: SlackCommands) -> None:
    """After a press the alert is still found by its key, so that it is not posted twice."""
    harness.desk.pressed = {Action.MUTE: Revised(replace(ALERT, status="marked"))}
    await harness.post(ALERT)
    message = harness.slack.workspace.messages("#mideast-desk")[0]
    before = message.metadata
    await harness.press_posted(0)
    await harness.posted(1)

    assert message.metadata == before
    assert message.key
    assert "metadata" not in harness.slack.calls("chat.update")[0]


async def test_an_edit_that_slack_refuses_goes_through_the_press(harness: SlackCommands) -> None:
    """Where the message cannot be edited by its id, the press itself replaces it."""
    harness.desk.pressed = {Action.MUTE: Revised(replace(ALERT, status="marked"))}
    await harness.post(ALERT)
    harness.slack.workspace.refuse("internal_error", "chat.update")
    await harness.press_posted(0)
    seen = await harness.posted(1)

    assert "marked" in seen.words
    assert harness.slack.responses[0]["replace_original"] is True
    assert "response_type" not in harness.slack.responses[0]
    assert harness.faults() == []


async def test_an_edit_that_nothing_takes_is_told(harness: SlackCommands) -> None:
    """Where a message can no longer be changed, whoever acted sees what it would look like."""
    harness.desk.pressed = {Action.MUTE: RULE_FORM}
    harness.desk.outcomes = [Revised(replace(ALERT, status="marked"))]
    await harness.post(ALERT)
    await harness.press_posted(0)
    await harness.form()
    harness.fill("Name", "x")
    harness.fill("Urgency", "now")
    harness.pass_time(1_801)
    harness.slack.workspace.refuse("edit_window_closed", "chat.update")
    await harness.submit()
    (seen,) = await harness.answers(1)

    assert "marked" in seen.words


async def test_what_people_did_stands_on_the_card(harness: SlackCommands) -> None:
    """People and channels are named as Slack names them, after the line; oddities are left out."""
    line = CardLine(
        text="Relevant:", users=("U0PERSON", "<!channel>"), channels=("C00000001", "#desk")
    )
    card = replace(ALERT, marks=(line, CardLine(text="Muted for a day")))
    harness.desk.pressed = {Action.MUTE: Revised(card)}
    await harness.post(replace(card, marks=(line,)))
    message = harness.slack.workspace.messages("#mideast-desk")[0]
    posted = message.seen()
    await harness.press_posted(0)
    await harness.posted(1)
    edited = message.seen()

    assert posted.named == []
    assert edited.named == ["U0PERSON", "C00000001"]
    assert "Relevant:" in posted.words
    assert "Muted for a day" in edited.words
    assert "<" not in message.text.replace("&lt;", "")


async def test_buttons_say_what_is_wanted_and_what_destroys(harness: SlackCommands) -> None:
    """The main button stands out, and so does one that destroys something."""
    plain = Button(action=Action.WHY, label="Why", target="alert7")
    harness.desk.reply = Card(title="Sure?", buttons=(ADD, UNMUTE, plain))
    await harness.command("redline", "status")
    await harness.answers(1)

    assert harness.slack.private.whispers[0].seen().styles == ["primary", "danger", ""]


# --- the App Home -----------------------------------------------------------------------------


async def test_the_home_is_made_for_who_opens_it(harness: SlackCommands) -> None:
    """Opening the App Home shows it, made for the one who looks."""
    await open_home(harness)
    (visit,) = harness.desk.visits

    assert "Your rules" in home_words(harness)
    assert (visit.workspace, visit.user_id) == (harness.workspace, harness.person)
    assert (visit.standing, visit.channel_id) == (Standing.MEMBER, "")
    assert harness.faults() == []


async def test_the_messages_tab_shows_no_home(harness: SlackCommands) -> None:
    """Who reads the app's messages is not shown the home for it."""
    await harness.somebody.open_home("messages")
    await harness.command("redline", "status")
    await harness.answers(1)

    assert harness.desk.visits == []


async def test_a_form_of_the_home_is_answered_in_its_window(harness: SlackCommands) -> None:
    """The home has no channel: what came of a form is said in the window; the home is made anew."""
    await open_home(harness)
    harness.desk.pressed = {Action.ADD: RULE_FORM}
    await harness.somebody.press_home(0)
    await harness.form()
    harness.fill("Name", "rafah")
    harness.fill("Urgency", "now")
    harness.desk.outcomes = [Card(title="The rule rafah is saved", buttons=(UNMUTE,))]
    harness.desk.at_home = Card(title="Your rule: rafah")
    await harness.submit()
    await until(harness, "The rule rafah is saved")
    await harness.slack.views.until(lambda: "Your rule: rafah" in home_words(harness))

    assert harness.desk.submissions[0].channel_id == ""
    assert await harness.answers(0) == []
    assert harness.shown_to_all() == 0
    assert harness.faults() == []


async def test_a_press_on_the_home_opens_its_answer(harness: SlackCommands) -> None:
    """A card in answer to a press on the home opens as a window."""
    await open_home(harness)
    harness.desk.pressed = {Action.UNMUTE: Card(title="It was over already")}
    await harness.somebody.press_home(1)
    await until(harness, "It was over already")

    assert harness.shown_to_all() == 0
    assert harness.faults() == []


async def test_a_press_that_changes_the_home_makes_it_anew(harness: SlackCommands) -> None:
    """What a press on the home changed is seen there."""
    await open_home(harness)
    harness.desk.pressed = {Action.UNMUTE: Revised(Card(title="ended"))}
    harness.desk.at_home = Card(title="Nothing is muted")
    await harness.somebody.press_home(1)
    await harness.slack.views.until(lambda: "Nothing is muted" in home_words(harness))

    assert not harness.modal.is_open


async def test_a_press_in_a_window_is_answered_there(harness: SlackCommands) -> None:
    """Buttons of a card in a window change the window, and open their forms in it."""
    await open_home(harness)
    harness.desk.pressed = {
        Action.UNMUTE: Card(title="Sure?", buttons=(ADD, UNMUTE)),
        Action.ADD: RULE_FORM,
    }
    await harness.somebody.press_home(1)
    await until(harness, "Sure?")
    harness.desk.pressed[Action.UNMUTE] = Revised(Card(title="It is unmuted", buttons=(ADD,)))
    await harness.modal.press(1)
    await until(harness, "It is unmuted")
    await harness.modal.press(0)
    form = await harness.form()

    assert form.title == "Add a rule"
    assert len(harness.slack.calls("views.open")) == 1
    assert len(harness.slack.views.open_views) == 1
    assert harness.faults() == []


async def test_an_answer_to_the_home_that_cannot_open_is_written(harness: SlackCommands) -> None:
    """Where Slack opens no window, the answer comes as a direct message."""
    await open_home(harness)
    thinking = hold(harness)
    harness.desk.pressed = {Action.UNMUTE: Card(title="It was over already")}
    await harness.somebody.press_home(1)
    harness.pass_time(4)
    thinking.set()
    await harness.answered(1)
    (message,) = harness.slack.workspace.accepted

    assert message.channel.id == f"D{harness.person[1:]}"
    assert "It was over already" in message.seen().words


async def test_the_home_shows_all_that_it_holds(harness: SlackCommands) -> None:
    """The home is read on purpose: it shows more lines than a message does, and stays in limits."""
    lines = tuple(CardLine(text=f"rule number {n:02} " + "x" * 170) for n in range(34))
    harness.desk.at_home = Card(title="Your rules", lines=lines, buttons=(ADD,))
    await harness.somebody.open_home()
    await harness.slack.views.until(lambda: harness.person in harness.slack.views.homes)

    assert [n for n in range(34) if f"rule number {n:02} " not in home_words(harness)] == []
    assert harness.faults() == []


# --- files ------------------------------------------------------------------------------------


async def picture_of(harness: SlackCommands) -> File:
    """Ask for a card with a picture; return the file that was made of it, if any."""
    picture = Picture(png=PNG, alt="Mentions rose from 2 to 9")
    harness.desk.reply = Card(title="Red line, 30 days", picture=picture)
    await harness.command("redline", "status")
    await harness.answers(1)
    file: File = harness.slack.files.by_name("picture.png")
    return file


async def test_a_picture_is_shown_in_the_answer(harness: SlackCommands) -> None:
    """A picture is uploaded for nobody in particular, and shown with its words."""
    file = await picture_of(harness)
    seen = harness.slack.private.whispers[0].seen()

    assert seen.pictures == [(file.id, "Mentions rose from 2 to 9")]
    assert (file.content, file.channel) == (PNG, "")
    assert harness.faults() == []


async def test_a_picture_waits_until_slack_has_looked_at_it(
    harness: SlackCommands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that Slack is not done with yet is asked about again."""
    monkeypatch.setattr("handlers.slack.files.LOOK_SECONDS", 0)
    harness.slack.files.slow_looks = 3
    file = await picture_of(harness)

    assert harness.slack.private.whispers[0].seen().pictures[0][0] == file.id
    assert len(harness.slack.calls("files.info")) == 4
    assert harness.faults() == []


@pytest.mark.parametrize("scope", ["files:write", "files:read"])
async def test_without_the_scope_a_picture_is_words(harness: SlackCommands, scope: str) -> None:
    """Where Redline may not show pictures, what they say is read."""
    harness.slack.scopes.discard(scope)
    harness.desk.reply = Card(title="Trend", picture=Picture(png=PNG, alt="It rose from 2 to 9"))
    await harness.command("redline", "status")
    (seen,) = await harness.answers(1)

    assert "It rose from 2 to 9" in seen.words
    assert harness.slack.private.whispers[0].seen().pictures == []
    assert harness.faults() == []


async def test_a_short_document_is_shown(harness: SlackCommands) -> None:
    """A document that can be read in chat stands in the answer, as it is written."""
    text = "rules:\n  - name: rafah\n    when: '\"red line\" <b>'\n"
    harness.desk.reply = Card(title="Your rules", document=Document(name="rules.yaml", text=text))
    await harness.command("redline", "status")
    (seen,) = await harness.answers(1)

    assert text in seen.words
    assert "rules.yaml" in seen.words
    assert harness.slack.files.files == {}
    assert harness.faults() == []


async def test_a_long_document_comes_as_a_file(harness: SlackCommands) -> None:
    """A long document is sent to the person alone, with a link to it in the answer."""
    text = "- name: rafah\n" * 500
    harness.desk.reply = Card(title="Your rules", document=Document(name="rules.yaml", text=text))
    await harness.command("redline", "status")
    (seen,) = await harness.answers(1)
    file: File = harness.slack.files.by_name("rules.yaml")
    (message,) = harness.slack.workspace.accepted

    assert file.content == text.encode()
    assert file.channel == message.channel.id == f"D{harness.person[1:]}"
    assert [words for words, url in seen.links if file.id in url] == ["rules.yaml"]
    assert harness.faults() == []


async def test_without_the_scope_a_long_document_is_cut(harness: SlackCommands) -> None:
    """Where no file can be sent, the beginning is shown, and that it is one."""
    harness.slack.scopes.discard("files:write")
    text = "- name: rafah\n" * 500
    harness.desk.reply = Card(title="Your rules", document=Document(name="rules.yaml", text=text))
    await harness.command("redline", "status")
    (seen,) = await harness.answers(1)

    assert seen.words.count("name: rafah") > 100
    assert "rules.yaml is cut off here" in seen.words
    assert harness.faults() == []


async def send_file(harness: SlackCommands, content: bytes, **more: object) -> None:
    """Put a file into a form, and send it."""
    await open_form(harness, IMPORT)
    harness.modal.attach("File", "feeds.opml", content, **more)
    await harness.submit()


async def test_a_file_arrives_as_its_text(harness: SlackCommands) -> None:
    """What a person puts into a form is fetched from Slack and handed on as text."""
    await send_file(harness, "\ufeff<opml>Nachrichten für heute</opml>".encode())
    await harness.answers(1)
    (submission,) = harness.desk.submissions

    assert submission.value("opml") == "<opml>Nachrichten für heute</opml>"


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (b"x" * (LARGEST_FILE + 1), {}, "larger than 1 MiB"),
        (b"\xff\xfe\x00x", {}, "no text in UTF-8"),
        (b"x", {"url_private_download": "http://evil.example/x"}, "does not say where"),
        (b"x", {"url_private_download": "https://slack.com.evil.example/x"}, "does not say where"),
        (b"x", {"url_private_download": "", "url_private": "file:///etc/passwd"}, "does not say"),
    ],
)
async def test_a_file_that_cannot_be_read_is_a_mistake(
    harness: SlackCommands, content: bytes, more: dict[str, object], said: str
) -> None:
    """What is too large, no text, or not at Slack's is said at its field; nobody else is asked."""
    await send_file(harness, content, **more)
    mistakes = await harness.mistakes()

    assert said in mistakes["File"]
    assert harness.desk.submissions == []


async def test_a_file_that_slack_does_not_hand_out_is_a_mistake(harness: SlackCommands) -> None:
    """Without the scope Slack leads to its page for signing in, which is not taken for the file."""
    harness.slack.scopes.discard("files:read")
    await send_file(harness, b"<opml/>")

    assert "did not hand out" in (await harness.mistakes())["File"]


async def test_a_file_that_is_slow_and_bad_is_said_in_the_window(
    harness: SlackCommands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where reading a file takes longer than Slack waits, the window says what was wrong."""
    monkeypatch.setattr("handlers.slack.submissions.SUBMIT_WITHIN", 0)
    await send_file(harness, b"\xff\xfe\x00x")
    await until(harness, "no text in UTF-8")

    assert harness.desk.submissions == []


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/x.opml", True),
        ("https://hooks.slack.com/actions/T1/1/x", True),
        ("https://files.slack-gov.com/x", True),
        ("http://files.slack.com/x", False),
        ("https://files.slack.com:8443/x", False),
        ("https://slack.com.evil.example/x", False),
        ("https://evil.example/slack.com", False),
        ("https://user@evil.example\\@files.slack.com/x", False),
        ("https://notslack.com/x", False),
        ("http://proxy.example:9/x", True),
        ("https://proxy.example:9/x", False),
        ("https://[", False),
        ("https://files.slack.com:x/", False),
        ("", False),
    ],
)
def test_only_slack_gets_our_token(url: str, *, is_theirs: bool) -> None:
    """The token goes to Slack's own hosts, over TLS, and to the proxy of the settings."""
    assert is_slacks(url, "http://proxy.example:9/api/") is is_theirs


# --- who --------------------------------------------------------------------------------------


async def test_usergroups_that_the_settings_name_are_asked_for(clock: FakeClock) -> None:
    """An order names those usergroups that the person is in, asked every five minutes."""
    named = frozenset({"slack:S0000001", "slack:S0000002", "slack:U0PERSON", "discord:77"})
    async with slack_commands(clock, FakeDesk(groups=named)) as harness:
        harness.slack.workspace.usergroups = {"S0000001": {harness.person}, "S0000002": {"U0X"}}
        for number, seconds in enumerate((0, 299, 1), 1):
            harness.pass_time(seconds)
            await harness.command("redline", "status")
            await harness.answers(number)

        assert [order.groups for order in harness.desk.orders] == [("S0000001",)] * 3
        assert len(harness.slack.calls("usergroups.users.list")) == 4


async def test_without_the_scope_nobody_is_in_a_usergroup(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A token that may not read usergroups gives nobody more rights, and the log says so once."""
    async with slack_commands(clock, FakeDesk(groups=frozenset({"slack:S0000001"}))) as harness:
        harness.slack.scopes.discard("usergroups:read")
        harness.slack.workspace.usergroups = {"S0000001": {harness.person}}
        for number in (1, 2):
            harness.pass_time(301)
            await harness.command("redline", "status")
            await harness.answers(number)

        assert [order.groups for order in harness.desk.orders] == [(), ()]
        said = [record for record in caplog.records if "usergroup" in record.getMessage()]
        assert len(said) == 1


@pytest.mark.parametrize("what", ["press", "form", "options", "home", "command"])
async def test_people_of_connected_workspaces_are_external(
    harness: SlackCommands, what: str
) -> None:
    """What comes from another workspace comes from somebody external, whatever Slack says."""
    harness.become(Standing.ADMIN)
    await open_filled(harness)
    await harness.post(ALERT)
    somebody, modal = harness.somebody, harness.modal
    message = harness.slack.workspace.messages("#mideast-desk")[0]
    other: Json = {"team": {"id": "T0OTHER", "domain": "other"}}
    like = modal.block("Like")
    payloads: dict[str, tuple[str, Json]] = {
        "press": ("interactive", somebody.press_payload(message, "redline:mute:alert7", **other)),
        "form": ("interactive", {**modal.submission_payload(), **other}),
        "options": (
            "interactive",
            {**somebody.suggestion_payload(modal.view, like, "a"), **other},
        ),
        "command": (
            "slash_commands",
            {**somebody.command_payload("/acme-redline", "status"), "team_id": "T0OTHER"},
        ),
        "home": (
            "events_api",
            {
                "type": "event_callback",
                "team_id": "T0OTHER",
                "event": {"type": "app_home_opened", "user": harness.person, "tab": "home"},
            },
        ),
    }
    desk = harness.desk
    desk.orders.clear()
    await harness.slack.socket.tell(*payloads[what])

    def found() -> list[Asked]:
        completed = [one for one, _, _ in desk.completed]
        return [*desk.presses, *desk.submissions, *desk.visits, *desk.orders, *completed]

    async with asyncio.timeout(10):
        while not found():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)

    assert [(one.standing, one.workspace) for one in found()] == [(Standing.EXTERNAL, "T0OTHER")]


# --- restarts ---------------------------------------------------------------------------------


async def test_a_form_that_was_sent_before_a_restart_is_answered_in_its_window(
    harness: SlackCommands, hurry: None
) -> None:
    """The window that waits when Redline is restarted gets its answer afterwards."""
    await open_filled(harness)
    thinking = hold(harness)
    await harness.submit()
    await harness.restart()
    thinking.set()
    await until(harness, "It is saved")

    assert len(harness.desk.submissions) == 2
    assert harness.desk.submissions[0].id == harness.desk.submissions[1].id
    assert harness.desk.submissions[0] == harness.desk.submissions[1]


async def test_who_was_demoted_before_a_restart_is_asked_about_again(
    harness: SlackCommands,
) -> None:
    """What is answered after a restart counts how the person stands by then."""
    harness.become(Standing.ADMIN)
    thinking = hold(harness)
    await harness.command("redline", "status")
    harness.become(Standing.GUEST)
    await harness.restart()
    thinking.set()
    await harness.answers(1)

    assert [order.standing for order in harness.desk.orders][-1] is Standing.GUEST


async def test_a_press_before_a_restart_still_edits(harness: SlackCommands) -> None:
    """An alert that was marked just before a restart shows it after it."""
    harness.desk.pressed = {Action.MUTE: Revised(replace(ALERT, status="marked"))}
    await harness.post(ALERT)
    thinking = hold(harness)
    await harness.press_posted(0)
    await harness.restart()
    thinking.set()

    assert "marked" in (await harness.posted(1)).words


# --- pictures ---------------------------------------------------------------------------------


def test_a_form_can_be_drawn_as_slack_shows_it() -> None:
    """The picture of a form has its title, labels, help and values, and buttons to send it."""
    view = form_view(replace(RULE_FORM, submit="Look"), Asker(user_id="U1"))
    drawn = slack.modal(view, NOON, theme="light")

    said = ["Add a rule", "Short, without spaces", "&quot;red line&quot;", "At once", "Look"]
    assert [words for words in said if words not in drawn] == []
    assert all(field.label in drawn for field in RULE_FORM.fields)


def test_everything_on_a_card_can_be_drawn() -> None:
    """People, pictures, documents and both kinds of buttons are drawn, in a message and at home."""
    line = CardLine(text="Relevant:", users=("U0PERSON",), channels=("C00000001",))
    document = Document(name="rules.yaml", text="rules: <b>")
    picture = Picture(png=PNG, alt="It rose")
    card = Card(
        title="All", marks=(line,), document=document, picture=picture, buttons=(ADD, UNMUTE)
    )
    drawn = [
        slack.message(layout(card, picture="F1"), NOON),
        slack.home(home_view(card), NOON, theme="dark"),
        slack.modal(card_view(card, Asker(user_id="U1"), "F1"), NOON, theme="dark"),
    ]

    for words in ("@U0PERSON", "#C00000001", "rules: &lt;b&gt;", "It rose", "primary", "danger"):
        assert [words in one for one in drawn] == [True] * 3


# --- pure -------------------------------------------------------------------------------------


def test_an_address_is_read_as_it_was_written() -> None:
    """Where an answer goes survives being written down."""
    asker = Asker(
        user_id="U1",
        channel_id="C1",
        response_url="https://hooks.slack.com/x",
        thread="1.2",
        message="1.3",
        whisper="1.4",
        view="V1",
        home=True,
    )

    assert read_address("U1", address_of(asker)) == asker
    assert read_address("U1", "not json") == Asker(user_id="U1")
    assert read_address("U1", '["a"]') == Asker(user_id="U1")


def test_a_form_remembers_where_it_was_opened() -> None:
    """The place comes back with the form; one too long to come back costs only the place."""
    asker = Asker(user_id="U1", channel_id="C1", response_url="https://hooks.slack.com/x")
    long = replace(asker, response_url="https://hooks.slack.com/" + "x" * 3_000)
    views = [form_view(RULE_FORM, one) for one in (asker, long)]

    assert asker_of_view("U1", views[0]) == asker
    assert asker_of_view("U1", views[1]) == Asker(user_id="U1")
    assert [sent_form(view).draft for view in views] == ["draft7", "draft7"]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (("C00000001", "G00000002"), ["C00000001", "G00000002"]),
        (("#desk", "slack:C00000001", "D00000001", "1187500000000000000"), None),
    ],
)
def test_channels_stand_in_a_form_by_their_ids(
    values: tuple[str, ...], shown: list[str] | None
) -> None:
    """Only ids of channels can be shown as chosen; Slack refuses others."""
    field = FormField(name="to", label="To", kind=FieldKind.CHANNELS, values=values)
    view = form_view(replace(RULE_FORM, fields=(field,)), Asker(user_id="U1"))

    assert view["blocks"][0]["element"].get("initial_conversations") == shown


def test_a_choice_is_radio_buttons_or_a_menu() -> None:
    """Few choices are seen at once; many, or such as can be left out, are a menu."""
    many = tuple(Choice(value=str(n), label=str(n)) for n in range(7))
    few = FormField(name="a", label="A", kind=FieldKind.CHOICE, choices=many[:3], values=("1",))
    fields = (few, replace(few, choices=many), replace(few, required=False))
    form = replace(RULE_FORM, fields=(*fields, replace(few, choices=())))
    view = form_view(form, Asker(user_id="U1"))
    elements = [block["element"] for block in view["blocks"]]

    assert [element["type"] for element in elements] == [
        "radio_buttons",
        "static_select",
        "static_select",
        "plain_text_input",
    ]
    assert elements[0]["initial_option"]["value"] == "1"


def test_options_are_offered_once_and_can_come_back() -> None:
    """Each value once, none empty, none longer than Slack hands back, a hundred at most."""
    offered = options_of(
        [
            Choice(value="a", label="A"),
            Choice(value="a", label="B"),
            Choice(value="", label="C"),
            Choice(value="x" * 151, label="D"),
            *(Choice(value=f"v{n}", label="") for n in range(200)),
        ]
    )

    assert len(offered) == 100
    assert offered[0]["text"]["text"] == "B"
    assert offered[1]["text"]["text"] == "v0"


def test_a_name_of_no_kind_is_asked_of_nobody() -> None:
    """A field that names nothing has an id that no suggestion answers."""
    field = FormField(name="n", label="N", kind=FieldKind.NAME, values=("rafah",))
    (plain,) = form_view(replace(RULE_FORM, fields=(field,)), Asker(user_id="U1"))["blocks"]
    (rule,) = form_view(
        replace(RULE_FORM, fields=(replace(field, of=OptionKind.RULE),)), Asker(user_id="U1")
    )["blocks"]

    assert plain["element"]["action_id"] == "redline:name:"
    assert rule["element"]["action_id"] == "redline:name:rule"
    assert rule["element"]["initial_option"]["value"] == "rafah"

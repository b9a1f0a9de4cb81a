"""Presses of buttons, over Socket Mode and over signed HTTP."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.model import Action, Card, ChannelRef, Request, Secret, Standing
from bot.ports import Serve
from handlers.slack.chat import SlackChat
from handlers.slack.once import Once
from handlers.slack.options import SlackOptions
from handlers.slack.presses import read_press
from handlers.slack.serve import PATH, signed
from tests.contracts.chat import CARD, post_to
from tests.contracts.commands import FakeInbox
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackEmulator
from tests.emulators.slack_person import Person, SignedSender
from tests.emulators.slack_reader import read
from tests.emulators.slack_workspace import Message
from tests.fakes import FakeClock

DESK = ChannelRef("slack", "#mideast-desk")
TARGET = CARD.buttons[0].target


@dataclass
class Service:
    """The service behind the buttons: it remembers what it was asked."""

    asked: list[Request] = field(default_factory=list)
    trouble: Exception | None = None
    hold: asyncio.Event | None = None

    async def answer(self, request: Request) -> Card:
        self.asked.append(request)
        if self.hold:
            await self.hold.wait()
        if self.trouble:
            raise self.trouble
        return Card(title="Why you see this", why=("rafah-red-line: red line",))


def socket_options(slack: SlackEmulator) -> SlackOptions:
    """Return options for Socket Mode with the emulator."""
    return SlackOptions(
        api_url=slack.api_url, bot_token=Secret(BOT_TOKEN), app_token=Secret(APP_TOKEN)
    )


@pytest.fixture
def service() -> Service:
    """A service that answers everything."""
    return Service()


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SlackEmulator]:
    """A workspace with one channel, whose requests must all be well formed."""
    async with SlackEmulator(clock.now) as emulator:
        emulator.workspace.add_channel("#mideast-desk")
        yield emulator
    assert emulator.problems == []


@pytest.fixture
async def chat(
    slack: SlackEmulator, clock: FakeClock, service: Service
) -> AsyncIterator[SlackChat]:
    """An adapter that listens over Socket Mode."""
    serve = Serve(service.answer, clock, inbox=FakeInbox())
    adapter = SlackChat(socket_options(slack), serve)
    await adapter.open()
    await slack.socket.connected()
    yield adapter
    await adapter.close()


@pytest.fixture
async def card(chat: SlackChat, slack: SlackEmulator) -> Message:
    """A card in the channel."""
    await chat.send(post_to(DESK))
    return slack.workspace.messages("#mideast-desk")[0]


@pytest.fixture
def person(slack: SlackEmulator) -> Person:
    """Somebody in the channel."""
    return Person(slack)


async def private_words(slack: SlackEmulator, count: int = 1) -> list[str]:
    """Wait for private answers and return what each says."""
    async with asyncio.timeout(10):
        while len(slack.workspace.ephemeral) < count:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)
    return [read(said["text"], said["blocks"]).words for said in slack.workspace.ephemeral]


# --- presses ----------------------------------------------------------------------------------


async def test_a_press_is_answered_in_private(
    slack: SlackEmulator, person: Person, card: Message, service: Service
) -> None:
    """Whoever presses a button gets the answer where the card is, and nobody else sees it."""
    envelope = await person.press(card)

    assert envelope.answer is None
    assert "rafah-red-line" in (await private_words(slack))[0]
    said = slack.workspace.ephemeral[0]
    assert (said["user"], said["channel"]) == (person.user, card.channel.id)
    assert "thread_ts" not in said
    assert service.asked == [
        Request(
            workspace=slack.workspace.team,
            channel_id=card.channel.id,
            user_id=person.user,
            action=Action.WHY,
            target=TARGET,
            standing=Standing.MEMBER,
            platform="slack",
            id=f"slack:{envelope.payload['trigger_id']}",
        )
    ]


async def test_a_press_in_a_thread_is_answered_there(
    chat: SlackChat, slack: SlackEmulator, person: Person, card: Message
) -> None:
    """The answer to a follow-up's button stands in its thread."""
    card.thread_ts = card.ts

    await person.press(card)
    await private_words(slack)

    assert slack.workspace.ephemeral[0]["thread_ts"] == card.ts


async def test_the_acknowledgement_does_not_wait_for_the_answer(
    slack: SlackEmulator, person: Person, card: Message, service: Service
) -> None:
    """Slack waits three seconds for an acknowledgement; a slow answer comes when it is there."""
    service.hold = asyncio.Event()

    await person.press(card)

    assert slack.workspace.ephemeral == []
    service.hold.set()
    await private_words(slack)


async def test_one_delivery_twice_is_one_answer(
    slack: SlackEmulator, person: Person, card: Message, service: Service
) -> None:
    """A press that Slack delivers again is acknowledged again, and answered once."""
    envelope = await person.press(card)
    await private_words(slack)
    await slack.socket.deliver(envelope)
    await person.press(card)  # another press, to know that the one before it is through
    await private_words(slack, 2)

    assert envelope.sent == 2
    assert len(service.asked) == 2


async def test_a_press_survives_a_reconnect(
    slack: SlackEmulator, person: Person, card: Message, service: Service
) -> None:
    """Slack moves sockets every few hours; presses after that are answered."""
    for reason in ("refresh_requested", "warning", "link_disabled"):
        await slack.socket.disconnect(reason)
    await slack.socket.close()

    await person.press(card)

    assert await private_words(slack)
    assert len(service.asked) == 1
    assert slack.socket.hellos == 5


async def test_a_torn_socket_is_opened_anew(
    slack: SlackEmulator, clock: FakeClock, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that breaks is noticed, also where Slack limits new ones for a moment."""
    monkeypatch.setattr("handlers.slack.serve.PING_SECONDS", 0.05)
    chat = SlackChat(socket_options(slack), Serve(service.answer, clock))
    await chat.open()
    slack.workspace.rate_limit(1, "apps.connections.open")
    before = slack.socket.hellos
    await slack.socket.hang_up()
    await slack.socket.connected()
    await chat.close()

    assert slack.socket.hellos == before + 1
    assert len(slack.calls("apps.connections.open")) >= 3


async def test_an_address_that_expired_is_asked_for_anew(
    slack: SlackEmulator, clock: FakeClock, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket address is good for a moment; where that passed, a new one is fetched."""
    monkeypatch.setattr("handlers.slack.serve.CONNECT_PATIENCE", 0.1)
    monkeypatch.setattr("handlers.slack.serve.PING_SECONDS", 0.05)
    slack.socket.hand_out_expired(2)
    chat = SlackChat(socket_options(slack), Serve(service.answer, clock))

    await chat.open()
    assert slack.socket.hellos == 0
    async with asyncio.timeout(10):
        while not slack.socket.hellos:
            clock.advance(16)
            await asyncio.sleep(0.1)

    assert len(slack.calls("apps.connections.open")) == 3
    assert slack.socket.refused >= 2
    await chat.close()


async def test_an_error_is_told_to_whoever_pressed(
    slack: SlackEmulator, person: Person, card: Message, service: Service
) -> None:
    """A mistake that we understand is explained; one that we do not is admitted."""
    service.trouble = StoreError("alert 7", "is not known", advice="It may be too old.")
    await person.press(card)
    await private_words(slack, 1)
    service.trouble = KeyError("xoxb-secret")
    await person.press(card)
    known, unknown = await private_words(slack, 2)

    assert "alert 7: is not known. It may be too old." in known
    assert "could not answer" in unknown
    assert "xoxb" not in unknown


@pytest.mark.parametrize("action", ["redline:nuke:aaaa", "redline:why:", "redline:", "redline:x"])
async def test_a_button_of_another_version_says_so(
    slack: SlackEmulator, person: Person, card: Message, service: Service, action: str
) -> None:
    """A button that this version does not know is answered, and asks nothing."""
    await person.press(card, action)

    assert "another version" in (await private_words(slack))[0]
    assert service.asked == []


async def test_where_redline_is_no_member_the_press_carries_the_answer(
    slack: SlackEmulator, person: Person, card: Message
) -> None:
    """A public channel without Redline takes no private message; the press itself does."""
    slack.workspace.kick("#mideast-desk")

    await person.press(card)
    async with asyncio.timeout(10):
        while not slack.responses:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)

    said = slack.responses[0]
    assert "rafah-red-line" in read(said["text"], said["blocks"]).words
    assert said["replace_original"] is False
    assert said["response_type"] == "ephemeral"


async def test_another_apps_environment_changes_nothing(
    slack: SlackEmulator,
    clock: FakeClock,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Variables that Slack's library reads by itself neither reach Redline nor worry anybody."""
    for name in ("CLIENT_ID", "CLIENT_SECRET", "SIGNING_SECRET", "BOT_TOKEN", "SCOPES"):
        monkeypatch.setenv(f"SLACK_{name}", "of-another-app")
    chat = SlackChat(socket_options(slack), Serve(service.answer, clock))
    await chat.open()
    await chat.send(post_to(DESK))

    await Person(slack).press(slack.workspace.messages("#mideast-desk")[0])

    assert "rafah-red-line" in (await private_words(slack))[0]
    assert [record.getMessage() for record in caplog.records if record.levelname != "INFO"] == []
    await chat.close()


async def test_everything_unknown_is_acknowledged(
    chat: SlackChat, slack: SlackEmulator, person: Person, card: Message, service: Service
) -> None:
    """Whatever Slack tells us gets its acknowledgement, so that nobody sees a warning sign."""
    who = {"team": {"id": "T0"}, "user": {"id": person.user}, "trigger_id": "t9"}
    view = {"id": "V1", "type": "modal", "callback_id": "c", "state": {"values": {}}}
    unknown: list[tuple[str, dict[str, object]]] = [
        ("interactive", person.press_payload(card, "some_other_button")),
        ("interactive", {"type": "view_submission", "view": view, **who}),
        ("interactive", {"type": "view_closed", "view": view, **who}),
        ("interactive", {"type": "shortcut", "callback_id": "c", **who}),
        ("interactive", {"type": "message_action", "callback_id": "c", **who}),
        ("interactive", {"type": "block_suggestion", "action_id": "a", "value": "", **who}),
        ("events_api", {"type": "event_callback", "event": {"type": "app_home_opened"}}),
        (
            "events_api",
            {"type": "event_callback", "event": {"type": "message", "subtype": "bot_message"}},
        ),
    ]

    for kind, payload in unknown:
        await slack.socket.tell(kind, payload)
    envelope = await person.command("/redline", "status")

    assert envelope.acked.is_set()
    assert service.asked == []
    assert slack.workspace.ephemeral == []


async def test_closing_lets_an_answer_finish(
    chat: SlackChat, slack: SlackEmulator, person: Person, card: Message, service: Service
) -> None:
    """A press that is being answered when the service stops still gets its answer."""
    service.hold = asyncio.Event()
    await person.press(card)
    closing = asyncio.ensure_future(chat.close())
    await asyncio.sleep(0.05)
    service.hold.set()

    await closing

    assert len(slack.workspace.ephemeral) == 1


async def test_closing_leaves_nothing_behind(slack: SlackEmulator, clock: FakeClock) -> None:
    """After close there is no task and no connection, however often it is called."""
    before = asyncio.all_tasks()
    chat = SlackChat(socket_options(slack), Serve(Service().answer, clock))
    await chat.open()
    await slack.socket.connected()
    assert asyncio.all_tasks() > before

    await chat.close()
    await chat.close()
    await asyncio.sleep(0.05)

    left = {task for task in asyncio.all_tasks() - before if "handlers" in repr(task)}
    sdk = {task for task in asyncio.all_tasks() - before if "slack_sdk" in repr(task)}
    assert left | sdk == set()


async def test_a_slack_that_is_down_does_not_stop_the_start(
    slack: SlackEmulator, clock: FakeClock, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redline starts while Slack is away, and is connected when Slack is back."""
    monkeypatch.setattr("handlers.slack.serve.CONNECT_PATIENCE", 0.1)
    monkeypatch.setattr("handlers.slack.serve.PING_SECONDS", 0.05)
    await slack.stop()
    chat = SlackChat(socket_options(slack), Serve(service.answer, clock))

    await chat.open()
    await slack.start(slack.port)
    await slack.socket.connected()

    await chat.close()


# --- signed HTTP ------------------------------------------------------------------------------


@pytest.fixture
async def http_chat(
    slack: SlackEmulator, clock: FakeClock, service: Service
) -> AsyncIterator[SlackChat]:
    """An adapter that Slack calls over HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = SlackOptions(
        api_url=slack.api_url,
        bot_token=Secret(BOT_TOKEN),
        signing_secret=Secret(SIGNING_SECRET),
        http_port=port,
    )
    adapter = SlackChat(options, Serve(service.answer, clock))
    await adapter.open()
    await adapter.send(post_to(DESK))
    yield adapter
    await adapter.close()


@pytest.fixture
def sender(http_chat: SlackChat, clock: FakeClock) -> SignedSender:
    """Slack, with the app's signing secret."""
    url = f"http://127.0.0.1:{http_chat._options.http_port}{PATH}"
    return SignedSender(url, SIGNING_SECRET, clock.now)


@pytest.fixture
def payload(http_chat: SlackChat, slack: SlackEmulator, person: Person) -> dict[str, object]:
    """A press on a card."""
    message = slack.workspace.messages("#mideast-desk")[0]
    return person.press_payload(message, f"redline:why:{TARGET}")


async def test_a_signed_press_is_answered(
    slack: SlackEmulator, sender: SignedSender, payload: dict[str, object], service: Service
) -> None:
    """Over HTTP a press with a good signature does what it does over the socket."""
    status, _ = await sender.send(payload)

    assert status == 200
    assert "rafah-red-line" in (await private_words(slack))[0]
    assert [request.target for request in service.asked] == [TARGET]


@pytest.mark.parametrize(
    ("age", "status"), [(0, 200), (299, 200), (301, 401), (-299, 200), (-301, 401), (1e6, 401)]
)
async def test_a_signature_is_good_for_five_minutes(
    sender: SignedSender, payload: dict[str, object], age: float, status: int
) -> None:
    """An old request, or one from the future, is refused whatever its signature."""
    assert (await sender.send(payload, age))[0] == status


async def test_a_signature_is_good_once(
    slack: SlackEmulator,
    sender: SignedSender,
    payload: dict[str, object],
    service: Service,
    clock: FakeClock,
) -> None:
    """A recorded request that is played again is refused, even within the window."""
    body = json.dumps(payload)
    headers = sender.sign(body, age=-299)
    first = await sender.post(body, headers)
    clock.advance(590)
    again = await sender.post(body, headers)

    assert (first[0], again[0]) == (200, 401)


@given(
    forged=st.fixed_dictionaries(
        {},
        optional={
            "X-Slack-Signature": st.text("v0=abcdef123é", max_size=70) | st.just("v0=" + "0" * 64),
            "X-Slack-Request-Timestamp": st.text("0123456789-.xé", max_size=12)
            | st.just("1772442000"),
        },
    )
)
def test_a_forged_signature_is_refused(forged: dict[str, str]) -> None:
    """Nothing but the right signature opens the door, and nothing makes it stumble."""
    headers = {name.lower(): value for name, value in forged.items()}

    assert not signed(SIGNING_SECRET, FakeClock(), headers, b"payload=1")


@pytest.mark.parametrize("secret", ["wrong", SIGNING_SECRET[::-1]])
async def test_another_secret_is_refused(
    sender: SignedSender, payload: dict[str, object], service: Service, secret: str
) -> None:
    """Who does not have the signing secret cannot press our buttons."""
    status, said = await replace(sender, secret=secret).send(payload)

    assert (status, service.asked) == (401, [])
    assert SIGNING_SECRET not in said


async def test_a_changed_body_is_refused(sender: SignedSender, service: Service) -> None:
    """A signature belongs to its body, byte for byte."""
    headers = sender.sign("payload=%7B%7D")

    status, _ = await sender.post("payload=%7B%20%7D", headers)

    assert (status, service.asked) == (401, [])


async def test_slack_can_verify_the_address(sender: SignedSender) -> None:
    """Slack's challenge, which comes when the address is entered, is answered."""
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee"})
    headers = {"Content-Type": "application/json", **sender.sign(body)}

    status, said = await sender.post(body, headers)

    assert status == 200
    assert "c0ffee" in said


async def test_a_taken_port_is_said_at_once(
    http_chat: SlackChat, clock: FakeClock, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """A port that another program has is an error with the port in it, and stops no alert."""
    second = SlackChat(http_chat._options, Serve(service.answer, clock))

    await second.open()
    await second.close()

    (said,) = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert re.search(rf"port {http_chat._options.http_port}.*http_port", said)


# --- once -------------------------------------------------------------------------------------


@given(names=st.lists(st.sampled_from("abc")))
def test_a_name_is_first_once(names: list[str]) -> None:
    """Within the time that is remembered, every name is new exactly once."""
    once = Once(FakeClock(), timedelta(minutes=10))

    assert sum(once.first(name) for name in names) == len(set(names))


def test_a_name_is_forgotten_in_time(clock: FakeClock) -> None:
    """Memory is bounded by time."""
    once = Once(clock, timedelta(minutes=10))
    assert once.first("a")
    clock.advance(600)
    assert not once.first("a")
    clock.advance(1)

    assert once.first("a")
    assert list(once._seen) == ["a"]


@given(
    action=st.text(),
    more=st.fixed_dictionaries(
        {},
        optional={
            "team": st.none() | st.just({}),
            "channel": st.none() | st.just({"id": "C1"}),
            "container": st.none() | st.just({"channel_id": "C2"}),
            "message": st.none() | st.just({"thread_ts": "1.2"}),
        },
    ),
)
def test_any_press_can_be_read(action: str, more: dict[str, object]) -> None:
    """Whatever a payload leaves out, reading it asks for nothing that is not a known button."""
    actions = [{"action_id": f"redline:{action}", "action_ts": "1"}]
    interaction = read_press({"user": {"id": "U1"}, "actions": actions, **more})

    assert interaction is None or isinstance(interaction.asked, Request)
    if interaction and isinstance(interaction.asked, Request):
        assert f"{interaction.asked.action}:{interaction.asked.target}" == action

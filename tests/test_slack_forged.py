"""Forged, replayed, expired and unauthorised interactions in Slack: none does anything.

`make forged` tries 10,000 of them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import ChannelRef, Secret, Standing
from handlers.slack.chat import SlackChat
from handlers.slack.options import SlackOptions
from handlers.slack.serve import PATH
from tests.contracts.commands import FakeDesk, FakeInbox, kept_open
from tests.contracts.forged import ALERT, EXAMPLES, Attempt, Vault, Who, attempts
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackEmulator
from tests.emulators.slack_person import Person, SignedSender
from tests.emulators.slack_views import View
from tests.emulators.slack_workspace import Json, Message
from tests.fakes import FakeClock
from tests.test_slack_commands import FLAGS, SlackCommands, slack_commands

LATE_SECONDS = 4
AT_ONCE = 10
"""So many are sent side by side, as many people would."""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as long as a busy machine takes: here it counts that acknowledgements come.

    How fast they are is measured by `make bench-chat`.
    """
    monkeypatch.setattr("tests.emulators.slack_socket.ACKNOWLEDGE_WITHIN", 30.0)


# --- what is no interaction -------------------------------------------------------------------


odd: st.SearchStrategy[Any] = (
    st.none() | st.integers() | st.text(max_size=8) | st.just([]) | st.just({"id": "U1"})
)
# Bolt itself takes these for objects, and leaves unacknowledged what Slack never sends: numbers.
parts = st.none() | st.dictionaries(
    st.sampled_from(["id", "is_ephemeral", "channel_id", "thread_ts", "message_ts"]), odd
)
FIELDS = ("team_id", "user_id", "channel_id", "trigger_id", "response_url")
PARTS = ("user", "team", "channel", "container", "message")
forged_commands = st.fixed_dictionaries(
    {"command": st.text(max_size=20) | st.sampled_from(["/news", "/acme-", "/acme-news "])},
    optional=dict.fromkeys((*FIELDS, "text"), odd),
)
cut_commands = st.fixed_dictionaries(
    {"command": st.just("/acme-news"), "text": odd, "channel_id": st.integers() | st.just("")},
    optional=dict.fromkeys(("team_id", "user_id", "trigger_id"), odd),
)
forged_presses = st.fixed_dictionaries(
    {
        "type": st.just("block_actions"),
        "actions": st.lists(
            st.fixed_dictionaries(
                {"action_id": st.text(max_size=9).map(lambda said: f"redline:{said}")},
                optional={"action_ts": odd, "value": odd, "type": odd},
            ),
            min_size=1,
            max_size=2,
        ),
    },
    optional={"trigger_id": odd, **dict.fromkeys(PARTS, parts)},
)
states = st.dictionaries(
    st.text(max_size=5),
    st.dictionaries(
        st.text(max_size=5),
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                ("type", "value", "selected_option", "selected_conversations", "files"), odd
            ),
        )
        | odd,
        max_size=2,
    )
    | odd,
    max_size=3,
)
metadata = odd.map(json.dumps) | st.text(max_size=9) | odd
# A form comes from a view with an id, sent by a person; without one of them it is none. Bolt itself
# relies on the type of a view.
forged_views = st.fixed_dictionaries(
    {
        "type": st.just("modal"),
        "callback_id": st.text(max_size=9).map(lambda said: f"redline:form:{said}"),
        "state": st.fixed_dictionaries({"values": states}) | st.just({}),
    },
    optional={"private_metadata": metadata, "hash": odd, "blocks": odd},
)
forged_forms = st.fixed_dictionaries(
    {"type": st.just("view_submission"), "view": forged_views},
    optional={"trigger_id": odd, **dict.fromkeys(("user", "team"), parts)},
)
forged_typing = st.fixed_dictionaries(
    {
        "type": st.just("block_suggestion"),
        "action_id": st.text(max_size=9).map(lambda said: f"redline:name:{said}"),
        "value": odd,
    },
    optional=dict.fromkeys(PARTS, parts),
)
forged_visits = st.fixed_dictionaries(
    {
        "type": st.just("event_callback"),
        "event": st.fixed_dictionaries(
            {"type": st.just("app_home_opened")},
            optional={"user": st.none() | st.just(""), "tab": odd},
        ),
    },
    optional=dict.fromkeys(("team_id", "event_id"), st.none() | st.text(max_size=8)),
)
forged_things = st.one_of(
    forged_commands.map(lambda said: ("slash_commands", said)),
    cut_commands.map(lambda said: ("slash_commands", said)),
    st.one_of(forged_presses, forged_forms, forged_typing).map(lambda said: ("interactive", said)),
    forged_visits.map(lambda said: ("events_api", said)),
)


def test_what_is_forged_is_acknowledged_and_asks_nothing() -> None:
    """Whatever comes in place of an interaction, nothing is carried out or broken."""
    with kept_open(slack_commands(FakeClock())) as (runner, harness):
        desk = harness.desk

        async def tell(forged: list[tuple[str, Json]]) -> None:
            await asyncio.gather(*(harness.slack.socket.tell(*one) for one in forged))

        @settings(max_examples=EXAMPLES // AT_ONCE, suppress_health_check=list(HealthCheck))
        @given(st.lists(forged_things, min_size=AT_ONCE, max_size=AT_ONCE))
        def deliver(forged: list[tuple[str, Json]]) -> None:
            runner.run(tell(forged))

            assert desk.orders + desk.presses + desk.submissions == []
            assert desk.completed + desk.visits == []

        deliver()
        said = harness.slack.private.changes
        runner.run(harness.command("redline", "status"))
        runner.run(harness.answers(said + 1))

    assert len(harness.desk.orders) == 1
    assert harness.slack.socket.hellos == 1
    assert "Found on page 0" in harness.slack.private.whispers[-1].seen().words


# --- who may not ------------------------------------------------------------------------------


EDITOR = "U0EDITOR"


class Guarded(SlackCommands):
    """The adapter before the service as it really is, and people who may not change anything."""

    def __init__(self, slack: SlackEmulator, vault: Vault) -> None:
        desk = FakeDesk()
        desk.serve = vault.serve  # type: ignore[method-assign]  # the real service in its place
        super().__init__(slack, vault.clock, desk)
        self.vault = vault
        slack.workspace.add_user(EDITOR)
        for standing, flags in FLAGS.items():
            slack.workspace.add_user(f"U0{standing.upper()}", **flags)
        self.message = Message(
            next(iter(slack.workspace.channels.values())),
            slack.workspace.stamp(),
            slack.workspace.bot_user,
            "An alert",
        )

    def payload(self, attempt: Attempt) -> tuple[str, Json]:
        """Write an attempt as Slack would deliver it, had it come from Slack."""
        person = Person(self.slack, self._user(attempt.who))
        kind, payload = self._payload(attempt, person)
        if not attempt.who.from_here:
            payload |= {"team": {"id": "T0OTHER", "domain": "other"}, "team_id": "T0OTHER"}
        return kind, payload

    def _user(self, who: Who) -> str:
        return EDITOR if who.editor else f"U0{who.standing.upper()}"

    def _payload(self, attempt: Attempt, person: Person) -> tuple[str, Json]:
        if attempt.command:
            group, verb, arguments = attempt.command
            text = " ".join([verb, *(argument.value for argument in arguments)])
            return "slash_commands", person.command_payload(f"/acme-{group}", text)
        if attempt.press:
            action_id = "redline:{}:{}".format(*attempt.press)
            return "interactive", person.press_payload(self.message, action_id)
        if attempt.form:
            return "interactive", self._sent(attempt, person)
        if attempt.typed:
            kind, typed = attempt.typed
            block = {"block_id": "like", "element": {"action_id": f"redline:name:{kind}"}}
            view = self._view(person, {"type": "modal", "blocks": []})
            return "interactive", person.suggestion_payload(view, block, typed)
        visit = {"type": "app_home_opened", "user": person.user, "tab": "home"}
        team = self.slack.workspace.team
        return "events_api", {"type": "event_callback", "team_id": team, "event": visit}

    def _sent(self, attempt: Attempt, person: Person) -> Json:
        assert attempt.form
        name, draft, values = attempt.form
        state = {
            given.name: {"redline:field": {"type": "plain_text_input", "value": given.value}}
            for given in values
        }
        origin = {"channel_id": self.message.channel.id, "message": self.message.ts}
        body = {
            "type": "modal",
            "callback_id": f"redline:form:{name}",
            "private_metadata": json.dumps({"draft": draft, "origin": origin}),
            "blocks": [{"type": "input", "block_id": name} for name in state],
        }
        view = self._view(person, body)
        view.state = state
        trigger = self.slack.views.trigger(person.user)
        who = person.who()
        return {"type": "view_submission", **who, "trigger_id": trigger, "view": view.shown()}

    def _view(self, person: Person, body: Json) -> View:
        return View("V1", person.user, {"title": {}, **body}, self.slack.workspace.stamp())

    async def attempt(self, *attempts: Attempt) -> None:
        """Deliver attempts side by side, and wait until nothing is being answered any more."""
        await asyncio.gather(*map(self._deliver, attempts))
        async with asyncio.timeout(30):
            while await self.vault.busy("slack"):  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.002)

    async def _deliver(self, attempt: Attempt) -> None:
        kind, payload = self.payload(attempt)
        if attempt.late:
            self.pass_time(LATE_SECONDS)
        envelope = await self.slack.socket.tell(kind, payload)
        if attempt.again:
            await self.slack.socket.deliver(envelope)


@asynccontextmanager
async def guarded() -> Any:
    """Open the adapter before a vault."""
    clock = FakeClock()
    async with SlackEmulator(clock.now) as slack:
        channel = slack.workspace.add_channel("#mideast-desk")
        vault = Vault(
            workspace=slack.workspace.team,
            channel=ChannelRef("slack", channel.id),
            editors=frozenset({f"slack:{EDITOR}"}),
            clock=clock,
        )
        await vault.fill()
        harness = Guarded(slack, vault)
        vault.desk.chats.append(harness.chat)
        await harness.chat.open()
        await slack.socket.connected()
        yield harness
        await harness.chat.close()


class Collecting(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def errors() -> Iterator[list[logging.LogRecord]]:
    """Collect what is logged as an error meanwhile."""
    handler = Collecting(logging.ERROR)
    logging.getLogger().addHandler(handler)
    try:
        yield handler.records
    finally:
        logging.getLogger().removeHandler(handler)


def test_who_may_not_changes_nothing() -> None:
    """Strangers, guests, bots, viewers and other editors change nothing, whatever they send."""
    with errors() as broken, kept_open(guarded()) as (runner, harness):
        before = runner.run(harness.vault.held())

        @settings(max_examples=EXAMPLES // AT_ONCE, suppress_health_check=list(HealthCheck))
        @given(st.lists(attempts(), min_size=AT_ONCE, max_size=AT_ONCE))
        def deliver(attempts: list[Attempt]) -> None:
            runner.run(harness.attempt(*attempts))

            assert runner.run(harness.vault.held()) == before
            assert [record.getMessage() for record in broken] == []
            assert harness.message.edits == 0

        deliver()
        assert harness.slack.socket.hellos == 1
        assert harness.slack.problems == []


async def test_the_vault_can_be_changed() -> None:
    """Who may does change what is kept: the proof above would see it."""
    opening = guarded()
    harness = await opening.__aenter__()
    before = await harness.vault.held()
    who = Who(standing=Standing.MEMBER, editor=True)
    await harness.attempt(Attempt(who=who, press=("unmute", "mute7")))
    unmuted = await harness.vault.held()
    await harness.attempt(
        Attempt(who=Who(standing=Standing.MEMBER), press=("relevant", ALERT)),
    )
    await opening.__aexit__(None, None, None)

    assert unmuted != before
    assert unmuted[2] == []


# --- the door of signed HTTP ------------------------------------------------------------------


@dataclass(frozen=True)
class Tampering:
    """How a request is not as Slack would send it."""

    secret: str
    age: float
    changed: bool
    again: bool

    @property
    def is_genuine(self) -> bool:
        """Whether its first delivery is as Slack would send it."""
        return self.secret == SIGNING_SECRET and abs(self.age) <= 300 and not self.changed


tamperings = st.builds(
    Tampering,
    secret=st.sampled_from([SIGNING_SECRET, "", "another", SIGNING_SECRET[:-1]]),
    age=st.sampled_from([0, 299, -299, 301, -301, 3_600]) | st.integers(-900, 900),
    changed=st.booleans(),
    again=st.booleans(),
).filter(lambda one: one.again or not one.is_genuine)


class Door:
    """An adapter that Slack calls over HTTP."""

    def __init__(self, harness: SlackCommands) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        options = SlackOptions(
            api_url=harness.slack.api_url,
            bot_token=Secret(BOT_TOKEN),
            signing_secret=Secret(SIGNING_SECRET),
            http_port=port,
        )
        self.harness = harness
        self.url = f"http://127.0.0.1:{port}{PATH}"
        self.chat = SlackChat(options, harness.desk.serve(harness.clock))

    async def knock(self, how: Tampering) -> list[int]:
        """Send a press that is not as Slack would send it; return what the door says."""
        slack = self.harness.slack
        message = Message(next(iter(slack.workspace.channels.values())), "1.1", "U0", "x")
        payload = self.harness.somebody.press_payload(message, f"redline:why:{ALERT}")
        body = urlencode({"payload": json.dumps(payload)})
        sender = SignedSender(self.url, how.secret, self.harness.clock.now)
        headers = sender.sign(body, how.age)
        if how.changed:
            body += "&x=1"
        said = [(await sender.post(body, headers))[0]]
        if how.again:
            said.append((await sender.post(body, headers))[0])
        return said


def test_nothing_gets_in_that_slack_did_not_just_sign() -> None:
    """Of what is unsigned, old, from the future, changed or played again, nothing is taken."""
    with kept_open(slack_commands(FakeClock())) as (runner, harness):
        door = Door(harness)
        runner.run(door.chat.open())
        genuine: list[int] = []

        @settings(max_examples=max(100, EXAMPLES // 10))
        @given(tamperings)
        def deliver(how: Tampering) -> None:
            said = runner.run(door.knock(how))
            genuine.extend(said[:1] if how.is_genuine else [])

            assert said == [200 if how.is_genuine else 401, 401][: len(said)]

        deliver()
        runner.run(harness.answered(len(genuine)))
        runner.run(door.chat.close())

    assert len(harness.desk.presses) == len(genuine)
    assert isinstance(harness.desk.inbox, FakeInbox)
    assert APP_TOKEN not in door.url


@pytest.mark.parametrize("standing", [Standing.GUEST, Standing.BOT, Standing.EXTERNAL])
async def test_who_does_not_belong_here_is_told_so(standing: Standing) -> None:
    """A stranger gets a private refusal, not silence, and it is in the audit trail."""
    opening = guarded()
    harness = await opening.__aenter__()
    await harness.attempt(Attempt(who=Who(standing=standing), press=("save", "draft7")))
    (refusal,) = [
        one for one in harness.vault.store._book.decisions.changes.values() if one.refused
    ]
    await opening.__aexit__(None, None, None)

    assert refusal.user_id == f"U0{standing.upper()}"
    assert "You may not" in harness.slack.private.whispers[0].seen().words

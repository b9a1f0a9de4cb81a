"""Sending, editing, looking and checking, over the real libraries against the emulator."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.errors import ChatError
from bot.model import (
    Absent,
    Action,
    Button,
    Card,
    ChannelRef,
    Found,
    InDoubt,
    Malformed,
    Posted,
    Postponed,
    Request,
    Secret,
    ShutOut,
    Unseen,
    Unwelcome,
    Verdict,
)
from bot.ports import Serve
from handlers.slack import SLACK
from handlers.slack.chat import LISTEN_AGAIN, SlackChat
from handlers.slack.options import SlackOptions
from tests.contracts.chat import CARD, Ability, ChatContract, ChatHarness, key_of, post_to
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, SlackEmulator
from tests.fakes import FakeClock

DESK = ChannelRef("slack", "#mideast-desk")


async def answer(request: Request) -> Card:
    """Say which button was pressed."""
    return Card(title=f"You asked {request.action} of {request.target}")


def options(slack: SlackEmulator) -> SlackOptions:
    """Return options that lead to the emulator."""
    return SlackOptions(
        api_url=slack.api_url, bot_token=Secret(BOT_TOKEN), app_token=Secret(APP_TOKEN)
    )


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SlackEmulator]:
    """A workspace with one channel, whose requests must all be well formed."""
    async with SlackEmulator(clock.now) as emulator:
        emulator.workspace.add_channel("#mideast-desk")
        yield emulator
    assert emulator.problems == []


@pytest.fixture
async def chat(slack: SlackEmulator, clock: FakeClock) -> AsyncIterator[SlackChat]:
    """An adapter that talks to the workspace, not listening."""
    adapter = SlackChat(options(slack), Serve(answer, clock))
    yield adapter
    await adapter.close()


class SlackHarness:
    """The emulator behind the suite that every platform passes."""

    secrets: Sequence[str] = (BOT_TOKEN, APP_TOKEN, "-secret")
    lacks: frozenset[Ability] = frozenset()
    channel = DESK
    unknown = ChannelRef("slack", "#mideast-disk")

    def __init__(self, slack: SlackEmulator, chat: SlackChat, clock: FakeClock) -> None:
        self.slack = slack
        self.chat = chat
        self._clock = clock
        self._workspace = slack.workspace

    def now(self) -> datetime:
        return self._clock.now()

    def accepted(self) -> Sequence[str]:
        return self._workspace.keys()

    def shown(self, key: str) -> str:
        return self._workspace.by_key(key).seen().words

    def parent(self, key: str) -> str | None:
        return self._workspace.by_key(key).thread_ts

    def pings(self) -> Sequence[str]:
        return [ping for _, seen in self._workspace.readings() for ping in seen.mentions]

    def links(self) -> Sequence[str]:
        return [url for _, seen in self._workspace.readings() for url, _ in seen.links]

    def over_limits(self) -> Sequence[str]:
        return self.slack.problems

    def chatter(self, count: int) -> None:
        self._workspace.chatter(self.channel.name, count)

    def drop_reply(self) -> None:
        self._workspace.drop_reply_after_accepting()

    def break_server(self) -> None:
        self._workspace.answer(500, "chat.postMessage")

    def break_content(self) -> None:
        self._workspace.refuse("invalid_blocks", "chat.postMessage")

    def rate_limit(self, seconds: int) -> None:
        self._workspace.rate_limit(seconds)

    def archive(self) -> None:
        self._workspace.archive(self.channel.name)

    def unarchive(self) -> None:
        self._workspace.unarchive(self.channel.name)

    def revoke(self) -> None:
        self.slack.revoke_token()

    def hide_history(self) -> None:
        self._workspace.hide_history(self.channel.name)


class TestSlack(ChatContract):
    @pytest.fixture
    async def harness(self, slack: SlackEmulator, clock: FakeClock) -> AsyncIterator[ChatHarness]:
        chat = SLACK.connect(options(slack), Serve(answer, clock))
        assert isinstance(chat, SlackChat)
        await chat.open()
        yield SlackHarness(slack, chat, clock)
        await chat.close()


# --- sending ----------------------------------------------------------------------------------


async def test_a_message_carries_its_key_twice_and_unfurls_nothing(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """The key is in the metadata and stable in client_msg_id; previews are off."""
    await chat.send(post_to(DESK, 1))
    await chat.send(post_to(DESK, 1))
    await chat.send(post_to(DESK, 2))

    first, again, other = slack.calls("chat.postMessage")
    assert first["metadata"] == {
        "event_type": "redline_alert",
        "event_payload": {"key": key_of(1)},
    }
    assert first["client_msg_id"] == again["client_msg_id"] != other["client_msg_id"]
    assert (first["unfurl_links"], first["unfurl_media"]) == (False, False)


async def test_where_slack_honours_the_message_id_a_second_send_is_the_first(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """A workspace that keys on client_msg_id answers with the message that is there."""
    slack.honours_client_msg_id = True

    outcomes = [await chat.send(post_to(DESK)) for _ in range(2)]

    assert outcomes[0] == outcomes[1]
    assert slack.workspace.keys() == [key_of(1)]


@pytest.mark.parametrize("code", ["invalid_arg_name", "invalid_arguments"])
async def test_a_refused_message_id_is_left_out(
    chat: SlackChat, slack: SlackEmulator, code: str
) -> None:
    """Should Slack stop taking client_msg_id, messages go without it, and none is lost."""
    slack.workspace.refuse(code, "chat.postMessage")

    outcomes = [await chat.send(post_to(DESK, number)) for number in (1, 2)]

    assert [type(outcome) for outcome in outcomes] == [Posted, Posted]
    assert slack.workspace.keys() == [key_of(1), key_of(2)]
    assert ["client_msg_id" in call for call in slack.calls("chat.postMessage")] == [
        True,
        False,
        False,
    ]


async def test_a_lost_answer_is_asked_for_once(chat: SlackChat, slack: SlackEmulator) -> None:
    """The library does not post again by itself after a connection broke."""
    slack.workspace.drop_reply_after_accepting()

    outcome = await chat.send(post_to(DESK))

    assert isinstance(outcome, InDoubt)
    assert len(slack.calls("chat.postMessage")) == 1


async def test_a_late_answer_is_in_doubt(slack: SlackEmulator, clock: FakeClock) -> None:
    """A message that was accepted after our patience ended is found by its key."""
    chat = SlackChat(options(slack), Serve(answer, clock))
    chat._client.timeout = 1  # the real patience is 15 seconds
    await chat.send(post_to(DESK, 1))
    slack.workspace.delay(1.5, "chat.postMessage")

    outcome = await chat.send(post_to(DESK, 2))

    assert isinstance(outcome, InDoubt)
    assert isinstance(await chat.find(post_to(DESK, 2), clock.now()), Found)


async def test_an_unreachable_slack_postpones_everything(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """Where no connection was made nothing can have been posted, and no channel need try."""
    await chat.send(post_to(DESK, 1))
    await slack.stop()

    outcome = await chat.send(post_to(DESK, 2))

    assert isinstance(outcome, Postponed)
    assert outcome.whole_platform
    await slack.start(slack.port)
    assert isinstance(await chat.send(post_to(DESK, 2)), Posted)


@pytest.mark.parametrize("status", [500, 502, 503, 200, 404])
@pytest.mark.parametrize("body", ["<html>Sorry</html>", ""])
async def test_an_answer_that_is_not_slacks_is_in_doubt(
    chat: SlackChat, slack: SlackEmulator, status: int, body: str
) -> None:
    """A page of HTML in place of JSON says nothing about the message, whatever its status."""
    slack.workspace.answer(status, "chat.postMessage", body=body)

    assert isinstance(await chat.send(post_to(DESK)), InDoubt)


async def test_a_rate_limit_stands_for_the_workspace(chat: SlackChat, slack: SlackEmulator) -> None:
    """Slack counts posts by workspace, so one refusal keeps all channels waiting."""
    slack.workspace.rate_limit(7, "chat.postMessage")

    outcome = await chat.send(post_to(DESK))

    assert outcome == Postponed(
        "Slack answered ratelimited", timedelta(seconds=7), whole_platform=True
    )


async def test_a_reply_stays_with_its_parent(
    chat: SlackChat, slack: SlackEmulator, clock: FakeClock
) -> None:
    """A follow-up finds its thread even where the channel was renamed and Redline restarted."""
    posted = await chat.send(post_to(DESK, 1))
    assert isinstance(posted, Posted)
    slack.workspace.rename("#mideast-desk", "#near-east")

    restarted = SlackChat(options(slack), Serve(answer, clock))
    outcome = await restarted.send(replace(post_to(DESK, 2), thread=posted.message))

    assert isinstance(outcome, Posted)
    assert slack.workspace.by_key(key_of(2)).thread_ts == posted.message.message_id


@pytest.mark.parametrize(
    "code", ["restricted_action_thread_locked", "thread_not_found", "invalid_thread_ts"]
)
async def test_a_locked_thread_costs_no_alert(
    chat: SlackChat, slack: SlackEmulator, clock: FakeClock, code: str
) -> None:
    """A reply that its thread refuses is posted, and looked for, in the channel itself."""
    posted = await chat.send(post_to(DESK, 1))
    assert isinstance(posted, Posted)
    reply = replace(post_to(DESK, 2), thread=posted.message)
    slack.workspace.refuse(code, "chat.postMessage")

    refused = await chat.send(reply)
    plain = await chat.send(replace(reply, plain=True))

    assert refused == Malformed(code)
    assert isinstance(plain, Posted)
    assert slack.workspace.by_key(key_of(2)).thread_ts is None
    assert await chat.find(replace(reply, plain=True), clock.now()) == Found(plain.message)


async def test_a_person_gets_a_direct_message(chat: SlackChat, slack: SlackEmulator) -> None:
    """An id of a person is a channel, too."""
    outcome = await chat.send(post_to(ChannelRef("slack", "U0PERSON1")))

    assert isinstance(outcome, Posted)
    assert outcome.message.channel_id == "D0PERSON1"
    assert slack.workspace.keys() == [key_of(1)]


async def test_nothing_is_posted_where_the_token_is_of_no_use(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """A token without the scope to post shuts us out, with the way to mend it."""
    slack.scopes.discard("chat:write")

    outcome = await chat.send(post_to(DESK))

    assert isinstance(outcome, ShutOut)
    assert outcome.code == "missing_scope"
    assert "redline manifest slack" in outcome.advice


# --- channel names ----------------------------------------------------------------------------


async def test_a_misspelt_channel_gets_the_nearest_name(chat: SlackChat) -> None:
    """The advice names the channel that was probably meant."""
    outcome = await chat.send(post_to(ChannelRef("slack", "#midest-desk")))

    assert isinstance(outcome, Unwelcome)
    assert "Did you mean #mideast-desk?" in outcome.advice


async def test_names_are_read_once_through_all_pages(chat: SlackChat, slack: SlackEmulator) -> None:
    """A workspace of many channels is listed page by page, and then known."""
    for number in range(2_100):
        slack.workspace.add_channel(f"#c{number}")

    outcomes = [await chat.send(post_to(ChannelRef("slack", f"#c{n}"), n)) for n in (2_099, 5)]

    assert [type(outcome) for outcome in outcomes] == [Posted, Posted]
    assert len(slack.calls("conversations.list")) == 3


async def test_an_unknown_name_is_looked_up_once_a_minute(
    chat: SlackChat, slack: SlackEmulator, clock: FakeClock
) -> None:
    """Alerts to a channel that is missing do not use up the rate limit of the list."""
    lost = ChannelRef("slack", "#new-desk")
    outcomes = [await chat.send(post_to(lost, number)) for number in range(5)]
    slack.workspace.add_channel("#new-desk")
    clock.advance(61)

    assert {type(outcome) for outcome in outcomes} == {Unwelcome}
    assert isinstance(await chat.send(post_to(lost, 9)), Posted)
    assert len(slack.calls("conversations.list")) == 2


async def test_a_broken_listing_goes_on_where_it_stopped(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """A rate limit in the middle of the list costs one channel a wait, and no page twice."""
    for number in range(1_500):
        slack.workspace.add_channel(f"#c{number}")
    slack.workspace.answer(500, "chat.update")  # a fault of another method is not in the way
    await chat._directory._read_page()
    slack.workspace.rate_limit(20, "conversations.list")
    far = ChannelRef("slack", "#c1499")

    waiting = await chat.send(post_to(far))
    posted = await chat.send(post_to(far))

    assert waiting == Postponed("Slack answered ratelimited", timedelta(seconds=20))
    assert isinstance(posted, Posted)
    assert [call.get("cursor", "") for call in slack.calls("conversations.list")] == [
        "",
        "page:1000",
        "page:1000",
    ]


async def test_a_stale_cursor_starts_the_list_again(chat: SlackChat, slack: SlackEmulator) -> None:
    """A list that Slack will not go on with is read from its beginning."""
    chat._directory._cursor = "stale"

    first, second = [await chat.send(post_to(DESK, number)) for number in (1, 2)]

    assert isinstance(first, Postponed)
    assert isinstance(second, Posted)


async def test_a_channel_that_was_replaced_is_found_again(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """Where a name leads to another channel by now, the id that is gone is forgotten."""
    await chat.send(post_to(DESK, 1))
    old = slack.workspace.channel("#mideast-desk")
    del slack.workspace.channels[old.id]
    new = slack.workspace.add_channel("#mideast-desk")

    gone, posted = [await chat.send(post_to(DESK, number)) for number in (2, 3)]

    assert isinstance(gone, Unwelcome)
    assert isinstance(posted, Posted)
    assert posted.message.channel_id == new.id


@pytest.mark.parametrize("archived", [0, 1])
async def test_an_archived_namesake_gives_way(
    chat: SlackChat, slack: SlackEmulator, archived: int
) -> None:
    """Of two channels with one name the living one gets the message, however they are listed."""
    namesakes = [slack.workspace.add_channel("#namesake") for _ in range(2)]
    namesakes[archived].archived = True

    outcome = await chat.send(post_to(ChannelRef("slack", "#namesake")))

    assert isinstance(outcome, Posted)
    assert outcome.message.channel_id == namesakes[1 - archived].id


async def test_two_sends_at_once_read_the_list_once(chat: SlackChat, slack: SlackEmulator) -> None:
    """Channels that are first used together share one listing."""
    slack.workspace.add_channel("#other")
    other = ChannelRef("slack", "#other")

    await asyncio.gather(chat.send(post_to(DESK, 1)), chat.send(post_to(other, 2)))

    assert len(slack.calls("conversations.list")) == 1
    assert sorted(slack.workspace.keys()) == sorted([key_of(1), key_of(2)])


async def test_a_private_channel_is_found_where_redline_is_in_it(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """A private channel takes messages after the invitation, and is unknown before."""
    slack.workspace.add_channel("#cabinet", private=True, member=False)
    cabinet = ChannelRef("slack", "#cabinet")

    before = await chat.send(post_to(cabinet))
    slack.workspace.invite("#cabinet")
    chat._directory.forget("none")
    after = await chat.send(post_to(cabinet))

    assert isinstance(before, Unwelcome)
    assert isinstance(after, Posted)


async def test_a_private_channel_whose_scope_is_missing_goes_by_its_id(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """Names of private channels need groups:read; without it those of public ones still serve."""
    slack.workspace.add_channel("#cabinet", private=True)
    slack.scopes.discard("groups:read")

    here = await chat.send(post_to(DESK, 1))
    there = await chat.send(post_to(ChannelRef("slack", "#cabinet"), 2))

    assert isinstance(here, Posted)
    assert isinstance(there, Unwelcome)


KEPT_BACK = [
    "missing_scope",
    "unknown_method",
    "not_allowed_token_type",
    "access_denied",
    "no_permission",
]


@pytest.mark.parametrize("code", KEPT_BACK)
async def test_a_slack_that_lists_nothing_is_posted_to_by_name(
    chat: SlackChat, slack: SlackEmulator, code: str
) -> None:
    """Whatever keeps the names back stops no alert, and the id in the answer is remembered."""
    for _ in range(2):
        slack.workspace.refuse(code, "conversations.list")

    outcomes = [await chat.send(post_to(DESK, number)) for number in (1, 2)]
    followed = await chat.find(post_to(DESK, 1), chat._listener._serve.clock.now())

    assert [type(outcome) for outcome in outcomes] == [Posted, Posted]
    assert isinstance(followed, Found)
    channels = [call["channel"] for call in slack.calls("chat.postMessage")]
    assert channels == ["#mideast-desk", slack.workspace.channel("#mideast-desk").id]


async def test_an_unlisted_name_that_is_refused_is_parked(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """A misspelt name says so, also where Slack lists no names; a scope that is missing is told."""
    misspelt = ChannelRef("slack", "#mideast-disk")
    slack.workspace.refuse("unknown_method", "conversations.list")
    unknown = await chat.send(post_to(misspelt))
    slack.scopes -= {"channels:read", "groups:read"}
    unscoped = await chat.send(post_to(misspelt))

    assert isinstance(unknown, Unwelcome)
    assert isinstance(unscoped, Unwelcome)
    assert (unknown.code, unscoped.code) == ("channel_not_found", "missing_scope")
    assert unscoped.advice


@pytest.mark.parametrize("said", [{"ok": True}, {"ok": True, "channels": []}])
async def test_a_list_that_is_no_list_is_no_trouble(
    chat: SlackChat, slack: SlackEmulator, said: dict[str, object]
) -> None:
    """An answer without any channel is as good as none."""
    slack.workspace.say(said, "conversations.list")

    assert isinstance(await chat.send(post_to(DESK)), Posted)


async def test_a_name_that_is_not_on_the_list_is_not_posted_to(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """Nothing is sent where nothing could be looked for: a lost answer would stay in doubt."""
    await chat.send(post_to(ChannelRef("slack", "#mideast-disk")))

    assert slack.calls("chat.postMessage") == []


@pytest.mark.parametrize(
    ("said", "kind"), [({"ok": True, "ts": "1.000001"}, Posted), ({"ok": True}, InDoubt)]
)
async def test_an_answer_that_leaves_things_out(
    chat: SlackChat, slack: SlackEmulator, said: dict[str, object], kind: type
) -> None:
    """The channel is known without Slack's word; a message without an id is looked for."""
    slack.workspace.say(said, "chat.postMessage")

    outcome = await chat.send(post_to(DESK))

    assert isinstance(outcome, kind)
    if isinstance(outcome, Posted):
        assert outcome.message.channel_id == slack.workspace.channel("#mideast-desk").id


# --- editing ----------------------------------------------------------------------------------


async def test_an_edit_keeps_the_key(chat: SlackChat, slack: SlackEmulator) -> None:
    """An edited card is the same message, and can still be found."""
    posted = await chat.send(post_to(DESK))
    assert isinstance(posted, Posted)

    await chat.edit(posted.message, Card(title="Changed"))

    message = slack.workspace.messages("#mideast-desk")[0]
    assert (message.key, message.edits) == (key_of(1), 1)
    assert "Changed" in message.seen().words


async def test_a_message_that_is_gone_cannot_be_edited(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """A deleted message is no reason to park its channel."""
    posted = await chat.send(post_to(DESK))
    assert isinstance(posted, Posted)
    slack.workspace.accepted.clear()

    assert await chat.edit(posted.message, CARD) == Malformed("message_not_found")


# --- looking ----------------------------------------------------------------------------------


async def test_a_look_asks_for_metadata_and_a_minute_more(
    chat: SlackChat, slack: SlackEmulator, clock: FakeClock
) -> None:
    """Slack's clock may differ from ours, and metadata only comes where it is asked for."""
    await chat.send(post_to(DESK))
    clock.advance(3_600)

    assert await chat.find(post_to(DESK), clock.now()) == Absent()
    assert isinstance(await chat.find(post_to(DESK), clock.now() - timedelta(hours=1)), Found)
    call = slack.calls("conversations.history")[0]
    assert float(call["oldest"]) == clock.now().timestamp() - 60
    assert call["include_all_metadata"] in {"1", True}


async def test_a_look_into_a_channel_without_redline_leaves_the_doubt(
    chat: SlackChat, slack: SlackEmulator, clock: FakeClock
) -> None:
    """Redline may post to a public channel it is not in, but not read it."""
    slack.workspace.kick("#mideast-desk")

    outcome = await chat.send(post_to(DESK))
    sighting = await chat.find(post_to(DESK), clock.now())

    assert isinstance(outcome, Posted)
    assert isinstance(sighting, Unseen)
    assert "/invite @redline" in sighting.why


async def test_a_look_for_what_has_no_channel_leaves_the_doubt(
    chat: SlackChat, clock: FakeClock
) -> None:
    """A channel that cannot be found cannot be looked into."""
    lost = post_to(ChannelRef("slack", "#gone"))

    assert isinstance(await chat.find(lost, clock.now()), Unseen)


async def test_a_history_that_is_cut_short_leaves_the_doubt(
    chat: SlackChat, slack: SlackEmulator, clock: FakeClock
) -> None:
    """Where Slack says there is more and does not give it, nothing is known to be absent."""
    chat._client = HalfHistory(chat._client)  # type: ignore[assignment]  # it stands in for one

    assert await chat.find(post_to(DESK), clock.now()) == Unseen(
        "Slack keeps the rest of the history back"
    )


class HalfHistory:
    """A client whose history has more than it gives."""

    def __init__(self, client: object) -> None:
        self._client = client

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    async def conversations_history(self, **_: object) -> dict[str, object]:
        return {"messages": [], "has_more": True}


@pytest.mark.parametrize(
    "metadata", [None, {"event_type": "other", "event_payload": {"key": key_of(1)}}]
)
async def test_messages_of_others_are_not_ours(
    chat: SlackChat, slack: SlackEmulator, clock: FakeClock, metadata: dict[str, object] | None
) -> None:
    """Messages without metadata, and other apps' metadata, are passed over."""
    slack.workspace.chatter("#mideast-desk", 3)
    slack.workspace.accepted[0].metadata = metadata

    assert await chat.find(post_to(DESK), clock.now()) == Absent()


async def test_without_metadata_the_buttons_mark_a_message(
    chat: SlackChat, slack: SlackEmulator, clock: FakeClock
) -> None:
    """An alert whose metadata is kept back is found by what its buttons are about."""
    button = Button(action=Action.WHY, label="Why", target=key_of(1))
    await chat.send(replace(post_to(DESK), card=replace(CARD, buttons=(button,))))
    slack.workspace.accepted[0].metadata = None

    assert isinstance(await chat.find(post_to(DESK, 1), clock.now()), Found)
    assert await chat.find(post_to(DESK, 2), clock.now()) == Absent()


async def test_slacks_own_limits_leave_the_doubt(
    chat: SlackChat, slack: SlackEmulator, clock: FakeClock
) -> None:
    """Past fifty looks a minute Slack refuses, and no refusal is taken for an absence."""
    slack.tiered = True

    looks = [await chat.find(post_to(DESK), clock.now()) for _ in range(55)]
    clock.advance(60)

    assert looks[:50] == [Absent()] * 50
    assert {type(look) for look in looks[50:]} == {Unseen}
    assert await chat.find(post_to(DESK), clock.now()) == Absent()


# --- checking ---------------------------------------------------------------------------------


async def test_a_good_set_up_has_nothing_but_good_findings(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """Where all is well each line says so, and names workspace and bot."""
    findings = await chat.inspect([DESK])

    assert {finding.verdict for finding in findings} == {Verdict.GOOD}
    assert "Emulated as @redline" in findings[0].said
    assert slack.workspace.accepted == []


async def test_a_missing_scope_is_named_with_its_purpose(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """What cannot be done without a scope is bad for posting and a warning for the rest."""
    slack.scopes -= {"chat:write", "groups:history"}

    found = {finding.about: finding for finding in await chat.inspect([])}

    assert found["slack scope chat:write"].verdict is Verdict.BAD
    assert found["slack scope groups:history"].verdict is Verdict.WARNING
    assert "doubt" in found["slack scope groups:history"].said


@pytest.mark.parametrize("named", [frozenset(), frozenset({"slack:S0000001", "discord:7"})])
async def test_usergroups_need_their_scope_only_where_they_are_named(
    slack: SlackEmulator, clock: FakeClock, named: frozenset[str]
) -> None:
    """Who names no usergroup is not told of the scope; who does, of the group, too."""
    slack.scopes -= {"usergroups:read", "files:write"}
    chat = SlackChat(options(slack), Serve(answer, clock, groups=named))

    found = {finding.about: finding for finding in await chat.inspect([])}

    assert found["slack scope files:write"].verdict is Verdict.WARNING
    assert ("slack scope usergroups:read" in found) is bool(named)
    assert ("slack:S0000001" in found) is bool(named)
    if named:
        assert "missing_scope" in found["slack:S0000001"].said
        assert "usergroups:read" in found["slack:S0000001"].advice


async def test_a_usergroup_that_can_be_read_is_good(slack: SlackEmulator, clock: FakeClock) -> None:
    """A named usergroup is looked up, and a misspelt one is bad."""
    slack.workspace.usergroups = {"S0000001": {"U1", "U2"}}
    named = frozenset({"slack:S0000001", "slack:S0000009"})
    chat = SlackChat(options(slack), Serve(answer, clock, groups=named))

    found = {finding.about: finding for finding in await chat.inspect([])}

    assert found["slack:S0000001"].verdict is Verdict.GOOD
    assert "2 people" in found["slack:S0000001"].said
    assert found["slack:S0000009"].verdict is Verdict.BAD


async def test_a_slack_that_names_no_scopes_is_not_accused(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """A proxy may drop the header with the scopes; then nothing is said of them."""
    slack.names_scopes = False

    findings = await chat.inspect([DESK])

    assert [f.verdict for f in findings if f.verdict is not Verdict.GOOD] == [Verdict.WARNING]


async def test_a_wrong_app_token_is_named(chat: SlackChat, slack: SlackEmulator) -> None:
    """The two tokens are told apart, because people mix them up."""
    slack.revoke_app_token()

    bad = [f for f in await chat.inspect([]) if f.verdict is Verdict.BAD]

    assert [finding.about for finding in bad] == ["slack app token"]
    assert "SLACK_APP_TOKEN" in bad[0].advice


@pytest.mark.parametrize("by_http", [True, False])
async def test_the_way_in_is_checked_without_an_app_token(
    slack: SlackEmulator, clock: FakeClock, by_http: bool
) -> None:
    """Signed HTTP is as good a way in as Socket Mode, and none at all is said to be missing."""
    given = replace(options(slack), app_token=None)
    if by_http:
        given = replace(given, signing_secret=Secret("s"), http_port=3000)

    findings = await SlackChat(given, Serve(answer, clock)).inspect([])

    assert findings[-1].verdict is (Verdict.GOOD if by_http else Verdict.BAD)
    assert ("127.0.0.1:3000" if by_http else "is missing") in findings[-1].said


async def test_channels_are_checked_one_by_one(chat: SlackChat, slack: SlackEmulator) -> None:
    """Each channel gets its own verdict and advice."""
    slack.workspace.add_channel("#quiet", member=False)
    slack.workspace.add_channel("#old")
    slack.workspace.archive("#old")
    refs = [
        ChannelRef("slack", name)
        for name in ("#quiet", "#old", "#mideast-dsk", "World", "U0PERSON1")
    ]

    quiet, old, misspelt, world, person = (await chat.inspect(refs))[-5:]

    assert (quiet.verdict, old.verdict) == (Verdict.WARNING, Verdict.BAD)
    assert quiet.advice == "Invite it: /invite @redline in #quiet"
    assert "Unarchive" in old.advice
    assert misspelt.verdict is Verdict.BAD
    assert misspelt.advice.startswith("Did you mean #mideast-desk?")
    assert world.verdict is Verdict.BAD
    assert person.verdict is Verdict.WARNING


async def test_a_check_without_slack_says_so(chat: SlackChat, slack: SlackEmulator) -> None:
    """An unreachable Slack is one bad finding, not an exception."""
    await slack.stop()

    findings = await chat.inspect([DESK])

    assert [(f.verdict, f.said) for f in findings] == [(Verdict.BAD, "Slack cannot be reached")]


async def test_a_check_of_one_channel_that_fails_says_so(
    chat: SlackChat, slack: SlackEmulator
) -> None:
    """A channel that cannot be asked about does not hide the others."""
    slack.workspace.answer(500, "conversations.info")

    first, second = (await chat.inspect([DESK, DESK]))[-2:]

    assert (first.verdict, second.verdict) == (Verdict.BAD, Verdict.GOOD)
    assert first.advice


async def test_what_slack_does_not_tell_is_no_fault(chat: SlackChat, slack: SlackEmulator) -> None:
    """A Slack that keeps back what it knows of a channel is warned of: alerts reach it."""
    slack.workspace.refuse("unknown_method", "conversations.list")
    slack.workspace.say({"ok": True}, "conversations.info")
    desk = ChannelRef("slack", slack.workspace.channel("#mideast-desk").id)

    by_name, by_id = (await chat.inspect([DESK, desk]))[-2:]

    assert [found.verdict for found in (by_name, by_id)] == [Verdict.WARNING] * 2
    assert "unknown_method" in by_name.said


# --- opening ----------------------------------------------------------------------------------


async def test_a_refused_bot_token_stops_the_start(chat: SlackChat, slack: SlackEmulator) -> None:
    """A wrong token is said at once and with what to do."""
    slack.revoke_token("account_inactive")

    with pytest.raises(ChatError, match=r"account_inactive.*install it again"):
        await chat.open()


async def test_a_refused_app_token_stops_no_alert(
    chat: SlackChat, slack: SlackEmulator, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Alerts need no way in: they are posted, the token is named, and it is tried again."""
    slack.revoke_app_token()
    await chat.open()
    posted = await chat.send(post_to(DESK))
    slack.revoke_app_token("")
    clock.advance(LISTEN_AGAIN.total_seconds())
    await slack.socket.connected()

    assert isinstance(posted, Posted)
    (said,) = [one for one in caplog.records if "refuses the app token" in one.getMessage()]
    assert "SLACK_APP_TOKEN" in said.getMessage()
    assert said.levelno == logging.ERROR


async def test_closing_ends_the_tries_to_listen(slack: SlackEmulator, clock: FakeClock) -> None:
    """An adapter whose app token is refused leaves nothing behind."""
    slack.revoke_app_token()
    chat = SlackChat(options(slack), Serve(answer, clock))
    before = asyncio.all_tasks()
    await chat.open()
    await chat.close()

    assert asyncio.all_tasks() == before


async def test_opening_says_no_secret(
    chat: SlackChat, slack: SlackEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither tokens nor the ticket of the socket are logged, however much is logged."""
    caplog.set_level(logging.DEBUG)

    await chat.open()
    await slack.socket.connected()
    slack.socket.expire_tickets()
    await chat.send(post_to(DESK))
    await chat.close()

    said = caplog.text + "".join(str(record.args) for record in caplog.records)
    assert "redline.slack" in said
    assert not [secret for secret in (BOT_TOKEN, APP_TOKEN, "-secret") if secret in said]


async def test_making_the_adapter_reaches_for_nothing(clock: FakeClock) -> None:
    """An adapter that was made and not opened has no connection and no task."""
    before = len(asyncio.all_tasks())

    SLACK.connect(SlackOptions(bot_token=Secret("xoxb-1")), Serve(answer, clock))

    assert len(asyncio.all_tasks()) == before

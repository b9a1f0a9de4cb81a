"""The judges of the Slack adapter can see what they are to judge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.contracts.chat import CARD
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, SlackEmulator
from tests.emulators.slack_private import Private, ResponseUrl
from tests.emulators.slack_reader import read
from tests.emulators.slack_schema import (
    argument_problems,
    block_problems,
    limit_problems,
    manifest_problems,
)
from tests.fakes import FakeClock


def section(text: str, kind: str = "mrkdwn", **more: Any) -> dict[str, Any]:
    """Return a section block."""
    return {"type": "section", "text": {"type": kind, "text": text, **more}}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    """Return a block of rich text."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(elements)}],
    }


# --- the reader -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "mentions"),
    [
        (section("<!channel> <!here> <@U1> <#C1|desk> <!subteam^S1>"), 5),
        (section("&lt;!channel&gt;"), 0),
        (section("<!channel>", "plain_text"), 0),
        (rich({"type": "broadcast", "range": "here"}, {"type": "user", "user_id": "U1"}), 2),
        (rich({"type": "text", "text": "<!channel> @here"}), 0),
        (section("<!date^0^{date}|then>"), 0),
    ],
)
def test_the_reader_sees_live_mentions(block: dict[str, Any], mentions: int) -> None:
    """Mentions live in mrkdwn and in elements of their own, and nowhere else."""
    assert len(read("", [block]).mentions) == mentions


@pytest.mark.parametrize(
    ("block", "links"),
    [
        (section("<https://a.example|click>"), [("https://a.example", "click")]),
        (section("see https://a.example"), [("https://a.example", "https://a.example")]),
        (section("see https://a.example", verbatim=True), []),
        (section("https://a.example", "plain_text"), []),
        (
            rich({"type": "link", "url": "https://a.example", "text": "x"}),
            [("https://a.example", "x")],
        ),
        (rich({"type": "text", "text": "<https://a.example|x>"}), []),
    ],
)
def test_the_reader_sees_live_links(block: dict[str, Any], links: list[tuple[str, str]]) -> None:
    """Links live in mrkdwn, by themselves unless it is verbatim, and in link elements."""
    assert read("", [block]).links == links


def test_the_reader_sees_what_the_notification_fires() -> None:
    """A mention in the text fires although the blocks are shown."""
    assert read("<!channel>", [section("calm", "plain_text")]).mentions == ["<!channel>"]


def test_the_reader_sees_formatting_and_emoji() -> None:
    """Stars, underscores and codes do something in mrkdwn, and nothing in rich text."""
    alive = read("", [section("*bold* _thin_ :fire:")])
    dead = read("", [rich({"type": "text", "text": "*bold* _thin_ :fire:"})])

    assert (alive.bold, alive.formatted, alive.emoji) == (["bold"], ["bold", "thin"], [":fire:"])
    assert (dead.bold, dead.formatted, dead.emoji) == ([], [], [])
    assert read("", [section("x :fire:", "plain_text")]).emoji == [":fire:"]


# --- limits and types -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "blocks",
    [
        [section("x" * 3_001)],
        [section("")],
        [section("x")] * 51,
        [{"type": "context", "elements": [{"type": "plain_text", "text": "x"}] * 11}],
        [rich({"type": "link", "url": "javascript:alert(1)", "text": "x"})],
        [rich({"type": "text", "text": "x" * 13_300})],
        [
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "action_id": "same",
                        "text": {"type": "plain_text", "text": "x"},
                    }
                ]
                * 2,
            }
        ],
    ],
    ids=["long", "empty", "many", "crowded", "script", "too long together", "same id"],
)
def test_what_slack_refuses_is_seen(blocks: list[dict[str, Any]]) -> None:
    """Every limit by hand finds what it is there to find."""
    assert limit_problems("fine", blocks)


def test_a_text_that_slack_would_split_is_seen() -> None:
    """A text beyond 4,000 characters has been posted in parts."""
    assert limit_problems("x" * 4_001, []) == ["text is 4001, over 4000"]


@pytest.mark.shared
def test_slacks_own_types_are_asked(shared: Path) -> None:
    """A wrong key in a block, an argument or the manifest is found by Slack's own types."""
    good = {"channel": "C1", "text": "x", "blocks": [section("x")], "unfurl_links": False}

    assert block_problems([section("x")]) == []
    assert block_problems([section("x", verbatimm=True)])
    assert block_problems([rich({"type": "text", "txt": "x"})])
    assert argument_problems("chat.postMessage", good) == []
    assert argument_problems("chat.postMessage", {**good, "unfurl_link": False})
    assert manifest_problems({"display_information": {"name": "x"}}) == []
    assert manifest_problems({"display_information": {"nam": "x"}})


# --- the wire ---------------------------------------------------------------------------------


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SlackEmulator]:
    """A workspace with one channel."""
    async with SlackEmulator(clock.now) as emulator:
        emulator.workspace.add_channel("#desk")
        yield emulator


@pytest.fixture
def client(slack: SlackEmulator) -> AsyncWebClient:
    """Slack's own client, pointed at the emulator."""
    return AsyncWebClient(token=BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])


async def refused(call: Any) -> str:
    """Return the code with which a call is refused."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_the_emulator_refuses_as_slack_does(
    slack: SlackEmulator, client: AsyncWebClient
) -> None:
    """Documented mistakes get their documented codes."""
    channel = slack.workspace.channel("#desk").id
    post = client.chat_postMessage

    assert await refused(post(channel="C404", text="x")) == "channel_not_found"
    assert (
        await refused(client.api_call("chat.postMessage", json={"channel": channel})) == "no_text"
    )
    assert await refused(post(channel=channel, text="x", blocks=[section("")])) == "invalid_blocks"
    assert await refused(client.chat_update(channel=channel, ts="1.1", text="x")) == (
        "message_not_found"
    )
    assert await refused(client.conversations_list(cursor="nonsense")) == "invalid_cursor"
    assert await refused(client.conversations_replies(channel=channel, ts="1.1")) == (
        "thread_not_found"
    )
    slack.workspace.archive("#desk")
    assert await refused(post(channel=channel, text="x")) == "is_archived"
    slack.revoke_token()
    assert await refused(client.auth_test()) == "token_revoked"
    assert slack.workspace.accepted == []
    assert slack.problems


async def test_tokens_are_not_exchangeable(slack: SlackEmulator, client: AsyncWebClient) -> None:
    """The app token opens sockets and nothing else, the bot token everything else."""
    opened = await client.apps_connections_open(app_token=APP_TOKEN)

    assert opened["url"].startswith("ws://127.0.0.1:")
    assert await refused(client.apps_connections_open(app_token=BOT_TOKEN)) == "invalid_auth"
    assert await refused(client.auth_test(token=APP_TOKEN)) == "invalid_auth"


async def test_history_shows_metadata_only_where_it_is_asked_for(
    slack: SlackEmulator, client: AsyncWebClient
) -> None:
    """A look that forgets to ask for metadata sees none, as with Slack."""
    channel = slack.workspace.channel("#desk").id
    metadata = {"event_type": "redline_alert", "event_payload": {"key": "k"}}
    await client.chat_postMessage(channel=channel, text=CARD.title, metadata=metadata)

    without = await client.conversations_history(channel=channel)
    with_all = await client.conversations_history(channel=channel, include_all_metadata=True)

    assert "metadata" not in without["messages"][0]
    assert with_all["messages"][0]["metadata"] == metadata


async def test_replies_stand_in_their_thread_only(
    slack: SlackEmulator, client: AsyncWebClient
) -> None:
    """The history of a channel leaves replies out; a thread begins with its parent."""
    channel = slack.workspace.channel("#desk").id
    parent = (await client.chat_postMessage(channel=channel, text="parent"))["ts"]
    await client.chat_postMessage(channel=channel, text="reply", thread_ts=parent)

    history = await client.conversations_history(channel=channel)
    thread = await client.conversations_replies(channel=channel, ts=parent)

    assert [message["text"] for message in history["messages"]] == ["parent"]
    assert [message["text"] for message in thread["messages"]] == ["parent", "reply"]


async def test_history_comes_newest_first_and_in_pages(
    slack: SlackEmulator, client: AsyncWebClient
) -> None:
    """All pages together are the whole history, each message once."""
    slack.workspace.chatter("#desk", 7)
    channel = slack.workspace.channel("#desk").id
    texts: list[str] = []
    cursor = ""
    while True:
        page = await client.conversations_history(channel=channel, limit=3, cursor=cursor)
        texts += [message["text"] for message in page["messages"]]
        cursor = page["response_metadata"]["next_cursor"]
        assert page["has_more"] is bool(cursor)
        if not cursor:
            break

    assert texts == [f"small talk {number}" for number in reversed(range(7))]


# --- private answers --------------------------------------------------------------------------


def response(**more: Any) -> dict[str, Any]:
    """Return a private answer."""
    return {"response_type": "ephemeral", "text": "Said", **more}


def test_a_response_url_takes_five_answers() -> None:
    """The sixth answer is refused, and so is one after half an hour, and one to no address."""
    clock, private = FakeClock(), Private()
    name = private.issue(ResponseUrl("C1", "U1", clock.now()))
    first = [private.respond(name, response(), clock.now())[:2] for _ in range(6)]
    other = private.issue(ResponseUrl("C1", "U1", clock.now()))
    clock.advance(1_801)
    late = private.respond(other, response(), clock.now())[:2]

    assert first == [(200, "ok")] * 5 + [(404, "used_url")]
    assert late == (404, "expired_url")
    assert private.respond("made-up", response(), clock.now())[:2] == (404, "expired_url")
    assert len(private.whispers) == 5


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (response(), False),
        (response(response_type="in_channel"), True),
        ({"text": "Said"}, True),
        (response(markup="x"), True),
        (response(text="x" * 4_001), True),
        (response(blocks=[section("")]), True),
    ],
)
def test_a_bad_answer_is_seen(body: dict[str, Any], wrong: bool) -> None:
    """An answer that everybody would see, or that breaks a limit, is refused and named."""
    clock, private = FakeClock(), Private()
    name = private.issue(ResponseUrl("C1", "U1", clock.now()))

    status, _, problems = private.respond(name, body, clock.now())

    assert ((status, bool(problems)) == (400, True)) is wrong

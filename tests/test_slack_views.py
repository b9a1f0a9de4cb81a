"""The emulator's modals, files and usergroups refuse what Slack refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.slack import BOT_TOKEN, SlackEmulator
from tests.emulators.slack_schema import option_problems, view_problems
from tests.fakes import FakeClock

USER = "U0PERSON"


def plain(text: str) -> dict[str, Any]:
    """Return a text object."""
    return {"type": "plain_text", "text": text, "emoji": False}


def field(name: str = "name", **more: Any) -> dict[str, Any]:
    """Return an input block with a line of text."""
    element = {"type": "plain_text_input", "action_id": "a", **more}
    return {"type": "input", "block_id": name, "label": plain("Name"), "element": element}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a modal."""
    given = {"type": "modal", "title": plain("Form"), "submit": plain("Save")}
    return {**given, "blocks": list(blocks) or [field()], **more}


def choice(count: int, kind: str = "static_select", **more: Any) -> dict[str, Any]:
    """Return an input block with options."""
    options = [{"text": plain(f"o{n}"), "value": f"v{n}"} for n in range(count)]
    return field(type=kind, options=options, **more)


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SlackEmulator]:
    """A workspace with one channel."""
    async with SlackEmulator(clock.now) as emulator:
        emulator.workspace.add_channel("#desk")
        yield emulator


@pytest.fixture
def client(slack: SlackEmulator) -> AsyncWebClient:
    """A client of Slack's own."""
    return AsyncWebClient(token=BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])


async def refused(call: Any) -> str:
    """Return the code with which Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_trigger_opens_one_modal_within_three_seconds(
    slack: SlackEmulator, client: AsyncWebClient, clock: FakeClock
) -> None:
    """A trigger is good once, for a moment, and only where Slack handed it out."""
    used, old = slack.views.trigger(USER), slack.views.trigger(USER)
    await client.views_open(trigger_id=used, view=modal())
    again = await refused(client.views_open(trigger_id=used, view=modal()))
    clock.advance(4)
    late = await refused(client.views_open(trigger_id=old, view=modal()))
    unknown = await refused(client.views_open(trigger_id="made-up", view=modal()))

    assert (again, late) == ("exchanged_trigger_id", "expired_trigger_id")
    assert unknown == "invalid_trigger_id"


async def test_three_modals_lie_on_each_other(slack: SlackEmulator, client: AsyncWebClient) -> None:
    """Slack stacks three, and no more."""
    for _ in range(3):
        await client.views_open(trigger_id=slack.views.trigger(USER), view=modal())

    fourth = client.views_open(trigger_id=slack.views.trigger(USER), view=modal())
    assert await refused(fourth) == "push_limit_reached"


async def test_an_update_needs_an_open_view_and_its_hash(
    slack: SlackEmulator, client: AsyncWebClient
) -> None:
    """What was closed, or changed in the meantime, is not updated."""
    answer = await client.views_open(trigger_id=slack.views.trigger(USER), view=modal())
    view = answer["view"]
    stale = client.views_update(view_id=view["id"], view=modal(), hash="1.1")
    assert await refused(stale) == "hash_conflict"

    await client.views_update(view_id=view["id"], view=modal(), hash=view["hash"])
    slack.views.close(slack.views.open_views[0])
    assert await refused(client.views_update(view_id=view["id"], view=modal())) == "not_found"


async def test_what_stands_in_a_field_stays_when_the_view_changes(
    slack: SlackEmulator, client: AsyncWebClient
) -> None:
    """Slack keeps what was typed into a block that is there after an update, too."""
    answer = await client.views_open(trigger_id=slack.views.trigger(USER), view=modal())
    (view,) = slack.views.open_views
    view.state["name"]["a"]["value"] = "typed"
    await client.views_update(view_id=answer["view"]["id"], view=modal(field(), field("more")))

    assert view.state["name"]["a"]["value"] == "typed"
    assert view.state["more"]["a"]["value"] is None


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (modal(title=plain("x" * 25)), "title is 25"),
        (modal(submit=plain("x" * 25)), "submit is 25"),
        (modal(private_metadata="x" * 3_001), "private_metadata is 3001"),
        (modal(callback_id="x" * 256), "callback_id is 256"),
        (modal(field(), field()), "block_id name twice"),
        (modal(*[field(str(n)) for n in range(101)]), "blocks is 101"),
        (modal(field(max_length=3_001)), "max_length is 3001"),
        (modal(field(max_length=0)), "max_length below 1"),
        (modal(field(max_length=3, initial_value="four")), "longer than max_length"),
        (modal(field(placeholder=plain("x" * 151))), "placeholder is 151"),
        (modal(choice(0)), "without options"),
        (modal(choice(101)), "options is 101"),
        (modal(choice(11, "radio_buttons")), "more than ten"),
        (
            modal(choice(2, initial_option={"text": plain("o"), "value": "other"})),
            "none of the options",
        ),
        (
            modal(field(type="multi_conversations_select", initial_conversations=["#desk"])),
            "no conversations",
        ),
        ({**modal(), "submit": None}, "no submit"),
        (modal({"type": "image", "slack_file": {"id": "F9"}, "alt_text": "x"}), "invalid slack"),
        (modal(title=plain("")), "is empty"),
        ({"type": "home", "blocks": []}, "a view of type home"),
    ],
)
def test_a_view_that_slack_would_refuse_is_seen(view: dict[str, Any], said: str) -> None:
    """Each limit of views and inputs is watched."""
    shown = {name: value for name, value in view.items() if value is not None}
    problems = view_problems("views.open", {"view": shown, "trigger_id": "t"}, "modal", set())

    assert [problem for problem in problems if said in problem]


def test_a_view_as_it_should_be_is_taken() -> None:
    """What is within all limits is no problem; an argument that does not belong there is."""
    view = modal(field(max_length=3_000), choice(100) | {"block_id": "choice"})
    given = {"view": view, "trigger_id": "t"}

    assert view_problems("views.open", given, "modal", set()) == []
    assert view_problems("views.open", given | {"channel": "C1"}, "modal", set()) == [
        "channel is no argument"
    ]


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ({"text": plain("x"), "value": "v"}, False),
        ({"text": plain("x" * 76), "value": "v"}, True),
        ({"text": plain("x"), "value": "v" * 151}, True),
        ({"text": plain("x"), "value": ""}, True),
    ],
)
def test_an_option_that_slack_would_refuse_is_seen(option: dict[str, Any], *, wrong: bool) -> None:
    """What an external select offers has limits of its own."""
    assert bool(option_problems([option])) is wrong


async def test_an_error_for_no_field_is_seen(slack: SlackEmulator, client: AsyncWebClient) -> None:
    """Slack refuses an answer that names a field which the form does not have."""
    await client.views_open(trigger_id=slack.views.trigger(USER), view=modal())
    (view,) = slack.views.open_views
    answer = {"response_action": "errors", "errors": {"other": "wrong", "name": ""}}
    slack.views.respond(view, answer)

    assert sorted(slack.views.problems) == [
        "errors: name is empty",
        "errors: other is no input of the view",
    ]
    slack.views.respond(view, None)
    assert slack.views.open_views == []


async def test_a_file_is_there_once_it_is_complete(
    slack: SlackEmulator, client: AsyncWebClient
) -> None:
    """An upload takes three steps; before the last one no message may show the file."""
    asked = await client.files_getUploadURLExternal(filename="x.png", length=3)
    early = slack.files.usable()
    unsent = await refused(client.files_completeUploadExternal(files=[{"id": asked["file_id"]}]))
    answer = await client.files_upload_v2(filename="x.png", content=b"png")

    assert (early, unsent) == (set(), "file_not_found")
    assert slack.files.usable() == {answer["files"][0]["id"]}
    assert slack.files.by_name("x.png").length == 3


async def test_a_message_with_a_file_that_is_none_is_refused(
    slack: SlackEmulator, client: AsyncWebClient
) -> None:
    """A picture that was never uploaded costs the message."""
    block = {"type": "image", "slack_file": {"id": "F404"}, "alt_text": "x"}
    channel = next(iter(slack.workspace.channels))

    posted = client.chat_postMessage(channel=channel, text="x", blocks=[block])
    assert await refused(posted) == "invalid_blocks"


@pytest.mark.parametrize(
    ("scope", "method"),
    [
        ("files:write", "files.getUploadURLExternal"),
        ("files:write", "files.completeUploadExternal"),
        ("files:read", "files.info"),
        ("usergroups:read", "usergroups.users.list"),
    ],
)
async def test_each_method_needs_its_scope(
    slack: SlackEmulator, client: AsyncWebClient, scope: str, method: str
) -> None:
    """A token without the scope is refused, whatever it asks for."""
    slack.scopes.discard(scope)

    assert await refused(client.api_call(method, params={"file": "F1"})) == "missing_scope"


async def test_a_usergroup_has_its_members(slack: SlackEmulator, client: AsyncWebClient) -> None:
    """A known usergroup names its people; an unknown one is said to be none."""
    slack.workspace.usergroups = {"S1": {"U2", "U1"}}

    assert (await client.usergroups_users_list(usergroup="S1"))["users"] == ["U1", "U2"]
    assert await refused(client.usergroups_users_list(usergroup="S2")) == "no_such_subteam"

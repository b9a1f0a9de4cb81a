"""The emulator says what Discord says; what the other tests prove rests on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from tests.emulators.discord import BOT_ID, DiscordEmulator
from tests.emulators.discord_schema import SPEC, faults, limits
from tests.fakes import FakeClock


class Caller:
    """A bare HTTP client with the bot's token."""

    def __init__(self, emulator: DiscordEmulator, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self._session = session

    async def call(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        """Return status, body and headers of one request."""
        headers = {"Authorization": f"Bot {token or self.emulator.world.token}"}
        url = f"{self.emulator.api_url}{path}"
        async with self._session.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json(), dict(response.headers)

    async def post(self, body: dict[str, Any]) -> tuple[int, Any]:
        """Post a message to the desk."""
        path = f"/channels/{self.emulator.desk.id}/messages"
        status, said, _ = await self.call("POST", path, body)
        return status, said


@pytest.fixture
async def caller(clock: FakeClock) -> AsyncIterator[Caller]:
    """A client in front of an emulator."""
    emulator = DiscordEmulator(clock)
    await emulator.start()
    async with aiohttp.ClientSession() as session:
        yield Caller(emulator, session)
    await emulator.stop()


async def test_json_has_the_bare_content_type(caller: Caller) -> None:
    """discord.py compares the content type letter by letter."""
    status, said, headers = await caller.call("GET", "/users/@me")

    assert (status, said["id"]) == (200, str(BOT_ID))
    assert headers["Content-Type"] == "application/json"
    assert "X-RateLimit-Bucket" in headers


async def test_another_token_is_refused(caller: Caller) -> None:
    """A token that is not the bot's gets 401 and Discord's words."""
    status, said, _ = await caller.call("GET", "/users/@me", token="other")

    assert (status, said) == (401, {"message": "401: Unauthorized", "code": 0})


def row(*custom_ids: str, label: str = "Why") -> dict[str, Any]:
    """Write a row of buttons."""
    buttons = [{"type": 2, "style": 2, "label": label, "custom_id": name} for name in custom_ids]
    return {"type": 1, "components": buttons}


BAD: dict[str, dict[str, Any]] = {
    "content": {"content": "a" * 2001},
    "astral content": {"content": "\U00010348" * 1001},
    "title": {"embeds": [{"title": "a" * 257}]},
    "description": {"embeds": [{"description": "a" * 4097}]},
    "author": {"embeds": [{"title": "a", "author": {"name": "a" * 257}}]},
    "footer": {"embeds": [{"title": "a", "footer": {"text": "a" * 2049}}]},
    "sum": {"embeds": [{"description": "a" * 4000}, {"description": "a" * 2001}]},
    "script": {"embeds": [{"title": "a", "url": "javascript:alert(1)"}]},
    "rows": {"content": "a", "components": [row(f"a{n}") for n in range(6)]},
    "twice": {"content": "a", "components": [row("a", "a")]},
    "crowded row": {"content": "a", "components": [row(*"abcdef")]},
    "custom_id": {"content": "a", "components": [row("a" * 101)]},
    "label": {"content": "a", "components": [row("a", label="b" * 81)]},
    "no label": {"content": "a", "components": [row("a", label="")]},
    "nonce": {"content": "a", "nonce": "a" * 26},
}


@pytest.mark.parametrize("name", BAD)
async def test_every_limit_is_kept(caller: Caller, name: str) -> None:
    """A message beyond any limit is refused as an invalid form body and not taken in."""
    status, said = await caller.post(BAD[name])

    assert (status, said["code"]) == (400, 50035)
    assert caller.emulator.world.accepted == []
    assert list(limits(BAD[name]))


async def test_an_empty_message_is_refused(caller: Caller) -> None:
    """A message with buttons alone has nothing to see."""
    status, said = await caller.post({"content": " ", "components": [row("a")]})

    assert (status, said["code"]) == (400, 50006)


@pytest.mark.shared
@pytest.mark.parametrize(
    "body",
    [{"content": 5}, {"embeds": "none"}, {"embeds": [{"color": -1}]}, {"message_reference": {}}],
)
def test_the_official_schema_is_asked(body: dict[str, Any]) -> None:
    """What Discord's own schema does not allow is refused, where the schema is at hand."""
    if not SPEC.is_file():
        pytest.skip("Discord's official schema is not beside the project")

    assert faults("create message", body)


async def test_history_comes_newest_first_in_pages(caller: Caller) -> None:
    """Pages after a message hold the oldest of what follows, newest first."""
    caller.emulator.chatter(caller.emulator.desk, 5)
    path = f"/channels/{caller.emulator.desk.id}/messages"
    _, newest, _ = await caller.call("GET", f"{path}?limit=2")
    _, page, _ = await caller.call("GET", f"{path}?limit=2&after=0")
    _, rest, _ = await caller.call("GET", f"{path}?limit=100&after={page[0]['id']}")

    assert [said["content"] for said in newest] == ["message 4", "message 3"]
    assert [said["content"] for said in page] == ["message 1", "message 0"]
    assert len(rest) == 3


async def test_without_the_permission_history_is_empty(caller: Caller) -> None:
    """Discord shows no messages instead of an error; that is what makes Absent dangerous."""
    caller.emulator.chatter(caller.emulator.desk, 5)
    caller.emulator.desk.denied = discord.Permissions(read_message_history=True).value
    path = f"/channels/{caller.emulator.desk.id}/messages"

    assert (await caller.call("GET", path))[:2] == (200, [])


async def test_a_nonce_is_known_for_a_while(caller: Caller, clock: FakeClock) -> None:
    """Within the window the same message comes back, later a new one; a deleted one is 10008."""
    body = {"content": "a", "nonce": "n1", "enforce_nonce": True}
    (_, first), (_, again) = await caller.post(body), await caller.post(body)
    clock.advance(301)
    _, later = await caller.post(body)
    caller.emulator.desk.messages.pop()
    status, gone = await caller.post(body)

    assert first["id"] == again["id"] != later["id"]
    assert (status, gone["code"]) == (404, 10008)
    assert caller.emulator.doubled() == {"n1"}


async def test_a_nonce_that_is_not_enforced_doubles(caller: Caller) -> None:
    """Without enforce_nonce the nonce is only an echo."""
    for _ in range(2):
        await caller.post({"content": "a", "nonce": "n1"})

    assert caller.emulator.keys() == ["n1", "n1"]


async def test_history_does_not_show_nonces(caller: Caller) -> None:
    """The emulator promises less than Discord may do: a nonce is in the first answer alone."""
    _, said = await caller.post({"content": "a", "nonce": "n1", "enforce_nonce": True})
    path = f"/channels/{caller.emulator.desk.id}/messages"
    _, page, _ = await caller.call("GET", path)

    assert said["nonce"] == "n1"
    assert "nonce" not in page[0]


async def test_an_empty_bucket_is_a_429_of_discord(caller: Caller) -> None:
    """Beyond the announced limit Discord answers 429, with Via and the delay in the body."""
    caller.emulator.limit_bucket(1, 600)
    await caller.call("GET", "/users/@me")
    status, said, headers = await caller.call("GET", "/users/@me")

    assert (status, said["global"]) == (429, False)
    assert 590 < said["retry_after"] <= 600
    assert headers["Via"]
    assert headers["X-RateLimit-Remaining"] == "0"


async def test_an_interaction_is_acknowledged_once_and_in_time(
    caller: Caller, clock: FakeClock
) -> None:
    """A second acknowledgement is 40060, one after three seconds 10062."""
    said = {"type": 5, "data": {"flags": 64}}
    first = await caller.emulator.command("news")
    path = f"/interactions/{first.id}/{first.token}/callback"
    codes = [(await caller.call("POST", path, said))[1].get("code") for _ in range(2)]
    late = await caller.emulator.command("news")
    clock.advance(4)
    path = f"/interactions/{late.id}/{late.token}/callback"
    _, refused, _ = await caller.call("POST", path, said)

    assert codes == [None, 40060]
    assert refused["code"] == 10062


async def test_a_message_has_one_thread_with_its_id(caller: Caller) -> None:
    """The thread of a message has the message's id, and there is only one."""
    _, said = await caller.post({"content": "a"})
    path = f"/channels/{caller.emulator.desk.id}/messages/{said['id']}/threads"
    made = await caller.call("POST", path, {"name": "a"})
    again = await caller.call("POST", path, {"name": "a"})

    assert (made[0], made[1]["id"]) == (201, said["id"])
    assert (again[0], again[1]["code"]) == (400, 160004)


# --- commands ---------------------------------------------------------------------------------


def option(name: str, **more: Any) -> dict[str, Any]:
    """Return an option of a command."""
    return {"type": 3, "name": name, "description": "Said", **more}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, False),
        ({"name": "News"}, True),
        ({"name": "two words"}, True),
        ({"name": "n" * 33}, True),
        ({"description": ""}, True),
        ({"description": "d" * 101}, True),
        ({"options": [option("a"), option("a")]}, True),
        ({"options": [option("a"), option("b", required=True)]}, True),
        ({"options": [option("a", required=True), option("b")]}, False),
        ({"options": [option(f"o{number}") for number in range(26)]}, True),
        ({"contexts": []}, True),
    ],
)
def test_a_bad_declaration_is_seen(change: dict[str, Any], wrong: bool, shared: Path) -> None:
    """A command that Discord would refuse is refused here, too."""
    command = {"type": 1, "name": "news", "description": "Look up", "options": []}

    assert bool(faults("command", command | change)) is wrong

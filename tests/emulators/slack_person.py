"""A person in the emulated workspace, who presses buttons and types commands.

What they do reaches the app over Socket Mode, or over signed HTTP where a sender is given.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_socket import Envelope
from tests.emulators.slack_workspace import Json, Message


@dataclass
class Person:
    """Somebody with the Slack app open."""

    slack: SlackEmulator
    user: str = "U0PERSON"

    def press_payload(self, message: Message, action_id: str, **more: Any) -> Json:
        """Return the payload of a press on a message.

        https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
        """
        workspace = self.slack.workspace
        return {
            "type": "block_actions",
            "team": {"id": workspace.team, "domain": "emulated"},
            "user": {"id": self.user, "username": "p", "name": "p", "team_id": workspace.team},
            "api_app_id": "A0REDLINE",
            "token": "verification-token",
            "trigger_id": f"trigger-{workspace.stamp()}",
            "response_url": self.slack.response_url(),
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel.id,
                "is_ephemeral": False,
            },
            "channel": {"id": message.channel.id, "name": message.channel.name},
            "message": message.shown(metadata=False),
            "actions": [
                {
                    "type": "button",
                    "block_id": "b1",
                    "action_id": action_id,
                    "action_ts": workspace.stamp(),
                    "value": action_id.rpartition(":")[2],
                    "text": {"type": "plain_text", "text": "x", "emoji": True},
                }
            ],
            **more,
        }

    async def press(self, message: Message, action_id: str | None = None) -> Envelope:
        """Press a button of a message, the first one where none is named."""
        action_id = action_id or message.seen().buttons[0]
        return await self.slack.socket.tell("interactive", self.press_payload(message, action_id))

    async def command(self, name: str, text: str = "") -> Envelope:
        """Type a slash command."""
        workspace = self.slack.workspace
        payload = {
            "token": "verification-token",
            "team_id": workspace.team,
            "channel_id": next(iter(workspace.channels)),
            "user_id": self.user,
            "command": name,
            "text": text,
            "api_app_id": "A0REDLINE",
            "trigger_id": f"trigger-{workspace.stamp()}",
            "response_url": self.slack.response_url(),
        }
        return await self.slack.socket.tell("slash_commands", payload)


@dataclass
class SignedSender:
    """Slack calling the app over HTTP.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """

    url: str
    secret: str
    now: Callable[[], datetime]

    def sign(self, body: str, age: float = 0) -> dict[str, str]:
        """Return the headers that prove a request, as they were `age` seconds ago."""
        timestamp = str(int(self.now().timestamp() - age))
        digest = hmac.new(
            self.secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256
        ).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}

    async def send(self, payload: Json, age: float = 0) -> tuple[int, str]:
        """Send an interaction; return the status and body of the answer."""
        body = urlencode({"payload": json.dumps(payload)})
        return await self.post(body, self.sign(body, age))

    async def post(self, body: str, headers: dict[str, str]) -> tuple[int, str]:
        """Send a body with the given headers."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=body, headers=kind | headers) as answer,
        ):
            return answer.status, await answer.text()

"""A person in the emulated workspace, who presses buttons and types commands.

What they do reaches the app over Socket Mode, or over signed HTTP where a sender is given.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_private import Whisper
from tests.emulators.slack_socket import Envelope
from tests.emulators.slack_views import View
from tests.emulators.slack_workspace import Channel, Json, Message


@dataclass
class Person:
    """Somebody with the Slack app open. `offered` are the options that they saw last."""

    slack: SlackEmulator
    user: str = "U0PERSON"
    offered: list[Json] = field(default_factory=list)

    def who(self) -> Json:
        """Return what every interaction says of them."""
        team = self.slack.workspace.team
        return {
            "team": {"id": team, "domain": "emulated"},
            "user": {"id": self.user, "username": "p", "name": "p", "team_id": team},
            "api_app_id": "A0REDLINE",
            "token": "verification-token",
        }

    def press_payload(self, message: Message, action_id: str, **more: Any) -> Json:
        """Return the payload of a press on a message.

        https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
        """
        workspace = self.slack.workspace
        return {
            "type": "block_actions",
            **self.who(),
            "trigger_id": self.slack.views.trigger(self.user),
            "response_url": self.slack.response_url(message.channel.id, self.user, origin=message),
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel.id,
                "is_ephemeral": False,
            },
            "channel": {"id": message.channel.id, "name": message.channel.name},
            "message": message.shown(metadata=False),
            "actions": [_pressed(action_id, workspace.stamp())],
            **more,
        }

    async def press(self, message: Message, action_id: str | None = None) -> Envelope:
        """Press a button of a message, the first one where none is named."""
        action_id = action_id or message.seen().buttons[0]
        return await self.slack.socket.tell("interactive", self.press_payload(message, action_id))

    def private_press_payload(self, whisper: Whisper, action_id: str) -> Json:
        """Return the payload of a press on a private message, which Slack does not show again."""
        workspace = self.slack.workspace
        channel = workspace.channels.get(whisper.channel_id) or Channel(whisper.channel_id, "")
        message = Message(channel, whisper.ts, workspace.bot_user, whisper.text)
        payload = self.press_payload(message, action_id)
        del payload["message"]
        payload["container"]["is_ephemeral"] = True
        payload["response_url"] = self.slack.response_url(
            whisper.channel_id, self.user, origin=whisper
        )
        return payload

    async def press_private(self, whisper: Whisper, number: int = 0) -> Envelope:
        """Press a button of a private message, the first one where none is counted."""
        payload = self.private_press_payload(whisper, whisper.seen().buttons[number])
        return await self.slack.socket.tell("interactive", payload)

    def view_press_payload(self, view: View, action_id: str) -> Json:
        """Return the payload of a press in a modal or in the App Home, which has no message."""
        return {
            "type": "block_actions",
            **self.who(),
            "trigger_id": self.slack.views.trigger(self.user),
            "container": {"type": "view", "view_id": view.id},
            "view": view.shown(),
            "actions": [_pressed(action_id, self.slack.workspace.stamp())],
        }

    def suggestion_payload(self, view: View, block: Json, typed: str) -> Json:
        """Return the payload of typing into an external select.

        https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
        """
        return {
            "type": "block_suggestion",
            **self.who(),
            "container": {"type": "view", "view_id": view.id},
            "view": view.shown(),
            "block_id": block["block_id"],
            "action_id": block["element"]["action_id"],
            "value": typed,
        }

    async def open_home(self, tab: str = "home") -> Envelope:
        """Open the App Home.

        https://docs.slack.dev/reference/events/app_home_opened
        """
        stamp = self.slack.workspace.stamp()
        payload = {
            "token": "verification-token",
            "team_id": self.slack.workspace.team,
            "api_app_id": "A0REDLINE",
            "type": "event_callback",
            "event_id": f"Ev{stamp}",
            "event_time": int(float(stamp)),
            "event": {
                "type": "app_home_opened",
                "user": self.user,
                "channel": f"D{self.user[1:]}",
                "tab": tab,
                "event_ts": stamp,
            },
        }
        return await self.slack.socket.tell("events_api", payload)

    async def press_home(self, number: int = 0) -> Envelope:
        """Press a button of the App Home."""
        view = self.slack.views.homes[self.user]
        payload = self.view_press_payload(view, view.seen().buttons[number])
        return await self.slack.socket.tell("interactive", payload)

    def command_payload(self, name: str, text: str = "") -> Json:
        """Return the payload of a slash command.

        https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
        """
        workspace = self.slack.workspace
        channel = next(iter(workspace.channels))
        return {
            "token": "verification-token",
            "team_id": workspace.team,
            "team_domain": "emulated",
            "channel_id": channel,
            "channel_name": workspace.channels[channel].name,
            "user_id": self.user,
            "user_name": "p",
            "command": name,
            "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
            "api_app_id": "A0REDLINE",
            "is_enterprise_install": "false",
            "trigger_id": self.slack.views.trigger(self.user),
            "response_url": self.slack.response_url(channel, self.user, "commands"),
        }

    async def command(self, name: str, text: str = "") -> Envelope:
        """Type a slash command."""
        payload = self.command_payload(name, text)
        return await self.slack.socket.tell("slash_commands", payload)


def _pressed(action_id: str, stamp: str) -> Json:
    return {
        "type": "button",
        "block_id": "b1",
        "action_id": action_id,
        "action_ts": stamp,
        "value": action_id.rpartition(":")[2],
        "text": {"type": "plain_text", "text": "x", "emoji": True},
    }


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

    async def send_command(self, payload: Json) -> tuple[int, str]:
        """Send a slash command, which comes as a plain form."""
        body = urlencode(payload)
        return await self.post(body, self.sign(body))

    async def post(self, body: str, headers: dict[str, str]) -> tuple[int, str]:
        """Send a body with the given headers."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=body, headers=kind | headers) as answer,
        ):
            return answer.status, await answer.text()

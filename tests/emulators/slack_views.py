"""Slack's modals and App Homes: triggers, the stack of views, and what Slack refuses of them.

https://docs.slack.dev/surfaces/modals and https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.emulators.slack_reader import Reading, read
from tests.emulators.slack_schema import view_problems
from tests.emulators.slack_workspace import Json, Refused

GOOD_FOR = timedelta(seconds=3)
STACK = 3
PATIENCE = 10.0


@dataclass
class Trigger:
    """What one interaction hands out to open one modal with."""

    user: str
    at: datetime
    used: bool = False


@dataclass
class View:
    """A view as it stands: what the app made of it, and what the person filled in since."""

    id: str
    user: str
    body: Json
    hash: str
    state: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> list[Json]:
        return [block for block in self.body["blocks"] if block["type"] == "input"]

    @property
    def metadata(self) -> str:
        return str(self.body.get("private_metadata", ""))

    def seen(self) -> Reading:
        """Return what the person can read of it."""
        reading = read("", self.body["blocks"])
        for part in ("title", "submit", "close"):
            reading.say(f"\n{self.body.get(part, {}).get('text', '')}")
        return reading

    def shown(self) -> Json:
        """Return it as payloads show it."""
        return {
            **self.body,
            "id": self.id,
            "team_id": "T0WORKSPACE",
            "hash": self.hash,
            "root_view_id": self.id,
            "previous_view_id": None,
            "app_id": "A0REDLINE",
            "bot_id": "B0REDLINE",
            "state": {"values": self.state},
        }


class Views:
    """All modals that are open, all homes, all triggers."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.open_views: list[View] = []
        self.homes: dict[str, View] = {}
        self.changes = 0
        self.problems: list[str] = []
        self.files: set[str] = set()
        self._triggers: dict[str, Trigger] = {}
        self._numbers = itertools.count(1)
        self._changed = asyncio.Event()

    def trigger(self, user: str) -> str:
        """Hand out what opens one modal, within three seconds."""
        name = f"trigger-{next(self._numbers)}-secret"
        self._triggers[name] = Trigger(user, self.now())
        return name

    # What the app does.

    def open(self, given: Json) -> Json:
        """Open a modal: https://docs.slack.dev/reference/methods/views.open."""
        trigger = self._triggers.get(str(given.get("trigger_id")))
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if self.now() - trigger.at > GOOD_FOR:
            raise Refused("expired_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        self._check("views.open", given, "modal")
        trigger.used = True
        if len([view for view in self.open_views if view.user == trigger.user]) >= STACK:
            raise Refused("push_limit_reached")
        view = self._new(trigger.user, given["view"])
        self.open_views.append(view)
        self._change()
        return {"view": view.shown()}

    def update(self, given: Json) -> Json:
        """Update a modal: https://docs.slack.dev/reference/methods/views.update."""
        view = self.find(str(given.get("view_id")))
        if view is None:
            raise Refused("not_found")
        if given.get("hash") not in {None, view.hash}:
            raise Refused("hash_conflict")
        self._check("views.update", given, "modal")
        self.replace(view, given["view"])
        return {"view": view.shown()}

    def publish(self, given: Json) -> Json:
        """Publish a home: https://docs.slack.dev/reference/methods/views.publish."""
        user = str(given["user_id"])
        self._check("views.publish", given, "home")
        self.homes[user] = self._new(user, given["view"])
        self._change()
        return {"view": self.homes[user].shown()}

    def _check(self, method: str, given: Json, kind: str) -> None:
        problems = view_problems(method, given, kind, self.files)
        self.problems += [f"{method}: {problem}" for problem in problems]
        if problems:
            raise Refused("invalid_arguments", response_metadata={"messages": problems})

    # What happens to views.

    def find(self, view_id: str) -> View | None:
        return next((view for view in self.open_views if view.id == view_id), None)

    def replace(self, view: View, body: Json) -> None:
        """Show something else in an open modal. What stands in inputs that stay is kept."""
        kept = {block["block_id"] for block in body["blocks"] if block["type"] == "input"}
        before = view.state
        view.body, view.hash, view.errors = body, self._hash(), {}
        view.state = initial_state(body)
        view.state |= {name: state for name, state in before.items() if name in kept}
        self._change()

    def close(self, view: View) -> None:
        self.open_views.remove(view)
        self._change()

    def _new(self, user: str, body: Json) -> View:
        view_id = f"V{next(self._numbers):08d}"
        return View(view_id, user, body, self._hash(), initial_state(body))

    def _hash(self) -> str:
        return f"{int(self.now().timestamp())}.{next(self._numbers)}"

    def respond(self, view: View, answer: Json | None) -> None:
        """Do what the acknowledgement of a sent form says.

        https://docs.slack.dev/surfaces/modals#response_actions
        """
        match (answer or {}).get("response_action"):
            case "errors":
                self._say_errors(view, (answer or {})["errors"])
            case "update":
                body = (answer or {})["view"]
                problems = view_problems("response", {"view": body}, "modal", self.files)
                self.problems += [f"response_action: {problem}" for problem in problems]
                self.replace(view, body)
            case None:
                if answer:
                    self.problems.append(f"response_action: {answer} is none")
                self.close(view)
            case other:
                self.problems.append(f"response_action: {other} is none")

    def _say_errors(self, view: View, errors: dict[str, str]) -> None:
        known = {block["block_id"] for block in view.inputs}
        unknown = set(errors) - known
        self.problems += [f"errors: {name} is no input of the view" for name in unknown]
        self.problems += [f"errors: {name} is empty" for name, said in errors.items() if not said]
        view.errors = dict(errors)
        self._change()

    def _change(self) -> None:
        self.changes += 1
        self._changed.set()

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something holds of the views."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self._changed.clear()
                await self._changed.wait()


def initial_state(body: Json) -> dict[str, Json]:
    """Return what a view holds before the person touches it, as payloads tell it."""
    return {
        block["block_id"]: {block["element"]["action_id"]: _initial(block["element"])}
        for block in body["blocks"]
        if block["type"] == "input"
    }


def _initial(element: Json) -> Json:
    kind = element["type"]
    match kind:
        case "plain_text_input":
            return {"type": kind, "value": element.get("initial_value")}
        case "radio_buttons" | "static_select" | "external_select":
            return {"type": kind, "selected_option": element.get("initial_option")}
        case "multi_conversations_select":
            chosen = element.get("initial_conversations", [])
            return {"type": kind, "selected_conversations": chosen}
        case "file_input":
            return {"type": kind, "files": []}
        case _:
            raise AssertionError(f"this emulator does not know {kind}")

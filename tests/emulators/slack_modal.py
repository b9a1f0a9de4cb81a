"""A person in front of an open modal of Slack's: reads it, fills it in, sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.emulators.slack_person import Person
from tests.emulators.slack_socket import Envelope
from tests.emulators.slack_views import View
from tests.emulators.slack_workspace import Json


@dataclass
class Modal:
    """The modal that lies on top for a person. Fields are told by their labels."""

    person: Person

    @property
    def view(self) -> View:
        """The view as it stands now."""
        views = [one for one in self.person.slack.views.open_views if one.user == self.person.user]
        return views[-1]

    async def opened(self) -> View:
        """Wait until a form is open, and not only the promise of one."""
        await self.person.slack.views.until(lambda: self.is_open and self.view.inputs)
        return self.view

    @property
    def is_open(self) -> bool:
        user = self.person.user
        return any(view.user == user for view in self.person.slack.views.open_views)

    @property
    def labels(self) -> list[str]:
        return [block["label"]["text"] for block in self.view.inputs]

    def block(self, label: str) -> Json:
        (found,) = [one for one in self.view.inputs if one["label"]["text"] == label]
        return found

    def values(self, label: str) -> tuple[str, ...]:
        """Return what a field holds, of choices the value."""
        state = self._state(label)
        option = state.get("selected_option") or {}
        found = [state.get("value"), option.get("value"), *state.get("selected_conversations", ())]
        return tuple(value for value in found if value)

    def mistakes(self) -> dict[str, str]:
        """Return what is said at the fields."""
        errors = self.view.errors
        named = {block["block_id"]: block["label"]["text"] for block in self.view.inputs}
        return {named[name]: said for name, said in errors.items()}

    def fill(self, label: str, *values: str) -> None:
        """Fill in a field, as far as Slack's client lets a person."""
        element, state = self.block(label)["element"], self._state(label)
        match element["type"]:
            case "plain_text_input":
                (value,) = values
                assert len(value) <= element.get("max_length", 3_000), "the client takes no more"
                state["value"] = value or None
            case "radio_buttons" | "static_select":
                (value,) = values
                (state["selected_option"],) = [
                    one for one in element["options"] if one["value"] == value
                ]
            case "external_select":
                (value,) = values
                offered = self.person.offered
                (state["selected_option"],) = [one for one in offered if one["value"] == value]
            case "multi_conversations_select":
                state["selected_conversations"] = list(values)
            case other:
                raise AssertionError(f"nobody fills in {other} so")

    def attach(self, label: str, name: str, content: bytes, **more: Any) -> None:
        """Put a file into a field."""
        file = self.person.slack.files.keep(name, content)
        self._state(label)["files"] = [{**file, **more}]

    async def type(self, label: str, typed: str) -> list[Json]:
        """Type into an external select; return the options that are offered."""
        block = self.block(label)
        payload = self.person.suggestion_payload(self.view, block, typed)
        envelope = await self.person.slack.socket.tell("interactive", payload)
        self.person.offered = self.person.slack.options(envelope.answer)
        return self.person.offered

    def submission_payload(self) -> Json:
        """Return the payload of sending it.

        https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
        """
        return {
            "type": "view_submission",
            **self.person.who(),
            "trigger_id": self.person.slack.views.trigger(self.person.user),
            "view": self.view.shown(),
            "response_urls": [],
            "is_enterprise_install": False,
        }

    async def submit(self) -> Envelope:
        """Send it, and do with it what the app says."""
        view = self.view
        for block in view.inputs:
            label = block["label"]["text"]
            filled = self.values(label) or self._state(label).get("files")
            assert filled or block.get("optional"), f"the client asks for {label} first"
        envelope = await self.person.slack.socket.tell("interactive", self.submission_payload())
        self.person.slack.views.respond(view, envelope.answer)
        return envelope

    async def press(self, number: int = 0) -> Envelope:
        """Press a button in it."""
        action_id = self.view.seen().buttons[number]
        payload = self.person.view_press_payload(self.view, action_id)
        return await self.person.slack.socket.tell("interactive", payload)

    def dismiss(self) -> None:
        """Close it unsent."""
        self.person.slack.views.close(self.view)

    def _state(self, label: str) -> Json:
        block = self.block(label)
        state: Json = self.view.state[block["block_id"]][block["element"]["action_id"]]
        return state

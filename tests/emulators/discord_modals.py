"""The emulator's forms: a modal as a person sees it, fills it in and sends it.

https://docs.discord.com/developers/components/reference#label and
https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-modal-submit-data-structure
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.emulators.discord_files import Shelf, Upload
from tests.emulators.discord_schema import length

TEXT_INPUT, SELECT, CHANNEL_SELECT, LABEL, FILE_UPLOAD = 4, 3, 8, 18, 19
SELECTS = {SELECT, CHANNEL_SELECT}


class Origin(Protocol):
    """What a modal was opened from."""

    payload: dict[str, Any]
    shown_on: Any


@dataclass(slots=True)
class OpenModal:
    """A modal in front of a person: what it holds by the number of its field."""

    modal: dict[str, Any]
    origin: Origin
    held: list[list[str]] = field(init=False)
    files: dict[str, Upload] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.held = [list(_initial(part["component"])) for part in self.modal["components"]]

    def number(self, label: str) -> int:
        """Return which field has a label."""
        labels = [part["label"] for part in self.modal["components"]]
        assert labels.count(label) == 1, f"{label!r} is not one of {labels}"
        return labels.index(label)

    def offered(self, label: str) -> list[str]:
        """Return the values that a field lets a person choose from."""
        part = self.modal["components"][self.number(label)]["component"]
        return [option["value"] for option in part.get("options", [])]

    def fill(self, label: str, values: tuple[str, ...]) -> None:
        """Fill in a field, as far as Discord's client lets a person do so."""
        number = self.number(label)
        part = self.modal["components"][number]["component"]
        if part["type"] == SELECT:
            assert set(values) <= set(self.offered(label)), f"{values} are not offered"
        if part["type"] in SELECTS:
            assert len(values) <= part.get("max_values", 1), f"{label} takes fewer"
        if part["type"] == TEXT_INPUT:
            assert len(values) == 1
            assert length(values[0]) <= part.get("max_length", 4000), f"{label} is shorter"
            assert part["style"] == 2 or "\n" not in values[0], f"{label} has one line"
        self.held[number] = list(values)

    def attach(self, label: str, upload: Upload) -> None:
        """Put a file into a field."""
        number = self.number(label)
        assert self.modal["components"][number]["component"]["type"] == FILE_UPLOAD
        file_id = f"8{number}"
        self.files[file_id] = upload
        self.held[number] = [file_id]

    def data(self, shelf: Shelf, channels: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Write what is sent; the client sends nothing while a required field is empty."""
        parts = self.modal["components"]
        for part, held in zip(parts, self.held, strict=True):
            required = part["component"].get("required", True)
            assert any(held) or not required, f"{part['label']} is required"
        written = [
            {"type": LABEL, "id": number, "component": _filled(part["component"], held)}
            for number, (part, held) in enumerate(zip(parts, self.held, strict=True))
        ]
        kept = {one: shelf.keep(one, upload) for one, upload in self.files.items()}
        chosen = {one: channels[one] for held in self.held for one in held if one in channels}
        resolved = {"attachments": kept, "channels": chosen}
        return {
            "custom_id": self.modal["custom_id"],
            "components": written,
            "resolved": {name: found for name, found in resolved.items() if found},
        }


def _initial(part: dict[str, Any]) -> Iterator[str]:
    """Yield what a field holds when it is opened."""
    if part["type"] == TEXT_INPUT:
        yield part.get("value") or ""
    for option in part.get("options", []):
        if option.get("default"):
            yield option["value"]
    for default in part.get("default_values", []):
        yield str(default["id"])


def _filled(part: dict[str, Any], held: list[str]) -> dict[str, Any]:
    said: dict[str, Any] = {"type": part["type"], "custom_id": part["custom_id"], "id": 1}
    return said | ({"value": held[0]} if part["type"] == TEXT_INPUT else {"values": held})


def modal_limits(modal: dict[str, Any]) -> Iterator[str]:
    """Return the limits that a modal exceeds, as strictly as Discord may count."""
    parts = modal["components"]
    if not 1 <= len(parts) <= 5:
        yield f"{len(parts)} of 5 components"
    if not 1 <= length(modal["title"]) <= 45:
        yield f"the title has {length(modal['title'])} of 45 characters"
    if length(modal["custom_id"]) > 100:
        yield "the modal's custom_id has more than 100 characters"
    ids = [part.get("component", {}).get("custom_id") for part in parts]
    if len(set(ids)) != len(ids):
        yield "a custom_id stands twice"
    for part in parts:
        if part["type"] != LABEL:
            yield "something other than a label stands in a modal"
            continue
        yield from _label_limits(part)


def _label_limits(part: dict[str, Any]) -> Iterator[str]:
    if not 1 <= length(part["label"]) <= 45:
        yield f"a label has {length(part['label'])} of 45 characters"
    if length(part.get("description") or "") > 100:
        yield "a description has more than 100 characters"
    component = part["component"]
    if length(component["custom_id"]) > 100:
        yield "a custom_id has more than 100 characters"
    if component["type"] == TEXT_INPUT:
        yield from _text_limits(component)
    if component["type"] in SELECTS:
        yield from _select_limits(component)


def _text_limits(part: dict[str, Any]) -> Iterator[str]:
    longest = part.get("max_length") or 4000
    if part.get("label"):
        yield "a text input in a label has a label of its own"
    if not 1 <= longest <= 4000:
        yield f"a text takes {longest} of 4000 characters"
    if length(part.get("value") or "") > longest:
        yield "a text is filled in beyond what it takes"


def _select_limits(part: dict[str, Any]) -> Iterator[str]:
    options = part.get("options", [])
    values = [option["value"] for option in options]
    least, most = part.get("min_values", 1), part.get("max_values", 1)
    if part["type"] == SELECT and not 1 <= len(options) <= 25:
        yield f"{len(options)} of 25 options"
    if len(set(values)) != len(values):
        yield "an option stands twice"
    if any(not 1 <= length(option["label"]) <= 100 for option in options):
        yield "an option's label has none or more than 100 characters"
    if any(not 1 <= length(value) <= 100 for value in values):
        yield "an option's value has none or more than 100 characters"
    if not 0 <= least <= most <= 25:
        yield "min_values and max_values do not fit"
    if part.get("required", True) and least == 0:
        yield "a required select takes nothing"
    if len(list(_initial(part))) > most:
        yield "more is chosen beforehand than can be"

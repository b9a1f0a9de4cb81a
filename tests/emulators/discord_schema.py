"""What Discord would say of a request: its official schema, and the limits the schema leaves out.

https://docs.discord.com/developers/resources/message#create-message
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SPEC = Path(__file__).parents[3] / "shared" / "specs" / "discord" / "openapi.json"

SCHEMAS = {
    "create message": "MessageCreateRequest",
    "edit message": "MessageEditRequestPartial",
    "create thread": "CreateTextThreadWithMessageRequest",
    "edit answer": "IncomingWebhookUpdateRequestPartial",
    "follow up": "IncomingWebhookRequestPartial",
    "command": "ApplicationCommandUpdateRequest",
}
# Which schema a first answer has is said by its type.
ANSWERS = {
    4: "CreateMessageInteractionCallbackRequest",
    5: "CreateMessageInteractionCallbackRequest",
    6: "UpdateMessageInteractionCallbackRequest",
    7: "UpdateMessageInteractionCallbackRequest",
    8: "ApplicationCommandAutocompleteCallbackRequest",
    9: "ModalInteractionCallbackRequest",
}


@functools.cache
def _components() -> dict[str, Any]:
    """Read the official schemas; empty where they are absent."""
    if not SPEC.is_file():
        return {}
    components: dict[str, Any] = json.loads(SPEC.read_text(encoding="utf-8"))["components"]
    return {"schemas": components["schemas"]}


@functools.cache
def _validator(name: str) -> Draft202012Validator:
    """Return what checks against one of the official schemas."""
    root = {"$ref": f"#/components/schemas/{name}", "components": _components()}
    return Draft202012Validator(root)


def faults(kind: str, request: Any) -> list[str]:
    """Return what Discord would refuse about a request."""
    if _components():
        name = ANSWERS[request["type"]] if kind == "answer at once" else SCHEMAS[kind]
        errors = _validator(name).iter_errors(_lenient(request))
        found = [f"{error.json_path}: {error.message[:200]}" for error in errors]
        if found:
            return found
    return list(_LIMITS.get(kind, limits)(request))


def _lenient(request: dict[str, Any]) -> dict[str, Any]:
    """Write ids as text, as the schema wants them; Discord takes numbers, too."""
    written = dict(request)
    reference = request.get("message_reference")
    if reference:
        written["message_reference"] = {
            key: str(value) if key.endswith("_id") else value for key, value in reference.items()
        }
    if request.get("attachments"):
        written["attachments"] = [one | {"id": str(one["id"])} for one in request["attachments"]]
    if request.get("type") == 9:
        parts = [_lenient_label(part) for part in request["data"]["components"]]
        written["data"] = request["data"] | {"components": parts}
    return written


def _lenient_label(part: dict[str, Any]) -> dict[str, Any]:
    chosen = part.get("component", {}).get("default_values")
    if not chosen:
        return part
    named = [one | {"id": str(one["id"])} for one in chosen]
    return part | {"component": part["component"] | {"default_values": named}}


def unlisted(kind: str, request: dict[str, Any]) -> list[str]:
    """Return the fields of a request that the official schema does not list."""
    if not _components():
        return []
    known = _components()["schemas"][SCHEMAS[kind]]["properties"]
    return sorted(set(request) - set(known))


def length(text: str) -> int:
    """Count as strictly as Discord may: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def limits(request: dict[str, Any]) -> Iterator[str]:
    """Return the limits that a message exceeds."""
    content = request.get("content") or ""
    embeds = request.get("embeds") or []
    components = request.get("components") or []
    if length(content) > 2000:
        yield f"content has {length(content)} of 2000 characters"
    if len(embeds) > 10:
        yield f"{len(embeds)} of 10 embeds"
    for embed in embeds:
        yield from _embed_limits(embed)
    total = sum(length(text) for embed in embeds for _, text, _ in _texts(embed))
    if total > 6000:
        yield f"embeds have {total} of 6000 characters"
    yield from _component_limits(components)
    if len(str(request.get("nonce") or "")) > 25:
        yield "nonce has more than 25 characters"


def empty(request: dict[str, Any]) -> bool:
    """Whether there is nothing to see in a message."""
    embeds = [embed for embed in request.get("embeds") or [] if any(t for _, t, _ in _texts(embed))]
    return not (request.get("content") or "").strip() and not embeds


def _texts(embed: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Return the texts of an embed that count, with their limits."""
    yield "title", embed.get("title") or "", 256
    yield "description", embed.get("description") or "", 4096
    yield "author", (embed.get("author") or {}).get("name") or "", 256
    yield "footer", (embed.get("footer") or {}).get("text") or "", 2048
    for item in embed.get("fields") or []:
        yield "field name", item["name"], 256
        yield "field value", item["value"], 1024


def _embed_limits(embed: dict[str, Any]) -> Iterator[str]:
    """Return the limits that one embed exceeds."""
    for name, text, limit in _texts(embed):
        if length(text) > limit:
            yield f"{name} has {length(text)} of {limit} characters"
    if len(embed.get("fields") or []) > 25:
        yield "more than 25 fields"
    url = embed.get("url")
    if url is not None and not url.startswith(("http://", "https://")):
        yield "the url is not one of http or https"


def _component_limits(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Return the limits that the buttons exceed."""
    if len(rows) > 5:
        yield f"{len(rows)} of 5 rows"
    buttons = [item for row in rows for item in row.get("components", [])]
    ids = [item["custom_id"] for item in buttons if item.get("custom_id")]
    if len(ids) != len(set(ids)):
        yield "a custom_id stands twice"
    if any(len(row.get("components", [])) > 5 for row in rows):
        yield "more than 5 buttons in a row"
    if any(length(found) > 100 for found in ids):
        yield "a custom_id has more than 100 characters"
    if any(not 1 <= length(item.get("label") or "") <= 80 for item in buttons):
        yield "a label has none or more than 80 characters"


def _no_limits(_request: dict[str, Any]) -> Iterator[str]:
    yield from ()


NAME = re.compile(r"[-_'\w]{1,32}")


def command_limits(command: dict[str, Any]) -> Iterator[str]:
    """Return the rules that a slash command breaks.

    https://docs.discord.com/developers/interactions/application-commands
    """
    if _written(command) > 8_000:
        yield f"{command['name']} has {_written(command)} of 8000 characters"
    yield from _part_limits(command)


def _written(part: dict[str, Any]) -> int:
    options = part.get("options") or []
    return length(part["name"] + part.get("description", "")) + sum(map(_written, options))


def _part_limits(part: dict[str, Any]) -> Iterator[str]:
    name, options = part["name"], part.get("options") or []
    if not NAME.fullmatch(name) or name != name.lower():
        yield f"{name} is no name"
    if not 1 <= length(part.get("description") or "") <= 100:
        yield f"{name} has no description of 1 to 100 characters"
    if len({option["name"] for option in options}) != len(options):
        yield f"{name} has two options of one name"
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield f"{name} has a required option behind one that is not"
    for option in options:
        yield from _part_limits(option)


_LIMITS = {
    "create thread": _no_limits,
    "answer at once": _no_limits,
    "command": command_limits,
}

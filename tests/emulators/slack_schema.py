"""What Slack would refuse, or silently spoil: its official types, and its limits by hand.

The types are read from the team's data folder where it is present; the limits hold everywhere.
https://docs.slack.dev/reference/block-kit and https://docs.slack.dev/reference/methods
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

Json = Mapping[str, Any]

SPECS = Path(__file__).parents[3] / "shared" / "specs" / "slack"
_ARGUMENTS = {
    "chat.postMessage": "ChatPostMessageArguments",
    "chat.update": "ChatUpdateArguments",
    "chat.postEphemeral": "ChatPostEphemeralArguments",
}
# Slack takes it and names it in its errors; its types do not list it.
_UNLISTED = {"client_msg_id"}


@cache
def _validator(file: str, definition: str) -> Draft7Validator | None:
    path = SPECS / file
    if not path.is_file():
        return None
    whole = json.loads(path.read_text())
    return Draft7Validator(
        {"$ref": f"#/definitions/{definition}", "definitions": whole["definitions"]}
    )


def _violation(validator: Draft7Validator | None, value: Any) -> list[str]:
    error = None if validator is None else best_match(validator.iter_errors(value))
    return [] if error is None else [f"{error.json_path}: {error.message[:300]}"]


def argument_problems(method: str, arguments: Json) -> list[str]:
    """Return what Slack's own types say against the arguments of a method."""
    if method not in _ARGUMENTS:
        return []
    listed = {name: value for name, value in arguments.items() if name not in _UNLISTED}
    return _violation(
        _validator("slack_web_api_args.schema.json", _ARGUMENTS[method]), listed
    ) + block_problems(arguments.get("blocks", []))


def block_problems(blocks: Sequence[Json]) -> list[str]:
    """Return what Slack's own types say against the blocks, block by block."""
    validator = _validator("slack_types_blockkit.schema.json", "KnownBlock")
    return [problem for block in blocks for problem in _violation(validator, block)]


def manifest_problems(manifest: Json) -> list[str]:
    """Return what Slack's own types say against an app manifest."""
    return _violation(_validator("slack_app_manifest.schema.json", "Manifest"), manifest)


# --- limits -----------------------------------------------------------------------------------


def limit_problems(text: str, blocks: Sequence[Json]) -> list[str]:
    """Return every limit that a message exceeds."""
    said = [
        f"{name} is {size}, over {limit}"
        for name, size, limit in _sizes(text, blocks)
        if size > limit
    ]
    empty = [f"{name} is empty" for name, words in _words(blocks) if not words]
    return said + empty + _doubled_ids(blocks) + _bad_links(blocks)


def _sizes(text: str, blocks: Sequence[Json]) -> Iterator[tuple[str, int, int]]:
    # Beyond 4,000 characters Slack has posted a text in several parts.
    yield "text", len(text), 4_000
    yield "blocks", len(blocks), 50
    yield "length of all blocks", len(json.dumps(blocks, ensure_ascii=False)), 13_200
    for block in blocks:
        yield "block_id", len(block.get("block_id", "")), 255
        yield from _MEASURES.get(block["type"], _no_sizes)(block)


def _no_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield from ()


def _section_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield "section text", len(block.get("text", {}).get("text", "")), 3_000
    yield "fields", len(block.get("fields", ())), 10


def _header_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield "header", len(block["text"]["text"]), 150


def _context_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield "context elements", len(block["elements"]), 10
    for element in block["elements"]:
        yield "context text", len(element.get("text", "")), 3_000


def _action_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield "actions", len(block["elements"]), 25
    for element in block["elements"]:
        yield "action_id", len(element["action_id"]), 255
        yield "button text", len(element["text"]["text"]), 75
        yield "button value", len(element.get("value", "")), 2_000
        yield "button url", len(element.get("url", "")), 3_000


_MEASURES: dict[str, Callable[[Json], Iterator[tuple[str, int, int]]]] = {
    "section": _section_sizes,
    "header": _header_sizes,
    "context": _context_sizes,
    "actions": _action_sizes,
}


def _elements(value: Any) -> Iterator[Json]:
    """Yield every object inside the blocks, whatever holds it."""
    if isinstance(value, Mapping):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _elements(part)


def _words(blocks: Sequence[Json]) -> Iterator[tuple[str, str]]:
    for element in _elements(list(blocks)):
        if isinstance(element.get("text"), str):
            yield str(element["type"]), element["text"]


def _doubled_ids(blocks: Sequence[Json]) -> list[str]:
    doubled = []
    for block in blocks:
        if block["type"] == "actions":
            ids = [element["action_id"] for element in block["elements"]]
            doubled += [f"action_id {name} twice" for name in set(ids) if ids.count(name) > 1]
    return doubled


def _bad_links(blocks: Sequence[Json]) -> list[str]:
    urls = [str(element["url"]) for element in _elements(list(blocks)) if "url" in element]
    return [f"no link: {url}" for url in urls if not url.startswith(("http://", "https://"))]

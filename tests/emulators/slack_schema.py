"""What Slack would refuse, or silently spoil: its official types, and its limits by hand.

The types are read from the team's data folder where it is present; the limits hold everywhere.
https://docs.slack.dev/reference/block-kit and https://docs.slack.dev/reference/methods
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

Json = Mapping[str, Any]

SPECS = Path(__file__).parents[3] / "shared" / "specs" / "slack"
_BLOCKS = "slack_types_blockkit.schema.json"
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


def _violation(file: str, definition: str, value: Any) -> Sequence[str]:
    return _violated(file, definition, json.dumps(value))


@lru_cache(maxsize=4_096)
def _violated(file: str, definition: str, written: str) -> Sequence[str]:
    """Return the worst violation; kept, since most of what a test sees was shown before."""
    validator = _validator(file, definition)
    error = None if validator is None else best_match(validator.iter_errors(json.loads(written)))
    return () if error is None else (f"{error.json_path}: {error.message[:300]}",)


def argument_problems(method: str, arguments: Json) -> list[str]:
    """Return what Slack's own types say against the arguments of a method."""
    if method not in _ARGUMENTS:
        return []
    listed = {name: value for name, value in arguments.items() if name not in _UNLISTED}
    return [
        *_violation("slack_web_api_args.schema.json", _ARGUMENTS[method], listed),
        *block_problems(arguments.get("blocks", [])),
    ]


_VIEW_ARGUMENTS = {
    "views.open": {"trigger_id"},
    "views.update": {"view_id", "external_id", "hash"},
    "views.publish": {"user_id", "hash"},
    "response": set[str](),
}


def view_problems(method: str, given: Json, kind: str, files: Set[str]) -> list[str]:
    """Return what Slack says against a view, and against what it was sent with."""
    view = given.get("view")
    if not isinstance(view, Mapping):
        return ["there is no view"]
    definition = "SlackModal" if kind == "modal" else "SlackHome"
    unlisted = set(given) - _VIEW_ARGUMENTS[method] - {"view"}
    return [
        *(f"{name} is no argument" for name in sorted(unlisted)),
        *([] if view.get("type") == kind else [f"a view of type {view.get('type')}"]),
        *_violation(_BLOCKS, definition, view),
        *block_problems(view["blocks"]),
        *view_limit_problems(view),
        *file_problems(view["blocks"], files),
    ]


def file_problems(blocks: Sequence[Json], files: Set[str]) -> list[str]:
    """Return the pictures that Slack cannot show, because nobody uploaded them."""
    shown = [
        element["slack_file"]["id"]
        for element in _elements(list(blocks))
        if "slack_file" in element
    ]
    return [f"invalid slack file {name}" for name in shown if name not in files]


def block_problems(blocks: Sequence[Json]) -> list[str]:
    """Return what Slack's own types say against the blocks, block by block."""
    return [problem for block in blocks for problem in _violation(_BLOCKS, "KnownBlock", block)]


def manifest_problems(manifest: Json) -> list[str]:
    """Return what Slack's own types say against an app manifest."""
    return [*_violation("slack_app_manifest.schema.json", "Manifest", manifest)]


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


def view_limit_problems(view: Json) -> list[str]:
    """Return every limit that a view exceeds.

    https://docs.slack.dev/reference/views
    """
    blocks = view["blocks"]
    said = [
        f"{name} is {size}, over {limit}" for name, size, limit in _view_sizes(view) if size > limit
    ]
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    doubled = [f"block_id {name} twice" for name in set(ids) if ids.count(name) > 1]
    inputs = [block for block in blocks if block["type"] == "input"]
    submit = ["inputs, but no submit"] if inputs and not view.get("submit") else []
    empty = [f"{name} is empty" for name, words in _words([dict(view)]) if not words]
    odd = [problem for block in inputs for problem in _input_problems(block["element"])]
    return said + doubled + submit + empty + odd + _doubled_ids(blocks) + _bad_links(blocks)


def _view_sizes(view: Json) -> Iterator[tuple[str, int, int]]:
    yield "view", len(json.dumps(view)), 250_000
    yield "blocks", len(view["blocks"]), 100
    yield "private_metadata", len(view.get("private_metadata", "")), 3_000
    yield "callback_id", len(view.get("callback_id", "")), 255
    for part in ("title", "submit", "close"):
        yield part, len(view.get(part, {}).get("text", "")), 24
    for block in view["blocks"]:
        yield "block_id", len(block.get("block_id", "")), 255
        yield from _MEASURES.get(block["type"], _no_sizes)(block)


def _input_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    element = block["element"]
    yield "label", len(block["label"]["text"]), 2_000
    yield "hint", len(block.get("hint", {}).get("text", "")), 2_000
    yield "action_id", len(element["action_id"]), 255
    yield "placeholder", len(element.get("placeholder", {}).get("text", "")), 150
    yield "max_length", element.get("max_length", 0), 3_000
    yield "options", len(element.get("options", ())), 100
    for option in [*element.get("options", ()), element.get("initial_option")]:
        if option:
            yield "option", len(option["text"]["text"]), 75
            yield "option value", len(option["value"]), 150


def _input_problems(element: Json) -> Iterator[str]:
    """Yield what is at odds within an input."""
    kind, options = element["type"], element.get("options", [])
    most = element.get("max_length", 3_000)
    if most < 1:
        yield "max_length below 1"
    if len(element.get("initial_value", "")) > most:
        yield "initial_value is longer than max_length"
    if kind in {"static_select", "radio_buttons"} and not options:
        yield f"{kind} without options"
    if kind == "radio_buttons" and len(options) > 10:
        yield "more than ten radio buttons"
    if options and element.get("initial_option") not in [None, *options]:
        yield "initial_option is none of the options"
    values = [option["value"] for option in options]
    if len(set(values)) < len(values) or "" in values:
        yield "options with no value, or with the same"
    unknown = [one for one in element.get("initial_conversations", ()) if one[:1] not in "CG"]
    if unknown:
        yield f"{unknown} are no conversations"


def option_problems(options: Sequence[Json]) -> list[str]:
    """Return what Slack says against options for an external select."""
    block = {"label": {"text": "x"}, "element": {"action_id": "x", "options": options}}
    element = {"type": "external_select", "options": options}
    return [
        *(
            f"{name} is {size}, over {most}"
            for name, size, most in _input_sizes(block)
            if size > most
        ),
        *(
            problem
            for option in options
            for problem in _violation(_BLOCKS, "PlainTextOption", option)
        ),
        *_input_problems(element),
    ]


def _units(text: str) -> int:
    """Count as strictly as Slack may: it does not say in what."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _sizes(text: str, blocks: Sequence[Json]) -> Iterator[tuple[str, int, int]]:
    # Beyond 4,000 characters Slack has posted a text in several parts.
    yield "text", _units(text), 4_000
    yield "blocks", len(blocks), 50
    yield "length of all blocks", _units(json.dumps(blocks, ensure_ascii=False)), 13_200
    for block in blocks:
        yield "block_id", len(block.get("block_id", "")), 255
        yield from _MEASURES.get(block["type"], _no_sizes)(block)


def _no_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield from ()


def _section_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield "section text", _units(block.get("text", {}).get("text", "")), 3_000
    yield "fields", len(block.get("fields", ())), 10


def _header_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield "header", _units(block["text"]["text"]), 150


def _context_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield "context elements", len(block["elements"]), 10
    for element in block["elements"]:
        yield "context text", _units(element.get("text", "")), 3_000


def _action_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield "actions", len(block["elements"]), 25
    for element in block["elements"]:
        yield "action_id", len(element["action_id"]), 255
        yield "button text", _units(element["text"]["text"]), 75
        yield "button value", len(element.get("value", "")), 2_000
        yield "button url", len(element.get("url", "")), 3_000


def _image_sizes(block: Json) -> Iterator[tuple[str, int, int]]:
    yield "alt_text", _units(block["alt_text"]), 2_000


_MEASURES: dict[str, Callable[[Json], Iterator[tuple[str, int, int]]]] = {
    "section": _section_sizes,
    "header": _header_sizes,
    "context": _context_sizes,
    "actions": _action_sizes,
    "input": _input_sizes,
    "image": _image_sizes,
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

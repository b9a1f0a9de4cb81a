"""What editors mark is what loading refuses: config/schema.json and the reader agree."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from pydantic import BaseModel, ValidationError

from bot.settings import InvalidSettingsError, load
from bot.settings.schema import file_models, schema
from bot.settings.yaml_lines import read
from handlers import PLATFORMS

MODELS = file_models(PLATFORMS)

# A file, and the keys that lead to one of its keys.
Place = tuple[str, tuple[str, ...]]

NEEDED = {
    "feeds": "url: https://vale.example/feed",
    "rules": "name: vale, when: sanctions, to: slack:#desk",
    "people": "name: Ilse Marten",
    "places": "name: Port Avel",
}
SECTION_OF_A_CHANNEL = "slack:#desk"

# Each line is written behind a key as it stands, the empty one too.
VALUES = (Path(__file__).parent / "cases/settings/values.txt").read_text().split("\n")[:-1]

# Words that an editor takes for no text, and marks: in quotes they are one to everybody.
MARKED_ALL_THE_SAME = {"true", "False", "18.30"}

# Channels and people are read a second time, against the platforms that there are.
READ_TWICE = {"editors", "admins", "notices", "to"}

# What only the reader can know: which time zones and networks there are, which texts are channels,
# which mail addresses and hosts are possible, and how short a time may be.
BEYOND_A_SCHEMA = re.compile(
    r"timezone|contact|networks|url|interval|timeout|pace|settle|lease|keep_parked|to|notices|editors|admins"
)


class Editor(yaml.SafeLoader):
    """YAML 1.2 with its core schema, as editors read it."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - the library's own


for tag, pattern in (
    ("null", r"|~|null|Null|NULL"),
    ("bool", r"true|True|TRUE|false|False|FALSE"),
    ("int", r"[-+]?[0-9]+"),
    ("float", r"[-+]?[0-9]+\.[0-9]+"),
):
    Editor.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), None)


def _decimal(loader: Editor, node: yaml.ScalarNode) -> int:
    """Read 007 as 7: in YAML 1.2 a leading zero has no meaning."""
    return int(loader.construct_scalar(node))


Editor.add_constructor("tag:yaml.org,2002:int", _decimal)


@cache
def _checker(file: str) -> jsonschema.Draft7Validator:
    whole = json.loads(schema(PLATFORMS))
    return jsonschema.Draft7Validator({**whole, **whole["definitions"][file]})


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for part in get_args(annotation) if (inner := _inner(part))), None)


def _keys(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Go through all keys of a file; an item of a list is `[]`, a channel's section is named."""
    for name, field in model.model_fields.items():
        path = (*above, field.alias or name)
        yield path
        inner = _inner(field.annotation)
        if inner is not None:
            steps: dict[type, tuple[str, ...]] = {list: ("[]",), dict: (SECTION_OF_A_CHANNEL,)}
            yield from _keys(inner, (*path, *steps.get(type(field.default), ())))


PLACES: list[Place] = [(file, path) for file, model in MODELS.items() for path in _keys(model)]


def _written(place: Place, value: str) -> str:
    """Write a file that has the value at the place, and beside it only what cannot be left out."""
    file, (*above, key) = place
    if "[]" in above:
        beside = [one for one in NEEDED[file].split(", ") if not one.startswith(f"{key}:")]
        return f"{above[0]}:\n  - " + "\n    ".join([*beside, f"{key}: {value}"]) + "\n"
    steps = [f"{'  ' * depth}{step}:\n" for depth, step in enumerate(above)]
    return "".join(steps) + f"{'  ' * len(above)}{key}: {value}\n"


def _loads(place: Place, text: str) -> bool:
    """Whether the reader accepts the file, and all settings where parts of them are compared."""
    file, path = place
    if path[-1] in READ_TWICE:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / f"{file}.yaml").write_text(text)
            try:
                load(Path(folder), {}, PLATFORMS)
            except InvalidSettingsError:
                return False
        return True
    document = read(f"{file}.yaml", text.encode())
    try:
        MODELS[file].model_validate(document.data or {})
    except ValidationError:
        return False
    return not document.problems


def _unmarked(file: str, text: str) -> bool:
    return _checker(file).is_valid(yaml.load(text, Loader=Editor))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0]}:{'.'.join(place[1])}")
def test_an_editor_marks_what_loading_refuses(place: Place) -> None:
    """Whatever is written for a key, the schema and the reader say the same of it.

    Where only the reader can know, the schema lets it pass; it never marks what is right.
    """
    file, path = place
    texts = {value: _written(place, value) for value in VALUES}
    right = {value for value, text in texts.items() if _loads(place, text)}
    unmarked = {value for value, text in texts.items() if _unmarked(file, text)}

    assert right - unmarked <= MARKED_ALL_THE_SAME
    assert BEYOND_A_SCHEMA.search(path[-1]) or unmarked <= right
    assert right
    assert len(right) < len(VALUES)


@pytest.mark.parametrize("file", MODELS)
def test_an_unknown_key_is_marked_everywhere(file: str) -> None:
    """At each level of each file an unknown key is marked, and refused."""
    holders = {path[:-1] for name, path in PLACES if name == file}

    for above in holders:
        place = (file, (*above, "unheard-of"))
        text = _written(place, "x")
        assert not _loads(place, text)
        assert not _unmarked(file, text)


@pytest.mark.parametrize(
    "place", [("rules", ("rules", "[]", "to")), ("feeds", ("feeds", "[]", "url"))]
)
def test_what_is_needed_cannot_be_left_empty(place: Place) -> None:
    """A needed key with nothing behind it is marked; an empty list that may be absent is not."""
    file, _ = place

    assert not _unmarked(file, _written(place, ""))
    assert _unmarked(file, f"{file}:\n")


def test_each_key_is_explained_in_the_editor() -> None:
    """Hovering over a key shows what it means, in one line."""
    definitions = json.loads(schema(PLATFORMS))["definitions"]

    for name, definition in definitions.items():
        for key, said in definition.get("properties", {}).items():
            kinds = said.get("anyOf", [said])
            refs = [one["$ref"].rsplit("/", 1)[1] for one in kinds if "$ref" in one]
            about = said.get("description") or definitions[refs[0]]["description"]
            assert about.endswith("."), f"{name}.{key}"
            assert "\n" not in about, f"{name}.{key}"

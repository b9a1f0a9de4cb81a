"""The JSON schema of config/, from the models that check it, so that editors help with the files.

One file with a definition for each YAML file, which names its own as `schema.json#/definitions/…`.
yaml-language-server resolves the fragment of such a line, and reads JSON Schema up to draft 7 (see
yamlSchemaService.ts in https://github.com/redhat-developer/yaml-language-server). It then puts
every other key of the root beside the definition, so the root has none that checks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from bot.ports import Platform
from bot.settings import files
from bot.settings.sections import redline_model
from bot.settings.values import duration_text
from bot.text import one_line

_REF = "#/definitions/{model}"
# What YAML 1.1 and pydantic take for true or false; to an editor, which reads 1.2, it is text.
_TRUE_OR_FALSE = "^([Yy]|[Nn]|[Yy]es|[Nn]o|[Oo]n|[Oo]ff|YES|NO|ON|OFF)$"
_NOTHING = {"type": "null"}


def schema(platforms: Sequence[Platform]) -> str:
    """Return the text of config/schema.json."""
    models = file_models(platforms)
    refs, whole = models_json_schema(
        [(model, "validation") for model in models.values()],
        ref_template=_REF,
        schema_generator=_Generator,
    )
    definitions = {name: _tidied(inner, whole["$defs"]) for name, inner in whole["$defs"].items()}
    named = {
        name: definitions.pop(refs[model, "validation"]["$ref"].rsplit("/", 1)[1])
        for name, model in models.items()
    }
    root = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "Generated from bot.settings; run python -m tests.generated to renew it.",
        "definitions": {**named, **dict(sorted(definitions.items()))},
    }
    return json.dumps(root, indent=2, ensure_ascii=False) + "\n"


def file_models(platforms: Sequence[Platform]) -> dict[str, type[BaseModel]]:
    """Return the model of each file, by the file's name without its ending."""
    return {
        "redline": redline_model(platforms),
        "feeds": files.FeedsFile,
        "rules": files.RulesFile,
        "people": files.PeopleFile,
        "places": files.PlacesFile,
    }


class _Generator(GenerateJsonSchema):
    """Titles that only repeat the key are left out; defaults are written as people write them."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def bool_schema(self, schema: core_schema.BoolSchema) -> dict[str, Any]:
        words = {"type": "string", "pattern": _TRUE_OR_FALSE}
        digit = {"type": "integer", "minimum": 0, "maximum": 1}
        return {"anyOf": [super().bool_schema(schema), words, digit]}

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, timedelta):
            return duration_text(dft)
        return super().encode_default(dft)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        made = super().default_schema(schema)
        if made.get("default") is None or isinstance(made["default"], (dict, list)):
            made.pop("default", None)
        return made


def _tidied(definition: dict[str, Any], all_definitions: dict[str, Any]) -> dict[str, Any]:
    """Let nothing be written exactly where `load` lets it: in a section or list of comments."""
    required = definition.get("required", ())
    for key, said in definition.get("properties", {}).items():
        if "description" in said:
            said["description"] = one_line(said["description"])
        if _NOTHING in said.get("anyOf", ()):
            said["anyOf"].remove(_NOTHING)
        elif "default" not in said and key not in required and _holds(said, all_definitions):
            about = {k: said.pop(k) for k in ("description",) if k in said}
            definition["properties"][key] = {"anyOf": [said, _NOTHING], **about}
    return definition


def _holds(said: dict[str, Any], all_definitions: dict[str, Any]) -> bool:
    """Say whether what is described is a section, a list, or one thing in place of a list."""
    named = all_definitions.get(said.get("$ref", "").rsplit("/", 1)[-1], said)
    kinds = named.get("anyOf", [named])
    return any(kind.get("type") in ("array", "object") for kind in kinds)

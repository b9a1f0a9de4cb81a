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

_REF = "#/definitions/{model}"


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
    """Let sections and lists be empty, as `load` does: their lines may all be commented out."""
    properties = definition.get("properties", {})
    for key, said in properties.items():
        named = all_definitions.get(said.get("$ref", "").rsplit("/", 1)[-1], said)
        if named.get("type") in {"array", "object"} and "default" not in said:
            described = {k: said.pop(k) for k in ("description",) if k in said}
            properties[key] = {"anyOf": [said, {"type": "null"}], **described}
    return definition

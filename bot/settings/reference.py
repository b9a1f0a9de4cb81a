"""The tables of docs/settings.md, from the models that check the files: they cannot lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import time, timedelta
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.ports import Platform
from bot.settings.schema import file_models
from bot.settings.sections import secret_paths
from bot.settings.values import duration_text
from bot.text import one_line


def reference(platforms: Sequence[Platform]) -> str:
    """Return every key of every file, and every variable of the environment, as Markdown."""
    parts = [
        f"### {name}.yaml\n\n{_table(_rows(model))}"
        for name, model in file_models(platforms).items()
    ]
    return "\n".join([*parts, f"### The environment\n\n{_variables(platforms)}"])


def _table(rows: Iterator[tuple[str, str, str]]) -> str:
    head = "| key | default | meaning |\n|---|---|---|\n"
    return head + "".join(f"| `{key}` | {default} | {said} |\n" for key, default, said in rows)


def _rows(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        key = f"{above}{field.alias or name}"
        inner = _inner(field.annotation)
        if inner is None:
            yield key, _default(field), _meaning(field)
            continue
        holder = next((kind for kind in (list, dict) if isinstance(field.default, kind)), None)
        below = {None: f"{key}.", list: f"{key}[].", dict: f"{key}.NAME."}[holder]
        yield from _rows(inner, below)


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for part in get_args(annotation) if (inner := _inner(part))), None)


def _meaning(field: FieldInfo) -> str:
    said = one_line(f"{field.description or ''}{_choices(field.annotation)}")
    return said.replace("|", "\\|")


def _choices(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return f" One of {', '.join(f'`{choice}`' for choice in annotation)}."
    return ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    default = field.default
    if default is None or default in ([], {}, ()):
        return "—"
    return f"`{_written(default)}`"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return duration_text(value)
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


def _variables(platforms: Sequence[Platform]) -> str:
    rows = ["| `REDLINE_CONFIG` | the folder of the settings, where `--config` is not given |\n"]
    secrets = secret_paths(platforms)
    for platform in platforms:
        for field in fields(platform.options):
            name, said = field.metadata.get("env"), field.metadata.get("help", "")
            if name and (platform.name, field.name) in secrets:
                rows.append(f"| `{name}`, or `{name}_FILE` | {said} |\n")
            elif name:
                rows.append(f"| `{name}` | {said} Over `{platform.name}.{field.name}`. |\n")
    return "| variable | meaning |\n|---|---|\n" + "".join(rows)

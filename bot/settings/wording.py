"""What pydantic finds wrong with a file, in words for the person who wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.logs import tells_secret
from bot.settings.problems import Problem, suggestion
from bot.settings.values import shown
from bot.settings.yaml_lines import Document, Path
from bot.text import one_line

_Said = tuple[str, str]
_EMPTY = ("is empty", "Write a value, or remove the key; # begins a comment")


def problems_of(
    document: Document,
    model: type[BaseModel],
    error: ValidationError,
    secrets: Mapping[Path, str],
) -> Iterator[Problem]:
    """Say each thing that pydantic found.

    Args:
        document: the file, with the places of its keys.
        model: the model that the file was checked against.
        error: what pydantic found.
        secrets: the paths of keys that are secrets, with the variable that holds each.
    """
    for details in error.errors():
        path = _as_written(document, tuple(part for part in details["loc"] if part != "[key]"))
        unknown = details["type"] == "extra_forbidden"
        if unknown and (variables := _meant_secrets(path, secrets)):
            advice = f"Put it in the environment, or in the file .env, as {' or '.join(variables)}"
            yield document.problem(path, "is a secret and cannot stand in a file", advice)
        else:
            what, advice = _said(details, _model_at(model, path[:-1]))
            yield document.problem(path, what, advice)


def _as_written(document: Document, path: Path) -> Path:
    """Return the path of a value that stands alone where there could be a list of them."""
    alone = path and path[-1] == 0 and path not in document.values
    return path[:-1] if alone else path


def _meant_secrets(path: Path, secrets: Mapping[Path, str]) -> Sequence[str]:
    """Return the variables of the secrets that an unknown key can mean, by its name."""
    key = str(path[-1])
    if path in secrets or key.upper() in secrets.values():
        return [secrets.get(path, key.upper())]
    if not tells_secret(key):
        return []
    near = [variable for at, variable in secrets.items() if at[:-1] == path[:-1]]
    return near or list(secrets.values())


def say(error: ValidationError) -> _Said:
    """Say the first thing that is wrong with a single value, and what to do."""
    return _said(error.errors()[0], BaseModel)


def _said(details: ErrorDetails, model: type[BaseModel]) -> _Said:
    kind = details["type"]
    context = details.get("ctx", {})
    if kind == "missing":
        return "is missing", _help(model, str(details["loc"][-1]))
    if kind == "extra_forbidden":
        return "is not a key here", _meant(model, str(details["loc"][-1]))
    if details["input"] in ("", [""]):
        return _EMPTY
    if kind == "refused":
        return context["what"], context["advice"]
    if kind in {"model_type", "model_attributes_type"}:
        return f"must be a mapping, not {_kind_of(details['input'])}", _begun(details, model)
    words = _WORDS.get(kind)
    return words(details["input"], context) if words else (details["msg"].lower(), "")


def _model_at(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model that checks what lies at a path."""
    for part in path:
        known = {field.alias or name: field for name, field in model.model_fields.items()}
        if part in known:
            model = _inner(known[str(part)].annotation) or model
    return model


def _inner(annotation: Any) -> type[BaseModel] | None:
    """Return the model within an annotation such as `list[RuleItem]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_inner(argument) for argument in get_args(annotation))
    return next((inner for inner in found if inner), None)


def _meant(model: type[BaseModel], key: str) -> str:
    """Return advice on an unknown key; the code's own name of a key leads to what people write."""
    own = model.model_fields.get(key)
    return f"Did you mean {own.alias}?" if own and own.alias else suggestion(key, _keys(model))


def _begun(details: ErrorDetails, model: type[BaseModel]) -> str:
    """Return how a mapping is written that is none yet: the file itself, a section, an item."""
    if not details["loc"]:
        return f"Begin the file with a key: {' or '.join(_keys(model))}"
    inner = _model_at(model, details["loc"][-1:])
    needed = [name for name, field in inner.model_fields.items() if field.is_required()]
    asked = f"; it needs {' and '.join(needed)}" if needed else ""
    return f"Write lines of key: value, a space after each colon{asked}"


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _help(model: type[BaseModel], key: str) -> str:
    field = next((f for n, f in model.model_fields.items() if key in {n, f.alias}), None)
    return one_line(field.description or "").removesuffix(".") if field else ""


# --- One sentence for each kind of mistake ----------------------------------------------------


def _kind_of(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else shown(str(value))


def _not_text(value: Any, _context: Mapping[str, Any]) -> _Said:
    advice = _split_by_a_space(value) or "A text with { [ or : in it stands in quotes"
    return f"must be a text, not {_kind_of(value)}", advice


def _not_list(value: Any, _context: Mapping[str, Any]) -> _Said:
    advice = "Write each item on its own line, indented, after a hyphen"
    return f"must be a list, not {_kind_of(value)}", _split_by_a_space(value) or advice


def _split_by_a_space(value: Any) -> str:
    """Return advice where `slack: '#desk'` stands in place of `slack:#desk`."""
    parts = list(value.items()) if isinstance(value, dict) else []
    if len(parts) == 1 and isinstance(parts[0][1], str):
        return f"Without the space after the colon it is a text: {':'.join(parts[0])}"
    return ""


def _not_mapping(value: Any, _context: Mapping[str, Any]) -> _Said:
    advice = "Write indented lines of key: value, a space after each colon"
    return f"must be a mapping, not {_kind_of(value)}", advice


def _not_choice(value: Any, context: Mapping[str, Any]) -> _Said:
    known = re.findall(r"'([^']+)'", str(context.get("expected", "")))
    near = suggestion(str(value), known)
    return f"cannot be {_kind_of(value)}", near


def _not_whole(value: Any, _context: Mapping[str, Any]) -> _Said:
    return f"must be a whole number, not {_kind_of(value)}", "Write digits only"


def _not_truth(value: Any, _context: Mapping[str, Any]) -> _Said:
    return f"must be true or false, not {_kind_of(value)}", ""


def _too_small(value: Any, context: Mapping[str, Any]) -> _Said:
    return f"is too small: {_kind_of(value)}", f"It must be {context['ge']} or more"


def _too_large(value: Any, context: Mapping[str, Any]) -> _Said:
    return f"is too large: {_kind_of(value)}", f"It must be {context['le']} or less"


def _empty(_value: Any, _context: Mapping[str, Any]) -> _Said:
    return _EMPTY


def _odd_text(value: Any, _context: Mapping[str, Any]) -> _Said:
    return f"cannot be {_kind_of(value)}", "docs/settings.md shows how it is written"


_WORDS: Mapping[str, Callable[[Any, Mapping[str, Any]], _Said]] = {
    "string_type": _not_text,
    "list_type": _not_list,
    "tuple_type": _not_list,
    "dict_type": _not_mapping,
    "enum": _not_choice,
    "literal_error": _not_choice,
    "int_type": _not_whole,
    "int_parsing": _not_whole,
    "int_parsing_size": _not_whole,
    "int_from_float": _not_whole,
    "bool_type": _not_truth,
    "bool_parsing": _not_truth,
    "greater_than_equal": _too_small,
    "less_than_equal": _too_large,
    "too_short": _empty,
    "string_too_short": _empty,
    "string_pattern_mismatch": _odd_text,
    "time_delta_type": _not_text,
    "time_type": _not_text,
    "ip_any_network": _not_text,
    "is_instance_of": _not_text,
}

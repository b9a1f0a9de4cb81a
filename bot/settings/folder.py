"""The files of the folder: read, and checked each as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path as FilePath
from typing import Any, TypeVar, get_origin

import pydantic
from pydantic import BaseModel, ValidationError

from bot.logs import holds_token
from bot.settings.problems import Problem, Problems, nearest
from bot.settings.wording import problems_of
from bot.settings.yaml_lines import Document, Path, read

M = TypeVar("M", bound=BaseModel)

FILES = ("redline.yaml", "feeds.yaml", "rules.yaml", "people.yaml", "places.yaml")


def read_folder(
    folder: FilePath, problems: Problems, secrets: Collection[Path] = ()
) -> Mapping[str, Document]:
    """Read the five files; those that are not there are as if empty.

    Args:
        folder: the folder they are in.
        problems: where to note what is wrong with them as YAML.
        secrets: the keys of redline.yaml that are secrets, of which `checked` tells.
    """
    if not folder.is_dir():
        problems.add(_no_folder(folder))
        return {name: Document(name) for name in FILES}
    names = sorted(path.name for path in folder.iterdir())
    if not set(FILES) & set(names):
        advice = f"It should hold {', '.join(FILES)}"
        problems.add(Problem(file=str(folder), what="has no settings in it", advice=advice))
    problems.add(*_strangers(names))
    return {name: _read(folder / name, problems, secrets) for name in FILES}


def _no_folder(path: FilePath) -> Problem:
    if path.exists():
        advice = f"Name the folder that holds {', '.join(FILES)}"
        return Problem(file=str(path), what="is a file, not a folder", advice=advice)
    advice = "Name the folder with --config or REDLINE_CONFIG"
    return Problem(file=str(path), what="there is no such folder", advice=advice)


def _strangers(names: list[str]) -> Iterator[Problem]:
    """Find YAML files that nobody would read, because their names are a little wrong."""
    for name in names:
        if name.endswith((".yaml", ".yml")) and name not in FILES:
            near = nearest(name, FILES)
            advice = f"Did you mean {near}?" if near else f"Files here are {', '.join(FILES)}"
            yield Problem(file=name, what="is not a file of the settings", advice=advice)


def _read(path: FilePath, problems: Problems, secrets: Collection[Path]) -> Document:
    try:
        document = read(path.name, path.read_bytes())
    except FileNotFoundError:
        return Document(path.name)
    except OSError as error:
        problems.add(Problem(file=path.name, what=f"cannot be read: {error.strerror}"))
        return Document(path.name)
    tokens = _tokens(document, (), document.data)
    problems.add(*document.problems, *(p for at, p in tokens if at not in secrets))
    return document


def _tokens(document: Document, path: Path, value: Any) -> Iterator[tuple[Path, Problem]]:
    """Find tokens, wherever they stand, with their paths; the message has nothing of them."""
    if isinstance(value, str) and holds_token(value):
        what = "holds something that looks like a token or a webhook address"
        advice = "Secrets come from the environment or .env only; take it out, and renew it"
        yield path, document.problem(path, what, advice)
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    if isinstance(value, (dict, list)):
        for key, item in inner:
            yield from _tokens(document, (*path, key), item)


def checked(
    document: Document, model: type[M], problems: Problems, secrets: Mapping[Path, str] = {}
) -> M:
    """Return what the file says; the defaults, with the problems noted, where it is wrong."""
    data = document.data if document.data != "" else {}
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.add(*problems_of(document, model, error, secrets))
        return model()


def items(document: Document, key: str, model: type[M]) -> list[tuple[Path, M]]:
    """Return the items of a list, each with its path, without the parts that are wrong.

    What is wrong in itself is told by `checked`; what is left of an item is still compared with the
    others, so that one mistake does not hide the next. What is needed and not there is empty.
    """
    listed = document.data.get(key) if isinstance(document.data, dict) else None
    wanting = _wanting(model)
    salvaged = [_salvaged(item, wanting) for item in (listed if isinstance(listed, list) else ())]
    return [((key, n), item) for n, item in enumerate(salvaged) if item is not None]


def texts(document: Document, key: str) -> dict[str, str]:
    """Return the texts of a mapping that are right in themselves, by their names."""
    listed = document.data.get(key) if isinstance(document.data, dict) else None
    named = listed.items() if isinstance(listed, dict) else ()
    return {n: text.strip() for n, text in named if isinstance(text, str) and text.strip()}


@cache
def _wanting(model: type[M]) -> type[M]:
    """Return the model of an item in which nothing is needed."""
    empty: dict[str, Any] = {
        name: (field.rebuild_annotation(), [] if get_origin(field.annotation) is list else "")
        for name, field in model.model_fields.items()
        if field.is_required()
    }
    return pydantic.create_model(f"Wanting{model.__name__}", __base__=model, **empty)


def _salvaged(item: Any, wanting: type[M]) -> M | None:
    if not isinstance(item, dict):
        return None
    try:
        return wanting.model_validate(item)
    except ValidationError as error:
        wrong = {details["loc"][0] for details in error.errors() if details["loc"]}
    return wanting.model_validate({k: v for k, v in item.items() if k not in wrong})

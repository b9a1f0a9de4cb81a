"""The sections of the chat platforms: made from each platform's own options, filled, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from functools import reduce
from ipaddress import ip_address
from operator import or_
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import pydantic
from pydantic import BaseModel, ValidationError

from bot.model import Secret
from bot.ports import Platform
from bot.settings.addresses import Port, endpoint
from bot.settings.environment import secret
from bot.settings.files import File, RedlineFile
from bot.settings.problems import Problem, Problems, nearest
from bot.settings.values import Duration, Text
from bot.settings.wording import say
from bot.settings.yaml_lines import Path


def redline_model(platforms: Sequence[Platform]) -> type[RedlineFile]:
    """Return the model of redline.yaml with a section for each platform."""
    sections: dict[str, Any] = {p.name: _section_field(p) for p in platforms}
    return pydantic.create_model("RedlineFile", __base__=RedlineFile, **sections)


def secret_paths(platforms: Sequence[Platform]) -> Mapping[Path, str]:
    """Return the keys of redline.yaml that are secrets, with the variable that holds each."""
    return {
        (platform.name, field.name): field.metadata.get("env", field.name.upper())
        for platform in platforms
        for field in fields(platform.options)
        if _is_secret(platform, field)
    }


def options(
    platform: Platform, section: BaseModel, environment: Mapping[str, str], problems: Problems
) -> Any:
    """Return the platform's options from its section and the environment, which wins."""
    values = {name: getattr(section, name) for name in section.model_fields_set}
    for field in fields(platform.options):
        name = field.metadata.get("env")
        if name is None:
            continue
        found = (
            _secret(name, environment)
            if _is_secret(platform, field)
            else _plain(type(section), field, environment)
        )
        if isinstance(found, Problem):
            problems.add(found)
        elif found is not None:
            values[field.name] = found
            problems.warn(*_odd_token(name, field, found))
    problems.warn(*_in_clear(platform, values))
    return _made(platform, values, problems)


def _odd_token(name: str, field: Field[Any], value: Any) -> Iterator[Problem]:
    """Find a token that does not look like its kind; the platform has the last word on it."""
    begins = field.metadata.get("begins", ())
    if begins and isinstance(value, Secret) and not value.reveal().startswith(begins):
        what = f"does not begin with {' or '.join(begins)}"
        advice = field.metadata.get("help", "").removesuffix(".")
        yield Problem(file="environment", key=name, what=what, advice=advice)


def _in_clear(platform: Platform, values: Mapping[str, Any]) -> Iterator[Problem]:
    """Find addresses of another machine to which a token would go unencrypted."""
    for name, value in values.items():
        parts = urlsplit(value) if isinstance(value, str) and name.endswith("_url") else None
        if parts and parts.scheme in {"http", "ws"} and not _on_this_machine(parts.hostname or ""):
            what = f"sends the token unencrypted to {parts.hostname}"
            advice = f"Write {parts.scheme}s:// where the other end can"
            key = f"{platform.name}.{name}"
            yield Problem(file="redline.yaml", key=key, what=what, advice=advice)


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def mistaken(platforms: Sequence[Platform], environment: Mapping[str, str]) -> Iterator[Problem]:
    """Find variables that nobody reads, and that were probably meant for one that is not set.

    Other programs have variables that begin alike, so that only what is like one of ours is told.
    """
    plain = {
        "REDLINE_CONFIG",
        *(f.metadata.get("env", "") for p in platforms for f in fields(p.options)),
    }
    known = {*plain, *(f"{name}_FILE" for name in secret_paths(platforms).values())}
    beginnings = ("REDLINE_", *(f"{platform.name.upper()}_" for platform in platforms))
    for name in sorted(environment.keys() - known):
        near = nearest(name, known) if name.upper().startswith(beginnings) else None
        if near and near.removesuffix("_FILE") not in environment and near not in environment:
            advice = f"Did you mean {near}?"
            yield Problem(file="environment", key=name, what="is read by nobody", advice=advice)


def _made(platform: Platform, values: Mapping[str, Any], problems: Problems) -> Any:
    """Return the options, or None where one that has no default is not given."""
    missing = [f for f in fields(platform.options) if _required(f) and f.name not in values]
    for field in missing:
        key = f"{platform.name}.{field.name}"
        advice = field.metadata.get("help", "")
        problems.add(Problem(file="redline.yaml", key=key, what="is missing", advice=advice))
    return None if missing else platform.options(**values)


def _secret(name: str, environment: Mapping[str, str]) -> Secret | Problem | None:
    found = secret(name, environment)
    return Secret(found) if isinstance(found, str) else found


def _plain(section: type[BaseModel], field: Field[Any], environment: Mapping[str, str]) -> Any:
    """Return the value of an option from the environment, a Problem, or None."""
    name = field.metadata["env"]
    given: Any = environment.get(name, "").strip()
    if not given:
        return None
    if get_origin(section.model_fields[field.name].annotation) in {tuple, list}:
        given = [item.strip() for item in given.split(",")]
    try:
        return getattr(section.model_validate({field.name: given}), field.name)
    except ValidationError as error:
        what, advice = say(error)
        return Problem(file="environment", key=name, what=what, advice=advice)


def _section_field(platform: Platform) -> tuple[Any, Any]:
    hints = get_type_hints(platform.options)
    kept: dict[str, Any] = {
        field.name: (_kind(field, hints[field.name]), _default(field))
        for field in fields(platform.options)
        if not _is_secret(platform, field)
    }
    section = pydantic.create_model(
        f"{platform.name.capitalize()}Section",
        __base__=File,
        __doc__=f"How {platform.name} is reached. Its secrets come from the environment only.",
        **kept,
    )
    described = pydantic.Field(default=section(), description=section.__doc__)
    return section, described


def _default(field: Field[Any]) -> Any:
    """Return the field for a section; what is required is asked for once the options are made."""
    default = field.default
    if field.default_factory is not MISSING:
        default = field.default_factory()
    unset = None if default is MISSING else default
    return pydantic.Field(default=unset, description=field.metadata.get("help"))


def _kind(field: Field[Any], hint: Any) -> Any:
    """Return the type that checks what is written for an option of the given type.

    An option is an address or a port by its name; an address is one of the web, where the option
    does not say otherwise as its `schemes`.
    """
    if get_origin(hint) in {Union, UnionType}:
        return reduce(or_, (_kind(field, part) for part in get_args(hint)))
    if hint is str and field.name.endswith("_url"):
        return endpoint(*field.metadata.get("schemes", ("http", "https")))
    if hint is int and field.name.endswith("_port"):
        return Port
    return {str: Text, timedelta: Duration}.get(hint, hint)


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _is_secret(platform: Platform, field: Field[Any]) -> bool:
    hint = get_type_hints(platform.options)[field.name]
    return hint is Secret or (
        Secret in get_args(hint) and set(get_args(hint)) <= {Secret, NoneType}
    )

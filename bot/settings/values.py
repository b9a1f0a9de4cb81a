"""The kinds of value that settings hold, with what people write and what editors accept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time, timedelta
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.errors import SettingsError
from bot.settings.problems import nearest


def refuse(what: str, advice: str = "") -> PydanticCustomError:
    """Return the error that says what is wrong with a value, and what to do about it."""
    context = {"what": what, "advice": advice}
    return PydanticCustomError("refused", "{what}", context)


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

_NAME = re.compile(r"\w[\w.-]{0,63}")


def _name(value: Any) -> Any:
    if isinstance(value, str) and not _NAME.fullmatch(value.strip()):
        raise refuse(
            f"cannot be {shown(value)}",
            "A name is up to 64 letters, digits, hyphens, dots and underscores, without spaces",
        )
    return value


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1),
    BeforeValidator(_name),
    WithJsonSchema({"type": "string", "pattern": r"^\S{1,64}$"}),
]

_PREFIX = re.compile(r"[a-z0-9_-]{0,20}")


def _prefix(value: Any) -> Any:
    if isinstance(value, str) and not _PREFIX.fullmatch(value.strip()):
        raise refuse(
            f"cannot be {shown(value)}",
            "A prefix is up to 20 small letters a-z, digits, hyphens and underscores",
        )
    return value


CommandPrefix = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    BeforeValidator(_prefix),
    WithJsonSchema({"type": "string", "pattern": r"^[a-z0-9_-]{0,20}$"}),
]
"""Both platforms take 32 characters for a name; the longest of ours has 7."""

# --- Durations --------------------------------------------------------------------------------

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(?:\d+[smhd])+")
_PART = re.compile(r"(\d+)([smhd])")


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    written = value.replace(" ", "").lower()
    if not _DURATION.fullmatch(written) or len(written) > 20:
        raise refuse(
            f"cannot be {shown(value)}",
            "Write a number and its unit: 90s, 5m, 6h, 1d",
        )
    try:
        return sum(
            (timedelta(**{_UNITS[u]: int(n)}) for n, u in _PART.findall(written)), timedelta()
        )
    except OverflowError:
        raise refuse(f"cannot be {shown(value)}", "That is too long a time") from None


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema(
        {"type": "string", "pattern": r"^( *\d+ *[smhdSMHD])+ *$", "examples": ["90s", "5m", "6h"]}
    ),
]


def read_duration(text: str) -> timedelta:
    """Read a duration as settings write it: `90s`, `5m`, `6h`, `1d`.

    Raises:
        SettingsError: it is none.
    """
    try:
        found: timedelta = _duration(text)
    except PydanticCustomError as error:
        context = error.context or {}
        raise SettingsError(text, "is not a duration", advice=str(context["advice"])) from None
    return found


def at_least(least: timedelta) -> AfterValidator:
    """Return the check that a duration is not shorter than `least`."""

    def check(value: timedelta) -> timedelta:
        if value < least:
            raise refuse(
                f"is too short: {duration_text(value)}",
                f"It must be {duration_text(least)} or more",
            )
        return value

    return AfterValidator(check)


def duration_text(duration: timedelta) -> str:
    """Write a duration as settings do, in the largest unit that says it exactly."""
    seconds = int(duration.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


# --- Times of day, time zones -----------------------------------------------------------------

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


def _time(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not (found := _TIME.fullmatch(value.strip())):
        raise refuse(f"cannot be {shown(value)}", "Write a time of day as 08:00 or 18:30")
    return time(int(found[1]), int(found[2]))


TimeOfDay = Annotated[
    time,
    BeforeValidator(_time),
    WithJsonSchema({"type": "string", "pattern": r"^([01]?\d|2[0-3])[:.][0-5]\d$"}),
]


@cache
def _zones() -> frozenset[str]:
    """Return all time zones; finding them means walking through a tree of files."""
    return frozenset(available_timezones())


def _zone(value: Any) -> Any:
    known = _zones()
    if isinstance(value, str) and value not in known:
        near = nearest(value, known)
        advice = f"Did you mean {near}?" if near else "Write it as Europe/Brussels or UTC"
        raise refuse(f"{shown(value)} is not a time zone", advice)
    return value


TimeZone = Annotated[
    str,
    BeforeValidator(_zone),
    WithJsonSchema({"type": "string", "examples": ["UTC", "Europe/Brussels", "America/New_York"]}),
]

# --- Addresses --------------------------------------------------------------------------------

_Check = Callable[[Any], Any]


def _url(*schemes: str) -> _Check:
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            parts = urlsplit(value.strip())
            host, _port = parts.hostname, parts.port
        except ValueError:
            raise refuse("is not an address", f"Write {wanted}host/path") from None
        if "@" in parts.netloc:
            raise refuse("has a name or password in the address", "Remove what stands before the @")
        if parts.scheme.lower() not in schemes or not host or re.search(r"\s", value.strip()):
            raise refuse(f"cannot be {shown(value)}", f"An address begins with {wanted}")
        return value.strip()

    return check


_WEB = WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://"})
WebAddress = Annotated[str, BeforeValidator(_url("http", "https")), _WEB]
Endpoint = Annotated[
    str,
    BeforeValidator(_url("http", "https", "ws", "wss")),
    WithJsonSchema({"type": "string", "format": "uri", "pattern": "^(https?|wss?)://"}),
]


def _contact(value: Any) -> Any:
    if not isinstance(value, str) or re.fullmatch(
        r"[^\s@:/()]+@[^\s@()]+\.[^\s@()]+", value.strip()
    ):
        return value
    return _url("http", "https")(value)


Contact = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[\x21-\x7e]*$"),
    BeforeValidator(_contact),
    WithJsonSchema(
        {"type": "string", "examples": ["https://example.org/about-our-bot", "press@example.org"]}
    ),
]


def _network(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        meant = ip_network(value.strip(), strict=False)
    except ValueError:
        advice = "Write it as 10.1.2.0/24 or fd00:1234::/48"
        raise refuse(f"{shown(value)} is not a network", advice) from None
    if ip_address(value.partition("/")[0].strip()) != meant.network_address:
        raise refuse(f"{shown(value)} is an address in a network", f"Did you mean {meant}?")
    return meant


Network = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(_network),
    WithJsonSchema({"type": "string", "examples": ["10.1.2.0/24", "fd00:1234::/48"]}),
]

# --- One or many ------------------------------------------------------------------------------


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) and value.strip() else value


Channels = Annotated[
    list[Text],
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^[^:]+:.+"},
                {
                    "type": "array",
                    "items": {"type": "string", "pattern": "^[^:]+:.+"},
                    "minItems": 1,
                },
            ]
        }
    ),
]

_PERSON = {"type": "string", "pattern": "^[^:]+:[A-Za-z0-9_-]+$"}
People = Annotated[
    list[Text],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [_PERSON, {"type": "array", "items": _PERSON}]}),
]


def shown(value: str) -> str:
    """Show a value in a message: short, and quoted where it would be lost in the sentence."""
    short = value if len(value) <= 60 else f"{value[:59]}…"
    return repr(short) if not short.strip() or " " in short else short

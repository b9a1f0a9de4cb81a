"""The kinds of value that settings hold, with what people write and what editors accept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.errors import SettingsError
from bot.feeds.naming import LANGUAGE, is_language
from bot.settings.problems import nearest


def refuse(what: str, advice: str = "") -> PydanticCustomError:
    """Return the error that says what is wrong with a value, and what to do about it."""
    context = {"what": what, "advice": advice}
    return PydanticCustomError("refused", "{what}", context)


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1),
    # A text of digits is a number to an editor, and what it looks like to us.
    WithJsonSchema({"type": ["string", "number"], "pattern": r"\S"}),
]

_NAME = re.compile(r"\w[\w.-]{0,63}")
# The same for ASCII, and nearly so for others: JavaScript's \w is ASCII alone.
_NAME_IN_EDITORS = r"^ *[^\x00-\x2f:-@\[-^`{-\x7f][^\x00-,/:-@\[-^`{-\x7f]{0,63} *$"


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
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": _NAME_IN_EDITORS},
                {"type": "number", "minimum": 0},
            ]
        }
    ),
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
    WithJsonSchema({"type": ["string", "integer", "null"], "pattern": r"^ *[a-z0-9_-]{0,20} *$"}),
]
"""Both platforms take 32 characters for a name; the longest of ours has 7."""

# --- Durations --------------------------------------------------------------------------------

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(?:\d+[smhd])+")
_IN_WORDS = re.compile(r"(\d{1,9})(sec(?:ond)?s?|min(?:ute)?s?|h(?:ou)?rs?|days?)")
_PART = re.compile(r"(\d+)([smhd])")


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    written = value.replace(" ", "").lower()
    if not _DURATION.fullmatch(written) or len(written) > 20:
        meant = _IN_WORDS.fullmatch(written)
        near = f"Did you mean {meant[1]}{meant[2][0]}? " if meant else ""
        raise refuse(
            f"cannot be {shown(value)}",
            f"{near}Write a number and its unit: 90s, 5m, 6h, 1d",
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


_TIME_OF_DAY = {"type": "string", "pattern": r"^ *([01]?\d|2[0-3])[:.][0-5]\d *$"}
TimeOfDay = Annotated[time, BeforeValidator(_time), WithJsonSchema(_TIME_OF_DAY)]


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

# --- Files and languages ------------------------------------------------------------------------


def _database(value: Any) -> Any:
    if isinstance(value, str) and "://" in value:
        # Such an address may hold a password, so nothing of it is shown.
        raise refuse("is an address, not the path of a file", "Write it as data/redline.db")
    return value


DatabaseFile = Annotated[
    Text,
    BeforeValidator(_database),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "pattern": r"^(?!.*://).*\S",
            "examples": ["data/redline.db"],
        }
    ),
]


def _language(value: Any) -> Any:
    if isinstance(value, str) and not is_language(value.strip()):
        raise refuse(f"cannot be {shown(value)}", "Write its code, such as en, ar or pt-BR")
    return value.strip() if isinstance(value, str) else value


Language = Annotated[
    str,
    BeforeValidator(_language),
    WithJsonSchema(
        {"type": "string", "pattern": f"^ *{LANGUAGE} *$", "examples": ["en", "ar", "pt-BR"]}
    ),
]


# --- One or many ------------------------------------------------------------------------------


def listed(value: Any) -> Any:
    """Return a single text as a list of it, and all else as it is."""
    return [value] if isinstance(value, str) and value.strip() else value


def one_or_many(item: Mapping[str, Any], least: int = 0) -> WithJsonSchema:
    """Return the schema of one item, or of a list of at least `least`."""
    many = {"type": "array", "items": item, "minItems": least}
    return WithJsonSchema({"anyOf": [item, many]})


_CHANNEL = {"type": "string", "pattern": "^[^:]+:[^,]+$"}
Channels = Annotated[list[Text], BeforeValidator(listed), one_or_many(_CHANNEL)]
SomeChannels = Annotated[
    list[Text], BeforeValidator(listed), Field(min_length=1), one_or_many(_CHANNEL, 1)
]

_PERSON = {"type": "string", "pattern": "^[^:]+:[A-Za-z0-9_ -]+$"}
People = Annotated[list[Text], BeforeValidator(listed), one_or_many(_PERSON)]

TimesOfDay = Annotated[
    list[TimeOfDay], BeforeValidator(listed), Field(min_length=1), one_or_many(_TIME_OF_DAY, 1)
]


def shown(value: str) -> str:
    """Show a value in a message: short, and quoted where it would be lost in the sentence."""
    short = value if len(value) <= 60 else f"{value[:59]}…"
    return repr(short) if not short.strip() or " " in short else short

"""The kinds of value that settings hold, with what people write and what editors accept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time, timedelta
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.errors import SettingsError
from bot.feeds.naming import LANGUAGE, is_language
from bot.settings.problems import nearest
from bot.text import LONGEST_LINK, safe_link


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

# --- Addresses --------------------------------------------------------------------------------

_Check = Callable[[Any], Any]
_WEB = ("http", "https")
# A host with a dot in it and what follows, without a scheme or after that of feed readers.
_BARE_ADDRESS = re.compile(r"(?:feed:)?(?://)?((?:[\w-]+\.)+[\w-]+(?::\d+)?(?:[/?#].*)?)")


def _url(*schemes: str) -> _Check:
    """Return the check that a text is an address with one of the schemes, the surest one last."""
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = value.strip()
        try:
            parts = urlsplit(text)
            host, _port = parts.hostname, parts.port
        except ValueError:
            raise refuse("is not an address", f"Write {wanted}host/path") from None
        if "@" in parts.netloc:
            raise refuse("has a name or password in the address", "Remove what stands before the @")
        if re.search(r"\s", text):
            advice = (
                "An address such as https://host/path has none: write it as %20, or take it out"
            )
            raise refuse("has a space in the address", advice)
        if parts.scheme.lower() not in schemes:
            advice = _meant(text, schemes) or f"An address begins with {wanted}"
            raise refuse(_cannot_be(text), advice)
        if not host:
            raise refuse(f"{_cannot_be(text)}: it names no host", f"Write {wanted}host/path")
        return text

    return check


def _cannot_be(text: str) -> str:
    # What stands before an @ may be a password, also where the rest is no address.
    return "is not an address" if "@" in text else f"cannot be {shown(text)}"


def _meant(text: str, schemes: Sequence[str]) -> str:
    """Return advice with the address that was probably meant, "" where that cannot be told."""
    scheme, separator, rest = text.partition("://")
    if "@" in text:
        return ""
    if separator and scheme == "feed":
        return f"Did you mean {schemes[-1]}://{rest}?"
    if separator:
        near = nearest(scheme, schemes)
        return f"Did you mean {near}://{rest}?" if near else ""
    bare = _BARE_ADDRESS.fullmatch(text)
    return f"Did you mean {schemes[-1]}://{bare[1]}?" if bare else ""


def _in_any_case(word: str) -> str:
    """Return the pattern of a word in large or small letters; JSON Schema has no flag for it."""
    return "".join(f"[{letter.upper()}{letter}]" for letter in word)


def _web_address(value: Any) -> Any:
    checked = _url(*_WEB)(value)
    if isinstance(checked, str) and safe_link(checked) is None:
        advice = f"Look at the name of the host; an address has {LONGEST_LINK:,} characters at most"
        raise refuse(f"cannot be {shown(checked)}", advice)
    return checked


WebAddress = Annotated[
    str,
    BeforeValidator(_web_address),
    WithJsonSchema(
        {"type": "string", "format": "uri", "pattern": f"^ *{_in_any_case('http')}[Ss]?://"}
    ),
]


def endpoint(*schemes: str) -> Any:
    """Return the type of an address to which paths are added, with one of the schemes."""
    check = _url(*schemes)

    def base(value: Any) -> Any:
        checked = check(value)
        if isinstance(checked, str) and re.search(r"[?#]", checked):
            raise refuse("has a ? or # in the address", "Leave out what stands from there on")
        return checked

    pattern = f"^ *({'|'.join(map(_in_any_case, schemes))})://[^?#]*$"
    said = WithJsonSchema({"type": "string", "format": "uri", "pattern": pattern})
    return Annotated[str, BeforeValidator(base), said]


Port = Annotated[int, Field(ge=1, le=65535)]

_MAIL = re.compile(r"[^\s@:/()]+@[^\s@()]+\.[^\s@()]+")


def _contact(value: Any) -> Any:
    if not isinstance(value, str) or _MAIL.fullmatch(value.strip()):
        return value
    mail = value.strip().removeprefix("mailto:")
    if _MAIL.fullmatch(mail):
        raise refuse(f"cannot be {shown(value)}", f"Did you mean {mail}?")
    if re.search(r"\s", mail):
        raise refuse(f"cannot be {shown(value)}", "Give the address of a page, or a mail address")
    return _url(*_WEB)(value)


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


_NETWORK = {"type": "string", "examples": ["10.1.2.0/24", "fd00:1234::/48"]}
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network), WithJsonSchema(_NETWORK)]

# --- One or many ------------------------------------------------------------------------------


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) and value.strip() else value


def _one_or_many(item: Mapping[str, Any], least: int = 0) -> WithJsonSchema:
    many = {"type": "array", "items": item, "minItems": least}
    return WithJsonSchema({"anyOf": [item, many]})


_CHANNEL = {"type": "string", "pattern": "^[^:]+:[^,]+$"}
Channels = Annotated[list[Text], BeforeValidator(_listed), _one_or_many(_CHANNEL)]
SomeChannels = Annotated[
    list[Text], BeforeValidator(_listed), Field(min_length=1), _one_or_many(_CHANNEL, 1)
]

_PERSON = {"type": "string", "pattern": "^[^:]+:[A-Za-z0-9_ -]+$"}
People = Annotated[list[Text], BeforeValidator(_listed), _one_or_many(_PERSON)]

Networks = Annotated[list[Network], BeforeValidator(_listed), _one_or_many(_NETWORK)]
TimesOfDay = Annotated[
    list[TimeOfDay], BeforeValidator(_listed), Field(min_length=1), _one_or_many(_TIME_OF_DAY, 1)
]


def shown(value: str) -> str:
    """Show a value in a message: short, and quoted where it would be lost in the sentence."""
    short = value if len(value) <= 60 else f"{value[:59]}…"
    return repr(short) if not short.strip() or " " in short else short

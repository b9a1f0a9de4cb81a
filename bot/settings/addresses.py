"""The addresses that settings hold: of pages, endpoints, people and networks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from bot.settings.problems import nearest
from bot.settings.values import listed, one_or_many, refuse, shown
from bot.text import LONGEST_LINK, safe_link

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
Networks = Annotated[list[Network], BeforeValidator(listed), one_or_many(_NETWORK)]

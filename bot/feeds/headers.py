"""What addresses and the heads of answers say, read without trust."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from yarl import URL

from bot.feeds.guard import without_credentials

LONGEST_REST = timedelta(hours=24)
"""The longest that a publisher can have itself left alone, whatever its Retry-After says."""

LONGEST_HEADER = 1024
"""Characters of the longest validator that is kept; honest ones have some forty."""

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_USERINFO = re.compile(r"//.*@")


def shown(address: str) -> str:
    """Return an address without its credentials, whether or not it can be read as one."""
    try:
        url = URL(address)
    except ValueError:
        return _USERINFO.sub("//", address)
    return str(without_credentials(url)) if url.host else _USERINFO.sub("//", address)


def has_credentials(address: str) -> bool:
    """Whether `address` carries a user or a password."""
    url = URL(address)
    return bool(url.user or url.password)


def basic_auth(url: URL) -> str | None:
    """Return the Authorization header for the credentials in `url` (RFC 7617, in UTF-8)."""
    if not (url.user or url.password):
        return None
    pair = f"{url.user or ''}:{url.password or ''}".encode()
    return f"Basic {base64.b64encode(pair).decode('ascii')}"


def host_key(url: URL) -> str:
    """Return what a publisher's limits are counted by: the host, and the port where it is odd."""
    odd = "" if url.is_default_port() else f":{url.port}"
    return f"{(url.raw_host or '').rstrip('.')}{odd}"


def plain(headers: Mapping[str, str], name: str) -> str | None:
    """Return a header that can be kept and sent back, None where it is missing, odd or long.

    A byte beyond ASCII in an ETag could be neither stored nor sent again, and would stop the feed
    for good.
    """
    text = headers.get(name, "")
    good = text.isascii() and text.isprintable() and len(text) <= LONGEST_HEADER
    return text if text and good else None


def read_retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read a Retry-After (RFC 9110 10.2.3), seconds or a date, into a time of at most a day.

    Returns None where there is none, where it makes no sense, and where its time is over.
    """
    text = headers.get("Retry-After", "").strip()
    rest = timedelta(seconds=int(text[:9])) if text.isdecimal() else _until(text, now)
    return min(rest, LONGEST_REST) if rest is not None and rest > timedelta(0) else None


def _until(text: str, now: datetime) -> timedelta | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) - now


def read_max_age(headers: Mapping[str, str]) -> timedelta | None:
    """Read the max-age of a Cache-Control header (RFC 9111 5.2.2.1)."""
    found = _MAX_AGE.search(headers.get("Cache-Control", ""))
    return timedelta(seconds=int(found[1])) if found else None


def status_said(status: int, headers: Mapping[str, str]) -> str:
    """Say what a status means for whoever looks after the feed."""
    # https://developers.cloudflare.com/cloudflare-challenges/ : the header marks their page.
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return f"the publisher asks visitors to prove that they are human (status {status})"
    if status in _MEANINGS:
        return f"{_MEANINGS[status]} (status {status})"
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "no known meaning"
    return f"the publisher answered with status {status}, {phrase}"


_MEANINGS = {
    401: "the publisher asks for a user name and password",
    403: "the publisher refuses us",
    404: "there is nothing at this address",
    410: "the publisher has taken this away for good",
    429: "the publisher says that we ask too often",
    503: "the publisher is too busy",
}


def seconds(span: timedelta) -> str:
    """Write a time span for a person, such as `90 s` or `15 min`."""
    whole = round(span.total_seconds())
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"

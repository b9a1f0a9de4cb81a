"""The many ways in which publishers write a time, into one: aware, and in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from dateutil import parser as dateutil

_FIRST_YEAR = 1990  # Nothing was published in a feed before there was a web.
_LONGEST = 100
_MOST_DIGITS = 6
# RFC 822 knows the zones of North America only; of names that mean two, the commoner one in news.
_ZONES = {
    "WET": "+0000", "WEST": "+0100", "BST": "+0100", "CET": "+0100", "MEZ": "+0100",
    "CEST": "+0200", "MESZ": "+0200", "EET": "+0200", "SAST": "+0200", "EEST": "+0300",
    "MSK": "+0300", "TRT": "+0300", "GST": "+0400", "PKT": "+0500", "IST": "+0530",
    "WIB": "+0700", "HKT": "+0800", "SGT": "+0800", "AWST": "+0800", "JST": "+0900",
    "KST": "+0900", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300",
    "BRT": "-0300", "ART": "-0300", "AST": "-0400", "ADT": "-0300", "AKST": "-0900",
    "AKDT": "-0800", "HST": "-1000", "UTC": "+0000", "Z": "+0000",
}  # fmt: skip
# The year stands last in "Mon Mar 2 08:30:00 CET 2026".
_ZONE = re.compile(r"\s([A-Z]{1,4})(?=(?:\s\d{4})?\s*\Z)")
# What is not written in a time is taken from these: where they show, a part of the day is missing.
_FILLED = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2001, 2, 2, tzinfo=UTC))


def read_date(written: str, *, zone: tzinfo | None = UTC) -> datetime | None:
    """Return the time that is meant, in UTC; None where no day is named, or one before the web.

    Args:
        written: the time as its publisher wrote it.
        zone: that of a time which names none; None, and such a time is none.
    """
    written = written.strip()
    if not written or len(written) > _LONGEST:
        return None
    written = _ZONE.sub(lambda named: f" {_ZONES.get(named[1], named[1])}", written)
    try:
        read = _iso(written) or _mail(written) or _loose(written)
        read = read if read.tzinfo else read.replace(tzinfo=zone)
        return plausible(read.astimezone(UTC)) if read.tzinfo else None
    except (ValueError, OverflowError, TypeError):
        return None


def plausible(time: datetime) -> datetime | None:
    """Return a time that may be one of publication, None where it is the zero of some clock."""
    return time if time.year >= _FIRST_YEAR else None


def _iso(written: str) -> datetime | None:
    """Read RFC 3339 and most of ISO 8601."""
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def _mail(written: str) -> datetime | None:
    """Read RFC 822 and what is nearly that."""
    try:
        return parsedate_to_datetime(written)
    except (ValueError, TypeError):
        return None


def _loose(written: str) -> datetime:
    """Read what is clearly a day, in whatever order it is written."""
    one, other = (dateutil.parse(written, default=filled) for filled in _FILLED)
    if one != other:
        raise ValueError("not a whole day")
    return datetime.combine(one.date(), one.timetz())


def minutes(written: str) -> timedelta | None:
    """Return a ttl of RSS, which is in minutes; None where it is no number or beyond reason."""
    written = written.strip()
    if not written.isdecimal() or len(written) > _MOST_DIGITS:
        return None
    return timedelta(minutes=int(written))

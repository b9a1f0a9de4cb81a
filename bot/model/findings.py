"""What `redline check` says."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Verdict(enum.StrEnum):
    """How one thing that `redline check` looked at stands."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `redline check`: what was looked at, how it stands, what to do about it."""

    about: str
    verdict: Verdict
    said: str
    advice: str = ""

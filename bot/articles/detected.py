"""What a detector of languages says of a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Detected:
    """A language by the detector's own code, and its share of the text in percent."""

    code: str
    share: int

"""CLD3 (https://github.com/google/cld3), by cld3-py.

It is not as ready as CLD2 to say that it does not know, nor that a text is in two languages, and
makes up for it by being asked three times: for the whole, and for each half.
"""

from __future__ import annotations

from typing import Final

import gcld3

from bot.articles.detected import Detected

_MOST_BYTES: Final = 100_000
"""More than any text has that is looked at."""

_PROBABLE: Final = 0.7
"""What CLD3 itself calls reliable (kReliabilityThreshold in nnet_language_identifier.cc)."""


def detected(words: str) -> Detected | None:
    """Return the language that CLD3 finds in the whole and in both halves, or None."""
    text = words.encode("utf-8", "ignore").decode()
    half = len(text) // 2
    detector = gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=_MOST_BYTES)
    found = {_sure(detector, part) for part in (text, text[:half], text[half:])}
    code = found.pop()
    return Detected(code, share=100) if code and not found else None


def _sure(detector: gcld3.NNetLanguageIdentifier, text: str) -> str | None:
    result = detector.FindLanguage(text)
    return str(result.language) if result.probability >= _PROBABLE else None

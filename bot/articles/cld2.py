"""CLD2 (https://github.com/CLD2Owners/cld2), by pycld2."""

from __future__ import annotations

import pycld2

from bot.articles.detected import Detected


def detected(words: str) -> Detected | None:
    """Return the language that CLD2 is sure of, or None."""
    try:
        reliable, _, languages = pycld2.detect(words.encode("utf-8", "ignore"))
    except pycld2.error:  # raised for bytes that it takes for no text at all
        return None
    _, code, share, _ = languages[0]
    if not reliable or code == "un" or code.startswith("xx"):
        return None
    return Detected(code, share)

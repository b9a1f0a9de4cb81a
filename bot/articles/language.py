"""The language of a text that names none, or that names the wrong one.

CLD2 was chosen of four libraries because it knows when it does not know: docs/evaluation.md has the
figures. It has no wheels for Python 3.14 and newer, where CLD3 takes its place. Both are libraries
of C++ that read a stranger's text, so `guessed` runs in the sandbox with the rest of the reading.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

import regex

if sys.version_info >= (3, 14):
    from bot.articles.cld3 import detected
else:
    from bot.articles.cld2 import detected

ENOUGH: Final = 120
"""Texts of fewer letters are not looked at; CLD2 mistakes one in fifty of half that length."""

PLENTY: Final = 400
"""Only a text of so many letters can contradict what its publisher says of it."""

_MOST: Final = 4_000
"""So many characters tell as much as all of them."""

_SHARE: Final = 60
"""The first language must have so many of a hundred bytes: a text in two has no language."""

_SURE: Final = 90
_NO_WORDS: Final = regex.compile(r"[^\p{L}\p{M}\s'’.,-]+")
_LETTER: Final = regex.compile(r"\p{L}")
_UNSPACED: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]")
# CLD2 gives some languages their old codes, or one of a pair that readers do not tell apart.
_CODES: Final = {"iw": "he", "jw": "jv", "in": "id", "ji": "yi", "zh-Hant": "zh"}
# A publisher who says the first may well write what is taken for the second.
_ALIKE: Final = (
    frozenset({"no", "nb", "nn", "da"}),
    frozenset({"sr", "hr", "bs", "sh", "sr-ME"}),
    frozenset({"id", "ms"}),
    frozenset({"gl", "pt", "es"}),
    frozenset({"cs", "sk"}),
    frozenset({"zh", "yue", "zh-Hant"}),
    frozenset({"fa", "prs", "tg"}),
    frozenset({"tl", "fil"}),
)


@dataclass(frozen=True, slots=True)
class Guess:
    """The language that a text seems to be in; `sure` where it may contradict its publisher."""

    language: str
    sure: bool


def guessed(text: str) -> Guess | None:
    """Return the language of clean text as a tag of BCP 47, None where it cannot be told."""
    letters = _letters(text)
    if letters < ENOUGH:
        return None
    found, share = _detected(text)
    if found is None or share < _SHARE:
        return None
    return Guess(found, sure=letters >= PLENTY and share >= _SURE)


def settled(declared: str | None, guess: Guess | None) -> str | None:
    """Return the language that is believed of what a publisher declared and what the text shows.

    What is declared stands, with its region, unless the text is long and clearly in another
    language: templates that say `en` on every page are common, and `lang:` would miss all of them.
    """
    if guess is None:
        return declared
    if declared and (not guess.sure or _agree(guess.language, declared)):
        return declared
    return guess.language


def _letters(text: str) -> int:
    """Return about how many letters `text` would have in an alphabet."""
    some = text[:_MOST]
    return len(_LETTER.findall(some)) + 2 * len(_UNSPACED.findall(some))


def _detected(text: str) -> tuple[str | None, int]:
    """Return the language that the text shows, and its share of the text in percent."""
    found = detected(_NO_WORDS.sub(" ", text[:_MOST]))
    return (_CODES.get(found.code, found.code), found.share) if found else (None, 0)


def _agree(found: str, declared: str) -> bool:
    primary = regex.split("[-_]", declared.lower())[0]
    pair = {_CODES.get(primary, primary), regex.split("-", found)[0]}
    return len(pair) == 1 or any(pair <= alike for alike in _ALIKE)

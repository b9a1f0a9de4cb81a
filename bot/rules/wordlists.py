"""The word lists in lists/: read once, when the first name or place is read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.rules.fold import fold_letters

_FOLDER = Path(__file__).with_name("lists")


def lines(name: str) -> list[str]:
    """Return the lines of a file in lists/ that are neither empty nor comments."""
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def groups(name: str) -> dict[str, frozenset[str]]:
    """Return the labelled lines of a file (`label: word word`) as sets of folded words."""
    pairs = (line.partition(":") for line in lines(name))
    return {
        label: frozenset(fold_letters(word) for word in words.split()) for label, _, words in pairs
    }


@cache
def given_names() -> frozenset[str]:
    """Return common given names, folded."""
    return frozenset().union(*groups("given_names.txt").values())


@cache
def given_names_of(gender: str) -> frozenset[str]:
    """Return the given names that only `male` or only `female` people bear."""
    known = groups("given_names.txt")
    other = "female" if gender == "male" else "male"
    return known[gender] - known[other]


@cache
def same_given_names() -> dict[str, frozenset[str]]:
    """Return for each folded given name those that stand for it, itself included."""
    same: dict[str, frozenset[str]] = {}
    for line in lines("nicknames.txt"):
        group = frozenset(fold_letters(name) for name in line.split())
        for name in group:
            same[name] = same.get(name, frozenset()) | group
    return same


@cache
def titles() -> frozenset[str]:
    """Return words that name an office or rank, folded, those of women among them."""
    known = groups("words_before_names.txt")
    return known["titles"] | known["women"] | known["men"]


@cache
def no_names() -> frozenset[str]:
    """Return words that are no given name though they may be capitalised before a surname."""
    known = groups("words_before_names.txt")
    return known["common"] | known["calendar"]

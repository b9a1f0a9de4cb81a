"""What a YAML parser's complaint means in these files, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from bot.settings.problems import Problem

_BLOCK = "Put the whole text on the next line, indented, after a >- (see docs/settings.md)"
_QUOTED_HEAD = re.compile(r"""^\s*(?:- +)?[\w-]+: +(?:"[^"]*"|'[^']*')\s*\S""")
# What is told at the place where it began; the parser notices at its end.
_BEGUN = re.compile(r"quoted scalar|flow sequence|flow mapping")
_KEY = re.compile(r"\s*(?:- +)?[\w-]+:$")
_RESERVED = re.compile(r"[@`%]")
_CHANNEL = re.compile(r":\s+(?:#|\d{15})")
# Spaces that look like one and are none to YAML, and a colon that looks like one.
_ODD_HEAD = re.compile(r"^[ -]*([\u00a0\u2000-\u200d\u202f\u205f\u3000\ufeff])|^[ -]*[\w-]+(：)")
_BROKEN_OFF = re.compile(r"[\[{][^\]}]*(?:\s#|$)")

# A part of what the parser says (libyaml's words and PyYAML's own), and what we say instead.
_MEANINGS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "there is a colon with a space after it where none can be",
        f"Line the keys up; a text with such a colon in it stands in quotes. {_BLOCK}",
    ),
    (
        "could not find expected ':'",
        "there is no colon after the key, or a text goes on without being indented",
        f"Write key: value. {_BLOCK}",
    ),
    (
        "while scanning a quoted scalar",
        "a quotation mark is opened and never closed",
        "Close it, or put the text in the other kind of quotes",
    ),
    ("unknown escape", "a \\ in double quotes begins no known sign", "Use single quotes"),
    (
        "flow node",
        "a list that began with [ or a mapping that began with { is broken off",
        "Close it; a # after a space begins a comment, so a text with one stands in quotes",
    ),
    ("flow sequence", "a list that began with [ is not closed", "Close it with ]"),
    ("flow mapping", "a mapping that began with { is not closed", "Close it with }"),
    (
        "single document",
        "--- begins a second document",
        "One file holds one document; remove the line",
    ),
    (
        "block scalar",
        "text stands beside the > or | that begins a block",
        "Begin the text on the next line, indented",
    ),
    (
        "'-' indicator",
        "the line is not indented as its list is",
        "Indent the keys of one item alike, and begin each item with -",
    ),
    (
        "block mapping",
        "the line is not indented as its neighbours are",
        "Indent the keys of one mapping alike, with spaces",
    ),
)


def explain(file: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """Say what the parser's error means, at the place where the person will find it."""
    mark = error.problem_mark or error.context_mark
    if _BEGUN.search(str(error.context)) and error.context_mark:
        mark = error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = [*text.splitlines(), ""]
    line = min(line, len(lines) - 1)
    if "flow node" in str(error.context):
        line, column = _broken_off(lines, line, column)
    for at in (line, line - 1):
        if at >= 0 and (odd := _ODD_HEAD.search(lines[at])):
            return _odd_head(file, at, odd)
    what, advice = _meaning(lines[line], column, f"{error.context or ''} {error.problem or ''}")
    return Problem(file=file, line=line + 1, column=column + 1, what=what, advice=advice)


def _broken_off(lines: Sequence[str], line: int, column: int) -> tuple[int, int]:
    """Return where the list began that the parser found broken off, maybe lines later."""
    for at in range(line, -1, -1):
        if begun := _BROKEN_OFF.search(lines[at]):
            return at, begun.start()
    return line, column


def _odd_head(file: str, line: int, odd: re.Match[str]) -> Problem:
    """Tell of a sign that cannot be told from the right one by looking at it."""
    sign = odd[1] or odd[2]
    meant = "colon" if odd[2] else "space"
    column = odd.start(1 if odd[1] else 2) + 1
    what = f"U+{ord(sign):04X} stands here, which looks like a {meant} and is none to YAML"
    return Problem(
        file=file, line=line + 1, column=column, what=what, advice=f"Type an ordinary {meant}"
    )


def _meaning(shown: str, column: int, said: str) -> tuple[str, str]:
    """Return what is wrong, and what to do, from the line, the column and the parser's words."""
    here = shown[column : column + 1]
    if here == "\t" or "\t" in shown[: len(shown) - len(shown.lstrip())]:
        return "the line is indented with a tab", "Use spaces"
    if "cannot start any token" in said and _RESERVED.match(here):
        return (
            f"a text cannot begin with {here} in YAML",
            "Put the whole text in single quotes",
        )
    if "block mapping" in said and _QUOTED_HEAD.match(shown):
        return (
            "the value begins with quotes, so YAML ends it where they close",
            _BLOCK,
        )
    if "mapping values" in said and _CHANNEL.match(shown[column:]):
        return (
            "there is a space after the colon of a channel",
            "Write the channel without it, such as slack:#redline",
        )
    if "mapping values" in said and _KEY.match(shown[: column + 1]):
        return (
            "the line is not indented as its neighbours are, or the one before it has no colon",
            "Indent the keys of one mapping alike, and write each as key: value",
        )
    for words, what, advice in _MEANINGS:
        if words in said:
            return what, advice
    return f"this is not YAML: {said.strip()}", "Compare with the example in docs/settings.md"

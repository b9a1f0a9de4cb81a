"""What a YAML parser's complaint means in these files, and what to do about it."""

from __future__ import annotations

import re

import yaml

from bot.settings.problems import Problem

_BLOCK = "Put the whole text on the next line, indented, after a >- (see docs/settings.md)"
_QUOTED_HEAD = re.compile(r"""^\s*(?:- +)?[\w-]+: +(?:"[^"]*"|'[^']*')\s*\S""")
_KEY = re.compile(r"\s*(?:- +)?[\w-]+:$")
_RESERVED = re.compile(r"[@`%]")

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
    if "quoted scalar" in str(error.context) and error.context_mark:
        mark = error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.splitlines()
    shown = lines[line] if line < len(lines) else ""
    what, advice = _meaning(shown, column, f"{error.context or ''} {error.problem or ''}")
    return Problem(file=file, line=line + 1, column=column + 1, what=what, advice=advice)


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
    if "mapping values" in said and _KEY.match(shown[: column + 1]):
        return (
            "the line is not indented as its neighbours are, or the one before it has no colon",
            "Indent the keys of one mapping alike, and write each as key: value",
        )
    for words, what, advice in _MEANINGS:
        if words in said:
            return what, advice
    return f"this is not YAML: {said.strip()}", "Compare with the example in docs/settings.md"

"""YAML with the line of every key: the tree is composed, never constructed.

Scalars stay as they were written and the type of a setting decides what a word means. So `no` is
Norwegian where a language is asked for and false where a yes or no is, `08:30` is a time of day
(YAML 1.1 reads it as 510), and `1187500000000000000` is the id it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import yaml

from bot.settings.problems import Problem
from bot.settings.yaml_mistakes import explain

Path = tuple[str | int, ...]

# libyaml is ten times as fast; wheels of PyYAML carry it, a build from source may not.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST = 8 * 1024 * 1024
_DEEPEST = 20
# Characters of a key that are shown of it.
_LONGEST = 60
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# https://yaml.org/spec/1.2.2/#51-character-set, less the byte order mark inside the text.
_UNPRINTABLE = re.compile(
    r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; both count from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Document:
    """One file as it was written: strings, lists and mappings, with the place of each.

    `data` is "" where nothing is written. `marks` has the place of a key (of an item, in a list),
    `values` that of what it holds; `quoted` are the paths whose text stood in quotes that YAML took
    away, `literal` those whose text is a block that keeps its lines (|).
    """

    file: str
    data: Any = ""
    marks: dict[Path, Mark] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)
    quoted: set[Path] = field(default_factory=set)
    literal: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def problem(
        self, path: Path, what: str, advice: str = "", *, at_value: bool = False
    ) -> Problem:
        """Make a problem about a path, at its own place or at that of what it lies in."""
        mark = self.place(path, at_value=at_value)
        return Problem(
            file=self.file,
            what=what,
            key=written(path),
            line=mark.line if mark else None,
            column=mark.column if mark else None,
            advice=advice,
        )

    def place(self, path: Path, *, at_value: bool = False) -> Mark | None:
        """Return where a path stands, or what it lies in; None where it lies in the file alone."""
        places: Mapping[Path, Mark] = {**self.marks, **self.values} if at_value else self.marks
        known = (path[:n] for n in range(len(path), 0, -1))
        return next((places[part] for part in known if part in places), None)


def written(path: Path) -> str:
    """Write a path as people do: `rules[2].to`; items are counted from 1, long keys shortened."""
    said = ""
    for part in path:
        if isinstance(part, int):
            said += f"[{part + 1}]"
        else:
            said += (
                f"{'.' if said else ''}{part if len(part) <= _LONGEST else part[:_LONGEST] + '…'}"
            )
    return said


def read(file: str, raw: bytes) -> Document:
    """Read one file. What is wrong with it as YAML is among the document's problems."""
    document = Document(file)
    text = _decoded(document, raw)
    if text is None:
        return document
    try:
        document.problems.extend(_refused(file, text))
        node = None if document.problems else yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        document.problems.append(explain(file, text, error))
        return document
    if node is not None:
        document.data = _built(document, (), node)
    return document


def _decoded(document: Document, raw: bytes) -> str | None:
    """Return the text, or note why there is none."""
    file = document.file
    if len(raw) > _LARGEST:
        advice = "Is this the file you mean?"
        what = f"is larger than {_LARGEST // 1024 // 1024} MiB"
        document.problems.append(Problem(file=file, what=what, advice=advice))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        advice = "Save the file as UTF-8"
        document.problems.append(Problem(file=file, line=line, what="is not UTF-8", advice=advice))
        return None
    if odd := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        what = f"has the control character U+{ord(odd.group()):04X}"
        document.problems.append(Problem(file=file, line=line, what=what, advice="Remove it"))
        return None
    return text


def _refused(file: str, text: str) -> Iterator[Problem]:
    """Find what YAML allows and settings do not, before anything recursive sees the text."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        refusal = _refusal(event, depth)
        if refusal is not None:
            what, advice = refusal
            mark = _mark(event)
            yield Problem(file=file, line=mark.line, column=mark.column, what=what, advice=advice)
        if depth > _DEEPEST:
            return


def _refusal(event: yaml.Event, depth: int) -> tuple[str, str] | None:
    """Return what is wrong with one event, and what to do about it."""
    if depth > _DEEPEST:
        return f"lists and mappings lie more than {_DEEPEST} deep", "Close a bracket"
    if isinstance(event, yaml.AliasEvent):
        return (
            "YAML aliases (*name) are not used here",
            "Write the value out; a text that begins with * stands in single quotes",
        )
    if getattr(event, "anchor", None):
        return (
            "YAML anchors (&name) are not used here",
            "Write the value out; a text that begins with & stands in single quotes",
        )
    if getattr(event, "tag", None):
        return (
            "YAML tags (!name) are not used here",
            "A text that begins with ! stands in single quotes",
        )
    return None


def _mark(place: yaml.Event | yaml.Node) -> Mark:
    start = place.start_mark
    return Mark(start.line + 1, start.column + 1) if start else Mark(1, 1)


def _built(document: Document, path: Path, node: yaml.Node) -> Any:
    """Build plain data from a node, and note where each part of it stands."""
    mark = _mark(node)
    document.values[path] = mark
    document.marks.setdefault(path, mark)
    if isinstance(node, yaml.MappingNode):
        return _built_mapping(document, path, node)
    if isinstance(node, yaml.SequenceNode):
        return [_built(document, (*path, n), item) for n, item in enumerate(node.value)]
    style = getattr(node, "style", None)
    if style in {"'", '"'}:
        document.quoted.add(path)
    elif style == "|":
        document.literal.add(path)
    # libyaml calls the style of a plain scalar "", PyYAML's own parser None.
    return "" if not style and node.value in _NULLS else node.value


def _key_refusal(key: yaml.Node) -> tuple[str, str] | None:
    """Return what is wrong with a key that cannot be one, and what to do about it."""
    if not isinstance(key, yaml.ScalarNode):
        return "a list or mapping cannot be a key", "A text with [ or { in it stands in quotes"
    if key.value == "<<":
        return "YAML merge keys (<<) are not used here", "Write out what they stand for"
    return None


def _built_mapping(document: Document, path: Path, node: yaml.MappingNode) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for key, value in node.value:
        mark = _mark(key)
        refusal = _key_refusal(key)
        if refusal is not None:
            what, advice = refusal
            document.problems.append(replace(document.problem((), what, advice), **asdict(mark)))
            continue
        inner = (*path, key.value)
        if key.value in built:
            advice = "Keep one of them"
            what = f"stands here twice; first in line {document.marks[inner].line}"
            document.marks[inner] = mark
            document.problems.append(document.problem(inner, what, advice))
        document.marks[inner] = mark
        built[key.value] = _built(document, inner, value)
    return built

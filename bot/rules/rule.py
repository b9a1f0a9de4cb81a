"""A rule as a tree: what was written, and what it became when it was read.

The tree of a rule's text has `Term` leaves. Reading a rule replaces each of them by `Sought` (a
term with its seeker) or `Named` (a set with what it stands for); the other nodes stay the same.
Spans are half-open character spans in the rule's text and do not count when trees are compared.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.model import Person, Place, Rule, Span
from bot.rules.kinds import Seeker

NOWHERE = Span(0, 0)
NEAR_WORDS = 10
"""How many words may stand between the two sides of a NEAR or BEFORE that gives no number."""


class Scope(enum.StrEnum):
    """A part of an article that a clause can be confined to."""

    TITLE = "title"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for, as it was written.

    `lead` is what stands before the value: nothing for a keyword, `=`, `/`, `@`, or a word such as
    `name` or `name.strict`. `tail` is `*`, `+` or nothing.
    """

    lead: str
    value: str
    tail: str = ""
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    def written(self) -> str:
        """Return the term in the canonical form of the language."""
        if self.lead == "/":
            return f"/{self.value}/{self.tail}"
        if self.lead == "@":
            return f"@{self.value}"
        lead = self.lead if self.lead in {"", "="} else f"{self.lead}:"
        return f"{lead}{write_value(self.value)}{self.tail}"


def write_value(value: str) -> str:
    """Write a value bare where that reads back as the same value, else between quotes."""
    if _BARE.fullmatch(value) and not _RESERVED.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# What the grammar takes for a WORD.
_BARE = re.compile(r'[^\s()"“”„«»,:=@\\/*+<>-][^\s()"“”„«»,:=*+<>\\]*')
# Words that are not what they look like when they stand bare.
_RESERVED = re.compile(r"(?:and|or|not|near|AND|OR|NOT|WITH|OF|(?:NEAR|BEFORE)\W?\w*|count|\d.*)")


@dataclass(frozen=True, slots=True)
class Sought:
    """A term that has been read: what was written, and who finds it."""

    term: Term
    seeker: Seeker
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Named:
    """A set of the settings, with what it stands for."""

    name: str
    part: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; it gives no evidence."""

    part: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Near:
    """Both sides occur with at most `words` words between them; `ordered` wants left first."""

    left: Node
    right: Node
    words: int = NEAR_WORDS
    ordered: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class With:
    """Both sides occur in one sentence."""

    left: Node
    right: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `number` of the parts hold."""

    number: int
    parts: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Count:
    """The part occurs at least `number` times."""

    part: Node
    number: int
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Scoped:
    """The part holds of the title alone, or of the first three sentences of the text alone."""

    scope: Scope
    part: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Node = Term | Sought | Named | And | Or | Not | Near | With | AtLeast | Count | Scoped


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly under `node`, in the order in which they were written."""
    match node:
        case And() | Or() | AtLeast():
            return node.parts
        case Near() | With():
            return (node.left, node.right)
        case Not() | Count() | Scoped() | Named():
            return (node.part,)
        case Term() | Sought():
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything under it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)


def clauses(node: Node) -> tuple[tuple[str, ...], ...]:
    """Return the parts that must hold, each as the terms that may satisfy it, as they are written.

    What must be absent is none of them. Both sides of NEAR and WITH count; so does each part of
    `2 OF (…)`, as two of them tell more than one.
    """
    if isinstance(node, Sought):
        return ((node.seeker.written,),)
    if isinstance(node, Or):
        return (tuple(dict.fromkeys(_wanted(node))),)
    if isinstance(node, Not):
        return ()
    parts = node.parts if isinstance(node, And) else children(node)
    return tuple([clause for part in parts for clause in clauses(part)])


def _wanted(node: Node) -> Iterator[str]:
    if isinstance(node, Sought):
        yield node.seeker.written
    elif not isinstance(node, Not):
        for part in children(node):
            yield from _wanted(part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What rules may refer to: the people, the places, and the sets (name to text of a rule)."""

    people: tuple[Person, ...] = ()
    places: tuple[Place, ...] = ()
    sets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule that has been read. It holds where `when` holds and `unless` does not."""

    rule: Rule
    when: Node
    unless: Node | None = None

    @property
    def name(self) -> str:
        """Return the rule's name."""
        return self.rule.name

    @property
    def tree(self) -> Node:
        """Return the whole condition as one tree."""
        return self.when if self.unless is None else And((self.when, Not(self.unless)))

"""A fast way to read plain rules: words, phrases, names and the like under AND, OR, NOT, NEAR.

It reads what it is sure of and leaves everything else, mistakes included, to `bot.rules.read`; a
property test holds the two together. The grammar needs a millisecond for a rule; of a million
rules, nearly all are plain (issue 3).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import permutations
from typing import Final, NamedTuple

from bot.errors import RuleError
from bot.model import Rule
from bot.rules.index.needs import Clauses, needs
from bot.rules.kinds import Seeker
from bot.rules.read import MAX_NEAR
from bot.rules.rule import (
    NEAR_WORDS,
    And,
    CompiledRule,
    Names,
    Near,
    Node,
    Not,
    Or,
    Scope,
    Scoped,
    Sought,
    Term,
    With,
    walk,
)
from bot.rules.sense import EVERYWHERE, ONE_OF_A_KIND
from bot.rules.terms import KINDS, READS

MAX_LENGTH: Final = 400
"""A longer text is not plain: so short, no rule has too many terms or nests too deep."""
MAX_OPEN: Final = 8
_MEMO_SIZE: Final = 60_000

_END = r'(?=[\s()"]|$)'
VALUE = rf'(?:"[^"\\]*+"|[^\W\d_][\w.\'’&/-]*+)(?:[*+]|(?=[\s()]|$)){_END}'
# Before a quote, `AND` is left to the grammar, which counts the characters between two terms.
_OPERATOR = r"(?:AND|OR|NOT|WITH|(?:NEAR|BEFORE)(?:/\d{1,3})?)(?=[\s()]|$)"
_TOKEN = rf'[()]|{_OPERATOR}|(?:title|lead):(?=[^\W\d_]|[("])|(?:[a-z]+(?:\.[a-z]+)?:)?{VALUE}'
_TOKENS = re.compile(_TOKEN)
_PLAIN = re.compile(rf"(?:\s*+(?:{_TOKEN}))*+\s*+")
_NEARNESS = re.compile(r"(NEAR|BEFORE)(?:/(\d+))?|WITH")
_TERM = re.compile(r'(?:([a-z.]+):)?(?:"([^"]*)"|([^*+]*))([*+]?)')
# What the grammar refuses, or takes for something else.
RESERVED = re.compile(r"(?:and|or|not|near|OF|count|(?:NEAR|BEFORE).*)")
PLACED = frozenset(kind.name for kind in KINDS if kind.placed)
_SCOPES = {f"{scope}:": scope for scope in Scope}


class NotPlainError(Exception):
    """The text is not plain, or not right."""


class Leaf(NamedTuple):
    """A term that was read, with its phrases and their words.

    Terms that stand in no text have a phrase that no other kind of term has.
    """

    node: Sought
    phrases: frozenset[str]
    words: frozenset[str]


class PlainReader:
    """Reads plain rules; terms that it has read stay in mind for the next rule."""

    def __init__(self, names: Names) -> None:
        """Remember what rules may refer to. Phrases, most of them seen once, push out no words."""
        self._names = names
        self._leaves: dict[str, Leaf] = {}
        self._phrases: dict[str, Leaf] = {}

    def rule(self, rule: Rule) -> tuple[CompiledRule, Clauses] | None:
        """Return a rule that is plain and whose sense is beyond doubt, with what it needs.

        Where no phrase of a term stands in one of another, each term can be there or not whatever
        the others are; then a rule can match, and where it needs something, it does not match
        everything.
        """
        when, unless = self._texts(rule)
        if when is None or unless is None or not _independent(when.leaves + unless.leaves):
            return None
        needed = needs(when.node)
        return (_compiled(rule, when, unless), needed) if needed else None

    def tree(self, rule: Rule) -> CompiledRule | None:
        """Return a rule that is plain, else None; its sense is not judged."""
        when, unless = self._texts(rule)
        return None if when is None or unless is None else _compiled(rule, when, unless)

    def _texts(self, rule: Rule) -> tuple[_Read | None, _Read | None]:
        when = self._text(rule.when)
        return when, self._text(rule.unless) if rule.unless.strip() else _NOTHING

    def _text(self, text: str) -> _Read | None:
        if len(text) > MAX_LENGTH or text.count("(") > MAX_OPEN or not _PLAIN.fullmatch(text):
            return None
        for memo in (self._leaves, self._phrases):
            if len(memo) > _MEMO_SIZE:
                memo.clear()
        try:
            return _Text(_TOKENS.findall(text), self.leaf).whole()
        except (NotPlainError, RuleError):
            return None

    def leaf(self, token: str) -> Leaf:
        """Read one term.

        Raises:
            RuleError: it is wrong, or not plain.
        """
        memo = self._phrases if " " in token else self._leaves
        known = memo.get(token)
        if known is None:
            known = memo[token] = self._read(token)
        return known

    def _read(self, token: str) -> Leaf:
        match = _TERM.fullmatch(token)
        if match is None or RESERVED.fullmatch(token):
            raise NotPlainError
        lead, quoted, bare, tail = match.groups()
        term = Term(lead or "", bare if quoted is None else quoted, tail)
        kind = READS.get((term.lead, term.tail))
        if kind is None:
            raise NotPlainError
        seeker = kind.read(term, self._names)
        phrases = seeker.phrases() or frozenset({_stand_in(seeker)})
        words = frozenset(" ".join(phrases).split(" ")) - _NO_WORD
        return Leaf(Sought(term, seeker), phrases, words)


def _stand_in(seeker: Seeker) -> str:
    """Return a phrase for a term that has none; terms of which one can exclude another share it."""
    return f"\0{seeker.kind}" if seeker.kind in ONE_OF_A_KIND else f"\0{seeker.written}"


def _independent(leaves: list[Leaf]) -> bool:
    """Say whether no term tells anything of another, and none is in every article."""
    if any(leaf.words & _EVERYWHERE for leaf in leaves):
        if any(leaf.phrases & EVERYWHERE for leaf in leaves):
            return False
    elif len(frozenset[str]().union(*[leaf.words for leaf in leaves])) == sum(
        [len(leaf.words) for leaf in leaves]
    ):
        return True
    return not any(
        one in other
        for leaf, another in permutations(leaves, 2)
        for one in leaf.phrases
        for other in another.phrases
    )


class _Read(NamedTuple):
    """A tree and its leaves."""

    node: Node
    leaves: list[Leaf]


def _compiled(rule: Rule, when: _Read, unless: _Read) -> CompiledRule:
    return CompiledRule(rule, when.node, None if unless is _NOTHING else unless.node)


class _Text:
    """One text on its way to a tree, token by token, as the grammar has it."""

    def __init__(self, tokens: list[str], read: Callable[[str], Leaf]) -> None:
        self._tokens = [*tokens, ""]
        self._at = 0
        self._read = read
        self._leaves: list[Leaf] = []

    def whole(self) -> _Read:
        node = self._or()
        if self._tokens[self._at]:
            raise NotPlainError
        return _Read(node, self._leaves)

    def _or(self) -> Node:
        parts = [self._and()]
        while self._tokens[self._at] == "OR":
            self._at += 1
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Node:
        parts = [self._not()]
        while (token := self._tokens[self._at]) not in _ENDS_AND:
            if token == "AND":  # noqa: S105 - a token of the language
                self._at += 1
            elif _is_name(parts[-1]):
                raise NotPlainError
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self) -> Node:
        if self._tokens[self._at] == "NOT":
            self._at += 1
            return Not(self._not())
        return self._near()

    def _near(self) -> Node:
        left = self._item()
        while (token := self._tokens[self._at]) not in _NO_NEARNESS:
            match = _NEARNESS.fullmatch(token)
            if match is None:
                break
            self._at += 1
            left = _pair(match, left, self._item())
        return left

    def _item(self) -> Node:
        token = self._tokens[self._at]
        self._at += 1
        if token in _SCOPES:
            return Scoped(_SCOPES[token], _all_placed(self._item()))
        if token != "(":  # noqa: S105 - a token of the language
            if token in _NO_TERM or _NEARNESS.fullmatch(token):
                raise NotPlainError
            leaf = self._read(token)
            self._leaves.append(leaf)
            return leaf.node
        node = self._or()
        if self._tokens[self._at] != ")":
            raise NotPlainError
        self._at += 1
        return node


_ENDS_AND = frozenset({"", "OR", ")"})
_NO_NEARNESS = frozenset({"", "AND", "OR", "NOT", "(", ")"})
_NO_TERM = frozenset({"", "AND", "OR", "NOT", ")"})
_EVERYWHERE = frozenset(phrase.strip() for phrase in EVERYWHERE)
_NO_WORD: Final = frozenset({""})
_NOTHING: Final = _Read(Or(()), [])


def _pair(match: re.Match[str], left: Node, right: Node) -> Node:
    """Return the pair of an operator and its sides, which must stand somewhere."""
    if not (_stands(left) and _stands(right)):
        raise NotPlainError
    operator, number = match.groups()
    if operator is None:
        return With(left, right)
    is_number = isinstance(right, Sought) and right.term.value.isdigit()
    if int(number or 0) > MAX_NEAR or (number is None and is_number):
        raise NotPlainError
    return Near(left, right, int(number) if number else NEAR_WORDS, operator == "BEFORE")


def _is_name(node: Node) -> bool:
    """Say whether it is a name: what follows without AND may be the rest of it, without quotes."""
    return isinstance(node, Sought) and node.term.lead.startswith("name")


def _stands(node: Node) -> bool:
    """Say whether a clause stands somewhere in an article, as NEAR and WITH need."""
    match node:
        case Sought():
            return node.seeker.kind in PLACED
        case Or():
            return all(_stands(part) for part in node.parts)
        case Scoped():
            return _stands(node.part)
        case _:
            return isinstance(node, Near | With)


def _all_placed(node: Node) -> Node:
    """Return a clause that is confined to a part of the article."""
    if all(leaf.seeker.kind in PLACED for leaf in walk(node) if isinstance(leaf, Sought)):
        return node
    raise NotPlainError

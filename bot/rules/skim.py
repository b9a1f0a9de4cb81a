"""What the plainest rules need, straight from their texts: words and phrases under AND, NOT, NEAR.

No tree is made; one is read when an article makes it worth while. What is not sure to be a rule
that makes sense is left to `bot.rules.plain` and the grammar; a property test holds them together.
"""

from __future__ import annotations

import re
from typing import Final

from bot.errors import RuleError
from bot.model import Rule
from bot.rules.fold import plain_words
from bot.rules.index.draft import Gatherer
from bot.rules.index.needs import needs
from bot.rules.phrase import joins
from bot.rules.plain import MAX_LENGTH, PLACED, RESERVED, VALUE, NotPlainError, PlainReader
from bot.rules.read import MAX_NEAR
from bot.rules.rule import Names
from bot.rules.sense import EVERYWHERE

_MEMO_SIZE: Final = 60_000

_TERM: Final = rf"(?:(?:title|lead):)?(?:[a-z]+(?:\.[a-z]+)?:)?{VALUE}"
_ONE_TERM = re.compile(_TERM)
_SIMPLE: Final = r'(?:[A-Za-z]+|"[A-Za-z]+(?: [A-Za-z]+)*")'
_PAIR = re.compile(rf"({_TERM}) (?:(?:NEAR|BEFORE)/(\d{{1,3}})|WITH) ({_TERM})")
_CHOICE = re.compile(rf"\({_SIMPLE}(?: OR {_SIMPLE})+\)")
_NO_TERM = re.compile(rf"AND|OR|NOT|WITH|{RESERVED.pattern}")

# The clauses that something needs, the words that it is made of, and whether it stands somewhere.
_Part = tuple[tuple[int, ...], tuple[str, ...], bool]


class Skimmer:
    """Reads what rules need into a gatherer; terms stay in mind for the next rule."""

    def __init__(self, names: Names, gatherer: Gatherer) -> None:
        """Remember what rules may refer to. Phrases, most of them seen once, push out no words."""
        self._reader = PlainReader(names)
        self._gatherer = gatherer
        self._words: dict[str, _Part] = {}
        self._phrases: dict[str, _Part] = {}

    def needed(self, rule: Rule) -> list[int] | None:
        """Return the clauses that a rule needs, as numbers; None where it is not sure of the rule.

        Where no two terms share a word, none tells anything of another, and the rule makes sense if
        it needs something.
        """
        for memo in (self._words, self._phrases):
            if len(memo) > _MEMO_SIZE:
                memo.clear()
        words: list[str] = []
        needed = self._read(rule.when, words)
        if rule.unless and rule.unless.strip() and self._read(rule.unless, words) is None:
            return None
        return needed if len(set(words)) == len(words) else None

    def _read(self, text: str, words: list[str]) -> list[int] | None:
        """Return the clauses that a text needs; add its words to `words`."""
        if len(text) > MAX_LENGTH:
            return None
        needed: list[int] = []
        for written in text.split(" AND "):
            part = self._words.get(written) or self._part(written)
            if part is None:
                return None
            needed += part[0]
            words += part[1]
        return needed or None

    def _part(self, written: str) -> _Part | None:
        """Return what stands between two AND."""
        if written.startswith("NOT "):
            part = self._positive(written[4:])
            return ((), part[1], False) if part else None
        return self._positive(written)

    def _positive(self, written: str) -> _Part | None:
        if _ONE_TERM.fullmatch(written):
            return self._term(written)
        pair = _PAIR.fullmatch(written)
        if pair is not None:
            return self._pair(*pair.groups())
        return self._choice(written) if _CHOICE.fullmatch(written) else None

    def _pair(self, left: str, number: str | None, right: str) -> _Part | None:
        """Return a NEAR, BEFORE or WITH of two terms that stand somewhere."""
        one, other = self._term(left), self._term(right)
        if one is None or other is None or int(number or 0) > MAX_NEAR:
            return None
        return (one[0] + other[0], one[1] + other[1], True) if one[2] and other[2] else None

    def _choice(self, written: str) -> _Part | None:
        """Return an OR of words and phrases; any of them makes its clause true."""
        terms = [_simple(term) for term in written[1:-1].split(" OR ")]
        if not all(terms):
            return None
        clause = self._gatherer.new()
        for words in terms:
            self._gatherer.add_phrase(clause, words)
        return (clause,), tuple(word for words in terms for word in words), True

    def _term(self, written: str) -> _Part | None:
        memo = self._phrases if " " in written else self._words
        known = memo.get(written)
        if known is None:
            known = self._new_term(written)
            if known is not None:
                memo[written] = known
        return known

    def _new_term(self, written: str) -> _Part | None:
        scope, colon, scoped = written.partition(":")
        if colon and scope in {"title", "lead"}:
            part = self._term(scoped)
            return part if part and part[2] else None
        words = () if colon else _simple(written)
        if not words:
            return self._other_term(written)
        clause = self._gatherer.new()
        self._gatherer.add_phrase(clause, words)
        return (clause,), words, True

    def _other_term(self, written: str) -> _Part | None:
        """Return a name, a prefix, a long phrase or the like."""
        if _NO_TERM.fullmatch(written):
            return None
        try:
            leaf = self._reader.leaf(written)
        except (NotPlainError, RuleError):
            return None
        if leaf.phrases & EVERYWHERE:
            return None
        clauses = tuple(map(self._gatherer.clause, needs(leaf.node)))
        return clauses, tuple(leaf.words), leaf.node.seeker.kind in PLACED


def _simple(written: str) -> tuple[str, ...]:
    """Return the folded word or two words of a term, and what two are together; else nothing."""
    quoted = written[0] == '"'
    words = plain_words(written[1:-1] if quoted else written)
    if len(words) == 1:
        reserved = not quoted and _NO_TERM.fullmatch(written)
        return () if reserved or f" {words[0]} " in EVERYWHERE else (words[0],)
    if len(words) != 2:
        return ()
    first, second = words
    return (first, second, first + second) if joins(first, second) else (first, second)

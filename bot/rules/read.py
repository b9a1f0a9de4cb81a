"""From a rule's text to a rule that can be matched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rapidfuzz import process

from bot.errors import RuleError
from bot.model import Rule, Span
from bot.rules.kinds import Kind
from bot.rules.rule import (
    And,
    AtLeast,
    CompiledRule,
    Count,
    Named,
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
from bot.rules.sense import check_sense
from bot.rules.syntax import parse
from bot.rules.terms import KINDS, READS

MAX_TERMS: Final = 500
"""How many terms a rule may have, those of its sets included (issue 3)."""
MAX_PATTERNS: Final = 50
"""How many patterns a rule may have (issue 3)."""
MAX_NEAR: Final = 250
"""How many words NEAR and BEFORE may reach over: about a third of a newswire article."""
_SIMILAR: Final = 60
"""From this score of rapidfuzz (0 to 100) a known word is offered for an unknown one."""

_PLACED = {kind.name: kind.placed for kind in KINDS}


def read_rule(rule: Rule, names: Names) -> CompiledRule:
    """Read a rule.

    Raises:
        RuleError: it cannot be read, is over a limit, can never match, or matches everything. The
            error's `source` is the text that is wrong: `when`, `unless`, or that of a set.
    """
    when = read_text(rule.when, names)
    unless = read_text(rule.unless, names) if rule.unless.strip() else None
    check_sense(when, unless, rule.when)
    return CompiledRule(rule, when, unless)


def read_rules(rules: Sequence[Rule], names: Names) -> list[CompiledRule | RuleError]:
    """Read many rules; one that cannot be read is its error, in its place."""
    return [_read_or_error(rule, names) for rule in rules]


def _read_or_error(rule: Rule, names: Names) -> CompiledRule | RuleError:
    try:
        return read_rule(rule, names)
    except RuleError as error:
        return error


def read_text(text: str, names: Names) -> Node:
    """Read the text of a condition, of `except`, or of a set; its sense is not judged.

    Raises:
        RuleError: as `read_rule`.
    """
    node = _Reading(text, names, ()).node(parse(text))
    _check_size(node, text)
    return node


class _Reading:
    """The reading of one text; `opened` are the sets that led to it."""

    def __init__(self, source: str, names: Names, opened: tuple[str, ...]) -> None:
        self._source = source
        self._names = names
        self._opened = opened

    def node(self, node: Node) -> Node:
        """Return the node with its terms read."""
        match node:
            case Term():
                return self._term(node)
            case And() | Or() | AtLeast():
                read = replace(node, parts=tuple(self.node(part) for part in node.parts))
                return self._counted(read) if isinstance(read, AtLeast) else read
            case Not():
                return replace(node, part=self.node(node.part))
            case Near() | With():
                return self._pair(node)
            case Count():
                return self._count(node)
            case Scoped():
                return self._scoped(node)
            case Sought() | Named():
                return node

    def _term(self, term: Term) -> Node:
        if term.lead == "@":
            return self._set(term)
        kind = READS.get((term.lead, term.tail)) or self._unknown(term)
        try:
            return Sought(term, kind.read(term, self._names), term.span)
        except RuleError as error:
            raise self._error(error.problem, term.span, error.advice) from None

    def _unknown(self, term: Term) -> Kind:
        leads = {lead for lead, _ in READS}
        if term.lead in leads and term.lead != "/":
            raise self._error(
                f"{term.tail} has no meaning after {replace(term, tail='').written()}", term.span
            )
        known = sorted(
            f"{lead}:" for lead in [*leads, *Scope] if lead.isidentifier() or "." in lead
        )
        near = process.extractOne(f"{term.lead}:", known, score_cutoff=_SIMILAR)
        advice = f"Did you mean {near[0]}" if near else f"Known are {', '.join(known)}"
        quoted = f'or, for the words themselves, "{term.lead}:{term.value}"'
        raise self._error(f"{term.lead}: is no kind of term", term.span, f"{advice}, {quoted}")

    def _set(self, term: Term) -> Named:
        text = self._names.sets.get(term.value)
        if text is None:
            near = process.extractOne(term.value, list(self._names.sets), score_cutoff=_SIMILAR)
            advice = f"Did you mean @{near[0]}" if near else "Sets are defined in rules.yaml"
            raise self._error(f"there is no set @{term.value}", term.span, advice)
        if term.value in self._opened:
            circle = " in ".join(f"@{name}" for name in [term.value, *reversed(self._opened)])
            raise self._error(f"the set stands within itself: {circle}", term.span)
        inner = _Reading(text, self._names, (*self._opened, term.value))
        return Named(term.value, inner.node(parse(text)), term.span)

    def _counted(self, node: AtLeast) -> AtLeast:
        if node.number > len(node.parts):
            problem = f"can never match: {node.number} of {len(node.parts)} cannot hold"
            raise self._error(problem, node.span)
        if node.number == 0:
            raise self._error("matches everything: 0 of them always hold", node.span)
        return node

    def _pair(self, node: Near | With) -> Node:
        operator = "WITH" if isinstance(node, With) else "BEFORE" if node.ordered else "NEAR"
        if isinstance(node, Near) and node.words > MAX_NEAR:
            problem = (
                f"{operator}/{node.words} reaches too far; at most {MAX_NEAR} words are allowed"
            )
            raise self._error(problem, node.span, f"Write {operator}/{MAX_NEAR}, or AND")
        left, right = self.node(node.left), self.node(node.right)
        self._check_placed(left, operator, left.span)
        self._check_placed(right, operator, right.span)
        return replace(node, left=left, right=right)

    def _count(self, node: Count) -> Count:
        if node.number == 0:
            raise self._error("matches everything: a count is never below 0", node.span)
        part = self.node(node.part)
        self._check_placed(part, "count", part.span)
        return replace(node, part=part)

    def _scoped(self, node: Scoped) -> Scoped:
        part = self.node(node.part)
        for leaf in walk(part):
            if isinstance(leaf, Sought) and not _PLACED[leaf.seeker.kind]:
                problem = f"{leaf.term.written()} has no place within {node.scope}:"
                raise self._error(problem, leaf.span, f"Write it beside {node.scope}:, with AND")
        return replace(node, part=part)

    def _check_placed(self, node: Node, operator: str, span: Span) -> None:
        """Refuse what does not stand somewhere in an article; `span` is where to say so."""
        match node:
            case Or():
                for part in node.parts:
                    self._check_placed(part, operator, part.span)
            case Named():
                self._check_placed_set(node, operator)
            case Scoped():
                self._check_placed(node.part, operator, span)
            case Sought() if _PLACED[node.seeker.kind]:
                return
            case Near() | With():
                return
            case _:
                problem = f"{operator} needs terms that stand somewhere in the article"
                advice = "Give it a term, or terms in parentheses joined by OR"
                raise self._error(problem, span, advice)

    def _check_placed_set(self, named: Named, operator: str) -> None:
        try:
            self._check_placed(named.part, operator, named.span)
        except RuleError as error:
            raise self._error(error.problem, named.span, error.advice) from None

    def _error(self, problem: str, span: Span, advice: str = "") -> RuleError:
        return RuleError(problem, source=self._source, span=span, advice=advice)


def _check_size(node: Node, text: str) -> None:
    terms = [leaf for leaf in walk(node) if isinstance(leaf, Sought)]
    if len(terms) > MAX_TERMS:
        problem = f"has {len(terms)} terms; at most {MAX_TERMS} are allowed"
        raise RuleError(
            problem, source=text, span=(0, len(text)), advice="Make several rules of it"
        )
    patterns = [leaf for leaf in terms if leaf.term.lead == "/"]
    if len(patterns) > MAX_PATTERNS:
        problem = f"has {len(patterns)} patterns; at most {MAX_PATTERNS} are allowed"
        raise RuleError(problem, source=text, span=patterns[MAX_PATTERNS].span)

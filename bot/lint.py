"""`redline rules lint`: what an archive says of each rule, before it is trusted or thrown away.

Of each rule, how many articles it finds and how often each of its terms occurs; terms that never
occur; and rules that another rule makes needless, because it finds all of their articles for the
same channels.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from bot.model import Article, Rule
from bot.rules.evaluate import evaluate
from bot.rules.kinds import Seeker
from bot.rules.normal import NormalText, normalise
from bot.rules.rule import CompiledRule, Node, Not, Sought, children

FEWEST_SHADOWED: Final = 3
"""A rule that found fewer articles is not called needless: that may be chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermUse:
    """One term of a rule in the archive.

    `occurrences` counts places, `articles` the articles that have one; `excludes` says that the
    rule wants the term to be absent.
    """

    term: str
    occurrences: int
    articles: int
    excludes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUse:
    """One rule in the archive: how many articles it found, and its terms as they were written."""

    rule: str
    articles: int
    terms: tuple[TermUse, ...]

    @property
    def unheard(self) -> tuple[str, ...]:
        """Return the terms that never occur."""
        return tuple(use.term for use in self.terms if not use.occurrences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """The rule `rule` is needless beside `by`: all its `articles` are found and told there too.

    `twins` says that both found the same articles, so that either could go.
    """

    rule: str
    by: str
    articles: int
    twins: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """What an archive of so many `articles` says of the rules."""

    articles: int
    rules: tuple[RuleUse, ...]
    shadows: tuple[Shadow, ...]

    @property
    def silent(self) -> tuple[str, ...]:
        """Return the rules that found nothing."""
        return tuple(use.rule for use in self.rules if not use.articles)


def lint(rules: Sequence[CompiledRule], articles: Iterable[Article]) -> Lint:
    """Put all rules to all articles and say what became of them."""
    terms = {rule.name: _terms(rule) for rule in rules}
    tally = _Tally({seeker for uses in terms.values() for seeker, _ in uses})
    found: dict[str, set[int]] = {rule.name: set() for rule in rules}
    for normal in map(normalise, articles):
        for rule in rules:
            if evaluate(rule, normal) is not None:
                found[rule.name].add(tally.articles)
        tally.count(normal)
    return Lint(
        articles=tally.articles,
        rules=tuple(
            RuleUse(rule=name, articles=len(found[name]), terms=tuple(map(tally.use, uses)))
            for name, uses in terms.items()
        ),
        shadows=tuple(_shadows([rule.rule for rule in rules], found)),
    )


def json_of(report: Lint) -> str:
    """Write the report as one JSON object."""
    return json.dumps(asdict(report) | {"silent": report.silent}, ensure_ascii=False)


class _Tally:
    """How often terms occur; a term that several rules share is counted once."""

    def __init__(self, seekers: Iterable[Seeker]) -> None:
        self.articles = 0
        self._occurrences = dict.fromkeys(seekers, 0)
        self._having = dict.fromkeys(self._occurrences, 0)

    def count(self, normal: NormalText) -> None:
        """Count the terms in one more article."""
        self.articles += 1
        for seeker in self._occurrences:
            hits = len(normal.find(seeker))
            self._occurrences[seeker] += hits
            self._having[seeker] += bool(hits)

    def use(self, term: tuple[Seeker, bool]) -> TermUse:
        """Say how often a term occurred."""
        seeker, excludes = term
        return TermUse(
            term=seeker.written,
            occurrences=self._occurrences[seeker],
            articles=self._having[seeker],
            excludes=excludes,
        )


def _terms(rule: CompiledRule) -> list[tuple[Seeker, bool]]:
    """Return a rule's terms, each once, in the order of writing, and whether it excludes them."""
    return list(dict.fromkeys(_sought(rule.tree, excludes=False)))


def _sought(node: Node, *, excludes: bool) -> Iterator[tuple[Seeker, bool]]:
    if isinstance(node, Sought):
        yield node.seeker, excludes
    for child in children(node):
        yield from _sought(child, excludes=excludes is not isinstance(node, Not))


def _shadows(rules: Sequence[Rule], found: dict[str, set[int]]) -> Iterator[Shadow]:
    """Yield the rules that others make needless; of twins only the later one is named."""
    finders: dict[int, list[int]] = {}
    for at, rule in enumerate(rules):
        for article in found[rule.name]:
            finders.setdefault(article, []).append(at)
    for at, rule in enumerate(rules):
        own = found[rule.name]
        if len(own) < FEWEST_SHADOWED:
            continue
        rarest = min(own, key=lambda article: len(finders[article]))
        for other in (rules[n] for n in finders[rarest] if n != at):
            twins = own == found[other.name]
            spoken_of = twins and _tells_all(rule, other) and rules.index(other) > at
            if own <= found[other.name] and _tells_all(other, rule) and not spoken_of:
                yield Shadow(rule=rule.name, by=other.name, articles=len(own), twins=twins)


def _tells_all(one: Rule, other: Rule) -> bool:
    """Say whether the first tells every channel of the second, and no less urgently."""
    return set(other.to) <= set(one.to) and other.urgency.rank <= one.urgency.rank

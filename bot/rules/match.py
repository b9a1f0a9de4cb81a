"""All rules against one article."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from bot.errors import RuleError
from bot.model import Article, Match, Rule
from bot.rules.evaluate import evaluate
from bot.rules.index import FOLD_FROM, Clauses, Folding, Gatherer, Index, needs_of
from bot.rules.index.draft import Draft
from bot.rules.index.keys import read_keys
from bot.rules.index.memory import give_back
from bot.rules.index.segment import Segment
from bot.rules.index.shelf import Shelf
from bot.rules.normal import NormalText, normalise
from bot.rules.plain import PlainReader
from bot.rules.read import read_rule
from bot.rules.rule import CompiledRule, Names, clauses
from bot.rules.skim import Skimmer

_MANY: Final = 10_000
"""Of so many rules on, what was made by reading them is kept out of the search for rubbish."""


class Matcher:
    """The rules in force. Edits count from the next article on.

    Matches come in the order in which the rules were put in; a changed rule comes last.
    """

    def __init__(self, rules: Iterable[CompiledRule] = ()) -> None:
        """Take the rules; the later of two of one name counts."""
        self._shelf = Shelf()
        self._index = Index()
        for compiled in rules:
            self.put(compiled)
        self.adopt(self.folding().build())

    @classmethod
    def of_texts(
        cls, rules: Iterable[Rule], names: Names, sample: Iterable[Article] = ()
    ) -> tuple[Matcher, list[RuleError]]:
        """Read very many rules and keep them as texts; return also the errors of those refused.

        Args:
            rules: the rules; the later of two of one name counts.
            names: what they may refer to.
            sample: some recent articles, by which rare words are told from common ones.
        """
        matcher = cls()
        refused = matcher._load(rules, names, list(sample))
        return matcher, refused

    def _load(
        self, rules: Iterable[Rule], names: Names, sample: Sequence[Article]
    ) -> list[RuleError]:
        self._shelf = Shelf(names)
        with _no_collecting():
            draft, refused = self._gathered(rules, names)
        readings = [read_keys(normalise(article)) for article in sample]
        self._index = Index(Segment(draft, readings), len(self._shelf))
        for slot in self._shelf.index_names():
            self._remove(slot)
        if len(self._shelf) >= _MANY:
            gc.freeze()
            give_back()
        return refused

    def _gathered(self, rules: Iterable[Rule], names: Names) -> tuple[Draft, list[RuleError]]:
        gatherer = Gatherer()
        skimmer, reader = Skimmer(names, gatherer), PlainReader(names)
        refused = []
        for rule in rules:
            needed = skimmer.needed(rule)
            if needed is None:
                try:
                    clauses = _needs(rule, reader, names)
                except RuleError as error:
                    refused.append(_alone(error))
                    continue
                needed = [gatherer.clause(clause) for clause in clauses]
            gatherer.add(self._shelf.pack(rule), needed)
        return gatherer.draft(), refused

    def match(self, article: Article) -> tuple[Match, ...]:
        """Return the rules that hold for an article, with their evidence."""
        normal = normalise(article)
        worth_a_look = self._index.candidates(normal)
        return _matches([self._shelf.rule(slot) for slot in worth_a_look], normal)

    def put(self, compiled: CompiledRule) -> None:
        """Add a rule, or change the one of its name."""
        self.drop(compiled.name)
        self._index.put(self._shelf.put(compiled), needs_of(compiled))

    def drop(self, name: str) -> bool:
        """Remove a rule; say whether there was one of that name."""
        slot = self._shelf.slot(name)
        if slot is None:
            return False
        self._remove(slot)
        return True

    def _remove(self, slot: int) -> None:
        self._shelf.remove(slot)
        self._index.drop(slot)

    @property
    def wants_folding(self) -> bool:
        """Say whether there are so many edits that `folding` is worth its while."""
        return self._index.edits >= FOLD_FROM

    def folding(self) -> Folding:
        """Return the work of folding in the edits so far; its `build` may run in a thread."""
        return self._index.folding()

    def adopt(self, built: Segment) -> None:
        """Take what a folding has built; edits made in the meantime stay in force."""
        self._index.adopt(built)


def _needs(rule: Rule, reader: PlainReader, names: Names) -> Clauses:
    """Read a rule and return what it needs.

    Raises:
        RuleError: it is refused.
    """
    plain = reader.rule(rule)
    return plain[1] if plain else needs_of(read_rule(rule, names))


def _alone(error: RuleError) -> RuleError:
    """Return an error without the frames that it came through: they hold all that was gathered."""
    error.__context__ = None
    return error.with_traceback(None)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Hold Python's search for circular rubbish: it doubles the time to make a million things."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def match_article(rules: Sequence[CompiledRule], article: Article) -> tuple[Match, ...]:
    """Return the rules that hold for an article, each looked at alone: the reference."""
    return _matches(rules, normalise(article))


def _matches(rules: Iterable[CompiledRule], normal: NormalText) -> tuple[Match, ...]:
    article = normal.article
    return tuple(
        Match(
            rule=compiled.name,
            article_id=article.id,
            version=article.version,
            evidence=evidence,
            clauses=clauses(compiled.when),
        )
        for compiled in rules
        if (evidence := evaluate(compiled, normal)) is not None
    )

"""All rules against one article."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.model import Article, Match
from bot.rules.evaluate import evaluate
from bot.rules.index import FOLD_FROM, Folding, Index, needs_of
from bot.rules.index.segment import Segment
from bot.rules.normal import NormalText, normalise
from bot.rules.rule import CompiledRule


class Matcher:
    """The rules in force. Edits count from the next article on.

    Matches come in the order in which the rules were put in; a changed rule comes last.
    """

    def __init__(self, rules: Iterable[CompiledRule] = ()) -> None:
        """Take the rules; the later of two of one name counts."""
        self._slots: dict[str, int] = {}
        self._rules: dict[int, CompiledRule] = {}
        self._next = 0
        self._index = Index()
        for compiled in rules:
            self.put(compiled)
        self.adopt(self.folding().build())

    def match(self, article: Article) -> tuple[Match, ...]:
        """Return the rules that hold for an article, with their evidence."""
        normal = normalise(article)
        worth_a_look = self._index.candidates(normal)
        return _matches([self._rules[slot] for slot in worth_a_look], normal)

    def put(self, compiled: CompiledRule) -> None:
        """Add a rule, or change the one of its name."""
        self.drop(compiled.name)
        slot, self._next = self._next, self._next + 1
        self._slots[compiled.name] = slot
        self._rules[slot] = compiled
        self._index.put(slot, needs_of(compiled))

    def drop(self, name: str) -> bool:
        """Remove a rule; say whether there was one of that name."""
        slot = self._slots.pop(name, None)
        if slot is None:
            return False
        del self._rules[slot]
        self._index.drop(slot)
        return True

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


def match_article(rules: Sequence[CompiledRule], article: Article) -> tuple[Match, ...]:
    """Return the rules that hold for an article, each looked at alone: the reference."""
    return _matches(rules, normalise(article))


def _matches(rules: Iterable[CompiledRule], normal: NormalText) -> tuple[Match, ...]:
    article = normal.article
    return tuple(
        Match(rule=compiled.name, article_id=article.id, version=article.version, evidence=evidence)
        for compiled in rules
        if (evidence := evaluate(compiled, normal)) is not None
    )

"""All rules against one article."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Article, Match
from bot.rules.evaluate import evaluate
from bot.rules.normal import NormalText, normalise
from bot.rules.rule import CompiledRule


class Matcher:
    """The rules in force, ready to be matched. It is not changed: other rules, other Matcher."""

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        """Take the rules; matches come in their order."""
        self._rules = tuple(rules)

    def match(self, article: Article) -> tuple[Match, ...]:
        """Return the rules that hold for an article, with their evidence."""
        return _matches(self._rules, normalise(article))


def match_article(rules: Sequence[CompiledRule], article: Article) -> tuple[Match, ...]:
    """Return the rules that hold for an article, each looked at alone: the reference."""
    return _matches(rules, normalise(article))


def _matches(rules: Sequence[CompiledRule], normal: NormalText) -> tuple[Match, ...]:
    article = normal.article
    return tuple(
        Match(rule=compiled.name, article_id=article.id, version=article.version, evidence=evidence)
        for compiled in rules
        if (evidence := evaluate(compiled, normal)) is not None
    )

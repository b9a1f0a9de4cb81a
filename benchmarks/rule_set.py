"""Rules for the benchmark, made from the words of an archive. The same seed, the same rules.

Words are drawn as they lie in the texts, so that a word is drawn as often as it occurs: Zipf's law
as the language has it. Words of more than a tenth of the articles are left out, as nobody watches
for them.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.articles.sentences import split
from bot.model import Article, Rule, Source, Tier

NAMES = 3_000
_WORD = re.compile(r"[A-Za-z]{3,}")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,} [A-Z][a-z]{2,}(?= [a-z])")


def articles_of(archive: Path, most: int = 10_000) -> list[Article]:
    """Read the articles of an archive, one JSON object a line."""
    with gzip.open(archive, "rt", encoding="utf-8") as lines:
        return [_article(json.loads(line)) for _, line in zip(range(most), lines, strict=False)]


def _article(line: dict[str, str]) -> Article:
    at = datetime.fromisoformat(line["published"])
    name = line["source"]
    domain = f"{name.lower().replace(' ', '')}.example"
    return Article(
        id=line["id"],
        version=1,
        url=line["url"],
        link=line["url"],
        source=Source(feed_id=name, name=name, domain=domain, tier=Tier.NEWS),
        title=line["title"],
        text=line["text"],
        sentences=split(line["text"], "en"),
        published_at=at.astimezone(UTC),
        fetched_at=at.astimezone(UTC),
        language="en",
    )


class RuleMaker:
    """Makes rules of the words of articles."""

    def __init__(self, articles: list[Article], seed: int = 3, too_common: float = 0.02) -> None:
        """Count the words."""
        self._random = random.Random(seed)
        self._texts: list[list[str]] = [_WORD.findall(each.text.lower()) for each in articles]
        seen = Counter(word for words in self._texts for word in set(words))
        most = too_common * len(articles)
        self._common = {word for word, count in seen.items() if count > most}
        self._texts = [words for words in self._texts if not set(words) <= self._common]
        names = Counter(name for article in articles for name in _NAME.findall(article.text))
        known = names.most_common(NAMES)
        self._names: list[str] = [name for name, _ in known]
        self._weights = [count for _, count in known]
        self._domains = sorted({article.source.domain for article in articles})

    def rules(self, number: int) -> Iterator[Rule]:
        """Yield rules; most have three clauses."""
        shapes: list[Callable[[], str]] = [
            lambda: f"{self._term()} AND {self._term()} AND {self._term()}",
            lambda: f"{self._term()} NEAR/10 {self._term()} AND {self._term()}",
            lambda: f"{self._term()} AND {self._term()} AND NOT {self._term()}",
            lambda: f"({self._term()} OR {self._term()}) AND {self._term()} AND {self._term()}",
            lambda: f"{self._name()} AND {self._term()} NEAR/20 {self._word()}",
            lambda: f"{self._term()} AND {self._term()} AND {self._elsewhere()}",
        ]
        weights = [30, 20, 15, 20, 10, 5]
        for n in range(number):
            shape = self._random.choices(shapes, weights)[0]
            yield Rule(name=f"rule-{n}", title=f"Rule {n}", when=shape(), to=())

    def _elsewhere(self) -> str:
        kind = self._random.choice(["source", "prefix", "title", "lead"])
        if kind == "source":
            return f"source:{self._random.choice(self._domains)}"
        return f"{self._word()[:6]}*" if kind == "prefix" else f"{kind}:{self._word()}"

    def _term(self) -> str:
        return self._phrase() if self._random.random() < 0.35 else self._word()

    def _word(self) -> str:
        while True:
            word: str = self._random.choice(self._random.choice(self._texts))
            if word not in self._common and len(word) > 3:
                return word

    def _phrase(self) -> str:
        while True:
            words = self._random.choice(self._texts)
            at = self._random.randrange(max(1, len(words) - 1))
            pair = words[at : at + 2]
            if len(pair) == 2 and not self._common >= set(pair):
                return f'"{" ".join(pair)}"'

    def _name(self) -> str:
        return f'name:"{self._random.choices(self._names, self._weights)[0]}"'

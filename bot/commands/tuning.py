"""What an exclusion would have done to the alerts that people judged: tried on the archive."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.commands.desk import Desk
from bot.commands.phrases import Phrase, Reading, commonness, read_phrases, telling_phrases
from bot.errors import RuleError
from bot.model import Article, Opinion
from bot.rules import CompiledRule, Names, match_article, parse, read_rule
from bot.rules.normal import folded_text
from bot.rules.rule import Or, Term

MOST_JUDGED: Final = 200
"""So many of the newest judged alerts are looked at."""
MOST_LOST: Final = 0.05
"""Of what is relevant, no more than this share may be lost."""
MOST_TRIED: Final = 12
MOST_PROPOSED: Final = 3
BACKGROUND: Final = 200
"""So many of the newest articles show which phrases stand everywhere."""
FEWEST_IN_BACKGROUND: Final = 50
"""Fewer articles than this say nothing of what is common."""
COMMON: Final = 0.1
"""What stands in a larger share of the background is no topic."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The articles of a rule's judged alerts that it still matches, one for each alert.

    `gone` counts the alerts that would no longer come, or whose article is no longer kept.
    """

    unwanted: tuple[Article, ...]
    wanted: tuple[Article, ...]
    gone: int

    @property
    def most_lost(self) -> int:
        """How many of the wanted ones an exclusion may remove."""
        return int(MOST_LOST * len(self.wanted))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A phrase to exclude, the whole text of `except` with it, and what it would have removed.

    `unwanted` are the places in `Judged.unwanted` of what goes, `wanted` is how much of the other.
    """

    phrase: Phrase
    unless: str
    unwanted: frozenset[int]
    wanted: int


async def judged_articles(
    compiled: CompiledRule, verdicts: Mapping[str, Opinion], desk: Desk
) -> Judged:
    """Return the articles of the newest judged alerts, in their newest version."""
    articles: dict[Opinion, list[Article]] = {opinion: [] for opinion in Opinion}
    newest = list(verdicts.items())[-MOST_JUDGED:]
    for alert_id, opinion in newest:
        record = await desk.archive.alert(alert_id)
        article = await desk.archive.article(record.alert.article_id) if record else None
        if article and match_article([compiled], article):
            articles[opinion].append(article)
    unwanted, wanted = articles[Opinion.IRRELEVANT], articles[Opinion.RELEVANT]
    return Judged(tuple(unwanted), tuple(wanted), len(newest) - len(unwanted) - len(wanted))


async def proposals(compiled: CompiledRule, judged: Judged, desk: Desk) -> Sequence[Proposal]:
    """Return up to three exclusions: what removes most of the unwanted stands first."""
    unwanted = await _read(compiled, judged.unwanted)
    wanted = await _read(compiled, judged.wanted)
    phrases = await asyncio.to_thread(telling_phrases, unwanted, wanted, judged.most_lost)
    topics = await _topics(phrases[: 5 * MOST_TRIED], judged, desk)
    tried = await _tried(compiled.rule.unless, topics[:MOST_TRIED], (compiled, judged, desk.names))
    fit = [one for one in tried if len(one.unwanted) > 1 and one.wanted <= judged.most_lost]
    return _different(sorted(fit, key=lambda one: (-len(one.unwanted), one.wanted)))


async def _read(compiled: CompiledRule, articles: Sequence[Article]) -> list[Reading]:
    found = []
    for article in articles:
        await asyncio.sleep(0)
        found += [read_phrases(article, match) for match in match_article([compiled], article)]
    return found


async def _topics(phrases: Sequence[Phrase], judged: Judged, desk: Desk) -> list[Phrase]:
    """Leave out what stands everywhere; of equals put what is rarer first, then what is shorter.

    What nobody wanted is no measure of what is common: there may be much of it.
    """
    unwanted = {article.id for article in judged.unwanted}
    texts = []
    for article in (await desk.archive.latest(None, BACKGROUND, None)).articles:
        await asyncio.sleep(0)
        if article.id not in unwanted:
            texts.append(folded_text(article))
    common = await asyncio.to_thread(commonness, phrases, texts)
    limit = COMMON if len(texts) >= FEWEST_IN_BACKGROUND else 1.0

    def rank(phrase: Phrase) -> tuple[int, int, int, float, int]:
        words = len(phrase.folded.split())
        rare = common[phrase.folded]
        return -phrase.unwanted, phrase.wanted, -phrase.headlines, rare, words

    return sorted((one for one in phrases if common[one.folded] <= limit), key=rank)


async def _tried(
    unless: str, phrases: Sequence[Phrase], given: tuple[CompiledRule, Judged, Names]
) -> list[Proposal]:
    """Judge every article by the rule with each of the exclusions."""
    compiled, judged, names = given
    changed = {phrase: with_exclusion(unless, phrase.written) for phrase in phrases}
    rules = [
        rule
        for number, text in enumerate(changed.values())
        if (rule := _read_changed(compiled, str(number), text, names))
    ]
    unwanted = [await _kept_by(rules, article) for article in judged.unwanted]
    wanted = [await _kept_by(rules, article) for article in judged.wanted]
    read = {rule.name for rule in rules}
    return [
        Proposal(
            phrase=phrase,
            unless=text,
            unwanted=frozenset(at for at, kept in enumerate(unwanted) if str(number) not in kept),
            wanted=sum(1 for kept in wanted if str(number) not in kept),
        )
        for number, (phrase, text) in enumerate(changed.items())
        if str(number) in read
    ]


def with_exclusion(unless: str, phrase: str) -> str:
    """Return the text of an `except` that leaves a phrase out too."""
    added = Term("", phrase).written()
    if not unless.strip():
        return added
    stands_alone = isinstance(parse(unless), Or | Term)
    return f"{unless} OR {added}" if stands_alone else f"({unless}) OR {added}"


def _read_changed(
    compiled: CompiledRule, name: str, unless: str, names: Names
) -> CompiledRule | None:
    """Return the rule with another `except`; None where it makes no sense so."""
    try:
        return read_rule(replace(compiled.rule, name=name, unless=unless), names)
    except RuleError:
        return None


async def _kept_by(rules: Sequence[CompiledRule], article: Article) -> frozenset[str]:
    """Return the names of the rules that still match an article."""
    await asyncio.sleep(0)
    return frozenset(match.rule for match in match_article(rules, article))


def _different(ranked: Sequence[Proposal]) -> Sequence[Proposal]:
    """Return the first three that do not all remove the same for the same words."""
    chosen: list[Proposal] = []
    for one in ranked:
        if len(chosen) < MOST_PROPOSED and not any(_repeats(one, other) for other in chosen):
            chosen.append(one)
    return chosen


def _repeats(one: Proposal, other: Proposal) -> bool:
    """Say whether a proposal has words of another and removes nothing that the other leaves."""
    words = set(one.phrase.folded.split()) & set(other.phrase.folded.split())
    return bool(words) and one.unwanted <= other.unwanted

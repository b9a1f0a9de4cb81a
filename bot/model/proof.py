"""The sentences that prove a match: what a channel is told, and what it then knows."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model.articles import Article
from bot.model.rules import Evidence, Field, Match


def matched_sentences(article: Article, matches: Iterable[Match]) -> tuple[str, ...]:
    """Return the sentences of title and text that hold evidence, each once, in reading order.

    Deciding compares them with those that the store kept by this same function: a sentence that
    only one of them counted would be told again at every edit of the article.
    """
    found = [
        evidence
        for match in matches
        for evidence in match.evidence
        if evidence.field in {Field.TITLE, Field.TEXT}
    ]
    found.sort(key=lambda evidence: (evidence.field is not Field.TITLE, evidence.start))
    return tuple(dict.fromkeys(sentence_of(article, evidence) for evidence in found))


def sentence_of(article: Article, evidence: Evidence) -> str:
    """Return the sentence the evidence stands in: the title for what is not in the text."""
    if evidence.sentence is None:
        return article.title
    span = article.sentences[evidence.sentence]
    return article.text[span.start : span.end]

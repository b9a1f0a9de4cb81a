"""What a card says of an article: its own sentences, never words of ours."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.model import Article, Evidence, Field, Match, Passage, Span
from bot.summaries.cut import count_words, cut, ending
from bot.summaries.lead import is_prose, lead_of, same

MOST_WORDS = 60
"""All passages together are at most so many words long."""

FEWEST_WORDS = 12
"""A longer lead is left out where there is room for fewer of its words: a stump tells nothing."""

_LEFT_OUT = "…"


def summarise(article: Article, matches: Sequence[Match]) -> tuple[Passage, ...]:
    """Return the passages that tell a reader what the article says and why it matched.

    First comes the sentence that satisfies most clauses of the rules (of equal ones one of
    prose, then that with the rarer terms, then the earlier), with the matched words marked; then
    the lead, where it is another one, shortened to what `MOST_WORDS` leaves room for. Where only
    the title or the source matched there is the lead alone; without any text there is nothing.

    Every passage is an exact span of the article's text; where a sentence alone is over the limit,
    it is cut around the marked words, with "…" for what is left out.
    """
    if not article.sentences:
        return ()
    evidence = [one for match in matches for one in match.evidence if one.field is Field.TEXT]
    lead = lead_of(article)
    chosen = _most_telling(article, matches)
    first = _passage(article, lead if chosen is None else chosen, evidence)
    if chosen in {None, lead} or same(first.text, _text(article, lead)):
        return (first,)
    room = MOST_WORDS - count_words(first.text)
    if room < min(FEWEST_WORDS, count_words(_text(article, lead))):
        return (first,)
    begun = Span(article.sentences[lead].start, ending(article.text, article.sentences[lead], room))
    return first, _shown(article, lead, begun, evidence)


def _most_telling(article: Article, matches: Sequence[Match]) -> int | None:
    """Return the index of the sentence that proves most; None where no sentence proves anything."""
    terms = _terms(article.sentences, matches)
    common = Counter(term for found in terms.values() for term in found)
    clauses = {frozenset(clause) for match in matches for clause in _clauses(match)}

    def telling(index: int) -> tuple[int, bool, float, int]:
        found = terms[index]
        satisfied = sum(not clause.isdisjoint(found) for clause in clauses)
        rarity = sum(1 / common[term] for term in found)
        return satisfied, is_prose(article, index), rarity, -index

    return max(terms, key=telling, default=None)


def _terms(sentences: Sequence[Span], matches: Sequence[Match]) -> dict[int, set[str]]:
    """Return by sentence the terms that were found in it."""
    terms: dict[int, set[str]] = {}
    for one in (one for match in matches for one in match.evidence if one.field is Field.TEXT):
        index = bisect_right(sentences, one.start, key=lambda span: span.start) - 1
        if index >= 0 and one.start < sentences[index].end:
            terms.setdefault(index, set()).add(one.term)
    return terms


def _clauses(match: Match) -> Iterable[tuple[str, ...]]:
    """Return the clauses of a match; where they are not known, each term is one."""
    return match.clauses or [(one.term,) for one in match.evidence]


def _text(article: Article, index: int) -> str:
    start, end = article.sentences[index]
    return article.text[start:end]


def _passage(article: Article, index: int, evidence: Sequence[Evidence]) -> Passage:
    """Return a sentence, cut around its marks where it alone is over the limit."""
    sentence = article.sentences[index]
    part = cut(article.text, sentence, _marks(sentence, evidence), MOST_WORDS)
    return _shown(article, index, part, evidence)


def _shown(article: Article, index: int, part: Span, evidence: Iterable[Evidence]) -> Passage:
    """Return a part of a sentence with its marks, and "…" for what is left out."""
    sentence = article.sentences[index]
    before = _LEFT_OUT if part.start > sentence.start else ""
    after = _LEFT_OUT if part.end < sentence.end else ""
    shift = len(before) - part.start
    marks = (Span(start + shift, end + shift) for start, end in _marks(part, evidence))
    return Passage(before + article.text[part.start : part.end] + after, tuple(marks))


def _marks(part: Span, evidence: Iterable[Evidence]) -> list[Span]:
    """Return what matched inside `part`, in order; spans that touch or overlap become one."""
    marks: list[Span] = []
    for one in sorted(evidence, key=lambda one: one.start):
        start, end = max(one.start, part.start), min(one.end, part.end)
        if start >= end:
            continue
        if marks and start <= marks[-1].end:
            marks[-1] = Span(marks[-1].start, max(end, marks[-1].end))
        else:
            marks.append(Span(start, end))
    return marks

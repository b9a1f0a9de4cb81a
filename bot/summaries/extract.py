"""What a card says of an article: its own sentences, never words of ours."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

import regex

from bot.model import Article, Evidence, Field, Match, Passage, Span

MOST_WORDS = 60
"""All passages together are at most so many words long."""

_LEFT_OUT = "…"
# A word, or two characters of a script that writes no spaces between words.
_WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]{1,2}"
    r"|[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]+"
)


def summarise(article: Article, matches: Sequence[Match]) -> tuple[Passage, ...]:
    """Return the passages that tell a reader what the article says and why it matched.

    First comes the sentence in which most terms matched (of equal ones, that with the rarer terms,
    then the earlier), with the matched words marked; then the first sentence of the article, where
    it is another one and the limit of `MOST_WORDS` leaves room for the whole of it. Where only the
    title or the source matched there is the first sentence alone; without any text there is
    nothing.

    Every passage is an exact span of the article's text; where a sentence alone is over the limit,
    it is cut at the ends of words around the marked ones, with "…" for what is left out.
    """
    if not article.sentences:
        return ()
    evidence = [
        one for match in matches for one in match.evidence if one.field is Field.TEXT
    ]  # fmt: skip
    chosen = _most_telling(article.sentences, evidence)
    first = _passage(article, chosen, evidence)
    room = MOST_WORDS - _count(first.text)
    lead = _passage(article, 0, evidence)
    return (first,) if chosen == 0 or _count(lead.text) > room else (first, lead)


def _most_telling(sentences: Sequence[Span], evidence: Iterable[Evidence]) -> int:
    """Return the index of the sentence with most, and then rarest, terms; 0 without evidence."""
    terms: dict[int, set[str]] = {}
    for one in evidence:
        index = bisect_right(sentences, one.start, key=lambda span: span.start) - 1
        if index >= 0 and one.start < sentences[index].end:
            terms.setdefault(index, set()).add(one.term)
    common = Counter(term for found in terms.values() for term in found)

    def telling(index: int) -> tuple[int, float, int]:
        found = terms[index]
        return len(found), sum(1 / common[term] for term in found), -index

    return max(terms, key=telling, default=0)


def _passage(article: Article, index: int, evidence: Iterable[Evidence]) -> Passage:
    """Return one sentence with its marks, cut where it alone is over the limit."""
    start, end = article.sentences[index]
    marks = _marks(Span(start, end), evidence)
    words = [Span(*word.span()) for word in _WORD.finditer(article.text, start, end)]
    if len(words) > MOST_WORDS:
        first = _first_word(words, marks)
        start, end = words[first].start, words[first : first + MOST_WORDS][-1].end
    before = _LEFT_OUT if start > article.sentences[index].start else ""
    after = _LEFT_OUT if end < article.sentences[index].end else ""
    shift = len(before) - start
    return Passage(
        before + article.text[start:end] + after,
        tuple(
            Span(max(mark.start, start) + shift, min(mark.end, end) + shift)
            for mark in marks
            if mark.start < end and mark.end > start
        ),
    )


def _marks(sentence: Span, evidence: Iterable[Evidence]) -> list[Span]:
    """Return what matched inside `sentence`, in order; spans that touch or overlap become one."""
    marks: list[Span] = []
    for one in sorted(evidence, key=lambda one: one.start):
        start, end = max(one.start, sentence.start), min(one.end, sentence.end)
        if start >= end:
            continue
        if marks and start <= marks[-1].end:
            marks[-1] = Span(marks[-1].start, max(end, marks[-1].end))
        else:
            marks.append(Span(start, end))
    return marks


def _first_word(words: Sequence[Span], marks: Sequence[Span]) -> int:
    """Return where to begin so that most marks are shown, as near to the beginning as can be."""

    def shown(first: int) -> int:
        start, end = words[first].start, words[first + MOST_WORDS - 1].end
        within = bisect_right(marks, end, key=lambda mark: mark.end)
        return within - bisect_left(marks, start, key=lambda mark: mark.start)

    return max(range(len(words) - MOST_WORDS + 1), key=lambda first: (shown(first), -first))


def _count(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))

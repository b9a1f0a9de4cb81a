"""Phrases that tell articles apart: what stands in those that nobody wanted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.model import Article, Field, Match
from bot.rules.fold import BREAKS_AFTER
from bot.rules.normal import NormalText, normalise

MOST_WORDS: Final = 3
SHORTEST_WORD: Final = 3
_WORDS: Final = (
    "a about after all also an and any are as at be been before but by can could did do does for "
    "from had has have he her his how i if in into is it its may might more most must new no not "
    "of off on one only or other our out over said say she should so some such than that the their "
    "them then there these they thi this those through to two under up us wa was we were what when "
    "where which while who will with would year you your day week month time first last"
)
_FUNCTION_WORDS: Final = frozenset(_WORDS.split())
"""Folded English words of which no topic is made; a phrase neither begins nor ends with one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An article that a rule matched, read for phrases.

    `phrases` are those of its title and of the sentences that matched, as the rule language folds
    them, each with the article's own words, those of the text before those of the title, where
    small words may be in capitals. `headline` are the phrases of the title. `folded` is the
    whole article, folded. `matched` are the folded words that made the rule hold.
    """

    phrases: dict[str, str]
    headline: frozenset[str]
    folded: str
    matched: frozenset[str]

    def says(self, phrase: str) -> bool:
        """Say whether a folded phrase stands anywhere in the article."""
        return f" {phrase} " in self.folded


def read_phrases(article: Article, match: Match) -> Reading:
    """Read an article for phrases of one to three words."""
    normal = normalise(article)
    headline = _phrases(normal, *normal.token_range(Field.TITLE))
    phrases = dict(headline)
    for first, last in _sentences(normal, match):
        phrases.update(_phrases(normal, first, last))
    matched = frozenset(_matched(normal, match))
    return Reading(phrases, frozenset(headline), normal.folded, matched)


def _phrases(normal: NormalText, first: int, last: int) -> dict[str, str]:
    """Return the phrases between two tokens: folded, with the article's own words."""
    hits = {span: normal.hit(*span) for span in _spans(normal, first, last)}
    return {
        normal.folded_name(*span): normal.source(hit.field)[hit.start : hit.end]
        for span, hit in hits.items()
    }


def _sentences(normal: NormalText, match: Match) -> Iterator[tuple[int, int]]:
    """Yield the half-open token ranges of the sentences that matched."""
    ends = [*normal.sentence_tokens[1:], len(normal.words)]
    for sentence in {one.sentence for one in match.evidence if one.sentence is not None}:
        yield normal.sentence_tokens[sentence], ends[sentence]


def _spans(normal: NormalText, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the half-open token ranges of the phrases between two tokens."""
    for start in range(first, last):
        for end in range(start + 1, min(start + MOST_WORDS, last) + 1):
            if _bears_meaning(normal.words[start]) and _bears_meaning(normal.words[end - 1]):
                yield start, end
            if normal.flags[end - 1] & BREAKS_AFTER:
                break


def _bears_meaning(word: str) -> bool:
    return len(word) >= SHORTEST_WORD and word not in _FUNCTION_WORDS and not word[0].isdigit()


def _matched(normal: NormalText, match: Match) -> Iterator[str]:
    for one in match.evidence:
        if one.field in {Field.TITLE, Field.TEXT}:
            hit = normal.hit_of_characters(one.field, one.start, one.end)
            yield from normal.words[hit.first : hit.last]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that may tell the unwanted from the wanted: folded, and as articles write it.

    `unwanted` and `wanted` count the articles that say it, `headlines` the unwanted ones whose
    title does.
    """

    folded: str
    written: str
    unwanted: int
    wanted: int
    headlines: int


def telling_phrases(
    unwanted: Sequence[Reading], wanted: Sequence[Reading], most_wanted: int
) -> list[Phrase]:
    """Return the phrases of at least two unwanted articles and at most so many wanted ones.

    What stands in most unwanted ones comes first; of these, what stands in fewer wanted ones, and
    then in more headlines, which say what an article is about. What the rule itself looks for is
    left out, for without it nothing would be found any more.
    """
    counts = Counter(phrase for reading in unwanted for phrase in reading.phrases)
    sought = frozenset().union(*(reading.matched for reading in (*unwanted, *wanted)))
    found = [
        _phrase(folded, unwanted, wanted)
        for folded, number in counts.items()
        if number > 1 and not sought.issuperset(folded.split())
    ]
    kept = [phrase for phrase in found if phrase.wanted <= most_wanted]
    return sorted(kept, key=lambda one: (-one.unwanted, one.wanted, -one.headlines, one.folded))


def _phrase(folded: str, unwanted: Sequence[Reading], wanted: Sequence[Reading]) -> Phrase:
    forms = Counter(each.phrases[folded] for each in unwanted if folded in each.phrases)
    return Phrase(
        folded=folded,
        written=_usual(forms),
        unwanted=sum(1 for reading in unwanted if reading.says(folded)),
        wanted=sum(1 for reading in wanted if reading.says(folded)),
        headlines=sum(1 for reading in unwanted if folded in reading.headline),
    )


def _usual(forms: Counter[str]) -> str:
    """Return the form that is written most often; of equals the one with fewest capitals."""

    def rank(form: str) -> tuple[int, int, str]:
        return -forms[form], sum(map(str.isupper, form)), form

    return min(forms, key=rank)


def commonness(phrases: Iterable[Phrase], folded_texts: Sequence[str]) -> dict[str, float]:
    """Return in which share of some texts each phrase stands, from 0 to 1."""
    number = max(1, len(folded_texts))
    return {
        one.folded: sum(1 for text in folded_texts if f" {one.folded} " in text) / number
        for one in phrases
    }

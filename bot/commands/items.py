"""An article as one item of a list: its linked title, who published it, what it says. Pure."""

from __future__ import annotations

from typing import Final

from bot.model import Article, CardItem, Match, Passage, Span
from bot.summaries.extract import summarise
from bot.text import ELLIPSIS, safe_link, shorten

LONGEST_PASSAGE: Final = 300
"""Characters of a passage: five items with their titles stay readable on both platforms."""
LONGEST_TITLE: Final = 150
_BEFORE: Final = 80
"""How many characters stand before the first mark where the beginning has to be cut."""


def item_of(
    article: Article, match: Match | None = None, *, longest: int = LONGEST_PASSAGE
) -> CardItem:
    """Lay out an article; the sentence that matched, or else its first, says what it is about."""
    passages = summarise(article, (match,) if match else ())
    return CardItem(
        title=shorten(article.title, LONGEST_TITLE),
        url=safe_link(article.link) or safe_link(article.url),
        source=article.source.name,
        domain=article.source.domain,
        published_at=article.published_at,
        passage=snug(passages[0], longest) if passages else None,
    )


def snug(passage: Passage, longest: int) -> Passage:
    """Return a passage within `longest` characters, cut so that its first mark is shown."""
    start = _beginning(passage, longest)
    lead = ELLIPSIS if start else ""
    rest = passage.text[start:]
    short = shorten(rest, longest - len(lead))
    kept = len(rest) if short == rest else len(short.removesuffix(ELLIPSIS).rstrip())
    shift = len(lead) - start
    marks = (
        Span(mark.start + shift, min(mark.end, start + kept) + shift)
        for mark in passage.marks
        if start <= mark.start < start + kept
    )
    return Passage(lead + short, tuple(marks))


def _beginning(passage: Passage, longest: int) -> int:
    """Return where to begin: at a word shortly before a first mark that would not be seen."""
    if not passage.marks or passage.marks[0].end < longest:
        return 0
    first = passage.marks[0].start
    space = passage.text.find(" ", max(0, first - _BEFORE), first)
    return first if space < 0 else space + 1

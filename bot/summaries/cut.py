"""A sentence cut to the room there is, at the ends of clauses where they will do."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Final

import regex

from bot.model import Span

# A word, or two characters of a script that writes no spaces between words.
_WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]{1,2}"
    r"|[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]+"
)
# What may end a clause, with the quotation marks and brackets that it closes.
_CLAUSE_END = regex.compile(r"(?:[,;:!?…—–、，；]\p{Pe}*[\"”’»\p{Pe}]*|[\"”»\p{Pe}])$")
_DANGLING: Final = " ,;:—–-、，；"
_OPENING = regex.compile(r"[“«„(\[]|(?<!\S)\"")
_CLOSING = regex.compile(r"[”»)\]]|(?<=\S)\"")


def count_words(text: str) -> int:
    """Return how many words a text has, as limits count them."""
    return sum(1 for _ in _WORD.finditer(text))


def cut(text: str, sentence: Span, marks: Sequence[Span], room: int) -> Span:
    """Return the part of a sentence that is shown: of `room` words at most, all of it if it fits.

    It shows as many of the marked places as can be, and begins as early as it can. Rather than in
    the middle of a clause or of a quotation it is cut at their ends, where that costs no mark and
    little text.
    """
    words = _words(text, sentence)
    if len(words) <= room:
        return sentence
    first = _first_word(words, marks, room)
    shown = words[first : first + room]
    inside = [mark for mark in marks if mark.start < shown[-1].end and mark.end > shown[0].start]
    start = _beginning(text, shown, inside) if first else sentence.start
    if first + room == len(words):
        return Span(start, sentence.end)
    return Span(start, _ending(text, shown, start, inside))


def ending(text: str, sentence: Span, room: int) -> int:
    """Return where a sentence is cut that is shown from its beginning: see `cut`."""
    words = _words(text, sentence)
    if len(words) <= room:
        return sentence.end
    return _ending(text, words[:room], sentence.start, ())


def _words(text: str, part: Span) -> list[Span]:
    return [Span(*word.span()) for word in _WORD.finditer(text, part.start, part.end)]


def _first_word(words: Sequence[Span], marks: Sequence[Span], room: int) -> int:
    """Return where to begin so that most marks are shown, as near to the beginning as can be."""

    def shown(first: int) -> int:
        start, end = words[first].start, words[first + room - 1].end
        within = bisect_right(marks, end, key=lambda mark: mark.end)
        return within - bisect_left(marks, start, key=lambda mark: mark.start)

    return max(range(len(words) - room + 1), key=lambda first: (shown(first), -first))


def _beginning(text: str, words: Sequence[Span], marks: Sequence[Span]) -> int:
    """Return where the first clause of the words begins, or the first word if that is far on."""
    latest = min((mark.start for mark in marks), default=words[-1].end)
    clauses = (
        word.start
        for before, word in pairwise(words[: len(words) // 3])
        if word.start <= latest and _ends_clause(text, before)
    )
    return next(clauses, words[0].start)


def _ending(text: str, words: Sequence[Span], start: int, marks: Sequence[Span]) -> int:
    """Return where to end: after a clause of the last third, and never in a quotation if it can be.

    Half of the words are given up for a quotation, and no mark is.
    """
    earliest = max((mark.end for mark in marks), default=0)
    ends = [word.end for word in words if word.end >= earliest and _ends_clause(text, word)]
    late = [end for end in ends if end >= words[-len(words) // 3].end]
    later = [end for end in ends if end >= words[len(words) // 2].end]
    whole = partial(_is_whole, text, start)
    choice = [
        *filter(whole, late[::-1]),
        *filter(whole, [words[-1].end, *later[::-1]]),
        *late[::-1],
    ]
    best = next(iter(choice), words[-1].end)
    return start + len(text[start:best].rstrip(_DANGLING))


def _ends_clause(text: str, word: Span) -> bool:
    return _CLAUSE_END.search(text[word.start : word.end]) is not None


def _is_whole(text: str, start: int, end: int) -> bool:
    """Say whether all quotations and brackets that are opened in a part are closed in it."""
    part = text[start:end]
    return len(_OPENING.findall(part)) == len(_CLOSING.findall(part))

"""Phrases: how the value of a term is folded into what is looked for in the folded text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from bot.rules.fold import Word, folded_words, plain_words, singular, written_words
from bot.rules.kinds import Hit
from bot.rules.normal import NormalText

_ANY_GAPS = 4
"""With fewer gaps than this, any of them may be closed; with more, one or all."""

_HASHTAG = 3
"""Of so many words on, those in the middle keep their plural where all are written together."""

_MANY = 40
"""From so many phrases on, those whose first word does not occur are left out beforehand."""


def phrases_of(value: str, *, joined: bool = True) -> frozenset[str]:
    """Return the pieces of folded text that are occurrences of a word or phrase.

    With `joined`, words may also stand together: `"red line"` is found in `redline`. A value
    without letters and digits has no pieces.
    """
    plain = plain_words(value)
    if len(plain) == 1:
        return frozenset({f" {plain[0]} "})
    if len(plain) == 2:
        return _pair(plain[0], plain[1], joined)
    _, words = folded_words(value)
    if not words:
        return frozenset()
    if len(words) == 1 and not words[0].other:
        return frozenset({f" {words[0].word} "})
    if len(words) == 2 and _are_plain(*words):
        return _pair(words[0].word, words[1].word, joined)
    words[-1] = words[-1]._replace(flags=0)
    readings = {tuple(_first_reading(word) for word in words)}
    if any(_is_spelled_out(word) for word in words):
        readings.add(tuple(word.other or word.word for word in words))
    forms = {form for reading in readings for form in _forms(reading, words, joined)}
    forms |= _run_together(value, words) if joined else set()
    return frozenset(f" {form} " for form in forms)


def _run_together(value: str, words: Sequence[Word]) -> set[str]:
    """Return a phrase as hashtags have it, each word as it is written: `BlackLivesMatter`.

    Of two words that is done where an acronym ends them: `superPAC`.
    """
    closed = all(joins(one.word, other.word) for one, other in pairwise(words))
    if not closed or any(word.chunk != word.word for word in words[:-1]):
        return set()
    if len(words) < _HASHTAG and not _ends_in_acronym(words):
        return set()
    return {singular("".join(word.letters for word in written_words(value)))}


def _ends_in_acronym(words: Sequence[Word]) -> bool:
    """Say whether a word and an acronym are long enough to be no other word together."""
    first, last = words[0], words[-1]
    return not first.other and len(first.word) > 3 and last.other.isupper() and len(last.other) > 2


def _are_plain(first: Word, second: Word) -> bool:
    """Say whether two words have one reading each and nothing between them, as most have."""
    return not (first.other or second.other) and first.chunk == first.word


def _pair(first: str, second: str, joined: bool) -> frozenset[str]:
    apart = f" {first} {second} "
    if joined and joins(first, second):
        return frozenset({apart, f" {first}{second} "})
    return frozenset({apart})


# What Arabic writes together with the next word: the article, alone and behind and, then, by, as,
# for; and these without it. What Hebrew does: the, and, in, to, from, that, as, and their pairs.
_WITH_ARTICLE: Final = ("ال", "وال", "فال", "بال", "كال", "وبال", "لل", "ولل")
_WITHOUT_ARTICLE: Final = ("و", "ف", "ب", "ل", "ك", "وب", "ول")
_HEBREW_PREFIXES: Final = (
    *("ה", "ו", "ב", "ל", "מ", "ש", "כ"),
    *("וה", "וב", "ול", "ומ", "וש", "שה", "מה", "שב"),
)
_ARABIC: Final = re.compile(r"[\u0620-\u064a]+")
_HEBREW: Final = re.compile(r"[\u05d0-\u05ea]+")


def prefixed(phrases: frozenset[str], *, shortest: int = 4) -> frozenset[str]:
    """Add the phrases with what Arabic and Hebrew write together with their first word.

    One letter before a short word makes another word too often, so that phrases of fewer letters
    than `shortest` get Arabic's article only, with what stands before it.
    """
    more = (form for phrase in phrases for form in _prefixed(phrase.strip(" "), shortest))
    return phrases | {f" {form} " for form in more}


def _prefixed(phrase: str, shortest: int) -> Iterator[str]:
    first = phrase.partition(" ")[0]
    long = len(phrase) >= shortest
    if _HEBREW.fullmatch(first) and long:
        yield from (prefix + phrase for prefix in _HEBREW_PREFIXES)
    elif _ARABIC.fullmatch(first):
        bare = phrase.removeprefix("ال")
        yield from (prefix + bare for prefix in _WITH_ARTICLE)
        yield from (prefix + phrase for prefix in _WITHOUT_ARTICLE if long)


def hits_of(normal: NormalText, phrases: frozenset[str]) -> list[Hit]:
    """Return where any of the phrases occurs, in the order of the article."""
    if len(phrases) > _MANY:
        phrases = frozenset(phrase for phrase in phrases if normal.begins(phrase))
    ranges = {at for phrase in phrases for at in normal.occurrences(phrase)}
    return [normal.hit(first, last) for first, last in sorted(ranges)]


def _first_reading(word: Word) -> str:
    return word.word if not word.other or _is_spelled_out(word) else word.other


def _is_spelled_out(word: Word) -> bool:
    """Say whether the second reading spells out an umlaut; else it is an acronym."""
    return bool(word.other) and not word.other.isupper()


def _forms(reading: tuple[str, ...], words: list[Word], joined: bool) -> Iterator[str]:
    gaps = [" ; " if word.chunk != word.word else " " for word in words[:-1]]
    yield _form(reading, gaps)
    if not joined:
        return
    closable = [n for n, gap in enumerate(gaps) if gap == " " and joins(*reading[n : n + 2])]
    for closed in _choices(closable):
        yield _form(reading, ["" if n in closed else gap for n, gap in enumerate(gaps)])


def _form(reading: tuple[str, ...], gaps: list[str]) -> str:
    pieces = (word + gap for word, gap in zip(reading, [*gaps, ""], strict=True))
    return "".join(pieces)


def _choices(closable: list[int]) -> Iterator[frozenset[int]]:
    """Yield which gaps to close: any of a few, else one or all."""
    if len(closable) < _ANY_GAPS:
        for bits in range(1, 2 ** len(closable)):
            yield frozenset(n for k, n in enumerate(closable) if bits >> k & 1)
        return
    yield frozenset(closable)
    yield from (frozenset({n}) for n in closable)


def joins(left: str, right: str) -> bool:
    """Say whether two words can stand together as one; acronyms and single characters do not."""
    return not (left.isupper() or right.isupper()) and min(len(left), len(right)) > 1

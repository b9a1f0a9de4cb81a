"""The words by which articles are found again, the same in every store. Pure.

The folded text of the rule language comes as words and breaks between single spaces. Each of them
is one word of the index, written in the few characters that its tokenizer leaves as they are. That
makes the index's answer to `" red line "` that of looking for it in the folded text itself; and no
character of a query has a meaning of its own to the index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from bot.model import Article, Source
from bot.ports import Remembered, SearchQuery

KEPT = ".;|^@_"
"""The characters of ASCII that words hold besides small letters and digits."""

_CAPITALS = "^"
"""Stands before a word with capitals: the acronym WHO is another word than who."""
_PUBLISHER = "@"
"""Stands before a name of the publisher."""
_LONGEST = 80
"""Words are cut to this many characters: text without spaces must not fill the index."""

_GAPS = re.compile(r"[\x00-\x20\x7f]+")
# Half a surrogate pair cannot be written to a database.
_ODD = re.compile(rf"[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e\ud800-\udfff](?<![{re.escape(KEPT)}])")
_CAPITAL = re.compile("[A-Z]")
_WORD = re.compile(r"\w+")


class Phrase(NamedTuple):
    """Words that follow each other. The last of them is only the beginning of a word if `open`."""

    words: tuple[str, ...]
    open: bool


Clauses = tuple[tuple[Phrase, ...], ...]
"""Of each clause at least one phrase must occur."""

Fold = Callable[[Article], str]
"""Folds an article that came without its folded text."""


def words_of(folded: str) -> list[str]:
    """Return the words of a folded text as the index holds them."""
    if not folded.isprintable():
        folded = _GAPS.sub(" ", folded)
    words = _ODD.sub("_", folded).split()
    if _CAPITAL.search(folded):
        words = [_marked(word) for word in words]
    return [word[:_LONGEST] for word in words]


def _marked(word: str) -> str:
    return _CAPITALS + word.lower() if _CAPITAL.search(word) else word


def indexed(remembered: Remembered, fold: Fold) -> str:
    """Return the words of an article and the names of its publisher, between single spaces."""
    article = remembered.article
    words = words_of(remembered.folded or fold(article))
    return " ".join([*words, *_publisher(article.source)])


def simple_fold(article: Article) -> str:
    """Fold an article without the rule language: case and accents; no plurals, no breaks."""
    return f" {_folded(article.title)} | {_folded(article.text)} | "


def _folded(text: str) -> str:
    return " ".join(_WORD.findall(_letters(text)))


def _letters(text: str) -> str:
    """Fold case and take the accents off."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()


@lru_cache(maxsize=4096)
def _publisher(source: Source) -> tuple[str, ...]:
    """Return the names by which a publisher is asked for: domains, name, feed."""
    parts = _key(source.domain).removeprefix("www.").split(".")
    domains = [".".join(parts[at:]) for at in range(max(1, len(parts) - 1))]
    names = [*domains, _key(source.name), _key(source.feed_id)]
    return tuple(_PUBLISHER + name for name in dict.fromkeys(names) if name)


def _key(name: str) -> str:
    return "_".join(words_of(_letters(name)))


def clauses_of(query: SearchQuery) -> Clauses | None:
    """Return what must occur; None where nothing can answer the query."""
    clauses = [tuple(map(_phrase, clause)) for clause in query.clauses]
    if query.source is not None:
        name = _PUBLISHER + _key(query.source).removeprefix("www.")
        clauses.append((Phrase((name,), open=False),))
    if not all(clauses):
        return None
    return tuple(clause for clause in clauses if all(phrase.words for phrase in clause))


def _phrase(piece: str) -> Phrase:
    words = tuple(words_of(piece))
    return Phrase(words, open=not piece[-1:].isspace())


def occurs(phrase: Phrase, words: str) -> bool:
    """Say whether a phrase occurs in what `indexed` returned."""
    end = "" if phrase.open else " "
    return f" {' '.join(phrase.words)}{end}" in f" {words} "


def holds(clauses: Clauses, words: str) -> bool:
    """Say whether of each clause at least one phrase occurs."""
    return all(any(occurs(phrase, words) for phrase in clause) for clause in clauses)

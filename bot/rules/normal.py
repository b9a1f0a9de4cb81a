"""One normalisation of an article, shared by all rules.

The article's words are folded (case, accents, quotes, plural and possessive) into one string, which
is searched as it is: `" red line "` in `NormalText.folded` is an occurrence of the phrase. A `;`
stands where a phrase cannot go on, at a comma or the end of a sentence; a `|` ends the title and
the text. After them come short strands: a second reading of single words in their surroundings,
such as `ceasefire` for `cease-fire`, `WHO` beside `who`, `schroeder` for `Schröder`.

Nothing is lost: every position of the folded text leads back to exact characters of the article.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from bot.model import Article, Field
from bot.rules.fold import BREAK, BREAKS_AFTER, END, SEVERAL
from bot.rules.kinds import Hit, Seeker
from bot.rules.lexicon import Ints, Keys, Tokens, read_tokens, word_key
from bot.rules.strands import END_KEY, Strands, strands_of

_FEW_TERMS = 12
"""So many terms are looked for one by one; for more, the words are sorted first."""
_END_KEYS = np.array([END_KEY])
LEAD_SENTENCES = 3
"""`lead:` looks at this many sentences from the start of the text (issue 3)."""


@dataclass(frozen=True, eq=False)
class NormalText:
    """An article's words, folded, with the way back to its characters.

    A token is a word of the article; the title's come first, the text's begin at `text_token`.
    Sequences over tokens: `words`, `flags` (bits of `bot.rules.fold`), `starts` and `ends`
    (half-open character spans in the token's own field). Sequences over positions, which are the
    tokens followed by the words of the strands: `offsets`, where the space before the word stands
    in `folded`; `firsts` and `lasts`, the half-open range of tokens that the word stands for.
    `sentence_tokens` is the first token of each sentence. All these are made when they are asked
    for: most articles match nothing.
    """

    article: Article
    tokens: Tokens
    found: dict[Seeker, tuple[Hit, ...]] = field(default_factory=dict)

    @cached_property
    def text_token(self) -> int:
        """Return the first token of the text."""
        return self.tokens.text_token

    @cached_property
    def words(self) -> list[str]:
        """Return the folded word of each token."""
        return self.tokens.words

    @cached_property
    def strands(self) -> Strands:
        """Return the second readings."""
        return strands_of(self.tokens)

    @cached_property
    def _broken(self) -> Ints:
        """Return the tokens behind which no phrase goes on, the last among them."""
        broken = np.flatnonzero(self.tokens.flags & BREAKS_AFTER)
        last = len(self.tokens) - 1
        return broken if last < 0 or last in broken[-1:] else np.append(broken, last)

    @cached_property
    def folded(self) -> str:
        """Return the words, their breaks and their second readings as one string."""
        chunks = self.words.copy()
        for token in self._broken.tolist():
            chunks[token] += f" {BREAK}"
        for end in {self.text_token, len(chunks)} - {0}:
            chunks[end - 1] = f"{self.words[end - 1]} {END}"
        return f" {' '.join(chunks + self.strands.words)} "

    @cached_property
    def keys(self) -> Keys:
        """Return the words of the tokens, an end, and the words of the strands as numbers."""
        return np.concatenate([self.tokens.keys, _END_KEYS, self.strands.keys])

    @cached_property
    def _sorted_keys(self) -> tuple[list[int], list[int]]:
        """Return the keys in ascending order, and where each of them stands."""
        order = self.keys.argsort(kind="stable")
        return self.keys[order].tolist(), order.tolist()

    def _places(self, word: str) -> list[int]:
        """Return where in `keys` a word may stand; what the keys say is not proved."""
        key = word_key(word)
        if "_sorted_keys" not in self.__dict__ and len(self.found) < _FEW_TERMS:
            places: list[int] = np.flatnonzero(self.keys == np.uint64(key)).tolist()
            return places
        keys, order = self._sorted_keys
        return order[bisect_left(keys, key) : bisect_right(keys, key)]

    @cached_property
    def flags(self) -> list[int]:
        """Return the flags of each token."""
        flags: list[int] = self.tokens.flags.tolist()
        return flags

    @cached_property
    def starts(self) -> list[int]:
        """Return where each token begins in its field."""
        starts: list[int] = self.tokens.starts.tolist()
        return starts

    @cached_property
    def ends(self) -> list[int]:
        """Return where each token ends in its field."""
        ends: list[int] = self.tokens.ends.tolist()
        return ends

    @cached_property
    def sentence_tokens(self) -> list[int]:
        """Return the first token of each sentence."""
        low = self.text_token
        return [bisect_left(self.starts, start, low) for start, _ in self.article.sentences]

    @cached_property
    def offsets(self) -> list[int]:
        """Return where in `folded` the space before each position stands, and where it ends."""
        tokens, strands = self.tokens, self.strands
        sizes = tokens.sizes + 1
        sizes[self._broken] += len(f" {BREAK}")
        readings = np.fromiter(map(len, strands.words), np.int64, len(strands.words)) + 1
        ends = np.append(sizes, readings).cumsum()
        offsets = np.append(0, ends)
        stands = np.append(np.ones(len(sizes), np.bool_), strands.stands)
        found: list[int] = offsets[np.append(stands, True)].tolist()
        return found

    @cached_property
    def firsts(self) -> list[int]:
        """Return the first token of each position."""
        return [*range(len(self.tokens)), *self.strands.firsts.tolist()]

    @cached_property
    def lasts(self) -> list[int]:
        """Return the token behind the last of each position."""
        return [*range(1, len(self.tokens) + 1), *self.strands.lasts.tolist()]

    def find(self, seeker: Seeker) -> tuple[Hit, ...]:
        """Return the occurrences of a term, looked for once however many rules ask."""
        known = self.found.get(seeker)
        if known is None:
            known = self.found[seeker] = tuple(seeker.find(self))
        return known

    def begins(self, phrase: str) -> bool:
        """Say whether the first word of a phrase may occur, out of very many phrases."""
        keys, _ = self._sorted_keys
        key = word_key(phrase[1:].partition(" ")[0])
        return self._is_spelled_out or bisect_left(keys, key) < bisect_right(keys, key)

    @cached_property
    def _is_spelled_out(self) -> bool:
        """Say whether a token is several words: then only the folded text has them all."""
        return bool(np.any(self.tokens.flags & SEVERAL))

    def occurrences(self, phrase: str) -> Iterator[tuple[int, int]]:
        """Yield the half-open token ranges where a piece of folded text occurs."""
        bounded = len(phrase) > 1 and phrase[0] == phrase[-1] == " "
        if not bounded or BREAK in phrase or self._is_spelled_out:
            yield from self._occurrences_in_folded(phrase)
            return
        words = phrase[1:-1].split(" ")
        for place in self._places(words[0]):
            if self._stand_at(words, place):
                yield self._tokens_of(place, place + len(words) - 1)

    def _occurrences_in_folded(self, phrase: str) -> Iterator[tuple[int, int]]:
        at = self.folded.find(phrase)
        while at >= 0:
            yield self.tokens_at(at, at + len(phrase))
            at = self.folded.find(phrase, at + 1)

    def _stand_at(self, words: list[str], place: int) -> bool:
        """Say whether the words stand one behind the other at a place of `keys`."""
        behind, own = place + len(words), len(self.tokens)
        if place >= own:
            return self.strands.words[place - own - 1 : behind - own - 1] == words
        flags, rows = self.tokens.flags, self.tokens.rows
        if behind > own or any(flags[n] & BREAKS_AFTER for n in range(place, behind - 1)):
            return False
        known = self.tokens.lexicon.words
        return all(known[rows[place + n]] == word for n, word in enumerate(words))

    def _tokens_of(self, place: int, last: int) -> tuple[int, int]:
        """Return the tokens of the words from one place of `keys` to another."""
        own = len(self.tokens)
        if place < own:
            return place, last + 1
        return self.strands.tokens_of(place - own - 1, last - own - 1)

    def tokens_at(self, start: int, end: int) -> tuple[int, int]:
        """Return the tokens of the half-open span of `folded`, which begins before a word."""
        position = bisect_left(self.offsets, start)
        last = max(position, bisect_left(self.offsets, end - 1) - 1)
        if last < len(self.tokens):
            return position, last + 1
        return self.firsts[position], self.lasts[last]

    def hit(self, first: int, last: int) -> Hit:
        """Return the occurrence that covers the tokens `first` to `last` (half-open)."""
        where = Field.TITLE if first < self.text_token else Field.TEXT
        return Hit(where, first, last, self.starts[first], self.ends[last - 1])

    def hit_of_characters(self, where: Field, start: int, end: int) -> Hit:
        """Return the occurrence that covers a character span of the title or the text."""
        low, high = self.token_range(where)
        first = max(low, bisect_right(self.starts, start, low, high) - 1)
        last = max(first + 1, bisect_left(self.starts, end, low, high))
        return Hit(where, first, last, start, end)

    def token_range(self, where: Field) -> tuple[int, int]:
        """Return the half-open range of the tokens of the title or the text."""
        if where is Field.TITLE:
            return 0, self.text_token
        return self.text_token, len(self.tokens)

    def has_tokens(self, where: Field) -> bool:
        """Say whether there is a word in the title or the text."""
        first, last = self.token_range(where)
        return first < last

    def lead_range(self) -> tuple[int, int]:
        """Return the half-open range of the tokens of the first three sentences of the text."""
        if len(self.sentence_tokens) <= LEAD_SENTENCES:
            return self.text_token, len(self.tokens)
        return self.text_token, self.sentence_tokens[LEAD_SENTENCES]

    def sentence_of(self, token: int) -> int | None:
        """Return the index of the token's sentence; None for the title."""
        if token < self.text_token:
            return None
        return max(0, bisect_right(self.sentence_tokens, token) - 1)

    def source(self, where: Field) -> str:
        """Return the characters that spans in a field refer to; META has none."""
        if where is Field.TITLE:
            return self.article.title
        if where is Field.SOURCE:
            return self.article.source.domain
        return self.article.text if where is Field.TEXT else ""

    def folded_name(self, first: int, last: int) -> str:
        """Return the folded words of a half-open range of tokens."""
        return " ".join(self.words[first:last])

    def written(self, token: int) -> str:
        """Return a token as the article writes it, without a possessive ending."""
        source = self.article.title if token < self.text_token else self.article.text
        return source[self.starts[token] : self.ends[token]]


def normalise(article: Article) -> NormalText:
    """Fold an article's title and text, once for all rules."""
    normal = _normalised(article)
    _LAST[:] = [normal]
    return normal


def folded_text(article: Article) -> str:
    """Return the folded text alone; of the article that was folded last it is at hand."""
    if _LAST and _LAST[0].article is article:
        return _LAST[0].folded
    return normalise(article).folded


_LAST: list[NormalText] = []
"""What was folded last: an article is matched, and then remembered with its folded text."""


def _normalised(article: Article) -> NormalText:
    return NormalText(article, read_tokens(article.title, article.text))

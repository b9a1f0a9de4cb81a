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
from itertools import accumulate
from operator import add

from bot.model import Article, Field
from bot.rules.fold import BREAKS_AFTER, END, JOINS_NEXT, Columns, Word, folded_words
from bot.rules.kinds import Hit, Seeker
from bot.rules.strands import Positions

_MANY_TERMS = 40
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
    for: most articles match nothing. `begins` is where the words of title and text begin.
    """

    article: Article
    folded: str
    text_token: int
    tokens: Columns
    positions: Positions
    begins: tuple[int, int]
    found: dict[Seeker, tuple[Hit, ...]] = field(default_factory=dict)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Return the folded word of each token."""
        return self.tokens.words

    @property
    def _is_searched_much(self) -> bool:
        """Say whether it is worth knowing all places: that costs as much as reading it 50 times."""
        return "places" in self.__dict__ or len(self.found) > _MANY_TERMS

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Return where in `folded` the space before each word stands."""
        places: dict[str, list[int]] = {}
        words = self.folded.split(" ")
        for word, end in zip(words, accumulate([len(word) + 1 for word in words]), strict=True):
            places.setdefault(word, []).append(end - len(word) - 2)
        return places

    @property
    def strands(self) -> list[str]:
        """Return the words and ends of the second readings."""
        return " ".join(self.positions.chunks[len(self.words) :]).split(" ")

    @cached_property
    def flags(self) -> tuple[int, ...]:
        """Return the flags of each token."""
        return self.tokens.flags

    @cached_property
    def starts(self) -> list[int]:
        """Return where each token begins in its field."""
        title_at, text_at = self.begins
        lengths, title = self.tokens.lengths, self.text_token
        starts = list(accumulate(lengths[:title], initial=title_at))
        starts[title:] = accumulate(lengths[title:], initial=text_at)
        starts.pop()
        return starts

    @cached_property
    def ends(self) -> list[int]:
        """Return where each token ends in its field."""
        return list(map(add, self.starts, self.tokens.widths))

    @cached_property
    def sentence_tokens(self) -> list[int]:
        """Return the first token of each sentence."""
        low = self.text_token
        return [bisect_left(self.starts, start, low) for start, _ in self.article.sentences]

    @cached_property
    def offsets(self) -> list[int]:
        """Return where in `folded` the space before each position stands."""
        return list(accumulate([len(chunk) + 1 for chunk in self.positions.chunks], initial=0))

    @cached_property
    def firsts(self) -> list[int]:
        """Return the first token of each position."""
        return self.positions.firsts

    @cached_property
    def lasts(self) -> list[int]:
        """Return the token behind the last of each position."""
        return self.positions.lasts

    def find(self, seeker: Seeker) -> tuple[Hit, ...]:
        """Return the occurrences of a term, looked for once however many rules ask."""
        known = self.found.get(seeker)
        if known is None:
            known = self.found[seeker] = tuple(seeker.find(self))
        return known

    def occurrences(self, phrase: str) -> Iterator[tuple[int, int]]:
        """Yield the half-open token ranges where a piece of folded text occurs."""
        word, bounded, _ = phrase[1:].partition(" ")
        if bounded and phrase[0] == " " and self._is_searched_much:
            for at in self.places.get(word, ()):
                if self.folded.startswith(phrase, at):
                    yield self.tokens_at(at, at + len(phrase))
            return
        at = self.folded.find(phrase)
        while at >= 0:
            yield self.tokens_at(at, at + len(phrase))
            at = self.folded.find(phrase, at + 1)

    def tokens_at(self, start: int, end: int) -> tuple[int, int]:
        """Return the tokens of the half-open span of `folded`, which begins before a word."""
        position = bisect_left(self.offsets, start)
        after = bisect_left(self.offsets, end - 1)
        return self.firsts[position], self.lasts[max(position, after - 1)]

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
        return self.text_token, len(self.words)

    def has_tokens(self, where: Field) -> bool:
        """Say whether there is a word in the title or the text."""
        first, last = self.token_range(where)
        return first < last

    def lead_range(self) -> tuple[int, int]:
        """Return the half-open range of the tokens of the first three sentences of the text."""
        if len(self.sentence_tokens) <= LEAD_SENTENCES:
            return self.text_token, len(self.words)
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
    title_at, title = folded_words(article.title)
    text_at, text = folded_words(article.text)
    if title:
        title[-1] = _ended(title[-1])
    tokens = Columns(title + text)
    positions = Positions(tokens)
    return NormalText(
        article=article,
        folded=f" {' '.join(positions.chunks)} ",
        text_token=len(title),
        tokens=tokens,
        positions=positions,
        begins=(title_at, text_at),
    )


def _ended(token: Word) -> Word:
    flags = (token.flags | BREAKS_AFTER) & ~JOINS_NEXT
    return token._replace(chunk=f"{token.word} {END}", flags=flags)

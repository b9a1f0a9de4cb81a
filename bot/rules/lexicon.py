"""Words that were read before, in columns: most of any article.

A text is cut at its spaces, and each piece is looked up whole, with its punctuation. What a piece
is made of was found out when it was first seen, so that an article becomes arrays of numbers in a
few steps, and nothing is made for each of its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.rules.fold import BREAKS_AFTER, JOINS_NEXT, breaks_phrase, cut, read_word

Keys = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

_MOST_PIECES: Final = 200_000
_MOST_TOKENS: Final = 500_000
"""From so many on, a lexicon is begun anew: it takes about 100 MB then."""
_FEW_SPACES: Final = 20
"""A text with more characters to a space is written in a script without spaces."""
_WHOLE: Final = "\0"
"""Stands before a piece behind which no space was cut off."""
_MARK: Final = "\1"
"""Stands before a piece that was cut out, with a space put before it and behind it."""
_MARKS: Final = {mark: f" {_MARK}{mark} " for mark in '\n“”"'} | {", ": f" {_MARK},  "}
"""What is cut out, so that a word before or behind it is a word that was seen before."""
_KEY_MASK: Final = (1 << 64) - 1


def word_key(word: str) -> int:
    """Return a word as a number of 64 bits.

    Python keys its hash of strings anew in every process (PEP 456), so that nobody outside can make
    two words collide.
    """
    return hash(word) & _KEY_MASK


class _Table:
    """Columns of numbers that grow by whole rows; `all` has them, beyond `size` nothing is said.

    Rows wait in `waiting` until they are put into the columns together.
    """

    def __init__(self, columns: int) -> None:
        self.all: Ints = np.zeros((columns, 1024), np.int64)
        self.size = 0
        self.waiting: list[tuple[int, ...]] = []

    def put_in(self) -> None:
        """Put those that wait into the columns."""
        size = self.size + len(self.waiting)
        if size > self.all.shape[1]:
            more = np.zeros((len(self.all), 2 * size), np.int64)
            more[:, : self.size] = self.all[:, : self.size]
            self.all = more
        if self.waiting:
            self.all[:, self.size : size] = np.array(self.waiting, np.int64).T
        self.size = size
        self.waiting.clear()


class Lexicon(dict[str, int]):
    """The numbers of pieces, and what they are made of.

    Columns of `pieces`: how many tokens they have; where these begin in `tokens`; how many
    characters it is to the next piece; whether no phrase goes on from before it. Of `tokens`: their
    row; their place in their piece. Of `rows`, which are words with what follows them: their
    readings as numbers; their flags (bits of `bot.rules.fold`); how many characters the word has as
    it is written, and folded. `words` and `others` are the readings of the rows.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self._pieces, self._tokens, self._rows = _Table(4), _Table(2), _Table(5)
        self.words: list[str] = []
        self.others: list[str] = []
        self._row_of: dict[str, int] = {}
        self._tokens_seen = 0
        self._lock = Lock()

    @property
    def is_full(self) -> bool:
        """Say whether it should be begun anew."""
        return len(self) > _MOST_PIECES or self._tokens_seen > _MOST_TOKENS

    @property
    def pieces(self) -> Ints:
        """Return the columns of pieces."""
        return self._pieces.all

    @property
    def tokens(self) -> Ints:
        """Return the columns of tokens."""
        return self._tokens.all

    @property
    def rows(self) -> Ints:
        """Return the columns of rows."""
        return self._rows.all

    def numbers(self, pieces: list[str]) -> Ints:
        """Return the numbers of pieces, whose columns are filled."""
        numbers = np.fromiter(map(self.__getitem__, pieces), np.int64, len(pieces))
        if self._pieces.waiting:
            with self._lock:
                self._rows.put_in()
                self._tokens.put_in()
                self._pieces.put_in()
        return numbers

    def __missing__(self, piece: str) -> int:
        """Read a piece that was not seen before."""
        with self._lock:
            return self[piece] if piece in self else self._read(piece)

    def _read(self, piece: str) -> int:
        if piece.isascii() and piece.isalpha():
            text, at, parts = piece, 0, [f"{piece} "]
            advance = len(piece) + 1
        else:
            text, advance = _written(piece)
            at, parts = cut(text)
        broken = at > 0 and breaks_phrase(text[:at])
        self._pieces.waiting.append((len(parts), self._tokens_seen, advance, broken))
        for part in parts:
            row = self._row_of.get(part)
            self._tokens.waiting.append((self._add(part) if row is None else row, at))
            at += len(part)
        self._tokens_seen += len(parts)
        number = self[piece] = len(self)
        return number

    def _add(self, part: str) -> int:
        """Read a word and what follows it, and return its row."""
        word, _, width, _, flags, other = read_word(part)
        other = other or word
        self._rows.waiting.append((hash(word), hash(other), flags, width, len(word)))
        self.words.append(word)
        self.others.append(other)
        row = self._row_of[part] = len(self.words) - 1
        return row


@dataclass(frozen=True, eq=False)
class Tokens:
    """The words of a title and a text, the title's first: rows of a lexicon, and their flags.

    `text_token` is the first word of the text. `pieces` are what they were cut from, of which the
    first `title_pieces` are the title's.
    """

    lexicon: Lexicon
    rows: Ints
    flags: Ints
    text_token: int
    pieces: Ints
    title_pieces: int

    def __len__(self) -> int:
        """Return how many words there are."""
        return len(self.rows)

    @cached_property
    def words(self) -> list[str]:
        """Return the folded words."""
        return list(map(self.lexicon.words.__getitem__, self.rows.tolist()))

    @cached_property
    def keys(self) -> Keys:
        """Return the folded words as numbers."""
        keys: Keys = self.lexicon.rows[_KEY][self.rows].view(np.uint64)
        return keys

    @cached_property
    def other_keys(self) -> Keys:
        """Return the second readings as numbers; the first where there is but one."""
        keys: Keys = self.lexicon.rows[_OTHER_KEY][self.rows].view(np.uint64)
        return keys

    @cached_property
    def sizes(self) -> Ints:
        """Return how many characters the folded words have."""
        sizes: Ints = self.lexicon.rows[_SIZE][self.rows]
        return sizes

    @cached_property
    def starts(self) -> Ints:
        """Return where each word begins in its field."""
        counts, begins, advances, _ = self.lexicon.pieces[:, self.pieces]
        places = advances.cumsum() - advances
        places[self.title_pieces :] -= places[self.title_pieces]
        starts: Ints = np.repeat(places, counts)
        starts += self.lexicon.tokens[_AT][_several(begins, counts)]
        return starts

    @cached_property
    def ends(self) -> Ints:
        """Return where each word ends in its field."""
        ends: Ints = self.starts + self.lexicon.rows[_WIDTH][self.rows]
        return ends


_ROW, _AT = range(2)
_KEY, _OTHER_KEY, _FLAGS, _WIDTH, _SIZE = range(5)


def read_tokens(title: str, text: str) -> Tokens:
    """Read the words of a title and a text."""
    lexicon = _current()
    of_title = _cut_up(title)
    pieces = lexicon.numbers(of_title + _cut_up(text))
    counts, begins, _, broken = lexicon.pieces[:, pieces]
    rows = lexicon.tokens[_ROW][_several(begins, counts)]
    flags = lexicon.rows[_FLAGS][rows]
    ends = counts.cumsum()
    at_break = np.flatnonzero(broken)
    before = ends[at_break] - counts[at_break] - 1
    flags[before[before >= 0]] |= BREAKS_AFTER
    text_token = int(ends[len(of_title) - 1])
    if text_token:
        flags[text_token - 1] = (flags[text_token - 1] | BREAKS_AFTER) & ~JOINS_NEXT
    return Tokens(lexicon, rows, flags, text_token, pieces, len(of_title))


def _written(piece: str) -> tuple[str, int]:
    """Return a piece as it is written, and how many characters it is to the next."""
    if piece.startswith(_MARK):
        return piece[1:], len(piece) - 2
    if piece.startswith(_WHOLE):
        return piece[1:], len(piece) - 1
    return f"{piece} ", len(piece) + 1


def _cut_up(text: str) -> list[str]:
    """Cut a text into pieces."""
    plain = text.replace("_", " ").replace(_WHOLE, " ").replace(_MARK, " ")
    if len(plain) > _FEW_SPACES * (1 + plain.count(" ")):
        at, parts = cut(plain)
        return [_WHOLE + part for part in (plain[:at], *parts)]
    for mark, cut_out in _MARKS.items():
        plain = plain.replace(mark, cut_out)
    return plain.split(" ")


def _several(begins: Ints, counts: Ints) -> Ints:
    """Return so many numbers from each of the beginnings on."""
    ends = counts.cumsum()
    at: Ints = np.arange(ends[-1])
    at += np.repeat(begins - ends + counts, counts)
    return at


_LEXICON = Lexicon()


def _current() -> Lexicon:
    """Return the lexicon that new articles are read with."""
    global _LEXICON  # noqa: PLW0603 - what was read of one article is there for the next
    if _LEXICON.is_full:
        _LEXICON = Lexicon()
    return _LEXICON

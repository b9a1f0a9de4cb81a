"""Archives: files of articles, one JSON object a line, for `redline replay` and `rules lint`.

They come from exports, crawls and other people's scripts. What is missing is done without where
that can be; a line that is no article is told with its number, and the others go on.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias, cast

from bot.articles.language import guessed, settled
from bot.articles.sentences import split
from bot.errors import ParseError
from bot.model import Article, DateFlag, Evidence, Field, Source, TextFrom
from bot.text import canonical_url, clean_text, domain_of, one_line

LONGEST_LINE: Final = 64 * 2**20
"""Bytes of a line. A longer one is passed over unread: a file without line ends is no archive."""

STANDARD_INPUT: Final = Path("-")

_ADVICE = "Give a JSON Lines file, .gz or not"
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS: Final = 100_000_000_000
"""Numbers above this are milliseconds since 1970: as seconds they would lie in the year 5138."""

Line: TypeAlias = tuple[int, bytes]
"""The number of a line, from 1, and what stands in it."""

Refused: TypeAlias = Callable[[ParseError], None]
Watched: TypeAlias = Callable[[BinaryIO, int | None], BinaryIO]
Measured: TypeAlias = "Callable[[Callable[[], Archived]], Archived]"


@dataclass(frozen=True, slots=True)
class Archived:
    """An article of an archive, and its title and text as they were given, before cleaning."""

    article: Article
    title: str
    text: str

    def placer(self) -> Callable[[Evidence], Evidence]:
        """Return what moves evidence to where it stands in the given title and text.

        Those who have only these can then find it. Where they are clean already, nothing changes.
        """
        movers = {
            Field.TITLE: _Mover(self.article.title, self.title),
            Field.TEXT: _Mover(self.article.text, self.text),
        }
        return lambda found: movers[found.field].move(found) if found.field in movers else found


class _Mover:
    """Finds the places of a clean text in the one that it was made of."""

    def __init__(self, clean: str, given: str) -> None:
        self._clean = clean
        self._given = given
        self._origins: Sequence[int] | None = None

    def move(self, found: Evidence) -> Evidence:
        """Return evidence with its span and words in the given text."""
        if self._clean == self._given or found.start == found.end:
            return found
        if self._origins is None:
            self._origins = origins(self._clean, self._given)
        start, end = self._origins[found.start], self._origins[found.end - 1] + 1
        while end < len(self._given) and unicodedata.combining(self._given[end]):
            end += 1
        return replace(found, start=start, end=end, text=self._given[start:end])


def origins(clean: str, given: str) -> Sequence[int]:
    """Return for each character of `clean`, which was made of `given`, where it began in it.

    Cleaning drops characters, composes others and changes white space; the order stays. A mark
    stands where its letter does, and white space right after what is before it.
    """
    shift = given.find(clean)
    if shift >= 0:
        return range(shift, shift + len(clean))
    found: list[int] = []
    at = -1
    for character in clean:
        if character.isspace():
            found.append(at + 1)
            continue
        if not unicodedata.combining(character):
            at = _next(given, at + 1, character)
        found.append(at)
    return found


def _next(given: str, at: int, character: str) -> int:
    """Return where, from `at` on, `character` begins, composed or not."""
    base = unicodedata.normalize("NFD", character)[0]
    while given[at] != character and unicodedata.normalize("NFD", given[at])[0] != base:
        at += 1
    return at


# --- lines ----------------------------------------------------------------------------------------


def lines_of(path: Path, watched: Watched = lambda file, _size: file) -> Iterator[Line]:
    """Yield the lines of an archive that are not blank, with their numbers; unpack it on the way.

    Args:
        path: the file, packed with gzip or not; `-` is standard input.
        watched: takes the open file and its size in bytes, where that is known, and returns what
            is read instead; for showing how far the reading has come.

    Raises:
        ParseError: the file cannot be read, or its packing is damaged.
    """
    try:
        with _opened(path, watched) as file:
            yield from _numbered(file)
    except FileNotFoundError:
        raise ParseError(str(path), "there is no such file", advice=_ADVICE) from None
    except (OSError, EOFError, zlib.error) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise ParseError(str(path), f"cannot be read: {reason}", advice=_ADVICE) from error


@contextmanager
def _opened(path: Path, watched: Watched) -> Iterator[BinaryIO]:
    if path == STANDARD_INPUT:
        with _unpacked(watched(sys.stdin.buffer, None)) as unpacked:
            yield unpacked
        return
    with path.open("rb") as file, _unpacked(watched(file, _size(file))) as unpacked:
        yield unpacked


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


@contextmanager
def _unpacked(file: BinaryIO) -> Iterator[BinaryIO]:
    """Yield what is in a file; that it is packed is seen by its first bytes, not by its name."""
    buffered = io.BufferedReader(cast(io.RawIOBase, file))
    packed = buffered.peek(len(_GZIP)).startswith(_GZIP)
    try:
        yield cast(BinaryIO, gzip.GzipFile(fileobj=buffered)) if packed else buffered
    finally:
        buffered.detach()


def _numbered(file: BinaryIO) -> Iterator[Line]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        while len(line) > LONGEST_LINE and (rest := file.readline(LONGEST_LINE)):
            line = line[: LONGEST_LINE + 1]
            if rest.endswith(b"\n"):
                break
        if line.strip():
            yield number, line


# --- articles -------------------------------------------------------------------------------------


def _unmeasured(work: Callable[[], Archived]) -> Archived:
    return work()


def read_archive(
    lines: Iterable[Line], refused: Refused, measured: Measured = _unmeasured
) -> Iterator[Archived]:
    """Yield the articles of an archive.

    Args:
        lines: its lines.
        refused: takes the error of each line that is no article; it never stops the others.
        measured: runs the reading of one line, and may take its time.
    """
    latest = _EPOCH
    for line in lines:
        try:
            archived = measured(partial(archived_of, line, latest))
        except ParseError as error:
            refused(error)
        else:
            latest = archived.article.published_at
            yield archived


def archived_of(line: Line, latest: datetime = _EPOCH) -> Archived:
    """Read one line: `id`, `url`, `title`, `text`, `published` and `source`; others are ignored.

    Only `id` and one of title and text must be there. An article without a date has that of the
    `latest` before it.

    Raises:
        ParseError: the line is not such an object; it names the line's number and the field.
    """
    given = _Given(*line)
    title, text, url = given.text("title"), given.text("text"), given.text("url")
    clean, domain = clean_text(text), domain_of(url)
    published = given.time("published")
    when = published or latest
    language = settled(given.language(), guessed(clean))
    article = Article(
        id=given.required("id"),
        version=1,
        url=canonical_url(url),
        link=url,
        source=Source(feed_id="", name=one_line(given.text("source")) or domain, domain=domain),
        title=one_line(title),
        text=clean,
        sentences=split(clean, language),
        published_at=when,
        fetched_at=when,
        date_flag=DateFlag.GIVEN if published else DateFlag.MISSING,
        text_from=TextFrom.PAGE,
        language=language,
    )
    if not (article.title or article.text):
        raise given.error("has neither title nor text")
    return Archived(article, title, text)


class _Given:
    """The fields of one line, each read with what it must be."""

    def __init__(self, number: int, line: bytes) -> None:
        """Read the JSON of a line."""
        self._about = f"line {number}"
        if len(line) > LONGEST_LINE:
            raise self.error(f"has more than {LONGEST_LINE // 2**20} MiB")
        try:
            fields: Any = json.loads(line.removeprefix(_BYTE_ORDER_MARK).decode())
        except UnicodeDecodeError as error:
            raise self.error("is not UTF-8 text", f"Look at its byte {error.start + 1}") from error
        except (ValueError, RecursionError) as error:
            raise self.error("is not JSON", "Write one JSON object a line") from error
        if not isinstance(fields, dict):
            raise self.error("is not a JSON object")
        self._fields = fields

    def error(self, problem: str, advice: str = "") -> ParseError:
        """Return the error that this line has."""
        return ParseError(self._about, problem, advice=advice)

    def required(self, name: str) -> str:
        """Return a text that must be there, without half surrogates; a number serves, too."""
        value = self._fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        text = self.text(name)
        whole = not any("\ud800" <= character <= "\udfff" for character in text)
        return text if text and whole else self._refuse(name)

    def text(self, name: str) -> str:
        """Return a text, "" where it is missing or null."""
        value = self._fields.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        return self._refuse(name)

    def language(self) -> str | None:
        """Return what the line says of its language: a field that nobody is asked for."""
        value = self._fields.get("language")
        return value if isinstance(value, str) else None

    def time(self, name: str) -> datetime | None:
        """Return a time with its zone, UTC where none is given; None where it is missing."""
        value = self._fields.get(name)
        if not value and not isinstance(value, int):
            return None
        read = _moment(value)
        if read is None:
            advice = "Write it as 2026-03-02T09:00:00Z"
            raise self.error(f"has the date {value!r} under {name!r}", advice)
        return read if read.tzinfo else read.replace(tzinfo=UTC)

    def _refuse(self, name: str) -> str:
        raise self.error(f"has no text under {name!r}")


def _moment(written: object) -> datetime | None:
    """Return a time in ISO 8601, as in mail and RSS (RFC 2822), or in seconds since 1970."""
    try:
        if isinstance(written, str):
            return _written(written.strip())
        if isinstance(written, int | float) and not isinstance(written, bool):
            seconds = written / 1000 if abs(written) > _MILLISECONDS else written
            return _EPOCH + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        pass
    return None


def _written(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)

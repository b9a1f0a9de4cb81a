"""A database of half a million articles, made of the archive in ../shared/data.

Each text of the archive is used again and again, its sentences shuffled, at dates of its own,
published in about the order in which it was read. The rows are those that the store writes; only
the transactions are larger, and not synced.
"""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from time import perf_counter

from bot.articles.sentences import split
from bot.model import Article, Source, Span
from bot.ports import Remembered
from bot.rules.normal import normalise
from bot.store import migrations
from bot.store.codec import Codec
from bot.store.places import A_SECOND, free_place
from bot.store.sqlite import writing_engine
from bot.store.words import indexed, simple_fold

ARCHIVE = Path(__file__).parents[2] / "shared" / "data" / "news-2016-2017.jsonl.gz"
FIRST_DAY = datetime(2023, 1, 1, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)
A_BATCH = 500
AHEAD = 4
NOBODY = Source(feed_id="", name="", domain="")


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the archive: its sentences, each as it is written and as it is folded."""

    title: str
    folded_title: str
    sentences: tuple[tuple[str, str], ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Row:
    """An article as it is inserted."""

    name: str
    second: int
    document: str
    words: str


def texts() -> list[Text]:
    """Read the archive."""
    with gzip.open(ARCHIVE, "rt", encoding="utf-8") as lines, Pool(2) as pool:
        return pool.map(text_of, lines, chunksize=100)


def text_of(line: str) -> Text:
    """Cut one line of the archive into folded sentences."""
    item = json.loads(line)
    domain = item["url"].split("/")[2].removeprefix("www.")
    pieces = [item["text"][span.start : span.end] for span in split(item["text"], "en")]
    return Text(
        title=item["title"],
        folded_title=folded(item["title"]),
        sentences=tuple((piece, folded(piece)) for piece in pieces),
        source=Source(feed_id=item["source"].lower(), name=item["source"], domain=domain),
    )


def folded(text: str) -> str:
    """Fold a piece of text as the rule language does."""
    return normalise(article("x", ((text, ""),), FIRST_DAY, NOBODY)).folded


def article(
    name: str, sentences: Sequence[tuple[str, str]], at: datetime, source: Source, title: str = ""
) -> Article:
    """Return an article of these sentences."""
    spans, start = [], 0
    for written, _ in sentences:
        spans.append(Span(start, start + len(written)))
        start += len(written) + 1
    return Article(
        id=name,
        version=1,
        url=f"https://{source.domain}/{name}",
        link=f"https://{source.domain}/{name}",
        source=source,
        title=title,
        text=" ".join(written for written, _ in sentences),
        sentences=tuple(spans),
        published_at=at,
        fetched_at=at,
    )


_CODEC = Codec[Article](Article, "an article")
_TEXTS: list[Text] = []


def row(number: int, of: int) -> Row:
    """Make one article: a text with its sentences shuffled, at its own date."""
    luck = random.Random(number)
    text = _TEXTS[luck.randrange(len(_TEXTS))]
    sentences = list(text.sentences)
    luck.shuffle(sentences)
    read_at = FIRST_DAY + YEARS * (number / of)
    at = (read_at - timedelta(minutes=luck.expovariate(1 / 90))).replace(microsecond=0)
    name = f"{luck.getrandbits(64):016x}"
    made = article(name, sentences, at, text.source, text.title)
    words = f"{text.folded_title}{''.join(piece for _, piece in sentences)}"
    remembered = Remembered(article=made, aliases=(), content_hash=name, folded=words)
    return Row(name, int(at.timestamp()), _CODEC.write(made), indexed(remembered, simple_fold))


def build(path: Path, size: int) -> float:
    """Build the database and return the seconds it took."""
    _TEXTS[:] = texts()
    began = perf_counter()
    engine = writing_engine(path)
    with engine.begin() as connection:
        migrations.migrate(connection, "benchmark")
    engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection, Pool(1) as pool:
        connection.execute("PRAGMA synchronous=OFF")
        last: dict[int, int] = {}
        for batch in batches(pool, size):
            insert(connection, batch, last)
    return perf_counter() - began


def batches(pool: Pool, size: int) -> Iterator[list[Row]]:
    """Yield the rows in batches; a few of them are made beforehand."""
    ahead: deque[AsyncResult[list[Row]]] = deque()
    for start in range(0, size, A_BATCH):
        ahead.append(pool.apply_async(rows, (start, min(size, start + A_BATCH), size)))
        if len(ahead) > AHEAD:
            yield ahead.popleft().get()
    while ahead:
        yield ahead.popleft().get()


def rows(start: int, end: int, of: int) -> list[Row]:
    """Make the articles of a half-open range of numbers."""
    return [row(number, of) for number in range(start, end)]


def insert(connection: sqlite3.Connection, batch: Sequence[Row], last: dict[int, int]) -> None:
    """Insert articles as the store does, many in one transaction."""
    connection.execute("BEGIN")
    placed = []
    for one in batch:
        at = datetime.fromtimestamp(one.second, UTC)
        place = free_place(at, lambda first, _: last.get(first))
        last[place // A_SECOND * A_SECOND] = place
        placed.append((place, one))
    placed.sort(key=lambda pair: pair[0])
    connection.executemany(
        "INSERT INTO articles (article_id, version, published_at, document) VALUES (?, 1, ?, ?)",
        [(one.name, one.second * 1_000_000, one.document) for _, one in placed],
    )
    connection.executemany(
        "INSERT INTO shelf (place, article_id, version, newest) VALUES (?, ?, 1, 1)",
        [(place, one.name) for place, one in placed],
    )
    connection.executemany(
        "INSERT INTO article_words (rowid, words) VALUES (?, ?)",
        [(place, one.words) for place, one in placed],
    )
    connection.execute("COMMIT")

"""How fast articles are found again among half a million, beside a LIKE over the same rows.

Run `make bench-search`. The database lies in a temporary folder and is gone afterwards, unless a
folder is named to keep it in. The figures are of whole calls of the store: the query, fifty
articles read back, the threads.

    python -m benchmarks.search [--articles 500000] [--keep FOLDER] [--report docs/benchmarks.md]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.search_archive import FIRST_DAY, YEARS, build
from bot.ports import SearchQuery
from bot.rules.phrase import phrases_of
from bot.store.places import second_of
from bot.store.sql import SqlStore
from bot.store.words import clauses_of

HOUSE = Path(__file__).parents[1]
BEGIN, END = "<!-- bench-search -->\n", "<!-- end of bench-search -->\n"
WARM, COLD = 30, 5
PATIENCE = 20.0
"""How many seconds a LIKE may take."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: clauses of phrases, and what LIKE looks for in its place."""

    name: str
    query: SearchQuery
    like: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one question, in milliseconds; `like` is None where it took too long."""

    asked: Asked
    hits: int
    warm: tuple[float, ...]
    cold: tuple[float, ...]
    like: float | None


def asked(name: str, *written: str, **narrowed: object) -> Asked:
    """Return the question for words or phrases that all have to occur; `x*` is a beginning."""
    clauses = tuple(
        (f" {one[:-1]}",) if one.endswith("*") else tuple(phrases_of(one)) for one in written
    )
    query = SearchQuery(clauses=clauses, **narrowed)  # type: ignore[arg-type]  # its own fields
    return Asked(name, query, tuple(f"%{one.rstrip('*')}%" for one in written))


QUESTIONS = (
    asked("common word: president", "president"),
    asked("common phrase: white house", "white house"),
    asked("word: syria", "syria"),
    asked("phrase: red line", "red line"),
    asked("phrase: supreme court", "supreme court"),
    asked("rare word: kaliningrad", "kaliningrad"),
    asked("beginning: sanction*", "sanction*"),
    asked("common beginning: presiden*", "presiden*"),
    asked("short beginning: ref*", "ref*"),
    asked("two clauses: russia, sanctions", "russia", "sanctions"),
    asked("two clauses, rare: kaliningrad, president", "kaliningrad", "president"),
    asked("two clauses that never meet: kaliningrad, filibuster", "kaliningrad", "filibuster"),
    asked("no hit: zyzzyva", "zyzzyva"),
    asked("one source: president", "president", source="reuters"),
    asked("the last week: red line", "red line", since=FIRST_DAY + YEARS - timedelta(days=7)),
    asked("common words in a rare order: of the of the", "of the of the"),
)


def hits(connection: sqlite3.Connection, query: SearchQuery) -> int:
    """Count all hits of a question."""
    clauses = clauses_of(query) or ()
    wanted = " AND ".join(
        "(" + " OR ".join(f'"{" ".join(p.words)}"{"*" * p.open}' for p in clause) + ")"
        for clause in clauses
    )
    first = 0 if query.since is None else second_of(query.since)
    counted = connection.execute(
        "SELECT count(*) FROM article_words WHERE article_words MATCH ? AND rowid >= ?",
        (wanted, first),
    )
    return int(counted.fetchone()[0])


async def warm(path: Path, queries: Sequence[SearchQuery]) -> list[list[float]]:
    """Return the times of each question, asked in turns of an open store."""
    store = SqlStore(path, read_only=True)
    await store.open()
    times: list[list[float]] = [[] for _ in queries]
    for turn in range(WARM + 1):
        for query, found in zip(queries, times, strict=True):
            began = perf_counter()
            await store.search(query)
            if turn:
                found.append(1000 * (perf_counter() - began))
    await store.close()
    return times


async def cold(path: Path, query: SearchQuery) -> float:
    """Return the time of a question that is asked first, with nothing of the file in memory."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    store = SqlStore(path, read_only=True)
    await store.open()
    began = perf_counter()
    await store.search(query)
    took = 1000 * (perf_counter() - began)
    await store.close()
    return took


def like(connection: sqlite3.Connection, patterns: Sequence[str]) -> float | None:
    """Return the time of LIKE, newest first, until a page is full; None where it takes too long."""
    holds = " AND ".join("articles.document LIKE ?" for _ in patterns)
    began = perf_counter()
    connection.set_progress_handler(lambda: perf_counter() - began > PATIENCE, 100_000)
    try:
        connection.execute(
            "SELECT shelf.place, articles.document FROM shelf CROSS JOIN articles "  # noqa: S608 - our own text
            "ON articles.article_id = shelf.article_id AND articles.version = shelf.version "
            f"WHERE {holds} ORDER BY shelf.place DESC LIMIT 51",
            tuple(patterns),
        ).fetchall()
    except sqlite3.OperationalError:
        return None
    finally:
        connection.set_progress_handler(None, 0)
    return 1000 * (perf_counter() - began)


def sorting(connection: sqlite3.Connection) -> float:
    """Return the time of the common word where all its hits are read and sorted by their time."""
    times = []
    for _ in range(COLD):
        began = perf_counter()
        connection.execute(
            "SELECT articles.article_id FROM article_words CROSS JOIN shelf CROSS JOIN articles "
            "WHERE article_words MATCH 'president' AND shelf.place = article_words.rowid "
            "AND articles.article_id = shelf.article_id AND articles.version = shelf.version "
            "ORDER BY articles.published_at DESC LIMIT 51"
        ).fetchall()
        times.append(1000 * (perf_counter() - began))
    return median(times)


def measure(path: Path) -> list[Measured]:
    """Ask everything, cold and warm, and LIKE once."""
    cold_times = [[asyncio.run(cold(path, one.query)) for _ in range(COLD)] for one in QUESTIONS]
    warm_times = asyncio.run(warm(path, [one.query for one in QUESTIONS]))
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return [
            Measured(
                asked=one,
                hits=hits(connection, one.query),
                warm=tuple(warm_times[number]),
                cold=tuple(cold_times[number]),
                like=like(connection, one.like),
            )
            for number, one in enumerate(QUESTIONS)
        ]


def at(share: float, times: Sequence[float]) -> float:
    """Return the time within which a share of the calls was answered."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(measured: Sequence[Measured]) -> Iterator[str]:
    """Yield the lines of the report's table."""
    yield "| question | hits | warm p50 | warm p95 | cold p50 | cold worst | LIKE | LIKE / warm |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for one in measured:
        p50 = median(one.warm)
        scan = (
            f"{one.like:,.0f} | {one.like / p50:,.0f} x"
            if one.like is not None
            else f"over {1000 * PATIENCE:,.0f} | over {1000 * PATIENCE / p50:,.0f} x"
        )
        yield (
            f"| {one.asked.name} | {one.hits:,} | {p50:.1f} | {at(0.95, one.warm):.1f} "
            f"| {median(one.cold):.0f} | {max(one.cold):.0f} | {scan} |"
        )


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many articles there are, the megabytes of rows and index, and the time of a sort."""

    count: int
    rows_mb: float
    index_mb: float
    sort_ms: float


def sizes(path: Path) -> Sizes:
    """Return how large the database is, and what it would cost to sort hits by time."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        sort_ms = sorting(connection)
        count = connection.execute("SELECT count(*) FROM shelf").fetchone()[0]
        of = dict(connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    index = sum(size for name, size in of.items() if name.startswith(("article_words", "shelf")))
    return Sizes(count, of["articles"] / 1e6, index / 1e6, sort_ms)


def report(path: Path, build_seconds: float, measured: Sequence[Measured]) -> str:
    """Return the section of docs/benchmarks.md."""
    size = sizes(path)
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    about = (
        f"{size.count:,} articles made of the 7,547 texts of the archive, each used about "
        f"{size.count / 7547:.0f} times with its sentences shuffled, over three years, built in "
        f"{build_seconds:,.0f} s. "
        f"{size.rows_mb:,.0f} MB of articles, {size.index_mb:,.0f} MB of index. SQLite "
        f"{sqlite3.sqlite_version}, {os.cpu_count()} processors, load {busy} at the end."
    )
    how = (
        "Milliseconds for a whole call of the store: the newest fifty articles, read back. "
        f"Warm: {WARM} calls, the questions in turn. Cold: {COLD} calls, each the first of a "
        "new store with nothing of the file in memory. LIKE is one walk over the same rows, "
        "newest first, warm, stopping after fifty hits, its rows not read back; it has no "
        "plurals, accents or bounds of words, and none of the narrowing by source or time; for "
        "what is common it stops early and wins."
    )
    why = (
        "An article's row in the index is its place in time (bot/store/places.py), so that the "
        "index itself walks the hits newest first and stops after a page. Reading and sorting all "
        f"hits of the common word by their time takes {size.sort_ms:,.0f} ms, warm. The slow case "
        "that is left is a phrase of very common words that hardly ever follow each other."
    )
    head = "## Searching the archive (`make bench-search`)"
    return "\n".join([head, "", about, "", how, "", *table(measured), "", why, ""])


def write(section: str, to: Path) -> None:
    """Put the section between its markers; the rest of the page is others'."""
    page = to.read_text(encoding="utf-8") if to.exists() else "# What was measured\n\n"
    if BEGIN not in page:
        page = f"{page.rstrip()}\n\n{BEGIN}{END}"
    before, rest = page.split(BEGIN)
    to.write_text(f"{before}{BEGIN}{section}{END}{rest.split(END)[1]}", encoding="utf-8")


def main() -> None:
    """Build, measure, report."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--articles", type=int, default=500_000)
    given.add_argument("--keep", type=Path, help="build here, or measure what was built here")
    given.add_argument("--report", type=Path, default=HOUSE / "docs" / "benchmarks.md")
    options = given.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = (options.keep or Path(folder)) / "search.db"
        noted = path.with_suffix(".seconds")
        if not path.exists():
            noted.write_text(str(build(path, options.articles)), encoding="utf-8")
        section = report(path, float(noted.read_text(encoding="utf-8")), measure(path))
    write(section, options.report)
    print(section)


if __name__ == "__main__":
    main()

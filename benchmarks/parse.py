"""How fast feeds are parsed, and how much of them is found, beside the libraries on their own.

    python -m benchmarks.parse [FOLDER]

Each feed is parsed by each way in turn, five times over, and the best time of each counts; the
ways take turns so that a busy machine is busy for all of them. Times are of the parsing alone,
without the child process around it. What a library raises counts as nothing found.

Then the same three stories are written as feeds in a thousand dialects (tests/dialects.py), and it
is counted in how many of them each way reads every id, link, title, text and time as it was meant.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import time
import warnings
from calendar import timegm
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from statistics import median
from typing import Any

import fastfeedparser
import feedparser

from bot.dates import read_date
from bot.errors import ParseError
from bot.feeds.parse import parse_feed
from tests.dialects import DIALECTS, Story

ROUNDS = 5
FEEDS = Path(__file__).parents[1] / ".." / "shared" / "data" / "feeds"
URL = "https://courier.example/feed"


def ours(body: bytes) -> int:
    """Parse as Redline does."""
    return len(parse_feed(body, "", URL).entries)


def fast(body: bytes) -> int:
    """Parse with fastfeedparser."""
    return len(fastfeedparser.parse(body)["entries"])


def tolerant(body: bytes) -> int:
    """Parse with feedparser as it comes."""
    return len(feedparser.parse(io.BytesIO(body))["entries"])


def tolerant_bare(body: bytes) -> int:
    """Parse with feedparser without its sanitiser."""
    read = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    return len(read["entries"])


WAYS: dict[str, Callable[[bytes], int]] = {
    "redline": ours,
    "fastfeedparser": fast,
    "feedparser": tolerant,
    "feedparser, sanitiser off": tolerant_bare,
}


@dataclass(slots=True)
class Score:
    """What one way did with one feed."""

    entries: int = 0
    failed: bool = False
    best: float = float("inf")

    def take(self, way: Callable[[bytes], int], body: bytes) -> None:
        """Parse once more."""
        start = time.perf_counter()
        try:
            self.entries = way(body)
        except (ParseError, ValueError):
            self.failed = True
        self.best = min(self.best, time.perf_counter() - start)


def measure(bodies: list[bytes]) -> dict[str, list[Score]]:
    """Parse every feed in every way."""
    scores = {name: [Score() for _ in bodies] for name in WAYS}
    for _ in range(ROUNDS):
        for number, body in enumerate(bodies):
            for name, way in WAYS.items():
                scores[name][number].take(way, body)
    return scores


def report(scores: dict[str, list[Score]], size: int) -> None:
    """Print a table, one way a line; the ratios are of the time that Redline takes."""
    own = scores["redline"]
    print(f"{len(own)} feeds, {size / 1e6:.2f} MB, best of {ROUNDS}")
    print(
        f"{'':27}{'entries':>8}{'refused':>9}{'total ms':>10}{'median ms':>11}"
        f"{'total':>8}{'median':>8}"
    )
    for name, line in scores.items():
        total, middle = sum(s.best for s in line), median(s.best for s in line)
        by_total = total / sum(s.best for s in own)
        by_median = median(s.best / mine.best for s, mine in zip(line, own, strict=True))
        print(
            f"{name:27}{sum(s.entries for s in line):8}{sum(s.failed for s in line):9}"
            f"{total * 1e3:10.1f}{middle * 1e3:11.3f}{by_total:7.2f}x{by_median:7.2f}x"
        )


# --- dialects -----------------------------------------------------------------------------------

FEEDS_WRITTEN = 1000
_TAG = re.compile(r"<[^<>]*>")
_MOMENT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
STORIES = (
    Story(
        guid="urn:uuid:1",
        link="https://courier.example/1?a=1&b=2",
        title="“No deal”, says AT&T",
        words="The council voted.",
        published=_MOMENT,
        updated=_MOMENT,
    ),
    Story("", "https://courier.example/2", "Выборы в Долине", "Costs rose.", _MOMENT, None),
    Story("urn:uuid:3", "https://courier.example/3", "Talks resume", "", None, _MOMENT),
)


def ours_told(body: bytes) -> list[Story]:
    """Read the stories as Redline does."""
    return [
        Story(
            entry.guid or "",
            entry.link or "",
            unescape(entry.title),
            _words(entry.content or entry.summary),
            entry.published_at,
            entry.updated_at,
        )
        for entry in parse_feed(body, "", URL).entries
    ]


def fast_told(body: bytes) -> list[Story]:
    """Read the stories with fastfeedparser."""
    return [
        _told(entry, read_date(entry.get("published") or ""), read_date(entry.get("updated") or ""))
        for entry in fastfeedparser.parse(body)["entries"]
    ]


def tolerant_told(body: bytes) -> list[Story]:
    """Read the stories with feedparser."""
    read = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    return [
        _told(entry, _moment(entry, "published_parsed"), _moment(entry, "updated_parsed"))
        for entry in map(dict, read["entries"])
    ]


def _told(entry: Mapping[str, Any], published: datetime | None, updated: datetime | None) -> Story:
    texts = [str(content.get("value") or "") for content in entry.get("content") or ()]
    texts += [str(entry.get("summary") or ""), str(entry.get("description") or "")]
    return Story(
        entry.get("id") or "",
        entry.get("link") or "",
        unescape(str(entry.get("title") or "")),
        max(map(_words, texts), key=len),
        published,
        updated,
    )


def _moment(entry: Mapping[str, Any], key: str) -> datetime | None:
    return datetime.fromtimestamp(timegm(entry[key]), UTC) if entry.get(key) else None


def _words(html: str) -> str:
    text = " ".join(unescape(_TAG.sub("", html)).split())
    return "" if text == "Short." else text  # the teaser that some dialects put beside the words


def written() -> Iterable[bytes]:
    """Write the stories in many dialects, the same ones every time."""
    for seed in range(FEEDS_WRITTEN):
        choice = random.Random(seed)
        write = choice.choice(list(DIALECTS.values()))
        yield write(STORIES, choice.choice)


def report_dialects() -> None:
    """Print how many of the written feeds each way reads as they were meant."""
    told = {"redline": ours_told, "fastfeedparser": fast_told, "feedparser": tolerant_told}
    feeds = list(written())
    print(f"\n{len(feeds)} dialects, {len(STORIES)} stories each, read as they were meant")
    for name, read in told.items():
        rows = [_right(read, body) for body in feeds]
        fields = [sum(row[field] for row in rows) for field in range(len(FIELDS))]
        parts = "  ".join(f"{what} {n}" for what, n in zip(FIELDS, fields, strict=True))
        print(f"{name:16}{sum(map(all, rows)):6}  of these {parts}")


FIELDS = ("guid", "link", "title", "words", "published", "updated")


def _right(read: Callable[[bytes], list[Story]], body: bytes) -> list[bool]:
    """Whether each field is right in all stories of a feed."""
    try:
        found = read(body)
    except (ParseError, ValueError):
        found = []
    if len(found) != len(STORIES):
        return [False] * len(FIELDS)
    pairs = list(zip(found, STORIES, strict=True))
    return [all(getattr(a, name) == getattr(b, name) for a, b in pairs) for name in FIELDS]


def main() -> None:
    """Run the benchmark over a folder of feeds."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("folder", type=Path, nargs="?", default=FEEDS)
    folder: Path = arguments.parse_args().folder
    bodies = [path.read_bytes() for path in sorted(folder.iterdir())]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report(measure(bodies), sum(map(len, bodies)))
        report_dialects()


if __name__ == "__main__":
    main()

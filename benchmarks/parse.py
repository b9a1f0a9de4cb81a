"""How fast feeds are parsed, and how much of them is found, beside the libraries on their own.

    python -m benchmarks.parse [FOLDER]

Each feed is parsed by each way in turn, five times over, and the best time of each counts; the
ways take turns so that a busy machine is busy for all of them. Times are of the parsing alone,
without the child process around it. What a library raises counts as nothing found.
"""

from __future__ import annotations

import argparse
import io
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import fastfeedparser
import feedparser

from bot.errors import ParseError
from bot.feeds.parse import parse_feed

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


def main() -> None:
    """Run the benchmark over a folder of feeds."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("folder", type=Path, nargs="?", default=FEEDS)
    folder: Path = arguments.parse_args().folder
    bodies = [path.read_bytes() for path in sorted(folder.iterdir())]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report(measure(bodies), sum(map(len, bodies)))


if __name__ == "__main__":
    main()

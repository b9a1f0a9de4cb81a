"""How well and how fast pages become stories and stories sentences.

Run `python -m benchmarks.extract ../shared/data`; every comparison is made in the one run.
"""

from __future__ import annotations

import gzip
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import sentencex
import trafilatura

from bot.articles.clean import without_furniture
from bot.articles.extract import decoded, read_page
from bot.articles.sentences import split
from bot.text import clean_text


def expected_bodies(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield each page with the bodies it may have had: publishers changed some of them."""
    for expected in sorted(folder.glob("*.json")):
        versions = json.loads(expected.read_text()).values()
        bodies = ["\n".join(_paragraphs(version["body"])) for version in versions]
        for page in folder.glob(f"{expected.stem}_*.html.gz"):
            yield page, bodies


def _paragraphs(body: dict[str, list[dict[str, list[str]]] | list[str]]) -> Iterator[str]:
    """Yield the summary, the headlines between and the paragraphs of an expected body."""
    for line in body.get("summary") or ():
        yield str(line)
    for section in body["sections"]:
        if isinstance(section, dict):
            yield from section["headline"]
            yield from section["paragraphs"]


def token_f1(found: str, expected: str) -> float:
    """Return the harmonic mean of precision and recall over words, case aside."""
    ours, theirs = (Counter(re.findall(r"\w+", text.lower())) for text in (found, expected))
    common = sum((ours & theirs).values())
    return 2 * common / (ours.total() + theirs.total()) if common else 0.0


def plain(*, fast: bool, recall: bool) -> Callable[[bytes], str]:
    """Make a reader that is trafilatura alone."""

    def read(html: bytes) -> str:
        text = decoded(html, "text/html")
        found = trafilatura.extract(text, fast=fast, favor_recall=recall, include_comments=False)
        return found or ""

    return read


def cleaned(read: Callable[[bytes], str]) -> Callable[[bytes], str]:
    """Make a reader that also takes out what stands around the story."""
    return lambda html: without_furniture(clean_text(read(html))).text


READERS: dict[str, Callable[[bytes], str]] = {
    "trafilatura, fast": plain(fast=True, recall=False),
    "trafilatura, fast, cleaned": cleaned(plain(fast=True, recall=False)),
    "trafilatura, slow": plain(fast=False, recall=False),
    "trafilatura, slow, cleaned": cleaned(plain(fast=False, recall=False)),
    "trafilatura, fast, recall": plain(fast=True, recall=True),
    "trafilatura, fast, recall, cleaned": cleaned(plain(fast=True, recall=True)),
    "trafilatura, slow, recall": plain(fast=False, recall=True),
    "read_page": lambda html: read_page(html, "", "text/html").text,
}


def measure_pages(folder: Path) -> None:
    """Print F1 and milliseconds a page of each reader."""
    pages = [
        (gzip.decompress(page.read_bytes()), bodies) for page, bodies in expected_bodies(folder)
    ]
    print(
        f"{len(pages)} pages\n{'reader':36} {'mean F1':>8} {'median':>8} {'< .8':>5} {'ms/page':>8}"
    )
    for name, read in READERS.items():
        began = time.perf_counter()
        texts = [read(html) for html, _ in pages]
        spent = (time.perf_counter() - began) / len(pages) * 1000
        scores = [
            max(token_f1(text, body) for body in bodies)
            for text, (_, bodies) in zip(texts, pages, strict=True)
        ]
        bad = sum(score < 0.8 for score in scores)
        mean, median = statistics.mean(scores), statistics.median(scores)
        print(f"{name:36} {mean:8.4f} {median:8.4f} {bad:5} {spent:8.1f}")


_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"])|\n+")
SPLITTERS: dict[str, Callable[[str], list[str]]] = {
    "regular expression": _END.split,
    "sentencex": lambda text: [one for one in sentencex.segment("en", text) if one.strip()],
    "split": lambda text: [text[start:end] for start, end in split(text, "en")],
}


def measure_sentences(articles: Path, cases: Path) -> None:
    """Print milliseconds an article, and how many hard cases come out right, of each splitter."""
    with gzip.open(articles, "rt") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    hard = [line for line in (cases / "en.txt").read_text().splitlines() if line[:1] != "#"]
    print(
        f"\n{len(texts)} articles\n"
        f"{'splitter':36} {'ms/article':>10} {'sentences':>10} {'hard cases':>11}"
    )
    for name, cut in SPLITTERS.items():
        began = time.perf_counter()
        count = sum(len(cut(text)) for text in texts)
        spent = (time.perf_counter() - began) / len(texts) * 1000
        right = sum(_right(cut, line) for line in hard)
        print(f"{name:36} {spent:10.3f} {count:10} {right:6} / {len(hard)}")


def _right(cut: Callable[[str], list[str]], line: str) -> bool:
    """Whether a hard case is cut where it should be."""
    expected = [sentence.strip() for sentence in line.split("‖")]
    return expected == [sentence.strip() for sentence in cut(line.replace("‖ ", ""))]


if __name__ == "__main__":
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    measure_pages(data / "pages")
    measure_sentences(data / "news-2016-2017.jsonl.gz", Path("tests/cases/sentences"))

"""One measurement of matching rules, in a process of its own: prints its figures as JSON."""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ahocorasick_rs
import daachorse

from bot.articles.sentences import split
from bot.model import Article, Rule, Source, Tier
from bot.rulebook import Rulebook
from bot.rules.evaluate import evaluate
from bot.rules.index.draft import Gatherer
from bot.rules.index.keys import read_keys
from bot.rules.index.segment import Segment
from bot.rules.match import Matcher, match_article
from bot.rules.normal import normalise
from bot.rules.plain import PlainReader
from bot.rules.read import read_rule
from bot.rules.rule import And, CompiledRule, Names, Node, Not, Or, Sought, children, walk

_AT = datetime(2026, 3, 2, tzinfo=UTC)
EDITS = 1_000


def articles_in(folder: Path) -> list[Article]:
    """Read the articles: a third is the sample, a third warms up, a third is measured."""
    lines = (folder / "articles.jsonl").read_text(encoding="utf-8").split("\n")
    return [_article(n, *json.loads(line)) for n, line in enumerate(lines)]


def _article(number: int, title: str, text: str, source: str) -> Article:
    domain = f"{source.lower().replace(' ', '')}.example"
    return Article(
        id=str(number),
        version=1,
        url=f"https://{domain}/{number}",
        link=f"https://{domain}/{number}",
        source=Source(feed_id=source, name=source, domain=domain, tier=Tier.NEWS),
        title=title,
        text=text,
        sentences=split(text, "en"),
        published_at=_AT,
        fetched_at=_AT,
        language="en",
    )


def rules_in(file: Path, number: int) -> Iterator[Rule]:
    """Read the rules one by one."""
    with file.open(encoding="utf-8") as lines:
        for n, line in zip(range(number), lines, strict=False):
            yield Rule(name=f"rule-{n}", title="", when=line.strip(), to=())


def megabytes() -> float:
    """Return the memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def most_megabytes() -> float:
    """Return the most memory that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def per_article(work: Callable[[Article], object], articles: Iterable[Article]) -> float:
    """Return milliseconds of processor time an article."""
    chosen = list(articles)
    began = time.process_time()
    for article in chosen:
        work(article)
    return (time.process_time() - began) / len(chosen) * 1000


def engine(folder: Path, number: int, kind: str) -> dict[str, Any]:
    """Measure the engine with so many rules."""
    articles = articles_in(folder)
    sample, warm, tested = articles[::3][:200], articles[1::3], articles[2::3]
    began, at_work = time.perf_counter(), time.process_time()
    matcher, refused = Matcher.of_texts(rules_in(folder / f"{kind}.txt", number), Names(), sample)
    worked = time.process_time() - at_work
    built = time.perf_counter() - began
    per_article(matcher.match, warm)
    looked = [len(matcher._index.candidates(normalise(each))) for each in tested]  # noqa: SLF001 - it is measured
    found: dict[str, Any] = {
        "rules": number,
        "set": kind,
        "refused": len(refused),
        "build": built,
        "build_cpu": worked,
        "memory": megabytes(),
        "ms": per_article(matcher.match, tested),
        "looked": sum(looked) / len(tested),
        "matches": sum(len(matcher.match(each)) for each in tested) / len(tested),
        **_stages(matcher, tested),
    }
    found["peak"] = most_megabytes()
    if kind == "rules":
        found |= asyncio.run(_edits(matcher, tested))
    return found | {"peak_folding": most_megabytes()}


def _stages(matcher: Matcher, articles: list[Article]) -> dict[str, float]:
    """Measure each stage by itself."""
    normals = [normalise(article) for article in articles]
    began = time.process_time()
    normals = [normalise(article) for article in articles]
    normalised = time.process_time()
    chosen = [matcher._index.candidates(normal) for normal in normals]  # noqa: SLF001 - it is measured
    found = time.process_time()
    for normal, slots in zip(normals, chosen, strict=True):
        for slot in slots:
            evaluate(matcher._shelf.rule(slot), normal)  # noqa: SLF001 - it is measured
    spent = [normalised - began, found - normalised, time.process_time() - found]
    names = ["normalise", "find", "evaluate"]
    return {n: one / len(articles) * 1000 for n, one in zip(names, spent, strict=True)}


class Ticker:
    """Watches how long the event loop is held up."""

    def __init__(self) -> None:
        """Begin."""
        self.longest = 0.0
        self._task = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.perf_counter() - began - 0.001)

    async def stop(self) -> float:
        """Return the longest stall in milliseconds."""
        await asyncio.sleep(0.01)
        self._task.cancel()
        return self.longest * 1000


async def _edits(matcher: Matcher, articles: list[Article]) -> dict[str, float]:
    """Measure one edit until it is in force, and many until they are folded in."""
    rulebook = Rulebook(matcher)
    changed = [
        read_rule(Rule(name=f"rule-{n}", title="", when=f"president AND said{n}", to=()), Names())
        for n in range(EDITS)
    ]
    word = max(re.findall(r"[a-z]+", articles[0].text), key=len)
    in_force = read_rule(Rule(name="edit", title="", when=word, to=()), Names())
    ticker = Ticker()
    await asyncio.sleep(0.01)
    began = time.perf_counter()
    rulebook.put(in_force)
    names = [match.rule for match in rulebook.match(articles[0])]
    edit = time.perf_counter() - began
    assert "edit" in names
    put_stall = await ticker.stop()
    for compiled in changed:
        rulebook.put(compiled)
    rulebook.match(articles[0])
    ticker = Ticker()
    await asyncio.sleep(0.01)
    began = time.perf_counter()
    await rulebook.fold()
    fold = time.perf_counter() - began
    stall = await ticker.stop()
    return {"edit_ms": edit * 1000, "put_stall": put_stall, "fold_s": fold, "stall": stall}


def peers(folder: Path, number: int, kind: str) -> dict[str, Any]:
    """Measure other ways to match rules, beside this one."""
    articles = articles_in(folder)
    reader = PlainReader(Names())
    read = [reader.rule(rule) for rule in rules_in(folder / f"{kind}.txt", number)]
    compiled = [one[0] for one in read if one]
    matcher = Matcher(compiled)
    matcher.adopt(matcher.folding().build())
    tested = articles[2::3][: 300_000 // number]
    per_article(matcher.match, articles[1::3])
    ways = {
        "this engine": matcher.match,
        "every rule looked at, one normalisation": lambda each: match_article(compiled, each),
        "one regular expression per rule (Taranis AI)": _expressions(compiled),
        "substring tests (MonitoRSS)": _substrings(compiled),
        "anchor index in plain Python": _anchors(compiled),
    }
    return {"rules": number, "ways": {name: per_article(way, tested) for name, way in ways.items()}}


def _terms(compiled: CompiledRule) -> list[str]:
    return [leaf.term.value for leaf in walk(compiled.when) if isinstance(leaf, Sought)]


def _expressions(rules: list[CompiledRule]) -> Callable[[Article], int]:
    """One expression of all words of a rule, searched in the text."""
    expressions = [
        re.compile(rf"\b(?:{'|'.join(map(re.escape, _terms(rule)))})\b", re.IGNORECASE)
        for rule in rules
    ]
    return lambda article: sum(bool(one.search(article.text)) for one in expressions)


def _substrings(rules: list[CompiledRule]) -> Callable[[Article], int]:
    """Each term of a rule looked for in the lower-cased text, with AND, OR and NOT."""

    def holds(node: Node, text: str) -> bool:
        match node:
            case Sought():
                return node.term.value.lower() in text
            case Not():
                return not holds(node.part, text)
            case Or():
                return any(holds(part, text) for part in node.parts)
            case _:
                return all(holds(part, text) for part in children(node))

    def work(article: Article) -> int:
        text = article.text.lower()
        return sum(holds(rule.when, text) for rule in rules)

    return work


def _anchors(rules: list[CompiledRule]) -> Callable[[Article], int]:
    """Each rule kept in a dict under its longest required word, then looked at exactly."""
    anchored: dict[str, list[CompiledRule]] = {}
    for rule in rules:
        parts = rule.when.parts if isinstance(rule.when, And) else (rule.when,)
        needed = [part for part in parts if isinstance(part, Sought) and part.seeker.phrases()]
        words = {phrase.split()[0] for part in needed[:1] for phrase in part.seeker.phrases() or ()}
        for word in words or {""}:
            anchored.setdefault(word, []).append(rule)

    def work(article: Article) -> int:
        normal = normalise(article)
        words = {*normal.folded.split(" "), ""}
        chosen = {id(rule): rule for word in words for rule in anchored.get(word, ())}
        return sum(evaluate(rule, normal) is not None for rule in chosen.values())

    return work


async def _built(build: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Build something in a thread, and measure what it costs and how long it holds others up."""
    before, ticker, began = megabytes(), Ticker(), time.perf_counter()
    await asyncio.sleep(0.01)
    made = await asyncio.to_thread(build)
    spent = time.perf_counter() - began
    stall = await ticker.stop()
    return made, {"build": spent, "memory": megabytes() - before, "stall": stall}


def finders(folder: Path, number: int, kind: str) -> dict[str, Any]:
    """Measure two automata over characters and the table of keys, on the same phrases."""
    articles = articles_in(folder)[2::3]
    reader, gatherer = PlainReader(Names()), Gatherer()
    clauses: set[frozenset[str]] = set()
    for rule in rules_in(folder / f"{kind}.txt", number):
        read = reader.rule(rule)
        clauses |= set(read[1]) if read else set()
    phrases = sorted({p for clause in clauses for p in clause if not p.startswith("\0")})
    gatherer.add(0, [gatherer.clause(frozenset({phrase})) for phrase in phrases])
    del clauses, reader
    draft, normals = gatherer.draft(), [normalise(article) for article in articles]
    texts = {article.id: normal.folded for article, normal in zip(articles, normals, strict=True)}
    readings = {a.id: n for a, n in zip(articles, normals, strict=True)}

    segment, ours = asyncio.run(_built(lambda: Segment(draft)))
    automaton, of_daachorse = asyncio.run(
        _built(lambda: daachorse.CharwiseDoubleArrayAhoCorasick(phrases))
    )
    other, of_ahocorasick = asyncio.run(_built(lambda: ahocorasick_rs.AhoCorasick(phrases)))

    def by_keys(article: Article) -> object:
        return segment._true_clauses(read_keys(readings[article.id]))  # noqa: SLF001 - it is measured

    def by_automaton(article: Article) -> object:
        return {number for _, _, number in automaton.find_overlapping(texts[article.id])}

    def by_other_automaton(article: Article) -> object:
        return set(other.find_matches_as_indexes(texts[article.id], overlapping=True))

    ways = {
        "keys of words in sorted arrays (this engine)": (ours, by_keys),
        "daachorse": (of_daachorse, by_automaton),
        "ahocorasick_rs": (of_ahocorasick, by_other_automaton),
    }
    for figures, find in ways.values():
        per_article(find, articles)
        figures["ms"] = per_article(find, articles)
    return {
        "rules": number,
        "phrases": len(phrases),
        "finders": {name: figures for name, (figures, _) in ways.items()},
    }


if __name__ == "__main__":
    measure = {"engine": engine, "peers": peers, "finders": finders}[sys.argv[1]]
    print(json.dumps(measure(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])))

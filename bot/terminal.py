"""How the commands show themselves in a terminal."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO

import regex
from rich.console import Console
from rich.padding import Padding
from rich.progress import Progress
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from bot.archive import Watched
from bot.audit import details, headline
from bot.errors import ParseError, RedlineError, RuleError
from bot.judge import Judgement
from bot.lint import Lint
from bot.logs import redact
from bot.model import (
    UNDER_WAY,
    AlertState,
    Article,
    Change,
    Evidence,
    Field,
    Finding,
    Passage,
    Span,
    Verdict,
)
from bot.ports import Tally
from bot.replay import ReplayStats
from bot.rules.explain import Explanation
from bot.text import one_line, shorten
from bot.tryout import Tryout
from handlers.console import colorless, quote

MARKS = {
    Verdict.GOOD: Text("✔", style="green"),
    Verdict.WARNING: Text("!", style="bold yellow"),
    Verdict.BAD: Text("✘", style="bold red"),
}

LONGEST_SURPRISE = 300
"""Characters of an error that was not foreseen: some hold whole pages."""

MOST_ALIKE = 5
"""How many lines of an archive with the same fault are named; the others are counted."""

_QUOTED = regex.compile(r"'[^']*'")


def say(words: str, console: Console) -> None:
    """Print words of ours: wrapped between words on a terminal, as they are elsewhere."""
    console.print(Text(words), soft_wrap=not console.is_terminal)


def show_error(error: RedlineError, console: Console) -> None:
    """Print what is wrong and what to do, a mistake in a rule with a caret below its place."""
    if isinstance(error, RuleError) and error.source.strip():
        console.print(Text(error.caret()), soft_wrap=True)
    say(str(error), console)


def show_surprise(error: Exception, console: Console) -> None:
    """Print in one line that Redline itself is wrong, and how to see where."""
    what = one_line(redact(f"{type(error).__name__}: {error}".removesuffix(": ")))
    say(
        f"Redline failed over something that nobody foresaw: {shorten(what, LONGEST_SURPRISE)}. "
        "The same command with --debug shows where; please report that.",
        console,
    )


def show_findings(findings: Sequence[Finding], console: Console) -> None:
    """Print one line a finding, with what to do under those that need it.

    Where one piece of advice is for several in a row, it stands under the last of them.
    """
    grid = Table.grid(padding=(0, 1))
    for finding, following in zip_longest(findings, findings[1:]):
        said = Text(finding.said)
        if _advice(finding) and _advice(finding) != _advice(following):
            said.append(f"\n→ {finding.advice}", style="italic")
        grid.add_row(MARKS[finding.verdict], Text(finding.about, style="bold"), said)
    console.print(grid)
    console.print(Text(_sum(findings), style="bold"))


def _advice(finding: Finding | None) -> str:
    return finding.advice if finding and finding.verdict is not Verdict.GOOD else ""


_WAITING = (AlertState.WAITING, *UNDER_WAY)


def show_tally(tally: Tally, now: datetime, served: Collection[str], console: Console) -> None:
    """Print how the service stands: alerts by state, what a person has to mend, feeds that ail.

    `served` are the platforms that are set up.
    """
    counts = [
        f"{count} {state.value}" for state in AlertState if (count := tally.states.get(state))
    ]
    console.print(Text(f"Alerts: {', '.join(counts) or 'none so far'}"))
    if tally.oldest_owed_at:
        console.print(Text(f"The oldest has been owed for {age(now - tally.oldest_owed_at)}."))
    for held in tally.held:
        hold = held.hold
        line = f"Held: {held.alerts} of {hold.feed_id} for {hold.channel}, {hold.flood}. "
        advice = "An admin releases or discards them in chat."
        console.print(Text(line + advice, style="yellow"))
    for parked in tally.parked:
        line = f"Parked: {parked.channel} ({parked.code}), {parked.owed} waiting. {parked.advice}"
        console.print(Text(line, style="yellow"))
    for shut in tally.shut_out:
        console.print(Text(f"Shut out: {shut.platform} ({shut.code}). {shut.advice}", style="red"))
    for platform, waiting in _unserved(tally, served).items():
        line = f"Not set up: {platform}, {waiting} waiting. redline check says what is missing"
        console.print(Text(line, style="red"))
    console.print(_feeds(tally, now) if tally.feeds else "No feed has been polled yet.")


def _unserved(tally: Tally, served: Collection[str]) -> Counter[str]:
    """Return how many alerts wait for platforms that are not set up."""
    waiting: Counter[str] = Counter()
    for ref, states in tally.channels.items():
        if ref.platform not in served:
            waiting[ref.platform] += sum(states.get(state, 0) for state in _WAITING)
    return +waiting


def show_change(change: Change, console: Console) -> None:
    """Print a line of the audit trail, and below it what was changed."""
    console.print(Text(headline(change), style="bold"), soft_wrap=True)
    for line in details(change):
        style = {"-": "red", "+": "green"}.get(line[:1], "yellow")
        console.print(Text(f"  {line}", style=style), soft_wrap=True)


def show_trial(trial: Tryout, console: Console) -> None:
    """Print whether the rule holds, and its clauses as a tree with the sentence of each."""
    console.print(Text(trial.article.title or "(no title)", style="bold"))
    verdict = "✔ holds" if trial.holds else "✘ does not hold"
    console.print(Text(verdict, style="bold green" if trial.holds else "bold red"))
    tree = Tree(_clause(trial.explanation), guide_style="dim")
    _grow(tree, trial.explanation, partial(_marked, trial.article, colorless(console)))
    console.print(tree)


def show_judgement(judgement: Judgement, console: Console) -> None:
    """Print what a channel would be told: when, the title, the rules and the summary."""
    article = judgement.article
    told = [alert for alert in judgement.alerts if alert.reason.posts]
    rules = ", ".join(dict.fromkeys(rule for alert in told for rule in alert.rules))
    console.print(Text(f"{article.published_at:%Y-%m-%d} {article.title}", style="bold"))
    console.print(Text(f"  {article.source.name} · {rules}", style="cyan"))
    for passage in judgement.summary:
        marked = quote(passage, colorless=colorless(console))
        console.print(Padding(marked, (0, 0, 0, 2)))


class Refusals:
    """Tells which lines of an archive are passed over, and why, as they come."""

    def __init__(self, archive: Path, console: Console) -> None:
        """Tell of the lines of `archive`."""
        self._archive = archive
        self._console = console
        self._kinds: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many lines were passed over so far."""
        return self._kinds.total()

    def tell(self, error: ParseError) -> None:
        """Print why a line is passed over, unless enough of its kind were."""
        kind = _QUOTED.sub("", error.problem)
        self._kinds[kind] += 1
        if self._kinds[kind] <= MOST_ALIKE:
            say(f"{self._archive}: {error}", self._console)

    def sum_up(self) -> None:
        """Print how many lines were passed over, where some were not named."""
        if any(count > MOST_ALIKE for count in self._kinds.values()):
            say(f"{self._archive}: {self.count} lines were passed over in all.", self._console)


@contextmanager
def watching(description: str, console: Console) -> Iterator[Watched]:
    """Show how much of a file was read, where `console` is a terminal.

    What is printed meanwhile stands above the bar where standard output is a terminal too; else it
    is left alone, so that it reaches the file or the program that it is meant for.
    """
    shared = sys.stdout.isatty()
    with Progress(
        console=console, redirect_stdout=shared, disable=not console.is_terminal
    ) as progress:

        def watched(file: BinaryIO, size: int | None) -> BinaryIO:
            if size is None:  # Standard input; only that something goes on can be shown of it.
                progress.add_task(description, total=None)
                return file
            return progress.wrap_file(file, size, description=description)

        yield watched


def show_stats(stats: ReplayStats, console: Console) -> None:
    """Print how much was replayed, and how long each stage took."""
    total = sum(stats.seconds.values())
    console.print(
        f"{stats.articles} articles, {stats.matches} matches, {stats.alerts} alerts "
        f"in {total:.2f} s"
    )
    for stage, seconds in stats.seconds.items():
        each = 1000 * seconds / max(1, stats.articles)
        console.print(f"  {stage:<10} {seconds:8.2f} s  {each:7.3f} ms an article")


def show_lint(report: Lint, console: Console) -> None:
    """Print what an archive has for each rule: its finds, its terms, and what is needless."""
    console.print(Text(f"{report.articles} articles", style="bold"))
    table = Table("Rule", "Term", "Places", "Articles", box=None)
    for rule in report.rules:
        style = "bold" if rule.articles else "bold yellow"
        table.add_row(Text(rule.rule, style=style), "", "", str(rule.articles))
        for use in rule.terms:
            term = Text(f"NOT {use.term}" if use.excludes else use.term)
            term.stylize("" if use.occurrences else "yellow")
            table.add_row("", term, str(use.occurrences), str(use.articles))
    console.print(table)
    for line in _lint_lines(report):
        console.print(MARKS[Verdict.WARNING], Text(line))


def _lint_lines(report: Lint) -> Iterator[str]:
    """Yield a sentence for each thing that somebody should look at."""
    for rule in report.silent:
        yield f"{rule} found nothing."
    for use in report.rules:
        if use.unheard:
            yield f"{use.rule}: never found {', '.join(use.unheard)}."
    for shadow in report.shadows:
        if shadow.twins:
            yield f"{shadow.rule} finds the same {shadow.articles} articles as {shadow.by}."
        else:
            yield f"{shadow.rule} adds nothing: {shadow.by} finds its {shadow.articles} articles."


def age(passed: timedelta) -> str:
    """Write a length of time in its largest unit: 3 d, 5 h, 12 min, 40 s."""
    seconds = max(0, int(passed.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _grow(tree: Tree, explanation: Explanation, marked: Callable[[Evidence], Text]) -> None:
    """Hang the proof and the parts of a clause under it."""
    if explanation.evidence and not explanation.parts:
        tree.add(marked(explanation.evidence[0]))
    for part in explanation.parts:
        _grow(tree.add(_clause(part)), part, marked)


def _clause(explanation: Explanation) -> Text:
    """Return a clause with its tick or cross, and how close it came."""
    mark = MARKS[Verdict.GOOD if explanation.held else Verdict.BAD]
    note = f" - {explanation.note}" if explanation.note else ""
    return Text.assemble(mark, " ", (explanation.clause, "cyan"), (note, "italic"))


def _marked(article: Article, colorless: bool, found: Evidence) -> Text:
    """Return the sentence of the evidence with its words marked."""
    whole = article.title if found.field is Field.TITLE else article.text
    if whole[found.start : found.end] != found.text:
        return Text(found.text)
    span = Span(0, len(whole)) if found.sentence is None else article.sentences[found.sentence]
    mark = Span(found.start - span.start, found.end - span.start)
    return quote(Passage(whole[span.start : span.end], (mark,)), colorless=colorless)


def _feeds(tally: Tally, now: datetime) -> Table:
    table = Table("Feed", "Last success", "Last new item", "Next poll", "Trouble", box=None)
    for feed in tally.feeds:
        table.add_row(
            Text(feed.feed_id),
            _ago(feed.last_success_at, now),
            _ago(feed.last_new_at, now),
            f"in {age(feed.next_poll_at - now)}",
            Text(feed.last_error or "", style="yellow"),
        )
    return table


def _ago(when: datetime | None, now: datetime) -> str:
    return f"{age(now - when)} ago" if when else "never"


def _sum(findings: Iterable[Finding]) -> str:
    bad = [finding for finding in findings if finding.verdict is Verdict.BAD]
    if not bad:
        return "All is ready."
    return f"{len(bad)} thing{'s' if len(bad) > 1 else ''} to mend before all alerts arrive."

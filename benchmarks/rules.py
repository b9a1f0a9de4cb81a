"""How fast rules are matched, how much memory they take, and how long an edit takes.

Run `python -m benchmarks.rules [FOLDER]`, which writes its section of docs/benchmarks.md. Every
measurement is made in a process of its own, so that one does not pay for the memory of another.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.rule_set import RuleMaker, articles_of

DATA = "../shared/data"
DOCS = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN = "<!-- Written by make bench-rules. -->\n"
END = "<!-- End of what is written. -->\n"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
PEERS = (1_000, 10_000)

Figures = dict[str, Any]


def make(archive: Path, folder: Path) -> None:
    """Write the rules and the articles that are measured, so that no process makes them twice."""
    articles = articles_of(archive)
    chosen = articles[:: len(articles) // 900][:900]
    lines = (json.dumps([each.title, each.text, each.source.name]) for each in chosen)
    (folder / "articles.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for label, too_common in (("rules", 0.02), ("hostile", 0.1)):
        rules = RuleMaker(articles, too_common=too_common).rules(SIZES[-1])
        with (folder / f"{label}.txt").open("w", encoding="utf-8") as file:
            file.writelines(f"{rule.when}\n" for rule in rules)


def measured(*arguments: object) -> Figures:
    """Run one measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.rules_measured", *map(str, arguments)]
    run = subprocess.run(  # noqa: S603 - it is this program
        command, check=True, capture_output=True, text=True
    )
    print(run.stdout, end="", flush=True)
    found: Figures = json.loads(run.stdout.splitlines()[-1])
    return found


def table(heads: str, rows: list[list[str]]) -> str:
    """Write a table in Markdown."""
    names = heads.split(" | ")
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def engine_rows(figures: list[Figures]) -> list[list[str]]:
    """Lay out what was measured of the engine."""
    return [
        [
            f"{f['rules']:,}{' hostile' if f['set'] == 'hostile' else ''}",
            f"{f['ms']:.2f}",
            f"{1000 / f['ms']:,.0f}",
            f"{f['normalise']:.2f}",
            f"{f['find']:.2f}",
            f"{f['evaluate']:.2f}",
            f"{f['looked']:.1f}",
            f"{f['matches']:.1f}",
            f"{f['build']:.1f}",
            f"{f['build_cpu']:.1f}",
            f"{f['memory']:.0f}",
            f"{f['peak']:.0f}",
        ]
        for f in figures
    ]


def edit_rows(figures: list[Figures]) -> list[list[str]]:
    """Lay out what was measured of edits."""
    return [
        [
            f"{f['rules']:,}",
            f"{f['edit_ms']:.1f}",
            f"{f['put_stall']:.0f}",
            f"{f['fold_s']:.2f}",
            f"{f['stall']:.0f}",
            f"{f['peak_folding']:.0f}",
        ]
        for f in figures
    ]


def peer_rows(figures: list[Figures]) -> list[list[str]]:
    """Lay out what was measured of other ways, and how many times slower they are."""
    ours = {f["rules"]: f["ways"]["this engine"] for f in figures}
    ways = list(figures[0]["ways"])
    return [
        [
            way,
            *(f"{f['ways'][way]:.2f} ({f['ways'][way] / ours[f['rules']]:.1f}×)" for f in figures),
        ]
        for way in ways
    ]


ENGINE = (
    "rules | ms per article | articles/s | normalise | find | evaluate | looked at per article"
    " | matches per article | built in s | of it working | MB | MB at most"
)
EDITS = (
    "rules | an edit is in force after ms | longest stall, ms | 1,000 edits folded in after s"
    " | longest stall, ms | MB at most"
)
FINDERS = "way | built in s | MB | longest stall while built in a thread, ms | ms per article"


def report(engine: list[Figures], peers: list[Figures], automaton: Figures) -> str:
    """Write the section."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    machine = f"{os.cpu_count()} cores of {platform.machine()}, Python {platform.python_version()}"
    edits = edit_rows([f for f in engine if "fold_s" in f])
    ways = "way | " + " | ".join(f"{f['rules']:,} rules" for f in peers)
    found = [
        [name, f"{f['build']:.1f}", f"{f['memory']:.0f}", f"{f['stall']:.0f}", f"{f['ms']:.2f}"]
        for name, f in automaton["finders"].items()
    ]
    return f"""
{machine}; the load averages at the end were {load} (2.0 is a full machine, and what is above it was
other work). Times of matching are processor time of one core; builds and edits are wall time, which
other work lengthens, with the processor time of builds beside it.

{table(ENGINE, engine_rows(engine))}
{table(EDITS, edits)}
Other ways, ms per article (and how many times this engine's), on the same rules and articles:

{table(ways, peer_rows(peers))}
Finding the phrases of {automaton["rules"]:,} rules ({automaton["phrases"]:,} phrases):

{table(FINDERS, found)}
"""


def main(data: Path) -> None:
    """Measure everything and write it down."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "benchmarks.rules", "--make", str(data), name]
        subprocess.run(command, check=True)  # noqa: S603 - it is this program
        engine = [measured("engine", folder, size, "rules") for size in SIZES]
        engine += [measured("engine", folder, size, "hostile") for size in SIZES[-2:]]
        peers = [measured("peers", folder, size, "rules") for size in PEERS]
        automaton = measured("finders", folder, SIZES[-2], "rules")
    before, rest = DOCS.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    section = report(engine, peers, automaton)
    DOCS.write_text(f"{before}{BEGIN}{section}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]) / "news-2016-2017.jsonl.gz", Path(sys.argv[3]))
    else:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else DATA))

"""`python -m tests.fuzz [SECONDS [TARGET...] [-OPTION=...]]` runs all targets, or the named ones.

Options are libFuzzer's own: with `-seed=1` it draws the same every time, so that a change is not
blamed for what it did not do.

The rule parser gets the whole time on one core, the other targets a part of it on a second.
What made a target fail is kept in build/fuzz/; `python -m tests.fuzz TARGET FILE` runs it again.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.seeds import HOUSE, seeds

SECONDS = 60
KEPT = HOUSE / "build" / "fuzz"
LANES = (("rules",), ("matching", "texts", "addresses", "feeds", "opml", "pages", "articles"))
_DONE = re.compile(r"Done (\d+) runs in (\d+) second")
# Words of the language that the fuzzer would need long to find.
_DICTIONARY = (
    *("AND", "OR", "NOT", "NEAR/5", "BEFORE/5", "WITH", "2 OF (", "count(", ") >= 3", "title:"),
    *("lead:", "name:", "name.strict:", "place:", "source:", "tier:", "lang:", "@", "/a/i", '\\"'),
)


def main(arguments: list[str]) -> int:
    """Run what was asked for; 1 where a target failed."""
    if importlib.util.find_spec("atheris") is None:
        _say("Fuzzing is skipped: atheris has no wheel for this system and this Python.")
        return 0
    if arguments and not arguments[0].isdigit():
        return _fuzz_here(arguments[0], arguments[1:])
    seconds = int(arguments[0]) if arguments else SECONDS
    options = [argument for argument in arguments if argument.startswith("-")]
    named = [argument for argument in arguments[1:] if argument not in options]
    wanted = named or [target for lane in LANES for target in lane]
    chosen = [tuple(target for target in lane if target in wanted) for lane in LANES]
    with ThreadPoolExecutor(len(LANES)) as lanes:
        broken = lanes.map(
            lambda lane: _run_lane(lane, _share(seconds, lane), options), filter(None, chosen)
        )
        return int(any(broken))


def _share(seconds: int, lane: tuple[str, ...]) -> int:
    """Return the seconds of each target of a lane; to begin one costs about five more."""
    return seconds if len(lane) == 1 else max(1, seconds // len(lane) - 5)


def _run_lane(targets: tuple[str, ...], seconds: int, options: Sequence[str]) -> bool:
    """Run targets one after another; say whether one of them failed."""
    failed = [_run(target, seconds, options) for target in targets]
    return any(failed)


def _run(target: str, seconds: int, options: Sequence[str]) -> bool:
    """Run one target in a process of its own, which libFuzzer ends when the time is over."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        for number, seed in enumerate(seeds(target)):
            (corpus / f"seed-{number}").write_bytes(seed)
        words = corpus.parent / f"{corpus.name}.dict"
        lines = ('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in _DICTIONARY)
        words.write_text("\n".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "tests.fuzz", target, str(corpus)]
        command += [f"-dict={words}"] if target == "rules" else []
        command += [f"-max_total_time={seconds}", "-max_len=2000", "-timeout=20", *options]
        command += [f"-artifact_prefix={KEPT}/{target}-", "-rss_limit_mb=3000"]
        ended = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
        words.unlink()
    done = _DONE.search(ended.stderr)
    if ended.returncode or not done:
        _say(f"{target}: FAILED, see {KEPT}\n{ended.stdout[-4000:]}\n{ended.stderr[-4000:]}")
        return True
    _say(f"{target}: {int(done[1]):,} executions in {done[2]} s, nothing found")
    return False


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command speaks on standard output


def _fuzz_here(target: str, options: list[str]) -> int:
    """Hand this process to libFuzzer; it does not come back."""
    import atheris  # noqa: PLC0415 - it is there on some systems only

    with atheris.instrument_imports(include=["bot", "lark"]):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - imported to be instrumented

    atheris.Setup([sys.argv[0], *options], TARGETS[target])
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

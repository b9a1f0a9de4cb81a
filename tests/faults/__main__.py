"""The long proof: chaos in one process, then processes that are killed -9. `make faults`.

python -m tests.faults --seeds 80 --alerts 5000 --seed 1
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import structlog

from bot.ports import Store
from bot.store.memory import MemoryStore
from tests.faults.chaos import POLICY, Chaos, Reopen
from tests.faults.killing import kill_often


async def chaos(seeds: int) -> dict[str, int]:
    """Run the chaos once for each seed, and add up what it did."""
    runs = [Chaos(_memory(), seed=seed, digested=50) for seed in range(seeds)]
    for run in runs:
        await run.run()
    return {
        "runs": len(runs),
        "alerts": sum(run.alerts + run.digested for run in runs),
        "lost": sum(run.lost + run.digested - run.gathered for run in runs),
        "doubled": sum(run.doubled for run in runs),
        "crashes": sum(run.lives for run in runs),
        "sends": sum(len(run.chat.tried) for run in runs),
        "looks": sum(len(run.chat.looked) for run in runs),
    }


def _memory() -> Reopen:
    kept = MemoryStore(POLICY)

    async def reopen() -> Store:
        await kept.close()
        await kept.open()
        return kept

    return reopen


def main() -> None:
    """Run both, print what happened, and fail where anything was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=80)
    parser.add_argument("--alerts", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    told = asyncio.run(chaos(given.seeds))
    sys.stdout.write(json.dumps({"chaos": told}, indent=2) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        verdict = asyncio.run(kill_often(Path(folder), given.alerts, given.seed))
    sys.stdout.write(json.dumps({"kill -9": asdict(verdict)}, indent=2) + "\n")
    wrong = told["lost"], told["doubled"], verdict.lost, verdict.doubled, verdict.unsettled
    sys.exit(1 if any(wrong) else 0)


if __name__ == "__main__":
    main()

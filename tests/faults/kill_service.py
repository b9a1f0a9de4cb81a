"""Kill the whole service at every point, on each platform: `make faults-service`."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.service_life import Team, team_of
from tests.faults.service_points import EVERYWHERE, IN_SLACK, Place, Scene, kill_at, recover


@dataclass(frozen=True)
class Verdict:
    """What was lost and doubled over all points; `codes` are the exit codes after SIGTERM."""

    cases: int
    kills: int
    messages: int
    lost: int
    doubled: int
    codes: tuple[int, ...]
    seconds: float


Case = tuple[Place, str]


def cases() -> list[Case]:
    """Return every point with each platform that can hold the service there."""
    both = [(place, platform) for place in EVERYWHERE for platform in ("slack", "discord")]
    return both + [(place, "slack") for place in IN_SLACK]


async def kill_everywhere(team: Team, chosen: list[Case]) -> Verdict:
    """Kill one life at each point, let the next one recover, and count at the end."""
    started, codes = time.monotonic(), []
    slugs = [f"n{number:03}" for number in range(len(chosen))]
    for number, (place, platform) in enumerate(chosen):
        await kill_at(place, Scene(team, slugs[number], platform))
        codes.append(await recover(team, number + 1))
    told = [times for slug in slugs for times in team.times_told(slug)]
    killed = [life for life in team.lives if life.process.returncode == -9]
    return Verdict(
        cases=len(chosen),
        kills=len(killed),
        messages=sum(told),
        lost=sum(times == 0 for times in told),
        doubled=sum(times > 1 for times in told),
        codes=tuple(sorted(set(codes))),
        seconds=round(time.monotonic() - started, 1),
    )


async def run() -> Verdict:
    """Run the whole matrix in a house of its own."""
    with tempfile.TemporaryDirectory() as folder:
        async with team_of(Path(folder)) as team:
            return await kill_everywhere(team, cases())


def main() -> None:
    """Print the verdict, and fail where anything was lost or doubled."""
    verdict = asyncio.run(run())
    sys.stdout.write(json.dumps(asdict(verdict), indent=2) + "\n")
    sys.exit(1 if verdict.lost or verdict.doubled or any(verdict.codes) else 0)


if __name__ == "__main__":
    main()

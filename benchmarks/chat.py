"""How long people wait for an acknowledgement while fifty feeds are being polled.

Run `make bench-chat`. The service is a process of its own; Slack and Discord are the emulators of
the tests, which speak the real wire on 127.0.0.1. Each interaction is timed from the moment at
which its payload leaves the platform until its acknowledgement is there. Both platforms give the
bot three seconds.

    python -m benchmarks.chat [--interactions 5000] [--report docs/benchmarks.md]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import perf_counter

from tests.emulators.discord_interactions import Interaction
from tests.emulators.slack_person import Person
from tests.house import House, house_of
from tests.newsroom import Newsroom

HOUSE = Path(__file__).parents[1]
BEGIN, END = "<!-- bench-chat -->\n", "<!-- end of bench-chat -->\n"
FEEDS = 50
UNDER_WAY = 4.0
"""Seconds that every feed takes to answer, so that all polls are under way all the time."""
NEW = 2
"""How many articles each poll brings; every fifth of them is an alert."""
LANES = 4
"""How many people of each platform ask at the same time."""
PAUSE = 0.2
"""Seconds between what one of them does and the next."""
GOAL_P95, GOAL_WORST = 100.0, 1000.0
"""Milliseconds (issue 4)."""
FIRST_ALERTS = 5
PATIENCE = 60.0
RULE = 'place:"Port Avel" AND "red line"'
SENTENCES = (
    "The harbour authority expects the talks about the escorts to go on for the week.",
    "Freight rates rose again on Tuesday, and two insurers withdrew their offers.",
    "The ministry did not say when the second convoy would be allowed to leave.",
)

Do = Callable[[], Awaitable[None]]


@dataclass
class Press:
    """What fifty outlets publish: each time they are asked, something new."""

    numbers: Iterator[int] = field(default_factory=count)

    def feed(self, name: str) -> bytes:
        """Return a feed with new articles."""
        newsroom = Newsroom(f"https://{name}.example")
        for number in (next(self.numbers) for _ in range(NEW)):
            alarming = number % 5 == 0
            lead = f"A red line was drawn in Port Avel, report {number}." if alarming else ""
            paragraphs = [lead, *(f"{one} Report {number}." for one in SENTENCES * 8)]
            text = " ".join(filter(None, paragraphs))
            newsroom.publish(f"item-{number}", text, teaser=text, title=f"Report {number}")
        return newsroom.feed()


@dataclass(frozen=True, slots=True)
class Waited:
    """How long one interaction waited, in milliseconds."""

    platform: str
    what: str
    ms: float


def percentile(share: float, times: Sequence[float]) -> float:
    """Return the time within which the given share was acknowledged."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# --- what people do -----------------------------------------------------------------------------


def slack_deeds(house: House) -> dict[str, Do]:
    """Return what people do in Slack; each returns once it is acknowledged."""
    person = Person(house.slack)

    def command(name: str, text: str) -> Do:
        async def do() -> None:
            await person.command(name, text)

        return do

    async def press_why() -> None:
        message = house.slack.workspace.messages("#desk")[0]
        why = next(one for one in message.seen().buttons if ":why:" in one)
        await person.press(message, why)

    return {
        "search": command("/news", '"red line" since:7d'),
        "status": command("/redline", "status"),
        "list": command("/watch", "list"),
        "form": command("/watch", "add"),
        "why": press_why,
    }


def discord_deeds(house: House) -> dict[str, Do]:
    """Return what people do in Discord; each returns once it is acknowledged."""

    def command(group: str, verb: str, **options: str) -> Do:
        given = [{"type": 3, "name": name, "value": value} for name, value in options.items()]
        below = {"type": 1, "name": verb, "options": given}

        async def do() -> None:
            await acknowledged(await house.discord.command(group, below))

        return do

    async def press_why() -> None:
        ref = house.discord.world.accepted[0]
        message = house.discord.message_of(ref.nonce)
        buttons = [one for row in message["components"] for one in row["components"]]
        custom_id = next(one["custom_id"] for one in buttons if ":why:" in one["custom_id"])
        interactions = house.discord.rest.interactions
        place = house.discord.world.places[ref.channel_id]
        await acknowledged(await interactions.press(place, message, custom_id, READER))

    return {
        "search": command("news", "search", query='"red line" since:7d'),
        "status": command("redline", "status"),
        "list": command("watch", "list"),
        "form": command("watch", "add"),
        "why": press_why,
    }


READER = 4242


async def acknowledged(interaction: Interaction) -> None:
    """Return once an interaction is acknowledged."""
    await interaction.acknowledged()


async def lane(platform: str, deeds: dict[str, Do], times: int, waited: list[Waited]) -> None:
    """Do one thing after another."""
    names = list(deeds)
    for number in range(times):
        what = names[number % len(names)]
        began = perf_counter()
        await deeds[what]()
        waited.append(Waited(platform, what, (perf_counter() - began) * 1000))
        await asyncio.sleep(PAUSE)


# --- the run ------------------------------------------------------------------------------------


@asynccontextmanager
async def service(house: House) -> AsyncIterator[None]:
    """Run the service beside us, until it is open on both platforms."""
    house.write()
    log = (house.folder / "log.jsonl").open("wb")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.chat_service", str(house.folder),
        stdout=log, stderr=log, cwd=HOUSE, env={"PYTHONPATH": str(HOUSE), **house.variables()},
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            await house.slack.socket.connected()
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), PATIENCE)
        log.close()


async def measure(folder: Path, interactions: int) -> list[Waited]:
    """Let people ask while the feeds are polled."""
    waited: list[Waited] = []
    press = Press()
    async with house_of(folder, RULE) as house:
        names = [f"outlet-{number}" for number in range(FEEDS)]
        house.feeds = {name: house.web.url(f"/{name}.xml") for name in names}
        for name in names:
            renew(house, name, press)
        publishing = asyncio.create_task(publish(house, names, press))
        try:
            async with service(house):
                await until(lambda: len(house.slack.workspace.accepted) > FIRST_ALERTS)
                await until(lambda: len(house.discord.keys()) > FIRST_ALERTS)
                each = interactions // (2 * LANES)
                await asyncio.gather(
                    *(lane("Slack", slack_deeds(house), each, waited) for _ in range(LANES)),
                    *(lane("Discord", discord_deeds(house), each, waited) for _ in range(LANES)),
                )
        finally:
            publishing.cancel()
    return waited


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what is waited for is on the other side of a wire
            await asyncio.sleep(0.05)


def renew(house: House, name: str, press: Press) -> None:
    """Put something new into a feed."""
    house.web.serve(f"/{name}.xml", press.feed(name))
    house.web.delay(f"/{name}.xml", UNDER_WAY)


async def publish(house: House, names: Sequence[str], press: Press) -> None:
    """Put something new into every feed, again and again."""
    while True:
        for name in names:
            renew(house, name, press)
            await asyncio.sleep(UNDER_WAY / len(names))


def report(waited: Sequence[Waited], seconds: float) -> str:
    """Return the section of docs/benchmarks.md."""
    setting = (
        f"{len(waited):,} interactions in {seconds:.0f} s, {LANES} people of each platform at a "
        f"time, who pause for {PAUSE:g} s after each, while {FEEDS} feeds were being polled (each "
        f"answer takes {UNDER_WAY:g} s and "
        f"brings {NEW} new articles, every fifth an alert). {os.cpu_count()} processors for the "
        "service, the emulators and the outlets together.\n"
    )
    unit = (
        "Milliseconds from the payload to its acknowledgement, as the platform sees it. "
        f"Goal: p95 below {GOAL_P95:g}, none above {GOAL_WORST:,.0f}.\n"
    )
    lines = [
        "## Acknowledging people (`make bench-chat`)\n",
        setting,
        unit,
        "| platform | what | times | p50 | p95 | worst |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for platform in ("Slack", "Discord"):
        kinds = dict.fromkeys(one.what for one in waited)
        for what in kinds:
            times = [one.ms for one in waited if (one.platform, one.what) == (platform, what)]
            lines.append(row(platform, what, times))
    lines.append(row("both", "all", [one.ms for one in waited]))
    return "\n".join(lines) + "\n"


def row(platform: str, what: str, times: Sequence[float]) -> str:
    """Return a row of the table."""
    p50, p95 = percentile(0.5, times), percentile(0.95, times)
    return f"| {platform} | {what} | {len(times):,} | {p50:.1f} | {p95:.1f} | {max(times):.0f} |"


def write(section: str, to: Path) -> None:
    """Put the section in the place of the last one, or at the end."""
    text = to.read_text(encoding="utf-8")
    before, begun, rest = text.partition(BEGIN)
    after = rest.partition(END)[2] if begun else ""
    start = before if begun else f"{text.rstrip()}\n\n"
    to.write_text(f"{start}{BEGIN}{section}{END}{after}", encoding="utf-8")


def main() -> None:
    """Measure, print, and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--interactions", type=int, default=5_000)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        waited = asyncio.run(measure(Path(folder), options.interactions))
    section = report(waited, perf_counter() - began)
    print(section)
    if options.report:
        write(section, options.report)


if __name__ == "__main__":
    main()

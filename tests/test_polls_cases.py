"""Feeds as they misbehave in the wild, poll after poll, and what is told of each poll.

A case is a YAML file in tests/cases/polls: what it says, where it was seen, and its `polls`.

    says: A site that changes its ids tells nothing again.
    seen: lwindolf/liferea#1195
    polls:
    - items: [{guid: "1", link: /1, title: The red line of Monday, date: 2026-03-01 08:00}]
      told: []                       # the first poll is a baseline
    - items: [{guid: a, ...}]        # an item with `times: 20` stands for twenty, with {n} counted
      told: [Held…]                  # titles of the cards, in any order; … leaves the rest open
    - body: "<html>…"                # or what comes instead of a feed
    - fails: timeout                 # or why nothing comes
    - unchanged: true                # or 304
    - restart: true                  # the service begins again
    - wait: 60d                      # time passes

Between two polls a day passes. The rule is "red line", the texts are those of the feed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.model import FetchTrouble, Fulltext, MessageRef, Posted
from tests.fakes import FakeClock
from tests.test_pipeline import Desk

CASES = sorted((Path(__file__).parent / "cases" / "polls").glob("*.yaml"))
Given = Mapping[str, Any]
SITE = "https://courier.example"


def rss(items: list[Given]) -> bytes:
    """Write a feed of the items, as they stand."""
    written = "".join(_item(each) for item in items for each in _times(item))
    return (
        f'<rss version="2.0"><channel><title>The Courier</title>{written}</channel></rss>'.encode()
    )


def _times(item: Given) -> Iterator[Given]:
    for number in range(item.get("times", 1)):
        yield {
            name: value.format(n=number) if isinstance(value, str) else value
            for name, value in item.items()
        }


def _item(item: Given) -> str:
    def element(name: str, text: str | None) -> str:
        return "" if text is None else f"<{name}>{escape(text)}</{name}>"

    link = item.get("link")
    return "".join(
        (
            "<item>",
            element("title", item.get("title")),
            element("link", f"{SITE}{link}" if link and link.startswith("/") else link),
            element("guid", item.get("guid")),
            element("pubDate", _date(item.get("date"))),
            element("description", item.get("text")),
            element("category", item.get("category")),
            "</item>",
        )
    )


def _date(given: object) -> str | None:
    """Write a date as RSS does; what is none stands as it is."""
    if not isinstance(given, str):
        return format_datetime(given) if isinstance(given, datetime) else None
    try:
        return format_datetime(datetime.fromisoformat(f"{given}+00:00"))
    except ValueError:
        return given


async def _told(desk: Desk) -> list[str]:
    """Take what is to be sent now."""
    titles = []
    while claim := await desk.store.claim(["slack"], desk.clock.now()):
        message = MessageRef(workspace="T1", channel_id="C1", message_id=claim.post.key)
        await desk.store.settle(claim, Posted(message), desk.clock.now())
        desk.clock.advance(1)
        titles.append(claim.post.card.title)
    return titles


async def _poll(desk: Desk, step: Given) -> None:
    if "fails" in step:
        desk.fetcher.fail_next(FetchTrouble(step["fails"]), "it failed")
    elif "unchanged" in step:
        desk.fetcher.not_modified_next()
    else:
        body = step["body"].encode() if "body" in step else rss(step["items"])
        desk.fetcher.answer_next(body, step.get("type", "application/rss+xml"))
    await desk.poll()


async def _step(desk: Desk, step: Given) -> None:
    if "restart" in step:
        await desk.store.close()
        await desk.store.open()
        desk.judge_by(desk.judge.matcher)
    elif "wait" in step:
        desk.clock.advance(timedelta(days=int(step["wait"].removesuffix("d"))).total_seconds())
    else:
        await _poll(desk, step)


def _read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


def _matches(expected: str, title: str) -> bool:
    start, more, _ = expected.partition("…")
    return title.startswith(start) if more else title == expected


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_what_feeds_do_is_told_as_it_should_be(path: Path, clock: FakeClock) -> None:
    """Nothing is told twice, nothing is lost, and no poll posts more than fifteen cards."""
    case = _read(path)
    desk = Desk(clock, fulltext=Fulltext.NEVER)
    await desk.store.open()
    for number, step in enumerate(case["polls"]):
        await _step(desk, step)
        told = sorted(await _told(desk))
        expected = sorted(step.get("told", []))

        assert len(told) <= 15
        assert len(told) == len(expected), (number, told)
        assert all(map(_matches, expected, told)), (number, told)


def test_every_case_says_what_it_is_and_where_it_was_seen() -> None:
    """A case is found again by the one who met it first."""
    for path in CASES:
        case = _read(path)
        assert case["says"].endswith("."), path.stem
        assert case["seen"], path.stem

"""What single commands answer where the cases' small archive does not reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.app import chats_of_service, desk_of
from bot.commands import Web, suggest
from bot.commands.answers import LONGEST_MISTAKE, mistake_line
from bot.commands.wording import counted, lasting
from bot.errors import RuleError
from bot.model import (
    Action,
    AlertState,
    ChannelRef,
    Feed,
    FeedState,
    OptionKind,
    Request,
    Standing,
    Story,
)
from bot.ports import ParkedChannel, Platform, PollRecord, Serve, Tally
from bot.settings import Settings
from bot.settings.types import PlatformOptions
from bot.store.memory import MemoryStore
from handlers.console import ConsoleOptions
from tests.build import a_rule, an_article
from tests.commands_archive import NOW, known_desk, remembered
from tests.commands_desk import a_desk, an_order, answer, card_of, carry_out, filled, typed
from tests.fakes import FakeChat, FakeClock, FakePublishers, FakeSandbox

DESK = ChannelRef("slack", "#desk")
ELSEWHERE = ChannelRef("discord", "1")
MINUTE = timedelta(minutes=1)


class Counted(MemoryStore):
    """A store that stands as it is told to."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self._told = tally

    async def tally(self) -> Tally:
        return self._told


def a_state(feed_id: str, due: datetime = NOW, **changed: object) -> FeedState:
    """A feed that was polled a minute ago."""
    state = FeedState(
        feed_id=feed_id, address=f"https://{feed_id}.example/", next_poll_at=due,
        last_polled_at=NOW - MINUTE, last_success_at=NOW - MINUTE,
    )  # fmt: skip
    return replace(state, **changed)  # type: ignore[arg-type]  # the fields are those of the type


def a_tally(*feeds: FeedState, parked: Sequence[ParkedChannel] = ()) -> Tally:
    """A service with alerts in all states, here and elsewhere."""
    here = {AlertState.OWED: 1, AlertState.IN_DOUBT: 2, AlertState.WAITING: 3, AlertState.DEAD: 4}
    return Tally(
        states={},
        oldest_owed_at=None,
        parked=tuple(parked),
        feeds=feeds,
        channels={DESK: here, ELSEWHERE: {AlertState.OWED: 90}},
    )


async def lines_of(tally: Tally, line: str, feeds: Sequence[Feed] = ()) -> tuple[str, list[str]]:
    """The title and the lines that a command answers with."""
    card = await typed(a_desk(Counted(tally), feeds=feeds, clock=FakeClock(NOW)), line)
    return card.title, [each.text for each in card.lines]


# --- status -------------------------------------------------------------------------------------


async def test_status_counts_the_channels_of_the_asker_alone() -> None:
    """What another workspace is owed is nobody's business here."""
    _, lines = await lines_of(a_tally(), "/redline status")

    assert lines[2] == "Alerts: 3 on the way, 3 waiting for a digest, 4 given up, 0 posted"


async def test_a_service_in_order_is_well() -> None:
    """Nothing failing, late or parked is told in three lines."""
    title, lines = await lines_of(a_tally(a_state("a"), a_state("b")), "/redline status")

    assert title == "Redline is well"
    assert lines[:2] == ["Sources: 2 feeds polled, all answering", "Lag: polling is on time"]


@pytest.mark.parametrize(("minutes", "said"), [(5, "on time"), (6, "6 min behind")])
async def test_status_tells_when_polling_is_behind(minutes: int, said: str) -> None:
    """Polling is behind when a feed is overdue by more than five minutes."""
    late = a_state("a", due=NOW - minutes * MINUTE)

    title, lines = await lines_of(a_tally(late, a_state("b")), "/redline status")

    assert lines[1] == f"Lag: polling is {said}"
    assert (title == "Redline is well") is (minutes == 5)


async def test_a_parked_channel_is_told_where_it_lies() -> None:
    """A parked channel, why, and what to do is for its own workspace."""
    parked = [
        ParkedChannel(channel=ref, code="is_archived", advice="Unarchive it.", since=NOW, owed=2)
        for ref in (DESK, ELSEWHERE)
    ]

    title, lines = await lines_of(a_tally(parked=parked), "/redline status")

    assert title == "Redline needs a look"
    assert lines[3:] == ["Parked for 0 s: slack:#desk, is_archived, 2 alerts. Unarchive it."]


# --- feeds --------------------------------------------------------------------------------------


def a_feed(feed_id: str, **changed: object) -> Feed:
    """A feed of the settings."""
    feed = Feed(id=feed_id, url=f"https://{feed_id}.example/", title=feed_id.title())
    return replace(feed, **changed)  # type: ignore[arg-type]  # the fields are those of the type


async def test_the_worst_feed_comes_first() -> None:
    """The longest failing stands above others that fail, then what is silent longest."""
    feeds = [a_feed(each) for each in ("lively", "failing", "quiet", "broken")]
    feeds += [a_feed("resting", paused=True), a_feed("fresh")]
    hour = timedelta(hours=1)
    tally = a_tally(
        a_state("lively", last_new_at=NOW - hour),
        a_state("quiet", last_new_at=NOW - 9 * hour),
        a_state("failing", failures=1, failing_since=NOW - hour, last_error="503"),
        a_state("broken", failures=9, failing_since=NOW - 9 * hour, last_error="410"),
    )

    title, lines = await lines_of(tally, "/feeds list", feeds)

    order = [line.split()[1] for line in lines]
    assert title == "6 sources, 2 failing"
    assert order == ["Broken", "Failing", "Fresh", "Quiet", "Lively", "Resting"]


async def test_a_long_list_goes_on() -> None:
    """Fifteen feeds stand on a page, and the buttons lead to the others and back."""
    feeds = [a_feed(f"feed{number:02}", interval=timedelta(hours=2)) for number in range(20)]
    store = MemoryStore()
    await store.open()
    desk = a_desk(store, feeds=feeds)
    first = await typed(desk, "/feeds")
    (older,) = first.buttons

    second = await answer(
        Request(
            workspace="T1",
            channel_id="C1",
            user_id="U1",
            action=Action.PAGE,
            target=older.target,
            standing=Standing.ADMIN,
        ),
        desk,
    )

    assert (first.status, len(first.lines)) == ("1 to 15 of 20", 15)
    assert (second.status, len(second.lines)) == ("16 to 20 of 20", 5)
    assert [button.label for button in second.buttons] == ["Newer"]


# --- stories and clauses ------------------------------------------------------------------------


DAYS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


async def test_a_long_story_keeps_its_first_report() -> None:
    """Of many reports the first and the newest are shown, and the others are counted."""
    reports = [
        replace(
            an_article(f"Day {DAYS[n]}."),
            id=f"r{n}",
            title=f"Report {n}",
            published_at=NOW + n * MINUTE,
        )
        for n in range(10)
    ]
    story = Story(
        id="long", title="Long", article_ids=tuple(each.id for each in reports),
        first_at=NOW, updated_at=NOW,
    )  # fmt: skip
    store = MemoryStore()
    await store.open()
    record = PollRecord(
        state=a_state("a"), articles=tuple(map(remembered, reports)), stories=(story,)
    )
    await store.remember(record)

    card = await typed(a_desk(store), "/news story long")

    assert [item.title for item in card.items] == [f"Report {n}" for n in (0, 3, 4, 5, 6, 7, 8, 9)]
    assert card.notes == ("2 reports between them left out.",)
    assert card.status == "10 reports from 1 source"


async def test_a_report_that_adds_nothing_says_so() -> None:
    """A copy of what was known is called one."""
    store = MemoryStore()
    await store.open()
    copies = [replace(an_article("The toll rises."), id=each) for each in ("a", "b")]
    story = Story(id="s", title="S", article_ids=("a", "b"), first_at=NOW, updated_at=NOW)
    await store.remember(
        PollRecord(state=a_state("a"), articles=tuple(map(remembered, copies)), stories=(story,))
    )

    card = await typed(a_desk(store), "/news story s")

    assert [item.passage.text for item in card.items if item.passage] == [
        "The toll rises.",
        "Nothing that was not known.",
    ]


async def test_the_clauses_of_a_large_rule_are_cut() -> None:
    """An explanation fits a message, and says how much of it is missing."""
    desk = await known_desk()
    rule = a_rule("large", when=" OR ".join(f"word{n}" for n in range(60)))
    large = replace(desk, watch=a_desk(rules=[rule]).watch)

    card = await carry_out(filled("news", "why", article="toll", rule="large"), large)

    assert card.status == "large does not match"
    assert card.notes == ("41 more clauses are not shown.",)
    assert sum(len(line.text) for line in card.lines) < 4_000


# --- completing ---------------------------------------------------------------------------------


async def completed(typed_text: str, *names: str, verb: str = "show") -> list[str]:
    """The names that complete what was typed."""
    desk = a_desk(rules=[a_rule(name, title=f"About {name}") for name in names])
    choices = await suggest(an_order("watch", verb=verb), OptionKind.RULE, typed_text, desk)
    return [choice.value for choice in choices]


async def test_what_begins_so_comes_first() -> None:
    """Names that begin with what was typed stand above similar ones, whatever their case."""
    names = ("grain-toll", "toll", "Toll-roads", "ferry")

    assert await completed("TOLL", *names) == ["toll", "Toll-roads", "grain-toll"]


async def test_nothing_typed_shows_all_names() -> None:
    """Before a letter is typed, the rules stand in the order of the settings."""
    assert await completed("", "b", "a") == ["b", "a"]


async def test_no_more_choices_than_a_platform_takes() -> None:
    """Discord takes twenty-five choices."""
    assert len(await completed("", *(f"rule{n}" for n in range(60)))) == 25
    assert len(await completed("rule", *(f"rule{n}" for n in range(60)))) == 25


async def test_only_names_of_rules_are_completed() -> None:
    """Options that take text offer nothing, nor do rules of other workspaces."""
    desk = a_desk(rules=[a_rule("far", ELSEWHERE), a_rule("near")])

    assert await suggest(an_order("news", verb="search"), OptionKind.TEXT, "n", desk) == ()
    assert [c.value for c in await suggest(an_order("watch"), OptionKind.RULE, "", desk)] == [
        "near"
    ]


async def test_a_long_title_is_cut_in_a_choice() -> None:
    """A choice fits what Slack shows of it; its value stays the name."""
    desk = a_desk(rules=[a_rule("tides", title="Long " * 40)])

    (choice,) = await suggest(an_order("watch", verb="show"), OptionKind.RULE, "ti", desk)

    assert choice.value == "tides"
    assert len(choice.label) <= 75


# --- the service --------------------------------------------------------------------------------


async def test_the_service_hands_its_commands_to_every_platform() -> None:
    """A platform gets the menu with its prefix, and answers that know where its channels lie."""
    clock, given = FakeClock(NOW), list[Serve]()

    def connect(_options: object, serve: Serve) -> FakeChat:
        given.append(serve)
        return FakeChat(clock, "console")

    platform = Platform(
        name="console", options=ConsoleOptions, lacks=lambda _options: "", connect=connect
    )
    settings = Settings(
        command_prefix="acme-",
        rules=(a_rule("tides", ChannelRef("console", "terminal")), a_rule("far", ELSEWHERE)),
        platforms=PlatformOptions({"console": ConsoleOptions()}),
    )
    store = MemoryStore()
    await store.open()

    chats_of_service(
        settings,
        [platform],
        desk_of(settings, store, clock, Web(FakePublishers(clock), FakeSandbox())),
    )

    (serve,) = given
    card = card_of(await serve.carry_out(an_order("watch")))
    choices = await serve.suggest(an_order("watch", verb="show"), OptionKind.RULE, "")
    press = Request(workspace="T1", channel_id="C", user_id="U", action=Action.WHY, target="x")
    assert serve.menu.prefix == "acme-"
    assert [line.text.split(" ")[0] for line in card.lines] == ["tides"]
    assert [choice.value for choice in choices] == ["tides"]
    assert card_of(await serve.answer(press)).title == "This alert is no longer remembered"


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (7_199, "1 h"), (90_000, "1 d")],
)
def test_a_span_is_told_in_its_largest_unit(seconds: int, said: str) -> None:
    """How long something lasts is one number and one unit."""
    assert lasting(timedelta(seconds=seconds)) == said


def test_a_number_has_its_noun() -> None:
    """One is singular, and thousands are parted."""
    assert [counted(n, "story", "stories") for n in (0, 1, 1_200)] == [
        "0 stories",
        "1 story",
        "1,200 stories",
    ]


# --- mistakes at fields -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "span", "advice", "said"),
    [
        ("a AND bb", (6, 8), "", "Odd: a AND ▸bb◂"),
        ("a AND", (5, 5), "write more", "Odd: a AND▲. Write more."),
        ("one\ntwo bad", (8, 11), "", "Odd: two ▸bad◂"),
        (f"{'x' * 99} bad {'y' * 99}", (100, 103), "", f"Odd: …{'x' * 29} ▸bad◂ {'y' * 29}…"),
    ],
)
def test_a_mistake_is_pointed_at_in_one_line(
    text: str, span: tuple[int, int], advice: str, said: str
) -> None:
    """A field of a form says in one line what is wrong, where, and what to do."""
    assert mistake_line(RuleError("odd", source=text, span=span, advice=advice)) == said


def test_a_mistake_at_a_field_is_short() -> None:
    """However much there is to say, it is a few lines below the field."""
    error = RuleError("odd " * 200, source="a", span=(0, 1), advice="write more " * 50)

    assert len(mistake_line(error)) <= LONGEST_MISTAKE

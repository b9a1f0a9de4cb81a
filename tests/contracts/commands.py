"""The suite of slash commands and pages that every chat platform with commands passes.

A platform plugs in with a harness: its adapter in front of an emulator, and a desk behind it that
remembers what it was asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar

import pytest

from bot.errors import StoreError
from bot.model import (
    Action,
    Asked,
    Button,
    Card,
    CardItem,
    Choice,
    CommandSpec,
    Errand,
    Menu,
    Option,
    OptionKind,
    Order,
    Passage,
    Reply,
    Request,
    Revised,
    Span,
    Standing,
    Submission,
)
from bot.ports import Clock, Serve
from tests.contracts.chat import CARD, HOSTILE, everywhere

MENU = Menu(
    prefix="acme-",
    commands=(
        CommandSpec(
            group="news",
            verb="search",
            help="Search everything that was read",
            options=(Option(name="query", help="What to look for", required=True),),
            example='"red line"',
        ),
        CommandSpec(
            group="news",
            verb="why",
            help="Say why a rule matched an article, or why not",
            options=(
                Option(name="rule", help="The rule", kind=OptionKind.RULE),
                Option(name="article", help="The article's address", required=True),
            ),
        ),
        CommandSpec(group="redline", verb="status", help="Say how Redline is doing"),
        CommandSpec(group="watch", verb="add", help="Write a rule", opens_form=True),
    ),
)


def found(number: int, *, text: str = "", url: str = "") -> CardItem:
    """Return an article that was looked up."""
    said = text or f"Article {number} names the red line."
    return CardItem(
        title=text or f"Talks at the crossing, part {number}",
        url=url or f"https://news.example.org/{number}",
        source=text or "Example Courier",
        domain="example.org",
        published_at=CARD.published_at,
        passage=Passage(said, (Span(said.find("red line"), said.find("red line") + 8),)),
    )


def page(number: int) -> Card:
    """Return a page of what was found, with its buttons."""
    newer = Button(action=Action.PAGE, label="Newer", target=f"search7.{number - 1}")
    older = Button(action=Action.PAGE, label="Older", target=f"search7.{number + 1}")
    return Card(
        title=f"Found on page {number}",
        items=tuple(found(5 * number + item) for item in range(5)),
        buttons=(newer, older) if number else (older,),
    )


class FakeInbox:
    """Remembers errands; it may be made to break or to hang."""

    def __init__(self) -> None:
        self.taken: dict[str, Errand] = {}
        self.answered: list[str] = []
        self.trouble: Exception | None = None
        self.hold: asyncio.Event | None = None

    async def take(self, errand: Errand) -> bool:
        if self.hold:
            await self.hold.wait()
        if self.trouble:
            raise self.trouble
        if errand.id in self.taken:
            return False
        self.taken[errand.id] = errand
        return True

    async def done(self, errand_id: str) -> None:
        if self.trouble:
            raise self.trouble
        self.answered.append(errand_id)

    async def pending(self, platform: str, since: datetime) -> Sequence[Errand]:
        if self.trouble:
            raise self.trouble
        waiting = (one for one in self.taken.values() if one.id not in self.answered)
        return [one for one in waiting if one.platform == platform and one.taken_at >= since]


@dataclass
class FakeDesk:
    """The service behind the commands: it remembers what it was asked.

    Commands are answered with `reply`, or else `card`; presses of an action with what `pressed` has
    for it; forms with the next of `outcomes`, or else a card.
    """

    card: Card = field(default_factory=lambda: page(0))
    reply: Reply | None = None
    pressed: dict[Action, Reply] = field(default_factory=dict)
    outcomes: list[Reply] = field(default_factory=list)
    at_home: Card = field(default_factory=lambda: Card(title="At home"))
    inbox: FakeInbox = field(default_factory=FakeInbox)
    groups: frozenset[str] = frozenset()
    trouble: Exception | None = None
    hold: asyncio.Event | None = None
    choices: Sequence[Choice] = ()
    orders: list[Order] = field(default_factory=list)
    presses: list[Request] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    visits: list[Asked] = field(default_factory=list)
    completed: list[tuple[Asked, OptionKind, str]] = field(default_factory=list)

    def serve(self, clock: Clock, menu: Menu = MENU) -> Serve:
        """Return it as the service gives itself to an adapter."""
        return Serve(
            answer=self.answer,
            clock=clock,
            menu=menu,
            carry_out=self.carry_out,
            suggest=self.suggest,
            submit=self.submit,
            home=self.home,
            inbox=self.inbox,
            groups=self.groups,
        )

    async def carry_out(self, order: Order) -> Reply:
        self.orders.append(order)
        await self._think()
        return self.reply or self.card

    async def answer(self, request: Request) -> Reply:
        self.presses.append(request)
        await self._think()
        if request.action is Action.PAGE:
            return Revised(page(int(request.target.rpartition(".")[2])))
        return self.pressed.get(request.action, Card(title="Because"))

    async def submit(self, submission: Submission) -> Reply:
        self.submissions.append(submission)
        await self._think()
        return self.outcomes.pop(0) if self.outcomes else Card(title="It is saved")

    async def home(self, asked: Asked) -> Card:
        self.visits.append(asked)
        await self._think()
        return self.at_home

    async def _think(self) -> None:
        if self.hold:
            await self.hold.wait()
        if self.trouble:
            raise self.trouble

    async def suggest(self, asked: Asked, kind: OptionKind, typed: str) -> Sequence[Choice]:
        self.completed.append((asked, kind, typed))
        if self.trouble:
            raise self.trouble
        return self.choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A private answer as the person who asked sees it now."""

    words: str
    bold: Sequence[str] = ()
    links: Sequence[tuple[str, str]] = ()
    mentions: Sequence[str] = ()
    buttons: int = 0


class Doing(Protocol):
    """Something that somebody did, already acknowledged."""


class CommandHarness(Protocol):
    """An adapter in front of its platform, with one person who asks.

    Every verb returns once the platform has its acknowledgement, and fails where none comes within
    the three seconds that platforms wait.
    """

    @property
    def desk(self) -> FakeDesk:
        """What stands behind the commands."""
        ...

    @property
    def person(self) -> str:
        """The id of the person who asks."""
        ...

    @property
    def workspace(self) -> str:
        """The id of the workspace."""
        ...

    @property
    def channel_id(self) -> str:
        """The id of the channel in which commands are given."""
        ...

    @property
    def secrets(self) -> Sequence[str]:
        """What must never be shown: tokens, and what lets others answer in our place."""
        ...

    async def command(self, group: str, verb: str, **options: str) -> Doing:
        """Give a command, its name without the prefix."""
        ...

    async def misspell(self) -> Doing:
        """Give a command that is not on the menu."""
        ...

    async def repeat(self, asked: Doing) -> None:
        """Deliver the same once more, as platforms do."""
        ...

    async def press(self, number: int) -> Doing:
        """Press a button of the first private answer, counted from 0."""
        ...

    async def answers(self, changes: int) -> Sequence[Seen]:
        """Return the private answers that stand, once so many were given or replaced."""
        ...

    def shown_to_all(self) -> int:
        """How many messages everybody sees."""
        ...

    def become(self, standing: Standing) -> None:
        """Let the platform say so of the person."""
        ...

    def faults(self) -> Sequence[str]:
        """Every limit and every type of the platform that an answer breaks, in words."""
        ...

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        ...


Harness = TypeVar("Harness")


@contextmanager
def kept_open(
    opening: AbstractAsyncContextManager[Harness],
) -> Iterator[tuple[asyncio.Runner, Harness]]:
    """Keep one harness open over many examples: a crash in one shows in all that follow."""
    with asyncio.Runner() as runner:
        harness = runner.run(opening.__aenter__())
        try:
            yield runner, harness
        finally:
            runner.run(opening.__aexit__(None, None, None))


class CommandContract:
    """What holds of commands on every platform. A subclass gives the `harness` fixture."""

    async def test_a_command_is_answered_once_and_privately(self, harness: CommandHarness) -> None:
        """Whoever gives a command gets one answer, and nobody else sees it."""
        await harness.command("news", "search", query="red line")
        (seen,) = await harness.answers(1)

        assert "Found on page 0" in seen.words
        assert harness.shown_to_all() == 0
        assert len(harness.desk.orders) == 1
        assert harness.faults() == []

    async def test_an_order_says_who_gave_it_and_where(self, harness: CommandHarness) -> None:
        """The order names the workspace, the channel, the person and the command."""
        await harness.command("redline", "status")
        await harness.answers(1)
        (order,) = harness.desk.orders

        assert order.workspace == harness.workspace
        assert (order.channel_id, order.user_id) == (harness.channel_id, harness.person)
        assert order.group == "redline"
        assert "status" in {order.verb, order.text}

    async def test_what_was_typed_arrives_as_it_was_typed(self, harness: CommandHarness) -> None:
        """No character of a query is changed on its way, those that platforms escape included."""
        query = '"red line" AT&T <b> (a OR b) -c *d* @everyone <!channel> «é»'
        await harness.command("news", "search", query=query)
        await harness.answers(1)
        (order,) = harness.desk.orders

        given = [argument.value for argument in order.arguments]
        assert query in given or order.text == f"search {query}"

    async def test_five_articles_are_shown_with_their_sentences(
        self, harness: CommandHarness
    ) -> None:
        """Each found article has its link, its source, its sentence and the words that matched."""
        await harness.command("news", "search", query="red line")
        (seen,) = await harness.answers(1)

        for item in harness.desk.card.items:
            assert item.title in seen.words
            assert item.url in [url for _, url in seen.links]
            assert item.passage
            assert item.passage.text in seen.words
        assert seen.words.count("Example Courier") == 5
        assert seen.bold.count("red line") == 5
        assert seen.buttons == 1

    async def test_the_acknowledgement_does_not_wait(self, harness: CommandHarness) -> None:
        """A command that takes a minute is acknowledged at once and answered when it is done."""
        harness.desk.hold = asyncio.Event()
        await harness.command("news", "search", query="red line")
        before = len(await harness.answers(0))
        harness.pass_time(60)
        harness.desk.hold.set()
        after = await harness.answers(1)

        assert (before, len(after)) == (0, 1)

    async def test_a_repeated_delivery_does_one_thing(self, harness: CommandHarness) -> None:
        """A command that the platform delivers twice is carried out and answered once."""
        asked = await harness.command("news", "search", query="once")
        await harness.answers(1)
        await harness.repeat(asked)
        await harness.command("redline", "status")  # to know that the one before it is through
        seen = await harness.answers(2)

        assert len(seen) == 2
        assert len(harness.desk.orders) == 2
        assert harness.faults() == []

    async def test_a_page_takes_the_place_of_the_page_before(self, harness: CommandHarness) -> None:
        """Older and Newer turn the pages of one answer; they add none."""
        await harness.command("news", "search", query="red line")
        await harness.answers(1)
        await harness.press(0)
        (second,) = await harness.answers(2)
        await harness.press(0)
        (first,) = await harness.answers(3)

        assert "Found on page 1" in second.words
        assert "Found on page 0" not in second.words
        assert second.buttons == 2
        assert "Found on page 0" in first.words
        assert [request.target for request in harness.desk.presses] == ["search7.1", "search7.0"]
        assert {request.user_id for request in harness.desk.presses} == {harness.person}
        assert harness.faults() == []

    async def test_a_repeated_press_turns_one_page(self, harness: CommandHarness) -> None:
        """A press that is delivered twice turns the page once."""
        await harness.command("news", "search", query="red line")
        await harness.answers(1)
        await harness.repeat(await harness.press(0))
        await harness.answers(2)
        await harness.press(1)
        (seen,) = await harness.answers(3)

        assert "Found on page 2" in seen.words
        assert len(harness.desk.presses) == 2
        assert harness.faults() == []

    @pytest.mark.parametrize(
        "trouble",
        [
            StoreError("search 7", "is not remembered", advice="Search again"),
            ValueError("inner workings of {secret}"),
        ],
        ids=["ours", "any"],
    )
    async def test_trouble_is_said_kindly_and_logged_without_secrets(
        self, harness: CommandHarness, trouble: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        """An error of ours is explained, any other admitted; no token is shown or logged."""
        caplog.set_level("INFO")
        said = str(trouble).format(secret=harness.secrets[0])
        ours = isinstance(trouble, StoreError)
        harness.desk.trouble = trouble if ours else ValueError(said)

        await harness.command("news", "search", query="red line")
        (seen,) = await harness.answers(1)
        logged = caplog.text + "".join(f"{r.getMessage()}{r.exc_text}" for r in caplog.records)

        assert "Redline" in seen.words
        assert ("Search again" in seen.words) is ours
        assert "inner workings" not in seen.words + logged
        assert ("ValueError" in logged) is not ours
        assert [secret for secret in harness.secrets if secret in seen.words + logged] == []

    async def test_a_command_that_never_ends_is_given_up(
        self, harness: CommandHarness, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever asks hears of it where a command does not come to an end."""
        monkeypatch.setattr("bot.ports.attending.ANSWER_WITHIN", 0.05)
        harness.desk.hold = asyncio.Event()
        await harness.command("news", "search", query="red line")
        (seen,) = await harness.answers(1)

        assert "could not answer" in seen.words

    async def test_a_command_that_is_not_ours_asks_nothing(self, harness: CommandHarness) -> None:
        """An unknown command is acknowledged, and nothing is carried out."""
        await harness.misspell()
        await harness.command("redline", "status")
        await harness.answers(1)

        assert [order.group for order in harness.desk.orders] == ["redline"]

    @pytest.mark.parametrize("standing", Standing)
    async def test_the_platform_says_who_asks(
        self, harness: CommandHarness, standing: Standing
    ) -> None:
        """Admins, members, guests, people of other companies and bots arrive as what they are."""
        harness.become(standing)
        await harness.command("redline", "status")
        await harness.answers(1)
        await harness.press(0)
        await harness.answers(2)

        assert [order.standing for order in harness.desk.orders] == [standing]
        assert [request.standing for request in harness.desk.presses] == [standing]

    @pytest.mark.parametrize("name", HOSTILE)
    async def test_hostile_words_are_only_words(self, harness: CommandHarness, name: str) -> None:
        """Neither what a person types nor what an article says works in an answer."""
        text = HOSTILE[name].replace("\x00", "").encode("utf-16", "replace").decode("utf-16")
        card = everywhere(text)
        items = tuple(found(number, text=text) for number in range(5))
        harness.desk.card = replace(card, items=items)
        await harness.command("news", "search", query=text[:500] or "x")
        (seen,) = await harness.answers(1)

        assert seen.mentions == []
        assert not [url for _, url in seen.links if "evil" in url]
        assert harness.faults() == []

    @pytest.mark.parametrize("text", ["x", "*", "é", "\U00010348", "<&>", "a b. "])
    async def test_the_longest_page_fits(self, harness: CommandHarness, text: str) -> None:
        """Five articles with endless titles, addresses and sentences are still one answer."""
        url = "https://news.example.org/" + "a" * 1_900
        items = tuple(found(number, text=text * 2_000, url=url) for number in range(5))
        harness.desk.card = replace(page(1), items=items)
        await harness.command("news", "search", query="red line")
        (seen,) = await harness.answers(1)

        assert "Found on page 1" in seen.words
        assert harness.faults() == []

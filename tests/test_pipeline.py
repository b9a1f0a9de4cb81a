"""One poll end to end, over fakes: what is remembered, and what is owed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from bot.errors import SandboxError
from bot.judge import Judge, Matches
from bot.model import (
    AlertState,
    Article,
    ChannelRef,
    Entry,
    Feed,
    FeedState,
    FetchResult,
    FetchTrouble,
    Fulltext,
    Match,
    MessageRef,
    Posted,
    Rule,
)
from bot.pipeline import Pipeline, PipelineParts
from bot.ports import Claim, SearchQuery, Store, Wanted
from bot.rules.match import Matcher
from bot.rules.read import read_rule
from bot.rules.rule import Names
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from tests.build import a_rule
from tests.fakes import FakeClock, FakeSandbox
from tests.newsroom import FakeFetcher, Newsroom

P = ParamSpec("P")
T = TypeVar("T")

STORY = (
    "Prime Minister Ilse Marten said on Tuesday that ships would be escorted from Friday on.",
    "“A blockade of Port Avel is a red line for this government,” Marten told reporters.",
    "The navy of the neighbour said that it had only asked two freighters to wait for inspectors.",
)
NEW_FACT = "Laying mines would cross the same red line, the foreign secretary told parliament."


class Crashing(FakeSandbox):
    """A sandbox in which one entry cannot be read, as hostile ones cannot."""

    def __init__(self, link: str, error: Exception) -> None:
        self._link = link
        self._error = error

    async def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if any(isinstance(arg, Entry) and arg.link == self._link for arg in args):
            raise self._error
        return await super().run(task, *args, **kwargs)


@dataclass
class Desk:
    """A pipeline over fakes, with verbs."""

    clock: FakeClock
    newsroom: Newsroom = field(default_factory=Newsroom)
    rules: tuple[Rule, ...] = field(default_factory=lambda: (a_rule(),))
    fulltext: Fulltext = Fulltext.AUTO
    sandbox: FakeSandbox = field(default_factory=FakeSandbox)
    store: Store = field(default_factory=MemoryStore)
    woken: int = 0

    def __post_init__(self) -> None:
        self.fetcher = FakeFetcher(self.newsroom, self.clock)
        self.feed = Feed(
            id="courier",
            url=self.newsroom.feed_url,
            title="The Courier",
            fulltext=self.fulltext,
        )
        self.judge_by(Matcher([read_rule(rule, Names()) for rule in self.rules]))

    def judge_by(self, matcher: Matches) -> None:
        """Find rules with this matcher from now on."""
        self.judge = Judge(matcher, {rule.name: rule for rule in self.rules})
        self.parts = PipelineParts(
            store=self.store,
            fetcher=self.fetcher,
            sandbox=self.sandbox,
            judge=self.judge,
            clock=self.clock,
            jitter=lambda: 0.0,
        )
        self.pipeline = Pipeline(self.parts, {self.feed.id: self.feed}, self._wake)

    def _wake(self) -> None:
        self.woken += 1

    async def start(self) -> None:
        """Open the store and poll for the first time."""
        await self.store.open()
        await self.poll()

    async def poll(self) -> FeedState:
        """Let the feed be due, poll it, and return how it stands."""
        await self.store.sync_feeds([self.feed], self.clock.now())
        self.clock.advance(timedelta(hours=25).total_seconds())
        (due,) = await self.store.due_feeds(self.clock.now(), 10)
        await self.pipeline.poll(due)
        (state,) = (await self.store.tally()).feeds
        return state

    async def states(self) -> dict[AlertState, int]:
        """How many alerts are in each state."""
        return {state: n for state, n in (await self.store.tally()).states.items() if n}

    async def claim(self) -> Claim:
        """The next card that is to be sent."""
        claim = await self.store.claim(["slack"], self.clock.now())
        assert claim is not None
        return claim


@pytest.fixture
async def desk(clock: FakeClock) -> Desk:
    """A desk whose feed was polled once, with one old report in it."""
    desk = Desk(clock)
    desk.newsroom.publish("old-news", "The red line of last week was crossed again on Monday.")
    await desk.start()
    return desk


async def test_the_first_poll_is_a_baseline(desk: Desk) -> None:
    """What stands in a feed when it is added is remembered quietly, without reading its pages."""
    assert await desk.states() == {AlertState.QUIET: 1}
    assert [wanted.url for wanted in desk.fetcher.fetched] == [desk.feed.url]


async def test_a_new_article_is_owed_with_the_sentence_from_its_page(desk: Desk) -> None:
    """A teaser leads to the page, and the card shows the sentence that stands only there."""
    desk.newsroom.publish("escorts", *STORY, title="Escorts from Friday")

    await desk.poll()

    card = (await desk.claim()).post.card
    assert card.title == "Escorts from Friday"
    assert card.summary[0].text == STORY[1]
    assert card.why == ("red-line: red line",)
    assert desk.woken == 1


async def test_what_was_read_is_found_as_the_rules_read_it(desk: Desk) -> None:
    """Every article of a poll can be searched by its folded words, the plural among them."""
    desk.newsroom.publish("escorts", "The Red-Lines of the port were crossed.", title="Escorts")
    await desk.poll()

    async def found(phrase: str) -> list[str]:
        page = await desk.store.search(SearchQuery(clauses=((phrase,),)))
        return [one.title for one in page.articles]

    assert await found(" the red line of the port ") == ["Escorts"]
    assert len(await found(" red line ")) == 2


async def test_the_second_poll_posts_nothing(desk: Desk) -> None:
    """The same feed again owes nothing again."""
    desk.newsroom.publish("escorts", *STORY)
    await desk.poll()
    before = await desk.states()

    await desk.poll()

    assert await desk.states() == before


async def test_an_update_with_a_new_matching_sentence_is_followed_up(desk: Desk) -> None:
    """A material change of an article is a reply to its card, and shows the new sentence."""
    desk.newsroom.publish("escorts", *STORY)
    await desk.poll()
    message = MessageRef(workspace="T1", channel_id="C1", message_id="1")
    await desk.store.settle(await desk.claim(), Posted(message), desk.clock.now())
    desk.newsroom.amend("escorts", *STORY, NEW_FACT, "This story has been updated.")

    await desk.poll()

    post = (await desk.claim()).post
    assert (post.thread, post.card.status) == (message, "updated")
    assert post.card.summary[0].text == NEW_FACT


async def test_a_mended_typo_is_decided_and_silent(desk: Desk) -> None:
    """An edit that changes nothing that matched owes nothing."""
    desk.newsroom.publish("escorts", *STORY)
    await desk.poll()
    desk.newsroom.amend("escorts", STORY[0].replace("ships", "vessels"), *STORY[1:])

    await desk.poll()

    assert await desk.states() == {AlertState.QUIET: 2, AlertState.OWED: 1}


@pytest.mark.parametrize("store", ["memory", "database"])
async def test_an_edit_below_a_title_that_matched_is_silent(
    clock: FakeClock, tmp_path: Path, store: str
) -> None:
    """What only the title says is known to the channel as well as any sentence of the text."""
    stores: dict[str, Store] = {
        "memory": MemoryStore(),
        "database": SqlStore(tmp_path / "redline.db"),
    }
    desk = Desk(clock, store=stores[store])
    await desk.start()
    desk.newsroom.publish("talks", "Talks went on in Orven.", title="A red line was crossed")
    await desk.poll()
    desk.newsroom.amend("talks", "Talks went on in Orven on Monday.")

    await desk.poll()

    assert await desk.states() == {AlertState.QUIET: 1, AlertState.OWED: 1}
    await desk.store.close()


async def test_an_edit_of_the_teaser_alone_is_no_new_version(desk: Desk) -> None:
    """A feed that words its teaser anew changes nothing where the page stays the same."""
    desk.newsroom.publish("escorts", *STORY)
    await desk.poll()
    desk.newsroom.amend("escorts", *STORY, teaser="In other words…")

    await desk.poll()

    assert await desk.states() == {AlertState.QUIET: 1, AlertState.OWED: 1}


async def test_a_site_that_changes_all_guids_floods_nobody(desk: Desk) -> None:
    """Articles are known by their links and titles too."""
    desk.newsroom.publish("escorts", *STORY)
    await desk.poll()
    before = await desk.states()
    desk.newsroom.flip_guids()

    await desk.poll()

    assert await desk.states() == before


async def test_a_page_that_is_gone_leaves_the_teaser_and_says_so(desk: Desk) -> None:
    """The card of an article whose page cannot be had is made of the teaser, with a note."""
    desk.newsroom.publish("gone", "A red line was crossed at Port Avel on Tuesday, ministers said.")
    desk.fetcher.take_down("gone")

    await desk.poll()

    card = (await desk.claim()).post.card
    assert card.summary[0].text.startswith("A red line was crossed")
    assert any("gone (404)" in note for note in card.notes)


class Slow(FakeFetcher):
    """A fetcher whose pages take half a minute each."""

    async def fetch(self, wanted: Wanted) -> FetchResult:
        if "/news/" in wanted.url:
            assert isinstance(self._clock, FakeClock)
            self._clock.advance(30)
        return await super().fetch(wanted)


async def test_pages_that_take_too_long_hold_nothing_up(desk: Desk) -> None:
    """After two minutes the rest of a poll is told from its teasers, and the cards say so."""
    slow = Slow(desk.newsroom, desk.clock)
    pipeline = Pipeline(replace(desk.parts, fetcher=slow), {desk.feed.id: desk.feed}, lambda: None)
    for number in range(12):
        desk.newsroom.publish(f"a{number}", f"A red line number {number} was crossed at sea.")
    desk.pipeline = pipeline

    await desk.poll()

    assert len([one for one in slow.fetched if "/news/" in one.url]) == 5
    assert (await desk.states())[AlertState.OWED] == 12
    cards = []
    for _ in range(12):
        desk.clock.advance(1)
        claim = await desk.claim()
        message = MessageRef(workspace="T1", channel_id="C1", message_id=claim.post.key)
        await desk.store.settle(claim, Posted(message), desk.clock.now())
        cards.append(claim.post.card)
    assert sum(any("took too long" in note for note in card.notes) for card in cards) == 7


async def test_a_page_that_goes_away_later_takes_nothing_back(desk: Desk) -> None:
    """An article that was read whole is not replaced by its teaser when its page goes away."""
    desk.newsroom.publish("escorts", *STORY)
    await desk.poll()
    key = (await desk.claim()).post.key
    desk.newsroom.amend("escorts", *STORY, NEW_FACT)
    desk.fetcher.take_down("escorts")

    await desk.poll()

    record = await desk.store.alert(key)
    assert record is not None
    article = await desk.store.article(record.alert.article_id)
    assert article is not None
    assert (article.version, STORY[1] in article.text) == (1, True)


@pytest.mark.parametrize(
    "body",
    [b"", b"<!doctype html><html><body>Please enable cookies</body></html>", b"\x00\xff" * 50],
    ids=["empty", "html", "noise"],
)
async def test_what_is_no_feed_is_told_and_forgets_nothing(desk: Desk, body: bytes) -> None:
    """An empty, HTML or broken answer is a failure of the feed; what was seen stays seen."""
    desk.fetcher.answer_next(body)
    failed = await desk.poll()

    await desk.poll()

    assert failed.failures == 1
    assert failed.last_error
    assert await desk.states() == {AlertState.QUIET: 1}


async def test_a_feed_that_fails_is_asked_again_later(desk: Desk) -> None:
    """A feed out of reach is backed off from, and never given up."""
    desk.fetcher.fail_next(FetchTrouble.TIMEOUT, "courier.example did not answer in 30 seconds.")

    state = await desk.poll()

    assert (state.failures, state.last_error) == (
        1,
        "courier.example did not answer in 30 seconds.",
    )
    assert state.next_poll_at > desk.clock.now()


async def test_a_night_without_network_costs_fifteen_minutes(clock: FakeClock) -> None:
    """While no host answers, every feed is asked again soon, however long that lasts."""
    desk = Desk(clock)
    await desk.store.open()
    feeds = {
        f"f{n}": replace(desk.feed, id=f"f{n}", url=f"https://f{n}.example/") for n in range(6)
    }
    pipeline = Pipeline(desk.parts, feeds, lambda: None)
    await desk.store.sync_feeds(list(feeds.values()), clock.now())
    for _ in range(8):
        for state in await desk.store.due_feeds(clock.now(), 9):
            desk.fetcher.fail_next(FetchTrouble.UNREACHABLE, "the name of the host is not known")
            await pipeline.poll(state)
        clock.advance(timedelta(hours=1).total_seconds())

    states = (await desk.store.tally()).feeds
    assert all(state.next_poll_at <= clock.now() for state in states)
    assert all(state.failing_since for state in states)


async def test_an_unchanged_feed_succeeds(desk: Desk) -> None:
    """304 is a success that brings nothing."""
    desk.fetcher.not_modified_next()

    state = await desk.poll()

    assert (state.failures, state.last_success_at) == (0, desk.clock.now())


class Counting(FakeSandbox):
    """A sandbox that remembers what it was asked to do."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.asked.append(task.__name__)
        return await super().run(task, *args, **kwargs)


async def test_a_body_that_is_known_is_not_parsed(clock: FakeClock) -> None:
    """A server without validators sends the same bytes again, and they cost nothing."""
    sandbox = Counting()
    desk = Desk(clock, sandbox=sandbox)
    await desk.start()
    parsed = sandbox.asked.count("parse_feed")

    await desk.poll()
    assert sandbox.asked.count("parse_feed") == parsed

    desk.newsroom.publish("escorts", *STORY)
    await desk.poll()
    assert sandbox.asked.count("parse_feed") == parsed + 1


async def test_a_hostile_entry_never_stops_its_neighbours(clock: FakeClock) -> None:
    """An entry that kills its reader is told by its title, and the others are read as usual."""
    link = "https://courier.example/news/hostile"
    error = SandboxError(link, "reading it took more than 2 seconds")
    desk = Desk(clock, sandbox=Crashing(link, error), fulltext=Fulltext.NEVER)
    await desk.start()
    desk.newsroom.publish("hostile", "Nothing.", title="A red line in a hostile entry")
    desk.newsroom.publish("escorts", *STORY, teaser=STORY[1])

    await desk.poll()

    assert await desk.states() == {AlertState.OWED: 2}


async def test_an_entry_that_breaks_us_is_read_again(clock: FakeClock) -> None:
    """After a fault of ours the feed's validators are dropped, so that nothing is lost to a 304."""
    link = "https://courier.example/news/odd"
    desk = Desk(clock, sandbox=Crashing(link, RuntimeError("a fault of ours")))
    await desk.start()
    desk.newsroom.publish("odd", "A red line.")
    desk.newsroom.publish("escorts", *STORY)

    state = await desk.poll()

    assert (state.body_hash, await desk.states()) == (None, {AlertState.OWED: 1})


@dataclass
class Stumbling:
    """A matcher that breaks on one article, as a fault of ours does."""

    inner: Matches
    title: str

    def match(self, article: Article) -> tuple[Match, ...]:
        if article.title == self.title:
            raise RuntimeError("a fault of ours")
        return self.inner.match(article)


async def test_an_article_that_breaks_the_judge_is_read_again(clock: FakeClock) -> None:
    """A fault in judging one article costs its neighbours nothing, and it is judged later."""
    desk = Desk(clock)
    await desk.start()
    well = desk.judge.matcher
    desk.judge_by(Stumbling(well, "An odd report"))
    desk.newsroom.publish("odd", "A red line.", title="An odd report")
    desk.newsroom.publish("escorts", *STORY)

    state = await desk.poll()

    assert (state.body_hash, await desk.states()) == (None, {AlertState.OWED: 1})

    desk.judge_by(well)
    await desk.poll()

    assert await desk.states() == {AlertState.OWED: 2}


async def test_half_a_character_stops_nothing(clock: FakeClock, tmp_path: Path) -> None:
    """What JSON can write and no database can store costs neither its entry nor its neighbours."""
    desk = Desk(clock, store=SqlStore(tmp_path / "redline.db"), fulltext=Fulltext.NEVER)
    await desk.start()
    half = {
        "id": "a\ud800",
        "url": "https://courier.example/news/a\udfff",
        "title": "A red line \ud83d",
        "content_text": "A red line \udc00 was crossed at Port Avel.",
        "language": "e\ud800n",
    }
    whole = {"id": "b", "url": "https://courier.example/news/b", "title": "A red line too"}
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "\ud800",
        "items": [half, whole],
    }
    desk.fetcher.answer_next(json.dumps(feed).encode(), "application/feed+json")

    await desk.poll()

    assert await desk.states() == {AlertState.OWED: 2}
    await desk.store.close()


async def test_the_language_of_a_feed_is_that_of_its_articles(clock: FakeClock) -> None:
    """Where neither entry nor page names a language, the settings of the feed do."""
    desk = Desk(clock, fulltext=Fulltext.NEVER, rules=(a_rule(when="lang:no AND grense"),))
    desk.feed = replace(desk.feed, language="no")
    desk.pipeline = Pipeline(desk.parts, {desk.feed.id: desk.feed}, lambda: None)
    await desk.start()
    desk.newsroom.publish("grense", "En grense ble krysset, sa statsministeren på tirsdag.")

    await desk.poll()

    assert await desk.states() == {AlertState.OWED: 1}


async def test_each_article_of_one_poll_is_judged_once(desk: Desk) -> None:
    """Two channels of two rules are owed one card each for one article."""
    other = ChannelRef("slack", "#other")
    both = Desk(desk.clock, rules=(a_rule(), a_rule("marten", other, when="Marten")))
    await both.start()
    both.newsroom.publish("escorts", *STORY)

    await both.poll()

    assert await both.states() == {AlertState.OWED: 2}


async def test_two_feeds_that_tease_one_page_in_their_own_words_settle(desk: Desk) -> None:
    """A page that stands in two feeds is read once for each of them, not at every poll."""
    front = desk.newsroom
    front.publish("escorts", *STORY, teaser=f"{STORY[0][:60]}…")
    section = Newsroom()
    section.guid_prefix = "section-"
    section.publish("escorts", *STORY, teaser=f"{STORY[1][:60]}…")
    feed = replace(desk.feed, id="section")
    both = Pipeline(desk.parts, {one.id: one for one in (desk.feed, feed)}, lambda: None)
    await desk.store.sync_feeds([desk.feed, feed], desk.clock.now())

    for number in range(3):
        front.publish(f"front-{number}", "Nothing new.")
        section.publish(f"section-{number}", "Nothing new.")
        desk.clock.advance(timedelta(hours=25).total_seconds())
        for state in await desk.store.due_feeds(desk.clock.now(), 10):
            if state.feed_id == "section":
                desk.fetcher.answer_next(section.feed(), "application/rss+xml")
            await both.poll(replace(state, baseline_done=True))

    read = [wanted.url for wanted in desk.fetcher.fetched if wanted.url.endswith("/escorts")]
    assert len(read) == 2
    assert (await desk.states())[AlertState.OWED] == 1

"""Both stores, driven through one random life: they agree at every step and keep the promises.

The machine plays the platform too. Of each attempt it knows in secret whether the message was
taken in, so that it can tell what no store can: whether an alert was posted twice, or lost.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from bot.model import (
    Absent,
    AlertState,
    Article,
    Changed,
    Channel,
    ChannelRef,
    Found,
    InDoubt,
    Malformed,
    Opinion,
    Outcome,
    Posted,
    Postponed,
    Reason,
    ShutOut,
    Sighting,
    Thing,
    Unseen,
    Unwelcome,
    Urgency,
)
from bot.ports import ChangeQuery, Claim, DeliveryPolicy, Owed, PollRecord, SearchQuery, Store
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from tests.contracts.store_register import (
    a_change,
    a_draft,
    a_feed,
    a_mute,
    a_rule,
    an_errand,
    an_opinion,
)
from tests.contracts.store_search import told
from tests.contracts.store_world import (
    DESK,
    GUILD,
    NOW,
    PLATFORMS,
    WATCH,
    alert,
    card,
    match,
    message,
    owed,
    owing,
    state,
    story,
)

T = TypeVar("T")

POLICY = DeliveryPolicy()
PACES = {GUILD: timedelta(seconds=5)}
REFS = st.sampled_from([DESK, WATCH, GUILD])
ASKED = st.sampled_from([PLATFORMS, ("slack",), ("discord",), ()])
DELAYS = st.sampled_from([0, 1, 40, 400]).map(lambda seconds: timedelta(seconds=seconds))
ARTICLES = ("b1", "b2", "b3", "b4")
RULES = ("red-line", "envoys")
SURE: st.SearchStrategy[Outcome] = st.one_of(
    st.builds(Postponed, st.just("busy"), DELAYS, st.booleans()),
    st.just(Unwelcome("is_archived", "Unarchive it.")),
    st.just(ShutOut("token_revoked", "Make a new token.")),
    st.just(Malformed("invalid_blocks")),
)
"""Outcomes that say for certain that nothing was posted."""


@dataclass(frozen=True)
class Attempt:
    """A claim that was given out, and whether the platform took the message in."""

    claim: Claim
    accepted: bool


class TwoStores(RuleBasedStateMachine):
    """One life, lived in memory and in SQLite."""

    attempts = Bundle("attempts")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "redline.db"
        paces = {ref: Channel(ref=ref, pace=pace) for ref, pace in PACES.items()}
        self.memory = MemoryStore(POLICY, paces)
        self.sql = SqlStore(self.path, POLICY, paces)
        self.now = NOW
        self.names: list[str] = []
        self.record: PollRecord | None = None
        self.changed = 0
        self.accepted: Counter[str] = Counter()
        self.held: dict[ChannelRef, tuple[int, datetime]] = {}
        self.intended: dict[ChannelRef, datetime] = {}
        self.both(lambda store: store.open())

    def teardown(self) -> None:
        self.loop.run(self.memory.close())
        self.loop.run(self.sql.close())
        self.loop.close()
        self.folder.cleanup()

    def both(self, ask: Callable[[Store], Awaitable[T]]) -> T:
        """Ask both stores and return what they agree on."""

        async def asked(store: Store) -> T:
            return await ask(store)

        said = self.loop.run(asked(self.memory))
        assert self.loop.run(asked(self.sql)) == said
        return said

    @rule(
        ref=REFS,
        urgency=st.sampled_from(Urgency),
        reason=st.sampled_from(
            [Reason.NEW_STORY, Reason.NEW_STORY, Reason.DIGEST, Reason.BASELINE]
        ),
        age=st.integers(0, 3),
        data=st.data(),
    )
    def owe(
        self, ref: ChannelRef, urgency: Urgency, reason: Reason, age: int, data: st.DataObject
    ) -> None:
        parent = data.draw(st.sampled_from([None, *self.names[-4:]]))
        name = f"k{len(self.names)}"
        decided = owed(
            name,
            ref,
            urgency=urgency,
            reason=reason,
            reply_to=parent,
            decided_at=self.now - timedelta(seconds=age),
            story_id=f"s{len(self.names) % 3}",
        )
        self.names.append(name)
        self.record = owing(decided)
        self.both(lambda store: store.remember(owing(decided)))

    @rule()
    def remember_the_last_poll_again(self) -> None:
        record = self.record or PollRecord(state=state())
        before = self.both(lambda store: store.tally())
        self.both(lambda store: store.remember(record))
        assert before == self.both(lambda store: store.tally()) or self.record is None

    @rule(data=st.data(), version=st.integers(1, 3), age=st.integers(-2, 2))
    def read(self, data: st.DataObject, version: int, age: int) -> None:
        """An article is read, or read again, and some rules match it."""
        name = data.draw(st.sampled_from(ARTICLES))
        folded = data.draw(st.sampled_from([" red line | ", " red ; line | ", " peace | ", ""]))
        one = told(name, folded, age=timedelta(seconds=age), version=version)
        rules = data.draw(st.sets(st.sampled_from(RULES)))
        record = PollRecord(
            state=state(),
            articles=(one,),
            matches=tuple(match(rule, of=name, version=version) for rule in sorted(rules)),
            stories=(story(f"of-{name}", name),),
        )
        self.both(lambda store: store.remember(record))

    @rule(
        clauses=st.lists(st.sampled_from([" red line ", " pea", " envoys "]), max_size=2),
        asked=st.sampled_from([None, *RULES]),
        source=st.sampled_from([None, "gazette.example", "elsewhere"]),
        age=st.sampled_from([None, -2, 0, 2]),
    )
    def search(
        self, clauses: list[str], asked: str | None, source: str | None, age: int | None
    ) -> None:
        """Somebody pages through what a search finds: each article once, whatever its history."""
        since = None if age is None else NOW - timedelta(seconds=age)
        query = SearchQuery(
            clauses=tuple((phrase,) for phrase in clauses),
            rule=asked,
            source=source,
            since=since,
            limit=2,
        )
        whole = self.both(lambda store: store.search(replace(query, limit=99)))
        pages = list(self.pages(query))
        assert tuple(pages) == whole.articles
        assert len({one.id for one in pages}) == len(pages)

    def pages(self, query: SearchQuery) -> Iterator[Article]:
        """Yield what is on all pages of a search."""
        page = self.both(lambda store: store.search(query))
        yield from page.articles
        if page.cursor is not None:
            yield from self.pages(replace(query, after=page.cursor))

    @rule(seconds=st.integers(0, 3))
    def look_up(self, seconds: int) -> None:
        self.both(lambda store: store.rule_counts(NOW - timedelta(seconds=seconds)))
        self.both(lambda store: store.stories_of(ARTICLES))
        self.both(lambda store: store.story_articles("of-b1"))

    @rule(ref=REFS)
    def gather(self, ref: ChannelRef) -> None:
        waiting = self.both(lambda store: store.waiting(ref))
        name = f"d{len(self.names)}"
        self.names.append(name)
        digest = Owed(alert=alert(name, ref, decided_at=self.now), card=card("Digest"))
        names = [one.alert.id for one in waiting]
        self.both(lambda store: store.gather(digest, names))

    @rule(data=st.data(), name=st.sampled_from(["strait", "canal"]), repeat=st.booleans())
    def change(self, data: st.DataObject, name: str, repeat: bool) -> None:
        """Somebody adds, edits, renames or deletes a thing, as they believe that it is."""
        versions: list[Thing] = [a_rule(name), a_rule(name, title="Edited"), a_feed(name)]
        versions += [a_mute(name, until=self.now + timedelta(hours=1)), a_mute(name, until=None)]
        versions += [a_rule("harbour"), *self.things(), *self.things()]
        known: st.SearchStrategy[Thing | None] = st.sampled_from([None, *versions])
        before, after = data.draw(known), data.draw(known)
        self.changed += not repeat
        change = a_change(f"c{self.changed}", before, after, at=self.now)
        done = self.both(lambda store: store.change(change))
        if done is Changed.DONE:
            things = self.things()
            assert after is None or after in things
            assert before in {None, after} or before not in things

    def things(self) -> list[Thing]:
        """Return what both stores agree that people have added."""
        rules = list(self.both(lambda store: store.kept_rules()))
        feeds = list(self.both(lambda store: store.kept_feeds()))
        return [*rules, *feeds, *self.both(lambda store: store.mutes(self.now))]

    @rule(
        workspace=st.sampled_from([None, "T1", "T2"]),
        subject=st.sampled_from(["", "strait", "harbour"]),
        since=st.sampled_from([None, 0, 5, 90]),
        limit=st.integers(0, 4),
    )
    def read_the_trail(
        self, workspace: str | None, subject: str, since: int | None, limit: int
    ) -> None:
        begin = None if since is None else self.now - timedelta(seconds=since)
        query = ChangeQuery(workspace=workspace, subject=subject, since=begin, limit=99)
        whole = list(self.both(lambda store: store.changes(query)))
        part = list(self.both(lambda store: store.changes(replace(query, limit=limit))))
        assert part == whole[:limit]

    @rule(
        data=st.data(),
        user=st.sampled_from(["U1", "U2"]),
        workspace=st.sampled_from(["T1", "T2"]),
        opinion=st.sampled_from(Opinion),
    )
    def give_feedback(
        self, data: st.DataObject, user: str, workspace: str, opinion: Opinion
    ) -> None:
        name = data.draw(st.sampled_from(["none", *self.names[-3:]]))
        given = an_opinion(name, user, workspace=workspace, opinion=opinion, at=self.now)
        self.both(lambda store: store.give_feedback(given))
        assert given in self.both(lambda store: store.feedback_on(name))
        since = self.now - timedelta(seconds=60)
        self.both(lambda store: store.feedback_of_rule("red-line", workspace, since))

    @rule(name=st.sampled_from(["i1", "i2", "i3"]), platform=st.sampled_from(PLATFORMS))
    def take(self, name: str, platform: str) -> None:
        """An interaction is delivered, perhaps again."""
        errand = an_errand(name, platform=platform, taken_at=self.now)
        if self.both(lambda store: store.take(errand)):
            assert errand in self.both(lambda store: store.pending(platform, self.now))
        self.both(lambda store: store.keep_draft(a_draft(name, made_at=self.now)))

    @rule(name=st.sampled_from(["i1", "i2", "i3"]))
    def answer(self, name: str) -> None:
        self.both(lambda store: store.done(name))
        for platform in PLATFORMS:
            waiting = self.both(lambda store, of=platform: store.pending(of, NOW))  # type: ignore[misc]  # bound early on purpose
            assert name not in {one.id for one in waiting}
        self.both(lambda store: store.draft(name))

    @rule(seconds=st.sampled_from([0.2, 1, 5, 45, 90, 120, 600, 4000, 86400, 8 * 86400]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(target=attempts, asked=ASKED, accepted=st.booleans())
    def claim(self, asked: Sequence[str], accepted: bool) -> Any:
        due = self.both(lambda store: store.next_action_at(asked))
        claim = self.both(lambda store: store.claim(asked, self.now))
        if claim is None:
            after = self.both(lambda store: store.next_action_at(asked))
            assert after is None or after > self.now
            return multiple()
        assert due is not None
        assert due <= self.now
        self.check_lane(claim)
        if not claim.in_doubt:
            self.check_intent(claim)
            self.accepted[claim.post.key] += accepted
        return Attempt(claim, accepted and not claim.in_doubt)

    def check_lane(self, claim: Claim) -> None:
        """One holder a channel, and fences that rise."""
        fence, until = self.held.get(claim.post.channel, (0, NOW))
        assert until <= self.now
        assert claim.fence > fence
        self.held[claim.post.channel] = claim.fence, self.now + POLICY.lease

    def check_intent(self, claim: Claim) -> None:
        """Never twice, never too fast, and no thread but the parent's."""
        key, ref = claim.post.key, claim.post.channel
        assert self.accepted[key] == 0
        assert claim.intended_at == self.now
        earlier = self.intended.get(ref)
        assert earlier is None or self.now - earlier >= PACES.get(ref, POLICY.pace)
        self.intended[ref] = self.now
        if claim.post.thread:
            assert self.accepted[claim.post.thread.message_id] == 1

    def is_held(self, claim: Claim) -> bool:
        fence, _ = self.held.get(claim.post.channel, (0, NOW))
        return fence == claim.fence

    def let_go(self, claim: Claim, settled: bool) -> None:
        """A claim is good once; nobody but the holder of the channel settles anything."""
        assert not settled or self.is_held(claim)
        if settled:
            self.held[claim.post.channel] = claim.fence, self.now

    @rule(attempt=attempts, sure=SURE, doubt=st.booleans())
    def settle(self, attempt: Attempt, sure: Outcome, doubt: bool) -> None:
        """The platform answers, or the answer is lost; the claim may be lost by now too."""
        claim, outcome = attempt.claim, sure
        if doubt:
            outcome = InDoubt("timeout")
        elif attempt.accepted:
            outcome = Posted(message(claim.post.key))
        self.let_go(claim, self.both(lambda store: store.settle(claim, outcome, self.now)))

    @rule(attempt=consumes(attempts), hidden=st.booleans())
    def settle_look(self, attempt: Attempt, hidden: bool) -> None:
        """Somebody looked: the channel shows the truth, or nothing."""
        claim, key = attempt.claim, attempt.claim.post.key
        sighting: Sighting = Unseen("hidden") if hidden else Absent()
        if self.accepted[key] and not hidden:
            sighting = Found(message(key))
        self.let_go(claim, self.both(lambda store: store.settle_look(claim, sighting, self.now)))

    @rule(ref=REFS)
    def resume_channel(self, ref: ChannelRef) -> None:
        self.both(lambda store: store.resume_channel(ref, self.now))

    @rule(platform=st.sampled_from(PLATFORMS))
    def resume_platform(self, platform: str) -> None:
        self.both(lambda store: store.resume_platform(platform, self.now))

    @rule(served=st.sampled_from([PLATFORMS, ("slack",), ()]))
    def give_up(self, served: Sequence[str]) -> None:
        """What waited in vain for too long is dead, and nobody else holds it."""
        for record in self.both(lambda store: store.give_up(served, self.now)):
            assert record.state is AlertState.DEAD

    @rule(crash=st.booleans())
    def restart(self, crash: bool) -> None:
        """The service stops and starts; a new process knows nothing but the file."""
        self.loop.run(self.memory.close())
        self.loop.run(self.sql.close())
        if crash:
            self.sql = SqlStore(self.path, POLICY, self.sql._channels)
        self.both(lambda store: store.open())
        self.held = {ref: (fence, self.now) for ref, (fence, _) in self.held.items()}

    @invariant()
    def they_agree(self) -> None:
        tally = self.both(lambda store: store.tally())
        assert sum(tally.states.values()) == len(self.names)
        self.both(lambda store: store.waiting_channels())
        self.both(lambda store: store.dead(3))

    @invariant()
    def what_was_posted_is_true(self) -> None:
        """A posted alert was taken in once; a dead one was refused, or waited too long."""
        for name in self.names[-3:]:
            record = self.both(lambda store, name=name: store.alert(name))  # type: ignore[misc]  # bound early on purpose
            assert record is not None
            if record.state is AlertState.POSTED:
                assert self.accepted[name] == 1
                assert record.message == message(name)
            if record.state is AlertState.DEAD:
                assert record.why

    @invariant()
    def both_tell_the_same(self) -> None:
        self.both(lambda store: store.told(["s0", "s1", "s2"]))


@pytest.mark.timeout(300)
def test_two_stores_live_the_same_life() -> None:
    """Memory and SQLite agree on every life, post nothing twice, and lose nothing."""
    run_state_machine_as_test(
        TwoStores,
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""What every store must do: one suite over all of them. A store plugs in as the fixture `store`."""

from __future__ import annotations

import asyncio
from dataclasses import astuple, replace
from datetime import timedelta

import pytest

from bot.errors import StoreError
from bot.model import AlertState, Channel, Reason, Silenced, Urgency
from bot.ports import AlertRecord, DeliveryPolicy, Known, Owed, PollRecord, Store
from tests.contracts.store_holds import HoldContract
from tests.contracts.store_outbox import OutboxContract
from tests.contracts.store_register import RegisterContract
from tests.contracts.store_search import SearchContract
from tests.contracts.store_world import (
    DESK,
    GUILD,
    NOW,
    PLATFORMS,
    SENTENCES,
    WATCH,
    alert,
    article,
    at,
    card,
    feed,
    match,
    owed,
    owing,
    remembered,
    state,
    story,
)

POLICY = DeliveryPolicy()
CHANNELS = {GUILD: Channel(ref=GUILD, pace=timedelta(seconds=5))}
"""The discord channel is slower than the policy's second, so that a channel's own pace shows."""


async def reopen(store: Store) -> None:
    """Close the store and open it again, as a restart does."""
    await store.close()
    await store.open()


class FeedContract:
    """What polling may rely on."""

    async def test_new_feeds_are_due_at_once(self, store: Store) -> None:
        """A feed that the settings name for the first time is due now, at its own address."""
        await store.sync_feeds([feed("gazette")], NOW)

        (due,) = await store.due_feeds(NOW, 10)
        assert due == state("gazette", next_poll_at=NOW)
        assert await store.next_due() == NOW

    async def test_the_longest_overdue_feed_comes_first(self, store: Store) -> None:
        """Due feeds come longest overdue first, no more than asked for, none too early."""
        await store.sync_feeds([feed("late"), feed("later"), feed("soon"), feed("tie")], NOW)
        for name, seconds in [("late", 20), ("later", 10), ("soon", 99), ("tie", 10)]:
            await store.remember(PollRecord(state=state(name, next_poll_at=at(seconds))))

        due = [one.feed_id for one in await store.due_feeds(at(20), 10)]
        assert due == ["later", "tie", "late"]
        assert [one.feed_id for one in await store.due_feeds(at(20), 1)] == ["later"]
        assert await store.due_feeds(at(9), 10) == ()
        assert await store.next_due() == at(10)

    async def test_nothing_is_due_without_feeds(self, store: Store) -> None:
        """Without polled feeds nothing is due."""
        assert await store.next_due() is None
        assert await store.due_feeds(NOW, 10) == ()

    async def test_a_dropped_feed_is_not_forgotten(self, store: Store) -> None:
        """A feed taken out of the settings is not polled, and comes back as it was left."""
        left = state("gazette", etag='"7"', baseline_done=True, last_error="gone for lunch")
        await store.sync_feeds([feed("gazette"), feed("wire")], NOW)
        await store.remember(PollRecord(state=left))
        await store.sync_feeds([feed("wire")], at(1))
        assert [one.feed_id for one in await store.due_feeds(at(9999), 10)] == ["wire"]

        await store.sync_feeds([feed("gazette"), feed("wire")], at(2))
        assert left in await store.due_feeds(at(9999), 10)

    async def test_a_paused_feed_is_not_polled(self, store: Store) -> None:
        """A paused feed is not due until it is resumed."""
        await store.sync_feeds([feed(paused=True)], NOW)
        assert await store.next_due() is None

        await store.sync_feeds([feed()], at(1))
        assert await store.next_due() == NOW

    async def test_a_feed_at_a_new_url_is_polled_there_at_once(self, store: Store) -> None:
        """A changed url is polled at once without the old validators; what was seen stays seen."""
        before = state(
            etag='"7"',
            last_modified="Mon",
            body_hash="b",
            baseline_done=True,
            moved_to="https://elsewhere.example/",
            moved_since=NOW,
            interval_seconds=900,
            failures=2,
        )
        await store.sync_feeds([feed()], NOW)
        await store.remember(PollRecord(state=before))
        await store.sync_feeds([feed(url="https://new.example/rss")], at(5))

        (due,) = await store.due_feeds(at(5), 10)
        assert due == state(
            address="https://new.example/rss", next_poll_at=at(5), baseline_done=True, failures=2
        )

    async def test_an_adopted_address_survives_the_next_start(self, store: Store) -> None:
        """A feed that moved for good stays at its new address while the settings keep the old."""
        moved = state(address="https://moved.example/feed")
        await store.sync_feeds([feed()], NOW)
        await store.remember(PollRecord(state=moved))
        await store.sync_feeds([feed()], at(5))

        assert await store.due_feeds(at(9999), 10) == (moved,)

    async def test_every_part_of_a_feeds_state_is_kept(self, store: Store) -> None:
        """What a poll says of its feed is what the next poll reads."""
        full = state(
            etag='"7"',
            last_modified="Mon, 02 Mar 2026 09:00:00 GMT",
            body_hash="b",
            baseline_done=True,
            last_polled_at=at(1),
            last_success_at=at(2.000001),
            last_new_at=at(3),
            failures=3,
            failing_since=at(4),
            last_error="timeout",
            moved_to="https://elsewhere.example/",
            moved_since=at(5),
            interval_seconds=900,
        )
        assert None not in astuple(full)
        await store.sync_feeds([feed()], NOW)
        await store.remember(PollRecord(state=full))
        await reopen(store)

        assert await store.due_feeds(at(9999), 10) == (full,)

    async def test_an_unnamed_feed_is_not_polled(self, store: Store) -> None:
        """A poll that ends after its feed was dropped does not bring the feed back."""
        await store.remember(PollRecord(state=state("stray", next_poll_at=NOW)))

        assert await store.due_feeds(NOW, 10) == ()

    async def test_a_clock_that_ran_ahead_silences_no_feed(self, store: Store) -> None:
        """A poll put off further than any schedule does is due again at the next start."""
        await store.sync_feeds([feed()], NOW)
        await store.remember(PollRecord(state=state(next_poll_at=at(400 * 86_400))))
        await store.sync_feeds([feed()], at(5))

        assert [one.next_poll_at for one in await store.due_feeds(at(5), 10)] == [at(5)]

    async def test_a_feed_that_is_put_off_for_a_day_stays_so(self, store: Store) -> None:
        """A start does not hurry a feed whose publisher wants to be left alone."""
        await store.sync_feeds([feed()], NOW)
        await store.remember(PollRecord(state=state(next_poll_at=at(86_400))))
        await store.sync_feeds([feed()], at(5))

        assert await store.next_due() == at(86_400)

    async def test_every_alias_leads_to_its_article(self, store: Store) -> None:
        """Each name of an article finds it with version, hash and story; others find nothing."""
        await store.remember(owing())

        found = await store.known(["guid:a1", "link:a1", "guid:unheard-of"])
        known = Known(article_id="a1", version=1, content_hash="hash-a1-1", story_id="s1")
        assert found == {"guid:a1": known, "link:a1": known}
        assert await store.known([]) == {}

    async def test_known_tells_the_newest_version(self, store: Store) -> None:
        """What is known of an article is its newest version, in whatever order they came."""
        newer = PollRecord(state=state(), articles=(remembered(version=2), remembered(version=3)))
        await store.remember(newer)
        await store.remember(owing())

        known = (await store.known(["guid:a1"]))["guid:a1"]
        assert known.version == 3
        assert await store.article("a1") == article(version=3)

    async def test_an_article_without_a_story_is_its_own(self, store: Store) -> None:
        """An article that no story holds is its own story."""
        await store.remember(PollRecord(state=state(), articles=(remembered("lone"),)))

        assert (await store.known(["guid:lone"]))["guid:lone"].story_id == "lone"

    async def test_the_words_of_a_version_never_change(self, store: Store) -> None:
        """Remembering a version again keeps its words and takes the hash of the entry."""
        await store.remember(owing())
        other = remembered(sentences=("Quite different.",))
        rehashed = replace(other, aliases=("guid:a1",), content_hash="hash-new")
        await store.remember(PollRecord(state=state(), articles=(rehashed,)))

        assert await store.article("a1") == article()
        found = await store.known(["guid:a1", "link:a1"])
        assert {alias: known.content_hash for alias, known in found.items()} == {
            "guid:a1": "hash-new",
            "link:a1": "hash-a1-1",
        }

    async def test_an_alias_follows_the_article_that_took_it_last(self, store: Store) -> None:
        """A name that another article takes over leads there from now on."""
        await store.remember(owing())
        taken = remembered("a2")
        both = type(taken)(article=taken.article, aliases=("link:a1",), content_hash="h")
        await store.remember(PollRecord(state=state(), articles=(both,)))

        found = await store.known(["guid:a1", "link:a1"])
        assert {alias: known.article_id for alias, known in found.items()} == {
            "guid:a1": "a1",
            "link:a1": "a2",
        }

    async def test_a_story_is_read_back_and_updated(self, store: Store) -> None:
        """A story comes back as it was last remembered, and its articles know it."""
        await store.remember(owing())
        grown = story("s1", "a1", "a2")
        await store.remember(
            PollRecord(state=state(), articles=(remembered("a2"),), stories=(grown,))
        )

        assert await store.stories(["s1", "unheard-of"]) == {"s1": grown}
        assert (await store.known(["guid:a2"]))["guid:a2"].story_id == "s1"

    async def test_a_story_nobody_decided_on_was_told_to_nobody(self, store: Store) -> None:
        """Every story asked for is answered."""
        assert await store.told(["s1", "s2"]) == {"s1": (), "s2": ()}
        assert await store.told([]) == {}

    async def test_told_gathers_rules_and_sentences_by_channel(self, store: Store) -> None:
        """A channel knows the rules and matched sentences of all decisions, the first one first."""
        first = owing(owed("k1"), owed("k9", WATCH, story_id="s2"))
        update = PollRecord(
            state=state(),
            articles=(remembered(version=2),),
            matches=(
                match("envoys", version=2, sentence=0),
                match(version=2),
                match("unnamed", version=2, sentence=2),
            ),
            owed=(
                owed("k0", version=2, rules=("envoys", "red-line"), decided_at=at(60)),
                owed("g1", GUILD, version=2, rules=("envoys",), decided_at=at(60)),
            ),
        )
        await store.remember(first)
        await store.remember(update)

        desk, guild = (await store.told(["s1"]))["s1"]
        assert (desk.channel, desk.alert_id) == (DESK, "k1")
        assert desk.rules == ("red-line", "envoys")
        assert desk.sentences == (SENTENCES[1], SENTENCES[0])
        assert (guild.channel, guild.rules) == (GUILD, ("envoys",))
        assert guild.sentences == (SENTENCES[0],)

    async def test_what_a_silenced_rule_found_is_known(self, store: Store) -> None:
        """A rule that was muted beside another makes no news of the same words when it speaks."""
        muted = Silenced(rule="envoys", reason=Reason.MUTED, mute_id="m1")
        record = PollRecord(
            state=state(),
            articles=(remembered(),),
            matches=(match(), match("envoys", sentence=0), match("unnamed", sentence=2)),
            owed=(owed("k1", silenced=(muted,)),),
        )
        await store.remember(record)

        ((told,),) = (await store.told(["s1"])).values()
        assert told.rules == ("red-line", "envoys")
        assert told.sentences == (SENTENCES[1], SENTENCES[0])
        kept = await store.alert("k1")
        assert kept is not None
        assert kept.alert.silenced == (muted,)
        assert [one.rule for one in kept.matches] == ["red-line"]

    async def test_a_title_that_matched_is_told(self, store: Store) -> None:
        """A channel that was told of a title knows it as it knows a sentence of the text."""
        record = PollRecord(
            state=state(),
            articles=(remembered(),),
            matches=(match(sentence=None),),
            owed=(owed(),),
        )
        await store.remember(record)

        ((told,),) = (await store.told(["s1"])).values()
        assert told.sentences == (remembered().article.title,)

    async def test_quiet_decisions_count_as_known(self, store: Store) -> None:
        """A baseline counts as known; the alert to follow up is the first that was not quiet."""
        await store.remember(owing(owed("k1", reason=Reason.BASELINE)))
        ((told,),) = (await store.told(["s1"])).values()
        assert (told.alert_id, told.sentences) == ("k1", (SENTENCES[1],))

        await store.remember(owing(owed("k2", rules=("envoys",), decided_at=at(9))))
        ((told,),) = (await store.told(["s1"])).values()
        assert (told.alert_id, told.rules) == ("k2", ("red-line", "envoys"))

    async def test_a_match_may_follow_its_article(self, store: Store) -> None:
        """A match may name an article version of an earlier record."""
        await store.remember(PollRecord(state=state(), articles=(remembered(),)))
        await store.remember(PollRecord(state=state(), matches=(match(),), owed=(owed(),)))

        ((told,),) = (await store.told(["s1"])).values()
        assert told.sentences == (SENTENCES[1],)

    async def test_a_rule_matches_a_version_once(self, store: Store) -> None:
        """What a rule first found in a version stays, whatever it finds in it later."""
        await store.remember(owing(owed()))
        later = match(sentence=None)
        await store.remember(PollRecord(state=state(), matches=(later,)))

        record = await store.alert("k1")
        assert record is not None
        assert record.matches == (match(),)
        assert later != match()

    async def test_repeating_a_record_changes_nothing(self, store: Store) -> None:
        """A poll remembered twice is remembered once, whatever became of its alerts since."""
        record = owing(owed("k1"), owed("k2", WATCH), owed("w1", reason=Reason.DIGEST))
        await store.remember(record)
        claimed = await store.claim(PLATFORMS, NOW)
        before = await store.tally(), await store.told(["s1"]), await store.alert("k1")
        await store.remember(record)

        assert (await store.tally(), await store.told(["s1"]), await store.alert("k1")) == before
        assert claimed is not None

    @pytest.mark.parametrize(
        "broken",
        [
            PollRecord(state=state(), articles=(remembered(),), matches=(match(of="unheard-of"),)),
            PollRecord(
                state=state(),
                articles=(remembered(),),
                owed=(owed("k1"), Owed(alert=alert("k2"), card=None)),
            ),
            PollRecord(
                state=state(),
                articles=(remembered(),),
                owed=(owed("k1"), Owed(alert=alert("k2"), card=card("half a pair: \ud83d"))),
            ),
            PollRecord(
                state=state(),
                articles=(remembered(),),
                owed=(owed("k1"), owed("k2", rules=("half a pair: \ud83d",))),
            ),
            PollRecord(state=state(last_error="\ud83d"), articles=(remembered(),), owed=(owed(),)),
        ],
        ids=["unknown article", "no card", "bad card", "bad rule", "bad state"],
    )
    async def test_a_record_is_remembered_whole_or_not_at_all(
        self, store: Store, broken: PollRecord
    ) -> None:
        """Where any part of a poll cannot be stored, nothing of it is, and its neighbours are.

        Nor does the feed stand as after the poll: its validators would hide what was lost.
        """
        await store.sync_feeds([feed()], NOW)
        before = await store.due_feeds(at(9000), 9)
        neighbour = PollRecord(state=state("wire"), articles=(remembered("a9"),))
        said, *_ = await asyncio.gather(
            store.remember(broken), *[store.remember(neighbour)] * 3, return_exceptions=True
        )

        assert isinstance(said, StoreError)
        assert await store.due_feeds(at(9000), 9) == before
        assert await store.known(["guid:a1", "guid:a9"]) == await store.known(["guid:a9"])
        assert await store.alert("k1") is None
        assert await store.article("a9") == article("a9")

    async def test_many_records_at_once_are_all_remembered(self, store: Store) -> None:
        """Polls that end together are all remembered."""
        names = [f"a{number}" for number in range(60)]
        records = [PollRecord(state=state(name), articles=(remembered(name),)) for name in names]
        await asyncio.gather(*map(store.remember, records))

        found = await store.known([f"guid:{name}" for name in names])
        assert [known.article_id for known in found.values()] == names


class ArchiveContract:
    """What looking up may rely on."""

    async def test_an_empty_store_tallies_nothing(self, store: Store) -> None:
        """A new store knows every state, with nothing in it."""
        tally = await store.tally()

        assert tally.states == dict.fromkeys(AlertState, 0)
        assert (tally.oldest_owed_at, tally.parked, tally.feeds) == (None, (), ())
        assert (tally.shut_out, tally.channels) == ((), {})

    async def test_a_tally_counts_by_state_and_channel(self, store: Store) -> None:
        """Alerts are counted by state, and by channel; the oldest owed one gives its time."""
        await store.sync_feeds([feed("wire"), feed("gazette")], NOW)
        await store.remember(
            owing(
                owed("k1", decided_at=at(-60)),
                owed("k2", decided_at=at(-30)),
                owed("k3", WATCH, reason=Reason.DIGEST, decided_at=at(-90)),
                owed("k4", WATCH, reason=Reason.PAUSED),
            )
        )
        await store.claim(PLATFORMS, NOW)

        tally = await store.tally()
        counted = {name: count for name, count in tally.states.items() if count}
        assert counted == {
            AlertState.OWED: 1,
            AlertState.SENDING: 1,
            AlertState.WAITING: 1,
            AlertState.QUIET: 1,
        }
        assert tally.oldest_owed_at == at(-30)
        assert [one.feed_id for one in tally.feeds] == ["gazette", "wire"]
        assert tally.channels == {
            DESK: {AlertState.OWED: 1, AlertState.SENDING: 1},
            WATCH: {AlertState.WAITING: 1, AlertState.QUIET: 1},
        }

    async def test_an_alert_is_explained_by_its_card_and_matches(self, store: Store) -> None:
        """An alert comes back with its card, and with the matches of its rules in their order."""
        told = owed("k1", rules=("red-line", "envoys", "unmatched"))
        record = PollRecord(
            state=state(),
            articles=(remembered(),),
            matches=(match("envoys", sentence=0), match("other"), match("red-line")),
            owed=(told,),
        )
        await store.remember(record)

        assert await store.alert("k1") == AlertRecord(
            alert=told.alert,
            state=AlertState.OWED,
            card=told.card,
            matches=(match("red-line"), match("envoys", sentence=0)),
            message=None,
        )
        assert await store.alert("unheard-of") is None

    async def test_every_part_of_an_alert_is_kept(self, store: Store) -> None:
        """A quiet decision is read back as it was taken."""
        quiet = owed(
            "k1",
            GUILD,
            urgency=Urgency.CRITICAL,
            reason=Reason.NOTHING_NEW,
            reply_to="k0",
            decided_at=at(0.000001),
            version=1,
        )
        await store.remember(owing(quiet))
        await reopen(store)

        record = await store.alert("k1")
        assert record is not None
        assert (record.alert, record.card, record.state) == (quiet.alert, None, AlertState.QUIET)

    async def test_an_unknown_article_is_none(self, store: Store) -> None:
        """Looking up what was never remembered finds nothing."""
        assert await store.article("unheard-of") is None


class StoreContract(
    FeedContract, OutboxContract, ArchiveContract, SearchContract, RegisterContract, HoldContract
):
    """What every store must do."""

    async def test_a_closed_store_refuses_politely(self, store: Store) -> None:
        """Whoever uses a closed store is told to open it; closing twice is fine."""
        await store.close()
        await store.close()

        with pytest.raises(StoreError, match="open"):
            await store.tally()
        with pytest.raises(StoreError, match="open"):
            await store.claim(PLATFORMS, NOW)

    async def test_what_is_remembered_survives_a_restart(self, store: Store) -> None:
        """A restart forgets nothing."""
        await store.sync_feeds([feed()], NOW)
        await store.remember(owing(owed("k1"), owed("k2", WATCH)))
        before = await store.tally(), await store.alert("k1"), await store.told(["s1"])
        await reopen(store)

        assert (await store.tally(), await store.alert("k1"), await store.told(["s1"])) == before

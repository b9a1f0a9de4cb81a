"""What editing may rely on in every store: decisions, their trail, opinions, drafts, errands."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import StoreError
from bot.model import (
    Action,
    AlertState,
    Argument,
    Change,
    Changed,
    Draft,
    Errand,
    Feed,
    Feedback,
    Fulltext,
    Mute,
    MuteScope,
    Opinion,
    Order,
    Origin,
    Reason,
    Request,
    Rule,
    Standing,
    Submission,
    Thing,
    Tier,
    Trial,
    Urgency,
)
from bot.ports import ChangeQuery, Store
from tests.contracts.store_world import DESK, GUILD, NOW, PLATFORMS, at, card, owed, owing

A_DAY = 86400


def a_rule(name: str = "strait", **changes: object) -> Rule:
    """Return a rule that was written in chat."""
    given = {"name": name, "title": "The strait", "when": "strait", "to": (DESK,)}
    kept = {"origin": Origin.CHAT, "workspace": "T1"}
    return Rule(**{**given, **kept, **changes})  # type: ignore[arg-type]  # a Rule's fields


def a_feed(name: str = "harbour", **changes: object) -> Feed:
    """Return a feed that was added in chat."""
    given = {"id": name, "url": f"https://{name}.example/feed", "title": name.title()}
    kept = {"origin": Origin.CHAT, "workspace": "T1"}
    return Feed(**{**given, **kept, **changes})  # type: ignore[arg-type]  # a Feed's fields


def a_mute(name: str = "m1", **changes: object) -> Mute:
    """Return an hour of silence for a rule."""
    given = {"id": name, "scope": MuteScope.RULE, "target": "strait", "label": "The strait"}
    who = {"workspace": "T1", "user_id": "U1", "at": NOW, "until": at(3600)}
    return Mute(**{**given, **who, **changes})  # type: ignore[arg-type]  # a Mute's fields


def a_change(name: str, before: Thing | None, after: Thing | None, **changes: object) -> Change:
    """Return a change that somebody made on the desk."""
    thing = after or before
    given = {
        "id": name,
        "at": NOW,
        "platform": "slack",
        "workspace": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "what": "watch edit",
        "subject": thing.name if isinstance(thing, Rule) else thing.id if thing else "strait",
        "before": before,
        "after": after,
    }
    return Change(**{**given, **changes})  # type: ignore[arg-type]  # a Change's fields


def a_refusal(name: str, **changes: object) -> Change:
    """Return the line that says that somebody was refused."""
    return a_change(name, None, None, refused="Only editors can change rules.", **changes)


def an_errand(name: str = "e1", **changes: object) -> Errand:
    """Return an order that was taken in Slack."""
    order = Order(
        workspace="T1",
        channel_id="C1",
        user_id="U1",
        standing=Standing.MEMBER,
        groups=("S1",),
        platform="slack",
        id=name,
        group="news",
        verb="search",
        arguments=(Argument(name="query", value='"red line" – Zoë 🙂'),),
        text="search red line",
    )
    given = {"id": name, "platform": "slack", "asked": order, "address": "https://a.example/1"}
    return Errand(**{**given, "taken_at": NOW, **changes})  # type: ignore[arg-type]  # its fields


def a_draft(name: str = "d1", **changes: object) -> Draft:
    """Return a half-written rule."""
    given = {"id": name, "form": "watch.add", "workspace": "T1", "channel_id": "C1"}
    values = (Argument(name="to", value="C1"), Argument(name="to", value="C2"))
    more = {"user_id": "U1", "made_at": NOW, "subject": "strait", "values": values}
    return Draft(**{**given, **more, **changes})  # type: ignore[arg-type]  # a Draft's fields


def an_opinion(alert_id: str = "k1", user_id: str = "U1", **changes: object) -> Feedback:
    """Return somebody's opinion that an alert was relevant."""
    given = {"alert_id": alert_id, "workspace": "T1", "user_id": user_id, "at": NOW}
    kept = {"opinion": Opinion.RELEVANT}
    return Feedback(**{**given, **kept, **changes})  # type: ignore[arg-type]  # its fields


async def add(store: Store, *things: Thing) -> None:
    """Add things that nobody else has touched."""
    for number, thing in enumerate(things):
        name = f"add-{thing.name if isinstance(thing, Rule) else thing.id}-{number}"
        assert await store.change(a_change(name, None, thing)) is Changed.DONE


async def restart(store: Store) -> None:
    """Close the store and open it again, as a restart does."""
    await store.close()
    await store.open()


EVERY_RULE = a_rule(
    "every",
    unless="cup",
    urgency=Urgency.CRITICAL,
    paused=True,
    private=True,
    to=(DESK, GUILD),
    trial=Trial(until=at(0.000001), report_to=DESK, channel=GUILD),
)
EVERY_FEED = a_feed(
    "every",
    tier=Tier.WIRE,
    fulltext=Fulltext.NEVER,
    interval=timedelta(minutes=7),
    language="en",
    paused=True,
)
EVERY_MUTE = a_mute("every", scope=MuteScope.STORY, channel=GUILD, urgency=Urgency.DIGEST)


class ThingsContract:
    """Rules, feeds and mutes as people leave them."""

    async def test_what_was_added_in_chat_is_there_after_a_restart(self, store: Store) -> None:
        """Every field of a rule, a feed and a mute comes back as it was written."""
        await add(store, EVERY_RULE, EVERY_FEED, EVERY_MUTE)
        await restart(store)

        assert list(await store.kept_rules()) == [EVERY_RULE]
        assert list(await store.kept_feeds()) == [EVERY_FEED]
        assert list(await store.mutes(NOW)) == [EVERY_MUTE]

    async def test_an_empty_store_has_nothing_decided(self, store: Store) -> None:
        """Before anybody decides anything, there is nothing, and no line in the audit trail."""
        assert len(await store.kept_rules()) == len(await store.kept_feeds()) == 0
        assert len(await store.mutes(NOW)) == len(await store.changes(ChangeQuery())) == 0

    async def test_rules_come_in_the_order_of_their_addition(self, store: Store) -> None:
        """An edited rule keeps its place; one that was deleted and written again comes last."""
        first, second, third = a_rule("z"), a_rule("a"), a_rule("m")
        await add(store, first, second, third)
        edited = replace(first, when="canal")
        await store.change(a_change("edit", first, edited))
        await store.change(a_change("delete", second, None))
        assert list(await store.kept_rules()) == [edited, third]

        await store.change(a_change("again", None, second))
        await restart(store)
        assert list(await store.kept_rules()) == [edited, third, second]

    async def test_feeds_come_in_the_order_of_their_addition(self, store: Store) -> None:
        """Feeds too stand in the order in which people added them, whatever came between."""
        first, second = a_feed("z"), a_feed("a")
        await add(store, first, a_rule(), a_mute(), second)

        assert list(await store.kept_feeds()) == [first, second]

    async def test_kinds_have_names_of_their_own(self, store: Store) -> None:
        """A rule, a feed and a mute may bear the same name; changing one leaves the others."""
        rule, feed, mute = a_rule("same"), a_feed("same"), a_mute("same")
        await add(store, rule, feed, mute)
        await store.change(a_change("delete", rule, None))

        assert list(await store.kept_rules()) == []
        assert list(await store.kept_feeds()) == [feed]
        assert list(await store.mutes(NOW)) == [mute]

    async def test_only_mutes_that_hold_are_given(self, store: Store) -> None:
        """A mute holds until its end and not at it; a pause has no end."""
        brief, long = a_mute("brief", until=at(60)), a_mute("long", until=at(120))
        pause = a_mute("pause", until=None)
        await add(store, brief, long, pause)

        assert {one.id for one in await store.mutes(at(59.999999))} == {"brief", "long", "pause"}
        assert {one.id for one in await store.mutes(at(60))} == {"long", "pause"}
        assert {one.id for one in await store.mutes(at(10**9))} == {"pause"}

    async def test_the_oldest_mute_comes_first(self, store: Store) -> None:
        """Mutes come in the order of their time, whatever order they were written in."""
        late, early, tie = a_mute("b", at=at(5)), a_mute("c", at=at(1)), a_mute("a", at=at(5))
        await add(store, late, early, tie)

        assert [one.id for one in await store.mutes(at(9))] == ["c", "a", "b"]

    async def test_a_mute_is_given_until_its_new_end(self, store: Store) -> None:
        """A mute that was made longer holds longer; one that was ended is gone."""
        mute = a_mute(until=at(60))
        longer = replace(mute, until=at(600))
        await add(store, mute)
        await store.change(a_change("longer", mute, longer))
        assert list(await store.mutes(at(300))) == [longer]

        await store.change(a_change("end", longer, None))
        assert list(await store.mutes(at(300))) == []


class ChangesContract:
    """One transaction for a thing and its line of the audit trail."""

    async def test_a_repeated_change_does_nothing(self, store: Store) -> None:
        """A change that is delivered twice, even after a restart, is done once."""
        rule = a_rule()
        first = a_change("c1", None, rule)
        assert await store.change(first) is Changed.DONE
        await store.change(a_change("c2", rule, None))
        await restart(store)

        assert await store.change(first) is Changed.REPEATED
        assert list(await store.kept_rules()) == []
        assert [one.id for one in await store.changes(ChangeQuery())] == ["c2", "c1"]

    async def test_a_name_that_is_taken_is_a_conflict(self, store: Store) -> None:
        """A new rule never takes the place of another, and leaves no line."""
        rule = a_rule()
        await add(store, rule)

        taken = a_change("c1", None, replace(rule, when="canal"))
        assert await store.change(taken) is Changed.CONFLICT
        assert list(await store.kept_rules()) == [rule]
        assert len(await store.changes(ChangeQuery(id="c1"))) == 0

    async def test_a_thing_that_somebody_else_changed_is_a_conflict(self, store: Store) -> None:
        """An edit, or a deletion, of what a rule no longer is, changes nothing."""
        rule = a_rule()
        edited = replace(rule, when="canal")
        await add(store, rule)
        await store.change(a_change("c1", rule, edited))

        for name, after in (("c2", replace(rule, title="Mine")), ("c3", None)):
            assert await store.change(a_change(name, rule, after)) is Changed.CONFLICT
        assert list(await store.kept_rules()) == [edited]
        assert len(await store.changes(ChangeQuery(id="c2"))) == 0

    async def test_a_thing_that_is_gone_is_a_conflict(self, store: Store) -> None:
        """What was deleted is neither edited nor deleted again."""
        rule = a_rule()
        for name, after in (("c1", replace(rule, when="canal")), ("c2", None)):
            assert await store.change(a_change(name, rule, after)) is Changed.CONFLICT
        assert list(await store.kept_rules()) == []

    async def test_a_conflict_may_be_tried_again(self, store: Store) -> None:
        """A change that met a conflict was not written, so that it can be done later."""
        rule = a_rule()
        delete = a_change("c1", rule, None)
        assert await store.change(delete) is Changed.CONFLICT
        await add(store, rule)

        assert await store.change(delete) is Changed.DONE

    async def test_every_field_counts_as_a_change(self, store: Store) -> None:
        """Two rules that differ in the end of a trial alone are not the same rule."""
        await add(store, EVERY_RULE)
        assert EVERY_RULE.trial is not None
        later = replace(EVERY_RULE, trial=replace(EVERY_RULE.trial, until=at(0.000002)))

        assert await store.change(a_change("c1", later, None)) is Changed.CONFLICT
        assert await store.change(a_change("c2", EVERY_RULE, None)) is Changed.DONE

    async def test_a_thing_can_get_another_name(self, store: Store) -> None:
        """A renamed rule leaves its old name free, and comes last; no name is taken twice."""
        rule, other = a_rule("old"), a_rule("other")
        await add(store, rule, other)
        new = replace(rule, name="new")
        taken = replace(rule, name="other")

        assert await store.change(a_change("c1", rule, taken)) is Changed.CONFLICT
        assert list(await store.kept_rules()) == [rule, other]
        assert await store.change(a_change("c2", rule, new)) is Changed.DONE
        assert list(await store.kept_rules()) == [other, new]
        assert await store.change(a_change("c3", None, rule)) is Changed.DONE

    async def test_of_two_changes_at_once_one_is_done(self, store: Store) -> None:
        """Where twenty people change the same rule at once, one does, and the others are told."""
        rule = a_rule()
        await add(store, rule)
        edits = [replace(rule, title=f"Version {number}") for number in range(20)]
        done = await asyncio.gather(
            *(store.change(a_change(f"c{n}", rule, edit)) for n, edit in enumerate(edits))
        )

        assert sorted(done) == [Changed.CONFLICT] * 19 + [Changed.DONE]
        winner = done.index(Changed.DONE)
        assert list(await store.kept_rules()) == [edits[winner]]
        lines = await store.changes(ChangeQuery(subject="strait", limit=1))
        assert [one.id for one in lines] == [f"c{winner}"]

    async def test_one_change_delivered_many_times_at_once_is_done_once(self, store: Store) -> None:
        """Twenty deliveries of one press add one rule."""
        change = a_change("c1", None, a_rule())
        done = await asyncio.gather(*(store.change(change) for _ in range(20)))

        assert sorted(done) == [Changed.DONE] + [Changed.REPEATED] * 19
        assert len(await store.changes(ChangeQuery())) == 1

    async def test_a_refusal_writes_its_line_alone(self, store: Store) -> None:
        """Who was refused is in the audit trail, once, and nothing else was changed."""
        await add(store, a_rule())
        refusal = a_refusal("c1")
        assert await store.change(refusal) is Changed.DONE
        assert await store.change(refusal) is Changed.REPEATED

        assert list(await store.kept_rules()) == [a_rule()]
        assert list(await store.changes(ChangeQuery(id="c1"))) == [refusal]

    async def test_text_that_no_database_keeps_is_refused(self, store: Store) -> None:
        """Half a character is refused with its reason, and nothing of it is written."""
        broken = a_change("c1", None, a_rule(title="\ud83d"))
        with pytest.raises(StoreError, match="Clean its text first"):
            await store.change(broken)

        assert list(await store.kept_rules()) == []
        assert len(await store.changes(ChangeQuery())) == 0


class TrailContract:
    """Who did what."""

    async def test_lines_come_newest_first_and_whole(self, store: Store) -> None:
        """The audit trail tells before and after, newest first; of one moment, last written."""
        rule, edited = a_rule(), a_rule(when="canal")
        lines = [
            a_change("c1", None, rule),
            a_change("c2", rule, edited, at=at(9)),
            a_change("c3", edited, None, at=at(9)),
            a_refusal("c4", at=at(5)),
        ]
        for line in lines:
            assert await store.change(line) is Changed.DONE
        await restart(store)

        expected = [lines[2], lines[1], lines[3], lines[0]]
        assert list(await store.changes(ChangeQuery())) == expected
        assert list(await store.changes(ChangeQuery(limit=2))) == expected[:2]
        assert list(await store.changes(ChangeQuery(limit=0))) == []

    async def test_lines_are_asked_for_by_what_they_are(self, store: Store) -> None:
        """Workspace, subject, id, time and refusals narrow the audit trail, alone or together."""
        for number in range(8):
            await store.change(
                a_refusal(
                    f"c{number}",
                    at=at(number),
                    workspace="T1" if number % 2 else "T2",
                    subject="strait" if number % 4 < 2 else "canal",
                )
            )
        await store.change(a_change("c8", None, a_rule(), at=at(8)))

        async def found(query: ChangeQuery) -> str:
            return "".join(one.id[1:] for one in await store.changes(query))

        assert await found(ChangeQuery()) == "876543210"
        assert await found(ChangeQuery(workspace="T2")) == "6420"
        assert await found(ChangeQuery(subject="canal")) == "7632"
        assert await found(ChangeQuery(workspace="T1", subject="strait")) == "851"
        assert await found(ChangeQuery(since=at(2), until=at(5))) == "432"
        assert await found(ChangeQuery(refused=False)) == "8"
        assert await found(ChangeQuery(id="c5", workspace="T2")) == ""
        assert await found(ChangeQuery(id="c5", workspace="T1", since=at(5))) == "5"


class OpinionsContract:
    """What people think of alerts."""

    async def test_the_last_opinion_of_a_person_counts(self, store: Store) -> None:
        """A person has one opinion on an alert, the last that was given."""
        changed = an_opinion(opinion=Opinion.IRRELEVANT, at=at(9))
        await store.give_feedback(an_opinion())
        await store.give_feedback(changed)
        await restart(store)

        assert list(await store.feedback_on("k1")) == [changed]

    async def test_opinions_on_an_alert_come_oldest_first(self, store: Store) -> None:
        """Everybody's opinion on an alert is there, the oldest first, and no other alert's."""
        given = [an_opinion("k1", "U2", at=at(1)), an_opinion("k1", "U1", at=at(5))]
        for one in (given[1], an_opinion("k2", "U1"), given[0]):
            await store.give_feedback(one)

        assert list(await store.feedback_on("k1")) == given
        assert list(await store.feedback_on("none")) == []

    async def test_opinions_count_for_the_rules_of_their_alert(self, store: Store) -> None:
        """Each rule that an alert names gets the opinions on it, of one workspace, since a time."""
        both = ("strait", "canal")
        await store.remember(owing(owed("k1", rules=both), owed("k2", rules=("canal",))))
        early, late = an_opinion("k1"), an_opinion("k2", at=at(5))
        other = an_opinion("k1", "U9", workspace="T2", at=at(6))
        for one in (late, other, early, an_opinion("unknown")):
            await store.give_feedback(one)
        await restart(store)

        assert list(await store.feedback_of_rule("strait", "T1", NOW)) == [early]
        assert list(await store.feedback_of_rule("canal", "T1", NOW)) == [early, late]
        assert list(await store.feedback_of_rule("canal", "T1", at(5))) == [late]
        assert list(await store.feedback_of_rule("canal", "T1", at(5.1))) == []
        assert list(await store.feedback_of_rule("canal", "T2", NOW)) == [other]
        assert list(await store.feedback_of_rule("harbour", "T1", NOW)) == []

    async def test_a_changed_mind_counts_once(self, store: Store) -> None:
        """A rule's precision has one opinion a person and alert, however often it changed."""
        await store.remember(owing(owed("k1", rules=("strait",))))
        for second in range(3):
            await store.give_feedback(an_opinion(at=at(second)))

        assert list(await store.feedback_of_rule("strait", "T1", NOW)) == [an_opinion(at=at(2))]


class DraftsContract:
    """What people are about to do."""

    async def test_a_draft_is_there_after_a_restart(self, store: Store) -> None:
        """A form that was half filled in is found again; an unknown one is not."""
        await store.keep_draft(a_draft())
        await restart(store)

        assert await store.draft("d1") == a_draft()
        assert await store.draft("d2") is None

    async def test_a_draft_takes_the_place_of_its_predecessor(self, store: Store) -> None:
        """A draft that is kept again holds what was filled in last."""
        filled = a_draft(values=(Argument(name="when", value="canal"),), made_at=at(9))
        await store.keep_draft(a_draft())
        await store.keep_draft(filled)

        assert await store.draft("d1") == filled

    async def test_a_draft_is_kept_for_a_day(self, store: Store) -> None:
        """A draft outlives the drafts of a day, and no more."""
        await store.keep_draft(a_draft())
        await store.keep_draft(a_draft("d2", made_at=at(A_DAY - 1)))
        assert await store.draft("d1") == a_draft()

        await store.keep_draft(a_draft("d3", made_at=at(A_DAY)))
        assert await store.draft("d1") is None
        assert await store.draft("d2") is not None


class OwingContract:
    """Messages that no poll brought."""

    async def test_a_report_is_owed_and_sent(self, store: Store) -> None:
        """A message without an article is owed, claimed and sent like any alert."""
        report = owed("r1", article_id="", story_id="report-1", rules=("strait",))
        await store.owe(report)
        await restart(store)

        record = await store.alert("r1")
        assert record is not None
        assert (record.state, record.card) == (AlertState.OWED, report.card)
        claim = await store.claim(PLATFORMS, NOW)
        assert claim is not None
        assert claim.post.key == "r1"

    async def test_owing_again_changes_nothing(self, store: Store) -> None:
        """A report that is owed twice, with another card, is sent once as it was."""
        report = owed("r1")
        await store.owe(report)
        claim = await store.claim(PLATFORMS, NOW)
        await store.owe(replace(report, card=card("Another")))

        record = await store.alert("r1")
        assert claim is not None
        assert record is not None
        assert (record.state, record.card) == (AlertState.SENDING, report.card)

    async def test_a_report_without_a_card_is_refused(self, store: Store) -> None:
        """What is to be told must have a card."""
        with pytest.raises(StoreError):
            await store.owe(replace(owed("r1", reason=Reason.NEW_STORY), card=None))
        assert await store.alert("r1") is None


PRESS = Request(
    workspace="T1",
    channel_id="C1",
    user_id="U1",
    standing=Standing.ADMIN,
    platform="slack",
    id="i1",
    action=Action.MUTE,
    target="k1",
)
SENT_FORM = Submission(
    workspace="T1",
    channel_id="C1",
    user_id="U1",
    platform="discord",
    form="watch.add",
    draft="d1",
    values=(Argument(name="to", value="C1"), Argument(name="to", value="C2")),
)


class InboxContract:
    """What people asked for and were not answered yet."""

    @pytest.mark.parametrize("asked", [an_errand().asked, PRESS, SENT_FORM])
    async def test_what_was_taken_is_pending_after_a_restart(
        self, store: Store, asked: Order | Request | Submission
    ) -> None:
        """An order, a press and a form wait as they came until they are answered."""
        errand = an_errand(asked=asked)
        assert await store.take(errand) is True
        await restart(store)
        assert list(await store.pending("slack", NOW)) == [errand]

        await store.done("e1")
        await restart(store)
        assert list(await store.pending("slack", NOW)) == []

    async def test_an_errand_is_taken_once(self, store: Store) -> None:
        """What is delivered again, answered or not, after a restart or not, is refused."""
        assert await store.take(an_errand()) is True
        assert await store.take(an_errand(taken_at=at(3))) is False
        await store.done("e1")
        await restart(store)

        assert await store.take(an_errand(taken_at=at(9))) is False
        assert list(await store.pending("slack", NOW)) == []

    async def test_of_many_deliveries_at_once_one_is_taken(self, store: Store) -> None:
        """Twenty deliveries of one interaction at once are one errand."""
        taken = await asyncio.gather(*(store.take(an_errand()) for _ in range(20)))

        assert sorted(taken) == [False] * 19 + [True]
        assert list(await store.pending("slack", NOW)) == [an_errand()]

    async def test_ids_are_remembered_for_a_day(self, store: Store) -> None:
        """An id may come again after a day, answered or not, and is pending again."""
        await store.take(an_errand())
        await store.done("e1")
        assert await store.take(an_errand(taken_at=at(A_DAY - 1))) is False

        again = an_errand(taken_at=at(A_DAY))
        assert await store.take(again) is True
        assert list(await store.pending("slack", NOW)) == [again]

    async def test_pending_errands_are_of_a_platform_and_a_time(self, store: Store) -> None:
        """A platform takes up its own errands, the oldest first, none from before a time."""
        errands = [an_errand(f"e{9 - n}", taken_at=at(n)) for n in range(4)]
        for one in reversed(errands):
            await store.take(one)
        await store.take(an_errand("d1", platform="discord"))
        await store.done("e8")

        assert list(await store.pending("slack", NOW)) == [errands[0], *errands[2:]]
        assert list(await store.pending("slack", at(2))) == errands[2:]
        assert [one.id for one in await store.pending("discord", NOW)] == ["d1"]
        assert list(await store.pending("console", NOW)) == []

    async def test_answering_the_unknown_changes_nothing(self, store: Store) -> None:
        """Saying that an errand was answered which nobody took is no error."""
        await store.done("e1")

        assert await store.take(an_errand()) is True
        assert list(await store.pending("slack", NOW)) == [an_errand()]


class RegisterContract(
    ThingsContract,
    ChangesContract,
    TrailContract,
    OpinionsContract,
    DraftsContract,
    OwingContract,
    InboxContract,
):
    """Everything that editing may rely on."""

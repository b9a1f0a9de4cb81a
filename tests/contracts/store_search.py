"""What looking things up may rely on, in every store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.errors import StoreError
from bot.model import Argument, Order, Reason, Source, Standing
from bot.ports import Look, PollRecord, Remembered, RuleDay, SearchQuery, Store
from tests.contracts.store_world import (
    DESK,
    NOW,
    WATCH,
    article,
    at,
    match,
    owed,
    remembered,
    state,
    story,
)

RED_LINE = ((" red line ", " redline "),)
DAY = timedelta(days=1)


def told(
    name: str, folded: str = " red line | ", *, age: timedelta = DAY, version: int = 1
) -> Remembered:
    """Return an article of this folded text, published `age` ago."""
    one = remembered(name, version)
    return replace(
        one, article=replace(one.article, published_at=NOW - age), aliases=(), folded=folded
    )


def by(one: Remembered, domain: str, name: str, feed_id: str = "wire") -> Remembered:
    """Return the article as published by another source."""
    source = Source(feed_id=feed_id, name=name, domain=domain)
    return replace(one, article=replace(one.article, source=source))


async def keep(store: Store, *told: Remembered, rules: Sequence[str] = ()) -> None:
    """Remember articles, all of them matched by these rules."""
    matches = [
        match(rule, of=one.article.id, version=one.article.version)
        for one in told
        for rule in rules
    ]
    await store.remember(PollRecord(state=state(), articles=told, matches=tuple(matches)))


async def found(store: Store, *clauses: tuple[str, ...], **narrowed: object) -> list[str]:
    """Return the names of the articles that a search finds, in its order."""
    query = SearchQuery(clauses=clauses, **narrowed)  # type: ignore[arg-type]  # its own fields
    return [one.id for one in (await store.search(query)).articles]


def order(text: str = "red line") -> Order:
    """Return somebody's order to look something up."""
    return Order(
        workspace="T1",
        channel_id="C1",
        user_id="U1",
        standing=Standing.MEMBER,
        group="news",
        arguments=(Argument(name="query", value=text),),
    )


class WordsContract:
    """Which articles a search finds."""

    @pytest.mark.parametrize(
        ("folded", "phrase", "holds"),
        [
            (" the red line | ", " red line ", True),
            (" the red ; line | ", " red line ", False),
            (" the red ; line | ", " red ; line ", True),
            (" the red lining | ", " red line ", False),
            (" red | line | ", " red line ", False),
            (" line red | ", " red line ", False),
            (" sanctioned | ", " sanction", True),
            (" sanctioned | ", " sanction ", False),
            (" unsanctioned | ", " sanction", False),
            (" joint chief of staff | ", " chief of st", True),
            (" who know ; | WHO | ", " WHO ", True),
            (" who know | ", " WHO ", False),
            (" the WHO | ", " who ", False),
            (" the WHO | ", " WH", True),
            (" 中 国 红 线 | ", " 红 线 ", True),
            (" 中 国 红 线 | ", " 国 线 ", False),
            (" красная линия | ", " красн", True),
            (" خط أحمر | ", " خط أحمر ", True),
            (" लाल रेखा | ", " लाल रेखा ", True),
            (" up 3.5 percent | ", " 3.5 percent ", True),
            (" up 3 5 percent | ", " 3.5 ", False),
            (" schröder | ", " schroder ", False),
            (" é | ", " é ", True),
        ],
    )
    async def test_a_phrase_is_found_where_it_stands(
        self, store: Store, folded: str, phrase: str, holds: bool
    ) -> None:
        """Words are found in their order, whole or at their beginning, never across a break."""
        await keep(store, told("a1", folded))

        assert await found(store, (phrase,)) == (["a1"] if holds else [])

    async def test_of_each_clause_one_phrase_must_occur(self, store: Store) -> None:
        """Phrases of a clause stand for each other; clauses all have to hold."""
        await keep(
            store,
            told("a1", " red line | rafah | ", age=DAY),
            told("a2", " redline | rafah | ", age=2 * DAY),
            told("a3", " red line | gaza | ", age=3 * DAY),
        )

        assert await found(store, *RED_LINE) == ["a1", "a2", "a3"]
        assert await found(store, *RED_LINE, (" rafah ",)) == ["a1", "a2"]
        assert await found(store, *RED_LINE, (" cairo ",)) == []
        assert await found(store, *RED_LINE, ()) == []
        assert await found(store, ("", " nowhere ")) == ["a1", "a2", "a3"]

    @pytest.mark.parametrize(
        "phrase",
        ['" OR a', "red AND line", "NEAR(red line)", "-red", "words:red", "red*", "^red", "{red}:",
         "red\x00line", "'; DROP TABLE shelf; --", "\ud83d", '"', "(", "*", "%", "red_line", "\\",
         " red" * 2000, "x" * 100_000, "+", "a+b", ":", "\u0301", "\u200b"],
    )  # fmt: skip
    async def test_no_query_is_a_command(self, store: Store, phrase: str) -> None:
        """Whatever a query holds is looked for and does nothing else."""
        await keep(store, told("a1"))

        assert await found(store, (phrase,)) in ([], ["a1"])
        assert await found(store, (f" {phrase} ",)) in ([], ["a1"])
        assert await found(store, source=phrase) == []
        assert await found(store, rule=phrase.replace("\ud83d", "")) == []
        assert await found(store, *RED_LINE) == ["a1"]

    async def test_an_article_that_nobody_folded_is_found(self, store: Store) -> None:
        """Without a folded text the store folds case and accents by itself, title and text."""
        one = remembered("a1", sentences=("Das CAFÉ schließt.", "Nichts geht."))
        await keep(store, one)

        assert await found(store, (" cafe schliesst ",)) == ["a1"]
        assert await found(store, (" envoys meet in rafah ",)) == ["a1"]
        assert await found(store, (" rafah das ",)) == []


class NarrowingContract:
    """How a search is narrowed and paged."""

    async def test_the_newest_come_first(self, store: Store) -> None:
        """Articles come by their publication, whenever they were read."""
        await keep(store, told("b", age=2 * DAY), told("d", age=4 * DAY))
        await keep(store, told("a", age=DAY))
        await keep(store, told("c", age=3 * DAY), told("old", age=30_000 * DAY))

        assert await found(store) == ["a", "b", "c", "d", "old"]
        assert await found(store, *RED_LINE) == ["a", "b", "c", "d", "old"]

    @pytest.mark.parametrize("clauses", [(), RED_LINE])
    async def test_a_cursor_leads_through_all_pages(
        self, store: Store, clauses: tuple[tuple[str, ...], ...]
    ) -> None:
        """Pages follow each other without gap or repetition, also where many share one time."""
        names = [f"a{number:02}" for number in range(23)]
        await keep(store, *(told(name) for name in names))
        query, seen, pages = SearchQuery(clauses=clauses, limit=5), list[str](), 0
        while True:
            page = await store.search(query)
            seen += [one.id for one in page.articles]
            pages += 1
            if page.cursor is None:
                break
            await keep(store, told(f"late{pages}", age=timedelta()))
            query = replace(query, after=page.cursor)

        assert (sorted(seen), pages) == (names, 5)

    async def test_a_full_page_that_is_the_last_has_no_cursor(self, store: Store) -> None:
        """Where nothing follows there is no Older button."""
        await keep(store, told("a1"), told("a2"))

        assert (await store.search(SearchQuery(limit=2))).cursor is None
        assert (await store.search(SearchQuery(limit=1))).cursor is not None
        assert (await store.search(SearchQuery(limit=0))).articles == ()

    @pytest.mark.parametrize("cursor", ["", "x", "1; DROP", "9" * 40, "١"])
    async def test_a_cursor_of_nobody_is_refused(self, store: Store, cursor: str) -> None:
        """A cursor that no search gave is an error with advice."""
        with pytest.raises(StoreError, match="Ask again"):
            await store.search(SearchQuery(after=cursor))

    async def test_since_takes_what_was_published_from_then_on(self, store: Store) -> None:
        """The second itself is within."""
        await keep(store, told("a", age=DAY), told("b", age=2 * DAY), told("c", age=3 * DAY))

        assert await found(store, since=NOW - 2 * DAY) == ["a", "b"]
        assert await found(store, *RED_LINE, since=NOW - 2 * DAY) == ["a", "b"]
        assert await found(store, *RED_LINE, since=NOW - 2 * DAY + timedelta(seconds=1)) == ["a"]
        assert await found(store, *RED_LINE, since=NOW) == []

    @pytest.mark.parametrize(
        ("asked", "names"),
        [
            ("gazette.example", ["a2"]),
            ("WWW.Gazette.Example", ["a2"]),
            ("news.gazette.example", ["a2"]),
            ("The Gazette", ["a2"]),
            ("the gazette", ["a2"]),
            ("Café Journal", ["a1"]),
            ("cafe journal", ["a1"]),
            ("example", []),
            ("gazette", []),
            ("wire", ["a1", "a2"]),
            ("Journal", []),
            ("", []),
            ("@", []),
        ],
    )
    async def test_a_source_goes_by_domain_name_and_feed(
        self, store: Store, asked: str, names: list[str]
    ) -> None:
        """A publisher is asked for by domain, by whole name or by feed, whatever the case."""
        await keep(
            store,
            by(told("a1", " gazette example | ", age=DAY), "journal.example", "Café Journal"),
            by(told("a2", age=2 * DAY), "news.gazette.example", "The Gazette"),
        )

        assert await found(store, source=asked) == names
        assert await found(store, *RED_LINE, source=asked) == [n for n in names if n == "a2"]

    async def test_a_rule_narrows_to_what_it_matched(self, store: Store) -> None:
        """Only articles that the rule matched are found, and latest gives them newest first."""
        await keep(store, told("a1", age=3 * DAY), told("a2", age=DAY), rules=["red-line", "x"])
        await keep(store, told("a3", age=2 * DAY), rules=["x"])
        await keep(store, told("a4", " peace | ", age=0 * DAY), rules=["red-line"])

        assert await found(store, rule="red-line") == ["a4", "a2", "a1"]
        assert await found(store, *RED_LINE, rule="red-line") == ["a2", "a1"]
        assert await found(store, *RED_LINE, rule="red-line", since=NOW - DAY) == ["a2"]
        assert await found(store, rule="unheard-of") == []
        first = await store.latest("red-line", 2, None)
        then = await store.latest("red-line", 2, first.cursor)
        assert [one.id for one in (*first.articles, *then.articles)] == ["a4", "a2", "a1"]
        latest = await store.latest(None, 2, None)
        assert [one.id for one in latest.articles] == ["a4", "a2"]

    async def test_a_match_may_come_after_its_article(self, store: Store) -> None:
        """A rule that matched later narrows all the same."""
        await keep(store, told("a1"))
        await store.remember(PollRecord(state=state(), matches=(match("late", of="a1"),)))

        assert await found(store, *RED_LINE, rule="late") == ["a1"]


class VersionsContract:
    """What becomes of the old versions of an article."""

    async def test_only_the_newest_version_is_found(self, store: Store) -> None:
        """An article that changed is found by what it says now, once."""
        await keep(store, told("a1", " red line | "), rules=["red-line"])
        await keep(store, told("a1", " peace | ", version=2))

        assert await found(store, *RED_LINE) == []
        page = await store.search(SearchQuery(clauses=((" peace ",),)))
        assert [(one.id, one.version) for one in page.articles] == [("a1", 2)]
        assert await found(store) == ["a1"]
        assert await found(store, (" peace ",), rule="red-line") == ["a1"]
        assert await found(store, rule="red-line") == ["a1"]

    async def test_a_version_that_comes_late_stays_old(self, store: Store) -> None:
        """Whatever the order in which they came, the highest version is the article."""
        await keep(store, told("a1", " peace | ", version=3))
        await keep(store, told("a1", version=1), told("a1", version=2), rules=["red-line"])

        assert await found(store, *RED_LINE) == []
        assert await found(store, rule="red-line") == ["a1"]
        assert await found(store, (" peace ",)) == ["a1"]

    async def test_two_versions_in_one_poll_are_one_article(self, store: Store) -> None:
        """A poll may bring several versions of an article."""
        await keep(store, told("a1", version=1), told("a1", " peace | ", version=2))

        assert await found(store) == ["a1"]
        assert await found(store, *RED_LINE) == []

    async def test_remembering_again_changes_nothing(self, store: Store) -> None:
        """A version that is remembered again keeps its words and its place."""
        await keep(store, told("a1"), told("a2"))
        before = await found(store)
        await keep(store, told("a1", " peace | "))

        assert await found(store) == before
        assert await found(store, (" peace ",)) == []


class LookupContract:
    """Stories, counts and look-ups under way."""

    async def test_a_story_tells_its_articles_in_their_order(self, store: Store) -> None:
        """The first reporter comes first; what was never remembered is left out."""
        await store.remember(
            PollRecord(
                state=state(),
                articles=(told("a1"), told("a2"), told("a3"), told("a2", version=2)),
                stories=(story("s1", "a2", "lost", "a1"),),
            )
        )

        told_by = await store.story_articles("s1")
        assert [(one.id, one.version) for one in told_by] == [("a2", 2), ("a1", 1)]
        assert await store.story_articles("unheard-of") == ()
        held = await store.stories_of(["a1", "a3", "a2", "unheard-of"])
        assert list(held.items()) == [
            ("a1", story("s1", "a2", "lost", "a1")),
            ("a2", story("s1", "a2", "lost", "a1")),
        ]
        assert await store.stories_of([]) == {}

    async def test_rules_are_counted_by_day(self, store: Store) -> None:
        """Matches count on the day of publication, alerts on that of the decision; quiet ones not.

        An article counts once for a rule, however many versions matched.
        """
        await keep(store, told("a1", age=DAY), told("a2", age=DAY), rules=["red-line"])
        await keep(store, told("a1", age=DAY, version=2), rules=["red-line", "envoys"])
        await keep(store, told("old", age=40 * DAY), rules=["red-line"])
        await store.remember(
            PollRecord(
                state=state(),
                owed=(
                    owed("k1", decided_at=NOW),
                    owed("k2", WATCH, rules=("red-line", "envoys"), decided_at=NOW),
                    owed("k3", DESK, reason=Reason.DIGEST, decided_at=NOW + DAY),
                    owed("k4", DESK, reason=Reason.BASELINE, decided_at=NOW),
                    owed("k5", DESK, decided_at=NOW - 40 * DAY),
                ),
            )
        )

        today, yesterday = NOW.date(), (NOW - DAY).date()
        assert await store.rule_counts(NOW - 30 * DAY) == (
            RuleDay(rule="envoys", day=yesterday, matches=1, alerts=0),
            RuleDay(rule="envoys", day=today, matches=0, alerts=1),
            RuleDay(rule="red-line", day=yesterday, matches=2, alerts=0),
            RuleDay(rule="red-line", day=today, matches=0, alerts=2),
            RuleDay(rule="red-line", day=(NOW + DAY).date(), matches=0, alerts=1),
        )

    async def test_a_day_is_a_day_in_utc(self, store: Store) -> None:
        """The last second of a day is of that day; days before 1970 are not counted."""
        midnight = datetime(2026, 3, 2, tzinfo=UTC)
        ages = {"last": NOW - midnight + timedelta(seconds=1), "first": NOW - midnight}
        await keep(store, *(told(name, age=age) for name, age in ages.items()), rules=["r"])
        await keep(store, told("old", age=30_000 * DAY), rules=["r"])

        counted = await store.rule_counts(datetime(1900, 1, 1, tzinfo=UTC))
        assert [(one.day, one.matches) for one in counted] == [
            (date(2026, 3, 1), 1),
            (date(2026, 3, 2), 1),
        ]

    async def test_a_look_up_is_kept_for_thirty_days(self, store: Store) -> None:
        """A button leads on from where its page ended, also after a restart, for thirty days."""
        look = Look(id="l1", order=order(), after="7", asked_at=NOW)
        await store.keep_look(look)
        await store.keep_look(Look(id="l2", order=order("x"), after=None, asked_at=NOW + 30 * DAY))
        await store.close()
        await store.open()
        assert await store.look("l1") == look
        assert await store.look("unheard-of") is None

        moved = Look(id="l2", order=order("y"), after="9", asked_at=at(1) + 30 * DAY)
        await store.keep_look(moved)
        assert await store.look("l1") is None
        assert await store.look("l2") == moved

    async def test_what_is_found_survives_a_restart(self, store: Store) -> None:
        """A restart changes no answer."""
        await keep(store, told("a1"), told("a2", " peace | "), rules=["r"])
        await store.close()
        await store.open()

        assert await found(store, *RED_LINE, rule="r") == ["a1"]
        assert await store.article("a1") == replace(article("a1"), published_at=NOW - DAY)


class SearchContract(WordsContract, NarrowingContract, VersionsContract, LookupContract):
    """What looking things up may rely on."""

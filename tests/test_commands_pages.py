"""Buttons that lead on: whom they answer, and that nothing is lost between pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import Desk
from bot.commands import pages as pages_module
from bot.commands.ids import new_id
from bot.commands.pages import MOST_LOOKED, PAGE_SIZE, matching
from bot.model import Action, Article, Button, Card, Match, Request, Standing
from bot.ports import Candidates, Look
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from tests.build import NOON, an_article
from tests.commands_archive import NOW, desk_of, known_desk, shelf
from tests.commands_desk import an_order, answer, carry_out, filled, typed, without_rules

GONE = "This list is no longer remembered"
WORD = an_article("A word.")


def press(target: str, **changed: str) -> Request:
    """Whoever gave `an_order` presses a page button."""
    asked: dict[str, Any] = {"workspace": "T1", "channel_id": "C1", "user_id": "U1"}
    asked |= {"target": target, "standing": "member"} | changed
    return Request(action=Action.PAGE, **asked | {"standing": Standing(asked["standing"])})


async def leads_on(desk: Desk, line: str = "/news avel OR grain") -> Button:
    """The Older button of a search."""
    (older,) = (await typed(desk, line)).buttons
    return older


# --- whom a button answers ----------------------------------------------------------------------


async def test_a_button_answers_who_asked() -> None:
    """The person who asked gets the next page."""
    desk = await known_desk()

    card = await answer(press((await leads_on(desk)).target), desk)

    assert [item.title for item in card.items][-1] == "Port Avel dredges its channel"


@pytest.mark.parametrize(
    "changed",
    [
        {"workspace": "T2"},
        {"workspace": ""},
        {"user_id": "U2"},
        {"user_id": ""},
        {"target": "a" * 26},
        {"target": ""},
    ],
)
async def test_a_button_answers_nobody_else(changed: dict[str, str]) -> None:
    """An id of another workspace or person is answered as if it did not exist."""
    desk = await known_desk()
    target = (await leads_on(desk)).target

    card = await answer(press(**({"target": target} | changed)), desk)

    assert card.title == GONE
    assert [*card.items, *card.buttons] == []


@pytest.mark.parametrize("standing", [Standing.GUEST, Standing.EXTERNAL, Standing.BOT])
async def test_who_was_made_a_guest_turns_no_page(standing: Standing) -> None:
    """Who may ask is checked again when a button is pressed."""
    desk = await known_desk()
    target = (await leads_on(desk)).target

    card = await answer(press(target, standing=standing), desk)

    assert card.title == "You may not do that here"
    assert [*card.items, *card.buttons] == []


async def test_whom_a_platform_says_nothing_about_is_a_guest() -> None:
    """A press without a standing is refused."""
    desk = await known_desk()
    target = (await leads_on(desk)).target
    request = Request(
        workspace="T1", channel_id="C1", user_id="U1", action=Action.PAGE, target=target
    )

    assert (await answer(request, desk)).title == "You may not do that here"


async def test_a_rule_that_left_is_not_shown_by_an_old_button() -> None:
    """What a page may show is judged when it is turned, not when it was made."""
    desk = await known_desk()
    order = filled("news", "latest", rule="avel-red-line")
    await desk.archive.keep_look(Look(id="kept", order=order, after=None, asked_at=NOW))

    shown = await answer(press("kept"), desk)
    card = await answer(press("kept"), without_rules(desk))

    assert shown.items
    assert card.title == "There is no rule “avel-red-line” here"
    assert card.items == ()


IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=1, max_size=40)
FORGED = st.one_of(
    st.builds(lambda each: {"target": each}, IDS | st.text(max_size=60)),
    st.builds(lambda each: {"workspace": each}, st.text(max_size=20).filter(lambda w: w != "T1")),
    st.builds(lambda each: {"user_id": each}, st.text(max_size=20).filter(lambda u: u != "U1")),
    st.sampled_from([{"standing": each} for each in ("guest", "external", "bot")]),
)


@settings(max_examples=50)
@given(presses=st.lists(st.lists(FORGED, min_size=1, max_size=3), min_size=20, max_size=20))
async def test_no_forged_press_is_accepted(presses: list[list[dict[str, str]]]) -> None:
    """Of a thousand presses by somebody else, elsewhere, or of no button, none shows anything."""
    desk = await known_desk()
    target = {"target": (await leads_on(desk)).target}
    for forged in presses:
        changed = {key: value for each in forged for key, value in each.items()}

        card = await answer(press(**(target | changed)), desk)

        assert card.title in {GONE, "You may not do that here"}
        assert [*card.items, *card.lines, *card.summary, *card.buttons] == []


def test_ids_differ_and_fit_both_platforms() -> None:
    """An id has 26 characters of a-z and 2-7, and no two are the same."""
    ids = {new_id() for _ in range(100)}

    assert len(ids) == 100
    assert all(
        len(each) == 26 and set(each) <= set("abcdefghijklmnopqrstuvwxyz234567") for each in ids
    )


# --- after a restart ----------------------------------------------------------------------------


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """A database that holds the archive, closed."""
    store = SqlStore(tmp_path / "news.db")
    await store.open()
    await shelf().remember(store)
    await store.close()
    return tmp_path / "news.db"


async def test_a_button_works_after_a_restart(database: Path) -> None:
    """An old message leads on as it did before the service was started anew."""
    before = SqlStore(database)
    await before.open()
    older = await leads_on(desk_of(before))
    await before.close()

    after = SqlStore(database)
    await after.open()
    card = await answer(press(older.target), desk_of(after))
    await after.close()

    assert [button.label for button in card.buttons] == ["Newer"]
    assert len(card.items) == 3


async def test_since_counts_from_when_it_was_asked() -> None:
    """A search of three days still has its second page when it is turned two days later."""
    store = MemoryStore()
    await store.open()
    await shelf().remember(store)
    desk = desk_of(store)
    (older,) = (await typed(desk, "/news since:6d")).buttons
    desk.clock.advance(timedelta(days=2).total_seconds())  # type: ignore[attr-defined]  # FakeClock's verb

    card = await answer(press(older.target), desk)

    assert [item.title for item in card.items] == [
        "Southern growers fear the tariff",
        "Parliament votes on grain tariffs",
    ]


# --- nothing lost, nothing twice ----------------------------------------------------------------


class Shelved:
    """Candidates in order, found again by number."""

    def __init__(self, answers: list[bool]) -> None:
        self.articles = [
            replace(WORD, id=str(number), published_at=NOON - timedelta(minutes=number))
            for number in range(len(answers))
        ]
        self.answers = answers
        self.judged = 0

    async def find(self, after: str | None, limit: int) -> Candidates:
        start = int(after) if after else 0
        end = start + limit
        more = str(end) if end < len(self.articles) else None
        return Candidates(articles=tuple(self.articles[start:end]), cursor=more)

    def judge(self, article: Article) -> Match | None:
        self.judged += 1
        if not self.answers[int(article.id)]:
            return None
        return Match(rule="search", article_id=article.id, version=1, evidence=())

    async def pages(self) -> list[list[str]]:
        """Turn all pages and return the ids on each."""
        turned, after = [], None
        while True:
            page = await matching(self.find, self.judge, after)
            turned.append([one.article.id for one in page.shown])
            if page.after is None:
                return turned
            after = page.after


@given(st.lists(st.booleans(), max_size=200))
async def test_all_answers_stand_on_the_pages_once(answers: list[bool]) -> None:
    """Whatever lies between them, no answer is lost and none is shown twice; pages are full."""
    shelved = Shelved(answers)

    pages = await shelved.pages()

    wanted = [article.id for article in shelved.articles if answers[int(article.id)]]
    assert [each for page in pages for each in page] == wanted
    assert all(len(page) == PAGE_SIZE for page in pages[:-1])
    assert pages[-1] or len(pages) == 1


async def test_a_page_judges_only_so_many() -> None:
    """A search that finds little stops after a while, and the next page goes on from there."""
    shelved = Shelved([False] * 1_000 + [True])

    page = await matching(shelved.find, shelved.judge, None)

    assert (page.shown, shelved.judged) == ((), MOST_LOOKED)
    assert page.after == str(MOST_LOOKED)
    assert page.oldest == shelved.articles[MOST_LOOKED - 1].published_at
    assert (await shelved.pages())[-1] == ["1000"]


async def test_a_page_cut_short_says_how_far_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever searches for something rare learns how far back it was looked for."""
    monkeypatch.setattr(pages_module, "MOST_LOOKED", 2)
    monkeypatch.setattr(pages_module, "BATCH", 2)

    card = await typed(await known_desk(), "/news /lighthouse/")

    assert card.notes == ("Looked back to 01 Mar 2026; Older looks further.",)
    assert [button.label for button in card.buttons] == ["Older"]


async def test_the_way_back_is_the_way_forth() -> None:
    """Newer leads to the page that Older came from, however far."""
    desk = await known_desk()
    order = an_order("news", "latest")
    seen: list[Card] = [await carry_out(order, desk)]
    for label in ("Older", "Newer"):
        (button,) = [each for each in seen[-1].buttons if each.label == label]
        seen.append(await answer(press(button.target), desk))

    assert seen[0].items == seen[2].items != seen[1].items

"""`/watch tune`: which words to leave out, tried on the articles that people judged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands import Desk, answer
from bot.commands.tuning import MOST_LOST, with_exclusion
from bot.model import (
    Access,
    Action,
    Button,
    Card,
    Change,
    Origin,
    Reply,
    Request,
    Revised,
    Rule,
    Standing,
)
from bot.ports import ChangeQuery, Store
from bot.rules import Names, match_article, read_rule
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from tests.build import a_rule, an_article
from tests.commands_desk import OpenStore, typed
from tests.judged import CHANNEL, N, R, Told, judged_desk

RULE = a_rule(
    "red-line", CHANNEL, title="The red line", origin=Origin.CHAT, workspace="T1", unless=""
)
TOPICS = (
    "the talks on Port Avel",
    "the grain freighters",
    "the envoys of Norland",
    "the sanctions on tankers",
    "the border at Orven",
)
LINES = ("Elm Street", "Old Harbour", "North Gate", "City Hall", "the Zoo")


def metro(number: int) -> Told:
    """A report of the underground railway that nobody wanted."""
    place = LINES[number % len(LINES)]
    return Told(
        f"Metro works at {place}",
        f"The metro closes its red line at {place} for repairs number {number}. Buses run.",
        [N],
    )


def politics(number: int) -> Told:
    """A report that people wanted."""
    topic = TOPICS[number % len(TOPICS)]
    return Told(
        f"A warning about {topic}",
        f"Attempt number {number} on {topic} would cross a red line, the minister said.",
        [R],
    )


GOLF = Told("Golf at Cape Torn", "A putt along the red line won the golf cup.", [N])
TOLD = [
    *(metro(number) for number in range(8)),
    GOLF,
    *(politics(number) for number in range(21)),
]


@pytest.fixture(params=["memory", "sql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each store, empty."""
    made: Store = MemoryStore() if request.param == "memory" else SqlStore(tmp_path / "tune.db")
    await made.open()
    yield made
    await made.close()


async def a_desk(rule: Rule = RULE, told: list[Told] | None = None) -> Desk:
    """A desk at which the rule's alerts were judged; the register keeps a rule of chat."""
    store = OpenStore()
    desk = await judged_desk(store, rule, TOLD if told is None else told)
    return await kept(desk, rule)


async def kept(desk: Desk, rule: Rule) -> Desk:
    """The desk, whose register keeps the rule if it was written in chat."""
    if rule.origin is Origin.CHAT:
        await desk.register.change(
            Change(
                id="made",
                at=desk.clock.now(),
                platform="slack",
                workspace="T1",
                channel_id="C1",
                user_id="U1",
                what="watch add",
                subject=rule.name,
                after=rule,
            )
        )
    return desk


async def tuned(desk: Desk) -> Card:
    """The answer to /watch tune."""
    return await typed(desk, "/watch tune red-line")


async def press(desk: Desk, button: Button, user: str = "U1") -> Reply:
    """The answer to a button."""
    return await answer(
        Request(
            workspace="T1",
            channel_id="C1",
            user_id=user,
            standing=Standing.MEMBER,
            platform="slack",
            action=button.action,
            target=button.target,
        ),
        desk,
    )


# --- what is proposed -------------------------------------------------------------------------


async def test_it_proposes_what_removes_most_of_the_unwanted(store: Store) -> None:
    """The effect is told in numbers, with one article that would have gone."""
    desk = await judged_desk(store, RULE, TOLD)

    card = await tuned(desk)

    assert card.title == "What “The red line” could leave out"
    assert card.status == "precision 70 % (21 of 30 alerts judged relevant)"
    assert card.lines[0].text == (
        "except “metro”: would have removed 8 of 9 not relevant and 0 of 21 relevant, "
        "such as “Metro works at Elm Street”"
    )


async def test_at_most_three_are_proposed_each_with_its_button() -> None:
    """The best stands out; each says what it leaves out."""
    card = await tuned(await a_desk())

    assert 1 < len(card.lines) <= 3
    assert len(card.buttons) == len(card.lines)
    assert [button.main for button in card.buttons] == [True, *[False] * (len(card.lines) - 1)]
    for button, line in zip(card.buttons, card.lines, strict=True):
        assert line.text.startswith(f"except {button.label.removeprefix('Use ')}:")


async def test_much_of_what_nobody_wanted_makes_it_no_common_word() -> None:
    """Where most of the archive is of the metro, the metro is still what is proposed."""
    told = [*(metro(number) for number in range(60)), *(politics(n) for n in range(60))]
    card = await tuned(await a_desk(told=told))

    assert card.lines[0].text.startswith(
        "except “metro”: would have removed 60 of 60 not relevant and 0 of 60 relevant"
    )


async def test_a_word_that_stands_everywhere_is_no_topic() -> None:
    """What many other articles say would silence what nobody has judged yet."""
    told = [Told(f"Report {n}", f"Envoy {n} saw a red line.", [N]) for n in range(3)]
    others = [Told(f"Story {n}", f"Envoy {n} went home to the harbour.", []) for n in range(60)]
    desk = await a_desk(told=[*told, *others])

    assert not [line for line in (await tuned(desk)).lines if "envoy" in line.text.casefold()]


async def test_what_the_rule_looks_for_is_never_proposed() -> None:
    """To leave out the red line would leave nothing."""
    card = await tuned(await a_desk())

    for line in card.lines:
        assert not line.text.startswith(("except “red”", "except “line”", "except “red line”"))


async def test_the_effect_is_what_the_changed_rule_does() -> None:
    """The numbers hold when each article is judged by the rule as it would be saved."""
    desk = await a_desk()
    card = await tuned(desk)
    for button, line in zip(card.buttons, card.lines, strict=True):
        draft = await desk.register.draft(button.target)
        assert draft is not None
        changed = read_rule(replace(RULE, unless=draft.value("except")), Names())
        left = [
            told.opinions[0]
            for told in TOLD
            if match_article([changed], an_article(told.text, title=told.title))
        ]
        gone = f"{9 - left.count(N)} of 9 not relevant and {21 - left.count(R)} of 21 relevant"
        assert f"would have removed {gone}" in line.text


async def test_a_word_of_relevant_alerts_is_not_proposed() -> None:
    """More than one relevant alert in twenty is too much to lose."""
    told = [replace(each, text=f"{each.text} It is about the metro.") for each in TOLD[9:11]]
    desk = await a_desk(told=[*TOLD[:9], *told, *TOLD[11:]])

    card = await tuned(desk)

    assert int(MOST_LOST * 21) == 1
    assert not [line for line in card.lines if "except “metro”" in line.text]
    assert [line for line in card.lines if "0 of 21 relevant" in line.text]


async def test_nothing_is_proposed_where_nothing_tells_them_apart() -> None:
    """Alerts that have no word in common leave nothing to propose, and no button."""
    words = ["Alpha saw", "Bravo drew", "Charlie left"]
    told = [Told(word, f"{word} a red line.", [N]) for word in words]

    card = await tuned(await a_desk(told=told))

    assert [line.text for line in card.lines] == [
        "No word or phrase tells the alerts that were not relevant from the others."
    ]
    assert not card.buttons


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "No alert was called not relevant in 90 days; it takes 3 to see a pattern."),
        (1, "1 alert was called not relevant in 90 days; it takes 3 to see a pattern."),
        (2, "2 alerts were called not relevant in 90 days; it takes 3 to see a pattern."),
    ],
)
async def test_too_few_opinions_are_said_to_be_too_few(number: int, said: str) -> None:
    """Two alerts show no pattern."""
    card = await tuned(await a_desk(told=[*TOLD[:number], *TOLD[9:]]))

    assert card.title == "Too few opinions on “The red line”"
    assert card.notes[0] == said


async def test_alerts_that_would_no_longer_come_are_not_counted() -> None:
    """A rule that was mended since is measured by what it still brings."""
    rule = replace(RULE, unless="golf")
    desk = await judged_desk(OpenStore(), RULE, TOLD)
    mended = await judged_desk(OpenStore(), rule, ())
    card = await tuned(replace(desk, watch=mended.watch))

    assert "8 of 8 not relevant" in card.lines[0].text
    assert card.notes == ("1 judged alert would not come any more, as the rule is now.",)


async def test_without_a_relevant_alert_the_person_is_warned() -> None:
    """Then nobody knows what would be lost."""
    card = await tuned(await a_desk(told=TOLD[:9]))

    assert "Nobody has called an alert relevant yet, so look at the words yourself." in card.notes


# --- using it ---------------------------------------------------------------------------------


async def test_use_it_saves_the_rule_with_the_exclusion() -> None:
    """It is in force at once, written down, and can be undone."""
    desk = await a_desk()
    button, *_ = (await tuned(desk)).buttons

    reply = await press(desk, button)

    assert button.action is Action.CONFIRM
    assert isinstance(reply, Revised)
    assert reply.card.title == "“The red line” is changed"
    assert [one.action for one in reply.card.buttons] == [Action.UNDO]
    assert desk.watch.rules["red-line"].unless == "metro"
    newest, *_ = await desk.register.changes(ChangeQuery(refused=False))
    assert (newest.what, newest.subject, newest.before) == ("watch tune", "red-line", RULE)
    assert newest.after == replace(RULE, unless="metro")


async def test_a_second_press_changes_nothing_more() -> None:
    """The rule leaves it out already."""
    desk = await a_desk()
    button, *_ = (await tuned(desk)).buttons
    await press(desk, button)

    reply = await press(desk, button)

    assert isinstance(reply, Revised)
    assert reply.card.title == "“The red line” leaves this out already"


async def test_a_rule_that_was_changed_since_is_left_alone() -> None:
    """A proposal is about the rule that it was tried on."""
    desk = await a_desk()
    button, *_ = (await tuned(desk)).buttons
    edited = replace(RULE, when='"red line" OR blockade')
    desk.watch.compiled["red-line"] = read_rule(edited, Names())

    reply = await press(desk, button)

    assert isinstance(reply, Card)
    assert reply.title == "“The red line” was changed in the meantime"
    assert desk.watch.rules["red-line"] == RULE


async def test_only_who_asked_uses_it() -> None:
    """A button of somebody else's private answer does nothing."""
    desk = await a_desk()
    button, *_ = (await tuned(desk)).buttons

    reply = await press(desk, button, user="U2")

    assert isinstance(reply, Card)
    assert reply.title == "This is no longer kept"
    assert desk.watch.rules["red-line"] == RULE


async def test_a_rule_of_a_file_is_changed_in_the_file() -> None:
    """Chat says what to write there, as YAML reads it."""
    rule = replace(RULE, origin=Origin.YAML, workspace="", unless="cup")
    told = [*TOLD[:8], *TOLD[9:]]
    card = await tuned(await a_desk(rule, told))

    assert not card.buttons
    assert card.notes[-2:] == (
        "The rule stands in config/rules.yaml. Write there, for the first of these:",
        "except: 'cup OR metro'",
    )


async def test_a_viewer_does_not_tune() -> None:
    """To tune is to edit."""
    desk = replace(await a_desk(), access=Access())

    assert (await tuned(desk)).title == "You may not do that here"


@pytest.mark.parametrize(
    ("unless", "phrase", "whole"),
    [
        ("", "metro", "metro"),
        ("  ", "metro works", '"metro works"'),
        ("golf", "metro", "golf OR metro"),
        ("golf OR zoo", "metro", "golf OR zoo OR metro"),
        ('title:"Red Line" ferry', "metro", '(title:"Red Line" ferry) OR metro'),
        ("golf AND cup", "or", '(golf AND cup) OR "or"'),
    ],
)
def test_an_exclusion_is_added_to_what_is_left_out_already(
    unless: str, phrase: str, whole: str
) -> None:
    """The author's own text stays as it was written."""
    assert with_exclusion(unless, phrase) == whole

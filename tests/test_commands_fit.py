"""The largest answers fit both platforms, with all that they say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.items import item_of
from bot.commands.listing import LONGEST_LINE, PAGE_LINES
from bot.commands.news_why import LONGEST_LINE as LONGEST_CLAUSE
from bot.commands.news_why import MOST_LINES
from bot.model import Action, Button, Card, CardLine, Passage, Source
from bot.text import utf16_length
from handlers.discord import cards as discord
from handlers.slack import cards as slack
from tests.build import NOON, a_match, an_article

TITLES = [f"Title number {n} of a long headline " + "about the harbour " * 20 for n in range(5)]
WORDS = "word " * 60
BUTTONS = tuple(
    Button(action=Action.PAGE, label=label, target=label.lower() * 5)
    for label in ("Newer", "Older")
)


def items(count: int) -> Card:
    """A page of the longest articles, matched at the end of a long sentence."""
    text = "The harbour of Port Avel lies far away from everything " * 8 + "and a red line."
    articles = [
        an_article(
            text,
            title=TITLES[n % 5],
            id=f"a{n}",
            link=f"https://courier.example/{'long-path/' * 12}{n}",
            source=Source(feed_id="c", name="The Courier of the North", domain="courier.example"),
            published_at=NOON - timedelta(hours=n),
        )
        for n in range(count)
    ]
    return Card(
        title="Articles for " + "harbour OR " * 10 + "grain",
        items=tuple(item_of(one, a_match(one, "red line")) for one in articles),
        notes=("Looked back to 1 Jan 2026; Older looks further.",),
        buttons=BUTTONS,
    )


def lines(count: int, length: int) -> Card:
    """A list of the longest lines."""
    texts = [f"{n:03} {WORDS}"[:length] for n in range(count)]
    return Card(
        title="Sources",
        status="1 to 15 of 40",
        lines=tuple(CardLine(text=text) for text in texts),
        buttons=BUTTONS,
    )


def a_backtest() -> Card:
    """The largest answer to the form of a rule: four fields changed, it is noisy, and long."""
    sides = ("“" + "w" * 78 + "…”", "“" + "v" * 78 + "…”")
    return replace(
        items(5),
        status=f"“{'A name of a rule ' * 6}”"[:140],
        summary=(Passage(WORDS[:300]),),
        lines=tuple(CardLine(text=f"Field {n}: {' → '.join(sides)}") for n in range(4)),
        notes=("Only the newest 2,000 candidates were tried. " * 3, "Noisy: more than 20 a day."),
        buttons=tuple(
            Button(action=action, label=label, target="a" * 26)
            for action, label in (
                (Action.SAVE, "Save"), (Action.FORM, "Edit"), (Action.TRIAL, "Save as trial")
            )
        ),
    )  # fmt: skip


CARDS = {
    "a backtest": (
        a_backtest(),
        [*(title[:30] for title in TITLES), "Field 0", "Field 3", "Noisy"],
    ),
    "a page of articles": (items(5), [title[:30] for title in TITLES]),
    "a page of a list": (lines(PAGE_LINES, LONGEST_LINE), [f"{n:03}" for n in range(PAGE_LINES)]),
    "a tree of clauses": (
        lines(MOST_LINES, LONGEST_CLAUSE),
        [f"{n:03}" for n in range(MOST_LINES)],
    ),
}


@pytest.mark.parametrize("name", CARDS)
def test_slack_shows_the_largest_answers_whole(name: str) -> None:
    """All items, lines and buttons stand in the blocks, within what Slack takes."""
    card, said = CARDS[name]

    blocks = json.dumps(slack.layout(card).blocks, ensure_ascii=False)

    assert len(blocks) <= slack.BLOCKS_LENGTH
    assert [each for each in said if each not in blocks] == []
    assert all(button.label in blocks for button in card.buttons)


@pytest.mark.parametrize("name", CARDS)
def test_discord_shows_the_largest_answers_whole(name: str) -> None:
    """All items, lines and buttons stand in the message, within what Discord takes."""
    card, said = CARDS[name]

    shown = discord.render(card)

    assert shown.embed is not None
    words = shown.embed.description
    parts = (shown.embed.title, words, shown.embed.author, shown.embed.footer)
    assert sum(map(utf16_length, parts)) <= discord.EMBED_SUM
    assert [each for each in said if each not in words] == []
    assert [press.label for press in shown.buttons] == [one.label for one in card.buttons]

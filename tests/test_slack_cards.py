"""Cards as Slack shows them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Action, Button, Card, CardItem, CardLine, Passage, Span, Urgency
from bot.text import safe_link
from handlers.slack.cards import BUTTONS, LINES, Layout, layout
from handlers.slack.rich import MARKS, PASSAGE_LENGTH
from tests.contracts.chat import CARD, HOSTILE, HOSTILE_URLS, everywhere
from tests.emulators.slack_reader import Reading, notification, read
from tests.emulators.slack_schema import block_problems, limit_problems

CASES = sorted((Path(__file__).parent / "cases" / "slack").glob("*.json"))


def card_of(given: dict[str, Any]) -> Card:
    """Read a card as the case files write it: like the type, marked words between ‹ and ›."""
    fields = dict(given)
    if "published_at" in fields:
        fields["published_at"] = datetime.fromisoformat(fields["published_at"])
    fields["urgency"] = Urgency(fields.get("urgency", "now"))
    fields["summary"] = tuple(passage_of(text) for text in fields.get("summary", ()))
    fields["items"] = tuple(item_of(item) for item in fields.get("items", ()))
    fields["lines"] = tuple(CardLine(**line) for line in fields.get("lines", ()))
    fields["buttons"] = tuple(
        Button(action=Action(button["action"]), label=button["label"], target=button["target"])
        for button in fields.get("buttons", ())
    )
    for name in ("why", "notes"):
        fields[name] = tuple(fields.get(name, ()))
    return Card(**fields)


def item_of(given: dict[str, Any]) -> CardItem:
    """Read a found article as the case files write it."""
    at, said = given.get("published_at"), given.get("passage")
    more = {
        "published_at": datetime.fromisoformat(at) if at else None,
        "passage": passage_of(said) if said else None,
    }
    return CardItem(**(given | more))


def passage_of(marked: str) -> Passage:
    """Read a passage, its marked words between ‹ and ›."""
    text, marks, start = "", [], 0
    for character in marked:
        if character == "‹":
            start = len(text)
        elif character == "›":
            marks.append(Span(start, len(text)))
        else:
            text += character
    return Passage(text, tuple(marks))


def seen(card: Card, *, plain: bool = False) -> Reading:
    """Return what a person sees of the card."""
    return read(*layout(card, plain=plain))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_cards_are_laid_out_as_the_cases_say(path: Path) -> None:
    """Each case file holds a card and the very message that Slack gets."""
    case = json.loads(path.read_text())

    got = layout(card_of(case["card"]), plain=case.get("plain", False))

    assert Layout(case["text"], case["blocks"]) == got


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_slack_would_take_every_case(path: Path) -> None:
    """Every message of the cases keeps to Slack's types and limits."""
    case = json.loads(path.read_text())

    assert block_problems(case["blocks"]) == []
    assert limit_problems(case["text"], case["blocks"]) == []


def test_the_cases_cover_the_kinds_of_cards() -> None:
    """There is a case for each kind of card that is posted."""
    kinds = {
        "alert",
        "found",
        "follow-up",
        "digest",
        "critical",
        "teaser",
        "hostile",
        "plain",
        "why",
    }

    assert kinds <= {path.stem for path in CASES}


def test_the_title_links_and_names_where_it_leads() -> None:
    """The domain beside the title is the link's own, whatever the card says."""
    reading = seen(replace(CARD, lines=(), domain="bank.example.com"))

    assert reading.links == [(CARD.url, CARD.title)]
    assert "example.org" in reading.words
    assert "bank.example.com" not in reading.words


@pytest.mark.parametrize("length", [20, 90, 400])
def test_every_rule_up_to_four_is_named(length: int) -> None:
    """A long reason hides no other, and what is left out is counted."""
    why = tuple(f"rule-{number}: {'word ' * (length // 5)}" for number in range(10))

    words = seen(replace(CARD, why=why)).words

    assert [f"rule-{number}:" in words for number in range(5)] == [True] * 4 + [False]
    assert "and 6 more" in words


def test_the_matched_words_are_bold() -> None:
    """Exactly the marked words of the summary stand out, beside the title."""
    assert seen(CARD).bold == ["red line"]


def test_marks_of_uncleaned_text_are_dropped() -> None:
    """Where a hidden character moved the words, no wrong word stands out."""
    card = replace(CARD, summary=(Passage("The \u202ered line", (Span(5, 13),)),))

    reading = seen(card)

    assert reading.bold == []
    assert "The red line" in reading.words


def test_marks_do_not_outlive_the_cut() -> None:
    """A passage that is cut keeps the marks that are still in it, and the cut is shown."""
    text = "red line " + "and so on " * 200 + "and on"
    card = replace(CARD, summary=(Passage(text, (Span(0, 8), Span(1_500, 1_503))),))

    reading = seen(card)

    assert reading.bold == ["red line"]
    assert "…" in reading.words
    assert len(layout(card).blocks[2]["elements"][0]["elements"][1]["text"]) <= PASSAGE_LENGTH


def test_the_sign_of_a_cut_is_never_bold() -> None:
    """A mark over all of a passage that is cut ends where its words end."""
    text = "and so on " * 200
    card = replace(CARD, summary=(Passage(text.strip(), (Span(0, len(text)),)),))

    assert seen(card).bold[0].endswith("so on")


def test_a_passage_in_shreds_keeps_its_first_marks() -> None:
    """However many words match, a passage stays one that Slack takes."""
    marks = tuple(Span(at, at + 1) for at in range(0, 297, 3))
    card = replace(CARD, summary=(Passage("ab " * 98 + "ab", marks),))

    assert seen(card).bold == ["a"] * MARKS


def test_a_time_is_shown_in_the_readers_zone() -> None:
    """Slack gets the second, and words for clients that cannot show it."""
    reading = seen(CARD)

    assert reading.dates == [str(int(datetime(2026, 3, 2, 8, 40, tzinfo=UTC).timestamp()))]
    assert "02 Mar 2026 08:40 UTC" in reading.words


def test_a_critical_card_says_so() -> None:
    """Urgency is seen in the channel and heard in the notification."""
    card = replace(CARD, urgency=Urgency.CRITICAL)

    assert seen(card).emoji == [":rotating_light:"]
    assert "Critical" in seen(card).words
    assert notification(layout(card).text).startswith("Critical: ")
    assert "Critical" not in seen(CARD).words


def test_a_long_list_says_how_much_it_leaves_out() -> None:
    """A digest of a hundred items is one message that says what is missing."""
    lines = tuple(CardLine(text=f"Item {n}", url=f"https://example.org/{n}") for n in range(100))

    reading = seen(Card(title="Digest", lines=lines))

    assert len(reading.links) == LINES[0]
    assert f"and {100 - LINES[0]} more" in reading.words


def test_headings_are_not_counted_among_what_is_left_out() -> None:
    """A digest says how many stories are missing, not how many lines."""
    group = [CardLine(text="rule", heading=True), *[CardLine(text="Item")] * 9]

    reading = seen(Card(title="Digest", lines=tuple(group * 4)))

    assert "and 15 more" in reading.words
    assert reading.bold.count("rule") == 3


@pytest.mark.parametrize(
    "filler", ["word ", "\U0001f6a8", "\U0001f468\u200d\U0001f469 ", "&<>", "漢"]
)
@pytest.mark.parametrize("plain", [False, True])
def test_every_limit_is_kept_however_it_is_counted(filler: str, plain: bool) -> None:
    """An emoji is two units where Slack counts as its clients do."""
    text, blocks = layout(everywhere(filler * 4_000), plain=plain)

    assert limit_problems(text, blocks) == []


def test_lines_give_way_before_the_message_is_too_long() -> None:
    """Long addresses cost lines, never the message."""
    url = "https://example.org/" + "a" * 1_900
    lines = tuple(CardLine(text="Item", url=f"{url}{n}") for n in range(20))
    text, blocks = layout(Card(title="Digest", url=url, lines=lines))

    assert limit_problems(text, blocks) == []
    assert 0 < len(read(text, blocks).links) < 20


def test_buttons_carry_their_action_and_target() -> None:
    """At most ten buttons, each once, named so that a press can be answered after a restart."""
    buttons = [Button(action=Action.WHY, label="Why", target=f"a{n % 12}") for n in range(24)]

    reading = seen(replace(CARD, buttons=tuple(buttons)))

    assert reading.buttons == [f"redline:why:a{n}" for n in range(BUTTONS)]


def test_a_button_that_slack_would_refuse_is_left_out() -> None:
    """A target that is too long costs its button and not the card."""
    button = Button(action=Action.WHY, label="Why", target="a" * 300)

    assert seen(replace(CARD, buttons=(button,))).buttons == []


def test_the_plain_form_has_nothing_to_refuse() -> None:
    """One section of plain text: no link, no button, no markup, and still everything to read."""
    text, blocks = layout(CARD, plain=True)
    reading = read(text, blocks)

    assert [block["type"] for block in blocks] == ["section"]
    assert (reading.links, reading.buttons, reading.bold) == ([], [], [])
    assert CARD.title in reading.words
    assert str(CARD.url) in reading.words


def test_the_notification_tells_the_story() -> None:
    """Who only hears the notification learns title, source, sentence and reason."""
    said = notification(layout(CARD).text)

    for words in (CARD.title, CARD.source, "red line, the minister", "Why: crossing-red-line"):
        assert words in said


# --- hostile text -----------------------------------------------------------------------------

PIECES = st.sampled_from(
    [*HOSTILE.values(), *HOSTILE_URLS.values(), "<", ">", "&", "|", "*", "_", "`", "@here", ":x:"]
)
HOSTILE_TEXT = st.lists(PIECES | st.text(max_size=30), max_size=6).map("".join)
SPANS = st.tuples(st.integers(-5, 300), st.integers(-5, 300)).map(lambda pair: Span(*pair))


@st.composite
def hostile_cards(draw: st.DrawFn) -> Card:
    """Draw a card with hostile words in every place that holds words."""
    text, url = draw(HOSTILE_TEXT), draw(HOSTILE_TEXT | st.just(CARD.url))
    card = everywhere(text)
    passage = Passage(text, tuple(draw(st.lists(SPANS, max_size=30))))
    return replace(card, url=url, urgency=draw(st.sampled_from(Urgency)), summary=(passage,))


@given(card=hostile_cards(), plain=st.booleans())
def test_hostile_text_is_never_alive(card: Card, plain: bool) -> None:
    """Nothing from a feed can ping, format, turn into an emoji, or link but to the card's own."""
    text, blocks = layout(card, plain=plain)
    reading = read(text, blocks)
    own = {safe_link(url) for url in (card.url, *(line.url for line in card.lines)) if url}

    assert reading.mentions == []
    assert reading.formatted == []
    assert {url for url, _ in reading.links} <= own
    assert set(reading.emoji) <= {":rotating_light:"}
    assert limit_problems(text, blocks) == []


@settings(max_examples=30)
@given(text=HOSTILE_TEXT)
def test_no_character_can_turn_around_or_hide(text: str) -> None:
    """Bidi controls, tags and control characters do not reach Slack."""
    shown = json.dumps(layout(everywhere(text)), ensure_ascii=False)

    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    )
    assert not [character for character in shown if character < " "]


@given(marks=st.lists(SPANS, max_size=60))
def test_marks_never_change_the_words(marks: list[Span]) -> None:
    """Whatever is marked, the words of a passage are all there, in order, and few are elements."""
    words = "The crossing is a red line, the minister said on Monday. " * 4
    card = Card(title="t", summary=(Passage(words.strip(), tuple(marks)),))
    elements = layout(card).blocks[1]["elements"][0]["elements"]

    assert "".join(element["text"] for element in elements) == words.strip()
    assert len(elements) <= 2 * MARKS + 1


@pytest.mark.shared
@settings(max_examples=30)
@given(card=hostile_cards())
def test_slacks_own_types_take_hostile_cards(shared: Path, card: Card) -> None:
    """The blocks of any card keep to the types that Slack publishes."""
    assert block_problems(layout(card).blocks) == []

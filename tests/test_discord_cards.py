"""Cards on Discord: what is shown, what never works, and what always fits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Action, Button, Card, CardItem, CardLine, Passage, Span, Urgency
from bot.text import one_line
from handlers.discord import cards, markdown
from handlers.discord.view import embed_of
from tests.contracts.chat import HOSTILE, everywhere, key_of
from tests.emulators.discord_reader import read, read_message, read_title
from tests.emulators.discord_schema import limits

CASES = sorted((Path(__file__).parent / "cases" / "discord").glob("*.json"))
KEY = key_of(7)


# --- cases ------------------------------------------------------------------------------------


def card_of(written: dict[str, Any]) -> Card:
    """Read a card from a case file."""
    published = written.get("published_at")
    fields = {
        "published_at": datetime.fromisoformat(published) if published else None,
        "urgency": Urgency(written.get("urgency", "now")),
        "summary": tuple(map(passage_of, written.get("summary", ()))),
        "why": tuple(written.get("why", ())),
        "notes": tuple(written.get("notes", ())),
        "items": tuple(map(item_of, written.get("items", ()))),
        "lines": tuple(CardLine(**line) for line in written.get("lines", ())),
        "buttons": tuple(
            Button(action=Action(button["action"]), label=button["label"], target=button["target"])
            for button in written.get("buttons", ())
        ),
    }
    return Card(**(written | fields))


def passage_of(written: dict[str, Any]) -> Passage:
    """Read a passage from a case file."""
    return Passage(written["text"], tuple(Span(*mark) for mark in written.get("marks", ())))


def item_of(written: dict[str, Any]) -> CardItem:
    """Read a found article from a case file."""
    published, passage = written.get("published_at"), written.get("passage")
    read_ = {
        "published_at": datetime.fromisoformat(published) if published else None,
        "passage": passage_of(passage) if passage else None,
    }
    return CardItem(**(written | read_))


def payload(shown: cards.Rendered) -> dict[str, Any]:
    """Write a message as Discord gets it."""
    buttons = [{"custom_id": press.custom_id, "label": press.label} for press in shown.buttons]
    said: dict[str, Any] = {"buttons": buttons}
    if shown.content is not None:
        said["content"] = shown.content
    if shown.embed:
        embed = embed_of(shown.embed).to_dict()
        said["embed"] = {key: embed[key] for key in embed if key not in {"type", "flags"}}  # type: ignore[literal-required]  # the keys are the embed's own
    return said


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_card_is_laid_out_as_its_case_says(path: Path) -> None:
    """Each case is a card beside the message that Discord gets."""
    case = json.loads(path.read_text(encoding="utf-8"))
    shown = cards.render(card_of(case["card"]), key=case["key"], plain=case.get("plain", False))

    assert case["payload"] == payload(shown)


def test_there_are_cases() -> None:
    """The cases are found where they are looked for."""
    assert {path.stem for path in CASES} >= {
        "critical",
        "digest",
        "follow-up",
        "found",
        "full-alert",
        "hostile",
        "plain",
        "teaser-note",
        "why",
    }


# --- what always holds ------------------------------------------------------------------------

SIGNS = "\\*_~`|<>[]()#@:/!+-.^{}=&%$\"' \n\t"
WORDS = [
    *("a", "red line", "**", "__", "||", "```", "> ", ">>> ", "# ", "-# ", "- ", "1. ", "1) "),
    *("https://evil.example.net", "[x](https://evil.example.net)", "<https://evil.example.net>"),
    *("](https://evil.example.net)", "[", "<t:0:R>", "<@1>", "<@&1>", "<#1>", "@everyone", "@here"),
    *(":skull:", "<:x:1>", "</cmd:1>", "<id:home>", "discord.gg/abc", "\\", "\u202e", "\u200b"),
    *("\U0001f468\u200d\U0001f469", "e\u0301", "é", "漢", "\n", " "),
]
hostile_texts = st.one_of(
    st.text(max_size=60),
    st.text(SIGNS + "ab1é", max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=12).map("".join),
    st.sampled_from(sorted(text for text in HOSTILE.values() if len(text) < 200)),
)
marked_passages = st.builds(
    Passage,
    hostile_texts,
    st.lists(st.builds(Span, st.integers(-3, 60), st.integers(-3, 60)), max_size=6).map(tuple),
)
ids = st.sampled_from(
    [(), ("1200000000000000003",) * 12, ("@everyone", "1200000000000000003"), ("U012> <@1",)]
)
named_lines = st.builds(
    CardLine,
    text=hostile_texts,
    url=st.one_of(st.none(), st.just("https://news.example.org/a"), hostile_texts),
    domain=hostile_texts,
    users=ids,
    channels=ids,
)
NAMED = {"<@1200000000000000003>", "<#1200000000000000003>"}
whole_cards = st.builds(
    Card,
    title=hostile_texts,
    url=st.one_of(st.none(), hostile_texts, st.just("https://news.example.org/a(b)")),
    source=hostile_texts,
    domain=hostile_texts,
    status=hostile_texts,
    urgency=st.sampled_from(Urgency),
    summary=st.lists(marked_passages, max_size=5).map(tuple),
    items=st.lists(
        st.builds(
            CardItem,
            title=hostile_texts,
            url=st.one_of(st.none(), st.just("https://news.example.org/b"), hostile_texts),
            source=hostile_texts,
            domain=hostile_texts,
            published_at=st.none() | st.just(datetime(2026, 3, 2, tzinfo=UTC)),
            passage=st.none() | marked_passages,
        ),
        max_size=6,
    ).map(tuple),
    why=st.lists(hostile_texts, max_size=6).map(tuple),
    notes=st.lists(hostile_texts, max_size=6).map(tuple),
    lines=st.lists(named_lines, max_size=8).map(tuple),
    buttons=st.lists(
        st.builds(
            Button,
            action=st.just(Action.WHY),
            label=hostile_texts,
            target=st.one_of(st.text("ab27", max_size=45), hostile_texts),
            main=st.booleans(),
            danger=st.booleans(),
        ),
        max_size=7,
    ).map(tuple),
    marks=st.lists(named_lines, max_size=4).map(tuple),
)
OUR_BLOCKS = {"quote", "list", "small"}


def message_of(card: Card, *, plain: bool = False) -> dict[str, Any]:
    """Write a message as it is kept by Discord."""
    shown = cards.render(card, key=KEY, plain=plain)
    buttons = [{"custom_id": press.custom_id, "label": press.label} for press in shown.buttons]
    rows = [
        {"type": 1, "components": buttons[first : first + 5]} for first in range(0, len(buttons), 5)
    ]
    return {
        "content": shown.content or "",
        "embeds": [embed_of(shown.embed).to_dict()] if shown.embed else [],
        "components": rows,
    }


@given(hostile_texts)
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    """Whatever a text is, a reader sees exactly it: no format, no link, no mention, no block."""
    clean = one_line(text)
    seen = read(markdown.escape(clean))

    assert seen.text == clean
    assert not seen.bold
    assert not seen.links
    assert not seen.addresses
    assert not seen.mentions
    assert not seen.formats
    assert not seen.blocks
    assert not seen.invitations


@given(hostile_texts)
def test_a_title_is_shown_as_it_is(text: str) -> None:
    """Discord reads markdown in titles of embeds: they are escaped as well."""
    clean = one_line(text)
    seen = read_title(markdown.escape(clean))

    assert seen.text == clean
    assert not seen.bold
    assert not seen.links
    assert not seen.addresses
    assert not seen.mentions
    assert not seen.formats


@given(hostile_texts, hostile_texts, hostile_texts)
def test_matched_words_are_bold_whatever_stands_beside_them(
    before: str, words: str, after: str
) -> None:
    """The bold words are the matched ones, and the sentence reads as it was written."""
    text = one_line(before + words + after)
    start = min(len(one_line(before)), len(text))
    span = Span(start, min(start + len(words), len(text)))
    seen = read(markdown.mark(Passage(text, (span,)), 10_000))
    marked = text[span.start : span.end].strip()

    assert seen.text == text
    assert seen.bold == ([marked] if marked else [])
    assert not seen.links
    assert not seen.addresses
    assert not seen.mentions
    assert not seen.formats
    assert not seen.blocks


@given(hostile_texts, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8))
def test_any_marks_are_bold_where_they_are(text: str, marks: list[tuple[int, int]]) -> None:
    """Overlapping, touching and senseless marks make all their words bold and nothing else."""
    clean = one_line(text)
    seen = read(markdown.mark(Passage(clean, tuple(Span(*mark) for mark in marks)), 10_000))
    covered = {at for start, end in marks for at in range(start, min(end, len(clean)))}

    assert seen.text == clean
    bold = "".join(seen.bold).replace(" ", "")
    assert bold == "".join(clean[at] for at in sorted(covered)).replace(" ", "")


@given(hostile_texts, hostile_texts)
def test_a_link_leads_where_we_say(label: str, below: str) -> None:
    """A masked link has our label and our address, whatever stands in it and after it."""
    url = "https://news.example.org/a(b)c"
    line = f"{markdown.link(one_line(label) or 'x', url)} {markdown.escape_below_link(below)}"
    seen = read(line.replace("\n", " "))

    assert [target for _, target in seen.links] == ["https://news.example.org/a%28b%29c"]
    assert not seen.addresses
    assert not seen.mentions
    assert not seen.formats


@settings(max_examples=100)
@given(whole_cards, st.booleans())
def test_nothing_from_a_feed_works(card: Card, plain: bool) -> None:
    """No card pings, formats, invites, or leads anywhere but to the links that it was given."""
    seen = read_message(message_of(card, plain=plain))

    assert set(seen.mentions) <= NAMED
    times = sum(item.published_at is not None for item in card.items)
    assert set(seen.formats) <= {"time"}
    assert len(seen.formats) <= times
    assert not seen.invitations
    assert set(seen.blocks) <= OUR_BLOCKS
    assert not [url for _, url in seen.links if not url.startswith(("https://", "http://"))]
    listed = {line.url for line in card.lines} | {item.url for item in card.items}
    given_urls = {card.url, *listed}
    assert len({url for _, url in seen.links}) <= len(given_urls - {None})


@settings(max_examples=40)
@given(whole_cards, st.booleans(), st.sampled_from(["x", "*", "\U00010348", "a b. ", "[y](z)"]))
def test_every_card_fits(card: Card, plain: bool, filler: str) -> None:
    """Whatever a card holds, its message keeps every limit of Discord and can be found."""
    for big in (card, everywhere((card.title[:20] + filler) * 400)):
        message = message_of(big, plain=plain)
        rows = message["components"]
        custom_ids = [item["custom_id"] for row in rows for item in row["components"]]

        assert list(limits(message)) == []
        assert 1 <= len(custom_ids) <= 25
        assert all(cards.carries(custom_id, KEY) for custom_id in custom_ids)
        assert len(message["content"]) + len(message["embeds"]) > 0


def test_a_digest_says_what_it_leaves_out() -> None:
    """A list that is too long ends with the number of lines that are not shown."""
    lines = tuple(
        CardLine(text=f"Story {number} of a long day", url=f"https://example.org/{number}")
        for number in range(500)
    )
    embed = cards.render(Card(title="Digest", lines=lines)).embed
    assert embed is not None
    shown = embed.description.split("\n")

    assert shown[-1] == f"- and {500 - (len(shown) - 1)} more"
    assert len(shown) > 50


def test_headings_are_not_counted_among_what_is_left_out() -> None:
    """A list says how many stories are missing, not how many lines."""
    group = [CardLine(text="rule", heading=True), *[CardLine(text="Item" * 40)] * 9]
    embed = cards.render(Card(title="Digest", lines=tuple(group * 10))).embed
    assert embed is not None
    shown = embed.description.split("\n")
    stories = [line for line in shown if line.startswith("- Item")]

    assert shown[0] == "**rule**"
    assert shown[-1] == f"- and {90 - len(stories)} more"


def test_a_long_source_cannot_push_the_site_out() -> None:
    """The site behind the link is named however long the publisher calls itself."""
    card = Card(title="x", source="Courier " * 90, domain="courier.example", status="updated")
    embed = cards.render(card).embed

    assert embed is not None
    assert embed.footer.endswith("… · courier.example · updated")


def test_a_shortened_sentence_keeps_its_marks() -> None:
    """Marks before the cut stay bold, those behind it vanish with their words."""
    text = "The red line was named. " + "Much more was said about it. " * 100
    seen = read(markdown.mark(Passage(text, (Span(4, 12), Span(2_000, 2_010))), 300))

    assert seen.bold == ["red line"]
    assert seen.text.endswith("…")


def test_marks_of_raw_text_move_with_it() -> None:
    """Where the text is cleaned, the marks stay on their words."""
    raw = "Ministers\n named a\u202e red   line\ttoday."
    start = raw.index("red")
    seen = read(markdown.mark(Passage(raw, (Span(start, start + len("red   line")),)), 300))

    assert seen.text == "Ministers named a red line today."
    assert seen.bold == ["red line"]


@pytest.mark.parametrize(
    ("custom_id", "carried"),
    [
        (f"redline:why:{KEY}", True),
        (f"redline:why:aaaa:{KEY}", True),
        (f"redline:why:{KEY}:aaaa", False),
        (f"redline:why:{KEY}x", False),
        (f"other:why:{KEY}", False),
        ("", False),
    ],
)
def test_a_mark_is_the_whole_key(custom_id: str, carried: bool) -> None:
    """A message is marked by its key alone, not by a part of it nor by another's."""
    assert cards.carries(custom_id, KEY) is carried


def test_a_custom_id_always_fits() -> None:
    """The longest action, target and key stay within Discord's 100 characters."""
    longest = max(len(action.value) for action in Action)

    assert len("redline::") + longest + 55 + 1 + 25 <= cards.CUSTOM_ID

"""Pictures of cards: they show what the adapters made, and nothing in them does anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.model import (
    Action,
    Button,
    Card,
    CardItem,
    CardLine,
    ChannelRef,
    Choice,
    Document,
    FieldKind,
    Form,
    FormField,
    Picture,
    Post,
    Urgency,
)
from bot.text import one_line
from handlers.discord.cards import render
from handlers.slack.cards import layout
from tests.contracts.chat import HOSTILE, everywhere
from tests.emulators.discord_reader import read_title
from tests.emulators.slack_reader import read
from tests.pictures import __main__, asked, discord, slack, terminal
from tests.pictures.asked import DISCORD, SLACK, Drawn
from tests.pictures.chromium import NoPictureError, chromium
from tests.pictures.gallery import gallery
from tests.pictures.markup import Html, joined, tag
from tests.pictures.page import page
from tests.pictures.people import ANNA, BEN, CHANNELS, DESK
from tests.pictures.scenes import BEGAN, Scene, scenes

HOUSE = Path(__file__).parents[1]
PAGES = [HOUSE / "README.md", *sorted((HOUSE / "docs").rglob("*.md"))]
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)|<img[^>]*src=\"([^\"]+)\"|srcset=\"([^\"]+)\"")
PAGE = {"html", "head", "meta", "title", "style", "body", "script", "section"}
TEXT = {"div", "span", "blockquote", "ul", "li", "pre", "code", "b", "u", "i", "s"}


class Elements(HTMLParser):
    """What a browser would make of a page: elements with their attributes, and the words."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"


async def drawings(card: Card) -> dict[str, Html]:
    """The card on all three platforms."""
    post = Post(key="k", channel=ChannelRef("console", "terminal"), card=card)
    return {
        "slack": slack.message(layout(card), BEGAN),
        "slack plain": slack.message(layout(card, plain=True), BEGAN),
        "discord": discord.message(render(card, key="k"), BEGAN),
        "discord plain": discord.message(render(card, plain=True), BEGAN),
        "console": await terminal.screen([post]),
    }


def squeezed(words: str) -> str:
    """Words alone, however they are broken into lines."""
    return re.sub(r"[\s│┃]+", "", words)


# --- what they show ---------------------------------------------------------------------------


async def test_every_card_is_drawn_for_every_platform() -> None:
    """All kinds of cards can be drawn, and each drawing shows the card's title."""
    for scene in scenes().values():
        for drawing in (await drawings(scene.card)).values():
            assert squeezed(scene.card.title) in squeezed(Elements(drawing).words)


def test_the_cards_are_of_all_kinds() -> None:
    """A first alert for two rules, its follow-up, a critical one, a digest, a note, an answer."""
    made = scenes()

    assert [len(made["alert"].card.why), made["follow-up"].card.status] == [2, "updated"]
    assert made["critical"].card.urgency is Urgency.CRITICAL
    assert made["digest"].card.lines[0].heading
    assert "paywall" in made["teaser"].card.notes[0]
    assert made["why"].card.title == "Why this alert"


def test_the_first_card_reads_well() -> None:
    """The first sentence of the first picture proves both rules, with the words marked."""
    (first, lead) = scenes()["alert"].card.summary
    marked = [first.text[mark.start : mark.end] for mark in first.marks]

    assert {"red line", "Port Avel", "Tomas Varga"} <= set(marked)
    assert lead.text.startswith("Prime Minister Ilse Marten said")


@pytest.mark.parametrize("scene", scenes().values(), ids=lambda scene: scene.name)
def test_a_drawing_says_what_slack_would_say(scene: Scene) -> None:
    """The words of the picture are those that the reader of Slack's messages finds, and no others.

    The time is shown in the reader's own way, so it is left out.
    """
    shown = layout(replace(scene.card, published_at=None))
    drawn = Elements(slack.message(shown, BEGAN)).words
    buttons = "".join(button.label for button in scene.card.buttons)

    assert squeezed(drawn) == squeezed(f"rRedlineAPP10:42AM{read(*shown).words}{buttons}")


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_drawing_formats_what_discord_would_format(name: str) -> None:
    """Text from outside is drawn by the grammar of Discord, not as we would wish it."""
    text = one_line(HOSTILE[name])[:200]

    drawn = Elements(tag("div", discord.markdown(f"x{text}")))

    assert ("b" in [each for each, _ in drawn.found]) == bool(read_title(f"x{text}").bold)


@pytest.mark.parametrize("on", [SLACK, DISCORD], ids=lambda on: on.platform)
def test_people_and_channels_have_their_names(on: Drawn) -> None:
    """A picture shows names where a message has ids."""
    users = tuple(person.ids[on.platform] for person in (ANNA, BEN))
    line = CardLine(text="By", users=users, channels=(CHANNELS[on.platform][DESK],))
    drawn = Elements(on.card(Card(title="Marked", lines=(line,), marks=(line,)))).words

    assert [drawn.count(name) for name in ("@Anna Kowal", "@Ben Osei", "#policy-desk")] == [2, 2, 2]


@pytest.mark.parametrize("on", [SLACK, DISCORD], ids=lambda on: on.platform)
def test_every_kind_of_field_is_drawn_with_what_it_holds(on: Drawn) -> None:
    """Values, choices and channels stand in the form, and a mistake at its field."""
    drawn = Elements(on.form(form_of_every_kind(on))).words
    said = ("A form", "About grain", "There is no such rule", "what it is", "Late", "#policy-desk")

    assert [words for words in said if words not in drawn] == []


def form_of_every_kind(on: Drawn) -> Form:
    """A form with all that people fill in, one of it mistaken."""
    kinds = {
        FieldKind.LINE: "About grain",
        FieldKind.NAME: "grain-rule",
        FieldKind.CHOICE: "late",
        FieldKind.CHANNELS: CHANNELS[on.platform][DESK],
    }
    fields = [
        FormField(
            name=kind.value,
            label=kind.value.capitalize(),
            kind=kind,
            values=(value,),
            help="what it is" if kind is FieldKind.LINE else "",
            choices=(Choice(value="soon", label="Soon"), Choice(value="late", label="Late")),
            mistake="There is no such rule" if kind is FieldKind.NAME else "",
        )
        for kind, value in kinds.items()
    ]
    return Form(name="any", title="A form", fields=tuple(fields), draft="d")


@pytest.mark.parametrize("on", [SLACK, DISCORD], ids=lambda on: on.platform)
def test_buttons_look_as_what_they_do(on: Drawn) -> None:
    """The probable one and the one that destroys stand out."""
    buttons = (
        Button(action=Action.SAVE, label="Save", target="d", main=True),
        Button(action=Action.CONFIRM, label="Delete", target="d", danger=True),
        Button(action=Action.FORM, label="Edit", target="d"),
    )
    drawn = Elements(on.card(Card(title="Sure?", buttons=buttons)))
    classes = [found.get("class") or "" for _, found in drawn.found]
    looks = [each for each in classes if each.startswith("button")]

    assert looks == ["button primary", "button danger", "button"]


@pytest.mark.parametrize("on", [SLACK, DISCORD], ids=lambda on: on.platform)
def test_a_picture_on_a_card_stands_in_the_page_with_its_words(on: Drawn) -> None:
    """The page loads nothing: the picture is part of it, and its policy allows no other."""
    drawn = on.card(Card(title="Trend", picture=Picture(png=b"\x89PNG", alt="It rose")))
    (shown,) = [found for name, found in Elements(drawn).found if name == "img"]

    assert shown == {"src": "data:image/png;base64,iVBORw==", "alt": "It rose"}
    assert "img-src data:;" in page(drawn, theme="light")


@pytest.mark.parametrize(
    ("days", "said"), [(0, "Today 10:42 AM"), (1, "Yesterday 10:42 AM"), (4, "Feb 27 10:42 AM")]
)
def test_slack_says_how_long_ago_a_day_was(days: int, said: str) -> None:
    """What was found days ago does not seem to be of today."""
    item = CardItem(title="Old news", published_at=BEGAN - timedelta(days=days))
    drawn = Elements(slack.message(layout(Card(title="Found", items=(item,))), BEGAN))

    assert said in drawn.words


def test_discord_shows_code_as_it_stands() -> None:
    """Between fences nothing is read as markdown, and lines keep their columns."""
    drawn = Elements(discord.markdown("**Wrong**\n```\ngrain **AND\n      ^\n```\nTry again"))

    assert [name for name, _ in drawn.found] == ["div", "b", "pre", "div"]
    assert "grain **AND\n      ^" in drawn.words


def test_slack_draws_a_document() -> None:
    """A short file is shown where it is answered."""
    card = Card(title="Rules", document=Document(name="rules.yaml", text="- name: a\n  when: b"))

    assert "- name: a\n  when: b" in Elements(slack.message(layout(card), BEGAN)).words


async def test_what_people_ask_is_answered_by_the_desk() -> None:
    """The pictures hold what the real commands, presses and forms answer."""
    drawn = {name: Elements(shown).words for name, shown in (await asked.pages()).items()}
    said = {
        "rule": ("Expected a closing parenthesis", "Last 30 days: 8 articles", "Save as trial"),
        "alert-marks": ("@Clara Lind", "muted here until 3 Mar 18:48 UTC", "What is to be silent"),
        "home": ("Rules and their week", "Sources that ail", "Unmute Tariffs on grain"),
        "trend": ("47 articles in 30 days", "23 Feb to 1 Mar: 24 articles"),
        "feeds": ("2 feeds at ministry.example", "Newest, 3 h ago: Spring tide", "Undo"),
    }

    assert drawn.keys() == said.keys()
    for name, words in said.items():
        missing = [each for each in words if squeezed(drawn[name]).count(squeezed(each)) < 2]
        assert (name, missing) == (name, [])


async def test_pages_that_are_made_twice_are_the_same() -> None:
    """No id, no time of day and no chance is in a picture."""
    assert await gallery() == await gallery()


# --- what they do not do ----------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(HOSTILE))
async def test_nothing_in_a_hostile_card_is_live(name: str) -> None:
    """No publisher's text becomes an element, an address or a script of the page."""
    card = everywhere(HOSTILE[name])

    for drawing in (await drawings(card)).values():
        live = Elements(page(drawing, theme="light"))
        scripts = [attributes for each, attributes in live.found if each == "script"]
        assert {each for each, _ in live.found} <= PAGE | TEXT
        assert scripts == [{"nonce": "size"}]
        assert {key for _, attributes in live.found for key in attributes} <= {
            "class", "style", "nonce", "charset", "http-equiv", "content",
        }  # fmt: skip


def test_markup_is_text_unless_it_was_made_here() -> None:
    """Strings are escaped, in elements and in attributes; what `tag` made is not escaped again."""
    made = tag("b", "<i>", tag("u", "&"), title='"')

    assert made == '<b title="&quot;">&lt;i&gt;<u>&amp;</u></b>'
    assert joined("<", made).startswith("&lt;<b")


# --- the files --------------------------------------------------------------------------------


def images() -> Iterator[tuple[Path, Path]]:
    """Each page of the documentation with each picture of our own that it shows."""
    for written in PAGES:
        for found in IMAGE.finditer(written.read_text(encoding="utf-8")):
            address = next(filter(None, found.groups()))
            if "://" not in address:
                yield written, (written.parent / address).resolve()


def test_every_picture_that_is_referenced_exists() -> None:
    """README and the documentation show no broken picture."""
    shown = list(images())

    assert HOUSE / "docs" / "images" / "cards.png" in [picture for _, picture in shown]
    assert [(page.name, picture.name) for page, picture in shown if not picture.exists()] == []


async def test_every_picture_is_made_by_the_command() -> None:
    """`make pictures` makes exactly the pictures that there are, and they are small."""
    there = {path.stem: path.stat().st_size for path in __main__.IMAGES.glob("*.png")}

    assert there.keys() == (await gallery()).keys()
    assert max(there.values()) <= __main__.LARGEST


def test_without_chromium_the_command_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no browser is installed nothing is drawn, and the command says how to get one."""
    monkeypatch.setenv("PATH", "")

    assert __main__.main() == 1
    assert "Install it" in capsys.readouterr().err
    with pytest.raises(NoPictureError):
        chromium()

"""Pictures of cards: they show what the adapters made, and nothing in them does anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.model import Card, ChannelRef, Post, Urgency
from bot.text import one_line
from handlers.discord.cards import render
from handlers.slack.cards import layout
from tests.contracts.chat import HOSTILE, everywhere
from tests.emulators.discord_reader import read_title
from tests.emulators.slack_reader import read
from tests.pictures import __main__, discord, slack, terminal
from tests.pictures.chromium import NoPictureError, chromium
from tests.pictures.gallery import gallery
from tests.pictures.markup import Html, joined, tag
from tests.pictures.page import page
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

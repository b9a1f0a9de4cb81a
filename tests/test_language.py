"""The language of texts that name none, or the wrong one."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive import archived_of
from bot.articles import language as room
from bot.articles.detected import Detected
from bot.articles.extract import read_page
from bot.articles.language import Guess, guessed, settled
from bot.articles.read import FeedText, choose, read_entry
from bot.model import Entry

CASES = json.loads((Path(__file__).parent / "cases" / "articles" / "languages.json").read_text())
TEXTS: dict[str, str] = {case["language"]: case["text"] for case in CASES}


DETECTORS = ["cld3"] if sys.version_info >= (3, 14) else ["cld2", "cld3"]


@pytest.fixture(params=DETECTORS)
def detector(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every detector that this Python has; the service takes the first."""
    module = importlib.import_module(f"bot.articles.{request.param}")
    detected: Callable[[str], Detected | None] = module.detected
    monkeypatch.setattr(room, "detected", detected)


def test_the_service_takes_the_first_detector_that_there_is() -> None:
    """Where CLD2 has wheels it is asked, and CLD3 elsewhere."""
    assert vars(room)["detected"].__module__ == f"bot.articles.{DETECTORS[0]}"


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.usefixtures("detector")
def test_a_text_shows_its_language(language: str) -> None:
    """Three sentences are enough to tell the language, in any script."""
    found = guessed(TEXTS[language])

    assert found is not None
    assert found.language == language


@pytest.mark.parametrize("text", ["", "Oslo.", "Chelsea 2 Everton 1\n" * 3, "12 34 56 " * 100])
@pytest.mark.usefixtures("detector")
def test_too_little_shows_nothing(text: str) -> None:
    """A headline, a score or numbers have no language that could be told."""
    assert guessed(text) is None


@pytest.mark.usefixtures("detector")
def test_a_text_in_two_languages_has_none() -> None:
    """A text that is half in another language is not given the one of its first half."""
    both = f"{TEXTS['de'] * 4}\n\n{TEXTS['fr'] * 4}"

    assert guessed(both) is None


@pytest.mark.parametrize("name", DETECTORS)
@given(text=st.text(alphabet=st.characters(), max_size=600))
def test_any_text_has_a_language_or_none(name: str, text: str) -> None:
    """No text, however broken, stops the reading: not even half of a pair of surrogates."""
    found = importlib.import_module(f"bot.articles.{name}").detected(text)

    assert found is None or (found.code.isascii() and 0 <= found.share <= 100)
    assert guessed(text) is None or len(text) >= 40


def test_what_is_declared_stands() -> None:
    """A declared language keeps its region, and no short text contradicts it."""
    assert settled("pt-BR", Guess("pt", sure=True)) == "pt-BR"
    assert settled("fr", Guess("de", sure=False)) == "fr"
    assert settled("ar", None) == "ar"


@pytest.mark.parametrize(
    ("declared", "found"), [("no", "da"), ("nb", "no"), ("sr", "hr"), ("iw", "he"), ("id", "ms")]
)
def test_languages_that_are_alike_do_not_contradict_each_other(declared: str, found: str) -> None:
    """What is hard to tell apart is left as its publisher says."""
    assert settled(declared, Guess(found, sure=True)) == declared


def test_a_long_text_contradicts_a_template() -> None:
    """A site whose template says `en` everywhere is not believed about a long Ukrainian text."""
    long, short = guessed(TEXTS["uk"] * 3), guessed(TEXTS["uk"])

    assert settled("en", long) == "uk"
    assert settled("en", short) == "en"


def test_an_entry_without_a_language_gets_one() -> None:
    """The text of a feed shows its language where the feed names none."""
    entry = Entry(guid="1", link=None, title="Häfen", content=f"<p>{TEXTS['de']}</p>")

    assert choose(read_entry(entry), None).language == "de"


def test_a_page_is_believed_before_its_feed_is() -> None:
    """The page's own claim comes first, its text corrects it, and the feed comes last."""
    html = f"<html lang='en'><body><article><p>{TEXTS['fr']}</p></article></body></html>"
    page = read_page(html.encode(), "https://vale.example/1")
    teaser = FeedText(title="", text="Le gouvernement", teaser=True, language="it")

    assert (page.language, page.guess) == ("en", Guess("fr", sure=False))
    assert choose(teaser, page).language == "en"


def test_an_archive_shows_its_languages() -> None:
    """A line of an archive that names no language can still be found by `lang:`."""
    line = {"id": "1", "url": "https://vale.example/1", "title": "T", "text": TEXTS["he"]}
    line |= {"published": "2026-03-02T12:00:00Z", "source": "The Vale"}

    assert archived_of((1, json.dumps(line).encode())).article.language == "he"

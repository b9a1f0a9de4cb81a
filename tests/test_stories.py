"""Stories: which articles belong to one, and what is new in it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model import matched_sentences
from bot.stories.group import story_of
from bot.stories.update import new_sentences
from tests.build import NOON, a_match, an_article

UPDATES = sorted((Path(__file__).parent / "cases" / "updates").glob("*.json"))


def test_an_article_begins_a_story() -> None:
    """The first report of a development is its story's first article and title."""
    story = story_of(an_article(title="Ships turned back"), None, NOON)

    assert (story.title, story.article_ids, story.first_at) == ("Ships turned back", ("a1",), NOON)


def test_a_later_version_goes_on_with_the_story() -> None:
    """An update changes when the story was last reported, not when it began or who reports it."""
    later = NOON + timedelta(hours=1)
    story = story_of(an_article(), None, NOON)

    updated = story_of(an_article(version=2), story, later)

    assert (updated.article_ids, updated.first_at, updated.updated_at) == (("a1",), NOON, later)


def test_matched_sentences_stand_in_reading_order_and_once() -> None:
    """The title comes first, then the sentences of the text, each once."""
    article = an_article("Ships wait. A red line, a clear red line.", title="The red line")
    matches = [a_match(article, "clear"), a_match(article, "red line"), a_match(article, "The red")]

    assert matched_sentences(article, matches) == (
        "The red line",
        "A red line, a clear red line.",
    )


@pytest.mark.parametrize("path", UPDATES, ids=lambda path: path.stem)
def test_news_is_told_from_mended_sentences(path: Path) -> None:
    """A mended typo or figure is no news; a sentence that says something else is."""
    written: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))

    assert list(new_sentences(written["now"], written["told"])) == written["new"]

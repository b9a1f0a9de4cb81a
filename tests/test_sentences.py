"""Where the sentences of a text begin and end."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.articles.sentences import split
from bot.text import clean_text

CASES = Path(__file__).parent / "cases" / "sentences"


def hard_cases() -> list[tuple[str, str]]:
    """Read (language, line) from all case files; the file's name is the language."""
    return [
        (path.stem, line)
        for path in sorted(CASES.glob("*.txt"))
        for line in path.read_text().splitlines()
        if not line.startswith("#")
    ]


def sentences(text: str, language: str | None = "en") -> list[str]:
    """Split `text` and return the words of each sentence."""
    return [text[span.start : span.end] for span in split(text, language)]


@pytest.mark.parametrize(("language", "line"), hard_cases())
def test_sentences_end_where_a_reader_says(language: str, line: str) -> None:
    """Abbreviations, hours, initials, quotes and lists do not break a sentence, its end does."""
    expected = [sentence.strip() for sentence in line.split("‖")]
    text = line.replace(" ‖ ", " ").replace("‖", "")

    assert expected == sentences(text, language)


@pytest.mark.parametrize("opening", ["“", "(", "«"])
def test_what_is_never_closed_does_not_swallow_the_story(opening: str) -> None:
    """A quote or bracket that nobody closes leaves the sentences after it readable."""
    text = (
        f"She said: {opening}The line holds. "
        + "The envoys went on with their talks at noon. " * 40
    )

    assert max(map(len, sentences(text.strip()))) < 400


def test_there_are_enough_hard_cases() -> None:
    """At least eighty hard cases, in at least fifteen languages, are held against the splitter."""
    assert len(hard_cases()) >= 80
    assert len({language for language, _ in hard_cases()}) >= 15


PIECES = "Lt.|Gen.|“Stop|now!”|p.m.|Monday|U.S.|China|1.|…|.|(|。|é|😀|No.|10|?|He|left.|«|و|\n"
pieces = st.sampled_from(regex.split(r"\|", PIECES))
prose = st.lists(pieces).map(" ".join)


@given(st.one_of(prose, st.text()), st.sampled_from(["en", "de", "ar", "zh-Hans", "", "xx", None]))
def test_every_word_is_in_one_sentence(raw: str, language: str | None) -> None:
    """Spans are exact, ordered, trimmed, inside one paragraph, and leave out white space only."""
    text = clean_text(raw)
    spans = split(text, language)

    at = 0
    for start, end in spans:
        assert not text[at:start].strip()
        assert start < end
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        at = end
    assert not text[at:].strip()


@pytest.mark.timeout(10)
@pytest.mark.parametrize("bomb", ["“" * 300_000, "... " * 30_000, "Stop. Now " * 30_000])
def test_hostile_text_is_split_in_time(bomb: str) -> None:
    """Endless quotes and dots neither hang nor crash."""
    assert split(clean_text(bomb), "en")[-1].end == len(clean_text(bomb))


@pytest.mark.parametrize("language", [None, "EN", "en-US", "en_GB"])
def test_a_language_may_be_named_in_many_ways(language: str | None) -> None:
    """Regions and case of a language tag do not matter, and none means English."""
    assert sentences("Lt. Lee left. He ran.", language) == ["Lt. Lee left.", "He ran."]


def test_paragraphs_end_sentences() -> None:
    """A headline without a full stop does not run into the text below it."""
    text = "Envoys Draw a Line\nThe talks ended.\n\nThey failed"

    assert sentences(text) == ["Envoys Draw a Line", "The talks ended.", "They failed"]


@pytest.mark.shared
def test_real_articles_are_cut_into_readable_sentences(shared: Path) -> None:
    """Of real sentences hardly any ends in a title or begins in the middle."""
    with gzip.open(shared / "data" / "news-2016-2017.jsonl.gz", "rt") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(300), strict=False)]
    found = [sentence for text in texts for sentence in sentences(text)]

    torn = [sentence for sentence in found if sentence.endswith((" Lt.", " Gen.", " Sen.", " Mr."))]
    assert not torn
    assert sum(sentence[0].islower() for sentence in found) < 0.01 * len(found)
    assert 80 < sum(map(len, found)) / len(found) < 200

"""Folding: which words are the same, and which are not."""

from __future__ import annotations

import pytest

from bot.rules.fold import acronym, fold_letters, folded_words, singular


def _folded(text: str) -> str:
    return " ".join(word.chunk for word in folded_words(text)[1])


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("lines", "line"),
        ("policies", "policy"),
        ("crises", "crisis"),
        ("boxes", "box"),
        ("churches", "church"),
        ("vetoes", "veto"),
        ("movies", singular("movie")),
        ("women", "woman"),
        ("israelis", "israeli"),
        ("classes", "class"),
        ("ties", "tie"),
    ],
)
def test_a_plural_is_its_singular(word: str, same: str) -> None:
    """The plural of a word finds the word."""
    assert singular(word) == same


@pytest.mark.parametrize(
    "word", ["crisis", "news", "bus", "gas", "isis", "hamas", "its", "us", "press"]
)
def test_a_word_that_only_looks_like_a_plural_stays(word: str) -> None:
    """Words that end in s by nature are left alone."""
    assert singular(word) == word


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Façade", "facade"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Þingvellir", "thingvellir"),
        ("Ελλάδα", "ελλαδα"),
        ("МОЙ", "мой"),
        ("رَفَح", "رفح"),
        ("شָׁלוֹם", "شלום"),
        ("ﷺ"[:0] + "ＷＨＯ", "who"),
    ],
)
def test_letters_fold_to_what_people_type(written: str, folded: str) -> None:
    """Case, accents, points and full-width letters do not matter; й is no и."""
    assert fold_letters(written) == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("The “Red Lines”", "the red line"),
        ("red, line", "red ; line"),
        ("red. Line", "red ; line"),
        ("Gen. Ames of St. Louis", "gen ame of st louis"),
        ("the U.S. Navy", "the us navy"),
        ("J. Smith’s", "j smith"),
        ("32,000 at 4.5%", "32000 at 4.5"),
        ("one_two", "one two"),
        ("红线。", "红 线 ;"),
    ],
)
def test_text_folds_to_words_and_breaks(text: str, folded: str) -> None:
    """A phrase goes on over hyphens and quotes, and ends at commas and full stops."""
    assert _folded(text) == folded


@pytest.mark.parametrize(
    ("written", "capitals"),
    [
        ("WHO", "WHO"),
        ("U.S.", "US"),
        ("MPs", "MP"),
        ("UNESCO", ""),
        ("Who", ""),
        ("A", ""),
        ("G7", ""),
    ],
)
def test_two_to_five_capitals_are_an_acronym(written: str, capitals: str) -> None:
    """Acronyms are told apart from words; longer ones are words."""
    assert acronym(written) == capitals

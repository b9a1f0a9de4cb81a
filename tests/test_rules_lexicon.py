"""What is read piece by piece, each once, is what reading the whole text would say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Field
from bot.rules import lexicon
from bot.rules.fold import JOINS_NEXT, folded_words
from bot.rules.lexicon import Lexicon, read_tokens
from bot.rules.match import match_article
from bot.rules.normal import normalise
from tests.rules_desk import a_rule, an_article

_PIECES = (
    "red Line, line. U.S. J. Gen. Gen., (who) WHO “Red” \"red\" ' s’ don't it's O’Gorman 32,000 "
    "4.5% "
    "red-line red- -line red—line … • Straße Schröder 红线 在拉法红线， รา رَفَح, é e\u0301 "
    "\ufdfa _x_ "
    "\x00 \x01 \x01, a|b [red] MPs' x,y x,“y ,” \u200ered red\u00a0line \t \r\n"
)
PIECES = st.sampled_from([*_PIECES.split(" "), "", "\n", "\n\n", "。", "红" * 45])
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from([" ", " ", " ", "", "\n"])), max_size=14).map(
    lambda pieces: "".join(piece + behind for piece, behind in pieces)
)


@given(TEXTS)
def test_a_text_cut_at_its_spaces_has_the_words_of_the_text(text: str) -> None:
    """Words, their places and what follows them do not depend on how a text is cut up."""
    first, words = folded_words(text.replace("\x00", " ").replace("\x01", " "))

    tokens = read_tokens("", text)

    assert tokens.words == [word.word for word in words]
    starts = list(accumulate([word.length for word in words], initial=first))[:-1]
    assert tokens.starts.tolist() == starts
    widths = [word.width for word in words]
    assert (tokens.ends - tokens.starts).tolist() == widths
    flags = [word.flags for word in words]
    assert tokens.flags.tolist()[:-1] == flags[:-1]
    assert [flag | JOINS_NEXT for flag in tokens.flags.tolist()[-1:]] == [
        flag | JOINS_NEXT for flag in flags[-1:]
    ]


@given(TEXTS, TEXTS)
def test_the_words_of_title_and_text_are_placed_in_their_own_field(title: str, text: str) -> None:
    """The title's words come first, and each field's places begin at its own first character."""
    both, alone = read_tokens(title, text), read_tokens("", text)

    assert both.words[both.text_token :] == alone.words
    assert both.starts.tolist()[both.text_token :] == alone.starts.tolist()
    assert both.words[: both.text_token] == read_tokens("", title).words


@given(TEXTS, st.lists(PIECES, min_size=1, max_size=3).map(" ".join))
def test_occurrences_are_those_in_the_folded_text(text: str, sought: str) -> None:
    """Looking words up by number finds what searching the folded text finds, and nothing else."""
    _, words = folded_words(sought)
    phrase = f" {' '.join(word.word for word in words)} "
    normal = normalise(an_article(text, "A red line"))

    expected = list(normal._occurrences_in_folded(phrase))
    assert list(normal.occurrences(phrase)) == expected
    assert not expected or normal.begins(phrase)
    assert list(normal.occurrences(phrase)) == expected


def test_a_full_lexicon_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of the words of old articles is bounded, and old readings stay right."""
    monkeypatch.setattr(lexicon, "_LEXICON", Lexicon())
    monkeypatch.setattr(lexicon, "_MOST_PIECES", 50)
    kept = normalise(an_article("A red line was drawn."))

    for n in range(100):
        read_tokens("", f"word{n} other{n}")

    assert len(lexicon._LEXICON) <= 54
    assert kept.folded == " a red line was drawn | "
    rule = a_rule('"red line"')
    assert match_article([rule], an_article("The red line."))


def test_several_threads_read_with_one_lexicon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Articles that are read at the same time, with words new to all, are read right."""
    monkeypatch.setattr(lexicon, "_LEXICON", Lexicon())
    texts = [" ".join(f"w{n % 97}x{m % 89}, y" for m in range(300)) for n in range(40)]

    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda text: read_tokens("", text).words, texts))

    assert read == [[word.word for word in folded_words(text)[1]] for text in texts]


def test_evidence_of_a_title_is_its_own() -> None:
    """A word in the title is not taken for one of the text."""
    normal = normalise(an_article("line", "red"))

    assert list(normal.occurrences(" red line ")) == []
    assert normal.hit(0, 1).field is Field.TITLE


@pytest.mark.parametrize(
    ("text", "strands"),
    [
        ("Aid of WHO, then rest.", "aid of WHO |"),
        ("WHO in US", "WHO in us | WHO in US | who in US | WHO in US |"),
        ("A cease-fire now. Talks", "a ceasefire now |"),
        ("Herr Schröder", "herr schroeder |"),
        ("I don't know", ""),
    ],
)
def test_second_readings_stand_in_their_surroundings(text: str, strands: str) -> None:
    """A second reading is found with the words around it, and ends where its passage ends."""
    _, _, behind = normalise(an_article(text)).folded.partition(" | ")

    assert behind.strip(" ") == strands

"""What a card says of an article."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from bot.articles.sentences import split
from bot.model import Article, Evidence, Field, Match, Passage, Source, Span
from bot.summaries.cut import cut, ending
from bot.summaries.extract import MOST_WORDS, summarise
from bot.text import clean_text

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXT = (
    "Envoys met in Port Amal on Monday. The rain fell. A ground operation in Rafah would cross a"
    " “red line”, Oduya said. Rafah is quiet.\n\nThe talks go on in Rafah."
)


def article(text: str, title: str = "Envoys weigh a red line") -> Article:
    """Make an article that says `text`."""
    return Article(
        id="a", version=1, url="", link="", title=title,
        source=Source(feed_id="f", name="F", domain="f.example"),
        text=text, sentences=split(text, "en"), published_at=NOW, fetched_at=NOW,
    )  # fmt: skip


def found(text: str, *terms: str, clauses: tuple[tuple[str, ...], ...] = ()) -> Match:
    """Make a match with evidence for every place in `text` where a term stands."""
    evidence = tuple(
        Evidence(
            term=term, kind="keyword", field=Field.TEXT, sentence=None,
            start=place.start(), end=place.end(), text=place.group(),
        )
        for term in terms
        for place in regex.finditer(regex.escape(term), text)
    )  # fmt: skip
    return Match(rule="r", article_id="a", version=1, evidence=evidence, clauses=clauses)


def marked(passage: Passage) -> list[str]:
    """Return the words of a passage that stand out."""
    return [passage.text[start:end] for start, end in passage.marks]


def summary(text: str, *terms: str) -> tuple[Passage, ...]:
    """Summarise `text` for a rule whose terms these are."""
    return summarise(article(text), [found(text, *terms)])


def test_the_sentence_that_proves_it_comes_first() -> None:
    """The sentence with most of the matched words leads, and the first one follows."""
    first, lead = summary(TEXT, "red line", "Rafah")

    assert first.text == "A ground operation in Rafah would cross a “red line”, Oduya said."
    assert marked(first) == ["Rafah", "red line"]
    assert lead == Passage("Envoys met in Port Amal on Monday.")


def test_the_rarer_word_is_the_more_telling() -> None:
    """Of two sentences with one term each, that with the rarer one is shown."""
    text = "Rafah is quiet. Rafah is cold. Nobody crossed the red line. Rafah sleeps."

    assert summary(text, "Rafah", "red line")[0].text == "Nobody crossed the red line."


def test_of_equals_the_first_is_shown() -> None:
    """Of sentences that tell as much, the earlier one is shown."""
    assert summary("It rains. Rafah is quiet. Rafah is cold.", "Rafah")[0].text == "Rafah is quiet."


def test_a_lead_that_matched_is_not_repeated() -> None:
    """Where the first sentence is the one that matched, it stands alone."""
    assert [passage.text for passage in summary(TEXT, "Envoys")] == [
        "Envoys met in Port Amal on Monday."
    ]


def test_marks_stand_in_the_lead_too() -> None:
    """Every shown word that matched is marked."""
    first, lead = summary("Rafah sleeps. The red line in Rafah holds.", "Rafah", "red line")

    assert marked(first) == ["red line", "Rafah"]
    assert marked(lead) == ["Rafah"]


@pytest.mark.parametrize("field", [Field.TITLE, Field.SOURCE, Field.META])
def test_what_matched_outside_the_text_gets_the_lead(field: Field) -> None:
    """A match in the title or the source is shown with the first sentence, unmarked."""
    proof = Evidence(
        term="red line", kind="keyword", field=field, sentence=None, start=14, end=22, text="x"
    )
    match = Match(rule="r", article_id="a", version=1, evidence=(proof,))

    assert summarise(article(TEXT), [match]) == (Passage("Envoys met in Port Amal on Monday."),)


def test_without_text_there_is_nothing_to_say() -> None:
    """An article that is only a title has no summary."""
    assert summary("", "red line") == ()


def test_two_rules_share_one_summary() -> None:
    """What several rules found counts together, and marks that overlap become one."""
    matches = [found(TEXT, "red line"), found(TEXT, "“red line”", "Oduya"), found(TEXT, "Rafah")]
    first = summarise(article(TEXT), matches)[0]

    assert marked(first) == ["Rafah", "“red line”", "Oduya"]


def test_a_lead_that_does_not_fit_is_shortened() -> None:
    """Of a long lead the beginning is shown, up to the end of a clause."""
    lead = "Envoys of nine states met in Port Amal on Monday, the third time since the new year,"
    lead += " though few had thought that they would meet again so soon"
    text = (
        f"{lead}, and went on to {'talk and ' * 20}talk. Nobody {'ever ' * 20}crossed the red line."
    )

    first, shown = summary(text, "red line")

    assert first.text.endswith("the red line.")
    assert shown.text == f"{lead}…"


def test_a_stump_of_a_lead_is_left_out() -> None:
    """Where there is room for a few words only, the sentence that matched stands alone."""
    text = "It " + "rains and " * 20 + "rains. Nobody " + "ever " * 45 + "crossed the red line."

    assert [passage.text[-9:] for passage in summary(text, "red line")] == ["red line."]


@pytest.mark.parametrize(
    "above",
    [
        "Envoys weigh a “Red Line”",
        "Envoys Weigh a Red Line.",
        "By Ilva Oduya and Tom Marsh",
        "Ilva Oduya",
        "The Courier",
        "Minister Oduya at the harbour on Monday. (Reuters photo: T. Marsh)",
        "The harbour on Monday. T. Marsh/Getty Images",
        "Envoys shake hands in Port Amal. REUTERS/Tom Marsh",
        "Envoys shake hands. Photograph: Tom Marsh/AP",
        "FILE - In this March 6 photo, envoys shake hands.",
        "Enlarge this image Tom Marsh for The Courier",
        "This is a rush transcript. Copy may not be in its final form.",
        "Updated: 3 May, 10 a.m.",
        "Link Copied",
    ],
)
def test_what_stands_above_an_article_is_no_lead(above: str) -> None:
    """The title again, a byline, a caption or a heading is passed over."""
    text = f"{above}\n\nEnvoys met in Port Amal on Monday. They spoke of a red line."

    assert [passage.text for passage in summary(text, "spoke")] == [
        "They spoke of a red line.",
        "Envoys met in Port Amal on Monday.",
    ]


@pytest.mark.parametrize(
    "lead",
    [
        "“We met,” Oduya said, “in Port Amal.”",
        "PORT AMAL (Reuters) - Envoys met on Monday.",
        "Will they meet?",
        "外交官们会面了。",
        "التقى المبعوثون؟",
        "The photo of the year was taken here.",
    ],
)
def test_a_lead_may_look_like_anything(lead: str) -> None:
    """A quotation, an agency's dateline, a question, another script: the first sentence leads."""
    assert [passage.text for passage in summary(f"{lead}\n\nThey spoke.", "spoke")] == [
        "They spoke.",
        lead,
    ]


def test_where_nothing_is_a_sentence_the_first_line_leads() -> None:
    """A text of headings only still has a beginning."""
    assert [passage.text for passage in summary("Envoys\n\nMonday\n\nTalks", "Talks")] == [
        "Talks",
        "Envoys",
    ]


def test_the_sentence_of_more_clauses_is_shown() -> None:
    """Two words for one thing prove less than one word for each of two things."""
    text = "Rafah sleeps. Sarin and other gas was found. In Rafah gas was found. Rafah. Gas, gas!"
    match = found(text, "Rafah", "Sarin", "gas", clauses=(("Rafah",), ("Sarin", "gas")))

    assert summarise(article(text), [match])[0].text == "In Rafah gas was found."


def test_prose_proves_better_than_a_heading() -> None:
    """Of sentences that prove as much, one that tells something is shown."""
    text = "It rains.\n\nThe red line in Rafah\n\nThe red line runs through Rafah."

    assert summary(text, "red line", "Rafah")[0].text == "The red line runs through Rafah."


def test_the_same_sentence_is_not_shown_twice() -> None:
    """A lead that comes again further down, in other quotation marks, is shown once."""
    text = "“It rains”, he said. 'It rains', he said, and it did. \"It rains\", he said."

    assert len(summary(text, '"It rains"')) == 1


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a b c d e f g h, i j k l m.", "a b c d e f g h"),
        ("a b c d e f, g h i j k l m.", "a b c d e f, g h i j"),
        ("a b c d e f g h — i j k l m.", "a b c d e f g h"),
        ("a b c d e f g (h i), j k l m.", "a b c d e f g (h i)"),
        ("a b c d e f, “g h, i j k l” m.", "a b c d e f"),
        ('a b c d e f, "g h, i j k l" m.', "a b c d e f"),
        ("a b c d e f g h i the U.S. k l m.", "a b c d e f g h i the"),
        ("a b “c d e f g h i j k l” m.", "a b “c d e f g h i j"),
    ],
)
def test_a_sentence_is_cut_between_clauses(written: str, shown: str) -> None:
    """Rather than within a clause or a quotation it is cut before it, if that costs little."""
    assert written[: ending(written, Span(0, len(written)), 10)] == shown


def test_what_is_cut_keeps_its_marks() -> None:
    """Both ends move to clauses only as far as no marked word is lost."""
    text = "a b, c d e f, g h i j k l m n, o p q, r s t."
    marks = [Span(at, at + 1) for at in (text.index("d"), text.index("n"))]

    start, end = cut(text, Span(0, len(text)), marks, 13)

    assert text[start:end] == "c d e f, g h i j k l m n"


def test_a_sentence_that_is_too_long_is_cut_around_its_marks() -> None:
    """The matched words stay visible, and … stands for what is left out."""
    text = "It " + "rains " * 80 + "beyond the red line in Rafah " + "today " * 80 + "too."
    (passage,) = summary(text, "red line", "Rafah")

    assert marked(passage) == ["red line", "Rafah"]
    assert regex.fullmatch(r"…rains .* in Rafah…", passage.text)
    assert len(passage.text.split()) == MOST_WORDS


def test_a_long_sentence_is_shown_from_its_beginning_where_that_will_do() -> None:
    """Where the marks stand early, the beginning of the sentence is kept."""
    (passage,) = summary("The red line " + "holds " * 100 + "on.", "red line")

    assert passage.text.startswith("The red line holds")
    assert passage.text.endswith("holds…")


def test_unspaced_scripts_are_measured_too() -> None:
    """A sentence without spaces is cut as well."""
    text = "会" * 300 + "红线" + "谈" * 300
    (passage,) = summary(text, "红线")

    assert marked(passage) == ["红线"]
    assert len(passage.text) <= 2 * MOST_WORDS + 2


texts = st.lists(
    st.sampled_from(["Rafah", "red line", "the", "“No", "said.", "Lt.", "…", "红线", "é", "x" * 50])
    | st.just("\n"),
    max_size=300,
).map(lambda words: clean_text(" ".join(words)))


@given(texts, st.lists(st.tuples(st.integers(0, 400), st.integers(1, 40)), max_size=8))
@example("Rafah " * 200, [(0, 5), (1190, 5)])
def test_nothing_is_ever_invented(text: str, places: list[tuple[int, int]]) -> None:
    """Every passage is an exact span of the article, within the limit, with its marks inside."""
    evidence = tuple(
        Evidence(
            term=str(at % 3), kind="keyword", field=Field.TEXT, sentence=None,
            start=at, end=min(at + length, len(text)), text=text[at : at + length],
        )
        for at, length in places
        if at < len(text)
    )  # fmt: skip
    match = Match(rule="r", article_id="a", version=1, evidence=evidence)
    passages = summarise(article(text), [match])

    assert bool(passages) == bool(text)
    assert sum(len(passage.text.split()) for passage in passages) <= MOST_WORDS
    for passage in passages:
        shown = passage.text
        assert shown in text or shown.strip("…") in text
        assert all(0 <= start < end <= len(shown) for start, end in passage.marks)
        assert list(passage.marks) == sorted(passage.marks)
        assert all(
            any(words in proof.text or proof.text in words for proof in evidence)
            for words in marked(passage)
        )


def test_marks_are_half_open_and_relative() -> None:
    """Marks count characters of the passage, not of the article."""
    assert summary("It rains. See the red line.", "red line")[0].marks == (Span(8, 16),)


@pytest.mark.shared
def test_the_first_article_shows_its_red_line(shared: Path) -> None:
    """Of the article this was made for, the sentence with the red line is shown."""
    text = clean_text((shared / "data" / "articles" / "rafah-red-line.txt").read_text())
    first = summary(text, "red line", "Rafah", "Joe Biden")[0]

    assert "“red line” that President Joe Biden has recently" in first.text
    assert marked(first) == ["Rafah", "red line", "Joe Biden"]

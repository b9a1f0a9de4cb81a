"""Archives: files of articles, one JSON object a line."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot import archive
from bot.archive import STANDARD_INPUT, Archived, archived_of, lines_of, read_archive
from bot.errors import ParseError
from bot.model import DateFlag, Evidence, Field
from bot.text import clean_text, one_line

GIVEN: dict[str, Any] = {
    "id": "n1",
    "url": "https://www.courier.example/news/1?utm_source=x",
    "title": "A warning",
    "text": "Ships wait at Port Avel.\n\nA blockade is a “red line”, Marten said.",
    "published": "2026-03-02T12:00:00Z",
    "source": "The Courier",
    "ignored": 1,
}


def line(**fields: object) -> bytes:
    """A line of an archive; what is given as `...` is left out."""
    wanted = {name: value for name, value in (GIVEN | fields).items() if value is not ...}
    return json.dumps(wanted).encode()


def archived(**fields: object) -> Archived:
    """What such a line holds."""
    return archived_of((7, line(**fields)))


def test_a_line_of_an_archive_is_an_article() -> None:
    """Text is cleaned and split, the time is aware, the source has its domain."""
    article = archived().article

    assert (article.id, article.source.name, article.source.domain) == (
        "n1",
        "The Courier",
        "courier.example",
    )
    assert len(article.sentences) == 2
    assert article.published_at.isoformat() == "2026-03-02T12:00:00+00:00"
    assert article.date_flag is DateFlag.GIVEN


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-02", "2026-03-02T00:00:00+00:00"),
        ("2026-03-02 12:00:00", "2026-03-02T12:00:00+00:00"),
        (" 2026-03-02T12:00:00.5+02:00 ", "2026-03-02T12:00:00.500000+02:00"),
        ("Mon, 02 Mar 2026 12:00:00 GMT", "2026-03-02T12:00:00+00:00"),
        ("Mon, 02 Mar 2026 12:00:00 -0000", "2026-03-02T12:00:00+00:00"),
        (1772452800, "2026-03-02T12:00:00+00:00"),
        (1772452800.5, "2026-03-02T12:00:00.500000+00:00"),
        (1772452800000, "2026-03-02T12:00:00+00:00"),
        (0, "1970-01-01T00:00:00+00:00"),
        (-86400, "1969-12-31T00:00:00+00:00"),
    ],
)
def test_times_are_read_as_archives_write_them(written: object, read: str) -> None:
    """A day, a time with its zone or without, as in mail, in seconds or milliseconds since 1970."""
    assert archived(published=written).article.published_at.isoformat() == read


@pytest.mark.parametrize("missing", [..., None, ""])
def test_what_is_missing_is_done_without(missing: object) -> None:
    """An address, a source, a title, a date: an article can be judged without them."""
    fields = dict.fromkeys(("url", "source", "title", "published"), missing)
    latest = datetime(2026, 3, 1, tzinfo=UTC)

    article = archived_of((1, line(**fields)), latest).article

    assert (article.url, article.title, article.source.name) == ("", "", "")
    assert (article.published_at, article.date_flag) == (latest, DateFlag.MISSING)


def test_a_title_alone_is_an_article() -> None:
    """Headlines of which nobody kept the text can be judged."""
    article = archived(text=None).article

    assert (article.title, article.text, article.sentences) == ("A warning", "", ())


@pytest.mark.parametrize(
    ("source", "name"), [("The\nCourier ", "The Courier"), ("", "courier.example")]
)
def test_a_source_has_a_name(source: str, name: str) -> None:
    """Where it is not given it is the domain, as on a card."""
    assert archived(source=source).article.source.name == name


def test_ids_may_be_numbers() -> None:
    """An id that is a number is a text from here on."""
    assert archived(id=17).article.id == "17"


@pytest.mark.parametrize("language", [5, ["en"], None, "en"])
def test_what_nobody_is_asked_for_never_hurts(language: object) -> None:
    """A field that is not read, or is of another kind than ours, refuses no line."""
    assert archived(language=language, ignored=[{"id": None}]).article.id == "n1"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"not json", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[1]", "is not a JSON object"),
        (b'{"id": "\xff"}', "is not UTF-8 text. Look at its byte 9"),
        (line(id=...), "has no text under 'id'"),
        (line(id=True), "has no text under 'id'"),
        (line(id=""), "has no text under 'id'"),
        (line(id="\ud83d"), "has no text under 'id'"),
        (line(title=5), "has no text under 'title'"),
        (line(title=" ", text="\n"), "has neither title nor text"),
        (line(published="yesterday"), "has the date 'yesterday' under 'published'"),
        (line(published="2026-03"), "has the date '2026-03' under 'published'"),
        (line(published=True), "has the date True"),
        (line(published=1e300), "has the date"),
        (line(published=["2026"]), "has the date"),
    ],
)
def test_a_bad_line_is_named_by_its_number(body: bytes, said: str) -> None:
    """An error of an archive says which line and what is wrong with it."""
    with pytest.raises(ParseError) as raised:
        archived_of((7, body))

    assert str(raised.value).startswith(f"line 7: {said}")


def test_one_bad_line_never_stops_the_others() -> None:
    """A line that is no article is passed over; an article without a date has the latest one."""
    refused: list[ParseError] = []
    lines = [(1, line()), (2, b"{}"), (5, line(id="n2", published=None)), (6, line(id="n3"))]

    articles = [given.article for given in read_archive(lines, refused.append)]

    assert [article.id for article in articles] == ["n1", "n2", "n3"]
    assert articles[1].published_at == articles[0].published_at
    assert [error.about for error in refused] == ["line 2"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("name", ["archive.jsonl", "archive.jsonl.gz"])
def test_archives_may_be_packed(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    """What is packed is unpacked, whatever its name; blank lines are passed over, and counted."""
    path = tmp_path / name
    path.write_bytes(pack(b'\xef\xbb\xbf{"id": 1, "title": "A"}\r\n\n \r\n{"id": 2, "title": "B"}'))

    numbered = list(lines_of(path))

    assert [number for number, _ in numbered] == [1, 4]
    assert [archived_of(one).article.title for one in numbered] == ["A", "B"]


def test_an_archive_may_come_from_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is standard input, which need not be able to seek, packed or not."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(gzip.compress(line()))
    with io.TextIOWrapper(os.fdopen(reading, "rb")) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert list(lines_of(STANDARD_INPUT)) == [(1, line())]


def test_a_line_without_an_end_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that is far too long is refused without being held in memory; the others go on."""
    monkeypatch.setattr(archive, "LONGEST_LINE", len(line()) + 1)
    (tmp_path / "long").write_bytes(
        b"\n".join([line(), b"x" * 10_000, line(id="n2"), b"y" * 5_000])
    )
    refused: list[ParseError] = []
    lines = list(lines_of(tmp_path / "long"))

    articles = list(read_archive(lines, refused.append))

    assert [given.article.id for given in articles] == ["n1", "n2"]
    assert [error.about for error in refused] == ["line 2", "line 4"]
    assert max(len(body) for _, body in lines) == len(line()) + 2


@pytest.mark.parametrize("body", [None, b"\x1f\x8bbroken", gzip.compress(line() * 99)[:-20]])
def test_an_archive_that_cannot_be_read_is_named(tmp_path: Path, body: bytes | None) -> None:
    """A file that is missing or damaged is an error that names it."""
    path = tmp_path / "archive.jsonl.gz"
    if body:
        path.write_bytes(body)

    with pytest.raises(ParseError, match=r"archive\.jsonl\.gz: (cannot be read|there is no)"):
        list(lines_of(path))


def test_a_folder_is_no_archive(tmp_path: Path) -> None:
    """What cannot be opened is told in words."""
    with pytest.raises(ParseError, match="cannot be read: Is a directory"):
        list(lines_of(tmp_path))


rough = st.text(
    st.sampled_from("ab \n\t\r\xa0\u2028\u200b\u202e\ufeff\0éㅎ한\u212b\u2126\ud83d😀")
    | st.sampled_from("e\u0301\u0302\u0323\u05b0\u05bc\u0e33\u1112\u1161\u11ab\u0915\u093c")
    | st.characters(),
    max_size=60,
)


@given(rough, rough)
@example("", "x\u0302\u0323 y")
@example("\n\n a", "\u1112\u1161\u11ab한 \u0915\u093c")
@example("e\u0301\u0301\u0301\u0301\u0301e", "b")
def test_every_word_of_the_clean_text_is_found_in_the_given_one(title: str, text: str) -> None:
    """A word stands in the given text where its evidence says, and reads the same when cleaned."""
    assume(clean_text(title) or clean_text(text))
    given = archived(title=title, text=text)
    placed = given.placer()

    for field, clean, whole in (
        (Field.TITLE, given.article.title, title),
        (Field.TEXT, given.article.text, text),
    ):
        for word in re.finditer(r"\S+", clean):
            found = placed(evidence(field, word))

            assert whole[found.start : found.end] == found.text
            assert one_line(found.text) == word.group()


def evidence(field: Field, word: re.Match[str]) -> Evidence:
    """What says that a word was found."""
    start, end = word.span()
    return Evidence(
        term="t", kind="keyword", field=field, sentence=None, start=start, end=end, text=word[0]
    )

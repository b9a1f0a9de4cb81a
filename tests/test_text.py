"""Text and addresses from outside."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text import (
    canonical_url,
    clean_text,
    domain_of,
    one_line,
    safe_link,
    shorten,
    utf16_length,
)

CASES = Path(__file__).parent / "cases" / "text"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def cases(name: str) -> list[dict[str, Any]]:
    """Read the cases of one file."""
    found: list[dict[str, Any]] = json.loads((CASES / name).read_text())
    return found


def said(case: dict[str, Any]) -> str:
    """Name a case by its reason, or by its input."""
    return str(case.get("why") or case.get("url") or case["text"])


# Characters that matter here come up far too rarely among all of Unicode.
hostile = st.text(
    st.one_of(
        st.sampled_from(
            list("aZ.1#é \n\t\r\u0085\u2028\x00\u200b\u200c\u200d\ufe0f\ufe00\u20e3\u0301\u0344")
            + list("\U0001f468\U0001f525\U000e0100\U000e0067\u06cc\u0dca\u845b\u1820\u180b\u2126")
            + list("\u1100\u1161\u11a8\u09c7\u09be\ud800\ufdd0\u3164")
            + list(BIDI)
        ),
        st.characters(),
    )
)
urls = st.one_of(
    st.text(),
    st.builds(
        "{}://{}{}/{}{}".format,
        st.sampled_from(["http", "HTTPS", "https", "ftp"]),
        st.sampled_from(
            ["www.", "m.amp.", "u:p@", "www.m.com", "[::1]", "a.co.uk", "Ö.example", ""]
        ),
        st.sampled_from(["example.com", "example.com:80", "example.com.", "x:8443", "EXAMPLE.org"]),
        st.lists(st.sampled_from([*"aB-1/%.~é &?=#!+;:@|\\", "/amp", "%2F"])).map("".join),
        st.sampled_from(["", "?utm_a=1&b=%%34%31&a", "?ref=rss&ref=x#!/s", "#x", "/", "/amp/amp"]),
    ),
)


@pytest.mark.parametrize("case", cases("clean.json"), ids=said)
def test_text_holds_only_what_a_reader_can_see(case: dict[str, Any]) -> None:
    """Cleaning drops what cannot be seen, and keeps what a script or an emoji needs."""
    assert case["clean"] == clean_text(case["raw"])


@given(hostile)
@example("a\u200c\u200d\u200cb\ufe0f\u200d")
@example("Z" + "\u0344" * 4)
def test_cleaning_is_final(raw: str) -> None:
    """Cleaned text is NFC, without controls, bidi, tags and piles of marks, and stays as it is."""
    text = clean_text(raw)

    assert text == clean_text(text)
    assert unicodedata.is_normalized("NFC", text)
    assert not regex.search(r"[\p{Cs}\p{Noncharacter_Code_Point}[\p{Cc}--\n]]", text, regex.V1)
    assert not set(BIDI) & set(text)
    assert not any("\U000e0000" <= character <= "\U000e007f" for character in text)
    assert not regex.search(r"[\p{Mn}\p{Me}]{4}", text)
    assert not regex.search(r"^\s|\s$|[^\S\n]{2}|\n{3}| \n|\n ", text)
    text.encode()


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"])))
def test_cleaning_keeps_every_printable_word(raw: str) -> None:
    """Plain text keeps all its words in their order."""
    assert raw.split() == clean_text(raw).split()


@given(hostile)
def test_a_title_is_one_line(raw: str) -> None:
    """A title is clean and has no line ends."""
    line = one_line(raw)

    assert "\n" not in line
    assert line == clean_text(line)


def test_a_mountain_of_marks_is_cheap() -> None:
    """A million marks on one letter are cut before they are sorted."""
    assert len(clean_text("a" + "\u0316\u0301" * 500_000)) <= 4


@pytest.mark.parametrize("case", cases("shorten.json"), ids=said)
def test_long_text_is_cut_where_a_reader_would(case: dict[str, Any]) -> None:
    """The cut is after a sentence, else after a word, else between graphemes."""
    assert case["short"] == shorten(case["text"], case["limit"])


@given(hostile, st.integers(0, 40), st.sampled_from([len, utf16_length]))
def test_a_limit_is_never_passed(text: str, limit: int, measure: Any) -> None:
    """Shortened text fits, ends in … and is otherwise the beginning of the text."""
    short = shorten(text, limit, measure=measure)

    assert measure(short) <= limit
    if short != text and short:
        kept = short.removesuffix("…")
        assert kept != short
        assert text.startswith((kept, kept.removesuffix(" ")))


@given(st.lists(st.sampled_from(["👨‍👩‍👧", "é", "🇵🇸", "가", "x"]), max_size=12), st.integers(0, 20))
def test_a_grapheme_is_never_broken(graphemes: list[str], limit: int) -> None:
    """What is left is whole graphemes."""
    kept = shorten("".join(graphemes), limit).removesuffix("…")

    assert kept in {"".join(graphemes[:count]) for count in range(len(graphemes) + 1)}


def test_platforms_may_count_otherwise() -> None:
    """UTF-16 counts what lies outside the basic plane twice."""
    assert utf16_length("a😀é") == 4
    assert shorten("😀😀😀", 5, measure=utf16_length) == "😀😀…"


@pytest.mark.parametrize("case", cases("same_article.json"), ids=said)
def test_links_to_one_article_are_one(case: dict[str, Any]) -> None:
    """Spellings of one address have one canonical form."""
    assert {case["canonical"]} == {canonical_url(url) for url in case["urls"]}


@pytest.mark.parametrize("case", cases("other_article.json"), ids=said)
def test_links_to_two_articles_stay_two(case: dict[str, Any]) -> None:
    """What may be another page keeps another address."""
    first, second = map(canonical_url, case["urls"])

    assert first != second


@given(urls)
@example("https://example.com/%%34%31")
@example("https://www.m.amp.example.com/a-1/amp.amp/amp")
def test_a_canonical_address_is_final(url: str) -> None:
    """Making an address canonical twice changes nothing."""
    assert canonical_url(url) == canonical_url(canonical_url(url))


@pytest.mark.parametrize("case", cases("links.json"), ids=said)
def test_a_link_shows_where_it_leads(case: dict[str, Any]) -> None:
    """A link is plain http or nothing, and its domain is the one that will be opened."""
    assert case["link"] == safe_link(case["url"])
    assert case["domain"] == domain_of(case["url"])


@given(urls)
def test_no_link_can_end_early(url: str) -> None:
    """A safe link is printable ASCII with nothing that ends a link, and safe again."""
    link = safe_link(url)

    if link is not None:
        assert link.startswith(("http://", "https://"))
        assert regex.fullmatch(r"[!-~]{1,2000}", link)
        assert not set(link) & set('<>|"`\\{}^')
        assert "@" not in link.split("/")[2]
        assert link == safe_link(link)
        assert domain_of(link) == domain_of(url)


def test_a_link_has_a_longest_length() -> None:
    """Links of more than 2,000 characters are refused."""
    assert safe_link("https://example.com/".ljust(2000, "a")) is not None
    assert safe_link("https://example.com/".ljust(2001, "a")) is None


def test_domains_are_known_without_the_network() -> None:
    """The list of suffixes comes with the library; no socket is opened."""
    program = (
        "import sys; sys.addaudithook(lambda event, _: event.startswith('socket') and sys.exit(3));"
        "from bot.text import domain_of; print(domain_of('https://news.bbc.co.uk/'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert done.stdout == "bbc.co.uk\n"


def test_a_joiner_that_sorting_leaves_idle_is_dropped() -> None:
    """Cleaning is final too where sorting the marks takes a joiner from its letter."""
    raw = "\u0670\u0d4d\u200d"

    assert clean_text(clean_text(raw)) == clean_text(raw) == "\u0d4d\u0670"

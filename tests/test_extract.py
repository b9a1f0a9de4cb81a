"""From entries and pages to the words of the story."""

from __future__ import annotations

import gzip
import json
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.extract import expected_bodies, token_f1
from bot.articles.clean import Cleaned, without_furniture
from bot.articles.extract import PageText, decoded, read_html, read_page
from bot.articles.read import FeedText, choose, read_entry, wants_page
from bot.articles.sentences import split
from bot.errors import ParseError
from bot.model import Entry, Fulltext, TextFrom
from bot.text import clean_text

CASES = Path(__file__).parent / "cases" / "articles"
URL = "https://courier.example/world/red-line"
PAGE = (CASES / "pages" / "outlet.html").read_bytes()
STORY = (CASES / "pages" / "outlet.txt").read_text().strip()
TEASER = "Envoys met for a second day to weigh terms for a truce in the southern district."


def json_cases(name: str) -> list[dict[str, Any]]:
    """Read the cases of one file."""
    found: list[dict[str, Any]] = json.loads((CASES / name).read_text())
    return found


def why(case: Any) -> str:
    """Name a case by its reason."""
    return str(case["why"]) if isinstance(case, dict) else str(case)


def furniture(*names: str) -> list[str]:
    """Read the lines of the files of furniture."""
    return [
        line
        for name in names
        for line in (CASES / "furniture" / f"{name}.txt").read_text().splitlines()
        if not line.startswith("#")
    ]


def entry(**known: Any) -> Entry:
    """Make an entry of which only what matters is given."""
    return Entry(**{"guid": "1", "link": URL, "title": "Envoys weigh terms", **known})


def feed_text(text: str = TEASER, *, teaser: bool = True) -> FeedText:
    """Make what a feed says."""
    return FeedText(title="Envoys weigh terms", text=text, teaser=teaser, language="en")


def page_text(text: str = STORY, title: str = "Envoys weigh terms in Port Amal") -> PageText:
    """Make what a page says."""
    return PageText(title=title, text=text, language="en-gb")


# --- the HTML of feeds --------------------------------------------------------------------------


@pytest.mark.parametrize("case", json_cases("html.json"), ids=why)
def test_html_becomes_the_words_that_are_shown(case: dict[str, Any]) -> None:
    """A fragment becomes its visible words, a paragraph a line."""
    lines = [line.strip() for line in case["text"].split("\n")]

    assert lines == [line for line in read_html(case["html"]).split("\n") if line] or [""]


@given(st.text())
def test_any_fragment_becomes_clean_text(fragment: str) -> None:
    """Whatever a feed holds, what comes out is clean."""
    text = read_html(fragment)

    assert text == clean_text(text)


@pytest.mark.parametrize(
    "bomb",
    [
        *("<div>" * 300_000, "<" * 500_000, "<b>" * 200_000, "&lt;" * 150_000, "<!--" * 200_000),
        *("<a " + "x=1 " * 200_000 + ">", "<script " * 100_000, "<![CDATA[" * 60_000),
    ],
    ids=lambda bomb: f"{bomb[:9]}…",
)
@pytest.mark.timeout(10)
def test_hostile_html_is_read_in_time(bomb: str) -> None:
    """Deep, wide and broken markup neither hangs nor crashes."""
    assert isinstance(read_html(bomb), str)


# --- pages --------------------------------------------------------------------------------------


def test_a_page_gives_its_story_and_nothing_else() -> None:
    """Navigation, byline, dateline, widgets, notices, credits and the footer are left out."""
    page = read_page(PAGE, URL, "text/html; charset=utf-8")

    assert page.text == STORY
    assert page.title == "Envoys weigh terms as Norland draws a “red line”"
    assert page.language == "en-gb"
    assert page.published_at == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert page.update_notice


@pytest.mark.parametrize("case", json_cases("encodings.json"), ids=why)
def test_a_page_is_read_in_its_own_encoding(case: dict[str, Any]) -> None:
    """What the bytes are counts more than what the header and the page claim."""
    meta = f'<meta charset="{case["meta"]}">' if case["meta"] else ""
    body = f"<html><head>{meta}</head><body><p>{case['said']}</p></body></html>"

    assert case["said"] in decoded(body.encode(case["codec"]), case["header"])


def test_one_broken_byte_does_not_change_the_encoding() -> None:
    """A page that was cut inside a character is still read as what it declares."""
    body = ("<meta charset=utf-8>" + "Größe " * 1000 + "ß").encode()[:-1]

    assert decoded(body, "").count("Größe") == 1000


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"%PDF-1.7", "application/pdf"), (b'{"a": 1}', "application/json"), (b"", "text/html")],
)
def test_what_is_no_page_says_so(body: bytes, content_type: str) -> None:
    """A document of another kind, or none, is an error that names the address."""
    with pytest.raises(ParseError, match="courier") as raised:
        read_page(body, URL, content_type)

    assert raised.value.about == URL


def test_a_page_that_hides_its_story_gives_what_it_tells_search_engines() -> None:
    """The declared body of an article is taken where the visible one is a fraction of it."""
    body = " ".join(f"Sentence {number} of the hidden story is here." for number in range(60))
    script = json.dumps({"@graph": [{"@type": ["NewsArticle"], "articleBody": body}]})
    script = f"<script type='application/ld+json'>{script}</script>"
    html = f"<html><body>{script}<p>Log in</p></body></html>"

    assert body == read_page(html.encode(), URL).text


LIVE = {
    "@type": "LiveBlogPosting",
    "liveBlogUpdate": [
        {"@type": "BlogPosting", "articleBody": STORY},
        {"articleBody": "The end."},
        7,
    ],
}


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("<script type='application/ld+json'>//<![CDATA[\n%s\n//]]></script>", STORY),
        ("<script type='Application/LD+JSON; charset=utf-8'>/* */ %s</script>", STORY),
        ("<script type='application/ld+json'><!-- %s --></script>", STORY),
        ("<script type='application/ld+json'>%s</script>", f"{STORY}\nThe end."),
    ],
)
def test_what_a_page_declares_is_read_however_it_is_wrapped(script: str, text: str) -> None:
    """Comments, CDATA, odd types and live blogs hide no story."""
    thing = LIVE if "The end." in text else {"@type": "Article", "articleBody": STORY}
    html = f"<html><head>{script % json.dumps(thing)}</head><body><p>Log in</p></body></html>"

    assert read_page(html.encode(), URL).text.split() == text.split()


SUMMARY = "The envoys have three days left, and none of them wants to be the first to leave."


@pytest.mark.parametrize(
    ("told", "shown", "leads"),
    [
        (SUMMARY, f"<h2>{SUMMARY}</h2>", True),
        (f"{SUMMARY[:50]}…", f"<div class='standfirst'>{SUMMARY}</div>", True),
        (SUMMARY, "", False),
        ("Read it here.", "<h2>Read it here.</h2>", False),
    ],
)
def test_the_line_under_the_headline_leads_the_story(told: str, shown: str, *, leads: bool) -> None:
    """What the page tells of itself is read where its readers see it too, and nowhere else."""
    html = PAGE.decode().replace("<title>", f"<meta name='description' content='{told}'><title>")
    html = html.replace("</h1>", f"</h1>{shown}")

    assert read_page(html.encode(), URL).text.startswith(SUMMARY) == leads
    assert read_page(html.encode(), URL).text.count(SUMMARY) == int(leads)


SHARED = "<meta property='og:title' content='%s'><h1>%s</h1>"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Envoys weigh terms | The Harbour Courier</title>", "Envoys weigh terms"),
        (
            SHARED % ("Envoys weigh terms - World - Courier", "Envoys weigh terms"),
            "Envoys weigh terms",
        ),
        (SHARED % ("Envoys weigh terms - and wait", "Live"), "Envoys weigh terms - and wait"),
        ("<title>AT&amp;T | News</title>", "AT&T | News"),
        ("", ""),
    ],
)
def test_the_name_of_the_site_is_no_part_of_a_headline(head: str, title: str) -> None:
    """What stands behind a headline in a window's title is left out where that is clear."""
    assert read_page(f"<html>{head}<p>{STORY}</p></html>".encode(), URL).title == title


def test_a_time_with_its_zone_is_found_wherever_it_is_told() -> None:
    """A time without a zone does not hide one with it."""
    html = (
        "<html><head><meta property='article:published_time' content='2026-03-02T08:30:00'></head>"
        f"<body><time datetime='2026-03-02T09:30:00+01:00'>today</time><p>{STORY}</p></body></html>"
    )

    assert read_page(html.encode(), URL).published_at == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(("times", "taken"), [(1, False), (3, True)])
def test_a_declared_body_must_be_far_more(times: int, *, taken: bool) -> None:
    """The visible story is kept unless the declared one is far longer."""
    body = "\n\n".join([f"Declared: {STORY}"] * times)
    script = json.dumps({"@type": "ReportageNewsArticle", "articleBody": body})
    html = PAGE.replace(
        b"</head>", f"<script type='application/ld+json'>{script}</script>".encode()
    )

    assert read_page(html, URL).text.startswith("Declared: ") == taken


def test_items_of_a_list_are_plain_paragraphs() -> None:
    """The signs before the items of a list are not words."""
    items = "".join(f"<li>Point {number} of the terms is settled.</li>" for number in range(4))
    text = read_page(
        PAGE.replace(b"<p>The talks are", f"<ul>{items}</ul><p>The".encode()), URL
    ).text

    assert "\n\nPoint 0 of the terms is settled.\n\n" in text


@pytest.mark.parametrize(
    "script", ["{", "[" * 100_000, '{"@type": "NewsArticle", "articleBody": 7}', '"x"', "null"]
)
def test_a_broken_description_does_no_harm(script: str) -> None:
    """What a page tells search engines may be anything."""
    html = PAGE.replace(
        b"</head>", f"<script type='application/ld+json'>{script}</script>".encode()
    )

    assert read_page(html, URL).text == STORY


@pytest.mark.parametrize(
    "date", ["2026-03-02", "2026-03-02T08:30:00", "yesterday", "9999-99-99", ""]
)
def test_a_time_without_its_zone_is_no_time(date: str) -> None:
    """A page's date counts only where it says which moment it means."""
    html = PAGE.replace(b"2026-03-02T08:30:00+01:00", date.encode())

    assert read_page(html, URL).published_at is None


def test_reading_never_opens_a_socket() -> None:
    """Pages and entries are read from what is at hand, whatever addresses they name."""
    program = (
        "import sys; from bot.articles.extract import read_page, read_html; sys.addaudithook("
        "lambda event, _: event.startswith(('socket.', 'urllib')) and sys.exit(f'opened {event}'));"
        f"page = read_page(open({str(CASES / 'pages' / 'outlet.html')!r}, 'rb').read(), {URL!r});"
        'read_html(\'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><img src="http://127.0.0.1/x">\');'
        "print(len(page.text) > 500)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert done.stdout == "True\n"


# --- furniture ----------------------------------------------------------------------------------


@pytest.mark.parametrize("line", furniture("bylines", "captions", "credits", "notices", "widgets"))
def test_only_what_is_no_part_of_the_story_goes(line: str) -> None:
    """Whole paragraphs of furniture go; a sentence that resembles one stays."""
    sign, _, paragraph = line.partition(" ")
    cleaned = without_furniture(f"{paragraph}\nThe talks failed.")

    assert (sign in "+~") == cleaned.text.startswith(paragraph)
    assert cleaned.text.endswith("The talks failed.")
    assert (sign in "!~") == cleaned.update_notice


@pytest.mark.parametrize("line", furniture("datelines"))
def test_datelines_go_and_their_sentences_stay(line: str) -> None:
    """A place and an agency before a dash go, a name before a dash stays."""
    dateline, _, sentence = line.rpartition("‖")

    assert sentence == without_furniture(dateline + sentence).text


def test_a_headline_is_not_repeated() -> None:
    """The headline at the top of the text goes, in the middle it stays."""
    text = "Envoys Weigh Terms\nThe talks failed.\n" + "They go on.\n" * 9 + "Envoys weigh terms"
    cleaned = without_furniture(text, ["Envoys weigh terms"]).text

    assert cleaned.startswith("The talks failed.")
    assert cleaned.endswith("Envoys weigh terms")


def test_a_teaser_that_begins_with_a_notice_is_told() -> None:
    """An update notice that is all there is, and goes on with the story, is not lost."""
    teaser = (
        "This article has been updated on April 2 with figures of the ministry. "
        "One of the questions that readers of the Courier ask is how many have fled."
    )

    assert without_furniture(teaser) == Cleaned(teaser, update_notice=True)
    assert without_furniture(f"{teaser}\nThe talks failed.").text == "The talks failed."


def test_a_pull_quote_is_not_told_twice() -> None:
    """What stands in a longer paragraph needs no paragraph of its own; what stands alone does."""
    quote = "“We will never cross that line again.”"
    paragraphs = [
        quote,
        f"{quote[:-1]}, she said, and left.”",
        "They go on and on and on and on.",
    ] * 2

    assert without_furniture("\n".join(paragraphs)).text.split("\n\n") == [
        one for one in paragraphs if one != quote
    ]


@pytest.mark.parametrize("line", ["By Jane Doe", "GENEVA — Envoys met again."])
def test_what_stands_far_down_is_the_story(line: str) -> None:
    """Bylines and datelines stand at the top only."""
    assert without_furniture("They go on.\n" * 9 + line).text.endswith(line)


def test_a_long_paragraph_is_the_story() -> None:
    """A paragraph of a thousand letters tells something, however it begins."""
    text = "This story has been updated with " + "the names of the envoys and " * 40 + "more."

    assert without_furniture(text).text == text


@given(st.lists(st.sampled_from([line[2:] for line in furniture("widgets", "notices")])))
def test_nothing_is_added_to_a_story(paragraphs: list[str]) -> None:
    """Every paragraph that is left stood in the text, in the same order."""
    left = without_furniture("\n".join(paragraphs)).text
    stood = iter(paragraphs)

    assert all(paragraph in stood for paragraph in left.split("\n\n") if paragraph)


# --- entries ------------------------------------------------------------------------------------


def test_an_entry_gives_the_fuller_of_its_texts() -> None:
    """Content counts more than the summary, where it holds more."""
    full = "".join(f"<p>{paragraph}</p>" for paragraph in STORY.split("\n\n") * 2)
    read = read_entry(entry(title="Envoys &amp; <b>terms</b>", summary=TEASER, content=full))

    assert read.title == "Envoys & terms"
    assert read.text.startswith(STORY)
    assert not read.teaser


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (TEASER, TEASER),
        (f"<p>{TEASER}</p><p><a href='x'>Continue reading…</a></p>", TEASER),
        (f"{TEASER} [&#8230;]", f"{TEASER}…"),
        (f"{TEASER} <a>Read more »</a>", TEASER),
        (f"{TEASER} Weiterlesen", TEASER),
        ("The envoys of five countr...", "The envoys of five countr…"),
        (f"{TEASER}<p>The post Envoys appeared first on <a>The Courier</a>.</p>", TEASER),
    ],
)
def test_a_teaser_is_known_by_its_end(html: str, text: str) -> None:
    """A short text is a teaser, and the invitation to read on is not part of it."""
    read = read_entry(entry(summary=html))

    assert (read.text, read.teaser) == (text, True)


def test_a_long_text_that_trails_off_is_a_teaser() -> None:
    """A long summary that ends in … is less than the article."""
    assert read_entry(entry(summary=f"{STORY} {STORY}…")).teaser
    assert not read_entry(entry(summary=f"{STORY} {STORY}")).teaser


def test_a_chinese_article_is_whole_with_fewer_characters() -> None:
    """Scripts that write a word in two characters say more in less."""
    assert not read_entry(entry(summary="会谈在港口举行。" * 60)).teaser


@pytest.mark.parametrize(
    ("fulltext", "teaser", "wanted"),
    [
        (Fulltext.AUTO, True, True),
        (Fulltext.AUTO, False, False),
        (Fulltext.ALWAYS, False, True),
        (Fulltext.NEVER, True, False),
    ],
)
def test_the_page_is_fetched_where_the_feed_has_less(
    fulltext: Fulltext, *, teaser: bool, wanted: bool
) -> None:
    """A feed's setting decides, and where it says auto the text does."""
    assert wanted == wants_page(feed_text(teaser=teaser), fulltext)


# --- the choice ---------------------------------------------------------------------------------


def test_a_good_page_is_the_article() -> None:
    """The page's story is taken, under the feed's headline."""
    reading = choose(feed_text(), page_text())

    assert reading.text_from is TextFrom.PAGE
    assert reading.title == "Envoys weigh terms"
    assert reading.text.endswith(STORY)
    assert reading.trouble is None
    assert reading.sentences == split(reading.text, "en-gb")


def test_a_summary_that_the_page_does_not_show_leads_the_article() -> None:
    """What the publisher says only in the feed is not lost, but for a sentence that was cut."""
    said = "Norland calls a ground operation its final red line, officials say. It will not b…"
    reading = choose(feed_text(f"{TEASER} {said}"), page_text())

    assert reading.text.startswith(TEASER)
    assert "officials say.\n\nEnvoys of five" in reading.text


def test_a_teaser_that_the_page_begins_with_is_not_told_twice() -> None:
    """The beginning of the story in the feed adds nothing."""
    assert choose(feed_text(f"{STORY[:150]}…"), page_text()).text == STORY


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("Please verify you are a human. This site is protected by a captcha. Ray ID 7.", "human"),
        ("We and our partners use cookies. Accept all or manage your consent here.", "consent"),
        ("Oops. The story you look for is gone. Try our recipes for cod and herring.", "else"),
        (f"{TEASER} Subscribe to continue reading. Already a subscriber? Log in.", "paywall"),
        ("Envoys weigh terms for a truce in the southern district.", "less"),
        ("", "else"),
    ],
)
def test_a_page_that_tells_no_story_leaves_the_teaser(page: str, said: str) -> None:
    """A wall, a check or another page is named to the reader, and the teaser stands."""
    reading = choose(feed_text(), page_text(page))

    assert reading.text_from is TextFrom.TEASER
    assert reading.text == TEASER
    assert said in str(reading.trouble)
    assert str(reading.trouble).endswith("teaser.")


def test_a_story_about_paywalls_and_cookies_is_a_story() -> None:
    """Words of walls in a real story do not make it one."""
    story = STORY + " Cookies and subscriptions were not on the agenda, nor was any captcha." * 20

    assert choose(feed_text(), page_text(story)).text_from is TextFrom.PAGE


def test_the_open_half_of_an_article_is_better_than_a_teaser() -> None:
    """Where a paywall lets enough of the story through, that is taken."""
    page = page_text(f"{STORY}\n{STORY}\n{STORY}\nSubscribe to continue reading.")

    assert choose(feed_text(), page).text_from is TextFrom.PAGE


@pytest.mark.parametrize("teaser", ["Hopes fade in the far south today", "Hopes fade."])
def test_a_teaser_that_says_nothing_new_does_not_lead(teaser: str) -> None:
    """A teaser that is the headline again, or hardly a sentence, is not put before the story."""
    feed = FeedText(title="Hopes fade in the far south today", text=teaser, teaser=True)

    assert choose(feed, page_text()).text == STORY


def test_trouble_is_told_with_a_teaser_only() -> None:
    """Where the feed has the whole article nothing is missing, and nothing is said."""
    trouble = "The page could not be read: it took too long."

    assert choose(feed_text(), None, trouble).trouble == trouble
    assert choose(feed_text(), None, trouble).text_from is TextFrom.TEASER
    assert choose(feed_text(STORY, teaser=False), None, trouble).trouble is None
    assert choose(feed_text(STORY, teaser=False), None, trouble).text_from is TextFrom.FEED


def test_an_entry_without_words_takes_them_from_its_page() -> None:
    """A link without title and text becomes the article it leads to."""
    reading = choose(FeedText(title="", text="", teaser=True), page_text())

    assert reading.title == "Envoys weigh terms in Port Amal"
    assert reading.text == STORY


# --- real pages ---------------------------------------------------------------------------------


@pytest.mark.shared
def test_real_pages_give_their_stories(shared: Path) -> None:
    """On pages of sixty publishers the words found are those of the story."""
    scores = []
    for name, bodies in expected_bodies(shared / "data" / "pages"):
        with gzip.open(name) as packed:
            page = read_page(packed.read(), name.name, "text/html")
        scores.append(max(token_f1(page.text, body) for body in bodies))

    assert statistics.mean(scores) > 0.94
    assert sum(score < 0.5 for score in scores) <= 1


@pytest.mark.shared
def test_the_first_article_loses_its_notes_only(shared: Path) -> None:
    """The article this was made for keeps every paragraph but the last two, and is flagged."""
    text = (shared / "data" / "articles" / "rafah-red-line.txt").read_text().strip()
    cleaned = without_furniture(clean_text(text))

    assert cleaned.update_notice
    assert cleaned.text.split("\n\n") == text.split("\n")[:-2]

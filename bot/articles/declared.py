"""What a page says of itself to those who link to it: its headline, its summary, its times.

The story is told twice on most pages: to readers, and to search engines and chat platforms, as
https://schema.org/NewsArticle and https://ogp.me/. The second telling says which of the many lines
of a page is the headline, and which the summary.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import lxml.html
import regex

from bot.dates import read_date
from bot.text import one_line

_ARTICLE: Final = regex.compile(r"Article|Report|BlogPosting")
_TIME_NAMES: Final = frozenset(
    ("article:published_time", "datepublished", "og:article:published_time", "dc.date.issued",
     "dcterms.created", "parsely-pub-date", "pubdate", "publishdate", "date", "sailthru.date",
     "article.published", "cxenseparse:recs:publishtime", "dc.date")
)  # fmt: skip
_SUMMARY_NAMES: Final = frozenset(("og:description", "description", "twitter:description"))
_SUMMARY_TAGS: Final = ("p", "h2", "h3", "h4", "div", "span", "strong", "b", "em", "li", "header")
_SUMMARY_LENGTH: Final = (40, 600)
_HEADLINE_LENGTH: Final = 12
_WRAPPING: Final = regex.compile(
    r"\A(?:\s|//|/\*|\*/|<!\[CDATA\[|<!--)+|(?:\s|//|/\*|\*/|\]\]>|-->)+\Z"
)
_CUT_OFF: Final = regex.compile(r"\s*(?:…|\.\.\.)\s*$")
# "Envoys Draw a Line | The Courier", "Envoys Draw a Line - World - The Courier"
_SITE: Final = regex.compile(r"\s*[|–—»·•-]\s*[^|]{2,80}")


@dataclass(frozen=True, slots=True)
class Declared:
    """The page's own words about its article; "" and None where it has none.

    `headlines` are all the lines that are the headline, `title` the one to show; `body` is HTML or
    plain text. `summary` is there only where readers see it too.
    """

    title: str
    headlines: tuple[str, ...]
    summary: str
    body: str
    language: str | None
    published_at: datetime | None


def declared(tree: lxml.html.HtmlElement) -> Declared:
    """Read what a page says of itself; the tree stays as it is."""
    articles = [
        article
        for script in tree.iterfind(".//script[@type]")
        if "ld+json" in script.get("type").lower()
        for article in _articles(script.text or "")
    ]
    metas = [
        ((meta.get("property") or meta.get("itemprop") or meta.get("name") or "").lower(), meta)
        for meta in tree.iterfind(".//meta[@content]")
    ]
    told = [(name, one_line(meta.get("content") or "")) for name, meta in metas]
    title, headlines = _titles(tree, told, articles)
    return Declared(
        title=title,
        headlines=headlines,
        summary=_shown_summary(tree, [text for name, text in told if name in _SUMMARY_NAMES]),
        body=max(map(_body, articles), key=len, default=""),
        language=_language(tree),
        published_at=_first_time(
            [_text(article, "datePublished") for article in articles],
            [text for name, text in told if name in _TIME_NAMES],
            [time.get("datetime") for time in tree.iterfind(".//time[@datetime]")][:1],
        ),
    )


def _articles(script: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-LD script that are articles of some kind."""
    # Old templates wrap it in comments and CDATA, as was once done with JavaScript.
    try:
        waiting = [json.loads(_WRAPPING.sub("", script), strict=False)]
    except (ValueError, RecursionError):
        return
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, dict):
            if _ARTICLE.search(str(thing.get("@type"))):
                yield thing
            waiting += thing.values()
        elif isinstance(thing, list):
            waiting += thing


def _body(article: dict[str, Any]) -> str:
    """Return the body of an article, for a live blog that of all its posts."""
    posts = article.get("liveBlogUpdate")
    if not isinstance(posts, list):
        return _text(article, "articleBody")
    bodies = [_text(post, "articleBody") for post in posts if isinstance(post, dict)]
    return "\n\n".join(filter(None, bodies))


def _text(article: dict[str, Any], key: str) -> str:
    value = article.get(key)
    return value if isinstance(value, str) else ""


def _first_time(*written: Iterable[str]) -> datetime | None:
    """Return the first of the written times that has a zone, in UTC."""
    times = (read_date(one, zone=None) for some in written for one in some)
    return next(filter(None, times), None)


# --- headlines ----------------------------------------------------------------------------------


def _titles(
    tree: lxml.html.HtmlElement, told: list[tuple[str, str]], articles: list[dict[str, Any]]
) -> tuple[str, tuple[str, ...]]:
    """Return the title to show and all that are the headline."""
    shared = next((text for name, text in told if name == "og:title" and text), "")
    on_page = [one_line("".join(heading.itertext())) for heading in tree.iterfind(".//h1")]
    in_data = [one_line(_text(article, "headline")) for article in articles]
    of_window = [_window_title(title) for title in tree.iterfind(".//title")][:1]
    headlines = [text for text in (shared, *on_page, *in_data, *of_window) if text]
    title = headlines[0] if headlines else ""
    bare = [one for one in (*on_page, *in_data) if _is_title_without_site(one, title)]
    return (bare[0] if bare else title), tuple(dict.fromkeys(headlines))


def _window_title(title: lxml.html.HtmlElement) -> str:
    """Return the title of a window without the name of the site behind a bar."""
    whole = one_line("".join(title.itertext()))
    headline = whole.partition(" | ")[0]
    return headline if len(headline) >= _HEADLINE_LENGTH else whole


def _is_title_without_site(headline: str, title: str) -> bool:
    """Whether `title` is the headline with the name of the site behind it."""
    return (
        len(headline) >= _HEADLINE_LENGTH
        and title.startswith(headline)
        and _SITE.fullmatch(title, len(headline)) is not None
    )


# --- the summary --------------------------------------------------------------------------------


def _shown_summary(tree: lxml.html.HtmlElement, summaries: list[str]) -> str:
    """Return the summary as it stands on the page; "" where it stands there nowhere.

    Readers of HTML take the line under the headline for navigation, and lose the first sentence of
    the story; what is written for search engines alone is none.
    """
    wanted = [start for summary in summaries if (start := _CUT_OFF.sub("", summary))]
    wanted = [start for start in wanted if len(start) >= _SUMMARY_LENGTH[0]]
    for element in tree.iter(*_SUMMARY_TAGS) if wanted else ():
        begins = (element.text or "").strip()[:_HEADLINE_LENGTH]
        if begins and any(start.startswith(begins) for start in wanted):
            text = one_line("".join(element.itertext()))
            if len(text) <= _SUMMARY_LENGTH[1] and any(text.startswith(start) for start in wanted):
                return text
    return ""


def _language(tree: lxml.html.HtmlElement) -> str | None:
    """Return the language that the page claims, such as `en` or `pt-br`."""
    root = tree.getroottree().getroot()
    claimed = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    tag = claimed.strip().replace("_", "-").lower()
    return tag if regex.fullmatch(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", tag) else None

"""From an entry and, where it is needed, its page to one Reading.

The way of the pipeline: `read_entry` in the sandbox; where `wants_page` says so, fetch the page and
`read_page` it in the sandbox; then `choose`, which is pure, takes what is best and says what a
reader should know of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import regex

from bot.articles.clean import without_furniture
from bot.articles.extract import LONGEST_TEXT, PageText, read_html
from bot.articles.language import Guess, guessed, settled
from bot.articles.sentences import split
from bot.model import Entry, Fulltext, Reading, TextFrom
from bot.text import clean_text, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedText:
    """What the feed itself says of one entry.

    `teaser` tells that it is clearly less than the article: it is short, or it ends in "…",
    "Continue reading" and the like, which are not part of `text` any more. `language` is what the
    feed claims, `guess` what the text shows.
    """

    title: str
    text: str
    teaser: bool
    language: str | None = None
    guess: Guess | None = None
    update_notice: bool = False


def read_entry(entry: Entry) -> FeedText:
    """Read an entry's own HTML; it is a stranger's, so this runs in the sandbox."""
    title = one_line(read_html(entry.title))
    texts = [read_html(html)[:LONGEST_TEXT] for html in (entry.content, entry.summary)]
    cleaned = without_furniture(max(texts, key=len), [title])
    text, cut = _without_invitation(cleaned.text)
    return FeedText(
        title=title,
        text=text,
        teaser=cut or _weight(text) < _WHOLE_ARTICLE,
        language=entry.language,
        guess=guessed(text),
        update_notice=cleaned.update_notice,
    )


def wants_page(feed_text: FeedText, fulltext: Fulltext) -> bool:
    """Whether the article's page is needed. An entry without a link has none to offer."""
    if fulltext is Fulltext.AUTO:
        return feed_text.teaser
    return fulltext is Fulltext.ALWAYS


def choose(feed_text: FeedText, page: PageText | None, trouble: str | None = None) -> Reading:
    """Return the better of what the feed and the page say.

    Args:
        feed_text: what the feed says.
        page: what its page says; None where it was not wanted or could not be read.
        trouble: a sentence for people on why the page could not be read.

    The page is taken unless it holds less than the feed, is about something else, or asks for a
    payment, a consent or a proof instead of telling the story; then the reading says so in
    `trouble`, where the feed's text is only a teaser.
    """
    if page is not None:
        objection = _objection(page, feed_text)
        if objection is None:
            return _from_page(page, feed_text)
        trouble = objection
    return _reading(
        feed_text.title or (page.title if page else ""),
        feed_text.text,
        TextFrom.TEASER if feed_text.teaser else TextFrom.FEED,
        language=settled(feed_text.language or (page.language if page else None), feed_text.guess),
        update_notice=feed_text.update_notice,
        trouble=trouble if feed_text.teaser else None,
        published_at=page.published_at if page else None,
    )


def _from_page(page: PageText, feed_text: FeedText) -> Reading:
    """Return the page's story, led by the feed's summary where the page does not contain it."""
    lead = _lead_beyond(page, feed_text)
    return _reading(
        feed_text.title or page.title,
        f"{lead}\n\n{page.text}" if lead else page.text,
        TextFrom.PAGE,
        language=settled(page.language or feed_text.language, page.guess or feed_text.guess),
        update_notice=page.update_notice or feed_text.update_notice,
        published_at=page.published_at,
    )


def _reading(title: str, text: str, text_from: TextFrom, **rest: Any) -> Reading:
    """Make a reading, with its text clean and cut into sentences."""
    text = clean_text(text)
    sentences = split(text, rest.get("language"))
    return Reading(title=title, text=text, sentences=sentences, text_from=text_from, **rest)


# --- is it the whole story? -------------------------------------------------------------------

_WHOLE_ARTICLE = 1_200
"""Shorter texts, in letters, are taken for teasers, as are those up to three times as long that
end in "…"."""

_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")
_ELLIPSIS = r"(?:…|\.\.\.+|\[\s?(?:…|\.\.\.)\s?\]|\(\s?(?:…|\.\.\.)\s?\))"
_TRAILING_OFF = regex.compile(rf"\s*{_ELLIPSIS}[\s»›→]*$")
_INVITATION = regex.compile(
    r"""\s*[\[(]?(?:(?:continue|keep)\sreading|read\s(?:more|on|(?:the\s)?(?:full|whole|rest|entire|original)\b)
    |(?:full|more)\s(?:story|article)\b|click\s(?:here\s)?(?:to|for)\b|weiterlesen|mehr\slesen|lire\sla\ssuite
    |en\ssavoir\splus|leer\smás|seguir\sleyendo|ler\smais|leggi\s(?:tutto|di\spiù)|lees\s(?:verder|meer)|läs\smer
    |читать\s(?:далее|дальше)|اقرأ\sالمزيد|続きを読む|阅读全文).{0,120}$""",
    regex.I | regex.X,
)


def _weight(text: str) -> int:
    """Return about how many letters `text` would have in an alphabet."""
    return len(text) + 2 * len(_UNSPACED.findall(text))


def _without_invitation(text: str) -> tuple[str, bool]:
    """Take an invitation to read on from the end; and say whether the text was cut off there."""
    head, _, tail = text.rpartition("\n")
    invited = _INVITATION.search(tail) if len(tail) < 2_000 else None
    if invited and (invited.start() == 0 or tail[: invited.start()].endswith((".", "…", "]", "!"))):
        text = f"{head}\n{tail[: invited.start()]}".strip()
    else:
        invited = None
    trails = _TRAILING_OFF.search(text[-200:])
    if trails:
        text = text[: len(text) - len(trails.group())] + "…"
    return text, bool(invited) or (trails is not None and _weight(text) < 3 * _WHOLE_ARTICLE)


# --- is the page the story at all? --------------------------------------------------------------

_HUMAN_CHECK = regex.compile(
    r"captcha|\brobot\b|verify\s(?:that\s)?you\sare|unusual\s(?:traffic|activity)|checking\syour\sbrowser"
    r"|security\scheck|enable\s(?:javascript|cookies)|access\s(?:\w+\s){0,5}denied|just\sa\smoment"
    r"|cloudflare|automated\s(?:access|requests)",
    regex.I,
)
_CONSENT = regex.compile(
    r"\bcookies?\b|\bconsent\b|(?:your|value)\s(?:your\s)?privacy|datenschutz|\bgdpr\b", regex.I
)
_PAYWALL = regex.compile(
    r"subscri(?:be|ption|bers?)\b|(?:log|sign)\sin\sto\s(?:read|continue|view)|to\s(?:continue|keep)\sreading"
    r"|(?:register|create\san?\s(?:free\s)?account)\s(?:to|for|and)\b|free\strial|abonn(?:ez|é|ement|ieren|ent)"
    r"|suscr[ií]b|jetzt\s(?:testen|anmelden)",
    regex.I,
)
_STUB = 2_500
"""A story of so many letters is worth having even where a paywall hides the rest of it."""

_WORD = regex.compile(r"[\p{L}\p{N}]{4,}")


def _objection(page: PageText, feed_text: FeedText) -> str | None:
    """Say for people why the page is not taken, or None where nothing is wrong with it."""
    kinship = _kinship(page, feed_text)
    gated = _gate(page.text) if _weight(page.text) < _STUB else None
    if gated and (kinship is None or kinship < 0.5):
        return gated
    if kinship is not None and kinship < 0.2:
        return "The page is about something else, so this is only the feed's teaser."
    if _PAYWALL.search(page.text[-500:]) and _weight(page.text) < _STUB:
        return "The article is behind a paywall, so this is only the feed's teaser."
    if _weight(page.text) < _weight(feed_text.text):
        return "The page says less than the feed, so this is only the feed's teaser."
    return None


def _gate(text: str) -> str | None:
    """Say what stands in front of the story, if the text is of that kind."""
    if _HUMAN_CHECK.search(text):
        return "The page asks whether we are human, so this is only the feed's teaser."
    if _CONSENT.search(text):
        return "The page asks for consent first, so this is only the feed's teaser."
    return None


def _kinship(page: PageText, feed_text: FeedText) -> float | None:
    """Return which part of the feed's words the page holds; None where there are too few."""
    words = {word.casefold() for word in _WORD.findall(f"{feed_text.title} {feed_text.text}")}
    if len(words) < 5:
        return None
    found = {word.casefold() for word in _WORD.findall(page.text)}
    return len(words & found) / len(words)


def _lead_beyond(page: PageText, feed_text: FeedText) -> str:
    """Return the whole sentences of the feed's teaser where the page does not hold them.

    Many publishers write a summary for the feed that the page shows in a place where no reader of
    HTML looks for the story; what it says must not be lost.
    """
    lead = feed_text.text
    if lead.endswith("…"):
        whole = [span.end for span in split(lead, feed_text.language)[:-1]]
        lead = lead[: whole[-1]] if whole else ""
    said = _triples(lead)
    if len(said) < 4 or len(said & _triples(page.text)) * 2 > len(said):
        return ""
    return "" if len(said & _triples(feed_text.title)) * 2 > len(said) else lead


def _triples(text: str) -> set[tuple[str, ...]]:
    """Return each three words of `text` that follow one another."""
    words = regex.findall(r"\w+", text.casefold())
    return set(zip(words, words[1:], words[2:], strict=False))

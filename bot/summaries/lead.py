"""The sentence with which an article begins to tell, past what only stands above it."""

from __future__ import annotations

from typing import Final

import regex

from bot.model import Article, Span

_LOOKED_AT: Final = 12
"""So many sentences are looked at; where none of them tells anything, the first one must do."""

_LONGEST_CAPTION: Final = 60
"""Words of a paragraph. A longer one that names a photographer is a report with a caption in it."""

_FINISHED = regex.compile(r"[\p{STerm}…][\p{Pe}\p{Pf}\p{Pi}\"'*]*$")
_CREDIT = regex.compile(
    r"\b(?:Getty Images|AP Photo|(?:Reuters|file) photo|toggle caption|enlarge this image)\b"
    r"|\b(?:photo(?:graph)?|image|picture|foto|bild|imagen|credit)s?(?: credit| by)?\s?:"
    r"|\bphoto(?:graph)?s? by \p{Lu}|\bREUTERS/\p{Lu}|/\s?(?:AP|AFP|EPA|Reuters)\)?$|\(AP\)$",
    regex.IGNORECASE,
)
_FORMULA = regex.compile(
    r"(?:this is a rush transcript|copy may not be in|advertisement|file(?: photo)?\s?[-–—:]"
    r"|(?:this|the) (?:story|article|post) (?:has been|was) (?:updated|corrected)"
    r"|editor[’']?s[’']? note|(?:updated?|correction)\s?:"
    r"|(?:sign up|subscribe|follow us|read more|click here|watch live|listen to)\b)",
    regex.IGNORECASE,
)
_NO_LETTER = regex.compile(r"[^\p{L}\p{N}]+")


def lead_of(article: Article) -> int:
    """Return the index of the lead: the first sentence of prose. There must be a sentence."""
    looked_at = range(min(_LOOKED_AT, len(article.sentences)))
    return next((index for index in looked_at if is_prose(article, index)), 0)


def is_prose(article: Article, index: int) -> bool:
    """Say whether a sentence tells something, and is not the title again.

    Bylines, datelines and headings are no finished sentences; captions name a photographer or an
    agency.
    """
    sentence = article.sentences[index]
    text = article.text[sentence.start : sentence.end]
    return (
        _FINISHED.search(text) is not None
        and not _FORMULA.match(text)
        and not same(text, article.title)
        and not _is_caption(_paragraph(article.text, sentence))
    )


def same(one: str, other: str) -> bool:
    """Say whether two texts have the same letters and digits, whatever stands between them."""
    return _bare(one) == _bare(other)


def _paragraph(text: str, sentence: Span) -> str:
    end = text.find("\n", sentence.end)
    return text[text.rfind("\n", 0, sentence.start) + 1 : end if end >= 0 else len(text)]


def _is_caption(paragraph: str) -> bool:
    return (
        len(paragraph.split(maxsplit=_LONGEST_CAPTION)) <= _LONGEST_CAPTION
        and _CREDIT.search(paragraph) is not None
    )


def _bare(text: str) -> str:
    return _NO_LETTER.sub("", text).casefold()

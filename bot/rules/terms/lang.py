"""The language of the article: `lang:ar`. It does not hold where the language is unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Field
from bot.rules.kinds import Hit, Kind, refused
from bot.rules.normal import NormalText
from bot.rules.rule import Names, Term

# The primary subtag of a language tag, RFC 5646 section 2.2.1, with an optional rest.
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Lang:
    """Holds for a language with all its variants: `en` for `en-GB`."""

    written: str
    tag: str
    kind: str = "lang"
    sufficient: bool = False

    def phrases(self) -> None:
        """A language stands in no text."""

    def find(self, normal: NormalText) -> Sequence[Hit]:
        """Return an empty span where the article is in this language."""
        language = (normal.article.language or "").casefold().replace("_", "-")
        holds = language == self.tag or language.startswith(f"{self.tag}-")
        return [Hit(Field.META, 0, 0, 0, 0)] if holds else []


def read(term: Term, _names: Names) -> Lang:
    """Read a language tag."""
    tag = term.value.casefold().replace("_", "-")
    if not _TAG.fullmatch(tag):
        advice = "Write a tag of two or three letters, for example lang:ar"
        raise refused(term, f"{term.value} is no language tag", advice)
    return Lang(term.written(), tag)


KIND = Kind(name="lang", leads=("lang",), read=read, example="lang:ar", placed=False)

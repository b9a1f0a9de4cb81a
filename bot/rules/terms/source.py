"""Who published the article: `source:reuters.com`, `source:"The Desk"`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Field
from bot.model import Source as Publisher
from bot.rules.fold import fold_letters
from bot.rules.kinds import Hit, Kind, refused
from bot.rules.normal import NormalText
from bot.rules.rule import Names, Term


@dataclass(frozen=True, slots=True)
class Source:
    """Holds for a domain and what lies under it, for a source's name, and for a feed's id."""

    written: str
    wanted: str
    kind: str = "source"
    sufficient: bool = False

    def phrases(self) -> None:
        """A source stands in no text."""

    def find(self, normal: NormalText) -> Sequence[Hit]:
        """Return the publisher's domain where it is the one."""
        source = normal.article.source
        names = known_names(source)
        if self.wanted in names or source.domain.casefold().endswith(f".{self.wanted}"):
            return [Hit(Field.SOURCE, 0, 0, 0, len(source.domain))]
        return []


def known_names(source: Publisher) -> frozenset[str]:
    """Return the names that a source goes by: its domain, its own name, its feed's id."""
    domain = source.domain.casefold().removeprefix("www.")
    return frozenset({domain, _key(source.name), source.feed_id.casefold()})


def read(term: Term, _names: Names) -> Source:
    """Read a source."""
    wanted = _key(term.value).removeprefix("www.")
    if not any(letter.isalnum() for letter in wanted):
        raise refused(term, "can never match: it has no letter", "For example source:reuters.com")
    return Source(term.written(), wanted)


def _key(name: str) -> str:
    return " ".join(fold_letters(word) for word in name.split())


KIND = Kind(name="source", leads=("source",), read=read, example="source:reuters.com", placed=False)

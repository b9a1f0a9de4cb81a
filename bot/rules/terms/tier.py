"""What kind of publisher it is: `tier:official`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Field, Tier
from bot.rules.kinds import Hit, Kind, refused
from bot.rules.normal import NormalText
from bot.rules.rule import Names, Term


@dataclass(frozen=True, slots=True)
class TierIs:
    """Holds for the articles of one kind of publisher."""

    written: str
    tier: Tier
    kind: str = "tier"
    sufficient: bool = False

    def phrases(self) -> None:
        """A tier stands in no text."""

    def find(self, normal: NormalText) -> Sequence[Hit]:
        """Return the publisher's domain where it is of this kind."""
        source = normal.article.source
        return [Hit(Field.SOURCE, 0, 0, 0, len(source.domain))] if source.tier is self.tier else []


def read(term: Term, _names: Names) -> TierIs:
    """Read a tier."""
    try:
        return TierIs(term.written(), Tier(term.value.casefold()))
    except ValueError:
        known = ", ".join(Tier)
        raise refused(term, f"{term.value} is no tier", f"Known are {known}") from None


KIND = Kind(name="tier", leads=("tier",), read=read, example="tier:official", placed=False)

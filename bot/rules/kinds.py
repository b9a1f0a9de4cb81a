"""What a kind of term is: how it is read, and what finds its occurrences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bot.errors import RuleError
from bot.model import Field

if TYPE_CHECKING:
    # rule.py imports this module: a tree holds seekers, and a kind reads terms of a tree.
    from bot.rules.normal import NormalText
    from bot.rules.rule import Names, Term


class Hit(NamedTuple):
    """One occurrence of a term.

    `first` and `last` are a half-open range of the article's tokens (title and text in one
    sequence; both 0 outside them); `start` and `end` a half-open character span in `field`.
    """

    field: Field
    first: int
    last: int
    start: int
    end: int


class Seeker(Protocol):
    """A term that has been read. Seekers are frozen and equal when they find the same."""

    @property
    def kind(self) -> str:
        """The name of the kind of term."""
        ...

    @property
    def written(self) -> str:
        """The term in its canonical form, as evidence names it."""
        ...

    @property
    def sufficient(self) -> bool:
        """Whether any occurrence of one of `phrases()` is an occurrence of the term."""
        ...

    def phrases(self) -> frozenset[str] | None:
        """Return pieces of folded text of which at least one must occur for the term to hold.

        Each is to be looked for, as it is, in `NormalText.folded`: `" red line "` is bounded by
        spaces on both sides, `" sanction"` of a prefix is open at its end. None means that the term
        cannot say, as with patterns and sources.
        """
        ...

    def find(self, normal: NormalText) -> Sequence[Hit]:
        """Return all occurrences, in the order of the article."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of term as it registers itself in `bot.rules.terms`.

    `leads` are what may stand before the value; `tail` what follows it. `example` is a valid term
    of the kind. `placed` says whether it has a place in the article, which NEAR, WITH, `count`,
    `title:` and `lead:` need.
    """

    name: str
    leads: tuple[str, ...]
    read: Callable[[Term, Names], Seeker]
    example: str
    tail: str = ""
    placed: bool = True


def refused(term: Term, problem: str, advice: str = "") -> RuleError:
    """Return the error that refuses `term`; its span is that of the term."""
    return RuleError(problem, source=term.value, span=term.span, advice=advice)

"""A regular expression of RE2, which needs linear time: `/red.?lines?/`, `/red.?line/i`.

It is matched against the title and the text as they are written, each on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2

from bot.model import Field
from bot.rules.kinds import Hit, Kind, refused
from bot.rules.normal import NormalText
from bot.rules.rule import Names, Term

MAX_LENGTH: Final = 500
"""How many characters a pattern may have (reliability.md 4.3)."""
MAX_MEMORY: Final = 1 << 20
"""How many bytes a compiled pattern may take (reliability.md 4.3)."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Finds what a regular expression matches."""

    written: str
    pattern: str
    case_matters: bool
    kind: str = "pattern"
    sufficient: bool = False

    def phrases(self) -> None:
        """A pattern cannot say which words it needs."""

    def find(self, normal: NormalText) -> Sequence[Hit]:
        """Return the matches that are not empty."""
        compiled = _compiled(self.pattern, self.case_matters)
        fields = [where for where in (Field.TITLE, Field.TEXT) if normal.has_tokens(where)]
        return [
            normal.hit_of_characters(where, *match.span())
            for where in fields
            for match in compiled.finditer(normal.source(where))
            if match.end() > match.start()
        ]


@lru_cache(maxsize=1_000)
def _compiled(pattern: str, case_matters: bool) -> Any:
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    options.case_sensitive = case_matters
    return re2.compile(pattern, options)


def read(term: Term, _names: Names) -> Pattern:
    """Read a pattern.

    Raises:
        RuleError: it is too large, not linear (as with look-around), or matches everything.
    """
    if len(term.value) > MAX_LENGTH:
        problem = f"the pattern has {len(term.value)} characters; at most {MAX_LENGTH} are allowed"
        raise refused(term, problem)
    pattern = Pattern(term.written(), term.value, term.tail != "i")
    try:
        compiled = _compiled(pattern.pattern, pattern.case_matters)
    except re2.error as error:
        raise _not_compiled(term, error) from None
    if compiled.search("") is not None:
        raise refused(term, "matches everything: the pattern is content with nothing")
    return pattern


def _not_compiled(term: Term, error: Exception) -> Exception:
    said = error.args[0] if error.args else ""
    reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    if "too large" in reason:
        problem = f"the pattern is too large: it needs more than {MAX_MEMORY >> 20} MiB"
        return refused(term, problem, "Repeat less in it")
    problem = f"the pattern cannot be read in linear time: {reason}"
    advice = "RE2 has no look-around and no back references; see github.com/google/re2/wiki/Syntax"
    return refused(term, problem, advice)


KIND = Kind(name="pattern", leads=("/",), read=read, example="/red.?lines?/")
FOLDED = Kind(name="pattern", leads=("/",), tail="i", read=read, example="/red.?lines?/i")

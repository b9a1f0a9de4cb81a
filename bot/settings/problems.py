"""What is wrong with the settings: every problem of every file, told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.errors import SettingsError
from bot.logs import redact, visible

# Below this likeness (0 to 100) a suggestion confuses more than it helps: `url` is not `title`.
_LIKE_ENOUGH = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, or odd, in a file of the settings or in the environment.

    `line` and `column` count from 1 and are None where there is no line to show. `key` is written
    as people say it, such as `rules[2].to`. `quote` holds further lines to show below, such as a
    rule with a caret under the place.
    """

    file: str
    what: str
    key: str = ""
    line: int | None = None
    column: int | None = None
    advice: str = ""
    quote: str = ""

    def __str__(self) -> str:
        """Render as `file:line:column: key what. Advice.`, a secret in it made unreadable."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        said = f"{place}: {f'{_shown(self.key)} ' if self.key else ''}{_shown(self.what)}."
        advised = f"{said} {_shown(self.advice)}" if self.advice else said
        return advised + "".join(f"\n    {_shown(line)}" for line in self.quote.split("\n") if line)


def _shown(text: str) -> str:
    """Return what was written in a file as a terminal may show it."""
    return visible(redact(text))


class InvalidSettingsError(SettingsError):
    """The settings cannot be used; `problems` are all that is wrong with them."""

    def __init__(self, folder: Path, problems: Iterable[Problem]) -> None:
        """Make an error about the files in `folder`."""
        self.problems = tuple(problems)
        count = len(self.problems)
        title = "1 problem" if count == 1 else f"{count} problems"
        listed = "".join(f"\n  {str(p).replace(chr(10), chr(10) + '  ')}" for p in self.problems)
        super().__init__(str(folder), f"{title}{listed}")


class Problems:
    """Where the steps of loading put what they find, so that all of it is told at once."""

    def __init__(self) -> None:
        self._errors: list[Problem] = []
        self._warnings: list[Problem] = []

    def add(self, *problems: Problem) -> None:
        """Note what makes the settings unusable."""
        self._errors.extend(problems)

    def warn(self, *problems: Problem) -> None:
        """Note what is odd, and usable."""
        self._warnings.extend(problems)

    def __iter__(self) -> Iterator[Problem]:
        """Go through the errors in the order of files and lines: the first that each key has."""
        told: dict[tuple[tuple[str, int, int], str], Problem] = {}
        for problem in self._errors:
            told.setdefault((_place(problem), problem.key), problem)
        return iter(sorted(told.values(), key=_place))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is odd, in the order of files and lines."""
        return tuple(sorted(self._warnings, key=_place))


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line or 0, problem.column or 0


def nearest(written: str, known: Iterable[str], like: float = _LIKE_ENOUGH) -> str | None:
    """Return the known word most like the written one; None where none is `like` it (0 to 100)."""
    choices = list(known)
    found = process.extractOne(
        written, choices, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=like
    )
    return found[0] if found else None


def suggestion(written: str, known: Iterable[str]) -> str:
    """Return advice: the nearest known word, or all of them where none is near."""
    choices = sorted(known)
    near = nearest(written, choices)
    if near is not None:
        return f"Did you mean {near}?"
    return f"Known are: {', '.join(choices)}" if choices else ""

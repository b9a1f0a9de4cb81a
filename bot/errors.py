"""Everything that can go wrong, as one small tree.

    RedlineError
    ├── SettingsError       a file in config/ or a variable of the environment is wrong
    ├── RuleError           a watch rule cannot be read; carries the place for the caret
    ├── FetchError          a page or feed could not be had
    │   └── AddressRefusedError  the address is one that Redline must not reach
    ├── ParseError          bytes that are no feed, or no article
    ├── SandboxError        a child process was stopped: too slow, too large, or crashed
    ├── StoreError          the database cannot be used as it is
    ├── ChatError           a chat platform cannot be reached or refuses us as a whole
    └── OrderError          what a person asked for in chat is not there

An error names what it is about, never carries a secret, and ends with what the person can do next.
"""

import copyreg
import traceback
from pathlib import PurePath
from typing import Any


class RedlineError(Exception):
    """The base of every error that Redline raises on purpose."""

    def __init__(self, about: str, problem: str, *, advice: str = "") -> None:
        """Make an error.

        Args:
            about: what it is about: a feed, a file and line, a rule, a channel.
            problem: what is wrong, in words for the person who can mend it.
            advice: what to do next; may be empty where `problem` says it all.
        """
        super().__init__(about, problem, advice)
        self.about = about
        self.problem = problem
        self.advice = advice

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by state: errors cross from the sandbox, and constructors take keywords."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]  # pickle's own name for protocol 2

    def __str__(self) -> str:
        """Render as `about: problem. advice`."""
        said = f"{self.about}: {self.problem}" if self.about else self.problem
        return f"{said}. {self.advice}" if self.advice else said


# A longer line of a rule is shown around the place that is wrong.
_WIDEST = 160


class SettingsError(RedlineError):
    """A file in config/ or a variable of the environment is wrong."""


class RuleError(RedlineError):
    """A watch rule cannot be read.

    `source` is the rule's text and `start`, `end` the half-open character span in it that is wrong,
    so that whoever shows the error can put a caret under the place.
    """

    def __init__(
        self, problem: str, *, source: str, span: tuple[int, int], advice: str = ""
    ) -> None:
        """Make an error about the characters `span` (half-open) of the rule text `source`."""
        super().__init__("rule", problem, advice=advice)
        self.source = source
        self.start, self.end = span

    def caret(self) -> str:
        """Return the line of the rule with a line of carets under the wrong part."""
        line_start = self.source.rfind("\n", 0, self.start) + 1
        line = self.source[line_start:].split("\n", 1)[0]
        column = self.start - line_start
        width = max(1, min(self.end, line_start + len(line)) - self.start)
        if len(line) > _WIDEST:
            line, column = _clipped(line, column)
            width = min(width, max(1, len(line) - column))
        return f"{line}\n{' ' * column}{'^' * width}"


def _clipped(line: str, column: int) -> tuple[str, int]:
    """Return the part of a long line around a column, and where the column is in it."""
    first = max(0, min(column - _WIDEST // 2, len(line) - _WIDEST))
    before = "…" if first else ""
    after = "…" if first + _WIDEST < len(line) else ""
    return f"{before}{line[first : first + _WIDEST]}{after}", column - first + len(before)


class FetchError(RedlineError):
    """A page or feed could not be had."""


class AddressRefusedError(FetchError, OSError):
    """The address is one that Redline must not reach.

    It is an OSError too, because it is raised inside the connector's socket factory.
    """


class ParseError(RedlineError):
    """Bytes that are no feed, or no article."""


class SandboxError(RedlineError):
    """A child process was stopped: too slow, too large, or crashed."""


class StoreError(RedlineError):
    """The database cannot be used as it is."""


class ChatError(RedlineError):
    """A chat platform cannot be reached, or refuses us as a whole."""


class OrderError(RedlineError):
    """What a person asked for in chat is not there: a rule, an article, a story."""


def whereabouts(error: BaseException) -> str:
    """Return what kind of error it is and the line that raised it, for a log.

    Its text is left out: what others raise may hold a token, an address, or what a person typed.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"

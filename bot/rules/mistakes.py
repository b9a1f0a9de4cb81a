"""From a parser's complaint to words that help: what was expected, and the nearest valid form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from bot.errors import RuleError

_SAID = {
    "WORD": "a word",
    "STRING": "a phrase in quotes",
    "LEAD": "name:, place: or the like",
    "RPAR": "a closing parenthesis",
    "COMMA": "a comma",
    "NUMBER": ">= and a number",
    "_AND": "AND",
    "_OR": "OR",
    "$END": "the end of the rule",
}
_BEGINS_TERM = frozenset({"WORD", "STRING", "LEAD"})


def syntax_error(text: str, error: UnexpectedInput, parses: Callable[[str], bool]) -> RuleError:
    """Return the error for the author of a rule whose text cannot be parsed."""
    start, end = _place(text, error)
    if not text.strip():
        advice = 'Write for example: place:Rafah AND "red line"'
        return RuleError("the rule is empty", source=text, span=(0, len(text)), advice=advice)
    found = f"found {text[start:end]}" if start < len(text) else "the rule ends"
    expected = _expected(text, start, error)
    suggestion = next((form for form in _repairs(text, start, end) if parses(form)), None)
    advice = f"Did you mean: {suggestion}" if suggestion else "docs/rules.md shows the forms"
    problem = f"expected {expected}, but {found}"
    return RuleError(problem, source=text, span=(start, end), advice=advice)


def _place(text: str, error: UnexpectedInput) -> tuple[int, int]:
    if isinstance(error, UnexpectedCharacters):
        at = cast(int, error.pos_in_stream)
        return at, at + 1
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        at = error.token.start_pos or 0
        return at, at + len(error.token)
    end = len(text.rstrip())
    return end, end


def _expected(text: str, start: int, error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedCharacters) and text[start : start + 1] in {'"', "“", "„", "«"}:
        return "a closing quote"
    names = getattr(error, "expected", None) or getattr(error, "allowed", None) or set()
    if names >= _BEGINS_TERM and "$END" not in names and "RPAR" not in names:
        return 'a term, for example sanctions or "red line"'
    said = [_SAID[name] for name in _SAID if name in names]
    return " or ".join(said) or "a term"


def _repairs(text: str, start: int, end: int) -> Iterator[str]:
    """Yield forms near to the text, nearest first."""
    for closing in ('"', ")", '")', "))", " >= 2"):
        yield text.rstrip() + closing
    word_start = max(text.rfind(mark, 0, start) for mark in " (\t\n") + 1
    ends = [at for mark in " )\t\n" if (at := text.find(mark, end)) >= 0]
    word_end = min(ends, default=len(text))
    if word := text[word_start:word_end].strip('"'):
        quoted = '"' + word.replace('"', "") + '"'
        yield text[:word_start] + quoted + text[word_end:]
    yield (text[:start] + text[end:]).strip()
    before = text[:start].rstrip()
    yield f"{before.rpartition(' ')[0]} {text[start:]}".strip()
    yield before
    yield before.rpartition(" ")[0]
    yield text[end:].strip()

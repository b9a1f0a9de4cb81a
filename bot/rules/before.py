"""What stands before a surname: the person's own name, a title, somebody else's, or nothing."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import NamedTuple

from bot.model import Field
from bot.rules.fold import (
    ALL_CAPS,
    BREAKS_AFTER,
    CAPITALISED,
    DOTTED,
    POSSESSIVE,
    UNCASED,
    fold_letters,
    letter_forms,
)
from bot.rules.normal import NormalText
from bot.rules.people import FullName
from bot.rules.wordlists import given_names, groups, no_names, titles

_MOST_MIDDLE_NAMES = 3
_DAYS = 31
_YEAR = 4
_HEADLINE_WORDS = 3
"""A headline is told by this many words of four letters or more; a sentence of the text by twice
as many. More than seven in ten of them are capitalised."""


class Before(enum.Enum):
    """What was found before a surname.

    A TITLE is an office; COURTESY is Mr, Dr, Baron. HALF_NAME is one half of a double surname with
    no given name.
    """

    OWN_NAME = enum.auto()
    INITIAL = enum.auto()
    TITLE = enum.auto()
    COURTESY = enum.auto()
    HALF_NAME = enum.auto()
    SOMEBODY_ELSE = enum.auto()
    NOTHING = enum.auto()


class Reached(NamedTuple):
    """What stands before a surname, the first token of it, and the title that was found."""

    before: Before
    first: int
    title: str = ""


def look_before(normal: NormalText, at: int, names: Sequence[FullName]) -> Reached:
    """Say what stands before the surname that begins at token `at`."""
    own = frozenset(form for name in names for form in name.given)
    run = _names_before(normal, at, own)
    for name in names:
        begin = _own_name(normal, run, name)
        if begin is not None:
            return Reached(Before.OWN_NAME, begin)
    if run and _is_initial(normal, run[-1]):
        return _look_at_initials(normal, run, names)
    if run and _is_given_name(normal, run[-1]):
        return Reached(Before.SOMEBODY_ELSE, run[0])
    title = at - 1
    if _continues(normal, title) and normal.words[title] in titles():
        return Reached(Before.TITLE, title, normal.words[title])
    return Reached(Before.NOTHING, at)


def _look_at_initials(normal: NormalText, run: list[int], names: Sequence[FullName]) -> Reached:
    """Say whether the initials directly before a surname are the person's own."""
    first = len(run) - 1
    while first > 0 and _is_initial(normal, run[first - 1]):
        first -= 1
    letters = "".join(_letters(normal, token) for token in run[first:])
    named = first > 0 and normal.words[run[first - 1]] in given_names()
    fitting = not named and any(
        letters[0] in name.initials and name.middle.startswith(letters[1:]) for name in names
    )
    return Reached(Before.INITIAL if fitting else Before.SOMEBODY_ELSE, run[first])


def is_known_given_name(normal: NormalText, token: int) -> bool:
    """Say whether the token is a given name wherever it stands."""
    return _continues(normal, token) and normal.words[token] in given_names()


def is_date(normal: NormalText, token: int) -> bool:
    """Say whether a token is a month and not a name: `on May 27`, `in May`, not `in May's view`."""
    if normal.words[token] not in groups("name_words.txt")["months"]:
        return False
    if _continues(normal, token) and _number(normal, token + 1) is not None:
        return True
    if normal.flags[token] & POSSESSIVE or not _continues(normal, token - 1):
        return False
    day = _number(normal, token - 1)
    dated = groups("name_words.txt")["dated"]
    return normal.words[token - 1] in dated if day is None else day <= _DAYS


def _number(normal: NormalText, token: int) -> int | None:
    word = normal.words[token] if token < len(normal.words) else ""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= _YEAR else None


def named_before(normal: NormalText, at: int) -> bool:
    """Say whether a name, known or not, stands directly before token `at`: Denzel Washington."""
    run = _names_before(normal, at, frozenset())
    return bool(run) and _is_given_name(normal, run[-1])


def name_goes_on(normal: NormalText, at: int) -> bool:
    """Say whether another word of a name stands at token `at`: `Jordan Henderson`."""
    if at >= len(normal.words) or not _continues(normal, at - 1):
        return False
    if not normal.flags[at] & CAPITALISED or normal.words[at] in no_names():
        return False
    return not (capitals_mean_nothing(normal, at) or _is_acronym(normal, at))


def _names_before(normal: NormalText, at: int, own: frozenset[str]) -> list[int]:
    """Return the tokens directly before `at` that may be names, in the order of the text."""
    run: list[int] = []
    token = at - 1
    while len(run) <= _MOST_MIDDLE_NAMES and _continues(normal, token):
        if not _may_be_name(normal, token, own):
            break
        run.insert(0, token)
        token -= 1
    return run


def _continues(normal: NormalText, token: int) -> bool:
    """Say whether the phrase goes on behind `token`."""
    return token >= 0 and not normal.flags[token] & (BREAKS_AFTER | POSSESSIVE)


def _may_be_name(normal: NormalText, token: int, own: frozenset[str]) -> bool:
    word = normal.words[token]
    if not normal.flags[token] & (CAPITALISED | UNCASED):
        return False
    if fold_letters(normal.written(token)) in own:
        return True
    return not normal.flags[token] & UNCASED and word not in titles() and word not in no_names()


def _is_initial(normal: NormalText, token: int) -> bool:
    width = normal.ends[token] - normal.starts[token]
    flags = normal.flags[token]
    return width == 1 or bool(flags & DOTTED and flags & ALL_CAPS)


def _own_name(normal: NormalText, run: list[int], name: FullName) -> int | None:
    """Return the first token of the given name where the run has it, with fitting middle names."""
    for n, token in enumerate(run):
        if not letter_forms(normal.written(token)) & name.given:
            continue
        after = run[n + 1 :]
        if len(after) > 1 and capitals_mean_nothing(normal, token + 1):
            continue
        rest = tuple(fold_letters(normal.written(t)) for t in after[: len(name.rest)])
        if rest == name.rest and _middles_fit(normal, after[len(name.rest) :], name):
            return token
    return None


def _middles_fit(normal: NormalText, middles: list[int], name: FullName) -> bool:
    """Say whether middle initials in the text contradict those that are known."""
    if not name.middle or not middles:
        return True
    letters = "".join(_letters(normal, token) for token in middles)
    return letters.startswith(name.middle) or name.middle.startswith(letters)


def _letters(normal: NormalText, token: int) -> str:
    letters = fold_letters(normal.written(token).replace(".", ""))
    return letters if _is_initial(normal, token) else letters[:1]


def _is_given_name(normal: NormalText, token: int) -> bool:
    """Say whether the word before a surname is another person's given name.

    Within a sentence any capitalised word is taken for one, unless it is known for something else.
    Where capitals mean nothing (headlines, the first word of a sentence) only a known one is.
    """
    if normal.words[token] in given_names():
        return True
    if _is_initial(normal, token):
        return True
    return not (capitals_mean_nothing(normal, token) or _is_acronym(normal, token))


def _is_acronym(normal: NormalText, token: int) -> bool:
    return bool(normal.flags[token] & ALL_CAPS)


def capitals_mean_nothing(normal: NormalText, token: int) -> bool:
    """Say whether a capital letter at this token says nothing about the word."""
    first, last = _sentence_range(normal, token)
    if token == first or normal.flags[token - 1] & BREAKS_AFTER:
        return True
    long = [n for n in range(first, last) if normal.ends[n] - normal.starts[n] > 3]
    capitals = sum(bool(normal.flags[n] & CAPITALISED) for n in long)
    if all(normal.flags[n] & ALL_CAPS for n in long):
        return True
    fewest = _HEADLINE_WORDS if token < normal.text_token else 2 * _HEADLINE_WORDS
    return len(long) >= fewest and capitals * 10 > len(long) * 7


def _sentence_range(normal: NormalText, token: int) -> tuple[int, int]:
    if token < normal.text_token:
        return normal.token_range(Field.TITLE)
    sentence = normal.sentence_of(token) or 0
    following = sentence + 1
    last = len(normal.words)
    if following < len(normal.sentence_tokens):
        last = normal.sentence_tokens[following]
    return normal.sentence_tokens[sentence], last

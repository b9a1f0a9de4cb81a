"""How people are called: full names, nicknames, initials, and what the surname is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.model import Person
from bot.rules.fold import ALL_CAPS, DOTTED, JOINS_NEXT, UNCASED, Written, written_words
from bot.rules.wordlists import given_names, groups, same_given_names

# "al-Assad" is also called "Assad"; "van Gogh" is not called "Gogh".
_DROPPED = frozenset({"al", "el"})
# Chinese given names in pinyin are one or two syllables.
_SYLLABLE = r"(?:[bpmfdtnlgkhjqxzcsrwy]|[zcs]h)?[aeiou]{1,3}(?:ng|n)?"
_PINYIN = re.compile(rf"{_SYLLABLE}(?:{_SYLLABLE})?")
# Korean given names are two syllables, each written as a word of its own.
_KOREAN = re.compile(
    r"(?:[bcdghjkmnprstwy]|ch|ts)?(?:yeo|y?[aeou]|ae|ee|eo|eu|o[eiou]|u?i|wo|w[aei])"
    r"(?:ng|ck|hn|[hklmnprt])?"
)


def _words(label: str) -> frozenset[str]:
    return groups("name_words.txt")[label]


@dataclass(frozen=True, slots=True)
class FullName:
    """One full name: the given names that begin it, and the words of the surname.

    The surname is in small letters, the rest is folded. `given` are the first given name and those
    that stand for it; `rest` is what must follow in a compound such as `Jean-Claude`. `middle` are
    the first letters of middle names that are known, in their order. `family_first` are the given
    names where they follow the surname.
    """

    given: frozenset[str]
    rest: tuple[str, ...]
    middle: str
    surname: tuple[str, ...]
    family_first: str = ""

    @property
    def initials(self) -> frozenset[str]:
        """Return the first letters of the given name."""
        return frozenset(name[0] for name in self.given)


@dataclass(frozen=True, slots=True)
class Called:
    """All ways in which a person or body is called.

    `whole` are names that are found as they are: bodies, people of one name, names that begin with
    the surname. `surnames` count on their own once the person has been named; `family_first` says
    that what follows them, not what stands before them, tells one person from another. `titled` are
    the titles that are theirs.
    """

    full: tuple[FullName, ...] = ()
    whole: tuple[str, ...] = ()
    surnames: frozenset[tuple[str, ...]] = frozenset()
    family_first: bool = False
    titled: frozenset[str] = frozenset()
    body: bool = False


def known_as(name: str, people: Sequence[Person]) -> Person:
    """Return the person of people.yaml that goes by `name`, else one of that name alone."""
    wanted = known_key(name)
    for person in people:
        if wanted in {known_key(known) for known in (person.name, *person.aliases)}:
            return person
    return Person(name=name)


def called(person: Person) -> Called:
    """Return all ways in which a person or body is called."""
    names = (person.name, *person.aliases)
    own = frozenset(word.letters for title in person.titles for word in written_words(title))
    if person.body or _looks_like_body(person.name):
        return Called(whole=names, titled=own, body=True)
    full: list[FullName] = []
    whole: list[str] = []
    surnames: set[tuple[str, ...]] = set()
    eastern = False
    marked = _marked_surname(names)
    for n, name in enumerate(names):
        parts = split_name(name, marked)
        if parts is None:
            whole += _found_whole(name)
            continue
        surname, given = parts.surname, parts.family_first
        if given:
            whole += [f"{' '.join(surname)} {given}", f"{given} {' '.join(surname)}"]
            eastern = True
        else:
            full += [parts, *_shorter(name, parts)]
        if n == 0 or given or any(_says_surname(word) for word in written_words(name)):
            surnames.add(surname)
    surnames |= {rest for name in surnames if name[0] in _DROPPED and (rest := name[1:])}
    return Called(tuple(full), tuple(whole), frozenset(surnames), eastern and not full, own)


def _marked_surname(names: Sequence[str]) -> str:
    """Return the first word in capitals of any of the names: it is the surname in all of them."""
    words = (word for name in names for word in written_words(name))
    return next((word.letters for word in words if _says_surname(word)), "")


def split_name(name: str, marked: str = "") -> FullName | None:
    """Split a person's name into given name and surname; None for a name of one word.

    The surname is the last word with its particles, a hyphenated double name as a whole. A word in
    capitals says that it is the surname, wherever it stands: `ORBÁN Viktor`, `KIM Jong Un`; so does
    `marked`, where an alias said it already.
    """
    words = written_words(name) or [Written("", 0, "", frozenset())]
    if any(word.letters in {"of", "and"} for word in words) or words[0].letters == "the":
        return None
    while len(words) > 1 and words[-1].letters in _words("suffixes"):
        words.pop()
    if len(words) < 2 or _is_unspaced(words, name):
        return None
    first, last = _surname_range(words, marked)
    surname = tuple(word.raw for word in words[first:last])
    given = words[last:] if first == 0 else words[:first]
    return _full_name(given, surname, family_first=first == 0)


def _found_whole(name: str) -> list[str]:
    """Return a name that is found as it is; `Elizabeth I of England` is also `Elizabeth I`."""
    before, of, _ = name.partition(" of ")
    return [name, before] if of and len(before.split()) > 1 else [name]


def _shorter(name: str, parts: FullName) -> list[FullName]:
    """Return the names with one half of a double surname: Onyali-Omagbemi, García Postigo."""
    words = written_words(name)
    surnames = [
        (half,)
        for half in parts.surname
        if len(parts.surname) == 2 and half not in _words("particles")
    ]
    plain = len(words) == 3 and len(parts.surname) == 1 and not parts.rest
    if plain and len(words[1].letters) > 1 and not words[1].flags & DOTTED:
        middle = words[1].raw
        surnames += [] if middle in given_names() or middle in _words("particles") else [(middle,)]
    return [replace(parts, surname=surname, middle="") for surname in surnames]


def _full_name(given: list[Written], surname: tuple[str, ...], *, family_first: bool) -> FullName:
    names = [word.letters for word in given]
    if family_first:
        return FullName(frozenset(names[:1]), (), "", surname, " ".join(names))
    compound = 1
    while compound < len(given) and given[compound - 1].flags & JOINS_NEXT:
        compound += 1
    alike = same_given_names().get(names[0], frozenset()) | given[0].forms
    middle = "".join(map(middle_letters, given[compound:]))
    return FullName(alike, tuple(names[1:compound]), middle, surname)


def middle_letters(name: Written) -> str:
    """Return the first letter of a middle name, all letters of initials such as `H.W.`."""
    return name.letters if name.flags & DOTTED else name.letters[:1]


def _surname_range(words: list[Written], marked: str) -> tuple[int, int]:
    """Return the half-open range of the surname's words."""
    capitals = [n for n, word in enumerate(words) if _says_surname(word) or word.letters == marked]
    if capitals and len(capitals) < len(words):
        return capitals[0], capitals[-1] + 1
    letters = [word.letters for word in words]
    if letters[0] in _words("chinese") and all(_PINYIN.fullmatch(name) for name in letters[1:]):
        return 0, 1
    if letters[0] in _words("korean") and _is_korean(letters[1:]):
        return 0, 1
    first = len(words) - 1
    while first > 1 and (
        letters[first - 1] in _words("particles") or words[first - 1].flags & JOINS_NEXT
    ):
        first -= 1
    return first, len(words)


def _is_korean(given: list[str]) -> bool:
    return len(given) == 2 and all(_KOREAN.fullmatch(name) for name in given)


def _is_unspaced(words: list[Written], name: str) -> bool:
    return all(word.flags & UNCASED for word in words) and " " not in name


def _says_surname(word: Written) -> bool:
    return bool(word.flags & ALL_CAPS) and not word.flags & DOTTED


def _looks_like_body(name: str) -> bool:
    return any(word.letters in _words("organised") for word in written_words(name)[1:])


def known_key(name: str) -> tuple[str, ...]:
    """Return what two spellings of a name have in common, in whatever order."""
    return tuple(sorted(word.letters for word in written_words(name)))

"""Folding: what is the same word to a reader is the same string here.

Case, accents, curly quotes, possessive and plural are folded; the folded word of `Lines’` is
`line`. Folding never stems: `redlining` stays what it is. Unspaced scripts are cut into characters,
so that a phrase of them is found wherever it stands.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from bot.rules.english import ABBREVIATIONS, SINGULARS

CAPITALISED: Final = 1
"""The word begins with a capital letter."""
ALL_CAPS: Final = 2
"""All letters of the word are capitals, and there are at least two."""
BREAKS_AFTER: Final = 4
"""A comma, a full stop or the like follows: no phrase goes on behind the word."""
JOINS_NEXT: Final = 8
"""Only a hyphen or an apostrophe stands between this word and the next."""
DOTTED: Final = 16
"""The word is written with full stops: an initial, `U.S.`, `Gen.`."""
UNCASED: Final = 32
"""The word's script knows no capitals."""
POSSESSIVE: Final = 64
"""The word ends in 's."""
TWO_READINGS: Final = 128
"""The word has a second reading."""
CONTRACTED: Final = 256
"""The word is the end of a contraction: "don't" has no second reading "dont"."""
SEVERAL: Final = 512
"""The word is one character that folds to several words: \ufdfa, a blessing."""

BREAK: Final = ";"
"""Stands in folded text where a phrase cannot go on, unless it has a break there itself."""
END: Final = "|"
"""Stands in folded text where nothing goes on: behind the title, the text and each strand."""

# Scripts written without spaces: each letter is a token of its own (Thai to Khmer, kana, Han,
# Hangul). Hangul has spaces, but its particles stick to the word before them.
_UNSPACED = (
    r"\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# Marks that Python's \w leaves out though they stand within words.
_HEBREW_POINTS = r"\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
_ARABIC_VOWELS = r"\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
_MARKS = rf"\u0300-\u036f\u0483-\u0487{_HEBREW_POINTS}{_ARABIC_VOWELS}\u0900-\u0dff"
_DOTTED_WORD = r"(?:[A-Za-z]\.)+[A-Za-z](?!\w)\.?"
_NUMBER = r"\d+(?:[.,]\d+)*"
_POSSESSIVE = r"(?:['’ʼ][sS](?!\w))?"
# Most words begin with two letters and hold no full stop; they are tried first, for speed.
_PLAIN = re.compile(rf"(?:[A-Za-z]{{2}}\w*+|{_DOTTED_WORD}|(?:{_NUMBER})?\w*+){_POSSESSIVE}\W*+")
_MIXED_WORD = rf"(?:[^\W{_UNSPACED}]|[{_MARKS}])"
_MIXED = re.compile(
    rf"(?:{_DOTTED_WORD}|[{_UNSPACED}]|(?:{_NUMBER})?{_MIXED_WORD}*){_POSSESSIVE}"
    rf"[^\w{_MARKS}{_UNSPACED}]*"
)
_UNUSUAL = re.compile(f"[{_MARKS}{_UNSPACED}]")
_WORD_AND_GAP = re.compile(
    rf"({_DOTTED_WORD}|[{_UNSPACED}]|(?:{_NUMBER})?{_MIXED_WORD}*)({_POSSESSIVE})(.*)", re.DOTALL
)
_LEADING_GAP = re.compile(rf"[^\w{_MARKS}{_UNSPACED}]*")

# Marks that carry no meaning of their own to a searcher: accents of Latin and Greek, Hebrew points,
# Arabic vowels, and Arabic's stretching stroke.
_DIACRITICS = re.compile(rf"[\u0300-\u036f{_HEBREW_POINTS}{_ARABIC_VOWELS}\u0640'’ʼʻ]")
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
    | {"ى": "ي", "ة": "ه", "й": "\ue000"}
)
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})

_ENDS_PHRASE = re.compile(r"[,;:!?(){}…\n•|。、，；：！？،؛؟।.]")
_JOINERS = frozenset("-‐‑'’")
_CONTRACTED = frozenset({"t", "re", "ve", "ll", "d", "m", "s"})
_SHORTEST_PLURAL = 4


class Word(NamedTuple):
    """A folded word with what follows it.

    `chunk` is what stands in the folded text: the word, and a break where a phrase cannot go on.
    `width` is the number of characters of the word as written, without a possessive ending, and
    `length` includes everything up to the next word. `other` is a second reading, or nothing.
    """

    word: str
    chunk: str
    width: int
    length: int
    flags: int
    other: str


def cut(text: str) -> tuple[int, list[str]]:
    """Cut a text into words, each with what follows it; return also where the first begins."""
    pattern = _MIXED if _UNUSUAL.search(text) else _PLAIN
    gap = _LEADING_GAP.match(text)
    start = gap.end() if gap else 0
    parts = pattern.findall(text, start)
    if parts and not parts[-1]:
        parts.pop()
    return start, parts


def folded_words(text: str) -> tuple[int, list[Word]]:
    """Cut a text into folded words; return also where the first of them begins."""
    start, parts = cut(text.replace("_", " "))
    if len(_MEMO) > _MEMO_SIZE:
        _MEMO.clear()
    return start, list(map(_MEMO.__getitem__, parts))


def plain_words(value: str) -> list[str]:
    """Return the folded words of a text of English letters and single spaces; nothing of others.

    It is `folded_words` for what most rules are made of: words that have one reading.
    """
    found = []
    for written in value.split(" "):
        if not (written.isascii() and written.isalpha()):
            return []
        _, word, other, _ = _FORMS[written]
        if other:
            return []
        found.append(word)
    return found


def breaks_phrase(gap: str) -> bool:
    """Say whether a phrase cannot go on over what stands between two words."""
    return _ENDS_PHRASE.search(gap) is not None


class Written(NamedTuple):
    """A word of a name: its folded letters, plural kept, and how it was written."""

    letters: str
    flags: int
    raw: str
    forms: frozenset[str]


def letter_forms(word: str) -> frozenset[str]:
    """Return the folded letters of a word, also with its umlauts spelled out."""
    lowered = word.replace(".", "").lower()
    return frozenset({fold_letters(lowered), fold_letters(lowered.translate(_SPELLED_OUT))})


def written_words(value: str) -> list[Written]:
    """Cut a name into words whose endings are kept: `Sanders` stays `sanders`."""
    at, words = folded_words(value)
    found = []
    for word in words:
        letters = value[at : at + word.width].replace(".", "")
        forms = letter_forms(letters)
        found.append(Written(fold_letters(letters), word.flags, letters.lower(), forms))
        at += word.length
    return found


def fold_letters(word: str) -> str:
    """Fold case, accents and letter variants of one word; plural and possessive stay."""
    if word.isascii():
        return word.lower().replace("'", "")
    lowered = word.casefold().translate(_LETTERS)
    bare = _DIACRITICS.sub("", unicodedata.normalize("NFKD", lowered))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS).replace("\ue000", "й")


def singular(word: str) -> str:
    """Return the singular of a folded English word; other words come back as they are."""
    known = SINGULARS.get(word)
    if known is not None:
        return known
    if len(word) < _SHORTEST_PLURAL:
        return word
    if not word.endswith("s"):
        return _ending_as_plural(word)
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith(("sses", "xes", "ches", "shes", "oes")) and len(word) > _SHORTEST_PLURAL:
        return word[:-2]
    return _ending_as_plural(word[:-1])


def _ending_as_plural(word: str) -> str:
    """Write endings in the way in which the plural leaves them: `movie` as `movy` of `movies`."""
    if len(word) < _SHORTEST_PLURAL:
        return word
    if word.endswith("ie"):
        return word[:-2] + "y"
    if word.endswith(("xe", "che", "she", "oe")):
        return word[:-1]
    return word


def acronym(written: str) -> str:
    """Return the acronym that a word is (`WHO`, `U.S.`, the MP of `MPs`), or nothing.

    These are words of two to five capital letters; they are told apart from words in small letters.
    """
    bare = written.replace(".", "")
    if len(bare) > 2 and bare[-1] == "s" and bare[:-1].isupper():
        bare = bare[:-1]
    return bare if 2 <= len(bare) <= 5 and bare.isalpha() and bare.isupper() else ""


# What a word is, whatever follows it: its letters, its readings, and its flags. Python's search for
# circular rubbish passes over plain tuples; there are very many.
_Form = tuple[str, str, str, int]


def read_word(part: str) -> Word:
    """Read a word with what follows it, as `cut` has it."""
    bare = part[:-1]
    if part.endswith(" ") and bare.isascii() and bare.isalpha():
        _, word, other, flags = _FORMS[bare]
        return Word(word, word, len(bare), len(part), flags, other)
    match = _WORD_AND_GAP.fullmatch(part)
    assert match is not None, part
    written, possessive, gap = match.groups()
    letters, word, other, flags = _FORMS[written]
    flags |= _flags(written, possessive, gap, letters)
    chunk = f"{word} {BREAK}" if flags & BREAKS_AFTER else word
    return Word(word, chunk, len(written), len(part), flags, other)


def _form(written: str) -> _Form:
    if written.isascii() and written.isalpha() and written.islower():
        word = singular(written)
        return written, word, "", CONTRACTED if word in _CONTRACTED else 0
    bare = written.replace(",", "") if written[:1].isdigit() else written.replace(".", "")
    letters = fold_letters(bare)
    word = singular(letters) or BREAK
    other = _other_reading(written)
    flags = TWO_READINGS if other else 0
    flags |= CONTRACTED if word in _CONTRACTED else 0
    flags |= SEVERAL if " " in word else 0
    if written[:1].isupper():
        flags |= CAPITALISED
    if len(written) > 1 and written.isupper():
        flags |= ALL_CAPS
    if not (written.isupper() or written.islower() or written[:1].isupper()):
        flags |= UNCASED
    return letters, word, other, flags


def _flags(written: str, possessive: str, gap: str, letters: str) -> int:
    dotted = "." in written or (
        gap.startswith(".") and (len(written) == 1 or letters in ABBREVIATIONS)
    )
    rest = gap[1:] if dotted and gap.startswith(".") else gap
    flags = DOTTED if dotted else 0
    flags |= BREAKS_AFTER if _ENDS_PHRASE.search(rest) else 0
    flags |= JOINS_NEXT if gap in _JOINERS and not possessive else 0
    flags |= POSSESSIVE if possessive or (gap[:1] in {"'", "’"} and letters.endswith("s")) else 0
    return flags


def _other_reading(written: str) -> str:
    caps = acronym(written)
    if caps:
        return caps
    lowered = written.lower()
    spelled = lowered.translate(_SPELLED_OUT)
    return singular(fold_letters(spelled)) if spelled != lowered else ""


class _Memo(dict[str, Word]):
    """Words of rules that were seen before, with what follows them."""

    def __missing__(self, part: str) -> Word:
        word = self[part] = read_word(part)
        return word


class _Forms(dict[str, _Form]):
    """Words that were seen before: most of what is new is one of them before another mark."""

    def __missing__(self, written: str) -> _Form:
        if len(self) > _MEMO_SIZE:
            self.clear()
        form = self[written] = _form(written)
        return form


_MEMO_SIZE = 100_000
_MEMO = _Memo()
_FORMS = _Forms()

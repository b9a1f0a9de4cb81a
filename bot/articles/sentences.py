"""Where the sentences of a text begin and end.

sentencex (https://github.com/wikimedia/sentencex) finds them in 200 languages; a second look at
each place where it broke, and at those where it could have, mends what all such libraries get
wrong in news: "5 p.m. | Monday", "Lt. | Gen.", "left the U.S. China replied".
"""

from __future__ import annotations

import regex
import sentencex

from bot.model import Span

_MOST_QUOTES = 500
"""sentencex takes quadratic time in opening quotes; a paragraph with more is cut without it."""

_ENOUGH = 120
"""So many characters on either side tell whether a sentence ends between them."""

_LONG = 300
"""sentencex does not look into quotes and brackets, even where they are never closed; what has more
characters is cut at a plain full stop all the same."""

_LONGEST_ENDING = 16
"""An abbreviation and what stands around it has no more characters."""

_PARAGRAPH = regex.compile(r"[^\n]+")
_PLACE = regex.compile(r"[.!?…][\"'”’»“)\]]{0,3}\s+(?=\S)")
_OPENING = r"[\"'“‘«„(\[]*"


def _any_of(words: str) -> str:
    """Make an alternation of `words`."""
    return f"(?:{'|'.join(words.split())})"


# These stand before a name or a number, so that their full stop never ends a sentence.
_TITLES = _any_of("""
    Mr Mrs Ms Mx Dr Prof Sen Sens Rep Reps Gov Govs Gen Lt Col Maj Capt Sgt Cpl Pvt Cmdr Cdr Adm
    Brig Cmd Supt Det Insp Amb Atty Asst Dep Hon Rev Fr Msgr Pres v vs cf Messrs Mme Mlle MM Sr
    Sec Sra Srta Dra Gral Hr Nr Abs Art Fig Vol Nos pp ca bzw approx
""")
_TIMES = _any_of("""
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Tues Wed Thu Thurs Fri Sat Sun
    January February March April May June July August September October November December
    Jan Feb Mar Apr Jun Jul Aug Sept? Oct Nov Dec [ECMPAB]S?T [ECMP]DT GMT UTC CES?T
    (?:Eastern|Central|Mountain|Pacific|Greenwich|\\w+)(?:\\s\\w+)?\\s[Tt]ime
""")
_SHORTENED = _any_of("""
    U\\.S U\\.K U\\.N E\\.U U\\.A\\.E D\\.C L\\.A N\\.Y
    Inc Corp Co Cos Ltd Bros Jr Ave Blvd Rd etc Ph\\.D
    Jan Feb Mar Apr Jun Jul Aug Sept? Oct Nov Dec
    Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb
    Nev Okla Ore Pa Tenn Tex Vt Va Wash Wis Wyo
""")
_STARTERS = _any_of("""
    The A An This That These Those It Its It[’']s He She They We You His Her Their Our My In On At
    By For From With But And Or So Yet If When While As After Before Since Until Although Though
    However Meanwhile Still There Then What Why How Who Where Not No Now Some Many Most Several All
    Both Each Another Other According Last Earlier Later During Despite Because Even Also Instead
    To Under Among Nor Such Only Once Just Today Yesterday Tomorrow More Less
""")
# "the U.S. Senate" is one name, "the U.S. China" is not.
_INSTITUTIONS = _any_of("""
    President Vice Senate Senator House Congress Secretary Ambassador Attorney Attorneys Army Navy
    Air Marine Marines Supreme District Court Courts Department Justice Treasury Embassy Capitol
    Constitution Central Federal Agency Special Defen[cs]e States? Homeland Customs Border
    Immigration Military Forces Coast Steel Open Geological Food Trade Chamber Bureau Census
    Olympics? Soccer Postal Fish Forest Environmental Energy Interior Labor Education Health
    Commerce Transportation Agriculture Veterans Bank Circuit Rep Sen Gen Lt Cyber Strategic
    Security Secretary-General General Human High Refugee World Prime Foreign Home Chief Chairman
    Chairwoman Representative Consulate Mission Envoy Judge Magistrate Code Commission Africa
    African Director Governor Mayor Minister Council Relief Command
""")
_SUBJECT_VERBS = _any_of("""
    said says has had have is was are were will would could can may did does do also responded
    replied denied called warned told asked added rejected rose fell went came left took made
""")
_BEFORE_ORDINALS = _any_of("""
    [Dd]er [Dd]ie [Dd]as [Dd]em [Dd]en [Dd]es [Aa]m [Ii]m [Vv]om [Zz]um [Zz]ur [Bb]eim [Ss]eit
    [Ii]hr\\w* [Ss]ein\\w* [Ee]in\\w* [Jj]ede\\w*
""")
_SAYING = _any_of("""
    said says asked asks wrote told added tweeted shouted joked replied wondered demanded
""")
_NAME = r"\p{Lu}[\w’'-]*(?:\s\p{Lu}[\w’'-]*){0,2}"

# (how the left side ends, what the right side must begin with for a sentence to end between them);
# the first line that fits decides, and where none fits the library does.
_SECOND_LOOK = tuple(
    (regex.compile(left), regex.compile(right))
    for left, right in (
        # The number of a list item.
        (r"^\s*\(?(?:\d{1,3}|[a-zA-Z])[.)]$", r"(?!)"),
        (rf"(?:^|[\s(\[\"“‘«-]){_TITLES}\.$", r"(?!)"),
        (r"[’']on\.$", r"(?!)"),
        # "der 2. Weltkrieg"
        (rf"\b{_BEFORE_ORDINALS}\s\d{{1,3}}\.$", r"(?!)"),
        # Arabic titles are one letter: د. أحمد
        (r"(?<![\p{L}\p{M}])\p{Arabic}\.$", r"(?!\p{Arabic})"),
        # 「…だ。」と言った
        (r"[。！？][」』]$", r"(?![とってはがをにもので])"),
        (r"(?:^|[\s(])(?:[Nn]o|pp?|ch)\.$", r"(?!\d)"),
        (r"(?i)\b[ap]\.\s?m\.$", rf"(?!\(?{_TIMES}\b)"),
        # After a shortened word only what never is a name, or a name that is followed by a verb.
        (
            rf"\b{_SHORTENED}\.$",
            rf"{_OPENING}(?:{_STARTERS}[\s,]|(?!{_INSTITUTIONS}\b){_NAME}\s{_SUBJECT_VERBS}\b)",
        ),
        # After initials and saints only what never is a name.
        (
            r"(?:\b(?:St|Ste|Mt|Ft)|(?<![\p{L}\p{N}’'])\p{Lu}(?:\.\p{Lu})*)\.$",
            rf"{_OPENING}{_STARTERS}[\s,]",
        ),
        # (R-Fla.)
        (rf"\b{_SHORTENED}\.\)$", rf"{_OPENING}{_STARTERS}[\s,]"),
        # “Is this a red line?” Biden asked.
        (r"[?!][\"”’»]$", rf"(?!(?:\p{{Lu}}[\p{{L}}’'.-]*\s){{1,4}}{_SAYING}\b)"),
        (r"(?:…|\.\.\.)[\"”’»)]*$", rf"{_OPENING}[\p{{Lu}}\p{{Lo}}]"),
    )
)
# (A sentence may stand in brackets as a whole.)
_BRACKETED = regex.compile(r"(?:^|\s)\((?:[^()\s]+\s){3,}[^()\s]+[.!?]\)$")
_OPENS = regex.compile(rf"{_OPENING}[\p{{Lu}}\p{{Lo}}]")
_GOES_ON = regex.compile(rf"{_OPENING}\p{{Ll}}|[”’»)\]]|[-–—]")
_ABBREVIATED = frozenset(
    f"{_TITLES}|{_SHORTENED}|sep|no|pp|ch|st|ste|mt|ft".lower().translate(
        str.maketrans("", "", "(?:)")
    ).split("|")
)  # fmt: skip


def split(text: str, language: str | None) -> tuple[Span, ...]:
    """Return the sentences of `text` as half-open spans.

    The spans are in order, do not overlap, hold no white space at either end, and none crosses a
    newline; every character that is not white space is in one of them.

    Args:
        text: clean text, one paragraph a line.
        language: the language as ISO 639 or BCP 47 says it; None is treated as English.
    """
    code = regex.split("[-_]", (language or "en").lower())[0] or "en"
    spans: list[Span] = []
    for paragraph in _PARAGRAPH.finditer(text):
        spans += _trimmed(text, paragraph.start(), _breaks(paragraph.group(), code))
    return tuple(spans)


def _trimmed(text: str, offset: int, ends: list[int]) -> list[Span]:
    """Turn the ends of pieces of a paragraph into spans of `text` without white space around."""
    spans = []
    start = offset
    for end in ends:
        piece = text[start : offset + end]
        lead = len(piece) - len(piece.lstrip())
        if piece.strip():
            spans.append(Span(start + lead, start + lead + len(piece.strip())))
        start = offset + end
    return spans


def _breaks(paragraph: str, language: str) -> list[int]:
    """Return where the sentences of `paragraph` end, the last one included."""
    found = _found(paragraph, language)
    start, ends = 0, []
    for place in sorted(found | {match.end() for match in _PLACE.finditer(paragraph)}):
        left = paragraph[max(start, place - _ENOUGH) : place].rstrip()
        right = paragraph[place : place + _ENOUGH]
        long = place - start > _LONG and _is_plain(left) and _OPENS.match(right) is not None
        if left and (long or _ends_here(left, right, found=place in found)):
            ends.append(place)
            start = place
    return [*ends, len(paragraph)]


def _found(paragraph: str, language: str) -> set[int]:
    """Return the places inside `paragraph` where the library begins a new sentence."""
    quotes = paragraph.count("“") + paragraph.count("«") + paragraph.count("„")
    if quotes > _MOST_QUOTES:
        return {place.end() for place in _PLACE.finditer(paragraph)}
    places, at = set(), 0
    for sentence in sentencex.segment(language, paragraph):
        at += len(sentence)
        places.add(at)
    return places - {0, len(paragraph)}


def _ends_here(left: str, right: str, *, found: bool) -> bool:
    """Whether a sentence ends between `left` and `right`; `found` is what the library thinks."""
    if _GOES_ON.match(right):
        return False
    if found and _is_plain(left):
        return True
    if left.endswith(")") and _BRACKETED.search(left):
        return _OPENS.match(right) is not None
    for ending, beginning in _SECOND_LOOK:
        if ending.search(left, max(0, len(left) - _LONGEST_ENDING)):
            return beginning.match(right) is not None
    return found


def _is_plain(left: str) -> bool:
    """Whether `left` ends in a whole word and a full stop; it saves most places a closer look."""
    word = left.rpartition(" ")[2]
    return word[-1:] == "." and word[1:-1].isalpha() and word[:-1].lower() not in _ABBREVIATED

"""Text and addresses from outside, made safe to compare, to store and to show. All of it is pure.

Nothing here knows a chat platform: escaping is the handlers' task. The characters that are dropped
are those that a reader cannot see and that a sender could abuse: controls, the twelve Bidi_Control
characters (https://www.unicode.org/reports/tr9/#Bidi_Character_Types), tag characters and other
default-ignorable ones (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point).
"""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import takewhile
from urllib.parse import SplitResult, quote, urlsplit

import idna
import regex
from publicsuffixlist import PublicSuffixList

ELLIPSIS = "…"
LONGEST_LINK = 2_000
"""Longer links are refused: no publisher needs them and Discord cuts off at 2,048 characters."""

# --- characters -------------------------------------------------------------------------------

_LINE_ENDS = regex.compile(r"\r\n|[\r\x85\u2028\u2029]")
_HIDDEN = regex.compile(
    r"[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}"
    r"\uFFF9-\uFFFB\U000E0000-\U000E007F"
    r"--[\n\t\v\f\u200C\u200D\p{Variation_Selector}]]",
    regex.V1,
)
# Scripts whose letters join or stack; there ZWNJ and ZWJ change what a word says (RFC 5892 A.1,
# https://www.unicode.org/reports/tr31/#Layout_and_Format_Control_Characters).
_JOINING = "".join(
    rf"\p{{Script={script}}}"
    for script in (
        "Arabic", "Syriac", "Mandaic", "Nko", "Mongolian", "Devanagari", "Bengali", "Gurmukhi",
        "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Khmer",
        "Myanmar", "Tibetan",
    )
)  # fmt: skip
_JOINING_LETTER = rf"[[{_JOINING}]&&[\p{{L}}\p{{M}}]]"
_PICTURE = r"[\p{Extended_Pictographic}\p{Emoji_Modifier}]\uFE0F?"
_IDLE_JOINERS = regex.compile(
    rf"(?<!{_JOINING_LETTER})\u200C|\u200C(?!{_JOINING_LETTER})"
    rf"|(?<!{_JOINING_LETTER})(?<!{_PICTURE})\u200D"
    rf"|(?<={_PICTURE})\u200D(?!\p{{Extended_Pictographic}})",
    regex.V1,
)
# A variation selector that chooses nothing can carry a hidden message, so only the kinds that the
# standard defines are kept: emoji or text style, ideographs, Mongolian forms.
_IDLE_SELECTORS = regex.compile(
    r"(?<!\p{Extended_Pictographic})[\uFE0E\uFE0F](?!\u20E3)"
    r"|(?<![\p{Extended_Pictographic}0-9#*])[\uFE0E\uFE0F](?=\u20E3)"
    r"|(?<!\p{Han})[\uFE00-\uFE0D\U000E0100-\U000E01EF]"
    r"|(?<!\p{Mongolian})[\u180B-\u180D\u180F]",
    regex.V1,
)
_SPECIAL = regex.compile(r"[\u200C\u200D\p{Variation_Selector}]")
_MARK_PILE = regex.compile(r"([\p{Mn}\p{Me}]{3})[\p{Mn}\p{Me}]+")
_UNUSUAL = regex.compile(
    rf"[{_HIDDEN.pattern}||[\p{{Cc}}--\n]||[\s--\n]||[\p{{Mn}}\p{{Me}}]||{_SPECIAL.pattern}]",
    regex.V1,
)
_SPACES = regex.compile(r"[^\S\n]{2,}|[^\S\n ]")
_AROUND_LINE_END = regex.compile(r" +\n *|\n +")
_EMPTY_LINES = regex.compile(r"\n{3,}")


def storable(raw: str) -> str:
    """Return `raw` with U+FFFD in place of each lone surrogate, which nothing can store.

    JSON can write one, as where an emoji was cut in two.
    """
    try:
        raw.encode()
    except UnicodeEncodeError:
        return raw.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return raw


def clean_text(raw: str) -> str:
    """Return `raw` as Redline keeps text; cleaning twice changes nothing.

    The result is NFC; it holds no control characters but the newline, no bidi controls, no tag
    characters, no lone surrogates, at most three combining marks on a base, and of the zero-width
    characters only those that belong to an emoji or that the script needs (Persian, Indic). Each
    newline ends a paragraph; white space inside a paragraph is one space, and at most one empty
    line stands between two paragraphs.
    """
    # Hardly any text holds anything unusual, and it is cheaper to look at each character once.
    rare = "".join(character for character in set(raw) if not " " <= character <= "~")
    text = unicodedata.normalize("NFC", _tamed(raw) if _UNUSUAL.search(rare) else raw)
    if "  " in text:
        text = _SPACES.sub(" ", text)
    if " \n" in text or "\n " in text:
        text = _AROUND_LINE_END.sub("\n", text)
    return _EMPTY_LINES.sub("\n\n", text).strip()


def one_line(raw: str) -> str:
    """Return `raw` cleaned and on one line: for titles, names and labels."""
    return " ".join(clean_text(raw).split("\n")).replace("  ", " ")


def _tamed(text: str) -> str:
    """Drop what a reader cannot see and piles of marks; make line ends and spaces plain."""
    text = _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    before = ""
    while text != before:
        before = text
        if _SPECIAL.search(text):
            text = _IDLE_SELECTORS.sub("", _IDLE_JOINERS.sub("", text))
        # Marks are counted before normalising too, because normalising sorts them in quadratic
        # time; sorted, they may leave a joiner idle that was not.
        text = unicodedata.normalize("NFC", _MARK_PILE.sub(r"\1", text))
        text = _MARK_PILE.sub(r"\1", text)
    return _SPACES.sub(" ", text)


# --- shortening -------------------------------------------------------------------------------

_GRAPHEME = regex.compile(r"\X")
# A full stop after a single letter is rather an initial ("U.S.") than the end of a sentence.
_SENTENCE_END = regex.compile(
    r"(?:(?<!\b\p{L})\.|[!?])[\"'”’»)\]]*(?=\s)|[。！？][」』”’）]*"
)  # fmt: skip
_WORD_END = regex.compile(r"[\s,;:–—-]+")
_DANGLING = " \n.,;:–—-"


def utf16_length(text: str) -> int:
    """Return the UTF-16 code units of `text`, the strictest of the ways platforms count."""
    return len(text) + sum(character > "\uffff" for character in text)


def shorten(text: str, limit: int, *, measure: Callable[[str], int] = len) -> str:
    """Return `text` within `limit`, ending in … where something was left out.

    The cut is at the end of a sentence where more than half of the room is used so, else at the
    end of a word, else between two graphemes; a grapheme is never broken.

    Args:
        text: what is to be shortened; it is returned as it is where it fits.
        limit: the most that `measure` may say of the result; below the length of "…" it is empty.
        measure: how the reader of the limit counts; the parts of a text must add up to the whole.
    """
    if measure(text) <= limit:
        return text
    room = limit - measure(ELLIPSIS)
    if room < 0:
        return ""
    head = _head(text, room, measure)
    sentence = _last_end(_SENTENCE_END, text, len(head) - 1)
    if sentence * 2 > len(head):
        return f"{text[:sentence]} {ELLIPSIS}"
    word = max((found.start() for found in _WORD_END.finditer(text, 0, len(head) + 1)), default=0)
    return (head[:word] or head).rstrip(_DANGLING) + ELLIPSIS


def _head(text: str, room: int, measure: Callable[[str], int]) -> str:
    """Return the longest run of whole graphemes at the start of `text` that fits into `room`."""
    used = 0

    def fits(found: regex.Match[str]) -> bool:
        nonlocal used
        used += measure(found.group())
        return used <= room

    return "".join(found.group() for found in takewhile(fits, _GRAPHEME.finditer(text)))


def _last_end(pattern: regex.Pattern[str], text: str, before: int) -> int:
    """Return where the last find of `pattern` ends that ends at or before `before`, or 0."""
    ends = (found.end() for found in pattern.finditer(text[: before + 1]))
    return max((end for end in ends if end <= before), default=0)


# --- addresses --------------------------------------------------------------------------------

# What publishers and networks add to tell where a reader came from; compare
# https://github.com/miniflux/v2/blob/main/internal/reader/urlcleaner/urlcleaner.go and
# https://gitlab.com/ClearURLs/rules.
_TRACKING_PREFIXES = (
    "utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "at_", "ns_", "oly_", "vero_", "wt_mc",
    "wt.", "__hs", "_hs", "ga_",
)  # fmt: skip
_TRACKING = frozenset((
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid",
    "twclid", "ttclid", "igshid", "igsh", "li_fat_id", "mc_cid", "mc_eid", "mkt_tok", "xtor",
    "s_cid", "cmpid", "cmp", "icid", "ocid", "ncid", "ftag", "taid", "smid", "smtyp", "_ga",
    "_gl", "_openstat", "ref_src", "ref_url", "wickedid", "srnd", "sr_share", "rss_id", "ito",
    "soc_src", "soc_trk", "guccounter", "guce_referrer", "guce_referrer_sig", "intcmp", "rref",
    "mtrref", "_r", "gwh", "gwt", "smprod", "csp", "ex_cid", "linkid", "yptr", "amp",
    "outputtype", "campaign_id", "fb_action_ids", "fb_action_types", "fb_ref", "fb_source",
    "action_object_map", "action_type_map", "action_ref_map",
))  # fmt: skip
_PERHAPS_TRACKING = frozenset(
    ("ref", "source", "src", "from", "via", "mod", "partner", "feed", "feedtype")
)
_TRACKING_VALUE = regex.compile(
    r"(?:rss|atom|feed|twitter|facebook|newsletter|e?mail|social|home-?page)(?![a-z]).*|rss.*",
    regex.I,
)
_READERS_PREFIXES = ("www.", "m.", "mobile.", "amp.")
_AMP_COPY = regex.compile(
    r"(?<=[^/]*[-\d][^/]*)(?:(?:/amp/*|\.amp)+$|(?:\.amp)+(?=\.html$))", regex.I
)
_ESCAPE = regex.compile(r"%([0-9A-Fa-f]{2})?|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]]")
_UNRESERVED = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)  # fmt: skip
_HOST = regex.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]{1,63}")
_UNFIT = regex.compile(r"[\p{Cc}\p{Cs}\p{Cf}\p{Noncharacter_Code_Point}\u2028\u2029]")


def canonical_url(url: str) -> str:
    """Return the form of `url` that tells whether two links are one article; idempotent.

    It is for comparing only, the reader gets `safe_link`. Folded are: http to https, case of
    scheme and host, default ports, userinfo, fragments (but not the routes `#!…` and `#/…`),
    tracking parameters, the order of parameters, percent-encoding, a trailing slash, and the host
    prefixes and path endings that lead to another layout of the same page (`www.`, `m.`,
    `mobile.`, `amp.`; `/amp` and `.amp` after a slug). The case of path and parameters is kept,
    since servers may tell them apart. What is no http address comes back as one clean line.
    """
    parts = _split(one_line(url))
    if parts is None:
        return one_line(url)
    host = _without_prefix(_ascii_host(parts) or "")
    if not host:
        return one_line(url)
    port = "" if parts.port in {None, 80, 443} else f":{parts.port}"
    path = _AMP_COPY.sub("", _encoded(parts.path).rstrip("/")).rstrip("/")
    query = _identifying(parts.query)
    route = _encoded(parts.fragment) if parts.fragment.startswith(("!", "/")) else ""
    return f"https://{host}{port}{path}{'?' if query else ''}{query}{'#' if route else ''}{route}"


def safe_link(url: str) -> str | None:
    """Return `url` as a link that may be put before a reader, or None where there is none.

    Only http and https; userinfo is taken out, hosts are ASCII (so that a name of mixed scripts
    cannot pass for another), and what is no part of an address is percent-encoded: white space,
    quotes, angle brackets, bars, other scripts. None for other schemes, bad hosts and ports,
    characters that cannot be seen, a backslash before the path (browsers and parsers differ on
    it), and what is longer than `LONGEST_LINK` characters.
    """
    url = url.strip()
    if _UNFIT.search(url):
        return None
    parts = _split(url)
    host = _ascii_host(parts) if parts else None
    if parts is None or not host:
        return None
    port = f":{parts.port}" if parts.port else ""
    query = f"?{_encoded(parts.query)}" if parts.query else ""
    fragment = f"#{_encoded(parts.fragment)}" if parts.fragment else ""
    link = f"{parts.scheme.lower()}://{host}{port}{_encoded(parts.path)}{query}{fragment}"
    return link if len(link) <= LONGEST_LINK else None


def domain_of(url: str) -> str:
    """Return the registrable domain of `url` (`bbc.co.uk`), as it may be shown to a reader.

    A domain in one script of its own is given in that script, any other in ASCII (punycode). An
    address that is a number or a bare host is returned itself; "" where `url` names no host.
    """
    parts = _split(url.strip())
    host = _ascii_host(parts) if parts else None
    if not host or host.startswith("[") or _is_number(host):
        return host or ""
    return _readable(_suffixes().privatesuffix(host) or host)


def _split(url: str) -> SplitResult | None:
    """Split an http address; None where it is none, or where readers of it would differ."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it, and raises ValueError
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and "\\" not in parts.netloc else None


def _ascii_host(parts: SplitResult) -> str | None:
    """Return the host in lower-case ASCII, without a dot at its end; None where it is not valid."""
    host = (parts.hostname or "").rstrip(".")
    try:
        if ":" in host:
            return f"[{ipaddress.IPv6Address(host.partition('%')[0]).compressed}]"
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode("ascii").lower()
    except (ValueError, UnicodeError):  # idna.IDNAError is a UnicodeError
        return None
    return host if _HOST.fullmatch(host) else None


def _is_number(host: str) -> bool:
    """Whether `host` is an IPv4 address."""
    return host.replace(".", "").isdigit()


def _without_prefix(host: str) -> str:
    """Take off the prefixes of other layouts, while a registrable domain is left."""
    for prefix in _READERS_PREFIXES:
        rest = host.removeprefix(prefix)
        if rest != host and _suffixes().privatesuffix(rest):
            return _without_prefix(rest)
    return host


def _identifying(query: str) -> str:
    """Return the parameters of `query` that tell pages apart, sorted by name."""
    pairs = [_encoded(pair).partition("=") for pair in query.split("&") if pair]
    kept = [pair for pair in pairs if not _tracks(pair[0].lower(), pair[2])]
    return "&".join("".join(pair) for pair in sorted(kept, key=lambda pair: pair[0]))


def _tracks(name: str, value: str) -> bool:
    """Whether a parameter only tells where the reader came from."""
    return (
        name in _TRACKING
        or name.startswith(_TRACKING_PREFIXES)
        or (name in _PERHAPS_TRACKING and _TRACKING_VALUE.fullmatch(value) is not None)
    )


def _encoded(part: str) -> str:
    """Return a part of a URL with everything percent-encoded that must be, in one spelling."""
    return _ESCAPE.sub(_one_spelling, part)


def _one_spelling(found: regex.Match[str]) -> str:
    """Decode escapes that are not needed, write the others in capitals, escape what is not."""
    written = found.group(1)
    if written is None:
        return quote(found.group(), safe="", errors="replace")
    character = chr(int(written, 16))
    return character if character in _UNRESERVED else f"%{written.upper()}"


def _readable(domain: str) -> str:
    """Return an internationalised domain in its own script, where it has but one."""
    if "xn--" not in domain:
        return domain
    try:
        shown = idna.decode(domain)
    except (ValueError, UnicodeError):
        return domain
    return shown if any(kind.fullmatch(shown) for kind in _ONE_SCRIPT) else domain


# Cyrillic and Greek letters look like Latin ones and so stand alone; the others cannot be mistaken.
_ONE_SCRIPT = tuple(
    regex.compile(rf"[{script}0-9.-]+", regex.V1)
    for script in (
        r"\p{Cyrillic}",
        r"\p{Greek}",
        r"a-zß-öø-ÿœ",
        r"a-z\p{Arabic}",
        r"a-z\p{Hebrew}",
        r"a-z\p{Devanagari}",
        r"a-z\p{Thai}",
        r"a-z\p{Hangul}",
        r"a-z\p{Han}\p{Hiragana}\p{Katakana}ー",
    )
)


@cache
def _suffixes() -> PublicSuffixList:
    """Return the public suffix list that came with the library; it never asks the network."""
    return PublicSuffixList()

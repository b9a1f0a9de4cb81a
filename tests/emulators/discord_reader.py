r"""What a person sees of a Discord message: which words are bold, what is a link, what pings.

The rules are those of Discord's own client, a simple-markdown grammar: at each place the first rule
that fits wins; a backslash takes the next ASCII sign out of the game, but is not known to the rule
that finds the label of a masked link. Written from the client's behaviour, not from our renderer.
https://github.com/discord/simple-markdown and
https://support.discord.com/hc/en-us/articles/210298617
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_LABEL = r"(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*"
_TARGET = r"""\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['"]([\s\S]*?)['"])?\s*"""

# In the order of precedence.
_INLINE = {
    "escape": re.compile(r"\\([^0-9A-Za-z\s])"),
    "autolink": re.compile(r"<([^: >]+:/[^ >]+)>"),
    "url": re.compile(r"((?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s])"),
    "link": re.compile(rf"\[({_LABEL})\]\({_TARGET}\)"),
    "bold": re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    "underline": re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"),
    "italic": re.compile(
        r"\b_((?:__|\\[\s\S]|[^\\_])+?)_\b"
        r"|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"
    ),
    "strike": re.compile(r"~~([\s\S]+?)~~(?!_)"),
    "fence": re.compile(r"```(?:[a-z0-9_+\-.#]+?\n)?\n*([^\n][\s\S]*?)\n*```"),
    "code": re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)"),
    "spoiler": re.compile(r"\|\|([\s\S]+?)\|\|"),
    "mention": re.compile(r"<@[!&]?\d+>|@everyone|@here|<#\d+>|</[^>]+:\d+>|<id:\w+>"),
    "time": re.compile(r"<t:-?\d{1,17}(?::[tTdDfFRsS])?>"),
    "emoji": re.compile(r"<a?:\w+:\d+>|:[\w+~-]+?(?:::skin-tone-\d)?:"),
}
_FORMATS = {"underline", "italic", "strike", "fence", "code", "spoiler", "time", "emoji"}
_INSIDE = {"bold", "underline", "italic", "strike", "spoiler"}

_BLOCK = {
    "heading": re.compile(r" *#{1,3}\s+(?=\S)"),
    "small": re.compile(r" *-# +(?=\S)"),
    "quote": re.compile(r" *>(?:>>)? "),
    "list": re.compile(r" *(?:[*+-]|\d+\.) +(?=\S)"),
}
_INVITATION = re.compile(r"discord\.gg/\w+|discord(?:app)?\.com/invite/\w+", re.IGNORECASE)


@dataclass(slots=True)
class Seen:
    """What one text shows."""

    text: str = ""
    bold: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    invitations: list[str] = field(default_factory=list)


def read(text: str) -> Seen:
    """Read content or a description."""
    seen = Seen(invitations=_INVITATION.findall(text))
    _inline(_without_blocks(text, seen), seen)
    return seen


def read_title(text: str) -> Seen:
    """Read an embed's title: inline markdown, no blocks."""
    seen = Seen()
    _inline(text, seen)
    return seen


def read_message(message: dict[str, Any]) -> Seen:
    """Read a whole message: content and embeds; authors and footers are shown as they are."""
    seen = read(message.get("content") or "")
    for embed in message.get("embeds") or []:
        title, body = read_title(embed.get("title") or ""), read(embed.get("description") or "")
        if embed.get("url"):
            title.links.append((title.text, embed["url"]))
        raw = [(embed.get("author") or {}).get("name"), (embed.get("footer") or {}).get("text")]
        for part in (title, body, Seen(text="\n".join(filter(None, raw)))):
            _add(seen, part)
    return seen


def _add(seen: Seen, part: Seen) -> None:
    """Add what a part shows."""
    seen.text += f"\n{part.text}"
    for name in ("bold", "links", "addresses", "mentions", "formats", "blocks", "invitations"):
        getattr(seen, name).extend(getattr(part, name))


def _without_blocks(text: str, seen: Seen) -> str:
    """Take the signs of blocks off the lines, noting them; blocks stand inside quotes, too."""
    lines = []
    for line in text.split("\n"):
        rest, found = line, True
        while found:
            found = False
            for name, rule in _BLOCK.items():
                match = rule.match(rest)
                if match:
                    seen.blocks.append(name)
                    rest, found = rest[match.end() :], True
                    break
        lines.append(rest)
    return "\n".join(lines)


def _inline(text: str, seen: Seen) -> str:
    """Read from left to right; return what is shown."""
    shown, at = [], 0
    while at < len(text):
        for name, rule in _INLINE.items():
            match = rule.match(text, at)
            if match:
                shown.append(_apply(name, match, seen))
                at = match.end()
                break
        else:
            shown.append(text[at])
            at += 1
    said = "".join(shown)
    seen.text = said
    return said


def _apply(name: str, match: re.Match[str], seen: Seen) -> str:
    """Note what a rule shows, and return its text."""
    if name == "escape":
        return match.group(1)
    if name in {"autolink", "url"}:
        seen.addresses.append(match.group(1))
        return match.group(1)
    if name == "link":
        label = _nested(match.group(1), seen)
        seen.links.append((label, re.sub(r"\\(.)", r"\1", match.group(2))))
        return label
    if name == "mention":
        seen.mentions.append(match.group())
        return match.group()
    if name in _FORMATS:
        seen.formats.append(name)
    if name not in _INSIDE:
        return match.group()
    inner = _nested(next(filter(None, match.groups())), seen)
    if name == "bold":
        seen.bold.append(inner)
    return inner


def _nested(text: str, seen: Seen) -> str:
    """Read the inside of a rule."""
    inside = Seen()
    said = _inline(text, inside)
    inside.text = ""
    before = seen.text
    _add(seen, inside)
    seen.text = before
    return said

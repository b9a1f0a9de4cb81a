"""A Discord message as Discord's desktop client draws it, from its content, embed and buttons.

Markdown is read by the grammar of tests/emulators/discord_reader.py: where text from outside could
format anything, the picture shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.model import Picture
from handlers.discord.cards import EmbedText, Rendered, Weight
from tests.emulators.discord_reader import _BLOCK, _INLINE
from tests.pictures import people
from tests.pictures.markup import Html, joined, picture, tag

Json = Mapping[str, Any]

_ELEMENTS = {
    "bold": "b",
    "underline": "u",
    "italic": "i",
    "strike": "s",
    "code": "code",
    "fence": "code",
    "spoiler": "code",
}
_MENTION = {"mention", "emoji"}
_FENCE = re.compile(r"^```\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
_WEIGHTS = {Weight.PLAIN: "button", Weight.MAIN: "button primary", Weight.DANGER: "button danger"}


def message(shown: Rendered, at: datetime, *, private: bool = False) -> Html:
    """Draw a message that came at the time `at`, `private` where one person alone sees it."""
    eye = [tag("div", "Only you can see this", class_="private")] if private else []
    who = tag(
        "div",
        tag("b", "Redline"),
        tag("span", "APP", class_="app"),
        tag("span", f"Today at {at:%H:%M}", class_="at"),
        class_="who",
    )
    content = [tag("div", markdown(shown.content))] if shown.content else []
    embed = [_embed(shown.embed, shown.picture)] if shown.embed else []
    buttons = [tag("span", press.label, class_=_WEIGHTS[press.weight]) for press in shown.buttons]
    row = [tag("div", *buttons, class_="actions")] if buttons else []
    return tag(
        "div",
        tag("div", "r", class_="face"),
        tag("div", who, *content, *embed, *row, *eye, class_="said"),
        class_="message",
    )


def window(channel: str, *messages: Html, theme: str) -> Html:
    """Draw a channel with its messages."""
    bar = tag("div", tag("span", "# ", class_="hash"), channel, class_="bar")
    return tag("section", bar, *messages, class_=f"discord {theme}")


def thread(name: str, *replies: Html) -> Html:
    """Draw a thread below the message it began with."""
    count = f"{len(replies)} {'Message' if len(replies) == 1 else 'Messages'} ›"
    head = tag("div", tag("b", name), tag("span", count), class_="thread")
    return tag("div", head, *replies, class_="replies")


def modal(sent: Json, *, theme: str) -> Html:
    """Draw a modal from what Discord is sent."""
    head = tag("div", sent["title"], tag("span", "\u2715", class_="close"), class_="bar")
    labels = [_label(each) for each in sent["components"]]
    buttons = tag("span", "Cancel", class_="button"), tag("span", "Submit", class_="button primary")
    foot = tag("div", *buttons, class_="foot")
    return tag("section", head, *labels, foot, class_=f"discord modal {theme}")


def markdown(text: str) -> Html:
    """Draw content or a description: blocks a line each, inline markdown inside them."""
    parts = enumerate(_FENCE.split(text))
    drawn = [tag("pre", part) if at % 2 else _lines(part.strip("\n")) for at, part in parts if part]
    return joined(*drawn)


def _lines(text: str) -> Html:
    return joined(*(_line(line) for line in text.split("\n")))


def _label(label: Json) -> Html:
    component = label["component"]
    star = tag("span", " *", class_="star") if component["required"] else Html()
    said = label.get("description") or ""
    return tag(
        "div",
        tag("div", tag("b", label["label"]), star),
        tag("div", said, class_="hint") if said else Html(),
        _COMPONENTS[component["type"]](component),
        class_="input",
    )


def _written(component: Json) -> Html:
    return tag(
        "div", component.get("value") or "", class_="box tall" if component["style"] == 2 else "box"
    )


def _select(component: Json) -> Html:
    chosen = [each["label"] for each in component["options"] if each["default"]]
    return tag("div", ", ".join(chosen) or "Make a selection", class_="box menu")


def _channels(component: Json) -> Html:
    ids = [each["id"] for each in component.get("default_values", ())]
    chips = [tag("span", people.channel(each), class_="chip") for each in ids]
    return tag("div", *chips, class_="box menu")


# https://docs.discord.com/developers/components/reference#component-object-component-types
_COMPONENTS: dict[int, Callable[[Json], Html]] = {3: _select, 4: _written, 8: _channels}


def _embed(embed: EmbedText, shown: Picture | None) -> Html:
    title = _inline(embed.title)
    parts = [
        tag("div", embed.author, class_="author") if embed.author else Html(),
        tag("div", title, class_="title link" if embed.url else "title"),
        tag("div", markdown(embed.description), class_="description"),
        picture(shown.png, shown.alt) if shown and embed.picture else Html(),
        _footer(embed),
    ]
    return tag("div", *parts, class_="embed", style=f"border-left-color: #{embed.colour:06x}")


def _footer(embed: EmbedText) -> Html:
    when = f"Today at {embed.timestamp:%H:%M}" if embed.timestamp else ""
    said = " • ".join(filter(None, (embed.footer, when)))
    return tag("div", said, class_="footer") if said else Html()


def _line(line: str) -> Html:
    for name, rule in _BLOCK.items():
        found = rule.match(line)
        if found:
            return tag("div", _line(line[found.end() :]), class_=name)
    return tag("div", _inline(line)) if line else tag("div", "", class_="gap")


def _inline(text: str) -> Html:
    """Draw one line: at each place the first rule that fits wins."""
    shown: list[str] = []
    at = 0
    while at < len(text):
        name, found = _first(text, at)
        if found is None:
            shown.append(text[at])
            at += 1
        else:
            shown.append(_drawn(name, found))
            at = found.end()
    return joined(*shown)


def _first(text: str, at: int) -> tuple[str, re.Match[str] | None]:
    tried = ((name, rule.match(text, at)) for name, rule in _INLINE.items())
    return next(((name, found) for name, found in tried if found), ("", None))


def _drawn(name: str, found: re.Match[str]) -> Html:
    if name == "escape":
        return joined(found[1])
    if name in {"autolink", "url"}:
        return tag("span", found[1], class_="link")
    if name == "link":
        return tag("span", _inline(found[1]), class_="link")
    if name == "time":
        return tag("span", _time(found[0]), class_="time")
    if name in _MENTION:
        return tag("span", _named(found[0]), class_="mention")
    return tag(_ELEMENTS[name], _inline(next(filter(None, reversed(found.groups())))))


def _named(mention: str) -> str:
    """Return the name that stands in the place of an id."""
    found = re.search(r"\d+", mention)
    if found and mention.startswith("<#"):
        return people.channel(found[0])
    return people.person(found[0]) if found and mention.startswith("<@") else mention


def _time(stamp: str) -> str:
    """Return a time as `<t:0:f>` is read in London."""
    seconds = int(stamp.split(":")[1].rstrip(">"))
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return stamp
    return f"{at.day} {at:%B %Y %H:%M}"

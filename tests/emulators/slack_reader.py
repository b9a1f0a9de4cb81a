"""What a person would see of a Slack message: words, bold words, live links, live mentions.

It reads a message the way Slack's clients do, from the documentation alone and without any of the
adapter's code, so that it can judge what the adapter made.
https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]

_CONTROL = re.compile(r"<([^<>]*)>")
_BOLD = re.compile(r"(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])")
_ITALIC = re.compile(r"(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])")
_EMOJI = re.compile(r":[a-z0-9_+-]+:")
_BARE_LINK = re.compile(r"https?://[^\s<>|]+")
_MENTIONS = {"user", "usergroup", "broadcast", "channel", "team"}


@dataclass
class Reading:
    """What was read. `formatted` are words that bold, italic or code markup in text changed.

    `named` are the ids of people and channels that rich text names; `mentions` has them too.
    """

    words: str = ""
    bold: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    emoji: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    formatted: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    named: list[str] = field(default_factory=list)

    def say(self, words: str) -> None:
        self.words += words


def read(text: str, blocks: Sequence[Json]) -> Reading:
    """Read a message. Where it has blocks, `text` only makes the notification."""
    reading = Reading()
    for block in blocks:
        _READERS[block["type"]](block, reading)
        reading.say("\n")
    if not blocks:
        _mrkdwn(text, reading)
        return reading
    notification = Reading()
    _mrkdwn(text, notification, verbatim=True)
    # A mention in the notification fires even where the text is not shown.
    reading.mentions += notification.mentions
    reading.links += [link for link in notification.links if link not in reading.links]
    return reading


def notification(text: str) -> str:
    """Return the words of the notification."""
    reading = Reading()
    _mrkdwn(text, reading)
    return reading.words


def _mrkdwn(text: str, reading: Reading, *, verbatim: bool = False) -> None:
    at = 0
    for found in _CONTROL.finditer(text):
        _prose(text[at : found.start()], reading, verbatim=verbatim)
        _control(found.group(1), reading)
        at = found.end()
    _prose(text[at:], reading, verbatim=verbatim)


def _control(inside: str, reading: Reading) -> None:
    target, _, label = inside.partition("|")
    if target.startswith("!date^"):
        reading.dates.append(target.split("^")[1])
        reading.say(_unescape(label))
    elif target.startswith(("!", "@", "#")):
        reading.mentions.append(f"<{inside}>")
    else:
        reading.links.append((_unescape(target), _unescape(label or target)))
        reading.say(_unescape(label or target))


def _prose(text: str, reading: Reading, *, verbatim: bool) -> None:
    reading.bold += _BOLD.findall(text)
    reading.formatted += _BOLD.findall(text) + _ITALIC.findall(text)
    reading.emoji += _EMOJI.findall(text)
    if not verbatim:
        reading.links += [(url, url) for url in _BARE_LINK.findall(_unescape(text))]
    reading.say(_unescape(text))


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _text_object(element: Json, reading: Reading) -> None:
    if element["type"] == "mrkdwn":
        _mrkdwn(element["text"], reading, verbatim=element.get("verbatim", False))
        return
    if element.get("emoji", True):
        reading.emoji += _EMOJI.findall(element["text"])
    reading.say(element["text"])


def _section(block: Json, reading: Reading) -> None:
    for part in [block.get("text"), *block.get("fields", ())]:
        if part:
            _text_object(part, reading)


def _context(block: Json, reading: Reading) -> None:
    for element in block["elements"]:
        if element["type"] != "image":
            _text_object(element, reading)
            reading.say(" ")


def _actions(block: Json, reading: Reading) -> None:
    reading.buttons += [element["action_id"] for element in block["elements"]]
    reading.labels += [element["text"]["text"] for element in block["elements"]]
    reading.styles += [element.get("style", "") for element in block["elements"]]


def _rich_text(block: Json, reading: Reading) -> None:
    for element in block.get("elements", ()):
        if "elements" in element:
            _rich_text(element, reading)
            reading.say("\n")
        else:
            _rich_element(element, reading)


def _rich_element(element: Json, reading: Reading) -> None:
    kind = element["type"]
    if kind in _MENTIONS:
        reading.mentions.append(str(dict(element)))
        reading.named.append(str(element.get("user_id") or element.get("channel_id")))
    elif kind == "link":
        reading.links.append((element["url"], element.get("text", element["url"])))
        reading.say(element.get("text", element["url"]))
    elif kind == "emoji":
        reading.emoji.append(f":{element['name']}:")
    elif kind == "text":
        if element.get("style", {}).get("bold"):
            reading.bold.append(element["text"])
        reading.say(element["text"])
    else:
        raise AssertionError(f"this reader does not know {kind}")


def _input(block: Json, reading: Reading) -> None:
    _text_object(block["label"], reading)
    reading.say("\n")
    for words in (block.get("hint"), block["element"].get("placeholder")):
        if words:
            _text_object(words, reading)
            reading.say("\n")


def _image(block: Json, reading: Reading) -> None:
    reading.pictures.append((block["slack_file"]["id"], block["alt_text"]))


def _nothing(block: Json, reading: Reading) -> None:
    """Read a block without words."""


_READERS: dict[str, Callable[[Json, Reading], None]] = {
    "section": _section,
    "header": _section,
    "context": _context,
    "actions": _actions,
    "rich_text": _rich_text,
    "divider": _nothing,
    "input": _input,
    "image": _image,
}

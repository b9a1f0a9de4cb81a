"""A Slack message as Slack's desktop client draws it, from its blocks.

https://docs.slack.dev/reference/block-kit/blocks; looks after the client of 2026, in plain CSS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from handlers.slack.cards import Layout
from tests.emulators.slack_reader import notification
from tests.pictures.markup import Html, joined, tag

Json = Mapping[str, Any]

_DATE = re.compile(r"<!date\^(\d+)\^([^|^>]*)\|[^>]*>")


def message(shown: Layout, at: datetime, *, private: bool = False) -> Html:
    """Draw a message that came at the time `at`, `private` where one person alone sees it."""
    eye = [tag("div", "Only visible to you", class_="private")] if private else []
    blocks = [_BLOCKS[block["type"]](block) for block in shown.blocks]
    who = tag(
        "div",
        tag("b", "Redline"),
        tag("span", "APP", class_="app"),
        tag("span", _clock(at), class_="at"),
        class_="who",
    )
    return tag(
        "div",
        tag("div", "r", class_="face"),
        tag("div", *eye, who, *blocks, class_="said"),
        class_="message",
    )


def window(channel: str, *messages: Html, theme: str) -> Html:
    """Draw a channel with its messages."""
    bar = tag("div", tag("span", "# ", class_="hash"), channel, class_="bar")
    return tag("section", bar, *messages, class_=f"slack {theme}")


def modal(view: Json, *, theme: str) -> Html:
    """Draw a form, or a card in a window of its own."""
    title = tag("div", tag("b", _text(view["title"])), class_="modal-title")
    body = [_BLOCKS[block["type"]](block) for block in view["blocks"]]
    submit = (
        [tag("span", _text(view["submit"]), class_="button primary")] if "submit" in view else []
    )
    close = tag("span", _text(view["close"]), class_="button")
    foot = tag("div", close, *submit, class_="actions modal-foot")
    return tag("section", title, *body, foot, class_=f"slack modal {theme}")


def home(view: Json, *, theme: str) -> Html:
    """Draw the App Home."""
    tabs = tag("div", tag("b", "Redline"), tag("span", " Home · Messages · About"), class_="bar")
    body = [_BLOCKS[block["type"]](block) for block in view["blocks"]]
    return tag("section", tabs, *body, class_=f"slack home {theme}")


def thread(*replies: Html) -> Html:
    """Draw what a thread shows below the message it began with."""
    count = f"{len(replies)} {'reply' if len(replies) == 1 else 'replies'}"
    return joined(tag("div", tag("span", count), class_="replies"), *replies)


def _clock(at: datetime) -> str:
    return f"{at.hour % 12 or 12}:{at:%M %p}"


def _rich_text(block: Json) -> Html:
    return joined(*(_RICH[element["type"]](element) for element in block["elements"]))


def _section(element: Json) -> Html:
    return tag("div", *_leaves(element), class_="section")


def _quote(element: Json) -> Html:
    return tag("blockquote", *_leaves(element))


def _list(element: Json) -> Html:
    return tag("ul", *(tag("li", *_leaves(item)) for item in element["elements"]))


def _leaves(element: Json) -> Sequence[Html]:
    return [_LEAVES[leaf["type"]](leaf) for leaf in element["elements"]]


def _words(leaf: Json) -> Html:
    style = leaf.get("style", {})
    return tag("b", leaf["text"]) if style.get("bold") else joined(leaf["text"])


def _link(leaf: Json) -> Html:
    return tag("span", _words(leaf), class_="link")


def _emoji(leaf: Json) -> Html:
    return tag("span", "", class_=f"emoji {leaf['name']}")


def _user(leaf: Json) -> Html:
    return tag("span", f"@{leaf['user_id']}", class_="link")


def _channel(leaf: Json) -> Html:
    return tag("span", f"#{leaf['channel_id']}", class_="link")


def _preformatted(element: Json) -> Html:
    return tag("pre", *_leaves(element))


def _context(block: Json) -> Html:
    return tag("div", *(tag("span", _text(each)) for each in block["elements"]), class_="context")


def _plain_section(block: Json) -> Html:
    return tag("div", _text(block["text"]), class_="section")


def _text(element: Json) -> Html:
    """Draw a text object. Ours use mrkdwn for dates alone; its other markup shows as words."""
    if element["type"] == "plain_text":
        return joined(element["text"])
    return joined(notification(_DATE.sub(_date, element["text"])))


def _date(found: re.Match[str]) -> str:
    at = datetime.fromtimestamp(int(found[1]), UTC)
    return found[2].replace("{date_short_pretty}", "Today").replace("{time}", _clock(at))


def _actions(block: Json) -> Html:
    buttons = [
        tag("span", _text(each["text"]), class_=f"button {each.get('style', '')}".strip())
        for each in block["elements"]
    ]
    return tag("div", *buttons, class_="actions")


def _input(block: Json) -> Html:
    optional = tag("span", " (optional)", class_="hint") if block.get("optional") else Html("")
    hint = [tag("div", _text(block["hint"]), class_="hint")] if "hint" in block else []
    label = tag("div", tag("b", _text(block["label"])), optional)
    return tag("div", label, _element(block["element"]), *hint, class_="field")


def _element(element: Json) -> Html:
    """Draw an input with what it holds."""
    if element["type"] == "radio_buttons":
        chosen = element.get("initial_option")
        marks = [
            ("◉ " if one == chosen else "○ ") + one["text"]["text"] for one in element["options"]
        ]
        return tag("div", *(tag("div", mark) for mark in marks), class_="radios")
    option = element.get("initial_option") or {}
    chosen = " ".join(f"#{one}" for one in element.get("initial_conversations", ()))
    said = element.get("initial_value") or option.get("text", {}).get("text") or chosen
    kind = "area" if element.get("multiline") else element["type"].replace("_", "-")
    return tag("div", said or "\u00a0", class_=f"input {kind}")


def _image(block: Json) -> Html:
    return tag("div", block["alt_text"], class_="picture")


_BLOCKS: dict[str, Callable[[Json], Html]] = {
    "rich_text": _rich_text,
    "context": _context,
    "section": _plain_section,
    "actions": _actions,
    "input": _input,
    "image": _image,
}
_RICH: dict[str, Callable[[Json], Html]] = {
    "rich_text_section": _section,
    "rich_text_quote": _quote,
    "rich_text_list": _list,
    "rich_text_preformatted": _preformatted,
}
_LEAVES: dict[str, Callable[[Json], Html]] = {
    "text": _words,
    "link": _link,
    "emoji": _emoji,
    "user": _user,
    "channel": _channel,
}

"""A Slack message as Slack's desktop client draws it, from its blocks.

https://docs.slack.dev/reference/block-kit/blocks; looks after the client of 2026, in plain CSS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.slack.cards import Layout
from tests.emulators.slack_reader import notification
from tests.pictures import people
from tests.pictures.markup import Html, joined, picture, tag

Json = Mapping[str, Any]

_DATE = re.compile(r"<!date\^(\d+)\^([^|^>]*)\|[^>]*>")


def message(shown: Layout, at: datetime, *, private: bool = False, png: bytes = b"") -> Html:
    """Draw a message that came at the time `at`.

    Args:
        shown: the message as Slack takes it.
        at: when it came.
        private: one person alone sees it.
        png: the file that its image block names.
    """
    eye = [tag("div", "Only visible to you", class_="private")] if private else []
    blocks = _blocks(shown.blocks, at, png)
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


def home(view: Json, at: datetime, *, theme: str) -> Html:
    """Draw the App Home."""
    tabs = [tag("span", name, class_="tab") for name in ("Messages", "About")]
    row = tag("div", tag("span", "Home", class_="tab chosen"), *tabs, class_="tabs")
    bar = tag("div", tag("span", "r", class_="face"), "Redline", class_="bar")
    blocks = tag("div", *_blocks(view["blocks"], at), class_="home")
    return tag("section", bar, row, blocks, class_=f"slack {theme}")


def modal(view: Json, at: datetime, mistakes: Mapping[str, str] = {}, *, theme: str) -> Html:
    """Draw a modal: a form, or a card in a window of its own.

    Args:
        view: the modal as Slack takes it.
        at: when it is looked at.
        mistakes: what is said at which field, as Slack shows `response_action: errors`.
        theme: light or dark.
    """
    head = tag("div", _text(view["title"]), tag("span", "\u2715", class_="close"), class_="bar")
    body = [
        _input(block, mistakes.get(block["block_id"], ""))
        if block["type"] == "input"
        else tag("div", *_blocks([block], at), class_="input")
        for block in view["blocks"]
    ]
    close = tag("span", _text(view["close"]), class_="button")
    sends = [view["submit"]] if "submit" in view else []
    submit = [tag("span", _text(each), class_="button primary") for each in sends]
    foot = tag("div", close, *submit, class_="foot")
    return tag("section", head, *body, foot, class_=f"slack modal {theme}")


def window(channel: str, *messages: Html, theme: str) -> Html:
    """Draw a channel with its messages."""
    bar = tag("div", tag("span", "# ", class_="hash"), channel, class_="bar")
    return tag("section", bar, *messages, class_=f"slack {theme}")


def thread(*replies: Html) -> Html:
    """Draw what a thread shows below the message it began with."""
    count = f"{len(replies)} {'reply' if len(replies) == 1 else 'replies'}"
    return joined(tag("div", tag("span", count), class_="replies"), *replies)


def _blocks(blocks: Sequence[Json], at: datetime, png: bytes = b"") -> list[Html]:
    return [
        _image(block, png) if block["type"] == "image" else _BLOCKS[block["type"]](_told(block, at))
        for block in blocks
    ]


def _image(block: Json, png: bytes) -> Html:
    alt = block["alt_text"]
    return tag("div", picture(png, alt) if png else alt, class_="image")


def _told(block: Json, now: datetime) -> Json:
    """Return a block with its dates as they are read at the time `now`."""
    if block["type"] != "context":
        return block
    elements = [
        {**each, "text": _DATE.sub(lambda found: _date(found, now), each["text"])}
        if each["type"] == "mrkdwn"
        else each
        for each in block["elements"]
    ]
    return {**block, "elements": elements}


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


def _preformatted(element: Json) -> Html:
    return tag("pre", *_leaves(element))


def _leaves(element: Json) -> Sequence[Html]:
    return [_LEAVES[leaf["type"]](leaf) for leaf in element["elements"]]


def _words(leaf: Json) -> Html:
    style = leaf.get("style", {})
    return tag("b", leaf["text"]) if style.get("bold") else joined(leaf["text"])


def _link(leaf: Json) -> Html:
    return tag("span", _words(leaf), class_="link")


def _emoji(leaf: Json) -> Html:
    return tag("span", "", class_=f"emoji {leaf['name']}")


def _person(leaf: Json) -> Html:
    return tag("span", people.person(leaf["user_id"]), class_="mention")


def _channel(leaf: Json) -> Html:
    return tag("span", people.channel(leaf["channel_id"]), class_="mention")


def _context(block: Json) -> Html:
    return tag("div", *(tag("span", _text(each)) for each in block["elements"]), class_="context")


def _plain_section(block: Json) -> Html:
    return tag("div", _text(block["text"]), class_="section")


def _text(element: Json) -> Html:
    """Draw a text object. Ours use mrkdwn for dates alone; its other markup shows as words."""
    if element["type"] == "plain_text":
        return joined(element["text"])
    return joined(notification(element["text"]))


def _date(found: re.Match[str], now: datetime) -> str:
    at = datetime.fromtimestamp(int(found[1]), UTC)
    near = {now.date(): "Today", now.date() - timedelta(days=1): "Yesterday"}
    day = near.get(at.date(), f"{at:%b} {at.day}")
    return found[2].replace("{date_short_pretty}", day).replace("{time}", _clock(at))


def _actions(block: Json) -> Html:
    buttons = [
        tag("span", _text(each["text"]), class_=f"button {each.get('style', '')}".strip())
        for each in block["elements"]
    ]
    return tag("div", *buttons, class_="actions")


# --- fields of a modal ------------------------------------------------------------------------


def _input(block: Json, mistake: str) -> Html:
    quiet = tag("span", " (optional)", class_="at") if block["optional"] else Html()
    hint = tag("div", _text(block["hint"]), class_="hint") if "hint" in block else Html()
    wrong = tag("div", mistake, class_="mistake") if mistake else Html()
    element = block["element"]
    return tag(
        "div",
        tag("div", tag("b", _text(block["label"])), quiet),
        _ELEMENTS[element["type"]](element),
        wrong,
        hint,
        class_="input wrong" if mistake else "input",
    )


def _written(element: Json) -> Html:
    lines = "box tall" if element["multiline"] else "box"
    return tag("div", element.get("initial_value", ""), class_=lines)


def _menu(element: Json) -> Html:
    chosen = element.get("initial_option")
    return tag("div", _text(chosen["text"]) if chosen else "Select an option", class_="box menu")


def _radios(element: Json) -> Html:
    chosen = element.get("initial_option", {}).get("value")
    options = [
        tag(
            "div",
            tag("span", "", class_="radio on" if option["value"] == chosen else "radio"),
            _text(option["text"]),
            class_="option",
        )
        for option in element["options"]
    ]
    return tag("div", *options)


def _conversations(element: Json) -> Html:
    ids = element.get("initial_conversations", ())
    chips = [tag("span", people.channel(each), class_="chip") for each in ids]
    return tag("div", *chips, class_="box menu")


def _file(_element: Json) -> Html:
    return tag("div", "Upload a file", class_="box")


_BLOCKS: dict[str, Callable[[Json], Html]] = {
    "rich_text": _rich_text,
    "context": _context,
    "section": _plain_section,
    "actions": _actions,
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
    "user": _person,
    "channel": _channel,
}
_ELEMENTS: dict[str, Callable[[Json], Html]] = {
    "plain_text_input": _written,
    "static_select": _menu,
    "external_select": _menu,
    "radio_buttons": _radios,
    "multi_conversations_select": _conversations,
    "file_input": _file,
}

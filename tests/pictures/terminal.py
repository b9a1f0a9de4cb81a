"""Cards as a terminal shows them: rich's own account of what it printed, as HTML."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from bot.model import MessageRef, Post
from handlers.console import ConsoleChat
from tests.pictures.markup import Html, tag

COLUMNS = 88

_NORMAL = [
    (40, 44, 52), (224, 108, 117), (152, 195, 121), (229, 192, 123),
    (97, 153, 239), (198, 120, 221), (86, 182, 194), (200, 204, 212),
]  # fmt: skip
_BRIGHT = [(128, 135, 148), *_NORMAL[1:7], (255, 255, 255)]
THEME = TerminalTheme((30, 33, 39), (215, 218, 224), _NORMAL, _BRIGHT)

_LINKS = re.compile(r"</?a\b[^>]*>")


async def screen(posts: Sequence[Post], *, columns: int = COLUMNS) -> Html:
    """Print the posts one after another and draw the screen. Links are drawn, and lead nowhere."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=columns,
        force_terminal=True,
        no_color=False,
        color_system="truecolor",
        legacy_windows=False,
    )
    chat = ConsoleChat(console)
    for post in posts:
        await chat.send(post)
    drawn = console.export_html(theme=THEME, inline_styles=True, code_format="{code}")
    return tag("section", tag("pre", Html(_LINKS.sub("", drawn).rstrip())), class_="terminal")


def replying(post: Post, key: str) -> Post:
    """Return the post as a reply to the message with the key."""
    parent = MessageRef(workspace="console", channel_id=post.channel.name, message_id=key)
    return Post(key=post.key, channel=post.channel, card=post.card, thread=parent)

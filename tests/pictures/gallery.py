"""Which pictures there are, and what each of them shows."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import ChannelRef, Post
from handlers.discord.cards import Rendered, render
from handlers.slack.cards import layout
from tests.pictures import asked, discord, slack, terminal
from tests.pictures.markup import Html, joined
from tests.pictures.page import page, row
from tests.pictures.people import DESK
from tests.pictures.scenes import Scene, scenes

CONSOLE = ChannelRef("console", "terminal")


async def gallery() -> dict[str, str]:
    """Return the page of each picture by the picture's name."""
    shown = scenes()
    desk = [shown[name] for name in ("alert", "critical")]
    rest = [shown[name] for name in ("digest", "teaser", "why")]
    printed = await _terminal([shown[name] for name in ("alert", "sanctions", "follow-up")])
    others = await _terminal(rest)
    story = [shown["alert"], shown["follow-up"]]
    return {
        "cards": page(row(_slack(desk, "light"), _discord(desk, "dark")), printed, theme="light"),
        "slack": page(row(_slack(story, "light"), _slack(rest, "light")), theme="light"),
        "slack-dark": page(row(_slack(story, "dark"), _slack(rest, "dark")), theme="dark"),
        "discord": page(row(_discord(story, "dark"), _discord(rest, "dark")), theme="dark"),
        "discord-light": page(
            row(_discord(story, "light"), _discord(rest, "light")), theme="light"
        ),
        "terminal": page(printed, others, theme="dark"),
        **await asked.pages(),
    }


def _slack(wanted: Sequence[Scene], theme: str) -> Html:
    drawn = [
        slack.thread(message) if scene.reply else message
        for scene in wanted
        for message in [slack.message(layout(scene.card), scene.at, private=scene.private)]
    ]
    return slack.window(DESK, *drawn, theme=theme)


def _discord(wanted: Sequence[Scene], theme: str) -> Html:
    drawn = [
        discord.thread(wanted[0].card.title, message) if scene.reply else message
        for scene in wanted
        for message in [discord.message(_rendered(scene), scene.at, private=scene.private)]
    ]
    return discord.window(DESK, joined(*drawn), theme=theme)


def _rendered(scene: Scene) -> Rendered:
    """Lay a card out as the adapter does: the answer to a button carries no key."""
    return render(scene.card, key="" if scene.private else scene.key)


async def _terminal(wanted: Sequence[Scene]) -> Html:
    posts = []
    for scene in wanted:
        post = Post(key=f"{scene.key}-{scene.name}", channel=CONSOLE, card=scene.card)
        posts.append(terminal.replying(post, wanted[0].key) if scene.reply else post)
    return await terminal.screen(posts)

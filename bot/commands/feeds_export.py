"""`/feeds export`: the feeds as OPML, which every feed reader takes."""

from __future__ import annotations

from bot.commands.desk import Command, Desk
from bot.commands.wording import counted
from bot.feeds.opml import write_opml
from bot.model import Card, CommandSpec, Document, Order, Role

SPEC = CommandSpec(
    group="feeds",
    verb="export",
    help="All feeds as an OPML file, which other feed readers take",
    role=Role.EDITOR,
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Write the feeds down that are read for the asker's workspace."""
    feeds = desk.feeds_here(order)
    if not feeds:
        return Card(title="There are no feeds yet")
    text = write_opml(feeds, "Feeds of Redline", desk.clock.now())
    return Card(
        title=f"{counted(len(feeds), 'feed')} as OPML",
        notes=("Feeds of config/feeds.yaml are among them, and those that were added in chat.",),
        document=Document(name="feeds.opml", text=text),
    )


COMMAND = Command(SPEC, carry_out)

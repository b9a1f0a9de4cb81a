"""A feed that people of a workspace add: made from its draft, and put in force."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from bot.commands.deciding import change_of, decided, earlier, undo_button, was_used
from bot.commands.desk import Desk
from bot.commands.feeds_found import address_line
from bot.commands.lookups import feed_at
from bot.commands.watch_channels import channel_of
from bot.feeds.naming import free_id
from bot.model import (
    Asked,
    Card,
    Change,
    ChannelRef,
    Draft,
    Feed,
    Fulltext,
    Origin,
    Tier,
)


async def add_feed(draft: Draft, asked: Asked, desk: Desk) -> Card:
    """Have a feed polled from now on, and say so.

    Raises:
        OrderError: somebody else added it at the same time.
    """
    done = await earlier(asked, desk)
    if done and isinstance(done.after, Feed):
        return _added_card(done, done.after)
    name = await new_feed_id(draft.subject, desk)
    # Looked for last: somebody else may have added it a moment ago.
    known = feed_at(draft.subject, asked, desk)
    if known:
        return known_card(known, desk)
    feed = replace(feed_of(draft, name), report_to=asked_in(asked, desk))
    change = await decided(change_of(asked, desk, "feeds add", after=feed), desk)
    return _added_card(change, feed)


def asked_in(asked: Asked, desk: Desk) -> ChannelRef | None:
    """Return the channel that somebody asks in, by the name that settings and rules have for it."""
    return channel_of(asked.channel_id, asked, desk) if asked.channel_id else None


def feed_of(draft: Draft, feed_id: str) -> Feed:
    """Return the feed that a draft describes."""
    interval = draft.value("interval")
    return Feed(
        id=feed_id,
        url=draft.subject,
        title=draft.value("title"),
        tier=Tier(draft.value("tier") or Tier.NEWS),
        fulltext=Fulltext(draft.value("fulltext") or Fulltext.AUTO),
        interval=timedelta(seconds=int(interval)) if interval else None,
        language=draft.value("language") or None,
        origin=Origin.CHAT,
        workspace=draft.workspace,
    )


async def new_feed_id(url: str, desk: Desk, also: Collection[str] = ()) -> str:
    """Return the id that an address gives its feed, as the settings make it.

    Where a feed has or had it, a number stands behind it: a feed that was removed and comes back is
    to begin anew, or all that it brought in between would be told at once. `also` are ids that are
    about to be taken.
    """
    taken = {*desk.watch.feeds, *also}
    while True:
        name = free_id(url, taken)
        if not await was_used(name, desk):
            return name
        taken.add(name)


def known_card(feed: Feed, desk: Desk) -> Card:
    """Say that a feed is polled already."""
    return Card(
        title=f"“{feed.title}” is read already",
        lines=(address_line(feed.url),),
        notes=(f"Commands know it as {feed.id}. How it is: /{desk.menu.prefix}feeds list",),
    )


def _added_card(change: Change, feed: Feed) -> Card:
    return Card(
        title=f"“{feed.title}” is read from now on",
        lines=(address_line(feed.url),),
        notes=(
            "What is there now is remembered and not posted; new items alert from now on.",
            f"Commands know it as {feed.id}.",
        ),
        buttons=(undo_button(change),),
    )

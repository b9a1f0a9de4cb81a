"""Finding what people name: a rule or feed of theirs, an article by its id or address."""

from __future__ import annotations

from typing import Final

from bot.articles.identity import aliases
from bot.commands.desk import Desk
from bot.commands.typed import nearest
from bot.errors import OrderError
from bot.model import Article, Asked, Entry, Feed, Option, OptionKind
from bot.rules import CompiledRule
from bot.text import canonical_url, safe_link

RULE: Final = Option(name="rule", help="Its name", kind=OptionKind.RULE, required=True)
FEED: Final = Option(name="feed", help="Its name", kind=OptionKind.FEED, required=True)
"""What a command takes that is about one rule, or one feed."""


def rule_named(name: str, order: Asked, desk: Desk) -> CompiledRule:
    """Return a rule that the asker's workspace may know of.

    Raises:
        OrderError: there is none of that name; one of another workspace is not there either.
    """
    rules = desk.rules_here(order)
    if name in rules:
        return rules[name]
    raise no_such_rule(name, order, desk)


def no_such_rule(name: str, asked: Asked, desk: Desk) -> OrderError:
    """Return what is said of a rule that is not there."""
    meant = nearest(name, list(desk.rules_here(asked)))
    advice = f"Did you mean {meant}?" if meant else f"/{desk.menu.prefix}watch list shows them"
    return OrderError("", f"There is no rule “{name}” here", advice=advice)


def feed_named(name: str, asked: Asked, desk: Desk) -> Feed:
    """Return a feed that the asker's workspace may know of, by its id, title or address.

    Raises:
        OrderError: there is none; one of another workspace is not there either.
    """
    feeds = {feed.id: feed for feed in desk.feeds_here(asked)}
    wanted = name.strip().casefold()
    titled = [feed for feed in feeds.values() if feed.title.casefold() == wanted]
    found = feeds.get(name.strip()) or next(iter(titled), None) or feed_at(name, asked, desk)
    if found:
        return found
    meant = nearest(name, [*feeds, *(feed.title for feed in feeds.values())])
    advice = f"Did you mean {meant}?" if meant else f"/{desk.menu.prefix}feeds list shows them"
    raise OrderError("", f"There is no feed “{name}” here", advice=advice)


def feed_at(url: str, asked: Asked, desk: Desk) -> Feed | None:
    """Return the feed of an address that the asker's workspace may know of."""
    wanted = canonical_url(url)
    feeds = (feed for feed in desk.feeds_here(asked) if canonical_url(feed.url) == wanted)
    return next(feeds, None)


async def article_named(named: str, desk: Desk) -> Article:
    """Return the article with an id or at an address.

    Raises:
        OrderError: none is remembered.
    """
    known = await article_id(named, desk)
    article = await desk.archive.article(known)
    if article is None:
        raise OrderError(
            "",
            f"No article “{named}” is remembered",
            advice="Give the address that a card links to, or the article's id",
        )
    return article


async def article_id(named: str, desk: Desk) -> str:
    """Return the id of the article at an address; anything else is taken for an id."""
    address = safe_link(named)
    if address is None:
        return named
    names = aliases(Entry(guid=None, link=address, title=""), "")
    known = await desk.archive.known(names)
    return next((known[name].article_id for name in names if name in known), named)

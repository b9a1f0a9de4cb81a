"""`/feeds add`: from the address of a site to a feed that is polled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.commands.desk import Command, Desk, Step
from bot.commands.feeds_found import (
    ADD,
    FOUND,
    address_line,
    choice_button,
    draft_of,
    found_lines,
    offer_card,
)
from bot.commands.feeds_new import add_feed, known_card
from bot.commands.lookups import feed_at
from bot.commands.wording import counted
from bot.feeds.addresses import read_address
from bot.feeds.discover import Discovery, find_feeds
from bot.model import (
    Action,
    Card,
    CardLine,
    CommandSpec,
    Draft,
    Feed,
    Option,
    Order,
    Reply,
    Request,
    Revised,
    Role,
)
from bot.text import domain_of, shorten

SPEC = CommandSpec(
    group="feeds",
    verb="add",
    help="Read a site from now on: give its address, its feed is found",
    options=(
        Option(name="address", help="Of the site, of a page of it, or of the feed", required=True),
    ),
    example="example.org/news",
    role=Role.EDITOR,
)

MOST_OTHERS = 5
"""Feeds that are told by their address only, beside those that are offered."""
LONGEST_NAME = 60
"""Characters of a name that stands before an address on one line."""


async def carry_out(order: Order, desk: Desk) -> Card:
    """Find the feeds of an address and offer them.

    Raises:
        OrderError: it is no address, or holds a name or password.
    """
    typed, web = order.value("address"), desk.web
    known = feed_at(read_address(typed), order, desk)
    if known:
        return known_card(known, desk)
    found = await find_feeds(typed, web.fetcher, web.sandbox)
    if not found.feeds:
        return _nothing(found)
    drafts = [draft_of(feed, ADD, order, desk) for feed in found.feeds]
    if len(drafts) > 1:
        return await _several(found, [replace(one, form=FOUND) for one in drafts], order, desk)
    known = feed_at(found.feeds[0].url, order, desk)
    if known:
        return known_card(known, desk)
    await desk.register.keep_draft(drafts[0])
    card = offer_card(drafts[0], desk.clock.now())
    return replace(card, lines=(*card.lines, *_others(found)))


def _nothing(found: Discovery) -> Card:
    return Card(
        title=f"No feed was found at {domain_of(found.address) or found.address}",
        lines=(CardLine(text=found.why[:1].upper() + found.why[1:]), *_others(found)),
        notes=("If you know the address of its feed (RSS, Atom or JSON Feed), give that one.",),
    )


async def _several(found: Discovery, drafts: Sequence[Draft], order: Order, desk: Desk) -> Card:
    """Offer feeds to choose one from; those that are read already cannot be chosen."""
    lines: list[CardLine] = []
    buttons = []
    for number, draft in enumerate(drafts, 1):
        known = feed_at(draft.subject, order, desk)
        lines += _choice(number, draft, known, desk)
        if known is None:
            await desk.register.keep_draft(draft)
            buttons.append(choice_button(draft, number))
    return Card(
        title=f"{counted(len(drafts), 'feed')} at {domain_of(found.address) or found.address}",
        lines=(*lines, *_others(found)),
        notes=("Choose the one to add.",) if buttons else ("All of them are read already.",),
        buttons=tuple(buttons),
    )


def _choice(number: int, draft: Draft, known: Feed | None, desk: Desk) -> Iterator[CardLine]:
    is_read = f" (read already, as {known.id})" if known else ""
    name = shorten(draft.value("title"), LONGEST_NAME)
    yield CardLine(text=f"{number}. {name}{is_read}", heading=True)
    yield address_line(draft.subject)
    yield from list(found_lines(draft, desk.clock.now()))[-1:]


def _others(found: Discovery) -> Iterator[CardLine]:
    if found.others:
        more = counted(len(found.others), "more feed")
        yield CardLine(text=f"The site names {more}; give the address of one to add it:")
    for named in found.others[:MOST_OTHERS]:
        yield address_line(named.url, shorten(named.title or "Without a name", LONGEST_NAME))


async def choose(draft: Draft, request: Request, desk: Desk) -> Reply:
    """Show one of several feeds as if it were the only one."""
    known = feed_at(draft.subject, request, desk)
    if known:
        return Revised(known_card(known, desk))
    chosen = replace(draft, form=ADD)
    await desk.register.keep_draft(chosen)
    return Revised(offer_card(chosen, desk.clock.now()))


async def add(draft: Draft, request: Request, desk: Desk) -> Reply:
    """Add a feed as it was found, or as its form was left."""
    return Revised(await add_feed(draft, request, desk))


COMMAND = Command(SPEC, carry_out)
STEPS = (
    Step(FOUND, Action.CONFIRM, Role.EDITOR, choose),
    Step(ADD, Action.CONFIRM, Role.EDITOR, add),
)

"""`/news search`: everything that Redline has read, asked in the language of rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from bot.commands.desk import Command, Desk
from bot.commands.items import item_of
from bot.commands.pages import Answer, Page, begins_at, buttons, first_look, matching
from bot.commands.query import Query, Scope, read_query
from bot.commands.typed import nearest
from bot.model import Card, CommandSpec, Option, Order
from bot.ports import Candidates, Look
from bot.text import shorten

SPEC = CommandSpec(
    group="news",
    verb="search",
    help="Search everything Redline has read, in the language of rules, newest first",
    options=(
        Option(
            name="query",
            help='Words, "phrases", AND, OR, NOT; with since:7d, source:reuters.com, in:RULE',
            required=True,
        ),
    ),
    example='rafah "red line" since:7d',
    default=True,
)

LONGEST_TITLE = 120
"""Characters of the query that the card repeats."""


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the newest answers."""
    return await turn(first_look(order, desk), desk)


async def turn(look: Look, desk: Desk) -> Card:
    """Show a page of answers; since: counts from when the search was first asked for."""
    text = look.order.value("query")
    rules = desk.rules_here(look.order)
    query = read_query(text, Scope(now=look.asked_at, names=desk.names, rules=rules))
    page = await matching(partial(_find, desk, query), query.match, begins_at(look))
    asked = shorten(text, LONGEST_TITLE)
    return Card(
        title=f"Articles for {asked}" if page.shown else f"Nothing found for {asked}",
        items=tuple(item_of(one.article, one.match) for one in page.shown),
        notes=tuple(_notes(page, look, desk)),
        buttons=await buttons(look, page.after, desk),
    )


async def _find(desk: Desk, query: Query, after: str | None, limit: int) -> Candidates:
    return await desk.archive.search(replace(query.search, after=after, limit=limit))


def _notes(page: Page[Answer], look: Look, desk: Desk) -> Iterator[str]:
    if page.after and page.oldest and not page.is_full:
        yield f"Looked back to {page.oldest:%d %b %Y}; Older looks further."
    elif not page.shown and not look.after:
        verb = nearest(look.order.value("query"), _verbs(desk))
        group = f"/{desk.menu.prefix}{SPEC.group}"
        yield f"Did you mean {group} {verb}?" if verb else "Fewer words find more."


def _verbs(desk: Desk) -> list[str]:
    return [spec.verb for spec in desk.menu.commands if spec.group == SPEC.group]


COMMAND = Command(SPEC, carry_out, turn)

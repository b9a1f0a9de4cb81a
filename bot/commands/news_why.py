"""`/news why`: why an article did or did not match a rule, clause by clause."""

from __future__ import annotations

from collections.abc import Iterator

from bot.commands.desk import Command, Desk
from bot.commands.lookups import article_named, rule_named
from bot.commands.told import decisions
from bot.model import Card, CardLine, CommandSpec, Option, OptionKind, Order
from bot.rules.explain import Explanation, explain
from bot.text import one_line, safe_link, shorten

SPEC = CommandSpec(
    group="news",
    verb="why",
    help="Why an article did or did not match a rule, clause by clause",
    options=(
        Option(name="article", help="The address of an article, or its id", required=True),
        Option(name="rule", help="The name of a rule", kind=OptionKind.RULE, required=True),
    ),
    example="https://example.org/rafah-operation rafah-red-line",
)

MOST_LINES = 20
LONGEST_LINE = 180
"""Twenty lines of this length fit both platforms."""
LONGEST_CLAUSE = 90
DEEPER = "› "
"""Stands before a part, once for each clause that it is part of."""


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the clauses of the rule, each with its proof or how close it came, and who was told."""
    compiled = rule_named(order.value("rule"), order, desk)
    article = await article_named(order.value("article"), desk)
    explanation = explain(compiled, article)
    lines = list(_lines(explanation, 0))
    left_out = len(lines) - MOST_LINES
    more = (f"{left_out} more clauses are not shown.",) if left_out > 0 else ()
    decided = [said async for said in decisions(compiled.rule, article, order, desk)]
    return Card(
        title=article.title,
        url=safe_link(article.link) or safe_link(article.url),
        source=article.source.name,
        domain=article.source.domain,
        published_at=article.published_at,
        status=f"{compiled.name} {'matches' if explanation.held else 'does not match'}",
        lines=tuple(CardLine(text=line) for line in lines[:MOST_LINES]),
        notes=(*more, *decided),
    )


def _lines(explanation: Explanation, depth: int) -> Iterator[str]:
    mark = "✓" if explanation.held else "✗"
    clause = f"{mark} {shorten(one_line(explanation.clause), LONGEST_CLAUSE)}"
    note = f" - {explanation.note}" if explanation.note else ""
    proven = explanation.sentence and not explanation.parts
    proof = f" - “{one_line(explanation.sentence)}”" if proven else ""
    yield shorten(f"{DEEPER * depth}{clause}{note}{proof}", LONGEST_LINE)
    for part in explanation.parts:
        yield from _lines(part, depth + 1)


COMMAND = Command(SPEC, carry_out)

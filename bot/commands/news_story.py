"""`/news story`: who reported a development when, and what each report added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.commands.desk import Command, Desk
from bot.commands.items import item_of, snug
from bot.commands.lookups import article_id
from bot.commands.wording import counted
from bot.errors import OrderError
from bot.model import Article, Card, CardItem, CommandSpec, Option, Order, Passage
from bot.stories.update import new_sentences

SPEC = CommandSpec(
    group="news",
    verb="story",
    help="A development from its first report on: which outlet when, and what was new",
    options=(
        Option(name="id", help="A story's or article's id, or an article's address", required=True),
    ),
    example="https://example.org/rafah-operation",
)

MOST_REPORTS = 8
"""Reports on a card: the first one, and the newest others."""
LONGEST_PASSAGE = 200
MOST_COMPARED = 60
"""Of each report so many sentences are compared with what was said before."""


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the reports of the story, first reporter first."""
    reports = await _reports(order.value("id"), desk)
    news = _news(reports)
    items = [_item(*pair) for pair in zip(reports, news, strict=True)]
    left_out = len(items) - MOST_REPORTS
    outlets = len({report.source.domain for report in reports})
    return Card(
        title=reports[0].title,
        status=f"{counted(len(reports), 'report')} from {counted(outlets, 'source')}",
        items=tuple(items if left_out <= 0 else [items[0], *items[left_out + 1 :]]),
        notes=(f"{counted(left_out, 'report')} between them left out.",) if left_out > 0 else (),
    )


async def _reports(named: str, desk: Desk) -> Sequence[Article]:
    """Return the articles of a story; an article that no story holds is its own.

    Raises:
        OrderError: neither is remembered.
    """
    reports = await desk.archive.story_articles(named)
    if reports:
        return reports
    known = await article_id(named, desk)
    stories = await desk.archive.stories_of([known])
    if known in stories:
        reports = await desk.archive.story_articles(stories[known].id)
    alone = await desk.archive.article(known)
    if not reports and alone is None:
        raise OrderError(
            "",
            f"No story “{named}” is remembered",
            advice="Give the address of one of its articles, or an id",
        )
    return reports or [alone] if alone else reports


def _news(reports: Iterable[Article]) -> list[str | None]:
    """Return of each report its first sentence that no earlier one had, None where it has none."""
    told: list[str] = []
    news: list[str | None] = []
    for report in reports:
        said = [report.text[start:end] for start, end in report.sentences[:MOST_COMPARED]]
        news.append(next(iter(new_sentences(said, told)), None))
        told += said
    return news


def _item(report: Article, news: str | None) -> CardItem:
    item = item_of(report, longest=LONGEST_PASSAGE)
    passage = Passage(news) if news else Passage("Nothing that was not known.")
    return CardItem(
        title=item.title,
        url=item.url,
        source=item.source,
        domain=item.domain,
        published_at=item.published_at,
        passage=snug(passage, LONGEST_PASSAGE),
    )


COMMAND = Command(SPEC, carry_out)

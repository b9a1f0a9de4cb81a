"""Which story an article belongs to.

A story is one article and its later versions: an outlet that updates its report goes on with the
story it began. Joining the reports of several outlets is a matter of this module alone; nothing
that follows it knows how many articles a story has.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.model import Article, Story


def story_of(article: Article, known: Story | None, now: datetime) -> Story:
    """Return the story that `article` reports: the `known` one brought up to date, or a new one."""
    if known is None:
        return Story(
            id=article.id,
            title=article.title,
            article_ids=(article.id,),
            first_at=now,
            updated_at=now,
        )
    reported = known.article_ids
    if article.id not in reported:
        reported = (*reported, article.id)
    return replace(known, article_ids=reported, updated_at=now)

"""What people look up, in the store in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from bot.model import AlertState, Article, Story
from bot.ports import Candidates, Look, Remembered, RuleDay, SearchQuery
from bot.store.book import BookKeeper, Standpoint
from bot.store.places import A_DAY, A_SECOND, day_of, free_place, page, read_cursor, second_of
from bot.store.protocol import EPOCH, KEEP_LOOKS
from bot.store.tallies import rule_days
from bot.store.words import clauses_of, holds, indexed, simple_fold


class MemoryArchive(BookKeeper):
    """Looks things up in the book."""

    def _shelve(self, one: Remembered) -> None:
        book, key = self._book, (one.article.id, one.article.version)
        if key not in book.shelf:
            place = free_place(one.article.published_at, lambda at, _: book.last_of_second.get(at))
            book.last_of_second[place // A_SECOND * A_SECOND] = place
            book.shelf[key] = Standpoint(place=place, words=indexed(one, simple_fold))

    def _newest(self) -> Iterator[tuple[int, Article]]:
        """Yield the newest version of every article by its place, last place first."""
        keys = ((name, version) for name, version in self._book.newest.items())
        standing = sorted(((self._book.shelf[key].place, key) for key in keys), reverse=True)
        yield from ((place, self._book.articles[key].article) for place, key in standing)

    async def search(self, query: SearchQuery) -> Candidates:
        """Return the newest articles that may answer `query`; see `bot.ports.Archive`."""
        before, clauses = read_cursor(query.after), clauses_of(query)
        if clauses is None or query.limit < 1:
            return Candidates(articles=())
        first = None if query.since is None else second_of(query.since)
        matched = self._matched(query.rule)
        found = (
            (place, article)
            for place, article in self._newest()
            if (before is None or place < before)
            and (first is None or place >= first)
            and (query.rule is None or article.id in matched)
            and holds(clauses, self._book.shelf[article.id, article.version].words)
        )
        return page(found, query.limit)

    def _matched(self, rule: str | None) -> set[str]:
        return {article_id for name, article_id, _ in self._book.proofs if name == rule}

    async def latest(self, rule: str | None, limit: int, after: str | None) -> Candidates:
        """Return the newest articles, or the newest that a rule matched."""
        return await self.search(SearchQuery(rule=rule, limit=limit, after=after))

    async def story_articles(self, story_id: str) -> Sequence[Article]:
        """Return the articles of a story, first reporter first; none of an unknown story."""
        story = self._book.stories.get(story_id)
        names = story.article_ids if story else ()
        newest = self._book.newest
        known = [(name, newest[name]) for name in names if name in newest]
        return tuple(self._book.articles[key].article for key in known)

    async def stories_of(self, article_ids: Sequence[str]) -> Mapping[str, Story]:
        """Return the story of each article, by the article's id; those without are left out."""
        held = self._book.story_of
        return {name: self._book.stories[held[name]] for name in article_ids if name in held}

    async def rule_counts(self, since: datetime) -> Sequence[RuleDay]:
        """Return what each rule brought from `since` on, by rule and day."""
        begin = max(since, EPOCH)
        alerts = (
            kept.alert
            for kept in self._book.alerts.values()
            if kept.standing.state is not AlertState.QUIET and kept.alert.decided_at >= begin
        )
        return rule_days(Counter(self._matches_since(begin)), alerts)

    def _matches_since(self, since: datetime) -> Iterator[tuple[str, date]]:
        first = second_of(since)
        for rule, article_id in {(rule, name) for rule, name, _ in self._book.proofs}:
            place = self._book.shelf[article_id, self._book.newest[article_id]].place
            if place >= first:
                yield rule, day_of(place // A_DAY)

    async def keep_look(self, look: Look) -> None:
        """Keep a look-up for thirty days, for the buttons that lead on from it."""
        oldest = look.asked_at - KEEP_LOOKS
        kept = {name: old for name, old in self._book.looks.items() if old.asked_at >= oldest}
        self._book.looks = {**kept, look.id: look}

    async def look(self, look_id: str) -> Look | None:
        """Return a look-up that was kept; None where it was not, or is long gone."""
        return self._book.looks.get(look_id)

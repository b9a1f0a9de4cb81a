"""The rules in force in a service that runs: edits count at once, and nothing waits for them.

The pure part is `bot.rules.match`. Here is when its large index is built anew, and where: in a
thread, as numpy lets go of the interpreter while it sorts and gathers.
"""

from __future__ import annotations

import asyncio

from bot.model import Article, Match
from bot.rules.index.memory import give_back
from bot.rules.match import Matcher
from bot.rules.rule import CompiledRule


class Rulebook:
    """Matches articles, takes edits, and folds many of them in while the service goes on."""

    def __init__(self, matcher: Matcher) -> None:
        """Take the rules to begin with."""
        self._matcher = matcher
        self._wanted = asyncio.Event()

    def match(self, article: Article) -> tuple[Match, ...]:
        """Return the rules that hold for an article, with their evidence."""
        return self._matcher.match(article)

    def put(self, compiled: CompiledRule) -> None:
        """Add a rule, or change the one of its name; it counts from the next article on."""
        self._matcher.put(compiled)
        self._note()

    def drop(self, name: str) -> bool:
        """Remove a rule; say whether there was one of that name."""
        found = self._matcher.drop(name)
        self._note()
        return found

    def _note(self) -> None:
        if self._matcher.wants_folding:
            self._wanted.set()

    async def fold(self) -> None:
        """Fold the edits so far into the large index, in a thread.

        Two indexes are there at once then. What articles left free in between others' memory makes
        room for the new one, and what the old one took is given back.
        """
        await asyncio.to_thread(give_back)
        self._matcher.adopt(await asyncio.to_thread(self._matcher.folding().build))
        await asyncio.to_thread(give_back)

    async def run(self) -> None:
        """Fold edits in whenever there are many, until it is cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self.fold()
            self._note()

"""What a rule on trial found: told once, when its time is over, with what can be done next."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.alerts.key import key_of
from bot.alerts.own import own_alert
from bot.commands.items import item_of
from bot.commands.watch_trial import LASTS
from bot.commands.wording import counted
from bot.model import (
    Action,
    Article,
    Button,
    Card,
    CardLine,
    Opinion,
    Reason,
    Rule,
    Trial,
)
from bot.ports import ChangeQuery, Clock, Owed, Store
from bot.rules import match_article
from bot.watch import Watch

LOOKING: Final = timedelta(minutes=1)
"""How often is looked for trials whose time is over."""
LATE: Final = timedelta(days=2)
"""So long after its date an article may still reach us. Older ones came with a feed's baseline."""
SHOWN: Final = 5
MOST: Final = 2_000
"""So many articles are counted; a rule that found more is noisy beyond question."""
_BATCH: Final = 100
_TARGET: Final = re.compile(r"[a-z0-9._-]{1,55}")
"""What fits into a button on both platforms (handlers/discord/cards.py)."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a rule found from `since` to the end of its trial, newest first, and what people said.

    `whole` says that it found no more articles than were counted.
    """

    since: datetime
    articles: Sequence[Article]
    stories: int
    opinions: Counter[Opinion]
    whole: bool = True


class TrialReports:
    """Owes the reports of trials. A rule stays on trial after it, until somebody decides."""

    def __init__(self, watch: Watch, store: Store, clock: Clock, owed: Callable[[], None]) -> None:
        """Report on the rules of `watch`; call `owed` when there is a report to send."""
        self._watch = watch
        self._store = store
        self._clock = clock
        self._owed = owed

    async def run(self) -> None:
        """Report on every trial whose time is over, until it is cancelled."""
        while True:
            for name in list(self._watch.rules):
                try:
                    await self._report_on(name)
                except Exception:
                    # One report that fails is tried again, and holds up no other.
                    log.exception("trial not reported", rule=name)
            await self._clock.sleep(LOOKING.total_seconds())

    async def _report_on(self, name: str) -> None:
        rule = self._watch.rules.get(name)
        if rule is None or rule.trial is None or rule.trial.until > self._clock.now():
            return
        report_id = id_of(rule.name, rule.trial)
        if await self._store.alert(report_id):
            return
        card = self._card(rule, rule.trial, await self._findings(rule, rule.trial))
        alert = own_alert(report_id, rule.trial.report_to, Reason.REPORT, self._clock.now())
        await self._store.owe(Owed(alert=alert, card=card))
        log.info("trial reported", rule=name, channel=str(rule.trial.report_to))
        self._owed()

    async def _findings(self, rule: Rule, trial: Trial) -> Findings:
        since = await self._began(rule, trial)
        articles, whole = await self._articles(rule.name, since)
        story_of = await self._store.stories_of([article.id for article in articles])
        stories = {
            story_of[article.id].id if article.id in story_of else article.id
            for article in articles
        }
        given = await self._store.feedback_of_rule(rule.name, rule.workspace, since)
        return Findings(
            since=since,
            articles=articles,
            stories=len(stories),
            opinions=Counter(one.opinion for one in given),
            whole=whole,
        )

    async def _began(self, rule: Rule, trial: Trial) -> datetime:
        """Return when the rule was put on this trial."""
        query = ChangeQuery(
            workspace=rule.workspace, subject=rule.name, until=trial.until, refused=False
        )
        changes = [
            change
            for change in await self._store.changes(query)
            if isinstance(change.after, Rule) and change.after.trial == trial
        ]
        return changes[-1].at if changes else trial.until - LASTS

    async def _articles(self, name: str, since: datetime) -> tuple[Sequence[Article], bool]:
        """Return what reached us since then and matched, and whether that is all of it."""
        found: list[Article] = []
        cursor: str | None = None
        while len(found) < MOST:
            batch = await self._store.latest(name, _BATCH, cursor)
            dated = [one for one in batch.articles if one.published_at >= since - LATE]
            found += [one for one in dated if one.fetched_at >= since]
            cursor = batch.cursor
            if cursor is None or len(dated) < len(batch.articles):
                return found, True
            await asyncio.sleep(0)
        return found, False

    def _card(self, rule: Rule, trial: Trial, found: Findings) -> Card:
        matches = {
            match.article_id: match
            for article in found.articles[:SHOWN]
            for match in match_article([self._watch.compiled[rule.name]], article)
        }
        return Card(
            title=f"The trial of “{rule.title}” is over",
            status=_figures(found, trial),
            lines=tuple(CardLine(text=line) for line in _said(found)),
            items=tuple(item_of(one, matches.get(one.id)) for one in found.articles[:SHOWN]),
            notes=tuple(_notes(rule, trial, found)),
            buttons=_buttons(rule.name),
        )


def id_of(name: str, trial: Trial) -> str:
    """Return the id of a trial's report: 24 characters of [a-z2-7], the same after a restart."""
    return key_of("trial", name, trial.until.isoformat())


def _figures(found: Findings, trial: Trial) -> str:
    """Sum up: `14 articles, 5 stories, 2.0 a day`."""
    number = len(found.articles)
    articles = counted(number, "article") if found.whole else f"more than {number:,} articles"
    if not number:
        return "It found nothing"
    days = max(1.0, (trial.until - found.since) / timedelta(days=1))
    stories = counted(found.stories, "story", "stories")
    return f"{articles}, {stories}, {number / days:.1f} a day"


def _said(found: Findings) -> Iterator[str]:
    if found.opinions:
        relevant, not_relevant = (found.opinions[each] for each in Opinion)
        yield f"People called {relevant} of its alerts relevant and {not_relevant} not relevant."


def _notes(rule: Rule, trial: Trial, found: Findings) -> Iterator[str]:
    if not found.articles:
        yield "Nothing published in that time matched. Look at each word, or ask for fewer."
    if trial.channel:
        yield "Until somebody decides it tells the channel of its trial alone."
    else:
        yield "Until somebody decides it stays silent."
    if not _buttons(rule.name):
        yield f"Its name is {rule.name}; the watch commands edit, save and delete it."


def _buttons(name: str) -> tuple[Button, ...]:
    """Return what can be done next; a name that fits into no button is left to commands.

    The target names the rule and no draft: a draft is gone after a day, and a report is read when
    somebody has the time.
    """
    target = f"rule.{name}"
    if not _TARGET.fullmatch(target):
        return ()
    return (
        Button(action=Action.SAVE, label="Save for good", target=target, main=True),
        Button(action=Action.FORM, label="Edit", target=target),
        Button(action=Action.CONFIRM, label="Delete", target=target, danger=True),
    )

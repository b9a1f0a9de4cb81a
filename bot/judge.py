"""From an article to the decisions about it: match, group, summarise, decide. Pure.

The pipeline calls it for every article it reads, and the replay for every line of an archive, so
that what a team tries on the past is what the service does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar

from bot.alerts.decide import Case, History, decide
from bot.alerts.silence import Locate, Mutes, channels_of, nowhere
from bot.model import (
    Alert,
    Article,
    ChannelRef,
    Match,
    Mute,
    Passage,
    Rule,
    Story,
    matched_sentences,
    sentence_of,
)
from bot.ports import Told
from bot.rules.normal import folded_text
from bot.stories.group import story_of
from bot.stories.update import new_sentences
from bot.summaries.extract import summarise

T = TypeVar("T")


class Matches(Protocol):
    """Whatever finds the rules that hold for an article."""

    def match(self, article: Article) -> tuple[Match, ...]:
        """Return one Match for each rule that holds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was there before the article: its story, and what each channel knows of it."""

    story: Story | None = None
    told: Sequence[Told] = ()
    baseline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that follows from one article. `folded` is its text as the rules see it."""

    article: Article
    folded: str
    matches: tuple[Match, ...]
    story: Story
    summary: tuple[Passage, ...]
    alerts: tuple[Alert, ...]


class Stage(Protocol):
    """Runs one named stage of a judgement, and may measure it."""

    def __call__(self, name: str, work: Callable[[], T], /) -> T:
        """Return what `work` returns."""
        ...


def unmeasured(_name: str, work: Callable[[], T]) -> T:
    """Run a stage and nothing else."""
    return work()


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges articles by a set of rules.

    `rules` by name and `mutes` by id may be live: what is in them counts for the next article.
    `locate` says where channels lie.
    """

    matcher: Matches
    rules: Mapping[str, Rule] = field(default_factory=dict)
    stage: Stage = unmeasured
    mutes: Mapping[str, Mute] = field(default_factory=dict)
    locate: Locate = nowhere

    def judge(self, article: Article, past: Past, now: datetime) -> Judgement:
        """Return what follows from `article` at the time `now`."""
        matches = self.stage("match", lambda: self.matcher.match(article))
        story = self.stage("group", lambda: story_of(article, past.story, now))
        history = self._history(article, matches, past)
        telling = _telling(article, matches, history.values())
        case = Case(story=story, article=article, matches=matches, baseline=past.baseline)
        mutes = Mutes(tuple(self.mutes.values()), self.locate)
        return Judgement(
            article=article,
            folded=folded_text(article),
            matches=matches,
            story=story,
            summary=self.stage("summarise", lambda: _summary(article, matches, telling)),
            alerts=self.stage("decide", lambda: decide(case, self.rules, history, now, mutes)),
        )

    def _history(
        self, article: Article, matches: Sequence[Match], past: Past
    ) -> dict[ChannelRef, History]:
        """Return what each channel knows, and which sentences its own rules found anew."""
        return {
            told.channel: History(
                told,
                new_sentences(
                    matched_sentences(article, self._for_channel(matches, told.channel)),
                    told.sentences,
                ),
            )
            for told in past.told
        }

    def _for_channel(self, matches: Sequence[Match], channel: ChannelRef) -> list[Match]:
        return [
            match
            for match in matches
            if match.rule in self.rules and channel in channels_of(self.rules[match.rule])
        ]


def _summary(
    article: Article, matches: tuple[Match, ...], telling: tuple[Match, ...]
) -> tuple[Passage, ...]:
    """Return the passages of the card; a follow-up does not repeat the lead that was read."""
    passages = summarise(article, telling)
    if telling == matches:
        return passages
    return tuple(passage for passage in passages if passage.marks)


def _telling(
    article: Article, matches: tuple[Match, ...], history: Iterable[History]
) -> tuple[Match, ...]:
    """Return the matches cut down to what is new to some channel; all of them where nothing is.

    A follow-up must show the sentence that is new, not the one the channel has read.
    """
    fresh = {sentence for known in history for sentence in known.new_sentences}
    news = (
        replace(
            match,
            evidence=tuple(
                found for found in match.evidence if sentence_of(article, found) in fresh
            ),
        )
        for match in matches
    )
    return tuple(match for match in news if match.evidence) or matches

"""How the service stands, put together from counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.model import Alert, AlertState, ChannelRef, FeedState
from bot.ports import Held, ParkedChannel, RuleDay, ShutPlatform, Tally
from bot.store.protocol import Refusal

Counts = Mapping[tuple[ChannelRef, AlertState], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a tally is made of."""

    counts: Counts
    oldest_owed_at: datetime | None
    parked: Mapping[ChannelRef, Refusal]
    shut: Mapping[str, Refusal]
    feeds: Iterable[FeedState]
    held: tuple[Held, ...] = ()


def tally(figures: Figures) -> Tally:
    """Return the tally, each part of it in the order of its names."""
    counts = figures.counts
    return Tally(
        states=_by_state(counts),
        oldest_owed_at=figures.oldest_owed_at,
        parked=tuple(_parked(ref, figures.parked[ref], counts) for ref in sorted(figures.parked)),
        feeds=tuple(sorted(figures.feeds, key=lambda state: state.feed_id)),
        shut_out=tuple(_shut(name, figures.shut[name]) for name in sorted(figures.shut)),
        channels=_by_channel(counts),
        held=figures.held,
    )


def _by_state(counts: Counts) -> dict[AlertState, int]:
    totals: Counter[AlertState] = Counter()
    for (_, state), count in counts.items():
        totals[state] += count
    return {state: totals[state] for state in AlertState}


def _by_channel(counts: Counts) -> dict[ChannelRef, dict[AlertState, int]]:
    channels: dict[ChannelRef, dict[AlertState, int]] = {}
    for (ref, state), count in sorted(counts.items()):
        channels.setdefault(ref, {})[state] = count
    return channels


def _parked(ref: ChannelRef, refusal: Refusal, counts: Counts) -> ParkedChannel:
    return ParkedChannel(
        channel=ref,
        code=refusal.code,
        advice=refusal.advice,
        since=refusal.since,
        owed=counts.get((ref, AlertState.OWED), 0),
    )


def _shut(name: str, refusal: Refusal) -> ShutPlatform:
    return ShutPlatform(
        platform=name, code=refusal.code, advice=refusal.advice, since=refusal.since
    )


def rule_days(
    matches: Mapping[tuple[str, date], int], alerts: Iterable[Alert]
) -> tuple[RuleDay, ...]:
    """Return what each rule brought on each day, in their order."""
    told = Counter(
        (rule, alert.decided_at.astimezone(UTC).date()) for alert in alerts for rule in alert.rules
    )
    return tuple(
        RuleDay(rule=rule, day=day, matches=matches.get((rule, day), 0), alerts=told[rule, day])
        for rule, day in sorted({*matches, *told})
    )

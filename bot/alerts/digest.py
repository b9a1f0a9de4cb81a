"""Digest: many alerts of one channel in one card, at the channel's times. Pure; takes `now`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.alerts.key import key_of
from bot.model import Alert, Card, CardLine, Channel, Reason, Urgency
from bot.ports import Owed

MOST_LINES = 20
"""What a person reads in one message; the rest is counted. Headings are lines, too."""

_NEAR_DAYS = (-2, -1, 0, 1, 2)  # A zone that skips a day shifts a digest by less than two.
_NO_RULE = "other"


def digest_due(channel: Channel, oldest_waiting_at: datetime, now: datetime) -> bool:
    """Say whether a digest time has come since the oldest alert began to wait.

    True where a digest time lies in the half-open span `(oldest_waiting_at, now]`, so that each
    digest time fires once: what is gathered no longer waits. A time that the clocks skip fires when
    they have skipped it, a time that comes twice fires at the first. A channel without digest times
    never lets anything wait, nor does one whose oldest alert came more than a day after `now`: the
    clock was put back since, and what waits for the time that it showed might wait for years.
    """
    if not channel.digest_at or oldest_waiting_at > now + timedelta(days=1):
        return True
    passed = [at for at in _digest_times(channel, now) if at <= now]
    return max(passed) > oldest_waiting_at


def next_digest_at(channel: Channel, now: datetime) -> datetime | None:
    """Return the first digest time after `now`, None where the channel has no digest times."""
    return min((at for at in _digest_times(channel, now) if at > now), default=None)


def gathered_now(channel: Channel, waiting: Sequence[Owed], now: datetime) -> Sequence[Owed]:
    """Return the waiting alerts where their time to be gathered has come, or none."""
    if waiting and digest_due(channel, min(owed.alert.decided_at for owed in waiting), now):
        return waiting
    return ()


def digest(channel: Channel, waiting: Sequence[Owed], now: datetime) -> Owed:
    """Gather alerts into the one alert and card that tell them, oldest first, a rule at a time.

    One story is one line, with its newest card. The id depends on the gathered alerts only: the
    same alerts gathered twice are one digest.

    Args:
        channel: whose alerts they are.
        waiting: the alerts, oldest first, at least one.
        now: when it was decided to gather them.
    """
    newest = {owed.alert.story_id: owed for owed in waiting}
    name = _id_of(channel, (owed.alert.id for owed in waiting))
    alert = Alert(
        id=name,
        channel=channel.ref,
        # A digest is about no single story; its own name keeps it apart from all other alerts.
        story_id=f"digest-{name}",
        article_id=f"digest-{name}",
        version=1,
        rules=tuple(dict.fromkeys(rule for owed in waiting for rule in owed.alert.rules)),
        urgency=Urgency.DIGEST,
        reason=Reason.DIGEST,
        decided_at=now,
    )
    return Owed(alert=alert, card=_card(list(newest.values()), alert))


@dataclass(frozen=True, slots=True)
class _Group:
    """The stories of one rule, and how many of them are shown."""

    rule: str
    stories: tuple[Owed, ...]
    shown: int

    def lines(self) -> Iterator[CardLine]:
        yield CardLine(text=f"{self.rule} ({len(self.stories)})", heading=True)
        for owed in self.stories[: self.shown]:
            if owed.card:
                yield CardLine(text=owed.card.title, url=owed.card.url, domain=owed.card.domain)


def _card(stories: Sequence[Owed], alert: Alert) -> Card:
    lines, rest = listed(stories)
    return Card(
        title=f"Digest: {count_of(stories)}", urgency=alert.urgency, lines=lines, notes=rest
    )


def count_of(stories: Sequence[Owed]) -> str:
    """Return how many stories there are: `1 story`, `3 stories`."""
    return f"{len(stories)} {'story' if len(stories) == 1 else 'stories'}"


def listed(stories: Sequence[Owed]) -> tuple[tuple[CardLine, ...], tuple[str, ...]]:
    """Return a line for each story under its rule, and a note of those that found no room."""
    groups = _groups(stories)
    rest = len(stories) - sum(group.shown for group in groups)
    lines = tuple(line for group in groups for line in group.lines())
    return lines, (f"and {rest} more",) if rest else ()


def _groups(stories: Sequence[Owed]) -> Sequence[_Group]:
    """Group by the first rule of each alert, rules in the order of their oldest alert."""
    by_rule: dict[str, list[Owed]] = {}
    for owed in stories:
        by_rule.setdefault(next(iter(owed.alert.rules), _NO_RULE), []).append(owed)
    shares = _shares([len(group) for group in by_rule.values()], MOST_LINES)
    groups = zip(by_rule.items(), shares, strict=True)
    return [_Group(rule, tuple(group), shown) for (rule, group), shown in groups if shown]


def _shares(sizes: Sequence[int], lines: int) -> Sequence[int]:
    """Deal `lines` lines out in turns, so that a loud rule cannot hide a quiet one.

    The first line of a group costs a second one, for its heading.
    """
    shares = [0] * len(sizes)
    for turn in range(max(sizes, default=0)):
        for group, size in enumerate(sizes):
            cost = 2 if turn == 0 else 1
            if turn < size and cost <= lines:
                shares[group] += 1
                lines -= cost
    return shares


def _digest_times(channel: Channel, now: datetime) -> Sequence[datetime]:
    """Return the channel's digest times around `now`, in UTC and in order."""
    zone = ZoneInfo(channel.timezone)
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=days) for days in _NEAR_DAYS]
    # PEP 495: fold=0 takes the first of two equal wall times, and moves a skipped one past the gap.
    wall = [
        datetime.combine(day, _first(at), tzinfo=zone) for day in days for at in channel.digest_at
    ]
    return sorted({at.astimezone(UTC) for at in wall})


def _first(at: time) -> time:
    return at.replace(tzinfo=None, fold=0)


def _id_of(channel: Channel, alert_ids: Iterable[str]) -> str:
    return key_of("digest", str(channel.ref), *sorted(alert_ids))

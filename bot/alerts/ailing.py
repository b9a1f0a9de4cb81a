"""Feeds that fail for days: whom to tell, once for each time they fail. Pure; takes `now`.

Feeds that come to it within one hour share a message: where our own network was down, all of them
do. The message's id follows from its channel and that hour, so that it is told once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.alerts.key import key_of
from bot.alerts.own import own_alert
from bot.model import Card, CardLine, ChannelRef, Feed, FeedState, Reason
from bot.ports import Owed
from bot.text import domain_of

PATIENCE = timedelta(days=3)
"""How long a feed may fail before anybody is told."""

LOOKING_BACK = timedelta(days=7)
"""How late it is still told, where Redline itself was stopped meanwhile."""

MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Ailing:
    """A feed that fails, and how it stands."""

    feed: Feed
    state: FeedState


def ailing(
    feeds: Mapping[str, Feed], states: Iterable[FeedState], now: datetime
) -> Mapping[datetime, Sequence[Ailing]]:
    """Return the feeds that have failed for three days, by the hour that ended before they had."""
    found: defaultdict[datetime, list[Ailing]] = defaultdict(list)
    for state in states:
        hour = _hour_of(state)
        if hour and state.feed_id in feeds and now - LOOKING_BACK <= hour <= now:
            found[hour].append(Ailing(feeds[state.feed_id], state))
    return found


def _hour_of(state: FeedState) -> datetime | None:
    """Return the end of the hour in which a feed will have failed for three days."""
    if state.failing_since is None:
        return None
    told = state.failing_since + PATIENCE
    return told.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def ailing_notices(
    hour: datetime, feeds: Sequence[Ailing], notices: Sequence[ChannelRef], now: datetime
) -> Iterator[Owed]:
    """Yield a message for each channel that is to hear of the feeds of one hour.

    Those that were added in chat are told where they were added, the others in `notices`.
    """
    told: defaultdict[ChannelRef, list[Ailing]] = defaultdict(list)
    for one in feeds:
        for channel in (one.feed.report_to,) if one.feed.report_to else notices:
            told[channel].append(one)
    for channel, theirs in told.items():
        ordered = sorted(theirs, key=lambda one: one.feed.title.casefold())
        name = key_of("ailing", str(channel), hour.isoformat())
        alert = own_alert(name, channel, Reason.NOTICE, now)
        yield Owed(alert=alert, card=_card(ordered))


def _card(feeds: Sequence[Ailing]) -> Card:
    many = len(feeds) > 1
    what = f"{len(feeds)} feeds have" if many else f"“{feeds[0].feed.title}” has"
    rest = len(feeds) - MOST_LINES
    more = (f"and {rest} more; redline status has them all",) if rest > 0 else ()
    return Card(
        title=f"{what} failed for three days",
        lines=tuple(map(_line, feeds[:MOST_LINES])),
        notes=(*more, _ADVICE[many]),
    )


def _line(one: Ailing) -> CardLine:
    site = domain_of(one.feed.url)
    return CardLine(text=f"{one.feed.title} ({site}): {one.state.last_error or 'unknown'}")


_ADVICE = {
    False: "It is asked again at least once a day. Look whether it has moved, or pause it.",
    True: "They are asked again at least once a day. If all of them fail, look at the network.",
}

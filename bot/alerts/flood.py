"""Flood: what a poll brings too much of is held, and told in one message. Pure; takes `now`.

A publisher that moves its site, loses its database or writes its ids anew shows its whole archive
as news. What that costs is a channel full of old stories, so an admin decides about it. Nothing is
lost and little is late: the message names the stories at once, as many as a person reads.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.alerts.digest import count_of, listed
from bot.alerts.key import key_of
from bot.alerts.own import own_alert
from bot.model import (
    Action,
    Alert,
    Button,
    Card,
    ChannelRef,
    Feed,
    Flood,
    Hold,
    Reason,
    Urgency,
)
from bot.ports import Owed

MOST = 15
"""The most new entries a poll may bring, and cards it may post into one channel, in any case."""

TIMES = 5
"""A feed may bring so many times what it usually brings at once."""

USUAL = 0.99
"""What a feed usually brings: as much as this share of its polls that brought anything. Those that
brought nothing are left out: with them, a gazette that brings forty notices each morning and is
asked every five minutes would be a flood each morning."""

RENAMED = 0.6
RECOGNISED = 0.5
"""A feed has written its ids anew where more than the one share of its entries has ids we do not
know, and at least the other share of these is known by link or title."""

REWRITTEN = 0.6
"""A feed has written its entries anew where a greater share of them are known, with other words."""

FEW = 3
"""So many new entries of such a feed are taken for news, even where it never brought any; so are so
many known entries that nobody was told of, and that match with their other words."""

JOINS = timedelta(hours=12)
"""A flood that goes on joins the open hold that began so lately, without another message."""

KEEP = timedelta(days=7)
"""How long is waited for a decision; then it is left at the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Influx:
    """What the entries of one poll are.

    `new` are known by no name, `renamed` have an id that is not known, and `recognised` of these
    are known by their link or title; `rewritten` are known, with other words.
    """

    entries: int
    new: int
    renamed: int
    recognised: int
    rewritten: int = 0

    @property
    def has_new_ids(self) -> bool:
        """Whether the feed seems to have written its ids anew."""
        most = self.renamed > RENAMED * self.entries
        return most and self.recognised >= RECOGNISED * self.renamed

    @property
    def is_rewritten(self) -> bool:
        """Whether the feed seems to have written its entries anew."""
        return self.rewritten > max(FEW, REWRITTEN * self.entries)

    @property
    def may_flood(self) -> bool:
        """Whether it depends on what the feed usually brings if this is a flood."""
        return self.new > (FEW if self.has_new_ids else MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """A poll as the flood gate sees it: whose it is, and what is wrong with it, if anything.

    `holds` are the open ones of the feed that began lately, by channel.
    """

    feed: Feed
    entries: int
    flood: Flood | None
    holds: Mapping[ChannelRef, Hold]


@dataclass(frozen=True, slots=True)
class Dammed:
    """What became of the decisions of a poll: the messages among them, and the holds they begin."""

    owed: tuple[Owed, ...]
    holds: tuple[Hold, ...]


def flood_of(influx: Influx, bursts: Sequence[int]) -> Flood | None:
    """Say what is wrong with what a poll brought, None where nothing is.

    Args:
        influx: what the entries are.
        bursts: how many new entries each poll of the last thirty days brought that brought any,
            ascending.
    """
    usual = usual_burst(bursts)
    if influx.new > max(MOST, TIMES * usual):
        return Flood.BURST
    if influx.has_new_ids and influx.new > max(FEW, usual):
        return Flood.RENAMED
    return None


def wakes_the_past(influx: Influx, decided: Sequence[Owed]) -> bool:
    """Say whether old entries are about to be told as news because their feed wrote them anew.

    A publisher that begins to give its whole articles, or whose feed we begin to read better, shows
    words that were there before: no development, though they match for the first time.
    """
    old = sum(one.alert.reason is Reason.NEW_STORY and one.alert.version > 1 for one in decided)
    return influx.is_rewritten and old > FEW


def usual_burst(bursts: Sequence[int]) -> int:
    """Return the 99th percentile by nearest rank of an ascending sequence; 0 of an empty one."""
    return bursts[math.ceil(USUAL * len(bursts)) - 1] if bursts else 0


def dam(decided: Sequence[Owed], surge: Surge, now: datetime) -> Dammed:
    """Hold what is a flood, and add the message that tells of it, one for each channel.

    Of a feed that floods all cards are held but the critical ones; otherwise a channel's are,
    where they are too many. Critical cards are counted on their own: a flood of others never holds
    them up.
    """
    posting = Counter(_stream(one.alert) for one in decided if one.alert.reason.posts)
    held = [one for one in decided if _is_held(one.alert, surge, posting)]
    channels = dict.fromkeys(one.alert.channel for one in held)
    holds = {ref: _hold(ref, held, surge, now) for ref in channels}
    begun = [hold for ref, hold in holds.items() if hold != surge.holds.get(ref)]
    ids = {one.alert.id for one in held}
    return Dammed(
        owed=(
            *(_held_in(one, holds) if one.alert.id in ids else one for one in decided),
            *(_message(hold, _of(hold.channel, held), surge.feed, now) for hold in begun),
        ),
        holds=tuple(begun),
    )


def _is_held(alert: Alert, surge: Surge, posting: Mapping[tuple[ChannelRef, bool], int]) -> bool:
    if not alert.reason.posts:
        return False
    floods = surge.flood is not None and alert.urgency is not Urgency.CRITICAL
    return floods or posting[_stream(alert)] > MOST


def _stream(alert: Alert) -> tuple[ChannelRef, bool]:
    return alert.channel, alert.urgency is Urgency.CRITICAL


def _of(channel: ChannelRef, held: Sequence[Owed]) -> Sequence[Owed]:
    return [one for one in held if one.alert.channel == channel]


def _hold(channel: ChannelRef, held: Sequence[Owed], surge: Surge, now: datetime) -> Hold:
    """Return the hold of a channel: the open one, or a new one with an id of its alerts.

    What is critical never joins, because nobody would be told of it.
    """
    theirs = _of(channel, held)
    if channel in surge.holds and not _has_critical(theirs):
        return surge.holds[channel]
    ids = sorted(one.alert.id for one in theirs)
    return Hold(
        id=key_of("flood", surge.feed.id, str(channel), *ids),
        feed_id=surge.feed.id,
        channel=channel,
        flood=surge.flood or Flood.CROWD,
        entries=surge.entries,
        held_at=now,
    )


def _has_critical(held: Sequence[Owed]) -> bool:
    return any(one.alert.urgency is Urgency.CRITICAL for one in held)


def _held_in(owed: Owed, holds: Mapping[ChannelRef, Hold]) -> Owed:
    return replace(
        owed,
        alert=replace(owed.alert, reason=Reason.FLOOD),
        held_in=holds[owed.alert.channel].id,
    )


# --- The message --------------------------------------------------------------------------------


def _message(hold: Hold, held: Sequence[Owed], feed: Feed, now: datetime) -> Owed:
    """Return the one message that tells of a flood. It is an alert of no rule."""
    urgency = Urgency.CRITICAL if _has_critical(held) else Urgency.NOW
    alert = own_alert(hold.id, hold.channel, Reason.HOLD, now, urgency)
    newest = {one.alert.story_id: one for one in held}
    return Owed(alert=alert, card=_card(hold, list(newest.values()), feed, alert))


def _card(hold: Hold, stories: Sequence[Owed], feed: Feed, alert: Alert) -> Card:
    lines, rest = listed(stories)
    return Card(
        title=f"Held: {count_of(stories)} at once from {feed.title}",
        urgency=alert.urgency,
        status=str(hold.flood),
        lines=lines,
        notes=(*rest, *_advice(hold)),
        buttons=(
            Button(action=Action.RELEASE, label="Release", target=hold.id, main=True),
            Button(action=Action.DISCARD, label="Discard", target=hold.id, danger=True),
        ),
    )


def _advice(hold: Hold) -> Iterator[str]:
    until, joins = hold.held_at + KEEP, hold.held_at + JOINS
    yield "An admin decides: Release posts a card for each, Discard leaves it at this message."
    yield f"If it floods again until {joins:%H:%M} UTC, that is held with these, not listed here."
    yield f"Where nobody decides until {until:%A} {until.day} {until:%b}, it is left at it too."

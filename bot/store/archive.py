"""What people look up, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from bot.model import Alert, AlertState, ChannelRef, Match
from bot.ports import AlertRecord, Tally, Told
from bot.store import alerts as rows
from bot.store import feeds, holds
from bot.store.articles import in_parts
from bot.store.columns import AnyRow
from bot.store.protocol import TOLD, Refusal
from bot.store.schema import alerts, channels, matches, platforms
from bot.store.tallies import Counts, Figures, tally
from bot.store.tellings import Telling, told


def told_of(connection: Connection, story_ids: Sequence[str]) -> Mapping[str, tuple[Told, ...]]:
    """Return, by story, what was decided for each channel."""
    tellings: dict[str, list[Telling]] = {story_id: [] for story_id in story_ids}
    for part in in_parts(list(tellings)):
        for telling in _tellings(connection, part):
            tellings[telling.alert.story_id].append(telling)
    return {story_id: told(about) for story_id, about in tellings.items()}


def _tellings(connection: Connection, story_ids: Sequence[str]) -> list[Telling]:
    wanted = select(alerts.c.document, alerts.c.state).where(alerts.c.story_id.in_(story_ids))
    decided = connection.execute(wanted).all()
    sentences = _sentences(connection, story_ids)
    return [_telling(row, sentences) for row in decided]


def _telling(row: AnyRow, sentences: Mapping[tuple[str, str], tuple[str, ...]]) -> Telling:
    alert: Alert = row.document
    texts = [text for rule in alert.known_rules for text in sentences.get((alert.id, rule), ())]
    return Telling(alert=alert, state=AlertState(row.state), sentences=tuple(texts))


def _sentences(
    connection: Connection, story_ids: Sequence[str]
) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the matched sentences by alert and rule."""
    wanted = (
        select(alerts.c.alert_id, matches.c.rule, matches.c.sentences)
        .join(
            matches,
            and_(
                matches.c.article_id == alerts.c.article_id, matches.c.version == alerts.c.version
            ),
        )
        .where(alerts.c.story_id.in_(story_ids))
    )
    return {(row.alert_id, row.rule): row.sentences for row in connection.execute(wanted)}


def tally_of(connection: Connection) -> Tally:
    """Return how the service stands."""
    owed = select(func.min(alerts.c.decided_at)).where(alerts.c.state == AlertState.OWED)
    figures = Figures(
        counts=_counts(connection),
        oldest_owed_at=connection.scalar(owed),
        parked=_parked(connection),
        shut=_shut(connection),
        feeds=feeds.polled(connection),
        held=holds.held(connection),
    )
    return tally(figures)


def _counts(connection: Connection) -> Counts:
    wanted = select(
        alerts.c.platform, alerts.c.channel, alerts.c.state, func.count().label("number")
    ).group_by(alerts.c.platform, alerts.c.channel, alerts.c.state)
    return {
        (rows.ref_of(row), AlertState(row.state)): row.number for row in connection.execute(wanted)
    }


def _parked(connection: Connection) -> Mapping[ChannelRef, Refusal]:
    parked = select(channels, channels.c.fence.label("lane_fence")).where(
        channels.c.parked_since.is_not(None)
    )
    found = connection.execute(parked)
    refusals = {rows.ref_of(row): rows.lane_of(row).refusal for row in found}
    return {ref: refusal for ref, refusal in refusals.items() if refusal}


def _shut(connection: Connection) -> Mapping[str, Refusal]:
    found = connection.execute(select(platforms).where(platforms.c.shut_since.is_not(None)))
    refusals = {row.platform: rows.gate_of(row).refusal for row in found}
    return {platform: refusal for platform, refusal in refusals.items() if refusal}


def alert(connection: Connection, alert_id: str) -> AlertRecord | None:
    """Return one alert with its card and matches."""
    found = _records(connection, select(alerts).where(alerts.c.alert_id == alert_id))
    return found[0] if found else None


def dead(connection: Connection, limit: int) -> tuple[AlertRecord, ...]:
    """Return the alerts that were given up, newest decision first."""
    wanted = (
        select(alerts)
        .where(alerts.c.state == AlertState.DEAD)
        .order_by(alerts.c.decided_at.desc(), alerts.c.alert_id.desc())
        .limit(limit)
    )
    return _records(connection, wanted)


def told_in(
    connection: Connection, channel: ChannelRef, since: datetime, limit: int
) -> tuple[AlertRecord, ...]:
    """Return what was decided since then and posted to a channel, newest decision first."""
    wanted = (
        select(alerts)
        .where(
            alerts.c.platform == channel.platform,
            alerts.c.channel == channel.name,
            alerts.c.state.in_(TOLD),
            alerts.c.decided_at >= since,
        )
        .order_by(alerts.c.decided_at.desc(), alerts.c.alert_id.desc())
        .limit(limit)
    )
    return _records(connection, wanted)


def _records(connection: Connection, wanted: Select[Any]) -> tuple[AlertRecord, ...]:
    return tuple(_record(connection, row) for row in connection.execute(wanted).all())


def _record(connection: Connection, row: AnyRow) -> AlertRecord:
    standing = rows.standing_of(row)
    return AlertRecord(
        alert=row.document,
        state=standing.state,
        card=row.card,
        matches=_matches(connection, row.document),
        message=standing.message,
        why=standing.why,
        attempts=standing.attempt,
    )


def _matches(connection: Connection, about: Alert) -> tuple[Match, ...]:
    wanted = select(matches.c.rule, matches.c.document).where(
        matches.c.article_id == about.article_id, matches.c.version == about.version
    )
    found = {row.rule: row.document for row in connection.execute(wanted)}
    return tuple(found[rule] for rule in about.rules if rule in found)

"""Alerts, channels and platforms as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, select, update

from bot.model import Alert, AlertState, ChannelRef, Urgency
from bot.ports import Owed
from bot.store.columns import AnyRow
from bot.store.protocol import Gate, Lane, Refusal, Standing, Step
from bot.store.schema import alerts, channels, platforms
from bot.store.upsert import insert_once, upsert

_STANDING = tuple(field.name for field in fields(Standing))


def insert(connection: Connection, decided: Sequence[tuple[Owed, AlertState]]) -> None:
    """Remember alerts, each once."""
    refs = dict.fromkeys(owed.alert.channel for owed, _ in decided)
    insert_once(connection, channels, [{**lane_key(ref), **lane_values(Lane())} for ref in refs])
    insert_once(connection, alerts, [_alert_row(owed, state) for owed, state in decided])


def _alert_row(owed: Owed, state: AlertState) -> dict[str, Any]:
    alert = owed.alert
    return {
        "alert_id": alert.id,
        **lane_key(alert.channel),
        "story_id": alert.story_id,
        "article_id": alert.article_id,
        "version": alert.version,
        "turn": 0 if alert.urgency is Urgency.CRITICAL else 1,
        "decided_at": alert.decided_at,
        "reply_to": alert.reply_to,
        "document": alert,
        "card": owed.card,
        **standing_values(Standing(state=state)),
    }


def standing_values(standing: Standing) -> dict[str, Any]:
    """Return the columns of a standing."""
    return {name: getattr(standing, name) for name in _STANDING}


def standing_of(row: AnyRow) -> Standing:
    """Return the standing in a row of alerts."""
    values = {name: getattr(row, name) for name in _STANDING}
    return Standing(**{**values, "state": AlertState(row.state)})


def save_standing(connection: Connection, alert_id: str, standing: Standing) -> None:
    """Write how an alert stands."""
    here = alerts.c.alert_id == alert_id
    connection.execute(update(alerts).where(here).values(standing_values(standing)))


def lane_key(ref: ChannelRef) -> dict[str, Any]:
    """Return the key of a channel's row."""
    return {"platform": ref.platform, "channel": ref.name}


def lane_values(lane: Lane) -> dict[str, Any]:
    """Return the columns of a lane."""
    return {
        "fence": lane.fence,
        "lease_until": lane.lease_until,
        "next_send_at": lane.next_send_at,
        **_refusal_values("parked", lane.refusal),
    }


def lane_of(row: AnyRow) -> Lane:
    """Return the lane in a row of channels."""
    return Lane(
        fence=row.fence,
        lease_until=row.lease_until,
        next_send_at=row.next_send_at,
        refusal=refusal_of(row.parked_code, row.parked_advice, row.parked_since),
    )


def read_lane(connection: Connection, ref: ChannelRef) -> Lane | None:
    """Return a channel's lane, if it has one."""
    row = connection.execute(select(channels).where(*_at(ref))).first()
    return None if row is None else lane_of(row)


def save_lane(connection: Connection, ref: ChannelRef, lane: Lane) -> None:
    """Write a channel's lane."""
    connection.execute(update(channels).where(*_at(ref)).values(lane_values(lane)))


def _at(ref: ChannelRef) -> tuple[Any, Any]:
    return channels.c.platform == ref.platform, channels.c.channel == ref.name


def read_gate(connection: Connection, platform: str) -> Gate:
    """Return a platform's gate; one that nothing was written of is open."""
    row = connection.execute(select(platforms).where(platforms.c.platform == platform)).first()
    return Gate() if row is None else gate_of(row)


def gate_of(row: AnyRow) -> Gate:
    """Return the gate in a row of platforms."""
    refusal = refusal_of(row.shut_code, row.shut_advice, row.shut_since)
    return Gate(paused_until=row.paused_until, refusal=refusal)


def save_gate(connection: Connection, platform: str, gate: Gate) -> None:
    """Write a platform's gate."""
    values = {"paused_until": gate.paused_until, **_refusal_values("shut", gate.refusal)}
    upsert(connection, platforms, [{"platform": platform, **values}])


def read_step(connection: Connection, row: AnyRow, ref: ChannelRef) -> Step:
    """Return an alert's row with its channel and platform."""
    lane = read_lane(connection, ref) or Lane()
    return Step(standing=standing_of(row), lane=lane, gate=read_gate(connection, ref.platform))


def save_step(connection: Connection, alert: Alert, before: Step, after: Step) -> None:
    """Write what changed of an alert, its channel and its platform."""
    save_standing(connection, alert.id, after.standing)
    if after.lane != before.lane:
        save_lane(connection, alert.channel, after.lane)
    if after.gate != before.gate:
        save_gate(connection, alert.channel.platform, after.gate)


def _refusal_values(prefix: str, refusal: Refusal | None) -> dict[str, Any]:
    values = asdict(refusal) if refusal else dict.fromkeys(("code", "advice", "since"))
    return {f"{prefix}_{name}": value for name, value in values.items()}


def refusal_of(code: str | None, advice: str | None, since: Any) -> Refusal | None:
    """Return the refusal in three columns, if there is one."""
    if since is None:
        return None
    return Refusal(code=code or "", advice=advice or "", since=since)

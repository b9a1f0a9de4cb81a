"""Alerts with their channels and platforms, as rows.

The statements stand ready made: building one costs more than running it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from bot.model import AlertState, ChannelRef, Urgency
from bot.ports import Owed
from bot.store.columns import AnyRow
from bot.store.protocol import EPOCH, Gate, Lane, Refusal, Standing, Step
from bot.store.schema import alerts, channels, platforms
from bot.store.upsert import insert_once, upsert

_STANDING = tuple(field.name for field in fields(Standing))

in_its_channel = and_(
    alerts.c.platform == channels.c.platform, alerts.c.channel == channels.c.channel
)

steps = (
    select(
        alerts,
        channels.c.fence.label("lane_fence"),
        channels.c.lease_until,
        channels.c.next_send_at,
        channels.c.parked_code,
        channels.c.parked_advice,
        channels.c.parked_since,
        platforms.c.paused_until,
        platforms.c.shut_code,
        platforms.c.shut_advice,
        platforms.c.shut_since,
    )
    .join(channels, in_its_channel)
    .outerjoin(platforms, platforms.c.platform == alerts.c.platform)
)
"""Every alert with its channel and its platform; `step_of` reads a row of it."""

_one_step = steps.where(alerts.c.alert_id == bindparam("of_alert"))
_one_lane = select(channels, channels.c.fence.label("lane_fence")).where(
    channels.c.platform == bindparam("of_platform"), channels.c.channel == bindparam("of_channel")
)
_save_standing = update(alerts).where(alerts.c.alert_id == bindparam("of_alert"))
_save_lane = update(channels).where(
    channels.c.platform == bindparam("of_platform"), channels.c.channel == bindparam("of_channel")
)
_all_gates = select(platforms)


def insert(connection: Connection, decided: Sequence[tuple[Owed, AlertState]]) -> None:
    """Remember alerts, each once."""
    refs = dict.fromkeys(owed.alert.channel for owed, _ in decided)
    insert_once(connection, channels, [{**_key(ref), **_lane_values(Lane())} for ref in refs])
    insert_once(connection, alerts, [_alert_row(owed, state) for owed, state in decided])


def _key(ref: ChannelRef) -> dict[str, Any]:
    return {"platform": ref.platform, "channel": ref.name}


def _alert_row(owed: Owed, state: AlertState) -> dict[str, Any]:
    alert = owed.alert
    return {
        "alert_id": alert.id,
        **_key(alert.channel),
        "story_id": alert.story_id,
        "article_id": alert.article_id,
        "version": alert.version,
        "turn": 0 if alert.urgency is Urgency.CRITICAL else 1,
        "decided_at": alert.decided_at,
        "reply_to": alert.reply_to,
        "document": alert,
        "card": owed.card,
        "gathered_into": owed.held_in,
        **_standing_values(Standing(state=state)),
    }


def ref_of(row: AnyRow) -> ChannelRef:
    """Return the channel that a row is about."""
    return ChannelRef(row.platform, row.channel)


def read_step(connection: Connection, alert_id: str) -> AnyRow | None:
    """Return the row of an alert with its channel and platform."""
    return connection.execute(_one_step, {"of_alert": alert_id}).first()


def step_of(row: AnyRow) -> Step:
    """Return an alert's standing with its channel and platform."""
    gate = Gate() if row.paused_until is None else gate_of(row)
    return Step(standing=standing_of(row), lane=lane_of(row), gate=gate)


def save_step(connection: Connection, row: AnyRow, before: Step, after: Step) -> None:
    """Write what changed of an alert, its channel and its platform."""
    save_standing(connection, row.alert_id, after.standing)
    if after.lane != before.lane:
        save_lane(connection, ref_of(row), after.lane)
    if after.gate != before.gate:
        save_gate(connection, row.platform, after.gate)


def standing_of(row: AnyRow) -> Standing:
    """Return the standing in a row of alerts."""
    values = {name: getattr(row, name) for name in _STANDING}
    return Standing(**{**values, "state": AlertState(row.state)})


def save_standing(connection: Connection, alert_id: str, standing: Standing) -> None:
    """Write how an alert stands."""
    connection.execute(_save_standing, {"of_alert": alert_id, **_standing_values(standing)})


def _standing_values(standing: Standing) -> dict[str, Any]:
    return {name: getattr(standing, name) for name in _STANDING}


def lane_of(row: AnyRow) -> Lane:
    """Return the lane in a row that names the channel's fence `lane_fence`."""
    return Lane(
        fence=row.lane_fence,
        lease_until=row.lease_until,
        next_send_at=row.next_send_at,
        refusal=_refusal(row.parked_code, row.parked_advice, row.parked_since),
    )


def read_lane(connection: Connection, ref: ChannelRef) -> Lane | None:
    """Return a channel's lane, if it has one."""
    row = connection.execute(_one_lane, _of(ref)).first()
    return None if row is None else lane_of(row)


def save_lane(connection: Connection, ref: ChannelRef, lane: Lane) -> None:
    """Write a channel's lane."""
    connection.execute(_save_lane, {**_of(ref), **_lane_values(lane)})


def _of(ref: ChannelRef) -> dict[str, Any]:
    return {"of_platform": ref.platform, "of_channel": ref.name}


def _lane_values(lane: Lane) -> dict[str, Any]:
    return {
        "fence": lane.fence,
        "lease_until": lane.lease_until,
        "next_send_at": lane.next_send_at,
        **_refusal_values("parked", lane.refusal),
    }


def gate_of(row: AnyRow) -> Gate:
    """Return the gate in a row of platforms."""
    refusal = _refusal(row.shut_code, row.shut_advice, row.shut_since)
    return Gate(paused_until=row.paused_until or EPOCH, refusal=refusal)


def read_gates(connection: Connection, names: Sequence[str]) -> Mapping[str, Gate]:
    """Return the gates of the named platforms; one that nothing was written of is open."""
    written = {row.platform: gate_of(row) for row in connection.execute(_all_gates)}
    return {name: written.get(name, Gate()) for name in names}


def save_gate(connection: Connection, platform: str, gate: Gate) -> None:
    """Write a platform's gate."""
    values = {"paused_until": gate.paused_until, **_refusal_values("shut", gate.refusal)}
    upsert(connection, platforms, [{"platform": platform, **values}])


def _refusal_values(prefix: str, refusal: Refusal | None) -> dict[str, Any]:
    values = asdict(refusal) if refusal else dict.fromkeys(("code", "advice", "since"))
    return {f"{prefix}_{name}": value for name, value in values.items()}


def _refusal(code: str | None, advice: str | None, since: Any) -> Refusal | None:
    if since is None:
        return None
    return Refusal(code=code or "", advice=advice or "", since=since)

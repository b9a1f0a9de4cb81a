"""What delivery remembers, in the database; every decision is the protocol's.

Each function runs in one writing transaction, so that what it reads is still so when it writes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.model import UNDER_WAY, AlertState, ChannelRef, MessageRef, Outcome, Post, Sighting
from bot.ports import Claim, DeliveryPolicy, Owed
from bot.store import alerts as rows
from bot.store import protocol
from bot.store.articles import in_parts
from bot.store.columns import AnyRow
from bot.store.protocol import EPOCH, Step
from bot.store.schema import alerts, channels, platforms

_NOW: BindParameter[Any] = bindparam("now")
_THESE: BindParameter[Any] = bindparam("platforms", expanding=True)

_parent = alerts.alias("parent")
_waits_for_parent = exists().where(
    _parent.c.alert_id == alerts.c.reply_to,
    _parent.c.platform == alerts.c.platform,
    _parent.c.channel == alerts.c.channel,
    _parent.c.state.in_(UNDER_WAY),
)
_ready = (rows.in_its_channel, alerts.c.state == AlertState.OWED, ~_waits_for_parent)
_in_turn = (alerts.c.turn, alerts.c.decided_at, alerts.c.alert_id)

# The first alert of each rested channel, and the first of those: the cost grows with the channels,
# not with the backlog behind them.
_heads = (
    select(
        select(alerts.c.alert_id)
        .where(*_ready)
        .order_by(*_in_turn)
        .limit(1)
        .correlate(channels)
        .scalar_subquery()
        .label("alert_id")
    )
    .where(
        channels.c.platform.in_(_THESE),
        channels.c.parked_since.is_(None),
        channels.c.lease_until <= _NOW,
        channels.c.next_send_at <= _NOW,
    )
    .subquery()
)
_to_send = (
    rows.steps.join(_heads, _heads.c.alert_id == alerts.c.alert_id).order_by(*_in_turn).limit(1)
)
_to_look_for = (
    rows.steps.where(
        alerts.c.state == AlertState.IN_DOUBT,
        alerts.c.look_at <= _NOW,
        alerts.c.platform.in_(_THESE),
        channels.c.lease_until <= _NOW,
    )
    .order_by(alerts.c.look_at, alerts.c.alert_id)
    .limit(1)
)
_lanes = select(channels, channels.c.fence.label("lane_fence"))
_overdue = _lanes.where(
    channels.c.platform.in_(_THESE),
    or_(
        and_(channels.c.lease_until > EPOCH, channels.c.lease_until <= _NOW),
        channels.c.lease_until > bindparam("lease"),
        channels.c.next_send_at > bindparam("send"),
    ),
)
_old = rows.steps.where(
    alerts.c.state.in_([AlertState.OWED, AlertState.IN_DOUBT]),
    alerts.c.decided_at <= bindparam("decided_before"),
)
_late_looks = select(alerts).where(
    alerts.c.state == AlertState.IN_DOUBT, alerts.c.look_at > bindparam("look")
)
_under_way = select(alerts).where(
    alerts.c.platform == bindparam("of_platform"),
    alerts.c.channel == bindparam("of_channel"),
    alerts.c.state.in_(UNDER_WAY),
)
_thread = select(alerts.c.message).where(
    alerts.c.alert_id == bindparam("parent"),
    alerts.c.platform == bindparam("of_platform"),
    alerts.c.channel == bindparam("of_channel"),
)
_next_of_channels = _lanes.add_columns(
    exists().where(*_ready).correlate(channels).label("owes"),
    select(func.min(alerts.c.look_at))
    .where(rows.in_its_channel, alerts.c.state.in_([AlertState.SENDING, AlertState.IN_DOUBT]))
    .correlate(channels)
    .scalar_subquery()
    .label("look_at"),
).where(channels.c.platform.in_(_THESE))


def recover(connection: Connection) -> None:
    """Begin as a new process: what an earlier one left in sending is in doubt."""
    claimed = select(alerts).where(alerts.c.state.in_(UNDER_WAY), alerts.c.fence.is_not(None))
    for row in connection.execute(claimed).all():
        rows.save_standing(connection, row.alert_id, protocol.expired(rows.standing_of(row)))
    connection.execute(update(channels).values(lease_until=EPOCH))
    shut = {"shut_code": None, "shut_advice": None, "shut_since": None}
    connection.execute(update(platforms).values(shut))


def claim(
    connection: Connection,
    asked: Sequence[str],
    now: datetime,
    policy: DeliveryPolicy,
    pace: Callable[[ChannelRef], timedelta],
) -> Claim | None:
    """Claim what is to be done next for one of the platforms, if anything is."""
    _tidy(connection, asked, now, policy)
    gates = rows.read_gates(connection, asked)
    names = [name for name, gate in gates.items() if gate.is_open(now)]
    chosen: Mapping[str, Any] = {"platforms": names, "now": now}
    row = connection.execute(_to_send, chosen).first()
    if row:
        before, rest = rows.step_of(row), pace(rows.ref_of(row))
        return _claimed(connection, row, protocol.intend(before, now, policy, rest))
    row = connection.execute(_to_look_for, chosen).first()
    if row:
        return _claimed(connection, row, protocol.begin_look(rows.step_of(row), now, policy))
    return None


def _claimed(connection: Connection, row: AnyRow, after: Step) -> Claim:
    rows.save_step(connection, row, rows.step_of(row), after)
    post = Post(
        key=row.alert_id,
        channel=rows.ref_of(row),
        card=row.card,
        thread=_thread_of(connection, row),
        plain=after.standing.plain,
    )
    return protocol.claim(post, after.standing)


def _thread_of(connection: Connection, row: AnyRow) -> MessageRef | None:
    """Return the message that the alert replies to, where it was posted in the same channel."""
    if row.reply_to is None:
        return None
    parent = {"parent": row.reply_to, "of_platform": row.platform, "of_channel": row.channel}
    message: MessageRef | None = connection.scalar(_thread, parent)
    return message


def _tidy(
    connection: Connection, asked: Sequence[str], now: datetime, policy: DeliveryPolicy
) -> None:
    """Take back the claims of leases that ran out, and waits that a wrong clock set."""
    farthest = {"lease": now + policy.lease, "send": now + protocol.LONGEST_REFUSAL}
    for channel in connection.execute(_overdue, {"platforms": asked, "now": now, **farthest}).all():
        ref, lane = rows.ref_of(channel), rows.lane_of(channel)
        if protocol.has_run_out(lane, now, policy):
            lane = protocol.freed(lane)
            for row in _alerts_under_way(connection, ref):
                standing = protocol.expired(rows.standing_of(row))
                rows.save_standing(connection, row.alert_id, standing)
        rows.save_lane(connection, ref, protocol.lane_within_reach(lane, now))
    for row in connection.execute(_late_looks, {"look": protocol.farthest_look(now, policy)}).all():
        standing = protocol.look_within_reach(rows.standing_of(row), now, policy)
        rows.save_standing(connection, row.alert_id, standing)


def _alerts_under_way(connection: Connection, ref: ChannelRef) -> Sequence[AnyRow]:
    these = {"of_platform": ref.platform, "of_channel": ref.name}
    return connection.execute(_under_way, these).all()


def settle(connection: Connection, held: Claim, outcome: Outcome, now: datetime) -> bool:
    """Write what became of a send; False where the claim was lost."""
    row = rows.read_step(connection, held.post.key)
    if row is None or not protocol.may_settle(rows.standing_of(row), held):
        return False
    before = rows.step_of(row)
    rows.save_step(connection, row, before, protocol.settled(before, outcome, now))
    return True


def settle_look(connection: Connection, held: Claim, sighting: Sighting, now: datetime) -> bool:
    """Write what a look found; False where the claim was lost."""
    row = rows.read_step(connection, held.post.key)
    if row is None or not protocol.may_settle_look(rows.standing_of(row), held):
        return False
    before = rows.step_of(row)
    rows.save_step(connection, row, before, protocol.looked(before, sighting, now))
    return True


def next_action_at(connection: Connection, asked: Sequence[str]) -> datetime | None:
    """Return when `claim` may next return something, None where nothing waits."""
    gates = rows.read_gates(connection, asked)
    found = connection.execute(_next_of_channels, {"platforms": list(asked)})
    times = [
        protocol.next_action(
            rows.lane_of(row), gates[row.platform], owes=row.owes, look_at=row.look_at
        )
        for row in found
    ]
    return min((time for time in times if time), default=None)


def resume_channel(connection: Connection, ref: ChannelRef) -> bool:
    """Open a parked channel again; False where it was not parked."""
    lane = rows.read_lane(connection, ref)
    if lane is None or lane.refusal is None:
        return False
    rows.save_lane(connection, ref, protocol.resumed(lane))
    return True


def resume_platform(connection: Connection, platform: str) -> bool:
    """Send again to a platform that shut us out; False where it did not."""
    gate = rows.read_gates(connection, [platform])[platform]
    if gate.refusal is None:
        return False
    rows.save_gate(connection, platform, protocol.reopened(gate))
    return True


def give_up(
    connection: Connection, served: Collection[str], now: datetime, policy: DeliveryPolicy
) -> tuple[str, ...]:
    """Mark as dead what waited in vain for too long, and return the ids of it."""
    dead = []
    for row in connection.execute(_old, {"decided_before": now - policy.keep_parked}).all():
        step = rows.step_of(row)
        waited = protocol.Waited(
            decided_at=row.decided_at, platform=row.platform, served=row.platform in served
        )
        after = protocol.outlived(step, waited, now, policy)
        if after:
            rows.save_standing(connection, row.alert_id, after)
            dead.append(row.alert_id)
    return tuple(dead)


def waiting(connection: Connection, ref: ChannelRef) -> tuple[Owed, ...]:
    """Return the alerts that wait for the channel's next digest, oldest first."""
    wanted = (
        select(alerts.c.document, alerts.c.card)
        .where(
            alerts.c.platform == ref.platform,
            alerts.c.channel == ref.name,
            alerts.c.state == AlertState.WAITING,
        )
        .order_by(alerts.c.decided_at, alerts.c.alert_id)
    )
    return tuple(Owed(alert=row.document, card=row.card) for row in connection.execute(wanted))


def waiting_channels(connection: Connection) -> dict[ChannelRef, datetime]:
    """Return the channels for which alerts wait, with the time of the oldest."""
    wanted = (
        select(alerts.c.platform, alerts.c.channel, func.min(alerts.c.decided_at).label("oldest"))
        .where(alerts.c.state == AlertState.WAITING)
        .group_by(alerts.c.platform, alerts.c.channel)
    )
    return {rows.ref_of(row): row.oldest for row in connection.execute(wanted)}


def gather(connection: Connection, digest: Owed, alert_ids: Sequence[str]) -> None:
    """Owe the digest and mark the alerts in it as gathered."""
    protocol.require_card(digest)
    rows.insert(connection, [(digest, AlertState.OWED)])
    for part in in_parts(alert_ids):
        connection.execute(
            update(alerts)
            .where(
                alerts.c.alert_id.in_(part),
                alerts.c.platform == digest.alert.channel.platform,
                alerts.c.channel == digest.alert.channel.name,
                alerts.c.state == AlertState.WAITING,
            )
            .values(state=AlertState.GATHERED, gathered_into=digest.alert.id)
        )

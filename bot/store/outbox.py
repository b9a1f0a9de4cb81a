"""What delivery remembers, in the database; every decision is the protocol's.

Each function runs in one writing transaction, so that what it reads is still so when it writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, exists, func, select, update

from bot.model import Alert, AlertState, ChannelRef, MessageRef, Outcome, Post, Sighting
from bot.ports import Claim, DeliveryPolicy, Owed
from bot.store import alerts as rows
from bot.store import protocol
from bot.store.articles import in_parts
from bot.store.columns import AnyRow
from bot.store.protocol import EPOCH, UNDER_WAY, Step
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
_of_this_channel = (
    alerts.c.platform == channels.c.platform,
    alerts.c.channel == channels.c.channel,
)
_ready = (*_of_this_channel, alerts.c.state == AlertState.OWED, ~_waits_for_parent)
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
    select(alerts).join(_heads, _heads.c.alert_id == alerts.c.alert_id).order_by(*_in_turn).limit(1)
)
_to_look_for = (
    select(alerts)
    .join(channels, (_of_this_channel[0]) & (_of_this_channel[1]))
    .where(
        alerts.c.state == AlertState.IN_DOUBT,
        alerts.c.look_at <= _NOW,
        alerts.c.platform.in_(_THESE),
        channels.c.lease_until <= _NOW,
    )
    .order_by(alerts.c.look_at, alerts.c.alert_id)
    .limit(1)
)
_next_of_channels = select(
    channels,
    exists().where(*_ready).correlate(channels).label("owes"),
    select(func.min(alerts.c.look_at))
    .where(*_of_this_channel, alerts.c.state.in_([AlertState.SENDING, AlertState.IN_DOUBT]))
    .correlate(channels)
    .scalar_subquery()
    .label("look_at"),
).where(channels.c.platform.in_(_THESE))


def recover(connection: Connection) -> None:
    """Begin as a new process: what an earlier one left in sending is in doubt."""
    for row in connection.execute(select(alerts).where(alerts.c.fence.is_not(None))).all():
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
    _expire(connection, asked, now)
    _bury(connection, asked, now, policy)
    names = [name for name in asked if rows.read_gate(connection, name).is_open(now)]
    chosen: Mapping[str, Any] = {"platforms": names, "now": now}
    row = connection.execute(_to_send, chosen).first()
    if row:
        rest = pace(_ref(row))
        return _claimed(connection, row, lambda step: protocol.intend(step, now, policy, rest))
    row = connection.execute(_to_look_for, chosen).first()
    if row:
        return _claimed(connection, row, lambda step: protocol.begin_look(step, now, policy))
    return None


def _ref(row: AnyRow) -> ChannelRef:
    return ChannelRef(row.platform, row.channel)


def _claimed(connection: Connection, row: AnyRow, decide: Callable[[Step], Step]) -> Claim:
    before = rows.read_step(connection, row, _ref(row))
    after = decide(before)
    rows.save_step(connection, row.document, before, after)
    post = Post(
        key=row.alert_id,
        channel=_ref(row),
        card=row.card,
        thread=_thread(connection, row.document),
        plain=after.standing.plain,
    )
    return protocol.claim(post, after.standing)


def _thread(connection: Connection, alert: Alert) -> MessageRef | None:
    """Return the message that the alert replies to, where it was posted in the same channel."""
    if alert.reply_to is None:
        return None
    parent = select(alerts.c.message).where(
        alerts.c.alert_id == alert.reply_to,
        alerts.c.platform == alert.channel.platform,
        alerts.c.channel == alert.channel.name,
    )
    message: MessageRef | None = connection.scalar(parent)
    return message


def _expire(connection: Connection, asked: Sequence[str], now: datetime) -> None:
    """Take back the claims of leases that ran out."""
    run_out = select(channels).where(
        channels.c.platform.in_(asked),
        channels.c.lease_until > EPOCH,
        channels.c.lease_until <= now,
    )
    for channel in connection.execute(run_out).all():
        for row in _under_way(connection, _ref(channel)):
            if row.fence is not None:
                rows.save_standing(
                    connection, row.alert_id, protocol.expired(rows.standing_of(row))
                )
        lane = rows.lane_of(channel)
        rows.save_lane(connection, _ref(channel), protocol.freed(lane))


def _bury(
    connection: Connection, asked: Sequence[str], now: datetime, policy: DeliveryPolicy
) -> None:
    """Give up what waited too long for parked channels."""
    long_parked = select(channels).where(
        channels.c.platform.in_(asked), channels.c.parked_since <= now - policy.keep_parked
    )
    for channel in connection.execute(long_parked).all():
        parked = rows.lane_of(channel).refusal
        assert parked is not None
        for row in _under_way(connection, _ref(channel)):
            waited = protocol.Waited(decided_at=row.decided_at, parked=parked)
            dead = protocol.outlived(rows.standing_of(row), waited, now, policy)
            if dead:
                rows.save_standing(connection, row.alert_id, dead)


def _under_way(connection: Connection, ref: ChannelRef) -> Sequence[AnyRow]:
    wanted = select(alerts).where(
        alerts.c.platform == ref.platform,
        alerts.c.channel == ref.name,
        alerts.c.state.in_(UNDER_WAY),
    )
    return connection.execute(wanted).all()


def settle(connection: Connection, held: Claim, outcome: Outcome, now: datetime) -> bool:
    """Write what became of a send; False where the claim was lost."""
    row = _row(connection, held.post.key)
    if row is None or not protocol.may_settle(rows.standing_of(row), held):
        return False
    before = rows.read_step(connection, row, _ref(row))
    rows.save_step(connection, row.document, before, protocol.settled(before, outcome, now))
    return True


def settle_look(connection: Connection, held: Claim, sighting: Sighting, now: datetime) -> bool:
    """Write what a look found; False where the claim was lost."""
    row = _row(connection, held.post.key)
    if row is None or not protocol.may_settle_look(rows.standing_of(row), held):
        return False
    before = rows.read_step(connection, row, _ref(row))
    rows.save_step(connection, row.document, before, protocol.looked(before, sighting, now))
    return True


def _row(connection: Connection, alert_id: str) -> AnyRow | None:
    return connection.execute(select(alerts).where(alerts.c.alert_id == alert_id)).first()


def next_action_at(connection: Connection, asked: Sequence[str]) -> datetime | None:
    """Return when `claim` may next return something, None where nothing waits."""
    gates = {name: rows.read_gate(connection, name) for name in asked}
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
    gate = rows.read_gate(connection, platform)
    if gate.refusal is None:
        return False
    rows.save_gate(connection, platform, protocol.reopened(gate))
    return True


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
    return {_ref(row): row.oldest for row in connection.execute(wanted)}


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

"""What people think of alerts, in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from bot.model import Alert, Feedback, Opinion
from bot.store.columns import AnyRow
from bot.store.schema import alerts, feedback, rated_rules
from bot.store.upsert import insert_once, upsert


def give(connection: Connection, given: Feedback) -> None:
    """Remember an opinion, and which rules the alert names."""
    row = {
        "alert_id": given.alert_id,
        "user_id": given.user_id,
        "workspace": given.workspace,
        "opinion": given.opinion.value,
        "at": given.at,
    }
    upsert(connection, feedback, [row])
    wanted = select(alerts.c.document).where(alerts.c.alert_id == given.alert_id)
    alert: Alert | None = connection.scalar(wanted)
    names = dict.fromkeys(alert.rules if alert else ())
    rows = [{"rule": rule, "alert_id": given.alert_id} for rule in names]
    insert_once(connection, rated_rules, rows)


def on_alert(connection: Connection, alert_id: str) -> tuple[Feedback, ...]:
    """Return the opinions on an alert, the oldest first."""
    return _read(connection, select(feedback).where(feedback.c.alert_id == alert_id))


def of_rule(
    connection: Connection, rule: str, workspace: str, since: datetime
) -> tuple[Feedback, ...]:
    """Return the opinions since then on alerts of a workspace that name the rule."""
    wanted = (
        select(feedback)
        .join(rated_rules, rated_rules.c.alert_id == feedback.c.alert_id)
        .where(
            rated_rules.c.rule == rule,
            feedback.c.workspace == workspace,
            feedback.c.at >= since,
        )
    )
    return _read(connection, wanted)


def _read(connection: Connection, wanted: Select[Any]) -> tuple[Feedback, ...]:
    oldest_first = wanted.order_by(feedback.c.at, feedback.c.alert_id, feedback.c.user_id)
    return tuple(_opinion_of(row) for row in connection.execute(oldest_first))


def _opinion_of(row: AnyRow) -> Feedback:
    return Feedback(
        alert_id=row.alert_id,
        workspace=row.workspace,
        user_id=row.user_id,
        opinion=Opinion(row.opinion),
        at=row.at,
    )

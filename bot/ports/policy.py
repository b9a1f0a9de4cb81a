"""The times of sending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """The times of the delivery protocol.

    `keep_parked` is how long an alert waits for what only a person can change.
    """

    settle: timedelta = timedelta(seconds=120)
    lease: timedelta = timedelta(seconds=90)
    send_timeout: timedelta = timedelta(seconds=20)
    pace: timedelta = timedelta(seconds=1)
    keep_parked: timedelta = timedelta(days=7)

"""Whatever happens to a delivery, in any order: found by Hypothesis, which tries to break it."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.machine import Deliveries

EXAMPLES = int(os.environ.get("REDLINE_EXAMPLES", "300"))  # noqa: TID251 - `make faults-machine` sets it
STEPS = 50


@pytest.mark.timeout(300)
def test_whatever_happens_every_alert_is_told_once() -> None:
    """No order of mishaps, kills, refusals and jumps of the clock loses or doubles an alert."""
    run_state_machine_as_test(
        Deliveries,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""What people think of a rule's alerts, taken together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.opinions import SPAN, precision, verdicts, verdicts_on
from bot.model import Asked, Feedback, Opinion
from tests.build import NOON, a_rule
from tests.commands_desk import OpenStore, typed
from tests.fakes import FakeClock
from tests.judged import CHANNEL, N, R, Told, judged_desk

RULE = a_rule("red-line", CHANNEL, title="The red line")
TEXT = "A red line was crossed."


def feedback(alert: str, *opinions: Opinion) -> list[Feedback]:
    """What as many people think of an alert."""
    return [
        Feedback(alert_id=alert, workspace="T1", user_id=f"U{user}", opinion=opinion, at=NOON)
        for user, opinion in enumerate(opinions)
    ]


@pytest.mark.parametrize(
    ("opinions", "verdict"),
    [
        ([R], R),
        ([N], N),
        ([R, R, N], R),
        ([N, R, N], N),
        ([R, N], None),
        ([], None),
    ],
)
def test_the_majority_judges_an_alert(opinions: Sequence[Opinion], verdict: Opinion | None) -> None:
    """Each person counts once; where both sides are equal nothing is said."""
    assert verdicts(feedback("a", *opinions)).get("a") == verdict


def test_each_alert_is_judged_by_itself() -> None:
    """Ten people on one alert weigh as much as one on another."""
    given = [*feedback("a", *[R] * 10), *feedback("b", N), *feedback("c", R, N)]

    assert verdicts(given) == {"a": R, "b": N}


@pytest.mark.parametrize(
    ("relevant", "irrelevant", "said"),
    [
        (9, 2, "82 % (9 of 11 alerts judged relevant)"),
        (1, 0, "100 % (1 of 1 alert judged relevant)"),
        (0, 3, "0 % (0 of 3 alerts judged relevant)"),
        (0, 0, "nobody has judged its alerts yet"),
    ],
)
def test_precision_is_the_share_of_relevant_alerts(
    relevant: int, irrelevant: int, said: str
) -> None:
    """It is told with the numbers it is made of."""
    judged = {f"a{n}": R for n in range(relevant)} | {f"b{n}": N for n in range(irrelevant)}

    assert precision(judged) == said


VOTES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("UVWXYZ"), st.sampled_from(Opinion)),
    unique_by=lambda vote: vote[:2],
)


@given(votes=VOTES)
def test_the_order_of_opinions_does_not_count(votes: list[tuple[str, str, Opinion]]) -> None:
    """Whoever presses first weighs as much as whoever presses last."""
    given = [
        Feedback(alert_id=alert, workspace="T1", user_id=user, opinion=opinion, at=NOON)
        for alert, user, opinion in votes
    ]

    assert verdicts(given) == verdicts(reversed(given))
    assert verdicts(given).keys() <= {alert for alert, _, _ in votes}


async def shown(votes: Sequence[Sequence[Opinion]], age: timedelta = timedelta()) -> str:
    """What /watch show says of a rule whose alerts were judged so, that long ago."""
    told = [Told(f"Report {number}", TEXT, votes_) for number, votes_ in enumerate(votes)]
    desk = await judged_desk(OpenStore(), RULE, told)
    assert isinstance(desk.clock, FakeClock)
    desk.clock.advance(age.total_seconds())
    card = await typed(desk, "/watch show red-line")
    (line,) = [line.text for line in card.lines if line.text.startswith("Precision")]
    return line


async def test_watch_show_tells_the_precision() -> None:
    """Eleven alerts were judged, two of them not relevant, one was a tie."""
    votes = [[R]] * 8 + [[R, R, N], [N], [N, N], [R, N]]

    assert await shown(votes) == "Precision: 82 % (9 of 11 alerts judged relevant)"


async def test_opinions_count_for_ninety_days() -> None:
    """What people thought longer ago is left out."""
    assert await shown([[R]], SPAN - timedelta(hours=2)) == (
        "Precision: 100 % (1 of 1 alert judged relevant)"
    )
    assert await shown([[R]], SPAN) == "Precision: nobody has judged its alerts yet"


async def test_opinions_of_another_workspace_do_not_count() -> None:
    """A rule of the settings may tell two workspaces; each judges for itself."""
    desk = await judged_desk(OpenStore(), RULE, [Told("Report", TEXT, [R])])
    there = Asked(workspace="T2", channel_id="C1", user_id="U1")

    assert await verdicts_on("red-line", there, desk) == {}

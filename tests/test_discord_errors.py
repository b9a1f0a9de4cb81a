"""What Discord's answers mean, as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import discord
import pytest

from bot.model import InDoubt, Malformed, Outcome, Postponed, ShutOut, Unwelcome
from handlers.discord.budget import MOST, WINDOW, Budget
from handlers.discord.errors import (
    BANNED_FOR,
    BUSY_FOR,
    DELETED,
    ServerTroubleError,
    ThrottledError,
    describe,
    never_sent,
    outcome_of,
    refuse_trouble,
)
from tests.fakes import FakeClock


@dataclass
class FakeResponse:
    """An answer before its body was read."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = "because"


def refusal(status: int, code: int) -> discord.HTTPException:
    """Make the error that discord.py raises for a refusal."""
    response = FakeResponse(status)
    return discord.HTTPException(response, {"code": code, "message": "no"})


JSON = {"Content-Type": "application/json", "Via": "1.1 google"}


def spent(clock: FakeClock, requests: int, answer: FakeResponse) -> Budget:
    """Return the budget after so many answers, one every tenth of a second."""
    budget = Budget(clock)
    for _ in range(requests):
        budget.note(answer)
        clock.advance(0.1)
    return budget


@pytest.mark.parametrize("status", [401, 403, 429])
def test_five_hundred_refused_requests_stop_all(clock: FakeClock, status: int) -> None:
    """Long before Discord bans us we ask for nothing, until the refusals are ten minutes old."""
    budget = spent(clock, MOST, FakeResponse(status))

    with pytest.raises(ThrottledError) as stopped:
        budget.require()
    assert stopped.value.everywhere
    assert stopped.value.retry_after == WINDOW - timedelta(seconds=50)
    clock.advance(WINDOW.total_seconds() - 50)
    budget.require()


@pytest.mark.parametrize(
    ("requests", "answer"),
    [
        (MOST - 1, FakeResponse(403)),
        (MOST, FakeResponse(404)),
        (MOST, FakeResponse(200)),
        (MOST, FakeResponse(429, {"X-RateLimit-Scope": "shared"})),
    ],
)
def test_what_discord_does_not_count_stops_nothing(
    clock: FakeClock, requests: int, answer: FakeResponse
) -> None:
    """A limit that we share with others, and what is merely not there, costs nothing."""
    spent(clock, requests, answer).require()


def test_five_hundred_refusals_in_an_hour_stop_nothing(clock: FakeClock) -> None:
    """Only what was refused within ten minutes counts."""
    budget = Budget(clock)
    for _ in range(3 * MOST):
        budget.note(FakeResponse(403))
        clock.advance(2)
        budget.require()


@pytest.mark.parametrize(
    ("headers", "delay", "everywhere"),
    [
        (JSON | {"Retry-After": "3"}, timedelta(seconds=3), False),
        (JSON | {"X-RateLimit-Reset-After": "0.25"}, timedelta(seconds=0.25), False),
        (JSON | {"Retry-After": "3", "X-RateLimit-Global": "true"}, timedelta(seconds=3), True),
        (JSON | {"Retry-After": "3", "X-RateLimit-Scope": "global"}, timedelta(seconds=3), True),
        (JSON | {"Retry-After": "3", "X-RateLimit-Scope": "shared"}, timedelta(seconds=3), False),
        (JSON, BUSY_FOR, False),
        (JSON | {"Retry-After": "soon"}, BUSY_FOR, False),
        (JSON | {"Retry-After": "-5"}, timedelta(), False),
        (JSON | {"Retry-After": "1e400"}, BUSY_FOR, False),
        ({"Content-Type": "application/json", "Retry-After": "5"}, timedelta(seconds=5), True),
        ({"Retry-After": "900"}, timedelta(seconds=900), True),
        ({"Via": "1.1 google", "Content-Type": "text/html"}, BANNED_FOR, True),
        ({}, BANNED_FOR, True),
    ],
)
async def test_a_429_says_how_long_and_for_whom(
    headers: dict[str, str], delay: timedelta, everywhere: bool
) -> None:
    """The delay is Discord's own; without Via or JSON it is Cloudflare's and about everything."""
    with pytest.raises(ThrottledError) as caught:
        await refuse_trouble(FakeResponse(429, headers))

    assert (caught.value.retry_after, caught.value.everywhere) == (delay, everywhere)
    outcome = outcome_of(caught.value, posting=True)
    assert isinstance(outcome, Postponed)
    assert outcome.whole_platform is everywhere


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404])
async def test_other_answers_are_read_to_their_end(status: int) -> None:
    """Only 429 and 5xx are cut short; the others have a code in their body."""
    await refuse_trouble(FakeResponse(status))


@pytest.mark.parametrize(
    ("error", "posting", "kind"),
    [
        (ServerTroubleError(500), True, InDoubt),
        (ServerTroubleError(500), False, Postponed),
        (TimeoutError(), True, InDoubt),
        (TimeoutError(), False, Postponed),
        (ConnectionResetError(104, "reset"), True, InDoubt),
        (KeyError("an answer without an id"), True, InDoubt),
        (discord.RateLimited(40.0), True, Postponed),
        (refusal(401, 0), True, ShutOut),
        (refusal(403, 40001), True, ShutOut),
        (refusal(403, 50013), True, Unwelcome),
        (refusal(400, 50035), True, Malformed),
        (refusal(400, 50035), False, Unwelcome),
        (refusal(400, 424242), True, InDoubt),
        (refusal(400, 424242), False, Unwelcome),
        (refusal(403, 0), True, InDoubt),
        (refusal(404, 0), True, Unwelcome),
    ],
)
def test_errors_have_one_meaning(error: Exception, posting: bool, kind: type[Outcome]) -> None:
    """Doubt arises only where the posting request itself has no clear answer."""
    assert isinstance(outcome_of(error, posting=posting), kind)


def test_a_deleted_message_is_told_apart() -> None:
    """Unknown Message is a case of its own: nothing is to be done about it."""
    assert outcome_of(refusal(404, 10008), posting=True) == DELETED


def test_every_refusal_has_advice() -> None:
    """Whoever reads that a channel refuses us reads what to do, too."""
    outcomes = [outcome_of(refusal(403, code), posting=True) for code in range(10_000, 165_000)]
    told = [out for out in outcomes if isinstance(out, Unwelcome | ShutOut)]

    assert len(told) > 10
    assert all(out.advice.strip() for out in told)


def test_a_failed_connect_was_never_sent() -> None:
    """Errors of connecting carry the system's error; a reset of a connection does not."""

    class ConnectorError(OSError):
        os_error = OSError(111, "refused")

    assert never_sent(ConnectorError())
    assert not never_sent(ConnectionResetError())
    assert not never_sent(TimeoutError())


def test_errors_are_named_without_their_text() -> None:
    """The text of an error may hold an address with a token in it, so it is left out."""
    assert describe(ValueError("https://discord.com/api/webhooks/1/secret")) == "ValueError"
    assert describe(refusal(403, 50013)) == "Discord answered 403 (50013)"

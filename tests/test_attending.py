"""What every adapter does with what people ask, where the inbox or the service breaks."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.errors import StoreError
from bot.model import Asked, Card, Order, Reply
from bot.ports import Attendant, Serve
from bot.ports.attending import FAILED
from tests.contracts.commands import FakeInbox
from tests.fakes import FakeClock

SECRET = "xoxb-not-for-logs"
ORDER = Order(
    platform="slack",
    workspace="T1",
    channel_id="C1",
    user_id="U1",
    id="i1",
    group="news",
    verb="latest",
)
LOG = logging.getLogger("redline.attending")


@dataclass
class Service:
    """Answers, or fails."""

    trouble: Exception | None = None

    async def carry_out(self, order: Order) -> Reply:
        if self.trouble:
            raise self.trouble
        return Card(title=order.verb)

    async def home(self, asked: Asked) -> Card:
        if self.trouble:
            raise self.trouble
        return Card(title=asked.user_id)


async def nothing(_asked: object) -> Reply:
    """Answer nothing."""
    return Card(title="")


def serve(clock: FakeClock, service: Service, inbox: FakeInbox) -> Serve:
    """Return what an adapter is given."""
    return Serve(nothing, clock, carry_out=service.carry_out, home=service.home, inbox=inbox)


async def test_people_are_answered_without_an_inbox(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """An inbox that breaks is logged by kind and place, and holds nobody up."""
    inbox = FakeInbox()
    inbox.trouble = OSError(SECRET)
    attendant = Attendant(serve(clock, Service(), inbox), "slack", LOG)

    assert await attendant.take(ORDER, "here")
    await attendant.done(ORDER.id)
    assert await attendant.left_over(timedelta(minutes=14)) == ()
    assert len(caplog.records) == 3
    assert "OSError at commands.py" in caplog.text
    assert SECRET not in caplog.text


async def test_what_was_not_answered_is_known_for_as_long_as_it_can_be(clock: FakeClock) -> None:
    """It is taken once; later than its platform takes answers it is left."""
    attendant = Attendant(serve(clock, Service(), FakeInbox()), "slack", LOG)
    assert [await attendant.take(ORDER, "here") for _ in range(2)] == [True, False]

    clock.advance(14 * 60)
    (errand,) = await attendant.left_over(timedelta(minutes=14))
    assert (errand.asked, errand.address, errand.platform) == (ORDER, "here", "slack")
    assert not await attendant.left_over(timedelta(minutes=13))


@pytest.mark.parametrize(
    ("trouble", "title", "notes"),
    [
        (None, "latest", ()),
        (ValueError(SECRET), FAILED, ()),
        (StoreError("it", "is moved"), "Redline cannot answer that", ("it: is moved",)),
    ],
)
async def test_a_failure_is_an_answer(
    clock: FakeClock, trouble: Exception | None, title: str, notes: tuple[str, ...]
) -> None:
    """An error of ours is explained, any other admitted without its text."""
    attendant = Attendant(serve(clock, Service(trouble), FakeInbox()), "slack", LOG)
    reply, home = await attendant.reply(ORDER), await attendant.home(ORDER)

    assert isinstance(reply, Card)
    assert isinstance(home, Card)
    assert (reply.title, reply.notes) == (title, notes)
    assert home.title == ("U1" if trouble is None else title)

"""What people see who ask: orders, presses and forms on the real desk, over an invented archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot import commands
from bot.commands import Desk
from bot.model import (
    Asked,
    Button,
    Card,
    Form,
    MessageRef,
    Order,
    Posted,
    Reply,
    Request,
    Revised,
    Standing,
    Submission,
)
from bot.ports import Owed, PollRecord
from tests.commands_archive import NOW, shelf_of, web_of
from tests.commands_case import arguments, filled
from tests.commands_desk import WORKSPACE, OpenStore, a_desk
from tests.fakes import FakeChat, FakeClock
from tests.pictures.people import ANNA, CHANNELS, DESK, Person

FILE = Path(__file__).with_name("archive.yaml")
_REPORT = "Ships wait off Port Avel, report {} of that day said."


@dataclass
class Visit:
    """Somebody's talk with Redline on one platform.

    They act on what they were shown last, which is kept as `form` and `card`.
    """

    desk: Desk
    platform: str
    person: Person = ANNA
    form: Form | None = None
    card: Card | None = None

    async def orders(self, line: str) -> Card:
        """Type a command such as `/news latest`."""
        group, _, text = line.removeprefix("/").partition(" ")
        order = Order(**self._who(), group=group, text=text)
        return self._shown(await commands.carry_out(order, self.desk))

    async def presses(self, label: str) -> Card:
        """Press the button with this label on the card that was shown last."""
        assert self.card is not None
        (button,) = [each for each in self.card.buttons if each.label == label]
        return await self.presses_on(button)

    async def presses_on(self, button: Button) -> Card:
        """Press a button."""
        request = Request(**self._who(), action=button.action, target=button.target)
        return self._shown(await commands.answer(request, self.desk))

    async def fills(self, **values: Any) -> Card:
        """Send the form that was shown last, so changed."""
        form = self.opened
        submission = Submission(
            **self._who(),
            form=form.name,
            draft=form.draft,
            values=arguments(filled(form, values)),
        )
        return self._shown(await commands.submit(submission, self.desk))

    def by(self, person: Person) -> Visit:
        """Return the talk of somebody else who looks at the same."""
        return replace(self, person=person)

    def asked(self, *, at_home: bool = False) -> Asked:
        """Return who asks; the App Home lies in no channel."""
        return Asked(**(self._who() | ({"channel_id": ""} if at_home else {})))

    @property
    def opened(self) -> Form:
        """The form that was shown last."""
        assert self.form is not None
        return self.form

    def _shown(self, reply: Reply) -> Card:
        """Keep what is shown, and return the card that stands now."""
        if isinstance(reply, Form):
            self.form = reply
        else:
            self.card = reply.card if isinstance(reply, Revised) else reply
        return self.card or Card(title="")

    def _who(self) -> dict[str, Any]:
        return {
            "workspace": WORKSPACE,
            "channel_id": CHANNELS[self.platform][DESK],
            "user_id": self.person.ids[self.platform],
            "standing": Standing.ADMIN,
            "platform": self.platform,
        }


async def visit(platform: str, now: datetime = NOW, *posted: Owed) -> Visit:
    """Return a talk at the desk of a newsroom in which `posted` was told."""
    given = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    shelf = shelf_of({**given, "articles": [*given["articles"], *_reports(given["days"])]})
    store, clock = OpenStore(), FakeClock(now)
    await shelf.remember(store)
    await _post(store, posted, now)
    desk = a_desk(
        store, rules=shelf.rules, feeds=shelf.feeds, clock=clock, fetcher=web_of(given, clock)
    )
    ids = {f"#{name}": found for name, found in CHANNELS[platform].items()}
    desk.chats[:] = [FakeChat(clock, platform, ids=ids)]
    return Visit(desk, platform)


def _reports(days: Mapping[int, int]) -> list[Mapping[str, Any]]:
    return [
        {
            "id": f"report-{ago}-{number}",
            "feed": "courier" if number % 2 else "gazette",
            "age": f"{24 * ago + number}h",
            "title": f"From the roads of Port Avel, report {number}",
            "text": _REPORT.format(number),
        }
        for ago, many in days.items()
        for number in range(1, many + 1)
    ]


async def _post(store: OpenStore, posted: tuple[Owed, ...], now: datetime) -> None:
    """Have the store remember that alerts stand in the channel."""
    state = (await store.tally()).feeds[0]
    await store.remember(PollRecord(state=state, owed=posted))
    for number, _ in enumerate(posted):
        claim = await store.claim(["slack", "discord"], now + timedelta(hours=1))
        assert claim is not None
        place = CHANNELS[claim.post.channel.platform][DESK]
        message = MessageRef(workspace=WORKSPACE, channel_id=place, message_id=str(number))
        await store.settle(claim, Posted(message), now)

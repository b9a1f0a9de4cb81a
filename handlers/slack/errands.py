"""What people ask, from the inbox to the answer, whatever happens in between."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeVar

from slack_bolt.async_app import AsyncAck

from bot.model import Asked, Card, Errand, Form, Question, Reply, Revised, Submission
from bot.ports import Attendant, Serve
from handlers.slack.answers import Answers
from handlers.slack.askers import Asker, address_of, read_address
from handlers.slack.errors import library_logger
from handlers.slack.forms import card_view, loading_view
from handlers.slack.once import Work
from handlers.slack.people import Known, People

PLATFORM: Final = "slack"
TAKE_WITHIN = 2.0
"""Seconds that an acknowledgement waits for the inbox; Slack waits for three."""
LOADING_AFTER = 1.0
"""Seconds after which a modal opens without its form: a trigger is good for three."""
# A response_url works for as long: https://docs.slack.dev/interactivity/handling-user-interaction
ANSWER_AGAIN: Final = timedelta(minutes=30)

Who = TypeVar("Who", bound=Asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """Somebody asks for something, over Slack.

    `asked` says as yet nothing of how the person stands. `trigger` lets a modal be opened;
    `opens_form` says that one is expected. `sent_from` is the modal of a form that was sent, which
    closes with the answer, and so is none that the answer belongs in.
    """

    asked: Question
    asker: Asker
    trigger: str = ""
    opens_form: bool = False
    sent_from: str = ""


class Errands:
    """Has the service answer, and remembers what is not answered yet."""

    def __init__(self, serve: Serve, people: People, answers: Answers) -> None:
        """Ask `serve`, on behalf of whom `people` know, and answer through `answers`."""
        self._attendant = Attendant(serve, PLATFORM, library_logger())
        self._people = people
        self._answers = answers
        self._taking: dict[str, asyncio.Task[bool]] = {}
        self._left: tuple[Errand, ...] = ()
        self.work = Work()

    async def attend(self, ack: AsyncAck, interaction: Interaction) -> None:
        """Acknowledge as soon as it is written down, since Slack waits for three seconds.

        The answer is given beside the listener, whose request may be gone before it is there. What
        was delivered before is acknowledged, and that is all.
        """
        arrived = asyncio.get_running_loop().time()
        new = await self.take(interaction)
        await ack()
        if new:
            answering = self.run(interaction, loading_at=arrived + LOADING_AFTER)
            await asyncio.shield(self.work.begin(answering))

    async def take(self, interaction: Interaction) -> bool:
        """Write down what is asked before it is acknowledged; say whether it is new.

        An inbox that breaks or hangs does not hold up the acknowledgement for long.
        """
        asked, asker = interaction.asked, interaction.asker
        address = address_of(replace(asker, view=asker.view or interaction.sent_from))
        taking = asyncio.create_task(self._attendant.take(asked, address))
        self._taking[asked.id] = taking
        taking.add_done_callback(lambda _: self._taking.pop(asked.id, None))
        await asyncio.wait({taking}, timeout=TAKE_WITHIN)
        return taking.result() if taking.done() else True

    async def done(self, errand_id: str) -> None:
        """Say that something was answered."""
        if taking := self._taking.get(errand_id):
            await asyncio.wait({taking})
        await self._attendant.done(errand_id)

    # --- answering ----------------------------------------------------------------------------

    async def run(
        self, interaction: Interaction, loading: str = "", loading_at: float = 0.0
    ) -> None:
        """Have it answered, to the end; what is broken off on the way stays in the inbox.

        Args:
            interaction: what was asked.
            loading: the id of a modal that waits for the answer.
            loading_at: when to open one, by the event loop's clock, where a form is expected.
        """
        replying = asyncio.create_task(self.reply(interaction.asked))
        try:
            if interaction.opens_form and not interaction.asker.view:
                loading = await self._loading(replying, interaction, loading_at)
            known, reply = await replying
        finally:
            replying.cancel()
        await self.give(interaction, known, reply, loading)
        await self.done(interaction.asked.id)

    async def _loading(
        self, replying: asyncio.Task[tuple[Known, Reply]], interaction: Interaction, at: float
    ) -> str:
        """Open a modal while there is time for it, where the form is not ready; return its id."""
        left = at - asyncio.get_running_loop().time()
        await asyncio.wait({replying}, timeout=max(left, 0))
        if replying.done():
            return ""
        return await self._answers.open(interaction.trigger, loading_view(interaction.asker))

    async def reply(self, asked: Question) -> tuple[Known, Reply]:
        """Ask the service; say, too, how the person stands who asks."""
        known, who = await self.recognise(asked)
        return known, await self._attendant.reply(who)

    async def recognise(self, asked: Who) -> tuple[Known, Who]:
        """Say how somebody stands right now, whatever was said of them before."""
        known = await self._people.find(asked.user_id, asked.workspace)
        groups = await self._people.groups.of(asked.user_id)
        return known, replace(asked, standing=known.standing, groups=groups)

    async def give(
        self, interaction: Interaction, known: Known, reply: Reply, loading: str = ""
    ) -> None:
        """Give an answer, where it belongs.

        Args:
            interaction: what was asked.
            known: how the person stands who asked.
            reply: the answer.
            loading: the id of a modal that waits for it.
        """
        asker = interaction.asker
        here = replace(asker, view=loading or asker.view)
        match reply:
            case Form():
                await self._answers.show(here, reply, interaction.trigger)
            case Revised(card):
                await self._revise(asker, card, loading)
            case Card():
                await self._answers.tell(here, known.explain(reply), interaction.trigger)
        if asker.home and not isinstance(reply, Form):
            await self.refresh_home(asker.user_id, interaction.asked)

    async def _revise(self, asker: Asker, card: Card, loading: str) -> None:
        """Change what was acted on: a modal, a message, or the home, which is made anew."""
        if not asker.view and not asker.home:
            await self._answers.revise(asker, card)
        if view := loading or asker.view:
            await self._answers.update(view, card_view(card, asker))

    async def refresh_home(self, user_id: str, asked: Asked) -> None:
        """Show a person their App Home as it is now, for the workspace they asked in."""
        visit = Asked(
            workspace=asked.workspace,
            channel_id="",
            user_id=user_id,
            platform=PLATFORM,
            id=asked.id,
        )
        known, who = await self.recognise(visit)
        reply = await self._attendant.home(who)
        if isinstance(reply, Card):
            await self._answers.publish(user_id, known.explain(reply))

    # --- after a restart ----------------------------------------------------------------------

    async def look_back(self) -> None:
        """Find what was asked before a restart and not answered."""
        self._left = tuple(await self._attendant.left_over(ANSWER_AGAIN))

    def resume(self) -> None:
        """Answer what `look_back` found, beside everything else."""
        for errand in self._left:
            self.work.begin(self._answer_again(errand))
        self._left = ()

    async def _answer_again(self, errand: Errand) -> None:
        asker, loading = read_address(errand.asked.user_id, errand.address), ""
        if isinstance(errand.asked, Submission):
            # Its modal is still open, where nothing was said of the form.
            asker, loading = replace(asker, view=""), asker.view
        await self.run(Interaction(asked=errand.asked, asker=asker), loading)

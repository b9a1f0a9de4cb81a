"""Answers: private ones, edits of what a button stands on, modals, the App Home."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.model import Action, Button, Card, CardLine, Form
from bot.ports import Clock
from handlers.slack import forms
from handlers.slack.askers import Asker
from handlers.slack.cards import Layout, layout
from handlers.slack.errors import library_logger, reason_of
from handlers.slack.files import Files, is_slacks
from handlers.slack.payloads import Json, part, text

TIMEOUT_SECONDS = 15


class Answers:
    """Gives answers, each to the place that Slack has for it."""

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        """Answer through `client`, or through what Slack hands out with each question."""
        self._client = client
        self.files = Files(client, clock)

    # --- cards --------------------------------------------------------------------------------

    async def tell(self, asker: Asker, card: Card, trigger: str = "") -> None:
        """Show a card to whoever asked, and to nobody else.

        A modal shows it where one is open, and in the App Home one opens. Beside a message it
        stands in the message's thread; a command takes it back. Where none of that works, it is
        sent to the person directly.

        Args:
            asker: who asked, and where.
            card: what they are to see.
            trigger: what lets a modal be opened.
        """
        picture = await self.files.picture(card)
        card = await self._with_link(asker, card)
        if asker.view and await self.update(asker.view, forms.card_view(card, asker, picture)):
            return
        if asker.home and await self.open(trigger, forms.card_view(card, asker, picture)):
            return
        shown = layout(card, picture=picture)
        ways = [self._respond, self._whisper]
        if asker.message or asker.whisper:
            ways.reverse()
        for way in ways:
            if await way(asker, shown):
                return
        await self._write_to(asker, shown)

    async def revise(self, asker: Asker, card: Card) -> None:
        """Put a card in the place of the message that was acted on.

        Where it cannot be replaced, whoever acted sees what it would have become.
        """
        shown = layout(card, picture=await self.files.picture(card))
        if asker.message and await self._edit(asker, shown):
            return
        on_a_message = asker.message or asker.whisper
        if on_a_message and await self._respond(asker, shown, replacing=True):
            return
        await self.tell(asker, card)

    async def _with_link(self, asker: Asker, card: Card) -> Card:
        """Return the card with a link in place of a document that was sent as a file."""
        link = await self.files.document(card, asker.user_id)
        if not link or card.document is None:
            return card
        line = CardLine(text=card.document.name, url=link)
        return replace(card, document=None, lines=(*card.lines, line))

    # --- forms and views ----------------------------------------------------------------------

    async def show(self, asker: Asker, form: Form, trigger: str = "") -> None:
        """Open a form, in the modal that is open or in a new one.

        Slack opens one within three seconds of a press or command and not later; then the person
        gets a button that does.
        """
        view = forms.form_view(form, asker, with_mistakes=True)
        if asker.view and await self.update(asker.view, view):
            return
        if not await self.open(trigger, view):
            await self.tell(replace(asker, view=""), _late(form))

    async def open(self, trigger: str, view: Json) -> str:
        """Open a modal; return its id, nothing where Slack did not open it."""
        if not trigger:
            return ""
        answer = await self._tried(self._client.views_open(trigger_id=trigger, view=view))
        return text(part(answer, "view"), "id")

    async def update(self, view_id: str, view: Json) -> bool:
        """Show another view in an open modal; say whether it was open still."""
        return bool(await self._tried(self._client.views_update(view_id=view_id, view=view)))

    async def publish(self, user_id: str, card: Card) -> None:
        """Show a card as a person's App Home."""
        view = forms.home_view(card)
        await self._tried(self._client.views_publish(user_id=user_id, view=view))

    # --- the ways -----------------------------------------------------------------------------

    async def _whisper(self, asker: Asker, shown: Layout) -> bool:
        if not asker.channel_id:
            return False
        whispered = self._client.chat_postEphemeral(
            channel=asker.channel_id,
            user=asker.user_id,
            text=shown.text,
            blocks=shown.blocks,
            thread_ts=asker.thread or None,
        )
        return bool(await self._tried(whispered))

    async def _edit(self, asker: Asker, shown: Layout) -> bool:
        """Edit what everybody sees. Its metadata stays, and with it the key of the alert."""
        edited = self._client.chat_update(
            channel=asker.channel_id, ts=asker.message, text=shown.text, blocks=shown.blocks
        )
        return bool(await self._tried(edited))

    async def _write_to(self, asker: Asker, shown: Layout) -> None:
        """Send a direct message."""
        written = self._client.chat_postMessage(
            channel=asker.user_id,
            text=shown.text,
            blocks=shown.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        await self._tried(written)

    async def _tried(self, asked: Awaitable[Any]) -> Json:
        """Return what Slack answered; nothing where it refused."""
        try:
            answer = await asked
        except Exception as error:  # noqa: BLE001 - there is another way, or the person asks again
            library_logger().info("Slack took no answer: %s", reason_of(error))
            return {}
        return dict(answer.data)

    async def _respond(self, asker: Asker, shown: Layout, *, replacing: bool = False) -> bool:
        """Answer by the response_url, which works in channels without Redline, too."""
        if not is_slacks(asker.response_url, self._client.base_url):
            return False
        # The library's own retries would answer twice where an answer's receipt was lost.
        webhook = AsyncWebhookClient(
            asker.response_url, TIMEOUT_SECONDS, retry_handlers=[], logger=library_logger()
        )
        everybody = replacing and bool(asker.message)
        try:
            receipt = await webhook.send(
                text=shown.text,
                blocks=shown.blocks,
                response_type=None if everybody else "ephemeral",
                replace_original=replacing,
                unfurl_links=False,
                unfurl_media=False,
            )
        except Exception as error:  # noqa: BLE001 - the address is Slack's word, whatever it is
            library_logger().info("no response was taken: %s", type(error).__name__)
            return False
        return receipt.status_code == 200


def _late(form: Form) -> Card:
    """Return what is shown where a form cannot be opened any more."""
    again = Button(action=Action.FORM, label="Open the form", target=form.draft, main=True)
    return Card(
        title=form.title,
        notes=("It took too long for Slack to open the form by itself.",),
        buttons=(again,) if form.draft else (),
    )

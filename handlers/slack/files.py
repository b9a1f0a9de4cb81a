"""Files: pictures and documents that go out, and what a person puts into a form."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from slack_sdk.web.async_client import AsyncWebClient

from bot.model import Card, Document, Picture
from bot.ports import Clock
from bot.text import one_line, shorten
from handlers.slack.cards import DOCUMENT_LENGTH
from handlers.slack.errors import library_logger, reason_of
from handlers.slack.payloads import Json, text

LARGEST_FILE: Final = 1 << 20
"""Bytes; a list of feeds or rules is a few thousand."""
DOWNLOAD_SECONDS: Final = 10
# A picture can be shown once Slack has looked at it, which files.info tells by its type.
LOOKS: Final = 5
LOOK_SECONDS: Final = 0.5
NAME_LENGTH: Final = 100

_WITHHELD: Final = "Slack did not hand out this file; try again in a minute"
_SLACKS: Final = (".slack.com", ".slack-gov.com", ".slack-files.com")


class FileError(Exception):
    """A file cannot be read; the message says why, for the person who sent it."""


class _NoRedirect(HTTPRedirectHandler):
    """Follow nothing: Slack sends whoever may not read a file on to a page for signing in."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        """Follow nothing."""


def is_slacks(url: str, api_url: str) -> bool:
    """Whether an address is Slack's own: nothing else may get our token or our answers.

    `api_url` says where the Web API is, which may be a proxy.
    """
    try:
        parts, own = urlsplit(url), urlsplit(api_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if "\\" in url or "@" in parts.netloc:  # readers of such an address differ
        return False
    if (parts.scheme, host, port) == (own.scheme, own.hostname, own.port):
        return True
    return parts.scheme == "https" and port in {None, 443} and f".{host}".endswith(_SLACKS)


class Files:
    """Uploads and downloads, with the bot's token."""

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        """Send and fetch through `client`."""
        self._client = client
        self._clock = clock

    async def picture(self, card: Card) -> str:
        """Upload the picture of a card; return the id of the file, nothing where that failed."""
        return await self._upload_picture(card.picture) if card.picture else ""

    async def _upload_picture(self, picture: Picture) -> str:
        alt = shorten(one_line(picture.alt), NAME_LENGTH)
        try:
            answer = await self._client.files_upload_v2(
                filename="picture.png", content=picture.png, title=alt or "Picture", alt_txt=alt
            )
            file_id = str(answer["files"][0]["id"])
        except Exception as error:  # noqa: BLE001 - the words are shown in place of the picture
            library_logger().warning("no picture was uploaded: %s", reason_of(error))
            return ""
        return file_id if await self._is_ready(file_id) else ""

    async def _is_ready(self, file_id: str) -> bool:
        """Wait until Slack can show a picture; a message with one that it cannot is refused."""
        for _ in range(LOOKS):
            try:
                file = (await self._client.files_info(file=file_id))["file"]
            except Exception as error:  # noqa: BLE001 - the words are shown in place of the picture
                library_logger().warning("Slack says nothing of a picture: %s", reason_of(error))
                return False
            if text(file, "mimetype"):
                return True
            await self._clock.sleep(LOOK_SECONDS)
        return False

    async def document(self, card: Card, user_id: str) -> str:
        """Send a document that is too long to show as a file to a person.

        Returns:
            The address of the file; nothing where it is short, or could not be sent.
        """
        document = card.document
        if document is None or len(document.text) <= DOCUMENT_LENGTH:
            return ""
        try:
            return await self._send_document(document, user_id)
        except Exception as error:  # noqa: BLE001 - the beginning is shown in place of the file
            library_logger().warning("no file was sent: %s", reason_of(error))
            return ""

    async def _send_document(self, document: Document, user_id: str) -> str:
        name = shorten(one_line(document.name), NAME_LENGTH) or "redline.txt"
        # A message to a person opens the conversation with them, which takes no further scope.
        opened = await self._client.chat_postMessage(
            channel=user_id, text="Here is the file that you asked Redline for."
        )
        answer = await self._client.files_upload_v2(
            filename=name, content=document.text.encode(), title=name, channel=opened["channel"]
        )
        return str(answer["files"][0]["permalink"])

    async def read(self, file: Json) -> str:
        """Return the text of a file that a person put into a form.

        Raises:
            FileError: it is too large, no text, not at Slack's, or cannot be had.
        """
        url = text(file, "url_private_download") or text(file, "url_private")
        if not is_slacks(url, self._client.base_url):
            raise FileError("Slack does not say where this file is")
        content = await asyncio.to_thread(_download, url, self._client.token or "")
        if len(content) > LARGEST_FILE:
            raise FileError("This file is larger than 1 MiB")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FileError("This file is no text in UTF-8") from None


def _download(url: str, token: str) -> bytes:
    """Return what is at an address of Slack's, and at most a byte more than is wanted."""
    # The scheme was checked with the host.
    asked = Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    try:
        with build_opener(_NoRedirect).open(asked, timeout=DOWNLOAD_SECONDS) as answer:
            content: bytes = answer.read(LARGEST_FILE + 1)
            return content
    except HTTPError as refused:
        refused.close()  # It holds the connection.
        raise FileError(_WITHHELD) from None
    except (URLError, OSError, ValueError):
        raise FileError(_WITHHELD) from None

"""The emulator's files: what comes with a message as multipart, and what the CDN hands out.

https://docs.discord.com/developers/reference#uploading-files
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.emulators.discord_world import ApiError


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent or is kept."""

    name: str
    content: bytes


@dataclass(slots=True)
class Shelf:
    """The CDN: files by their id."""

    files: dict[str, Upload] = field(default_factory=dict)
    base: str = ""
    down: bool = False

    def route(self) -> web.RouteDef:
        """Return the route of the files."""
        return web.get("/cdn/{id}/{name}", self.hand_out)

    async def hand_out(self, request: web.Request) -> web.Response:
        """Hand a file out."""
        kept = self.files.get(request.match_info["id"])
        if kept is None or self.down:
            return web.Response(status=404 if kept is None else 500)
        return web.Response(body=kept.content, content_type="application/octet-stream")

    def keep(self, file_id: str, upload: Upload) -> dict[str, Any]:
        """Keep a file, and write it as the API does."""
        self.files[file_id] = upload
        address = f"{self.base}/cdn/{file_id}/{upload.name}"
        return {
            "id": file_id,
            "filename": upload.name,
            "size": len(upload.content),
            "url": address,
            "proxy_url": address,
        }


async def read_request(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Return the JSON of a request and its files by the ids that the JSON names them with."""
    if not request.content_type.startswith("multipart/"):
        return await request.json(), {}
    body: dict[str, Any] = {}
    files: dict[str, Upload] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.name == "payload_json":
            body = json.loads(await part.text())
        else:
            number = str(part.name).removeprefix("files[").removesuffix("]")
            files[number] = Upload(part.filename or "", bytes(await part.read()))
    return body, files


def attached(said: dict[str, Any], files: dict[str, Upload], shelf: Shelf) -> list[dict[str, Any]]:
    """Return the attachments of a message; refuses what the message says of no file."""
    kept = []
    for number, written in enumerate(said.get("attachments") or []):
        upload = files.get(str(written["id"]))
        if upload is None:
            raise ApiError(400, 50035, f"Invalid Form Body: no file {number}")
        one = shelf.keep(f"9{len(shelf.files)}", upload)
        kept.append(one | {"description": written.get("description")})
    names = {one["filename"] for one in kept}
    for embed in said.get("embeds") or []:
        shown = (embed.get("image") or {}).get("url", "")
        if shown.startswith("attachment://") and shown.removeprefix("attachment://") not in names:
            raise ApiError(400, 50035, "Invalid Form Body: the picture is not attached")
    return kept

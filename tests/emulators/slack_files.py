"""Slack's files: uploads in three steps, and downloads for whoever has the token.

https://docs.slack.dev/messaging/working-with-files#uploading_files
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.emulators.slack_workspace import Json, Refused


@dataclass
class File:
    """A file; it can be used once its upload was completed."""

    id: str
    name: str
    length: int = 0
    content: bytes | None = None
    complete: bool = False
    channel: str = ""
    title: str = ""
    alt: str = ""
    looked_at: bool = True


class FileStore:
    """All files of a workspace."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.port = 0
        self.slow_looks = 0
        self._numbers = itertools.count(1)

    def usable(self) -> set[str]:
        """Return the ids of those that a message may show."""
        return {file.id for file in self.files.values() if file.complete and not self.slow_looks}

    def keep(self, name: str, content: bytes) -> Json:
        """Let a person upload a file; return it as payloads show it."""
        file = File(f"F{next(self._numbers):08d}", name, len(content), content, complete=True)
        self.files[file.id] = file
        return self._shown(file)

    def _shown(self, file: File) -> Json:
        base = f"http://127.0.0.1:{self.port}"
        looking = bool(self.slow_looks)
        return {
            "id": file.id,
            "name": file.name,
            "title": file.title or file.name,
            "mimetype": "" if looking else "application/octet-stream",
            "size": file.length,
            "url_private": f"{base}/files/{file.id}/{file.name}",
            "url_private_download": f"{base}/files/{file.id}/download/{file.name}",
            "permalink": f"https://emulated.slack.com/files/U0REDLINE/{file.id}/{file.name}",
        }

    # The methods.

    def get_url(self, given: Json) -> Json:
        """https://docs.slack.dev/reference/methods/files.getUploadURLExternal."""
        if not given.get("filename") or int(given.get("length", 0)) < 1:
            raise Refused("invalid_arguments")
        file = File(f"F{next(self._numbers):08d}", str(given["filename"]), int(given["length"]))
        file.alt = str(given.get("alt_txt", ""))
        self.files[file.id] = file
        return {
            "upload_url": f"http://127.0.0.1:{self.port}/upload/{file.id}",
            "file_id": file.id,
        }

    def complete(self, given: Json) -> Json:
        """https://docs.slack.dev/reference/methods/files.completeUploadExternal."""
        completed = []
        for named in json.loads(given["files"]):
            file = self.files.get(named["id"])
            if file is None or file.content is None:
                raise Refused("file_not_found")
            file.complete, file.title = True, named.get("title", "")
            file.channel = str(given.get("channel_id") or "")
            if file.channel and not file.channel.startswith(("C", "D", "G")):
                raise Refused("channel_not_found")
            completed.append(self._shown(file))
        return {"files": completed}

    def info(self, given: Json) -> Json:
        """https://docs.slack.dev/reference/methods/files.info."""
        file = self.files.get(str(given.get("file")))
        if file is None:
            raise Refused("file_not_found")
        shown = self._shown(file)
        self.slow_looks = max(0, self.slow_looks - 1)
        return {"file": shown}

    # The wire.

    async def upload(self, request: web.Request) -> web.Response:
        file = self.files.get(request.match_info["id"])
        content = await request.read()
        if file is None or len(content) != file.length:
            return web.Response(status=400, text="bad length")
        file.content = content
        return web.Response(text=f"OK - {len(content)}", content_type="text/plain")

    def download(self, request: web.Request, token: str) -> web.StreamResponse:
        """Hand a file out; whoever has no token is sent on to sign in."""
        file = self.files.get(request.match_info["id"])
        if request.headers.get("Authorization") != f"Bearer {token}":
            raise web.HTTPFound("https://emulated.slack.com/?redir=sign-in")
        if file is None or file.content is None:
            return web.Response(status=404, text="no such file")
        return web.Response(body=file.content, content_type="application/octet-stream")

    def by_name(self, name: str) -> Any:
        return next(file for file in self.files.values() if file.name == name)

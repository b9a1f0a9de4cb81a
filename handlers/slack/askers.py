"""Who asked, and where Slack wants the answer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from handlers.slack.payloads import Json, part, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asked, and where the answer goes.

    `response_url` takes five answers within thirty minutes and needs no membership:
    https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
    `message` is the time stamp of the message that everybody sees and a button of which was
    pressed, `whisper` that of a private one. `view` is the id of the modal that the answer belongs
    in. `home` says that it began in the App Home, where there is neither channel nor message.
    """

    user_id: str
    channel_id: str = ""
    response_url: str = ""
    thread: str = ""
    message: str = ""
    whisper: str = ""
    view: str = ""
    home: bool = False

    def written(self) -> Json:
        """Return it as JSON, without what is empty and without who it is."""
        return {name: value for name, value in asdict(self).items() if value and name != "user_id"}


def read_asker(user_id: str, place: Json) -> Asker:
    """Return who asked, and where, from what `Asker.written` made; the place is only a claim."""
    return Asker(
        user_id=user_id,
        channel_id=text(place, "channel_id"),
        response_url=text(place, "response_url"),
        thread=text(place, "thread"),
        message=text(place, "message"),
        whisper=text(place, "whisper"),
        view=text(place, "view"),
        home=place.get("home") is True,
    )


def address_of(asker: Asker) -> str:
    """Write down where an answer goes."""
    return json.dumps(asker.written(), separators=(",", ":"))


def read_address(user_id: str, address: str) -> Asker:
    """Return who asked, and where, from what `address_of` wrote."""
    return read_asker(user_id, parsed(address))


def asker_of_press(body: Json) -> Asker:
    """Return who pressed a button, and where the answer goes.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    view = part(body, "view")
    user_id = text(part(body, "user"), "id")
    if view:
        return asker_of_view(user_id, view)
    container, message = part(body, "container"), part(body, "message")
    ts = text(container, "message_ts") or text(message, "ts")
    private = container.get("is_ephemeral") is True
    return Asker(
        user_id=user_id,
        channel_id=text(part(body, "channel"), "id") or text(container, "channel_id"),
        response_url=text(body, "response_url"),
        thread=text(message, "thread_ts") or text(container, "thread_ts"),
        message="" if private else ts,
        whisper=ts if private else "",
    )


def asker_of_view(user_id: str, view: Json) -> Asker:
    """Return who did something in the App Home or in a modal, which says where it was opened."""
    if text(view, "type") == "home":
        return Asker(user_id=user_id, home=True)
    origin = part(parsed(text(view, "private_metadata")), "origin")
    return replace(read_asker(user_id, origin), view=text(view, "id"))


def parsed(written: str) -> Json:
    """Return the JSON object that was written; an empty one where it is none."""
    try:
        read = json.loads(written)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}

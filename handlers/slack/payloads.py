"""Reading what Slack sends, of which nothing is believed to be there or to be of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.text import storable

Json = dict[str, Any]


def asked_for(answer: AsyncSlackResponse, name: str) -> Any:
    """Return what Slack was asked for; the client itself returns None where it is missing.

    Raises:
        LookupError: the answer does not have it.
    """
    found = answer.get(name)
    if found is None:
        raise LookupError(f"Slack's answer has no {name}")
    return found


def part(body: Json, name: str) -> Json:
    """Return the object under a name; an empty one where there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def text(body: Json, name: str) -> str:
    """Return the text under a name; the empty string where there is none."""
    found = body.get(name)
    return storable(found) if isinstance(found, str) else ""


def objects(body: Json, name: str) -> Iterator[Json]:
    """Yield the objects of the list under a name."""
    found = body.get(name)
    yield from (one for one in (found if isinstance(found, list) else ()) if isinstance(one, dict))


def texts(body: Json, name: str) -> Iterator[str]:
    """Yield the texts of the list under a name."""
    found = body.get(name)
    given = found if isinstance(found, list) else ()
    yield from (storable(one) for one in given if isinstance(one, str))

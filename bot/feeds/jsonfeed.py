"""JSON Feed (https://www.jsonfeed.org/version/1.1/), and what is JSON but no feed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.dates import read_date
from bot.model import Entry, ParsedFeed


def read_json_feed(body: bytes) -> ParsedFeed | None:
    """Read a JSON Feed; None where the JSON is none, or is something else.

    Links are left as they are written, for the caller to resolve.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, Mapping) or not isinstance(document.get("items"), list):
        return None
    if "jsonfeed.org" not in _text(document, "version"):
        return None
    items = document["items"]
    read = [_entry(item) for item in items if isinstance(item, Mapping)]
    entries = tuple(entry for entry in read if _says_something(entry))
    return ParsedFeed(
        title=_text(document, "title"),
        link=_text(document, "home_page_url") or None,
        entries=entries,
        language=_text(document, "language") or None,
        skipped=len(items) - len(entries),
        parser="json",
    )


def _entry(item: Mapping[str, Any]) -> Entry:
    return Entry(
        guid=_text(item, "id") or None,
        link=_text(item, "url") or _text(item, "external_url") or None,
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        content=_text(item, "content_html") or _text(item, "content_text"),
        published_at=read_date(_text(item, "date_published")),
        updated_at=read_date(_text(item, "date_modified")),
        language=_text(item, "language") or None,
    )


def _says_something(entry: Entry) -> bool:
    return any((entry.guid, entry.link, entry.title, entry.summary, entry.content))


def _text(item: Mapping[str, Any], key: str) -> str:
    """Return a string or a number as text; publishers write ids as numbers against the rule."""
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()

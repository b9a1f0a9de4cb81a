"""A feed that was found and not added yet: kept as a draft, shown as a card."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from bot.commands.desk import Desk
from bot.commands.drafts import new_draft, with_values
from bot.commands.listing import LONGEST_LINE
from bot.commands.wording import counted, lasting
from bot.feeds.discover import FoundFeed
from bot.model import Action, Asked, Button, Card, CardLine, Draft
from bot.text import domain_of, safe_link, shorten

ADD: Final = "feeds.add"
FOUND: Final = "feeds.found"
"""The drafts of one feed that can be added, and of one of several that can be looked at."""
LONGEST_LABEL: Final = 30
"""Both platforms take more on a button; beside three others it would not be read."""


def draft_of(found: FoundFeed, form: str, asked: Asked, desk: Desk) -> Draft:
    """Return the draft of a feed that was found; it is not kept yet."""
    draft = new_draft(form, asked, desk, subject=found.url)
    return with_values(draft, _values(found))


def _values(found: FoundFeed) -> dict[str, str]:
    values = {
        "title": found.title,
        "items": str(found.items),
        "seconds": str(int(found.interval.total_seconds())),
    }
    if found.newest:
        values |= {"newest": found.newest.title, "link": found.newest.link or ""}
    if found.newest and found.newest.published_at:
        values["at"] = found.newest.published_at.isoformat()
    return values


def offer_card(draft: Draft, now: datetime) -> Card:
    """Show a feed with its newest item as proof that it lives, and ask whether to add it."""
    return Card(
        title=f"Found: {draft.value('title')}",
        lines=(address_line(draft.subject), *found_lines(draft, now)),
        notes=("Nothing is read from it before you add it.",),
        buttons=(
            Button(action=Action.CONFIRM, label="Add", target=draft.id, main=True),
            Button(action=Action.FORM, label="Change", target=draft.id),
        ),
    )


def address_line(url: str, name: str = "Address") -> CardLine:
    """Return the line that names a feed's address; a long one is cut, as lists cut theirs."""
    return CardLine(text=shorten(f"{name}: {url}", LONGEST_LINE))


def found_lines(draft: Draft, now: datetime) -> Iterator[CardLine]:
    """Yield what a feed holds, how often it would be polled, and its newest item."""
    often = lasting(timedelta(seconds=int(draft.value("seconds"))))
    items = counted(int(draft.value("items")), "item")
    yield CardLine(text=f"{items}; it would be read about every {often}")
    newest = draft.value("newest")
    if not newest:
        yield CardLine(text="It holds no item yet, so nothing proves that it lives")
        return
    written = draft.value("at")
    age = f"{lasting(now - datetime.fromisoformat(written))} ago" if written else "without a date"
    link = safe_link(draft.value("link")) or None
    domain = domain_of(link) if link else ""
    said = shorten(f"Newest, {age}: {newest}", LONGEST_LINE)
    yield CardLine(text=said, url=link, domain=domain)


def choice_button(draft: Draft, number: int) -> Button:
    """Return the button that shows one of several feeds."""
    label = shorten(f"{number}. {draft.value('title')}", LONGEST_LABEL)
    return Button(action=Action.CONFIRM, label=label, target=draft.id)

"""`/feeds import`: many feeds at once, from the OPML file of another feed reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.commands.deciding import change_of
from bot.commands.desk import Command, Desk, FormDesk, Step
from bot.commands.drafts import new_draft, own_draft
from bot.commands.feeds_new import asked_in, new_feed_id
from bot.commands.ids import id_from
from bot.commands.wording import counted
from bot.errors import ParseError, SandboxError
from bot.feeds.opml import FeedList, ListedFeed, Unusable, read_opml
from bot.model import (
    Action,
    Argument,
    Asked,
    Button,
    Card,
    CardLine,
    Change,
    Changed,
    CommandSpec,
    Draft,
    Feed,
    FieldKind,
    Form,
    FormField,
    Fulltext,
    Order,
    Origin,
    Reply,
    Request,
    Revised,
    Role,
    Submission,
    Tier,
)
from bot.text import canonical_url

SPEC = CommandSpec(
    group="feeds",
    verb="import",
    help="Add many feeds at once, from an OPML file of another feed reader",
    role=Role.ADMIN,
    opens_form=True,
)
IMPORT: Final = "feeds.import"
MOST_SHOWN: Final = 5
"""Lines of the file that are shown with why they are of no use."""
_SEPARATOR: Final = "\x1f"


async def carry_out(order: Order, desk: Desk) -> Reply:
    """Ask for the file."""
    draft = new_draft(IMPORT, order, desk)
    await desk.register.keep_draft(draft)
    return _form(draft)


async def reopen(draft: Draft, request: Request, desk: Desk) -> Form:  # noqa: ARG001 - every step takes them
    """Ask for the file again."""
    return _form(draft)


def _form(draft: Draft, mistake: str = "") -> Form:
    file = FormField(
        name="file",
        label="OPML file",
        kind=FieldKind.FILE,
        help="Exported by another feed reader; 1 MiB and 2,000 feeds at most",
        longest=1 << 20,
        mistake=mistake,
    )
    return Form(name=IMPORT, title="Import feeds", fields=(file,), draft=draft.id, submit="Read")


async def submit(submission: Submission, desk: Desk) -> Reply:
    """Read the file and say what it holds; nothing is added yet.

    Raises:
        OrderError: the form is not the asker's, or no longer kept.
    """
    draft = await own_draft(submission.draft, submission, desk, IMPORT)
    try:
        listed = await desk.web.sandbox.run(read_opml, submission.value("file"))
    except ParseError as error:
        return _form(draft, _mistake(error))
    except SandboxError:
        return _form(draft, "It could not be read safely.")
    new = _new_ones(listed.feeds, submission, desk)
    await desk.register.keep_draft(replace(draft, values=tuple(map(_packed, new))))
    return _summary(listed, len(new), draft)


def _mistake(error: ParseError) -> str:
    sentences = (error.problem[:1].upper() + error.problem[1:], error.advice)
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def _new_ones(listed: Sequence[ListedFeed], asked: Asked, desk: Desk) -> Sequence[ListedFeed]:
    known = {canonical_url(feed.url) for feed in desk.feeds_here(asked)}
    return [feed for feed in listed if canonical_url(feed.url) not in known]


def _summary(listed: FeedList, new: int, draft: Draft) -> Card:
    known, unusable = len(listed.feeds) - new, len(listed.unusable)
    total = counted(len(listed.feeds) + unusable, "feed")
    button = Button(action=Action.CONFIRM, label=f"Add {new:,}", target=draft.id, main=True)
    return Card(
        title=f"{total}: {_shares(new, known, unusable)}",
        lines=tuple(_useless(listed.unusable)),
        notes=("Nothing is added yet. An address is checked when it is read for the first time.",)
        if new
        else ("There is nothing to add.",),
        buttons=(button,) if new else (),
    )


def _shares(new: int, known: int, unusable: int) -> str:
    """Say how many feeds are of each kind, without the kinds that there are none of."""
    kinds = ((new, "new"), (known, "known already"), (unusable, "unusable"))
    return ", ".join(f"{number:,} {kind}" for number, kind in kinds if number) or "nothing in it"


def _useless(unusable: Sequence[Unusable]) -> Iterator[CardLine]:
    for one in unusable[:MOST_SHOWN]:
        yield CardLine(text=f"{one.named}: {one.why}")
    if len(unusable) > MOST_SHOWN:
        yield CardLine(text=f"and {len(unusable) - MOST_SHOWN:,} more")


# --- What a draft keeps of each feed ------------------------------------------------------------


def _packed(feed: ListedFeed) -> Argument:
    seconds = str(int(feed.interval.total_seconds())) if feed.interval else ""
    parts = (feed.url, feed.tier, feed.fulltext, seconds, feed.language or "", feed.title)
    return Argument(name="feed", value=_SEPARATOR.join(parts))


def _unpacked(value: str) -> ListedFeed:
    url, tier, fulltext, seconds, language, title = value.split(_SEPARATOR, 5)
    return ListedFeed(
        url=url,
        title=title,
        tier=Tier(tier),
        fulltext=Fulltext(fulltext),
        interval=timedelta(seconds=int(seconds)) if seconds else None,
        language=language or None,
    )


# --- Adding -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Added:
    """What became of the feeds of a file."""

    done: int
    known: int
    missed: int


async def add_all(draft: Draft, request: Request, desk: Desk) -> Reply:
    """Add every new feed of the file.

    Each has a change of its own, named after this press and the feed's address, so that a press
    that is taken up again after a crash adds what is missing and nothing twice.
    """
    feeds = [_unpacked(value) for value in draft.all("feed")]
    new = _new_ones(feeds, request, desk)
    changes: dict[str, Change] = {}
    for feed in new:
        name = await new_feed_id(feed.url, desk, changes)
        changes[name] = _change(feed, name, request, desk)
    became = await desk.watch.change_all(tuple(changes.values()))
    missed = sum(1 for one in became if one is Changed.CONFLICT)
    return Revised(_done_card(_Added(len(new) - missed, len(feeds) - len(new), missed), desk))


def _change(listed: ListedFeed, name: str, request: Request, desk: Desk) -> Change:
    feed = Feed(
        id=name,
        url=listed.url,
        title=listed.title,
        tier=listed.tier,
        fulltext=listed.fulltext,
        interval=listed.interval,
        language=listed.language,
        origin=Origin.CHAT,
        workspace=request.workspace,
        report_to=asked_in(request, desk),
    )
    change = change_of(request, desk, "feeds import", after=feed)
    return replace(change, id=id_from(f"{change.id}\n{canonical_url(listed.url)}"))


def _done_card(added: _Added, desk: Desk) -> Card:
    notes = (
        "What is there now is remembered and not posted; new items alert from now on.",
        f"{counted(added.known, 'feed')} had been added meanwhile." if added.known else "",
        f"{counted(added.missed, 'feed')} could not be added: somebody else added one of the same "
        "name at the same time. Import the file again."
        if added.missed
        else "",
        f"How they are: /{desk.menu.prefix}feeds list",
    )
    return Card(
        title=f"{counted(added.done, 'feed is', 'feeds are')} read from now on",
        notes=tuple(filter(None, notes)),
    )


COMMAND = Command(SPEC, carry_out)
FORM = FormDesk(IMPORT, Role.ADMIN, submit)
STEPS: Final = (
    Step(IMPORT, Action.FORM, Role.ADMIN, reopen),
    Step(IMPORT, Action.CONFIRM, Role.ADMIN, add_all),
)

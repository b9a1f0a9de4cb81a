"""What a person sees of Redline at first: what they can do, and how what they watch stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from heapq import nsmallest
from typing import Final

from bot.commands.access import role_of
from bot.commands.bars import bars
from bot.commands.desk import Desk
from bot.commands.feeds_paused import is_paused
from bot.commands.muted import mute_lines, muted_name, mutes_here, unmute_button
from bot.commands.watch_silence import silence_words
from bot.commands.wording import counted, lasting
from bot.model import Action, Asked, Button, Card, CardLine, Feed, FeedState, Mute, Role, Rule
from bot.text import one_line, shorten

DAYS: Final = 7
MOST_RULES: Final = 8
MOST_MUTES: Final = 4
MOST_FEEDS: Final = 2
"""With their headings these are 24 lines, which both platforms show whole."""
MOST_UNMUTES: Final = 3
"""With Add rule these are the four buttons that fit into a row."""
LONGEST_NAME: Final = 60
LONGEST_LABEL: Final = 30

_CAN: Final = {
    Role.VIEWER: "Look things up: /{0}news WORDS, /{0}watch list, /{0}feeds list",
    Role.EDITOR: "Write and change rules: /{0}watch add, /{0}watch tune RULE, /{0}watch mute RULE",
    Role.ADMIN: "Remove and import sources: /{0}redline help feeds",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the lines that are shown, how many there are, and what shows the rest."""

    title: str
    lines: Sequence[CardLine]
    number: int
    rest: str = ""


async def home(asked: Asked, desk: Desk) -> Card:
    """Sum up what somebody may do, their rules, what is muted, and the feeds that ail."""
    role = role_of(asked, desk)
    if role is None:
        note = "An admin of this workspace can make you a member of it."
        return Card(title="You may not ask Redline here", notes=(note,))
    now, prefix = desk.clock.now(), desk.menu.prefix
    rules = [compiled.rule for compiled in desk.rules_here(asked).values()]
    mutes, ailing = mutes_here(asked, desk), await _ailing(asked, desk)
    sections = (
        Section("What you can do", tuple(_abilities(role, desk)), 0),
        Section(
            "Rules and their week",
            await _rule_lines(rules, asked, desk),
            len(rules),
            f"/{prefix}watch list",
        ),
        Section(
            "Muted",
            mute_lines(asked, desk)[:MOST_MUTES],
            len(mutes),
            f"/{prefix}watch list",
        ),
        Section(
            "Sources that ail",
            [_ailing_line(*one, now) for one in ailing[:MOST_FEEDS]],
            len(ailing),
            f"/{prefix}feeds list",
        ),
    )
    return Card(
        title="Redline in this workspace",
        status=f"{counted(len(rules), 'rule')}, {counted(len(desk.feeds_here(asked)), 'source')}",
        lines=tuple(line for section in sections for line in _shown(section)),
        notes=(f"All that you can ask: /{desk.menu.prefix}redline help",),
        buttons=tuple(_buttons(role, mutes, asked, desk)),
    )


def _abilities(role: Role, desk: Desk) -> Iterator[CardLine]:
    for each in Role:
        if each.rank <= role.rank:
            yield CardLine(text=_CAN[each].format(desk.menu.prefix))


def _shown(section: Section) -> Iterator[CardLine]:
    """Yield a heading and its lines, with the number of the rest."""
    if not section.lines:
        return
    yield CardLine(text=section.title, heading=True)
    yield from section.lines
    left = section.number - len(section.lines)
    if left > 0:
        yield CardLine(text=f"and {left} more: {section.rest}")


async def _rule_lines(rules: Sequence[Rule], asked: Asked, desk: Desk) -> list[CardLine]:
    """Return the lines of the rules that found most, the most first."""
    weeks = await _weeks(desk)
    sums = {name: sum(week) for name, week in weeks.items()}
    ranked = nsmallest(MOST_RULES, rules, key=lambda rule: (-sums.get(rule.name, 0), rule.title))
    return [_rule_line(rule, weeks.get(rule.name, _NOTHING), asked, desk) for rule in ranked]


_NOTHING: Final = (0,) * DAYS


async def _weeks(desk: Desk) -> Mapping[str, tuple[int, ...]]:
    """Return what each rule matched on the last seven days, today's last."""
    today = desk.clock.now().astimezone(UTC).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    found: dict[str, Counter[date]] = {}
    for one in await desk.archive.rule_counts(datetime.combine(days[0], time(), UTC)):
        found.setdefault(one.rule, Counter())[one.day] += one.matches
    return {name: tuple(counts[day] for day in days) for name, counts in found.items()}


def _rule_line(rule: Rule, week: tuple[int, ...], asked: Asked, desk: Desk) -> CardLine:
    silence = silence_words(rule, asked, desk)
    name = f"{bars(week)} {_short(rule.title)}"
    facts = (name, counted(sum(week), "article"), silence)
    return CardLine(text=" · ".join(filter(None, facts)))


async def _ailing(asked: Asked, desk: Desk) -> list[tuple[Feed, FeedState]]:
    """Return the sources that fail, the longest failing first."""
    states = {state.feed_id: state for state in (await desk.archive.tally()).feeds}
    failing = [
        (feed, states[feed.id])
        for feed in desk.feeds_here(asked)
        if feed.id in states and states[feed.id].failures and not is_paused(feed, desk)
    ]
    now = desk.clock.now()
    return sorted(failing, key=lambda one: (one[1].failing_since or now, one[0].title))


def _ailing_line(feed: Feed, state: FeedState, now: datetime) -> CardLine:
    since = f" for {lasting(now - state.failing_since)}" if state.failing_since else ""
    why = _short(state.last_error or "unknown why")
    return CardLine(text=f"{_short(feed.title)}: failing{since}, {why}")


def _short(words: str) -> str:
    return shorten(one_line(words), LONGEST_NAME)


def _buttons(role: Role, mutes: Sequence[Mute], asked: Asked, desk: Desk) -> Iterator[Button]:
    """Yield what an editor may do at once: add a rule, end what is muted."""
    if role.rank < Role.EDITOR.rank:
        return
    yield Button(action=Action.ADD, label="Add rule", target="rule", main=True)
    for mute in mutes[:MOST_UNMUTES]:
        name = shorten(one_line(muted_name(mute, asked, desk)), LONGEST_LABEL)
        yield unmute_button(mute, f"{'Unmute' if mute.until else 'Resume'} {name}")

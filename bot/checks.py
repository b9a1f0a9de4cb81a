"""What `redline check` looks at: settings, feeds, tokens, channels. Nothing is posted or stored."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from bot.errors import RedlineError
from bot.model import (
    Article,
    ChannelRef,
    Entry,
    Feed,
    Fetched,
    FetchFailure,
    FetchTrouble,
    Finding,
    NotModified,
    ParsedFeed,
    Secret,
    Verdict,
)
from bot.ports import Chat, Fetcher, Platform, Wanted
from bot.rules.aliases import NamesRead, suggest_aliases
from bot.rules.normal import normalise
from bot.settings import Settings
from bot.text import one_line, shorten

# A feed that has been silent for longer than this has often moved without a word.
_SILENT = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What a check reaches the world through.

    `parse` reads the bytes of a feed, in the sandbox. `chats` are the platforms whose tokens are
    set; each needs to be able to look, not to be open. `articles` are the newest that were read.
    """

    fetcher: Fetcher
    parse: Callable[[Fetched], Awaitable[ParsedFeed]]
    chats: Sequence[Chat]
    now: datetime
    articles: Sequence[Article] = ()


async def check(
    settings: Settings, platforms: Sequence[Platform], doors: Doors
) -> tuple[Finding, ...]:
    """Look at everything that running needs, and say of each thing how it stands.

    Findings come in the order in which a person would mend things: the settings themselves, each
    feed, each platform with the channels that the rules name.
    """
    feeds = _feeds(settings, doors)
    chats = asyncio.gather(*(_platform(platform, settings, doors) for platform in platforms))
    looked, inspected = await asyncio.gather(feeds, chats)
    told = [finding for findings in inspected for finding in findings]
    people = _people(settings, doors.articles)
    access = _access(settings, platforms)
    twice = _one_channel_twice(settings, doors.chats)
    nowhere = _nowhere(settings, platforms)
    return (*_configuration(settings), *people, *access, *looked, *told, *nowhere, *twice)


# --- Settings ---------------------------------------------------------------------------------


def _configuration(settings: Settings) -> Iterator[Finding]:
    counted = ", ".join(
        f"{len(things)} {one if len(things) == 1 else many}"
        for things, one, many in (
            (settings.feeds, "feed", "feeds"),
            (settings.rules, "rule", "rules"),
            (settings.sets, "set", "sets"),
            (settings.people, "person", "people"),
            (settings.places, "place", "places"),
        )
    )
    yield _good(f"{settings.folder}", counted)
    for problem in settings.warnings:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        yield _warning(place, f"{problem.key} {problem.what}", problem.advice)
    if not settings.contact:
        advice = "Give a page or a mail address as contact in redline.yaml"
        yield _warning("redline.yaml", "publishers cannot find out who polls them", advice)
    if not settings.feeds:
        yield _warning("feeds.yaml", "there is no feed to poll", "Add one: - url: https://…")
    if not settings.rules:
        advice = "Add a rule with name, when and to, or write one in chat with /watch add"
        yield _warning("rules.yaml", "there is no rule, so nothing is ever told", advice)


def _people(settings: Settings, articles: Sequence[Article]) -> Iterator[Finding]:
    """Say of each person how articles spell the name otherwise: matching itself never guesses."""
    if not (settings.people and articles):
        return
    read = NamesRead(map(normalise, articles))
    for person in settings.people:
        spellings = suggest_aliases(person, read, settings.people)
        if spellings:
            said = ", ".join(
                f"{one.name} in {one.articles} of {len(articles)} articles" for one in spellings
            )
            advice = "If that is the same person, add it to aliases in people.yaml"
            yield _warning(f"person {person.name}", f"may be spelled {said}", advice)


def _access(settings: Settings, platforms: Sequence[Platform]) -> Iterator[Finding]:
    """Say of each platform that is not set up which people the settings name on it."""
    ready = {one.name for one in platforms if one.ready(settings.platforms[one.name])}
    lost: dict[str, list[str]] = {}
    for person in sorted(settings.access.named()):
        platform = person.partition(":")[0]
        if platform not in ready:
            lost.setdefault(platform, []).append(person)
    for platform, people in lost.items():
        said = f"names {', '.join(people)}, and {platform} is not set up"
        advice = f"Set up {platform}, or take them out: nobody can act as them"
        yield _warning("access", said, advice)


# --- Feeds ------------------------------------------------------------------------------------

_FEED_ADVICE = {
    FetchTrouble.REFUSED_ADDRESS: (
        "If it is in your own network, add that to poll.allow_private_networks"
    ),
    FetchTrouble.BAD_URL: "Correct its url in feeds.yaml",
    FetchTrouble.UNREACHABLE: "Check the host's name, and this machine's network",
    FetchTrouble.TIMEOUT: "Try again; if it stays slow, raise poll.timeout",
    FetchTrouble.TOO_LARGE: "Is it a feed? If it is, raise poll.max_bytes",
    FetchTrouble.REDIRECTS: "Open it in a browser and use the address where that ends",
    FetchTrouble.RATE_LIMITED: "Nothing needs doing: Redline waits as long as the publisher asks",
    FetchTrouble.STATUS: "Open it in a browser: it may have moved, or need a contact to be given",
    FetchTrouble.BROKEN: "Try again; if it stays so, tell the publisher",
}


async def _feeds(settings: Settings, doors: Doors) -> list[Finding]:
    """Look at each feed, no more of them at once than polling would."""
    room = asyncio.Semaphore(settings.poll.concurrency)

    async def look(feed: Feed) -> Finding:
        async with room:
            return await _feed(feed, doors)

    return list(await asyncio.gather(*(look(feed) for feed in settings.feeds)))


async def _feed(feed: Feed, doors: Doors) -> Finding:
    about = f"feed {feed.id}"
    if feed.paused:
        return _good(about, "is paused, and was not looked at")
    result = await doors.fetcher.fetch(Wanted(url=feed.url))
    match result:
        case FetchFailure():
            verdict = _warning if result.trouble is FetchTrouble.RATE_LIMITED else _bad
            return verdict(about, f"{result.trouble}: {result.why}", _FEED_ADVICE[result.trouble])
        case NotModified():
            return _good(about, "answers that nothing has changed")
        case Fetched():
            return await _body(about, result, doors)


async def _body(about: str, fetched: Fetched, doors: Doors) -> Finding:
    try:
        parsed = await doors.parse(fetched)
    except RedlineError as error:
        advice = error.advice or "Open it in a browser: is it a feed, or a page about one?"
        return _bad(about, error.problem, advice)
    if not parsed.entries:
        return _warning(about, "is a feed without items", "It may fill later, or have moved")
    return _items(about, fetched, parsed, doors.now)


def _items(about: str, fetched: Fetched, parsed: ParsedFeed, now: datetime) -> Finding:
    """Say what the newest item is, and how old."""
    dated = [(at, entry) for entry in parsed.entries if (at := _date(entry)) and at <= now]
    at, newest = max(dated, key=lambda pair: pair[0], default=(None, parsed.entries[0]))
    count = len(parsed.entries)
    title = shorten(one_line(newest.title), 70) or "an item without a title"
    age = f"{_ago(now - at)} ago" if at else "without a date"
    said = f"{count} {'item' if count == 1 else 'items'}, the newest {age}: {title}"
    if parsed.skipped:
        said += f" ({parsed.skipped} could not be read)"
    if at and now - at > _SILENT:
        return _warning(about, said, "It has been silent for long; it may have moved")
    if fetched.moved_to:
        advice = f"If it stays so, put {fetched.moved_to} in feeds.yaml"
        return _warning(about, f"{said}; it has moved for good", advice)
    return _good(about, said)


def _date(entry: Entry) -> datetime | None:
    return entry.updated_at or entry.published_at


def _ago(age: timedelta) -> str:
    """Write an age in its largest unit."""
    for size, unit in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour")):
        if count := age // size:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    count = age // timedelta(minutes=1)
    return f"{count} minute{'' if count == 1 else 's'}"


# --- Platforms and channels -------------------------------------------------------------------


async def _platform(platform: Platform, settings: Settings, doors: Doors) -> list[Finding]:
    """Say of a platform whether its tokens are set and right, and of each channel named."""
    named = [ref for ref in settings.named_channels() if ref.platform == platform.name]
    chat = next((chat for chat in doors.chats if chat.platform == platform.name), None)
    if chat is None or not platform.ready(settings.platforms[platform.name]):
        return [_not_set_up(platform, settings, named)]
    try:
        return list(await chat.inspect(named))
    except RedlineError as error:
        return [_bad(platform.name, error.problem, error.advice)]


def _not_set_up(platform: Platform, settings: Settings, named: Sequence[ChannelRef]) -> Finding:
    half = half_set_up(settings, platform)
    if half:
        return half
    if not named:
        return _good(platform.name, "is not set up, and nothing needs it")
    count = len(named)
    said = f"is not set up, and the settings name {count} channel{'' if count == 1 else 's'} of it"
    return _bad(platform.name, said, platform.lacks(settings.platforms[platform.name]))


def half_set_up(settings: Settings, platform: Platform) -> Finding | None:
    """Say what a platform lacks that somebody began to set up: one of its secrets is there."""
    options = settings.platforms[platform.name]
    begun = any(isinstance(getattr(options, one.name), Secret) for one in fields(options))
    lacking = platform.lacks(options)
    return _bad(platform.name, "is set up by half", lacking) if begun and lacking else None


def _nowhere(settings: Settings, platforms: Sequence[Platform]) -> Iterator[Finding]:
    """Say of each channel that lies on a platform which is not there at all."""
    known = {platform.name for platform in platforms}
    for ref in settings.named_channels():
        if ref.platform not in known:
            advice = f"Known platforms are {', '.join(sorted(known))}"
            yield _bad(f"channel {ref}", "lies on a platform that is not there", advice)


def _one_channel_twice(settings: Settings, chats: Sequence[Chat]) -> Iterator[Finding]:
    """Say of each channel that the settings write in two ways, as far as the platforms know.

    Such a channel is two in what it was told and in its pace, and gets an alert twice.
    """
    refs = (*settings.named_channels(), *settings.access.channels, *settings.channels)
    written: dict[tuple[str, str], list[str]] = {}
    for chat in chats:
        for ref in dict.fromkeys(ref for ref in refs if ref.platform == chat.platform):
            if name := chat.id_of(ref):
                written.setdefault((chat.platform, name), []).append(str(ref))
    for ways in written.values():
        if len(ways) > 1:
            advice = "Write it in one way everywhere; rules that differ in it tell it twice"
            yield _warning(f"channel {ways[0]}", f"is {' and '.join(ways[1:])} too", advice)


def _good(about: str, said: str) -> Finding:
    return Finding(about=about, verdict=Verdict.GOOD, said=said)


def _warning(about: str, said: str, advice: str) -> Finding:
    return Finding(about=about, verdict=Verdict.WARNING, said=said, advice=advice)


def _bad(about: str, said: str, advice: str) -> Finding:
    return Finding(about=about, verdict=Verdict.BAD, said=said, advice=advice)

"""What `redline check` looks at: settings, feeds, tokens and channels."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.checks import Doors, check
from bot.errors import ChatError, ParseError
from bot.model import (
    Access,
    ChannelRef,
    Entry,
    Feed,
    Fetched,
    FetchFailure,
    FetchResult,
    FetchTrouble,
    Finding,
    Grants,
    NotModified,
    ParsedFeed,
    Person,
    Rule,
    Secret,
    Verdict,
)
from bot.ports import Chat, Platform, Wanted
from bot.settings import PlatformOptions, Poll, Problem, Settings
from tests.build import an_article
from tests.fakes import FakeChat, FakeClock

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "https://vale.example/feed"


@dataclass(frozen=True, kw_only=True)
class ChattyOptions:
    token: Secret | None = field(default=None, metadata={"env": "CHATTY_TOKEN"})
    app_token: Secret | None = field(default=None, metadata={"env": "CHATTY_APP_TOKEN"})
    room: str = "lobby"


def _no_chat(*_: Any) -> Any:
    raise AssertionError("a check is given its chats")


def _lacks(options: ChattyOptions) -> str:
    names = {"CHATTY_TOKEN": options.token, "CHATTY_APP_TOKEN": options.app_token}
    unset = [name for name, token in names.items() if not token]
    return f"Set {' and '.join(unset)}" if unset else ""


CHATTY = Platform(name="chatty", options=ChattyOptions, lacks=_lacks, connect=_no_chat)


class Newsstand:
    """A fetcher and a parser in one: what it was told to answer, for each address."""

    def __init__(self) -> None:
        self._answers: dict[str, FetchResult] = {}
        self._feeds: dict[str, ParsedFeed | Exception] = {}
        self.asked: list[Wanted] = []
        self.together = 0
        self.most_together = 0

    def publish(self, *entries: Entry, url: str = URL, skipped: int = 0) -> None:
        self._answers[url] = _fetched(url)
        self._feeds[url] = ParsedFeed(title="", link=None, entries=entries, skipped=skipped)

    def move(self, to: str, *entries: Entry) -> None:
        self.publish(*entries)
        self._answers[URL] = replace(_fetched(URL), moved_to=to)

    def serve_nonsense(self, error: Exception) -> None:
        self._answers[URL] = _fetched(URL)
        self._feeds[URL] = error

    def answer(self, result: FetchResult) -> None:
        self._answers[URL] = result

    async def fetch(self, wanted: Wanted) -> FetchResult:
        self.asked.append(wanted)
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        await asyncio.sleep(0)
        self.together -= 1
        return self._answers[wanted.url]

    async def parse(self, fetched: Fetched) -> ParsedFeed:
        parsed = self._feeds[fetched.url]
        if isinstance(parsed, Exception):
            raise parsed
        return parsed


class Inspected(FakeChat):
    """A chat that only looks, and finds what it was told."""

    def __init__(self, *findings: Finding | ChatError) -> None:
        super().__init__(FakeClock(NOW), platform="chatty")
        self._told = findings
        self.looked_at: list[ChannelRef] = []

    async def inspect(self, channels: Sequence[ChannelRef]) -> Sequence[Finding]:
        self.looked_at.extend(channels)
        for told in self._told:
            if isinstance(told, ChatError):
                raise told
        return [told for told in self._told if isinstance(told, Finding)]


def _fetched(url: str) -> Fetched:
    return Fetched(
        url=url,
        final_url=url,
        status=200,
        content_type="application/rss+xml",
        body=b"<rss/>",
        fetched_at=NOW,
    )


def _entry(title: str, age: timedelta | None) -> Entry:
    return Entry(guid=None, link=None, title=title, published_at=NOW - age if age else None)


def _rule(name: str, *to: str) -> Rule:
    channels = tuple(ChannelRef.parse(written) for written in to)
    return Rule(name=name, title=name, when="sanctions", to=channels)


def _settings(**parts: Any) -> Settings:
    """Return settings with one feed and nothing odd, and the given parts in place of theirs.

    `token` is that of the platform; its second token is the same unless `app_token` says otherwise.
    """
    token = parts.pop("token", None)
    tokens = [Secret(one) if one else None for one in (token, parts.pop("app_token", token))]
    options = ChattyOptions(token=tokens[0], app_token=tokens[1])
    whole: dict[str, Any] = {
        "contact": "press@vale.example",
        "feeds": (Feed(id="vale", url=URL, title="Vale"),),
        "rules": (_rule("a", "chatty:#a"),),
        "platforms": PlatformOptions({"chatty": options}),
        **parts,
    }
    return Settings(folder=Path("config"), **whole)


async def _check(settings: Settings, stand: Newsstand, *chats: Chat) -> list[Finding]:
    doors = Doors(fetcher=stand, parse=stand.parse, chats=chats, now=NOW)
    return list(await check(settings, [CHATTY], doors))


async def _feed(stand: Newsstand) -> Finding:
    """Return what is said of the one feed."""
    [found] = [f for f in await _check(_settings(), stand) if f.about == "feed vale"]
    return found


# --- Settings ---------------------------------------------------------------------------------


async def test_the_settings_are_counted() -> None:
    """The first line says what was read."""
    settings = _settings(feeds=(), sets={"words": "truce"})

    first = (await _check(settings, Newsstand()))[0]

    said = "0 feeds, 1 rule, 1 set, 0 people, 0 places"
    assert first == Finding(about="config", verdict=Verdict.GOOD, said=said)


async def test_oddities_of_the_settings_are_warnings() -> None:
    """What load warned of is shown with its place, and its advice."""
    odd = Problem(file="rules.yaml", line=3, key="rules[1].when", what="is odd", advice="Mend it")

    found = await _check(_settings(feeds=(), warnings=(odd,)), Newsstand())

    assert (
        Finding(
            about="rules.yaml:3",
            verdict=Verdict.WARNING,
            said="rules[1].when is odd",
            advice="Mend it",
        )
        in found
    )


@pytest.mark.parametrize(
    ("empty", "about", "said"),
    [
        ({"contact": ""}, "redline.yaml", "publishers cannot find out who polls them"),
        ({"feeds": ()}, "feeds.yaml", "there is no feed to poll"),
        ({"rules": ()}, "rules.yaml", "there is no rule, so nothing is ever told"),
    ],
)
async def test_what_is_missing_is_a_warning(empty: dict[str, Any], about: str, said: str) -> None:
    """Settings without a contact, feeds or rules work, and do too little."""
    stand = Newsstand()
    stand.publish(_entry("Port reopens", timedelta(hours=1)))

    whole = await _check(_settings(), stand)
    found = await _check(_settings(**empty), stand)

    assert [(f.about, f.said) for f in found if f.verdict is Verdict.WARNING] == [(about, said)]
    assert [f for f in whole if f.verdict is Verdict.WARNING] == []


async def test_other_spellings_of_people_are_offered() -> None:
    """A name that articles spell much like a person's is shown, with how many of them do."""
    articles = [an_article(f"Azlan Maskhadof came on day {day}.") for day in range(3)]
    settings = _settings(feeds=(), people=(Person(name="Aslan Maskhadov"), Person(name="Al Ray")))
    stand = Newsstand()
    doors = Doors(fetcher=stand, parse=stand.parse, chats=(), now=NOW, articles=articles)

    found = await check(settings, [CHATTY], doors)

    assert [finding for finding in found if finding.about.startswith("person")] == [
        Finding(
            about="person Aslan Maskhadov",
            verdict=Verdict.WARNING,
            said="may be spelled Azlan Maskhadof in 3 of 3 articles",
            advice="If that is the same person, add it to aliases in people.yaml",
        )
    ]


async def test_without_articles_no_spelling_is_offered() -> None:
    """Before anything was read there is nothing to say of people."""
    found = await _check(_settings(people=(Person(name="Al Ray"),), feeds=()), Newsstand())

    assert not [finding for finding in found if finding.about.startswith("person")]


async def test_people_on_a_platform_that_is_not_set_up_are_named() -> None:
    """People named on a platform that is not set up cannot act, and that is a warning."""
    access = Access(
        grants=Grants(editors=frozenset({"chatty:U1", "pigeon:P2"})),
        channels={ChannelRef("pigeon", "loft"): Grants(admins=frozenset({"pigeon:P1"}))},
    )

    found = await _check(_settings(access=access, token="made-up"), _stand(), Inspected())
    without = await _check(_settings(access=access), _stand())

    assert [f.said for f in found if f.about == "access"] == [
        "names pigeon:P1, pigeon:P2, and pigeon is not set up"
    ]
    assert [f.verdict for f in without if f.about == "access"] == [Verdict.WARNING] * 2


# --- Feeds ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=20), "0 minutes ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
async def test_the_newest_item_is_proof_of_life(age: timedelta, said: str) -> None:
    """A feed that works is shown with its newest item, and that item's age."""
    stand = Newsstand()
    stand.publish(
        _entry("Old news", timedelta(days=9)),
        _entry("Port reopens", age),
        _entry("From tomorrow", timedelta(days=-1)),
        _entry("Undated", None),
    )

    found = await _feed(stand)

    assert found.verdict is Verdict.GOOD
    assert found.said == f"4 items, the newest {said}: Port reopens"


async def test_a_feed_without_dates_shows_its_first_item() -> None:
    """Where no item has a date, the first one stands for the newest."""
    stand = Newsstand()
    stand.publish(_entry("Port\u202e re\nopens", None), skipped=2)

    found = await _feed(stand)

    told = "1 item, the newest without a date: Port re opens (2 could not be read)"
    assert (found.verdict, found.said) == (Verdict.GOOD, told)


async def test_a_silent_feed_is_a_warning() -> None:
    """A feed whose newest item is months old has often moved."""
    stand = Newsstand()
    stand.publish(_entry("Old news", timedelta(days=61)))

    found = await _feed(stand)

    assert found.verdict is Verdict.WARNING
    assert "silent for long" in found.advice


async def test_a_feed_that_moved_for_good_is_a_warning() -> None:
    """A permanent redirect works, and the new address is named."""
    stand = Newsstand()
    stand.move("https://vale.example/new", _entry("Port reopens", timedelta(hours=1)))

    found = await _feed(stand)

    assert found.verdict is Verdict.WARNING
    assert "https://vale.example/new" in found.advice


async def test_a_feed_without_items_is_a_warning() -> None:
    """An empty feed is a feed, and suspicious."""
    stand = Newsstand()
    stand.publish()

    found = await _feed(stand)

    assert (found.verdict, found.said) == (Verdict.WARNING, "is a feed without items")


@pytest.mark.parametrize("advice", ["", "Use the address of the feed"])
async def test_a_page_that_is_no_feed_is_bad(advice: str) -> None:
    """What cannot be read as a feed is said to be none, always with something to do."""
    stand = Newsstand()
    stand.serve_nonsense(ParseError(URL, "is a web page", advice=advice))

    found = await _feed(stand)

    assert (found.verdict, found.said) == (Verdict.BAD, "is a web page")
    assert found.advice == (advice or "Open it in a browser: is it a feed, or a page about one?")


@pytest.mark.parametrize("trouble", FetchTrouble)
async def test_every_trouble_comes_with_advice(trouble: FetchTrouble) -> None:
    """Whatever keeps a feed from coming, the person is told what to do; waiting is no mistake."""
    stand = Newsstand()
    stand.answer(FetchFailure(url=URL, trouble=trouble, why="as it is", fetched_at=NOW))

    found = await _feed(stand)

    expected = Verdict.WARNING if trouble is FetchTrouble.RATE_LIMITED else Verdict.BAD
    assert (found.verdict, found.said) == (expected, f"{trouble}: as it is")
    assert found.advice


async def test_an_unchanged_feed_is_good() -> None:
    """A publisher that answers "not modified" to a first request is odd, and alive."""
    stand = Newsstand()
    stand.answer(NotModified(url=URL, fetched_at=NOW))

    assert (await _feed(stand)).verdict is Verdict.GOOD


async def test_a_paused_feed_is_left_alone() -> None:
    """A feed that rests is not fetched."""
    stand = Newsstand()
    paused = Feed(id="vale", url=URL, title="Vale", paused=True)

    found = await _check(_settings(feeds=(paused,)), stand)

    assert stand.asked == []
    assert "feed vale" in {finding.about for finding in found}


async def test_one_bad_feed_does_not_stop_the_others() -> None:
    """Each feed has its own finding, in the order of the settings."""
    stand = Newsstand()
    stand.answer(FetchFailure(url=URL, trouble=FetchTrouble.TIMEOUT, why="30 s", fetched_at=NOW))
    stand.publish(_entry("Port reopens", timedelta(hours=1)), url=f"{URL}2")
    feeds = (
        Feed(id="vale", url=URL, title="Vale"),
        Feed(id="vale2", url=f"{URL}2", title="Vale 2"),
    )

    found = await _check(_settings(feeds=feeds), stand)

    told = [(f.about, f.verdict) for f in found if f.about.startswith("feed ")]
    assert told == [("feed vale", Verdict.BAD), ("feed vale2", Verdict.GOOD)]


async def test_a_check_asks_no_more_at_once_than_polling_would() -> None:
    """The limit on fetches under way holds here too."""
    stand = Newsstand()
    urls = [f"{URL}{n}" for n in range(20)]
    for url in urls:
        stand.publish(_entry("Port reopens", timedelta(hours=1)), url=url)
    feeds = tuple(Feed(id=f"f{n}", url=url, title="") for n, url in enumerate(urls))

    await _check(_settings(feeds=feeds, poll=Poll(concurrency=3)), stand)

    assert (len(stand.asked), stand.most_together) == (20, 3)


# --- Platforms and channels -------------------------------------------------------------------


async def test_the_channels_that_rules_name_are_looked_at_once() -> None:
    """A platform with its tokens is asked about each channel that a rule names."""
    good = Finding(about="chatty:#a", verdict=Verdict.GOOD, said="we could post there")
    chat = Inspected(good)
    rules = (_rule("a", "chatty:#a", "chatty:#b"), _rule("b", "chatty:#a"))

    found = await _check(_settings(feeds=(), rules=rules, token="made-up"), Newsstand(), chat)

    assert good in found
    assert chat.looked_at == [ChannelRef("chatty", "#a"), ChannelRef("chatty", "#b")]


async def test_a_platform_without_tokens_that_rules_need_is_bad() -> None:
    """Alerts that nobody can send are a mistake, and the variables to set are named."""
    rules = (_rule("a", "chatty:#a", "chatty:#b"), _rule("b", "chatty:#a"))

    found = await _check(_settings(feeds=(), rules=rules), Newsstand())

    assert found[-1] == Finding(
        about="chatty",
        verdict=Verdict.BAD,
        said="is not set up, and the settings name 2 channels of it",
        advice="Set CHATTY_TOKEN and CHATTY_APP_TOKEN",
    )


@pytest.mark.parametrize("rules", [(), (_rule("a", "chatty:#a"),)])
async def test_a_platform_with_some_of_its_tokens_is_bad(rules: tuple[Rule, ...]) -> None:
    """Whoever set one token of two is told which is missing, also where no rule needs it yet."""
    settings = _settings(feeds=(), rules=rules, token="made-up", app_token=None)

    found = await _check(settings, Newsstand())

    assert found[-1] == Finding(
        about="chatty",
        verdict=Verdict.BAD,
        said="is set up by half",
        advice="Set CHATTY_APP_TOKEN",
    )


async def test_a_platform_that_nobody_needs_may_lack_its_tokens() -> None:
    """Who uses one platform is not told to set up the other."""
    found = await _check(_settings(feeds=(), rules=()), Newsstand())

    assert [f.verdict for f in found if f.about == "chatty"] == [Verdict.GOOD]


async def test_a_platform_that_refuses_us_is_bad() -> None:
    """What the platform says against us is passed on, with its advice."""
    chat = Inspected(ChatError("chatty", "the token was revoked", advice="Make a new one"))

    found = await _check(_settings(feeds=(), token="made-up"), Newsstand(), chat)

    assert found[-1] == Finding(
        about="chatty",
        verdict=Verdict.BAD,
        said="the token was revoked",
        advice="Make a new one",
    )


async def test_a_channel_of_an_unknown_platform_is_bad() -> None:
    """A rule that tells a platform which is not there tells nobody."""
    settings = _settings(feeds=(), rules=(_rule("a", "pigeon:loft"),))

    found = await _check(settings, Newsstand())

    assert found[-1].about == "channel pigeon:loft"
    assert found[-1].verdict is Verdict.BAD


class Directory(Inspected):
    """A chat that knows the ids of its channels."""

    def id_of(self, channel: ChannelRef) -> str | None:
        return {"#a": "C1", "C1": "C1", "#b": "C2"}.get(channel.name)


async def test_a_channel_that_is_written_in_two_ways_is_a_warning() -> None:
    """A name and an id of one channel are two channels to Redline, and that is said."""
    rules = (_rule("a", "chatty:#a", "chatty:#b", "chatty:#c"), _rule("b", "chatty:C1"))

    found = await _check(_settings(feeds=(), rules=rules, token="made-up"), _stand(), Directory())

    [twice] = [finding for finding in found if finding.about.startswith("channel")]
    assert (twice.about, twice.verdict) == ("channel chatty:#a", Verdict.WARNING)
    assert twice.said == "is chatty:C1 too"


async def test_a_channel_that_lists_of_access_write_in_another_way_is_a_warning() -> None:
    """Lists of a channel count where people ask, so they are compared with what rules write."""
    access = Access(channels={ChannelRef("chatty", "C1"): Grants()})

    found = await _check(_settings(feeds=(), access=access, token="made-up"), _stand(), Directory())

    assert [f.said for f in found if f.about.startswith("channel")] == ["is chatty:C1 too"]


def _stand() -> Newsstand:
    """A newsstand with something on it."""
    stand = Newsstand()
    stand.publish(_entry("Port reopens", timedelta(hours=1)))
    return stand

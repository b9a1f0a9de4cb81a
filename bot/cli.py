"""What each command of the command line does: settings in, the app called, the result shown."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from rich.console import Console

from bot import terminal
from bot.app import (
    chats_of,
    compiled_rules,
    fetcher_of,
    judge_of,
    menu_of,
    names_of,
    opened,
    sandbox_of,
)
from bot.archive import lines_of, read_archive
from bot.audit import json_of as json_of_change
from bot.checks import Doors
from bot.checks import check as look_at
from bot.clock import SystemClock
from bot.control import Reply, ask, socket_of
from bot.control import resume as resume_command
from bot.errors import SettingsError, StoreError
from bot.feeds.parse import parse_feed
from bot.lint import json_of as json_of_lint
from bot.lint import lint
from bot.model import (
    Article,
    Card,
    Change,
    ChannelRef,
    Fetched,
    Finding,
    ParsedFeed,
    Request,
    Rule,
    Verdict,
)
from bot.pipeline import Reader
from bot.ports import ChangeQuery, Serve
from bot.replay import Replay, Replayed, json_of
from bot.settings import Settings, config_folder, environment, load, read_duration, rules_yaml
from bot.start import served, start
from bot.store.sql import SqlStore
from bot.tryout import article_at, meant, rule_called, try_on
from bot.tryout import json_of as json_of_tryout
from handlers import PLATFORMS
from handlers.discord.invite import client_id_of, invite_url
from handlers.discord.options import DiscordOptions
from handlers.slack.manifest import manifest as slack_manifest

Command = Callable[[argparse.Namespace], int]

CHECKED = 2_000
"""So many of the newest articles are looked at for other spellings of people."""

LINTED = 10_000
"""So many of the newest articles the rules are put to, where no archive is given."""

MOST_CHANGES = 10_000
"""So many changes are shown at most."""

NOBODY = "Nobody has changed anything in chat, or was refused, as far as was asked for."


def run(given: argparse.Namespace) -> int:
    """Start the service, or the demo where there is no chat to post to."""
    start(settings_of(given), demo=given.demo)
    return 0


def check(given: argparse.Namespace) -> int:
    """Look at everything that must be right for alerts to arrive; 1 where something is not."""
    settings = settings_of(given)
    findings = asyncio.run(_findings(settings))
    terminal.show_findings(findings, Console())
    return int(any(finding.verdict is Verdict.BAD for finding in findings))


def status(given: argparse.Namespace) -> int:
    """Say how the service stands, beside a running one too."""
    settings = settings_of(given)
    asyncio.run(_status(settings))
    return 0


def resume(given: argparse.Namespace) -> int:
    """Open a parked channel: the running service does it, or this command where none runs."""
    settings = settings_of(given)
    channel = ChannelRef.parse(given.channel)
    reply = asyncio.run(_resume(settings, channel))
    print(reply.said)  # noqa: T201 - a command speaks on standard output
    return 0 if reply.ok else 1


def try_rule(given: argparse.Namespace) -> int:
    """Try one rule on one article; 1 where it does not hold."""
    settings = settings_of(given)
    return asyncio.run(_try(settings, given))


def replay(given: argparse.Namespace) -> int:
    """Run all rules over an archive and print what follows; 1 where lines were passed over."""
    settings = settings_of(given)
    replaying = Replay(judge_of(settings), time.perf_counter)
    console = Console(stderr=True)
    refusals = terminal.Refusals(given.archive, console)
    with terminal.watching("Replaying", console) as watched:
        lines = lines_of(given.archive, watched)
        for replayed in replaying.run(replaying.read(lines, refusals.tell)):
            _show_replayed(replayed, given)
    if given.stats:
        terminal.show_stats(replaying.stats, console)
    refusals.sum_up()
    return int(refusals.count > 0)


def _show_replayed(replayed: Replayed, given: argparse.Namespace) -> None:
    if given.json:
        sys.stdout.write(json_of(replayed) + "\n")
    elif any(alert.reason.posts for alert in replayed.judgement.alerts):
        terminal.show_judgement(replayed.judgement, Console())


def lint_rules(given: argparse.Namespace) -> int:
    """Say of each rule what an archive has for it; 1 where a rule is silent or needless."""
    settings = settings_of(given)
    refusals = terminal.Refusals(given.archive, Console(stderr=True))
    if given.archive:
        lines = lines_of(given.archive)
        articles: Iterable[Article] = (
            archived.article for archived in read_archive(lines, refusals.tell)
        )
    elif settings.database.exists():
        articles = asyncio.run(_newest(settings, LINTED))
    else:
        advice = "Give --archive ARTICLES.jsonl, or start the service with redline run"
        raise StoreError(str(settings.database), "is not there yet", advice=advice)
    report = lint(compiled_rules(settings), articles)
    if given.json:
        print(json_of_lint(report))  # noqa: T201 - a command speaks on standard output
    else:
        terminal.show_lint(report, Console())
    refusals.sum_up()
    return int(bool(report.silent or report.shadows or refusals.count))


def export_rules(given: argparse.Namespace) -> int:
    """Print the rules that were written in chat as a rules.yaml."""
    rules = asyncio.run(_kept_rules(settings_of(given)))
    here = [rule for rule in rules if given.workspace in {None, rule.workspace}]
    sys.stdout.write(rules_yaml(here))
    return 0


def audit(given: argparse.Namespace) -> int:
    """Print who decided what in chat, the newest last; 1 where there was more than is shown."""
    since = read_duration(given.since) if given.since else None
    changes = asyncio.run(_changes(settings_of(given), since, given.subject))
    for change in reversed(changes):
        if given.json:
            sys.stdout.write(json_of_change(change) + "\n")
        else:
            terminal.show_change(change, Console())
    if not changes and not given.json:
        terminal.say(NOBODY, Console(stderr=True))
    if len(changes) < MOST_CHANGES:
        return 0
    terminal.say(
        f"Only the newest {MOST_CHANGES:,} are shown; --since shows fewer.", Console(stderr=True)
    )
    return 1


def manifest(given: argparse.Namespace) -> int:
    """Print the Slack app manifest to paste, with the commands as the settings name them."""
    print(slack_manifest(menu=menu_of(settings_of(given))))  # noqa: T201 - a command speaks on standard output
    return 0


def invite(given: argparse.Namespace) -> int:
    """Print the link that invites the Discord bot."""
    settings = settings_of(given)
    token = settings.platforms.of("discord", DiscordOptions).token
    client_id = given.client_id or (client_id_of(token) if token else None)
    if client_id is None:
        raise SettingsError(
            "DISCORD_TOKEN",
            "is not set, so the application's id is not known",
            advice="Set it in .env, or give --client-id ID from the application's page",
        )
    if not client_id.isdecimal():
        advice = "Give the number that the application's page shows as APPLICATION ID"
        raise SettingsError("--client-id", "is not the id of an application", advice=advice)
    print(invite_url(client_id))  # noqa: T201 - a command speaks on standard output
    return 0


def settings_of(given: argparse.Namespace) -> Settings:
    """Load the settings that the arguments and the environment name."""
    variables = environment(Path.cwd())
    return load(config_folder(getattr(given, "config", None), variables), variables, PLATFORMS)


async def _nobody_asks(_request: Request) -> Card:
    """Answer presses while `redline check` looks: it listens to none."""
    return Card(title="Redline is only looking")


async def _findings(settings: Settings) -> Sequence[Finding]:
    clock = SystemClock()
    fetcher, sandbox = fetcher_of(settings, clock), sandbox_of()

    async def parse(fetched: Fetched) -> ParsedFeed:
        return await sandbox.run(parse_feed, fetched.body, fetched.content_type, fetched.final_url)

    async with opened(fetcher, sandbox):
        serve = Serve(answer=_nobody_asks, clock=clock, groups=settings.access.named())
        chats = chats_of(settings, PLATFORMS, serve)
        articles = await _newest(settings, CHECKED) if settings.people else ()
        doors = Doors(fetcher=fetcher, parse=parse, chats=chats, now=clock.now(), articles=articles)
        return await look_at(settings, PLATFORMS, doors)


async def _newest(settings: Settings, limit: int) -> Sequence[Article]:
    """Return the newest articles of the database; none where there is no database yet."""
    if not settings.database.exists():
        return ()
    store = SqlStore(settings.database, settings.delivery, settings.channels, read_only=True)
    async with opened(store):
        return (await store.latest(None, limit, None)).articles


@asynccontextmanager
async def _looking(settings: Settings) -> AsyncIterator[SqlStore]:
    """Open the database for looking, beside a running service too."""
    _must_exist(settings.database)
    store = SqlStore(settings.database, settings.delivery, settings.channels, read_only=True)
    async with opened(store):
        yield store


def _must_exist(database: Path) -> None:
    if not database.exists():
        advice = "Start the service with redline run; it makes the file"
        raise StoreError(str(database), "is not there yet", advice=advice)


async def _kept_rules(settings: Settings) -> Sequence[Rule]:
    async with _looking(settings) as store:
        return await store.kept_rules()


async def _changes(settings: Settings, span: timedelta | None, subject: str) -> Sequence[Change]:
    since = SystemClock().now() - span if span else None
    async with _looking(settings) as store:
        return await store.changes(ChangeQuery(subject=subject, since=since, limit=MOST_CHANGES))


async def _status(settings: Settings) -> None:
    async with _looking(settings) as store:
        tally = await store.tally()
    terminal.show_tally(tally, SystemClock().now(), served(settings), Console())


async def _resume(settings: Settings, channel: ChannelRef) -> Reply:
    """Have the running service open the channel, or write to the database where none runs."""
    reply = await ask(socket_of(settings.database), "resume", [str(channel)])
    if reply is not None:
        return reply
    _must_exist(settings.database)
    store = SqlStore(settings.database, settings.delivery, settings.channels)
    async with opened(store):
        return await resume_command(store, SystemClock(), lambda: None).run([str(channel)])


async def _try(settings: Settings, given: argparse.Namespace) -> int:
    clock = SystemClock()
    fetcher, sandbox = fetcher_of(settings, clock, given.article), sandbox_of()
    async with opened(fetcher, sandbox):
        article = await article_at(given.article, Reader(fetcher, sandbox), clock.now())
    trial = try_on(rule_called(given.rule, settings.rules), names_of(settings), article)
    name = meant(given.rule, settings.rules)
    if name:
        hint = f"No rule is called {given.rule}, so it was read as words. Did you mean {name}?"
        terminal.say(hint, Console(stderr=True))
    if given.json:
        print(json_of_tryout(trial))  # noqa: T201 - a command speaks on standard output
    else:
        terminal.show_trial(trial, Console())
    return 0 if trial.holds else 1


COMMANDS: Final[Mapping[str, Command]] = {
    "run": run,
    "check": check,
    "status": status,
    "resume": resume,
    "try": try_rule,
    "replay": replay,
    "rules lint": lint_rules,
    "rules export": export_rules,
    "audit": audit,
    "manifest": manifest,
    "invite": invite,
}
"""What each command does, by its name; `version` needs nothing of all this."""

"""The log: one honest line an event, and never a secret."""

from __future__ import annotations

import ast
import io
import json
import logging
import re
import string
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot import logs
from bot.logs import LogFormat, LogLevel, LogPolicy, holds_token, redact, set_up
from bot.model import Secret


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Put the process's logging back, which the tests replace."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _log(
    written: LogFormat = LogFormat.JSON, *secrets: str, level: LogLevel = LogLevel.INFO
) -> io.StringIO:
    """Set logging up, and return where it goes."""
    stream = io.StringIO()
    set_up(LogPolicy(level=level, format=written), stream, [Secret(value) for value in secrets])
    return stream


def _events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


# --- Form -------------------------------------------------------------------------------------


def test_an_event_is_one_line_of_json() -> None:
    """Where no person looks on, an event is one JSON object with time, level and logger."""
    stream = _log()

    structlog.get_logger("bot.feeds").info("feed polled", feed="un-news", new=3)

    [event] = _events(stream)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "feed polled",
        "feed": "un-news",
        "level": "info",
        "logger": "bot.feeds",
        "new": 3,
    }


def test_a_terminal_gets_lines_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal an event is a line to read, in colour; elsewhere auto is JSON."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, file = Terminal(), io.StringIO()

    set_up(LogPolicy(), terminal)
    structlog.get_logger("bot").warning("feed failed", feed="un-news")
    set_up(LogPolicy(), file)
    structlog.get_logger("bot").warning("feed failed", feed="un-news")

    assert "feed failed" in terminal.getvalue()
    assert "\x1b[" in terminal.getvalue()
    assert _events(file)[0]["feed"] == "un-news"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_without_colours_gets_none(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_COLOR and a terminal that knows no colours are heeded, and the lines stay for people."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    terminal = Terminal()

    set_up(LogPolicy(), terminal)
    structlog.get_logger("bot").warning("feed failed", feed="un-news")

    assert "feed failed" in terminal.getvalue()
    assert "\x1b" not in terminal.getvalue()


def test_lines_for_people_have_no_colour_in_a_file() -> None:
    """A person who asks for human lines in a file gets plain text."""
    stream = _log(LogFormat.HUMAN)

    structlog.get_logger("bot").info("feed polled", feed="un-news")

    assert "\x1b" not in stream.getvalue()
    assert "feed polled" in stream.getvalue()


def test_what_is_less_important_is_not_written() -> None:
    """The level decides, for our events and for those of libraries."""
    stream = _log(level=LogLevel.WARNING)

    structlog.get_logger("bot").info("quiet")
    logging.getLogger("somebody").info("quiet")
    structlog.get_logger("bot").warning("loud")

    assert [event["event"] for event in _events(stream)] == ["loud"]


def test_libraries_speak_through_the_same_log() -> None:
    """What discord.py or slack_sdk log is an event like ours, with their arguments filled in."""
    stream = _log()

    logging.getLogger("slack_sdk.web").warning("failed after %d tries: %s", 3, "timeout")
    logging.getLogger("discord.gateway").info("shard %s connected", 0)

    assert [(e["logger"], e["level"], e["event"]) for e in _events(stream)] == [
        ("slack_sdk.web", "warning", "failed after 3 tries: timeout")
    ]


def test_talkative_libraries_are_heard_when_debugging() -> None:
    """At debug, everything is written."""
    stream = _log(level=LogLevel.DEBUG)

    logging.getLogger("discord.gateway").debug("shard %s connected", 0)

    assert [event["event"] for event in _events(stream)] == ["shard 0 connected"]


def test_warnings_of_python_are_logged() -> None:
    """A warning of a library does not go past the log."""
    stream = _log()

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("token=made-up-secret is deprecated", DeprecationWarning, stacklevel=1)

    assert "is deprecated" in stream.getvalue()
    assert "made-up-secret" not in stream.getvalue()


def test_setting_up_twice_writes_once() -> None:
    """A second set-up replaces the first."""
    first, second = _log(), _log()

    structlog.get_logger("bot").info("once")

    assert first.getvalue() == ""
    assert len(_events(second)) == 1


@pytest.mark.parametrize("written", [LogFormat.HUMAN, LogFormat.JSON])
def test_an_exception_is_told_whole(written: LogFormat) -> None:
    """A traceback keeps its lines, and the values of variables are no part of it."""
    stream = _log(written)

    def read(password: str) -> None:
        try:
            int(password)
        except ValueError:
            structlog.get_logger("bot").exception("poll failed")
            logging.getLogger("library").exception("poll failed")
            raise

    with pytest.raises(ValueError, match="invalid literal"):
        read("rose" + "bud")

    assert stream.getvalue().count("Traceback (most recent call last)") == 2
    assert "password = " not in stream.getvalue()


@pytest.mark.parametrize("written", [LogFormat.HUMAN, LogFormat.JSON])
@pytest.mark.parametrize("odd", ["\n", "\r", "\x1b[31m", "\x00", "\u202e", "\u2028", "\x9b"])
def test_a_title_cannot_forge_a_line(written: LogFormat, odd: str) -> None:
    """Text of a publisher stays within its event: no new line, no terminal command, no turning."""
    stream = _log(written)

    structlog.get_logger("bot").info(f"read {odd}title", title=f"a{odd}b", **{f"k{odd}": 1})

    assert stream.getvalue().count("\n") == 1
    assert odd not in stream.getvalue()[:-1]


def _event_names() -> list[tuple[str, str]]:
    """Return each name that the service gives an event, with the file that does."""
    house = Path(logs.__file__).parent
    calls = [
        (path.name, node)
        for path in sorted(house.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"debug", "info", "warning", "error", "exception"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "_log"}
    ]
    return [
        (name, part.value)
        for name, call in calls
        for part in ast.walk(call.args[0])
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


def test_events_are_named_in_words() -> None:
    """Every event of the service is a few small words, so that one search finds its kind."""
    names = _event_names()

    assert len(names) > 30
    assert [name for name in names if not re.fullmatch(r"[a-z]+( [a-z]+){0,5}", name[1])] == []


# --- Secrets ----------------------------------------------------------------------------------

# Each with the part of it that must not be seen; all of them are made up.
SECRETS = {
    "slack bot token": ("xoxb-111111111111-222222222222-AbCdEfGhIjKl", "AbCdEfGhIjKl"),
    "slack rotated token": ("xoxe.xoxp-1-MadeUpRotatedToken", "MadeUpRotatedToken"),
    "slack app token": ("xapp-1-A0000-1111-abcdef0123456789", "abcdef0123456789"),
    "slack cookie": ("xoxd-Made%2BUp%2FCookie%3D", "Cookie"),
    "discord token": (
        "MTE4NzUwMDAwMDAwMDAwMDAw.GabcdE.0123456789abcdefghijABCDEFGHIJ_-",
        "0123456789abcdefghijABCDEFGHIJ_-",
    ),
    "discord token of a person": ("mfa.MadeUpMadeUpMadeUpMade", "MadeUpMadeUp"),
    "slack webhook": ("https://hooks.slack.com/services/T00/B00/MadeUpHook", "MadeUpHook"),
    "slack response address": ("https://hooks.slack.com/actions/T0/1/MadeUpHook", "MadeUpHook"),
    "discord webhook": ("https://discord.com/api/webhooks/118750/Made-Up_Hook", "Made-Up_Hook"),
    "discord webhook v10": ("https://discordapp.com/api/v10/webhooks/1/MadeUpHook", "MadeUpHook"),
    "discord interaction": (
        "https://discord.com/api/v10/interactions/1/MadeUpReply/callback",
        "MadeUpReply",
    ),
    "bearer": ("Authorization: Bearer made-up-value", "made-up-value"),
    "basic": ("authorization=Basic bWFkZTp1cA==", "bWFkZTp1cA"),
    "bot header": ("{'Authorization': 'Bot made-up-value'}", "made-up-value"),
    "bearer alone": ("sent Bearer abcdefghij0123456789", "abcdefghij0123456789"),
    "userinfo": ("https://ana:made-up@feeds.example/x", "made-up"),
    "userinfo with at": ("https://ana:made@up-word@feeds.example/x", "up-word"),
    "dsn": ("postgresql+asyncpg://redline:made-up@db.example/redline", "made-up"),
    "query": ("https://feeds.example/x?a=1&api_key=made-up&b=2", "made-up"),
    "query key": ("https://feeds.example/x?key=made-up&b=2", "made-up"),
    "query token": ("https://feeds.example/x?token=made-up#top", "made-up"),
    "socket ticket": ("wss://wss.example/link/?ticket=made-up&app_id=1", "made-up"),
    "json": ('{"client_secret": "made-up", "id": 1}', "made-up"),
    "assignment": ("SLACK_SIGNING_SECRET=made-up", "made-up"),
    "keyword": ("password = 'made-up'", "made-up"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_what_looks_like_a_secret_is_unreadable(name: str) -> None:
    """Tokens, webhook addresses, credentials in addresses and headers are made unreadable."""
    text, hidden = SECRETS[name]

    said = redact(f"before {text} after")

    assert hidden not in said
    assert said.startswith("before ")
    assert "after" in said


@pytest.mark.parametrize(
    "text",
    [
        "https://news.example/2026/03/02/red-line?page=2&lang=en",
        "The secretary said the tokens of peace were few: authorities agreed.",
        "rules.yaml:3:11: rules[1].when expected a term",
        "slack:#mideast-desk and discord:1187500000000000000",
        "press@example.org wrote at 10:42",
        "bot.example.org.very-long-label-of-a-host-name.example",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    """Ordinary text, addresses, channels and hashes are left as they are."""
    assert redact(text) == text


def test_tokens_are_known_from_addresses() -> None:
    """Only tokens and webhooks count as tokens: a password in an address is another matter."""
    assert holds_token(SECRETS["slack bot token"][0])
    assert holds_token(SECRETS["discord webhook"][0])
    assert not holds_token(SECRETS["userinfo"][0])
    assert not holds_token("a rule about secrets and tokens")


class _Request:
    """An object of a library, whose description has a secret in it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"<Request {self._text}>"


def _ours() -> Any:
    return structlog.get_logger("bot")


def _in_context(text: str) -> None:
    with structlog.contextvars.bound_contextvars(about=text):
        _ours().info("sending")


def _in_exception(text: str) -> None:
    _ours().error("sending", exc_info=RuntimeError(f"no answer from {text}"))


def _in_raised_exception(text: str) -> None:
    try:
        json.loads(f"[{text}")
    except ValueError as cause:
        _ours().error("sending", exc_info=ConnectionError(text, cause))


def _theirs(message: str) -> None:
    logging.getLogger("library").warning(message)


def _in_their_exception(text: str) -> None:
    logging.getLogger("library").warning("sending", exc_info=RuntimeError(text))


# A text logged in each of the places that a log has.
PLACES: dict[str, Callable[[str], None]] = {
    "event": lambda text: _ours().info(f"sending {text}"),
    "value": lambda text: _ours().info("sending", about=text),
    "nested": lambda text: _ours().info("sending", about={"h": [("x", text)], text: {text}}),
    "object": lambda text: _ours().info("sending", about=_Request(text)),
    "bytes": lambda text: _ours().info("sending", about=text.encode()),
    "key": lambda text: _ours().info("sending", **{text: 1}),
    "context": _in_context,
    "exception": _in_exception,
    "raised exception": _in_raised_exception,
    "their message": lambda text: _theirs(f"sending {text}"),
    "their argument": lambda text: logging.getLogger("library").warning("sending %s", text),
    "their exception": _in_their_exception,
}


@pytest.mark.parametrize("written", [LogFormat.HUMAN, LogFormat.JSON])
@pytest.mark.parametrize("where", PLACES)
def test_a_planted_secret_never_appears(where: str, written: LogFormat) -> None:
    """No place of an event, ours or a library's, lets any kind of secret through."""
    stream = _log(written)

    for text, hidden in SECRETS.values():
        before = len(stream.getvalue())
        PLACES[where](text)
        told = stream.getvalue()[before:]

        assert "sending" in told
        assert hidden not in told


_ALPHABET = string.ascii_letters + string.digits + "-_+/=."


@given(
    value=st.text(_ALPHABET, min_size=8, max_size=40),
    before=st.text(max_size=10),
    after=st.text(max_size=10),
    where=st.sampled_from(sorted(PLACES)),
    written=st.sampled_from([LogFormat.HUMAN, LogFormat.JSON]),
)
def test_a_token_that_we_hold_never_appears(
    value: str, before: str, after: str, where: str, written: LogFormat
) -> None:
    """Our own tokens are blacked out by value, whatever they look like and stand in."""
    stream = _log(written, value)

    PLACES[where](f"{before} {value} {after}")

    assert value not in stream.getvalue()


@pytest.mark.parametrize("key", ["token", "bot_token", "Authorization", "client_secret", "cookie"])
def test_a_value_under_a_telling_name_is_unreadable(key: str) -> None:
    """What is logged as a token is not shown, even where it looks like nothing."""
    stream = _log()

    structlog.get_logger("bot").info("connecting", options={key: "rosebud"}, **{key: "rosebud"})

    assert "rosebud" not in stream.getvalue()


@given(text=st.text())
def test_making_unreadable_twice_changes_nothing(text: str) -> None:
    """Text that was redacted once may be redacted again."""
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "piece", ["a", "a-", "a_", "a.", "x", "://", "@", "token", "=", "a://b", "&"]
)
def test_long_text_is_read_in_time(piece: str) -> None:
    """A library that logs a whole body costs no more than reading it: no pattern goes back far."""
    text = piece * 100_000

    assert len(redact(text)) <= len(text)

"""The log: lines for people on a terminal, JSON elsewhere, and never a secret.

Everything that is logged passes one redactor, whoever logs it: our own events and those that
discord.py, slack_sdk and aiohttp send through the standard library.
"""

from __future__ import annotations

import enum
import logging
import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import structlog
from rich.console import Console
from structlog.typing import Processor

from bot.model import Secret

_GONE = "***"


class LogLevel(enum.StrEnum):
    """The least important events that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(enum.StrEnum):
    """How an event is written; `auto` is for people on a terminal and JSON elsewhere."""

    AUTO = "auto"
    HUMAN = "human"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPolicy:
    """What is written to the log, and how."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.AUTO


# --- What a secret looks like -----------------------------------------------------------------

_TELLING_NAME = (
    r"(?:[a-z0-9]{1,30}[_-]){0,5}(?:token|secret|passwords?|passwd|pwd|passphrase|api[_-]?key|access[_-]?key"
    r"|private[_-]?key|auth|signature|sig|ticket|credentials?|session|cookie|hmac|jwt)"
)

# Each pattern with what is left of the text it finds.
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    # https://docs.slack.dev/authentication/tokens
    (re.compile(r"x(?:ox[a-z]|app)(?:\.xox[a-z])?-[\w%+/=-]+"), _GONE),
    # https://docs.discord.com/developers/reference#authentication: three parts in base64url, the
    # first of them the bot's id.
    (re.compile(r"(?<![\w-])[\w-]{18,}\.[\w-]{5,8}\.[\w-]{25,}"), _GONE),
    (re.compile(r"mfa\.[\w-]{20,}"), _GONE),
    # Incoming webhooks and response addresses of Slack, webhooks and interactions of Discord: the
    # address itself is the secret.
    (re.compile(r"(hooks\.slack(?:-gov)?\.com/)[^\s\"'<>]+"), rf"\1{_GONE}"),
    (re.compile(r"(/(?:webhooks|interactions)/)\d+/[^\s\"'<>]+"), rf"\1{_GONE}"),
    # The name and password in an address, a data source name included.
    (
        re.compile(r"((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://)[^\s/?#\"'<>]*@", re.IGNORECASE),
        rf"\1{_GONE}@",
    ),
    # `Authorization: Bearer …`, as a header, in a mapping, in a message.
    (
        re.compile(
            r"(authorization[\"']?\s*[:=,]\s*[\"']?)[^\s\"',;}]+(?:\s+[^\s\"',;}]+)?", re.IGNORECASE
        ),
        rf"\1{_GONE}",
    ),
    (re.compile(r"\b((?:bearer|basic|bot)\s+)[\w.~+/=-]{16,}", re.IGNORECASE), rf"\1{_GONE}"),
    # `?token=…`, `password=…`, `"client_secret": "…"`.
    (
        re.compile(
            rf"(\b{_TELLING_NAME}(?:\"|')?\s*[=:]\s*[bu]?[\"']?)[^\s&#\"',;}})]+", re.IGNORECASE
        ),
        rf"\1{_GONE}",
    ),
    (re.compile(r"([?&](?:key|code|k)=)[^\s&#\"']+", re.IGNORECASE), rf"\1{_GONE}"),
)
_TOKENS = tuple(shape for shape, _ in _SHAPES[:5])
_TELLING_KEY = re.compile(rf"(?:{_TELLING_NAME}|authorization)", re.IGNORECASE)
# C0, C1 and the marks that turn the direction of text: one event is one honest line.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def redact(text: str) -> str:
    """Return the text with everything in it that looks like a secret made unreadable."""
    for shape, left in _SHAPES:
        text = shape.sub(left, text)
    return text


def holds_token(text: str) -> bool:
    """Whether a token or a webhook address of a chat platform stands in the text."""
    return any(shape.search(text) for shape in _TOKENS)


def tells_secret(name: str) -> bool:
    """Whether what stands under a name is a secret by that name: `token`, `bot_password`."""
    return _TELLING_KEY.fullmatch(name) is not None


def visible(text: str) -> str:
    """Return the text as one honest line: what would break, turn or colour it is spelled out."""
    return _UNSAFE.sub(lambda odd: ascii(odd.group())[1:-1], text)


class _Redactor:
    """A processor that lets no secret through, by shape or by value, in any part of an event."""

    _PLAIN = (bool, int, float, type(None))
    # These are rendered as several lines on purpose.
    _LONG = frozenset({"exception", "stack"})

    def __init__(self, secrets: Sequence[Secret]) -> None:
        values = sorted({s.reveal() for s in secrets if s.reveal()}, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, values))) if values else None

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Clean one event; what structlog itself put into it (`_record`) stays as it is."""
        return {
            key if key.startswith("_") else self._line(key): value
            if key.startswith("_")
            else self._value(key, value)
            for key, value in event.items()
        }

    def _value(self, key: str, value: Any) -> Any:
        if tells_secret(key):
            return _GONE
        if isinstance(value, self._PLAIN):
            return value
        if isinstance(value, Mapping):
            return {self._line(str(k)): self._value(str(k), v) for k, v in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._value("", item) for item in value]
        text = value if isinstance(value, str) else repr(value)
        return self._text(text) if key in self._LONG else self._line(text)

    def _text(self, text: str) -> str:
        known = self._values.sub(_GONE, text) if self._values else text
        return redact(known)

    def _line(self, text: str) -> str:
        return visible(self._text(text))


# --- Setting up -------------------------------------------------------------------------------

# These tell of every frame and every reconnect at `info`.
_TALKATIVE = ("discord", "slack_bolt", "slack_sdk", "aiohttp", "asyncio", "trafilatura")


def set_up(policy: LogPolicy, stream: TextIO, secrets: Sequence[Secret] = ()) -> None:
    """Send all logging of this process to `stream`, replacing what was set up before.

    Args:
        policy: the least level, and the form.
        stream: where lines go; standard error, so that standard output is the command's own.
        secrets: values that are made unreadable wherever they occur, whatever they look like.
    """
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _Redactor(secrets),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *chain,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(policy.format, stream),
            ],
        )
    )
    _route_everything_to(handler, getattr(logging, policy.level.upper()))


def _renderer(written: LogFormat, stream: TextIO) -> Processor:
    on_terminal = stream.isatty()
    if written is LogFormat.JSON or (written is LogFormat.AUTO and not on_terminal):
        return structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False)
    # rich knows what asks for no colours: NO_COLOR (https://no-color.org), and terminals without.
    terminal = Console(file=stream)
    return structlog.dev.ConsoleRenderer(
        colors=on_terminal and terminal.color_system is not None and not terminal.no_color,
        exception_formatter=structlog.dev.plain_traceback,
    )


def _route_everything_to(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    quiet = level if level == logging.DEBUG else max(level, logging.WARNING)
    for name in _TALKATIVE:
        talkative = logging.getLogger(name)
        talkative.handlers.clear()
        talkative.setLevel(quiet)
        talkative.propagate = True
    logging.captureWarnings(capture=True)

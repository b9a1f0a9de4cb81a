"""Fetching feeds and pages: polite to publishers, deaf to tricks, and never an exception.

Redirects are followed here and not by aiohttp, because each hop has to pass the same checks as the
first address, and because whether a feed has moved for good depends on the whole chain.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.errors import AddressRefusedError
from bot.feeds.guard import (
    NOT_PUBLIC,
    WEB_PORTS,
    Network,
    socket_factory,
    url_fault,
    without_credentials,
)
from bot.feeds.headers import (
    basic_auth,
    has_credentials,
    host_key,
    plain,
    read_max_age,
    read_retry_after,
    seconds,
    shown,
    status_said,
)
from bot.feeds.lanes import Lanes
from bot.feeds.unpack import UnpackError, is_packed, unpacker
from bot.model import Fetched, FetchFailure, FetchResult, FetchTrouble, NotModified
from bot.ports import Clock, Wanted

_MEBIBYTE = 1 << 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_BUSY = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """How Redline behaves towards publishers, and what it takes from them.

    `user_agent` says who we are and where to complain. `allowed` are the networks that may be
    reached although they are not public. `connect`, `read` and `total` are seconds: to connect,
    name look-up included; between two pieces of an answer; and for the whole, redirects included.
    The sizes are bytes: `max_wire` as they arrive where they are packed, `max_decoded` as they are
    read.
    """

    user_agent: str
    allowed: tuple[Network, ...] = ()
    ports: frozenset[int] = WEB_PORTS
    per_host: int = 2
    concurrency: int = 32
    connect: float = 10.0
    read: float = 10.0
    total: float = 30.0
    max_wire: int = 10 * _MEBIBYTE
    max_decoded: int = 15 * _MEBIBYTE
    max_redirects: int = 5


class _TroubleError(Exception):
    """A fetch brings no body; it becomes a FetchFailure before it leaves this file."""

    def __init__(
        self,
        trouble: FetchTrouble,
        why: str,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(why)
        self.trouble = trouble
        self.why = why
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class _Trail:
    """The way of one fetch: where it stands, where it was, and what it may still spend."""

    wanted: Wanted
    url: URL
    seconds_left: float
    authorization: str | None = None
    seen: frozenset[URL] = frozenset()
    permanent: bool = True

    @property
    def moved_to(self) -> str | None:
        """The address to use from now on, where every hop of the way was permanent.

        A feed with credentials is never moved: they belong to the address they were given for.
        """
        moved = self.seen and self.permanent and not has_credentials(self.wanted.url)
        return str(self.url) if moved else None


class WebFetcher:
    """The door to publishers; it follows `bot.ports.Fetcher`."""

    def __init__(
        self, policy: FetchPolicy, clock: Clock, *, resolver: AbstractResolver | None = None
    ) -> None:
        """Make a fetcher; `resolver` looks names up in another way than the system's."""
        self._policy = policy
        self._clock = clock
        self._resolver = resolver
        self._lanes = Lanes(policy.concurrency, policy.per_host)
        self._resting: dict[str, datetime] = {}
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make ready to fetch."""
        connector = aiohttp.TCPConnector(
            limit=0,  # The lanes limit, so that waiting for a place spends no timeout.
            ttl_dns_cache=10,
            resolver=self._resolver,
            socket_factory=socket_factory(self._policy.allowed, self._policy.ports),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "User-Agent": self._policy.user_agent,
                "Accept-Encoding": "gzip, deflate, br",
            },
        )

    async def close(self) -> None:
        """Hang up; may be called more than once."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(self, wanted: Wanted) -> FetchResult:
        """Fetch one resource; trouble is a value, never an exception."""
        try:
            trail = self._start(wanted)
            while True:
                step = await self._hop(trail)
                if not isinstance(step, _Trail):
                    return step
                trail = step
        except _TroubleError as trouble:
            return FetchFailure(
                url=shown(wanted.url),
                trouble=trouble.trouble,
                why=trouble.why,
                fetched_at=self._clock.now(),
                status=trouble.status,
                retry_after=trouble.retry_after,
            )

    def _start(self, wanted: Wanted) -> _Trail:
        try:
            url = URL(wanted.url)
            authorization = basic_auth(url)
        except ValueError:
            raise _TroubleError(FetchTrouble.BAD_URL, "the address cannot be read") from None
        fault = url_fault(url, self._policy.allowed, self._policy.ports)
        if fault is not None:
            raise _TroubleError(FetchTrouble.BAD_URL, fault)
        return _Trail(wanted, without_credentials(url), self._policy.total, authorization)

    async def _hop(self, trail: _Trail) -> FetchResult | _Trail:
        """Ask once; return the answer, or the trail with the next address to ask."""
        host = host_key(trail.url)
        loop = asyncio.get_running_loop()
        async with self._lanes.enter(host):
            self._refuse_resting(host)
            started = loop.time()
            step = await self._ask(trail)
        if isinstance(step, _Trail):
            return replace(step, seconds_left=trail.seconds_left - (loop.time() - started))
        return step

    async def _ask(self, trail: _Trail) -> FetchResult | _Trail:
        assert self._session is not None, "open() comes first"
        if trail.seconds_left <= 0:
            raise _TroubleError(FetchTrouble.TIMEOUT, self._too_slow())
        try:
            async with self._session.get(
                trail.url,
                headers=_headers(trail),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=trail.seconds_left,
                    connect=self._policy.connect,
                    sock_connect=self._policy.connect,
                    sock_read=self._policy.read,
                ),
            ) as response:
                return await self._answer(trail, response)
        except TimeoutError:
            raise _TroubleError(FetchTrouble.TIMEOUT, self._too_slow()) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            _raise_trouble(error)

    async def _answer(
        self, trail: _Trail, response: aiohttp.ClientResponse
    ) -> FetchResult | _Trail:
        status = response.status
        if status in _REDIRECTS:
            return self._follow(trail, status, response.headers.get("Location", ""))
        if status == 304 and (trail.wanted.etag or trail.wanted.last_modified):
            return NotModified(
                url=shown(trail.wanted.url),
                fetched_at=self._clock.now(),
                max_age=read_max_age(response.headers),
                moved_to=trail.moved_to,
            )
        if status in _BUSY:
            self._rest(trail, response)
        if not 200 <= status < 300:
            raise _TroubleError(
                FetchTrouble.STATUS, status_said(response.status, response.headers), status=status
            )
        return await self._fetched(trail, response)

    async def _fetched(self, trail: _Trail, response: aiohttp.ClientResponse) -> Fetched:
        return Fetched(
            url=shown(trail.wanted.url),
            final_url=str(trail.url),
            status=response.status,
            content_type=plain(response.headers, "Content-Type") or "",
            body=await self._body(response),
            fetched_at=self._clock.now(),
            etag=plain(response.headers, "ETag"),
            last_modified=plain(response.headers, "Last-Modified"),
            max_age=read_max_age(response.headers),
            moved_to=trail.moved_to,
        )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """Read the body, counting what arrives and what it unpacks to."""
        coding = response.headers.get("Content-Encoding", "")
        most = self._policy.max_wire if is_packed(coding) else self._policy.max_decoded
        if (response.content_length or 0) > most:
            raise _too_large(most)
        body = bytearray()
        wire = 0
        try:
            unpack = unpacker(coding)
            async for chunk in response.content.iter_any():
                wire += len(chunk)
                for piece in unpack.feed(chunk) if wire <= most else ():
                    body += piece
                    if len(body) > self._policy.max_decoded:
                        raise _too_large(self._policy.max_decoded)
                if wire > most:
                    raise _too_large(most)
            unpack.finish()
        except UnpackError as error:
            raise _TroubleError(FetchTrouble.BROKEN, f"the answer is broken: {error}") from None
        return bytes(body)

    def _follow(self, trail: _Trail, status: int, location: str) -> _Trail:
        """Return the trail one hop further.

        Credentials stay with the origin they were given for; those in a redirect are dropped.
        """
        try:
            url = without_credentials(trail.url.join(URL(location.strip())))
        except ValueError:
            url = URL()
        fault = url_fault(url, self._policy.allowed, self._policy.ports)
        if fault is not None or not location.strip():
            raise _TroubleError(
                FetchTrouble.REDIRECTS, f"it redirects to nowhere: {fault or 'no address is given'}"
            )
        if trail.url.scheme == "https" and url.scheme == "http":
            raise _TroubleError(
                FetchTrouble.REDIRECTS, "it redirects from https to http, which anyone can change"
            )
        seen = trail.seen | {trail.url}
        if url in seen:
            raise _TroubleError(FetchTrouble.REDIRECTS, "it redirects in a circle")
        if len(seen) > self._policy.max_redirects:
            raise _TroubleError(
                FetchTrouble.REDIRECTS,
                f"it redirects more than {self._policy.max_redirects} times",
            )
        same_origin = url.origin() == trail.url.origin()
        return replace(
            trail,
            url=url,
            authorization=trail.authorization if same_origin else None,
            seen=seen,
            permanent=trail.permanent and status in _PERMANENT,
        )

    def _refuse_resting(self, host: str) -> None:
        """Keep away from a host that has asked to be left alone."""
        until = self._resting.get(host)
        if until is None:
            return
        left = until - self._clock.now()
        if left <= timedelta(0):
            del self._resting[host]
            return
        raise _TroubleError(
            FetchTrouble.RATE_LIMITED,
            f"the publisher asked to be left alone for another {seconds(left)}",
            retry_after=left,
        )

    def _rest(self, trail: _Trail, response: aiohttp.ClientResponse) -> NoReturn:
        """Remember what a busy publisher asked for, for all its feeds."""
        now = self._clock.now()
        rest = read_retry_after(response.headers, now)
        if rest is not None:
            self._resting[host_key(trail.url)] = now + rest
        asked = "" if rest is None else f" and asks to be left alone for {seconds(rest)}"
        raise _TroubleError(
            FetchTrouble.RATE_LIMITED,
            f"{status_said(response.status, response.headers)}{asked}",
            status=response.status,
            retry_after=rest,
        )

    def _too_slow(self) -> str:
        return f"the publisher did not answer in full within {self._policy.total:g} seconds"


def _headers(trail: _Trail) -> dict[str, str]:
    wanted = trail.wanted
    named = {
        "Accept": wanted.accept,
        "Authorization": trail.authorization,
        "If-None-Match": wanted.etag,
        "If-Modified-Since": wanted.last_modified,
    }
    return {name: text for name, text in named.items() if text}


def _too_large(most: int) -> _TroubleError:
    return _TroubleError(
        FetchTrouble.TOO_LARGE, f"the answer is larger than {most // _MEBIBYTE} MiB"
    )


def _raise_trouble(error: Exception) -> NoReturn:
    """Turn what aiohttp raised into words; its own may hold the address with all that is in it."""
    if isinstance(error, aiohttp.ClientConnectorError) and _was_refused(error):
        raise _TroubleError(FetchTrouble.REFUSED_ADDRESS, _reason(error)) from None
    trouble, why = next((t, why) for kind, t, why in _ERRORS if isinstance(error, kind))
    raise _TroubleError(trouble, why) from None


def _reason(error: aiohttp.ClientConnectorError) -> str:
    found = error.os_error
    return found.problem if isinstance(found, AddressRefusedError) else NOT_PUBLIC


def _was_refused(error: aiohttp.ClientConnectorError) -> bool:
    """Whether the guard made no socket; several attempts are reported as one OSError."""
    return isinstance(error.os_error, AddressRefusedError) or NOT_PUBLIC in str(error.os_error)


# Looked through in this order: the special before the general.
_ERRORS: tuple[tuple[type[Exception], FetchTrouble, str], ...] = (
    (aiohttp.InvalidURL, FetchTrouble.BAD_URL, "the address cannot be read"),
    (
        aiohttp.ClientConnectorDNSError,
        FetchTrouble.UNREACHABLE,
        "the name of the host is not known",
    ),
    (
        aiohttp.ClientConnectorCertificateError,
        FetchTrouble.UNREACHABLE,
        "the certificate of the host is not valid",
    ),
    (aiohttp.ClientSSLError, FetchTrouble.UNREACHABLE, "no secure connection could be made"),
    (aiohttp.ClientConnectorError, FetchTrouble.UNREACHABLE, "the host takes no connection"),
    (aiohttp.ServerDisconnectedError, FetchTrouble.BROKEN, "the publisher hung up"),
    (aiohttp.ClientPayloadError, FetchTrouble.BROKEN, "the answer ends in the middle"),
    (aiohttp.ClientResponseError, FetchTrouble.BROKEN, "the answer is not HTTP"),
    (aiohttp.ClientError, FetchTrouble.UNREACHABLE, "the connection failed"),
    (ssl.SSLError, FetchTrouble.UNREACHABLE, "no secure connection could be made"),
    (OSError, FetchTrouble.UNREACHABLE, "the connection failed"),
    (ValueError, FetchTrouble.BAD_URL, "the address cannot be read"),
)

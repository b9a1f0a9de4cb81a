"""Fetching over real sockets from a web of publishers that do everything wrong."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from yarl import URL

from bot.feeds import fetch
from bot.feeds.fetch import FetchPolicy, WebFetcher
from bot.feeds.guard import read_networks
from bot.feeds.headers import read_max_age, read_retry_after, seconds, shown, status_said
from bot.feeds.unpack import UnpackError, unpacker
from bot.model import Fetched, FetchFailure, FetchResult, FetchTrouble, NotModified
from bot.ports import Fetcher, Wanted
from tests.emulators.web import FakeWeb, PlantedResolver
from tests.fakes import FakeClock

LOOPBACK = read_networks(["127.0.0.1"])
POLICY = FetchPolicy(
    user_agent="Redline/0.1 (+https://redline.example/contact)",
    allowed=LOOPBACK,
    connect=2.0,
    read=2.0,
    total=4.0,
)
FEED = b"<rss version='2.0'><channel><title>Harbour news</title></channel></rss>"
MEBIBYTE = 1 << 20


@pytest.fixture
async def fetcher(clock: FakeClock) -> AsyncIterator[WebFetcher]:
    """A fetcher that may reach the publishers on this machine."""
    made = WebFetcher(POLICY, clock, resolver=PlantedResolver(["127.0.0.1"]))
    await made.open()
    yield made
    await made.close()


async def ask(fetcher: Fetcher, url: str, **more: str) -> FetchResult:
    """Fetch `url`."""
    return await fetcher.fetch(Wanted(url=url, **more))


async def good(fetcher: Fetcher, url: str, **more: str) -> Fetched:
    """Fetch `url`, which answers."""
    result = await ask(fetcher, url, **more)
    assert isinstance(result, Fetched), result
    return result


async def bad(fetcher: Fetcher, url: str, **more: str) -> FetchFailure:
    """Fetch `url`, which does not answer as it should."""
    result = await ask(fetcher, url, **more)
    assert isinstance(result, FetchFailure), result
    assert result.why
    return result


# --- What a good answer gives ------------------------------------------------------------------


async def test_a_feed_arrives_with_its_validators_and_the_time(
    fetcher: WebFetcher, web: FakeWeb, clock: FakeClock
) -> None:
    """A fetched body comes with all that the next poll and the schedule need."""
    url = web.serve(
        "/feed",
        FEED,
        headers={
            "ETag": '"v1"',
            "Last-Modified": "Mon, 02 Mar 2026 08:00:00 GMT",
            "Cache-Control": "public, max-age=600",
        },
    )

    assert await ask(fetcher, url) == Fetched(
        url=url,
        final_url=url,
        status=200,
        content_type="application/rss+xml",
        body=FEED,
        fetched_at=clock.now(),
        etag='"v1"',
        last_modified="Mon, 02 Mar 2026 08:00:00 GMT",
        max_age=timedelta(minutes=10),
    )


@pytest.mark.parametrize("etag", ['"caf\xe9"', '"' + "x" * 2000 + '"', '"a\x7fb"', ""])
async def test_a_validator_that_cannot_be_sent_back_is_not_kept(
    fetcher: WebFetcher, web: FakeWeb, etag: str
) -> None:
    """An odd ETag costs a 304, and never the feed."""
    result = await good(fetcher, web.serve("/feed", FEED, headers={"ETag": etag}))

    assert (result.etag, result.body) == (None, FEED)


async def test_we_say_who_we_are_and_send_no_cookie(fetcher: WebFetcher, web: FakeWeb) -> None:
    """Each request names Redline and its contact, and no publisher's cookie is kept."""
    web.serve("/feed", FEED, headers={"Set-Cookie": "visitor=17; Path=/"})
    # A name, because cookies are not kept for bare addresses in any case.
    url = f"http://courier.example:{web.port}/feed"

    await good(fetcher, url, accept="application/rss+xml")
    await good(fetcher, url)

    first, second = web.requests("/feed")
    assert first.headers["user-agent"] == POLICY.user_agent
    assert first.headers["accept"] == "application/rss+xml"
    assert first.headers["accept-encoding"] == "gzip, deflate, br"
    assert "cookie" not in second.headers
    assert "referer" not in second.headers


@pytest.mark.parametrize(
    ("validator", "header"),
    [
        ({"etag": '"v1"'}, "if-none-match"),
        ({"last_modified": "Mon, 02 Mar 2026 08:00:00 GMT"}, "if-modified-since"),
    ],
)
async def test_an_unchanged_feed_is_not_sent_again(
    fetcher: WebFetcher, web: FakeWeb, validator: dict[str, str], header: str
) -> None:
    """With its own validators a publisher can say that nothing has changed."""
    named = {
        "ETag": '"v1"',
        "Last-Modified": "Mon, 02 Mar 2026 08:00:00 GMT",
        "Cache-Control": "max-age=60",
    }
    url = web.serve("/feed", FEED, headers=named)

    result = await ask(fetcher, url, **validator)

    assert isinstance(result, NotModified)
    assert result.max_age == timedelta(minutes=1)
    assert web.requests("/feed")[0].headers[header] == next(iter(validator.values()))


async def test_not_modified_without_a_question_is_trouble(
    fetcher: WebFetcher, web: FakeWeb
) -> None:
    """A 304 for which there is nothing to compare leaves us without the feed."""
    url = web.serve("/feed", b"", status=304)

    assert (await bad(fetcher, url)).status == 304


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_packed_feed_is_unpacked(fetcher: WebFetcher, web: FakeWeb, encoding: str) -> None:
    """What a publisher packs arrives as it was."""
    body = FEED * 5000

    assert (await good(fetcher, web.compress("/feed", body, encoding))).body == body


@pytest.mark.parametrize("coding", ["none", "UTF-8", "identity", "8bit", ""])
async def test_a_body_that_is_not_packed_may_be_called_anything(
    fetcher: WebFetcher, web: FakeWeb, coding: str
) -> None:
    """Servers write charsets and other words where the coding belongs; browsers show such pages."""
    url = web.serve("/feed", FEED, headers={"Content-Encoding": coding})

    assert (await good(fetcher, url)).body == FEED


async def test_a_packed_file_is_unpacked_although_nobody_says_so(
    fetcher: WebFetcher, web: FakeWeb
) -> None:
    """A feed that lies packed on the publisher's disk is read as any other."""
    url = web.serve("/feed.xml.gz", gzip.compress(FEED))

    assert (await good(fetcher, url)).body == FEED


async def test_a_bomb_that_nobody_announces_does_not_go_off_either(
    fetcher: WebFetcher, web: FakeWeb
) -> None:
    """What unpacks beyond the limit is stopped there, whatever its head says."""
    failure = await bad(fetcher, web.serve("/feed", gzip.compress(b"<" * (40 << 20))))

    assert failure.trouble == FetchTrouble.TOO_LARGE


async def test_a_brotli_feed_is_unpacked(fetcher: WebFetcher, web: FakeWeb) -> None:
    """Brotli is unpacked too."""
    body = FEED * 5000
    url = web.serve("/feed", brotli.compress(body), headers={"Content-Encoding": "br"})

    assert (await good(fetcher, url)).body == body


# --- Redirects ----------------------------------------------------------------------------------


async def test_a_temporary_redirect_is_followed_and_not_remembered(
    fetcher: WebFetcher, web: FakeWeb
) -> None:
    """A detour changes where the answer came from and nothing else."""
    target = web.serve("/there", FEED)

    result = await good(fetcher, web.redirect("/here", "/there", 302))

    assert (result.url, result.final_url) == (web.url("/here"), target)
    assert result.moved_to is None


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [((301,), True), ((308, 301), True), ((301, 302), False), ((307, 308), False)],
)
async def test_a_feed_has_moved_only_where_every_hop_says_so(
    fetcher: WebFetcher, web: FakeWeb, statuses: tuple[int, ...], *, moved: bool
) -> None:
    """One temporary hop in the chain keeps the old address."""
    for hop, status in enumerate(statuses):
        web.redirect(f"/{hop}", f"/{hop + 1}", status)
    last = web.serve(f"/{len(statuses)}", FEED)

    result = await good(fetcher, web.url("/0"))

    assert result.moved_to == (last if moved else None)


async def test_an_unchanged_feed_that_has_moved_says_so(fetcher: WebFetcher, web: FakeWeb) -> None:
    """A 304 at the end of a permanent redirect is an answer from the new address too."""
    last = web.serve("/new", FEED, headers={"ETag": '"v1"'})

    result = await ask(fetcher, web.redirect("/old", "/new", 301), etag='"v1"')

    assert isinstance(result, NotModified)
    assert result.moved_to == last


@pytest.mark.parametrize("hops", [5, 6])
async def test_five_redirects_are_followed_and_the_sixth_is_not(
    fetcher: WebFetcher, web: FakeWeb, hops: int
) -> None:
    """A chain has an end after five hops, whoever makes it."""
    for hop in range(hops):
        web.redirect(f"/{hop}", f"/{hop + 1}", 307)
    web.serve(f"/{hops}", FEED)

    result = await ask(fetcher, web.url("/0"))

    if hops == 5:
        assert isinstance(result, Fetched)
    else:
        assert isinstance(result, FetchFailure)
        assert (result.trouble, result.why) == (
            FetchTrouble.REDIRECTS,
            "it redirects more than 5 times",
        )
        assert web.requests("/6") == []


async def test_a_redirect_in_a_circle_ends(fetcher: WebFetcher, web: FakeWeb) -> None:
    """Two addresses that point at each other are asked once each."""
    web.redirect("/a", "/b", 307)
    web.redirect("/b", "/a", 307)

    failure = await bad(fetcher, web.url("/a"))

    assert (failure.trouble, failure.why) == (FetchTrouble.REDIRECTS, "it redirects in a circle")
    assert len(web.log) == 2


@pytest.mark.parametrize(
    ("location", "trouble"),
    [
        ("http://169.254.169.254/latest/meta-data/", FetchTrouble.REFUSED_ADDRESS),
        ("http://[::1]/", FetchTrouble.REFUSED_ADDRESS),
        ("http://10.1.2.3/", FetchTrouble.REFUSED_ADDRESS),
        ("file:///etc/passwd", FetchTrouble.REDIRECTS),
        ("ftp://example.org/feed", FetchTrouble.REDIRECTS),
        ("javascript:alert(1)", FetchTrouble.REDIRECTS),
        ("http://", FetchTrouble.REDIRECTS),
        ("http://[::1", FetchTrouble.REDIRECTS),
        ("", FetchTrouble.REDIRECTS),
    ],
)
async def test_a_redirect_leads_nowhere_that_could_not_be_asked_for(
    fetcher: WebFetcher, web: FakeWeb, location: str, trouble: FetchTrouble
) -> None:
    """Each hop passes the checks of the first address."""
    failure = await bad(fetcher, web.redirect("/feed", location))

    assert failure.trouble == trouble


def test_a_redirect_does_not_leave_the_secure_connection(fetcher: WebFetcher) -> None:
    """From https nobody is led to http, where anyone on the way could put words into a feed."""
    secure = URL("https://courier.example/feed")
    trail = fetch._Trail(Wanted(url=str(secure)), secure, 30.0)

    with pytest.raises(fetch._TroubleError, match="redirects from https to http"):
        fetcher._follow(trail, 301, "http://courier.example/feed")
    assert fetcher._follow(trail, 301, "/other").url == URL("https://courier.example/other")


async def test_credentials_stay_with_the_origin_they_were_given_for(
    clock: FakeClock, web: FakeWeb, fetcher: WebFetcher
) -> None:
    """A password goes to the publisher of the feed and not where that publisher points."""
    other = FakeWeb()
    await other.start()
    other.serve("/feed", FEED)
    web.redirect("/private", "/same", 301)
    web.redirect("/same", other.url("/feed"), 301)
    address = web.url("/private").replace("http://", "http://reader:s3cret@")

    result = await good(fetcher, address)
    await other.stop()

    sent = [request.headers.get("authorization") for request in [*web.log, *other.log]]
    assert sent == ["Basic cmVhZGVyOnMzY3JldA=="] * 2 + [None]
    assert "s3cret" not in repr(result)
    assert result.moved_to is None


async def test_credentials_in_a_redirect_are_dropped(fetcher: WebFetcher, web: FakeWeb) -> None:
    """Nobody but the settings can make us send a password."""
    web.serve("/feed", FEED)
    to = web.url("/feed").replace("http://", "http://planted:s3cret@")

    result = await good(fetcher, web.redirect("/here", to))

    assert "authorization" not in web.requests("/feed")[0].headers
    assert "s3cret" not in repr(result)


# --- What bad answers give ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "the publisher asks for a user name and password (status 401)"),
        (403, "the publisher refuses us (status 403)"),
        (404, "there is nothing at this address (status 404)"),
        (410, "the publisher has taken this away for good (status 410)"),
        (500, "the publisher answered with status 500, Internal Server Error"),
    ],
)
async def test_a_status_is_told_in_words(
    fetcher: WebFetcher, web: FakeWeb, status: int, says: str
) -> None:
    """Whoever looks after a feed reads what its publisher meant."""
    failure = await bad(fetcher, web.serve("/feed", b"<html>", status=status))

    assert (failure.trouble, failure.status, failure.why) == (FetchTrouble.STATUS, status, says)


async def test_a_challenge_page_is_named(fetcher: WebFetcher, web: FakeWeb) -> None:
    """A page that asks for proof of being human is told from a plain refusal."""
    url = web.serve("/feed", b"<html>", status=403, headers={"cf-mitigated": "challenge"})

    assert "prove that they are human" in (await bad(fetcher, url)).why


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_publisher_is_left_alone_for_as_long_as_it_asks(
    fetcher: WebFetcher, web: FakeWeb, clock: FakeClock, status: int
) -> None:
    """After a Retry-After no feed of the host is asked until the time is over."""
    busy = web.rate_limit("/busy", "120", status)
    other = web.serve("/other", FEED)

    first = await bad(fetcher, busy)
    second = await bad(fetcher, other)
    clock.advance(121)
    third = await ask(fetcher, other)

    assert (first.trouble, first.status) == (FetchTrouble.RATE_LIMITED, status)
    assert first.retry_after == timedelta(seconds=120)
    assert (second.trouble, second.retry_after) == (FetchTrouble.RATE_LIMITED, first.retry_after)
    assert second.why == "the publisher asked to be left alone for another 2 min"
    assert isinstance(third, Fetched)
    assert [request.path for request in web.log] == ["/busy", "/other"]


async def test_a_busy_publisher_without_a_time_is_only_a_failure(
    fetcher: WebFetcher, web: FakeWeb
) -> None:
    """Where no time is given the back-off of the feed decides."""
    failure = await bad(fetcher, web.rate_limit("/busy", None))
    other = await ask(fetcher, web.serve("/other", FEED))

    assert (failure.trouble, failure.retry_after) == (FetchTrouble.RATE_LIMITED, None)
    assert isinstance(other, Fetched)


async def test_a_body_at_the_limit_arrives_and_one_over_it_does_not(
    clock: FakeClock, web: FakeWeb
) -> None:
    """Fifteen mebibytes are taken and not a byte more, said in advance or not."""
    made = WebFetcher(POLICY, clock)
    await made.open()
    full = await ask(made, web.serve("/full", b"<" * (15 * MEBIBYTE)))
    over = await bad(made, web.serve("/over", b"<" * (15 * MEBIBYTE + 1)))
    endless = await bad(made, web.flood("/endless"))
    await made.close()

    assert isinstance(full, Fetched)
    assert len(full.body) == 15 * MEBIBYTE
    assert over.trouble == endless.trouble == FetchTrouble.TOO_LARGE
    assert endless.why == "the answer is larger than 15 MiB"


async def test_a_body_that_is_announced_as_too_large_is_not_read(
    fetcher: WebFetcher, web: FakeWeb
) -> None:
    """What says that it is too large is put down at its head."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99000000\r\n\r\n"

    assert (await bad(fetcher, web.say("/feed", head))).trouble == FetchTrouble.TOO_LARGE


async def test_a_bomb_does_not_go_off(fetcher: WebFetcher, web: FakeWeb) -> None:
    """A small body that unpacks to a quarter of a gibibyte is put down at the limit."""
    failure = await bad(fetcher, web.bomb("/bomb", 256))

    assert (failure.trouble, failure.why) == (
        FetchTrouble.TOO_LARGE,
        "the answer is larger than 15 MiB",
    )


async def test_a_packed_body_is_limited_on_the_wire_too(clock: FakeClock, web: FakeWeb) -> None:
    """What does not unpack to anything cannot be sent for ever either."""
    made = WebFetcher(replace(POLICY, max_wire=1000), clock)
    await made.open()
    block = zlib.compressobj(9, zlib.DEFLATED, 31)
    nothing = b"".join(block.flush(zlib.Z_FULL_FLUSH) or b"" for _ in range(9))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    padding = gzip.compress(b"", mtime=0) * 200
    failure = await bad(made, web.say("/feed", head + padding + nothing))
    await made.close()

    assert failure.trouble == FetchTrouble.TOO_LARGE


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(FEED, mtime=0), mtime=0)),
        ("zstd", FEED),
        ("compress", FEED),
        ("gzip", FEED),
        ("br", b"\xff" * 40),
        ("deflate", b"\xff" * 40),
        ("gzip", gzip.compress(FEED, mtime=0)[:-9]),
        ("br", brotli.compress(FEED * 9)[:-3]),
        ("deflate", zlib.compress(FEED * 9)[:-9]),
        ("gzip", b""),
    ],
)
async def test_what_is_packed_wrongly_is_broken(
    fetcher: WebFetcher, web: FakeWeb, coding: str, body: bytes
) -> None:
    """One layer of gzip, deflate or br is taken off; all else is trouble and not a guess."""
    failure = await bad(fetcher, web.serve("/feed", body, headers={"Content-Encoding": coding}))

    assert failure.trouble == FetchTrouble.BROKEN
    assert failure.why.startswith("the answer is broken: ")


async def test_a_page_that_never_ends_is_given_up(clock: FakeClock, web: FakeWeb) -> None:
    """A publisher that sends a byte now and then holds us for the total time and no longer."""
    made = WebFetcher(replace(POLICY, total=0.5), clock)
    await made.open()
    dripping = await bad(made, web.drip("/drip", 0.05))
    silent = await bad(made, web.hang("/hang"))
    await made.close()

    assert dripping.trouble == silent.trouble == FetchTrouble.TIMEOUT
    assert dripping.why == "the publisher did not answer in full within 0.5 seconds"


async def test_redirects_share_one_time(clock: FakeClock, web: FakeWeb) -> None:
    """A chain of slow hops is given up as a whole."""
    made = WebFetcher(replace(POLICY, total=0.6), clock)
    await made.open()
    for hop in range(3):
        web.redirect(f"/{hop}", f"/{hop + 1}")
        web.delay(f"/{hop}", 0.3)
    web.serve("/3", FEED)
    failure = await bad(made, web.url("/0"))
    await made.close()

    assert failure.trouble == FetchTrouble.TIMEOUT
    assert web.requests("/3") == []


async def test_a_body_that_stops_short_is_broken(fetcher: WebFetcher, web: FakeWeb) -> None:
    """Half a feed is not taken for a whole one."""
    failure = await bad(fetcher, web.cut_off("/feed", FEED))

    assert (failure.trouble, failure.why) == (FetchTrouble.BROKEN, "the answer ends in the middle")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 999999 X\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70000 + b"\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_broken(fetcher: WebFetcher, web: FakeWeb, raw: bytes) -> None:
    """A port that speaks something else is trouble like any other."""
    assert (await bad(fetcher, web.say("/feed", raw))).trouble == FetchTrouble.BROKEN


async def test_a_host_that_takes_no_connection_is_unreachable(
    fetcher: WebFetcher, web: FakeWeb
) -> None:
    """Nobody at the port is said so."""
    gone = FakeWeb()
    await gone.start()
    url = gone.url("/feed")
    await gone.stop()

    failure = await bad(fetcher, url)

    assert (failure.trouble, failure.why) == (
        FetchTrouble.UNREACHABLE,
        "the host takes no connection",
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "harbour.example/feed",
        "file:///etc/passwd",
        "gopher://harbour.example",
        "http://",
        "http:///feed",
        "http://[::1",
        "http://harbour.example:port/",
        "http://harbour.example:99999/",
        "http://u:s3cret/x@harbour.example:what/",
        "https://harbour.example/" + "x" * 2000,
        "http://har\nbour.example\x00/",
        "http://" + "x" * 300 + ".example/",
        "//harbour.example/",
    ],
)
async def test_an_address_that_is_none_is_a_value(fetcher: WebFetcher, url: str) -> None:
    """What cannot be fetched is said without asking anyone, and without its password."""
    failure = await bad(fetcher, url)

    assert failure.trouble == FetchTrouble.BAD_URL
    assert "s3cret" not in repr(failure)


async def test_at_most_two_requests_are_under_way_to_one_host(
    fetcher: WebFetcher, web: FakeWeb
) -> None:
    """Ten feeds of one publisher are asked two at a time, and waiting spends no timeout."""
    for number in range(10):
        web.serve(f"/{number}", FEED)
        web.delay(f"/{number}", 0.05)

    results = await asyncio.gather(*(ask(fetcher, web.url(f"/{n}")) for n in range(10)))

    assert all(isinstance(result, Fetched) for result in results)
    assert web.most_at_once == 2


async def test_one_bad_publisher_does_not_stop_the_others(clock: FakeClock, web: FakeWeb) -> None:
    """While one host hangs, another one answers."""
    made = WebFetcher(replace(POLICY, total=1.0), clock)
    await made.open()
    other = FakeWeb()
    await other.start()
    hanging = [asyncio.create_task(ask(made, web.hang(f"/{n}"))) for n in range(4)]
    await asyncio.sleep(0)

    result = await good(made, other.serve("/feed", FEED))

    assert not any(task.done() for task in hanging)
    assert result.body == FEED
    await asyncio.gather(*hanging)
    await other.stop()
    await made.close()


# --- Reading heads ------------------------------------------------------------------------------

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", timedelta(seconds=120)),
        (" 7 ", timedelta(seconds=7)),
        ("999999999999999999", timedelta(hours=24)),
        ("Mon, 02 Mar 2026 09:30:00 GMT", timedelta(minutes=30)),
        ("Fri, 31 Dec 2027 23:59:59 GMT", timedelta(hours=24)),
        ("Mon, 02 Mar 2026 09:30:00 -0000", timedelta(minutes=30)),
        ("Mon, 02 Mar 2026 08:00:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("²", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_a_day(
    text: str, expected: timedelta | None
) -> None:
    """A publisher can ask for a day of rest and not for more."""
    assert read_retry_after({"Retry-After": text}, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max-age=60", 60),
        ("public, Max-Age = 60", 60),
        ('max-age="60"', 60),
        ("s-maxage=60", None),
        ("no-cache", None),
        ("max-age=soon", None),
    ],
)
def test_max_age_is_read_from_cache_control(text: str, expected: int | None) -> None:
    """Only the directive for clients counts."""
    found = read_max_age({"Cache-Control": text})

    assert found == (None if expected is None else timedelta(seconds=expected))


def test_times_are_written_for_people() -> None:
    """Seconds, minutes, hours: whichever reads best."""
    spans = [timedelta(seconds=90), timedelta(minutes=15), timedelta(hours=24)]

    assert [seconds(span) for span in spans] == ["90 s", "15 min", "24 h"]


def test_an_address_is_shown_without_its_credentials() -> None:
    """Neither user nor password is shown, even where the address cannot be read."""
    assert (
        shown("https://u:p@harbour.example/@desk/feed#top") == "https://harbour.example/@desk/feed"
    )
    assert shown("https://u:p/q@harbour.example:x/") == "https://harbour.example:x/"
    assert shown("u:p//x@harbour") == "u:p//harbour"


def test_an_unknown_status_has_words_too() -> None:
    """A status that nobody has defined is told as such."""
    assert status_said(799, {}) == "the publisher answered with status 799, no known meaning"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "bare deflate", "br", "", "unsaid"])
@pytest.mark.parametrize("step", [1, 7, 4096])
def test_unpacking_does_not_depend_on_how_the_bytes_arrive(coding: str, step: int) -> None:
    """However the network cuts a packed body up, it unpacks to the same bytes."""
    body = bytes(range(256)) * 40 + b"<" * 300_000
    bare = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = {
        "gzip": gzip.compress(body[:5000]) + gzip.compress(body[5000:]),
        "deflate": zlib.compress(body),
        "bare deflate": bare.compress(body) + bare.flush(),
        "br": brotli.compress(body),
        "": body,
        "unsaid": gzip.compress(body),
    }[coding]
    unpack = unpacker(coding.removeprefix("bare ").removeprefix("unsaid"))
    pieces = [
        piece for at in range(0, len(packed), step) for piece in unpack.feed(packed[at : at + step])
    ]
    unpack.finish()

    assert b"".join(pieces) == body
    assert max(map(len, pieces)) <= 1 << 17


def test_padding_after_a_gzip_body_is_left_out() -> None:
    """Zeros after the end of a body are no second body."""
    unpack = unpacker("gzip")

    assert b"".join(unpack.feed(gzip.compress(FEED) + b"\0" * 100)) == FEED
    unpack.finish()


def test_an_unknown_coding_is_refused() -> None:
    """A coding that we did not ask for is not guessed at."""
    with pytest.raises(UnpackError):
        unpacker("exi")

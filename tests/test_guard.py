"""The guard: no spelling of an address and no redirect reaches what is not public."""

from __future__ import annotations

import itertools
import socket
from collections.abc import AsyncIterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.errors import AddressRefusedError
from bot.feeds.fetch import FetchPolicy, WebFetcher
from bot.feeds.guard import (
    NOT_PUBLIC,
    WEB_PORTS,
    ports_of,
    read_networks,
    refusal,
    socket_factory,
    url_fault,
    without_credentials,
)
from bot.model import Fetched, FetchFailure, FetchTrouble
from bot.ports import Wanted
from tests.emulators.web import FakeWeb, PlantedResolver
from tests.fakes import FakeClock

CASES = Path(__file__).parent / "cases" / "guard"


def listed(name: str) -> list[str]:
    """Return the addresses of a list, without what they are."""
    lines = (CASES / name).read_text().splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


@pytest.fixture
async def doorway() -> AsyncIterator[FakeWeb]:
    """A publisher that may be reached, and redirects where it likes."""
    fake = FakeWeb("127.0.0.2")
    await fake.start()
    yield fake
    await fake.stop()


async def guarded(ports: set[int], *turns: list[str], clock: FakeClock) -> WebFetcher:
    """Return a fetcher that may reach the doorway and nothing else of this machine."""
    policy = FetchPolicy(
        user_agent="Redline/0.1",
        allowed=read_networks(["127.0.0.2"]),
        ports=WEB_PORTS | ports,
        connect=2.0,
        total=5.0,
    )
    fetcher = WebFetcher(policy, clock, resolver=PlantedResolver(*(turns or (["127.0.0.1"],))))
    await fetcher.open()
    return fetcher


# --- The table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", listed("refused.txt"))
def test_what_is_not_public_is_refused(address: str) -> None:
    """No address of a private, special or unused block is connected to."""
    assert refusal(address, 443) == NOT_PUBLIC


@pytest.mark.parametrize("address", listed("reached.txt"))
def test_what_is_public_is_reached(address: str) -> None:
    """The blocks end where they end."""
    assert refusal(address, 443) is None


@pytest.mark.parametrize("address", ["", "localhost", "127.1", "0x7f000001", "1.1.1.1 ", "1.1.1"])
def test_what_is_no_exact_address_is_refused(address: str) -> None:
    """A socket is only made for an address that is exact."""
    assert refusal(address, 443) == NOT_PUBLIC


def test_public_addresses_are_reached_on_the_ports_of_the_web_only() -> None:
    """A feed cannot make us knock at other services."""
    assert [port for port in range(1, 9000) if refusal("1.1.1.1", port) is None] == [80, 443]


def test_an_allowed_network_is_reached_on_any_port_and_its_neighbours_are_not() -> None:
    """An administrator's list opens what it names and nothing beside it."""
    allowed = read_networks(["10.20.0.0/16", "fd00:1::/64"])

    assert refusal("10.20.3.4", 8080, allowed) is None
    assert refusal("::ffff:10.20.3.4", 8080, allowed) is None
    assert refusal("fd00:1::9", 8080, allowed) is None
    assert refusal("10.21.0.1", 80, allowed) == NOT_PUBLIC
    assert refusal("fd00:2::9", 80, allowed) == NOT_PUBLIC


@given(st.ip_addresses(v=4))
def test_no_clothes_change_what_an_ipv4_address_is(address: IPv4Address) -> None:
    """An address is judged alike bare, mapped and behind NAT64."""
    bare = refusal(str(address), 443)
    mapped = IPv6Address(0xFFFF << 32 | int(address))
    nat64 = IPv6Address(0x64FF9B << 96 | int(address))

    assert refusal(str(mapped), 443) == refusal(str(nat64), 443) == bare
    assert bare is not None or address.is_global


@given(st.ip_addresses(v=6))
def test_only_the_public_part_of_ipv6_is_reached(address: IPv6Address) -> None:
    """Whatever is reached under IPv6 lies in the block that is handed out to hosts."""
    in_public_block = int(address) >> 125 == 1
    wraps_ipv4 = int(address) >> 32 in {0xFFFF, 0x64FF9B << 64}

    assert refusal(str(address), 443) is not None or in_public_block or wraps_ipv4


def test_the_factory_makes_a_socket_for_a_public_address_only() -> None:
    """The connector gets a socket or an OSError that names no address."""
    make = socket_factory((), WEB_PORTS)
    kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")

    make((*kind, ("1.1.1.1", 443))).close()
    with pytest.raises(AddressRefusedError) as caught:
        make((*kind, ("10.0.0.1", 443)))

    assert isinstance(caught.value, OSError)
    assert "10.0.0.1" not in str(caught.value)


@pytest.mark.parametrize("text", ["10.0.0.1/8", "everything", "10.0.0.0/33", ""])
def test_a_network_that_is_none_is_an_error(text: str) -> None:
    """A slip in the list of networks opens nothing."""
    with pytest.raises(ValueError, match=r"."):
        read_networks([text])


# --- Addresses before the connection ------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://harbour.example/feed", None),
        ("http://harbour.example:80/feed", None),
        ("http://news_desk.harbour.example/feed", None),
        ("http://[2606:4700:4700::1111]/feed", None),
        ("http://harbour.example:8080/feed", "the port is not one that Redline may reach"),
        ("http://harbour.example:22/", "the port is not one that Redline may reach"),
        ("ftp://harbour.example/feed", "only http and https addresses can be fetched"),
        ("unix:///run/docker.sock", "only http and https addresses can be fetched"),
        ("http:///feed", "the address names no host"),
        ("http://a b/", "the address names no host"),
        ("http://127.0.0.1%00.harbour.example/", "the address names no host"),
    ],
)
def test_an_address_that_can_never_be_fetched_is_told_why(url: str, fault: str | None) -> None:
    """The person who wrote the address reads what is wrong with it."""
    assert url_fault(URL(url), (), WEB_PORTS) == fault


def test_an_allowed_network_leaves_odd_ports_to_the_socket() -> None:
    """Before the name is looked up nobody knows whether it lies in an allowed network."""
    url = URL("http://wiki.intranet.example:8080/feed")

    assert url_fault(url, read_networks(["10.20.0.0/16"]), WEB_PORTS) is None


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("https://user:secret@harbour.example/feed", "https://harbour.example/feed"),
        ("https://user@harbour.example:8443/feed?a=b#c", "https://harbour.example:8443/feed?a=b"),
        ("https://harbour.example/@desk/feed", "https://harbour.example/@desk/feed"),
    ],
)
def test_credentials_and_fragments_are_taken_off(url: str, bare: str) -> None:
    """What is kept and shown of an address has no secret in it."""
    assert str(without_credentials(URL(url))) == bare


# --- Every spelling, on the wire ----------------------------------------------------------------


def parts(byte: int) -> tuple[str, str, str, str]:
    """Return the ways of writing one byte of an address."""
    return str(byte), hex(byte), f"0{byte:o}", f"{byte:03d}"


def spelled_hosts() -> list[str]:
    """Return ways to write the loopback address, and names that resolve to it."""
    dotted = [".".join(one) for one in itertools.product(*map(parts, (127, 0, 0, 1)))]
    whole = ["2130706433", "0x7f000001", "017700000001", "0x7F000001", "00000000017700000001"]
    short = ["127.1", "127.0.1", "0x7f.1", "0177.1", "127.0x1", "127.00.1"]
    other_digits = [
        "１２７.０.０.１",
        "①②⑦.⓪.⓪.①",
        "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
        "١٢٧.٠.٠.١",
        "127。0。0。1",
        "127．0．0．1",
    ]
    six = [
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::1]",
        "[::ffff:0:127.0.0.1]",
        "[::1%25lo]",
        "[0000::ffff:7f00:0001]",
        "[::]",
        "[fe80::1%25lo]",
    ]
    names = [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
        "canary.example",
        "0",
        "0.0.0.0",
        "127.0.0.1.",
        "127.0.0.1..",
        "127.0.0.1.nip.example",
        "127.127.127.127",
        "017700000001.",
    ]
    userinfo = [
        "harbour.example@127.0.0.1",
        "harbour.example:80@127.0.0.1",
        "a:b@c:d@127.0.0.1",
        "127.0.0.1#@harbour.example",
        "127.0.0.1?@harbour.example",
        "%31%32%37.0.0.1",
    ]
    return dotted + whole + short + other_digits + six + names + userinfo


def spelled_urls(port: int) -> list[str]:
    """Return every spelled host as an address at the canary's port."""
    plain = [f"http://{host}:{port}/" for host in spelled_hosts() if "#" not in host]
    odd = [
        f"HTTP://127.0.0.1:{port}/",
        f"http:\\\\127.0.0.1:{port}/",
        f"http:/127.0.0.1:{port}/",
        f"http://127.0.0.1:0{port}/",
        f"http://harbour.example\\@127.0.0.1:{port}/",
        f"http://127.0.0.1:{port}\\@harbour.example/",
        f"http://\t127.0.0.1:{port}/",
        f"http://127.0.0.1\n:{port}/",
        f"//127.0.0.1:{port}/",
        f"http:127.0.0.1:{port}",
        f"http://127.0.0.1:{port}#@harbour.example/",
        f"http://127.0.0.1:{port}/../../x",
        f"https://127.0.0.1:{port}/",
        f"ws://127.0.0.1:{port}/",
        f"gopher://127.0.0.1:{port}/",
    ]
    return plain + odd


async def test_no_spelling_of_an_address_reaches_this_machine(
    web: FakeWeb, doorway: FakeWeb, clock: FakeClock
) -> None:
    """More than 200 spellings, asked for directly and by redirect: the canary hears of none."""
    web.serve("/", b"the canary")
    urls = spelled_urls(web.port)
    fetcher = await guarded({web.port}, clock=clock)

    direct = [await fetcher.fetch(Wanted(url=url)) for url in urls]
    redirected = [
        await fetcher.fetch(Wanted(url=doorway.redirect(f"/{number}", url)))
        for number, url in enumerate(urls)
        # A header cannot hold a line break, and an address without a host stays at the doorway.
        if "\n" not in url and "\t" not in url
    ]
    await fetcher.close()

    assert len(urls) > 200
    assert len(redirected) > 200
    assert len(doorway.log) >= len(redirected)
    assert web.log == []
    assert [result for result in direct if not isinstance(result, FetchFailure)] == []
    assert [result for result in redirected if isinstance(result, Fetched)] == []


async def test_the_canary_can_be_heard(web: FakeWeb, clock: FakeClock) -> None:
    """The same addresses do reach the canary where its network is allowed, so silence means no."""
    web.serve("/", b"the canary")
    policy = FetchPolicy(user_agent="Redline/0.1", allowed=read_networks(["127.0.0.0/8", "::1"]))
    fetcher = WebFetcher(policy, clock, resolver=PlantedResolver(["127.0.0.1"]))
    await fetcher.open()

    hosts = ["127.0.0.1", "localhost", "canary.example", "１２７.０.０.１"]
    for host in hosts:
        await fetcher.fetch(Wanted(url=f"http://{host}:{web.port}/"))
    await fetcher.close()

    assert len(web.log) == len(hosts)


async def test_a_name_is_judged_by_what_it_resolves_to_at_that_moment(
    web: FakeWeb, doorway: FakeWeb, clock: FakeClock
) -> None:
    """A name that was harmless when it was first looked up does not open the door later."""
    web.serve("/", b"the canary")
    doorway.serve("/", b"harmless")
    fetcher = await guarded({web.port}, ["127.0.0.2"], ["127.0.0.1"], clock=clock)

    first = await fetcher.fetch(Wanted(url=f"http://rebind.example:{doorway.port}/"))
    second = await fetcher.fetch(Wanted(url=f"http://rebind.example:{web.port}/"))
    await fetcher.close()

    assert isinstance(first, Fetched)
    assert isinstance(second, FetchFailure)
    assert (second.trouble, second.why) == (FetchTrouble.REFUSED_ADDRESS, NOT_PUBLIC)
    assert web.log == []


@pytest.mark.parametrize(
    "answers", [["127.0.0.1", "::1"], ["169.254.169.254", "10.0.0.1", "::ffff:127.0.0.1"]]
)
async def test_a_name_with_several_inner_addresses_is_refused(
    web: FakeWeb, clock: FakeClock, answers: list[str]
) -> None:
    """Racing attempts are all guarded, and the reason is told once."""
    fetcher = await guarded({web.port}, answers, clock=clock)

    result = await fetcher.fetch(Wanted(url=f"http://mixed.example:{web.port}/"))
    await fetcher.close()

    assert isinstance(result, FetchFailure)
    assert (result.trouble, result.why) == (FetchTrouble.REFUSED_ADDRESS, NOT_PUBLIC)
    assert web.log == []


async def test_of_mixed_answers_only_the_permitted_one_is_reached(
    web: FakeWeb, doorway: FakeWeb, clock: FakeClock
) -> None:
    """A refused address beside a permitted one is passed over."""
    doorway.serve("/", b"harmless")
    fetcher = await guarded(set(), ["127.0.0.1", "127.0.0.2"], clock=clock)

    result = await fetcher.fetch(Wanted(url=f"http://mixed.example:{doorway.port}/"))
    await fetcher.close()

    assert isinstance(result, Fetched)
    assert web.log == []


async def test_a_proxy_in_the_environment_is_not_used(
    web: FakeWeb, doorway: FakeWeb, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would connect for us, behind the guard's back."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, web.base)
    doorway.serve("/", b"harmless")
    fetcher = await guarded(set(), clock=clock)

    result = await fetcher.fetch(Wanted(url=doorway.url("/")))
    await fetcher.close()

    assert isinstance(result, Fetched)
    assert web.log == []


@pytest.mark.parametrize(
    ("written", "ports"),
    [
        ("https://vale.example/feed", set()),
        ("http://vale.example:8080/feed", {8080}),
        ("http://[2001:db8::1]:8443/", {8443}),
        ("http://vale.example:99999/", set()),
        ("http://[::1", set()),
        ("notes/rafah: monday.txt", set()),
    ],
)
def test_only_ports_that_are_written_are_opened(written: str, ports: set[int]) -> None:
    """What an admin wrote into an address may be reached; what is no address opens nothing."""
    assert ports_of([written]) == ports

"""Which addresses may be reached: deny by default, decided at the socket.

A URL can spell an address in a hundred ways and a name can resolve to anything at any time, so the
decision is taken where the address is exact: in the socket factory of the connector, which is asked
for every attempt to connect, redirects and happy-eyeballs rivals included. The check of a URL
before that only turns away what can never be fetched, with a better sentence.
"""

from __future__ import annotations

import errno
import re
import socket
from collections.abc import Callable, Collection, Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

from yarl import URL

from bot.errors import AddressRefusedError

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

WEB_PORTS = frozenset({80, 443})
MAX_URL = 2000
"""Characters of the longest URL that is fetched; browsers and proxies stop about here too."""

NOT_PUBLIC = "the address is not one of the public internet"
_PORT_REFUSED = "the port is not one that Redline may reach"

# https://www.iana.org/assignments/iana-ipv4-special-registry, everything that is not an ordinary
# public host, whether or not the registry calls it globally reachable; multicast; class E; and
# the Azure host service, which answers from any Azure machine.
_REFUSED_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# https://www.iana.org/assignments/ipv6-address-space: only 2000::/3 is handed out to hosts.
_PUBLIC_6 = IPv6Network("2000::/3")
# https://www.iana.org/assignments/iana-ipv6-special-registry, the part inside 2000::/3: protocol
# assignments (Teredo, benchmarking, ORCHID), documentation, 6to4, AS112; and the old 6bone.
_REFUSED_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3ffe::/16",
        "3fff::/20",
    )
)
# An IPv6 address of these blocks is an IPv4 address in other clothes (RFC 4291, RFC 6052).
_WRAPS_4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))

# Letters, digits and hyphens (RFC 1123 2.1), and the underscore, which some publishers have.
_HOST_NAME = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,252}")


def refusal(
    address: str, port: int, allowed: Sequence[Network] = (), ports: Collection[int] = WEB_PORTS
) -> str | None:
    """Say why `address` may not be connected to, or None where it may.

    Args:
        address: the numeric address as the socket would get it.
        port: the TCP port.
        allowed: networks an administrator has named; they are reached on any port.
        ports: the ports that public addresses may be reached on.
    """
    try:
        target = _unwrapped(ip_address(address))
    except ValueError:
        return NOT_PUBLIC
    if _inside(target, allowed):
        return None
    if not _is_public(target):
        return NOT_PUBLIC
    return None if port in ports else _PORT_REFUSED


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv6Address) and _inside(address, _WRAPS_4):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _inside(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == net.version and address in net for net in networks)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not _inside(address, _REFUSED_4)
    return address in _PUBLIC_6 and address.scope_id is None and not _inside(address, _REFUSED_6)


def ports_of(addresses: Iterable[str]) -> frozenset[int]:
    """Return the ports that are written in addresses; one that is none has no port either."""
    return frozenset(port for written in addresses if (port := _port(written)))


def _port(written: str) -> int | None:
    try:
        return URL(written).explicit_port
    except ValueError:
        return None


def read_networks(written: Sequence[str]) -> tuple[Network, ...]:
    """Read networks such as `10.20.0.0/16` or `127.0.0.1`.

    Raises:
        ValueError: one of them is no network, or has host bits set.
    """
    return tuple(ip_network(text) for text in written)


def socket_factory(
    allowed: Sequence[Network], ports: Collection[int]
) -> Callable[[tuple[Any, ...]], socket.socket]:
    """Return the factory for `aiohttp.TCPConnector` that makes no socket for a refused address.

    The factory raises AddressRefusedError. Its sentence names no address: whoever reads it may be
    the one who wanted to learn which inner addresses a name resolves to.
    """

    def make(addr_info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, where = addr_info
        why = refusal(str(where[0]), int(where[1]), allowed, ports)
        if why is not None:
            raise refused(why)
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def refused(why: str) -> AddressRefusedError:
    """Make the error for a refused address; an OSError with its number, as connectors expect."""
    error = AddressRefusedError(
        "address", why, advice="List the network under allow_private_networks if it is yours"
    )
    error.errno = errno.EACCES
    error.strerror = why
    return error


def url_fault(url: URL, allowed: Sequence[Network], ports: Collection[int]) -> str | None:
    """Say why `url` can never be fetched, or None where the socket is to decide."""
    if url.scheme not in {"http", "https"}:
        return "only http and https addresses can be fetched"
    if not _is_host(url.raw_host or ""):
        return "the address names no host"
    if len(str(url)) > MAX_URL:
        return f"the address is longer than {MAX_URL} characters"
    if not allowed and url.port not in ports:
        return _PORT_REFUSED
    return None


def _is_host(host: str) -> bool:
    """Whether `host` is written like a name or a numeric address, with nothing odd in it."""
    if ":" not in host:
        return _HOST_NAME.fullmatch(host) is not None
    try:
        return ip_address(host).version == 6
    except ValueError:
        return False


def without_credentials(url: URL) -> URL:
    """Return `url` without user, password and fragment: the form that may be kept and shown."""
    bare = url.with_fragment(None)
    return bare.with_user(None) if bare.host and bare.scheme in {"http", "https"} else bare

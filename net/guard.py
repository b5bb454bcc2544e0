"""The address policy, enforced where the socket is opened.

A check before the request would look the name up twice, and the second answer may differ (DNS rebinding).
Here the name is looked up once, every answer is judged, and the connection goes to the very address that was
judged. Each redirect opens its own connection, so each hop is judged as well.
"""

import ipaddress
import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore

from domain.errors import UsageError
from net.deadline import clamp
from net.lookup import TookTooLong, look_up

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: What ``is_global`` of Python 3.11 lets through although nothing public lives there
#: (IANA special-purpose registries).
_SPECIAL: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
)
#: The only part of IPv6 that is handed out to the public.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
#: Seconds for a name look-up when the caller gives no limit.
_LOOKUP_LIMIT = 15.0


class Refused(httpcore.ConnectError):
    """The name leads to an address, or asks for a port, that the policy does not allow."""


class AddressPolicy:
    """Public addresses, and the private networks that the owner allows.

    Args:
        allowed: networks such as ``192.168.1.0/24``; they may be reached on any port.
        ports: below 1024, and allowed beside those of the web.

    Raises:
        UsageError: one of them is no network.
    """

    def __init__(self, allowed: Sequence[str] = (), *, ports: frozenset[int] = frozenset()) -> None:
        self._allowed = tuple(_network(text) for text in allowed)
        self._ports = ports

    def allows(self, address: str, port: int) -> bool:
        """Whether a connection may go there."""
        parsed = ipaddress.ip_address(address)
        if self._is_allowed_by_owner(parsed):
            return True
        return (_is_web_port(port) or port in self._ports) and is_public(parsed)

    def _is_allowed_by_owner(self, address: Address) -> bool:
        forms = (address, *_inner(address))
        return any(form in network for form in forms for network in self._allowed)


def is_private(stream: httpcore.NetworkStream) -> bool:
    """Whether a connection leads to our own machine or network."""
    address, *_ = stream.get_extra_info("server_addr")
    return not is_public(ipaddress.ip_address(str(address).partition("%")[0]))


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, whatever it is wrapped in.

    An IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo) must be public itself.
    """
    inner = _inner(address)
    if not all(is_public(form) for form in inner):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address in _NAT64:
            return True
        if address not in _GLOBAL_UNICAST or address.is_site_local:
            return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class GuardedBackend(httpcore.NetworkBackend):
    """Opens TCP connections for httpcore, to allowed addresses only."""

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to an allowed address of ``host``.

        Raises:
            Refused: one of its addresses, or the port, is not allowed.
            httpcore.ConnectError: the name is unknown, or nobody answers there.
            httpcore.ConnectTimeout: no answer within ``timeout`` seconds.
        """
        ends_at = time.monotonic() + (clamp(timeout) or _LOOKUP_LIMIT)
        addresses = _look_up(host, port, ends_at - time.monotonic())
        for address in addresses:
            if not self._policy.allows(address, port):
                raise Refused(f"{host} leads to {address}, port {port}, which is not public")
        error: Exception = httpcore.ConnectError(f"{host} has no address")
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share = max(0.05, (ends_at - time.monotonic()) / left)
            try:
                stream = self._plain.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                error = exc
            else:
                return _TimedStream(stream)
        raise error


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every wait ends with the deadline of the exchange, so that a drip feed ends too."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, clamp(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, clamp(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, clamp(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as exc:
        raise UsageError(
            f"{text!r} is no network: write an address or a range such as 192.168.1.0/24"
        ) from exc


def _is_web_port(port: int) -> bool:
    return port in (80, 443) or port > 1023


def _inner(address: Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address carries."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    number = int(address)
    if address in _NAT64 or (number >> 32 == 0 and number > 1):
        return (ipaddress.IPv4Address(number & 0xFFFFFFFF),)
    return ()


def _look_up(host: str, port: int, limit: float) -> list[str]:
    """The addresses of a name, in the resolver's order, within ``limit`` seconds."""
    try:
        return [str(ipaddress.ip_address(host.strip("[]")))]
    except ValueError:
        pass
    try:
        return look_up(host, port, limit=limit)
    except TookTooLong:
        raise httpcore.ConnectTimeout(f"looking up {host} took too long") from None
    except (OSError, UnicodeError) as exc:
        raise httpcore.ConnectError(f"no address is known for {host}") from exc

"""Which addresses are entered, whatever way leads to them."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpcore
import httpx
import pytest

from domain.errors import UsageError
from net.client import make_client
from net.guard import AddressPolicy, GuardedBackend, Refused, is_public
from tests.servers.loopback import Loopback

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "172.32.0.1",
    "192.0.1.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused_in_every_spelling(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("port", "allowed"), [(80, True), (443, True), (8080, True), (22, False), (25, False)]
)
def test_only_web_ports_and_high_ports_are_reached(port: int, allowed: bool) -> None:
    assert AddressPolicy().allows("8.8.8.8", port) is allowed


def test_an_owners_network_is_reached_on_any_port_and_nothing_else_of_its_kind() -> None:
    policy = AddressPolicy(["192.168.7.0/24", "fd12::/16"])

    assert policy.allows("192.168.7.9", 81)
    assert policy.allows("::ffff:192.168.7.9", 80)
    assert policy.allows("fd12::1", 80)
    assert not policy.allows("192.168.8.9", 80)
    assert not policy.allows("127.0.0.1", 80)


def test_a_broken_network_is_explained() -> None:
    with pytest.raises(UsageError, match=r"'my lan' is no network: .*192\.168\.1\.0/24"):
        AddressPolicy(["my lan"])


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(lambda path, headers: (200, {}, headers["host"].encode())) as running:
        yield running


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_no_spelling_of_the_own_machine_is_reached(server: Loopback, host: str, connection: str) -> None:
    with make_client() as client, pytest.raises((httpx.ConnectError, httpx.InvalidURL)):
        client.get(f"http://{host}:{server.port}/", headers={"Connection": connection})

    assert server.requests == []


def test_the_client_really_connects_through_the_guard() -> None:
    """httpx has no argument for the backend; should its attribute ever change, this fails."""
    with make_client() as client:
        transport: Any = client._transport

        assert isinstance(transport.pooled._pool._network_backend, GuardedBackend)
        assert isinstance(transport.one_shot._backend, GuardedBackend)
        assert client._mounts == {}


def test_a_proxy_in_the_environment_is_not_used(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, server.url)

    with make_client() as client, pytest.raises(httpx.ConnectError):
        client.get("http://10.0.0.1:81/")

    assert server.requests == []


Resolver = Callable[..., list[Any]]


def answers(*addresses: str) -> Resolver:
    def resolve(host: object, port: int, *args: object, **kwargs: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


def test_a_name_with_one_bad_answer_is_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "192.168.1.1"))

    with pytest.raises(Refused, match=r"feed\.example leads to 192\.168\.1\.1"):
        GuardedBackend(AddressPolicy()).connect_tcp("feed.example", 80, timeout=1)


def test_a_name_is_looked_up_once_and_its_host_header_stays(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look-up could answer differently: that is how DNS rebinding passes a check."""
    asked: list[object] = []

    def resolve(host: object, port: int, *args: object, **kwargs: object) -> list[Any]:
        asked.append(host)
        return answers("127.0.0.1")(host, port)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with make_client(allowed_networks=["127.0.0.0/8"]) as client:
        response = client.get(f"http://feed.example:{server.port}/")

    assert response.text == f"feed.example:{server.port}"
    assert [name for name in asked if name != "127.0.0.1"] == ["feed.example"]


def test_the_next_address_is_tried_when_one_does_not_answer(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("127.0.0.2", "127.0.0.1"))

    with make_client(allowed_networks=["127.0.0.0/8"]) as client:
        assert client.get(f"http://feed.example:{server.port}/").status_code == 200


def test_an_unknown_name_is_a_connect_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*args: object, **kwargs: object) -> list[Any]:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    with pytest.raises(httpcore.ConnectError, match=r"no address is known for nowhere\.example"):
        GuardedBackend(AddressPolicy()).connect_tcp("nowhere.example", 80, timeout=1)


def test_a_look_up_that_hangs_ends_with_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()

    def resolve(*args: object, **kwargs: object) -> list[Any]:
        stop.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(httpcore.ConnectTimeout, match=r"looking up slow\.example"):
        GuardedBackend(AddressPolicy()).connect_tcp("slow.example", 80, timeout=0.1)
    stop.set()

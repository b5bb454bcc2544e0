"""An address that is a secret goes over the wire and shows nowhere else."""

import logging
import socket

import httpx
import pytest

from domain.errors import NotSent, Rejected
from net.client import make_client
from publishers.http import send_once
from publishers.secret_address import secret_request
from tests.net.raw import RawServer

SECRET = "123456:s3cr3t-t0ken"


def test_the_wire_gets_the_whole_address_and_nothing_else_does(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(
            b"HTTP/1.1 400 Bad\r\nContent-Length: 33\r\n\r\n" + b'{"error": "123456:s3cr3t-t0ken!"}'
        )

    with RawServer(talk) as server, make_client(allowed_networks=["127.0.0.0/8"]) as client:
        address = f"{server.url}bot{SECRET}/send"
        request = secret_request(client, "POST", address, secrets=(SECRET,), params={"a": "1"}, json={})
        with pytest.raises(Rejected) as caught:
            send_once(client, request)

    assert asked[0].startswith(f"POST /bot{SECRET}/send?a=1 HTTP/1.1\r\n".encode())
    shown = [
        str(caught.value),
        repr(request),
        str(request.url),
        *(one.getMessage() for one in caplog.records),
    ]
    assert any("bot***" in one for one in shown)
    assert not [one for one in shown if SECRET in one]


def test_a_server_that_is_not_there_is_named_without_the_secret() -> None:
    with make_client() as client:
        request = secret_request(client, "POST", f"http://127.0.0.1:1/{SECRET}", secrets=(SECRET,))
        with pytest.raises(NotSent) as caught:
            send_once(client, request)

    assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert isinstance(caught.value.__cause__, httpx.TransportError)
    assert SECRET not in str(caught.value.__cause__.request.url)

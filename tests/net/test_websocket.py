"""WebSockets through the guarded client: what they carry, where they may lead, and how they end."""

import base64
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Message, Ping, Pong, TextMessage

from net.client import make_client
from net.deadline import time_limit
from net.guard import Refused
from net.websocket import Broken, NotUpgraded, WebSocket, open_websocket

Serve = Callable[[socket.socket, Connection], None]


@contextmanager
def serving(serve: Serve, *, accept: str | None = None) -> Iterator[str]:
    """A WebSocket server for one connection; its address."""
    door = socket.create_server(("127.0.0.1", 0))

    def work() -> None:
        client, _ = door.accept()
        with client:
            client.settimeout(10)
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if ": " in line)
            key = {name.lower(): value for name, value in lines.items()}["sec-websocket-key"]
            proof = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
            said = accept or base64.b64encode(proof).decode()
            client.sendall(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Accept: {said}\r\n\r\n".encode()
            )
            serve(client, Connection(ConnectionType.SERVER))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{door.getsockname()[1]}/"
    finally:
        thread.join(15)
        door.close()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with make_client(allowed_networks=("127.0.0.0/8",), timeout=5) as client:
        yield client


@contextmanager
def opened(client: httpx.Client, url: str) -> Iterator[WebSocket]:
    with open_websocket(client, url, max_message=100_000, timeout=5) as websocket:
        yield websocket


def heard(client: socket.socket, frames: Connection) -> list[Event]:
    """What the client says next, as far as it goes."""
    frames.receive_data(client.recv(2**20) or None)
    return list(frames.events())


def sending(*events: Event) -> Serve:
    def serve(client: socket.socket, frames: Connection) -> None:
        for event in events:
            client.sendall(frames.send(event))
        client.recv(4096)

    return serve


def test_texts_go_both_ways_whole(client: httpx.Client) -> None:
    text = "Genderang 🥁 " * 5000

    def serve(connection: socket.socket, frames: Connection) -> None:
        said = ""
        while len(said) < len(text):
            said += "".join(one.data for one in heard(connection, frames) if isinstance(one, TextMessage))
        connection.sendall(frames.send(Message(data=said)))
        connection.recv(4096)

    with serving(serve) as url, opened(client, url) as websocket:
        websocket.send(text)

        assert websocket.receive() == text


def test_a_message_in_pieces_arrives_as_one_with_pings_between(client: httpx.Client) -> None:
    answered: list[Event] = []

    def serve(connection: socket.socket, frames: Connection) -> None:
        connection.sendall(frames.send(Message(data="dru", message_finished=False)))
        connection.sendall(frames.send(Ping(payload=b"there?")))
        answered.extend(heard(connection, frames))
        connection.sendall(frames.send(Message(data="ms", message_finished=True)))
        connection.recv(4096)

    with serving(serve) as url, opened(client, url) as websocket:
        assert websocket.receive() == "drums"

    assert answered == [Pong(payload=b"there?")]


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((BytesMessage(data=b"\0"),), "bytes"),
        ((CloseConnection(code=1008, reason="go away"),), "go away"),
        ((CloseConnection(code=1001),), "1001"),
        ((Message(data="x" * 100_001),), "more than 100,000 bytes"),
    ],
)
def test_what_is_no_message_breaks_the_connection(
    client: httpx.Client, events: tuple[Event, ...], said: str
) -> None:
    with (
        serving(sending(*events)) as url,
        opened(client, url) as websocket,
        pytest.raises(Broken, match=said),
    ):
        websocket.receive()


@pytest.mark.parametrize("raw", [b"\xff\xff\xff\xff\xff", b"\x81\x85mask.....", b"\x81\x02\xc3\x28"])
def test_bytes_that_are_no_frames_break_the_connection(client: httpx.Client, raw: bytes) -> None:
    def serve(connection: socket.socket, frames: Connection) -> None:
        connection.sendall(raw)
        connection.recv(4096)

    with serving(serve) as url, opened(client, url) as websocket, pytest.raises(Broken):
        websocket.receive()


def test_a_server_that_hangs_up_breaks_the_connection(client: httpx.Client) -> None:
    silent = serving(lambda connection, frames: None)
    with silent as url, opened(client, url) as websocket, pytest.raises(Broken):
        websocket.receive()


def test_the_deadline_holds_for_a_message_that_drips(client: httpx.Client) -> None:
    stop = threading.Event()

    def serve(connection: socket.socket, frames: Connection) -> None:
        connection.sendall(b"\x81\x7e\x10\x00")
        while not stop.wait(0.05):
            try:
                connection.sendall(b"x")
            except OSError:
                return

    with serving(serve) as url, time_limit(timedelta(seconds=0.5)), opened(client, url) as websocket:
        with pytest.raises(Broken, match=r"deadline|timed out"):
            websocket.receive()
        stop.set()


def test_an_answer_that_does_not_prove_itself_opens_nothing(client: httpx.Client) -> None:
    liar = serving(lambda connection, frames: None, accept="c29tZXRoaW5nIGVsc2U=")
    with liar as url, pytest.raises(NotUpgraded), opened(client, url):
        raise AssertionError("it was opened")


def test_a_plain_answer_is_handed_back() -> None:
    answer = httpx.Response(429, headers={"Retry-After": "30"}, content=b"no")
    client = httpx.Client(transport=httpx.MockTransport(lambda request: answer))

    with pytest.raises(NotUpgraded) as caught, opened(client, "wss://relay.example"):
        raise AssertionError("it was opened")

    assert caught.value.answer.status_code == 429
    assert caught.value.answer.headers["retry-after"] == "30"


def test_the_address_policy_holds() -> None:
    strict = make_client(timeout=5)
    with strict, pytest.raises(httpx.ConnectError) as caught, opened(strict, "ws://127.0.0.1:9/"):
        raise AssertionError("it was opened")

    assert isinstance(caught.value.__cause__, Refused)


def test_frames_of_clients_are_masked(client: httpx.Client) -> None:
    raw = bytearray()

    def serve(connection: socket.socket, frames: Connection) -> None:
        raw.extend(connection.recv(4096))
        connection.sendall(frames.send(Message(data="ok")))
        connection.recv(4096)

    with serving(serve) as url, opened(client, url) as websocket:
        websocket.send("drums")
        websocket.receive()

    assert raw[1] & 0x80
    assert b"drums" not in raw

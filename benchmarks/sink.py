"""A webhook receiver that answers at once, in a process of its own: the zero-latency sink.

    python -m benchmarks.sink      prints its port; GET / lists each request's id and arrival time

Hand-written on raw sockets, so that the measured side is the publisher and not the sink.
"""

import json
import selectors
import socket
import sys
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def serve(server: socket.socket) -> None:
    """Answer every request, with its body read, until the process is ended."""
    chosen = selectors.DefaultSelector()
    chosen.register(server, selectors.EVENT_READ)
    waiting: dict[socket.socket, bytes] = {}
    ids: list[tuple[str, float]] = []
    while True:
        for key, _ in chosen.select():
            if key.fileobj is server:
                connection, _ = server.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                chosen.register(connection, selectors.EVENT_READ)
                waiting[connection] = b""
                continue
            connection = key.fileobj  # type: ignore[assignment]
            received = _receive(connection)
            if not received:
                chosen.unregister(connection)
                waiting.pop(connection, None)
                connection.close()
                continue
            waiting[connection] = _answer(connection, waiting[connection] + received, ids)


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionError:
        return b""


def _answer(connection: socket.socket, pending: bytes, ids: list[tuple[str, float]]) -> bytes:
    """Answer each whole request in ``pending``; returns what is left."""
    while (end := pending.find(b"\r\n\r\n")) >= 0:
        head = pending[:end].decode("latin-1")
        fields = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }
        length = int(fields.get("content-length", "0"))
        if len(pending) < end + 4 + length:
            return pending
        pending = pending[end + 4 + length :]
        if head.startswith("GET"):
            body = json.dumps(ids).encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        else:
            ids.append((fields.get("webhook-id", ""), time.time()))
            connection.sendall(ANSWER)
    return pending


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listener.getsockname()[1], flush=True)
    try:
        serve(listener)
    except KeyboardInterrupt:
        sys.exit(0)

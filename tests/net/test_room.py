"""Large bodies take turns; small ones pass them by."""

import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from net.client import make_client, read
from net.deadline import clamp, time_limit
from net.decode import decode
from net.room import NoRoom, Room, grown
from tests.servers.loopback import Loopback

K = 1024


class Visit:
    """A thread that reads a body of some size in a room, and stays until it is told to leave."""

    def __init__(self, room: Room, size: int) -> None:
        self.has_read, self.leave = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, args=(room, size))
        self._thread.start()

    def _run(self, room: Room, size: int) -> None:
        with room.entered():
            grown(size)
            self.has_read.set()
            self.leave.wait(20)

    def end(self) -> None:
        self.leave.set()
        self._thread.join()


def test_one_large_body_waits_for_another_and_a_small_one_for_nobody() -> None:
    room = Room((K, 1))
    first = Visit(room, 2 * K)
    assert first.has_read.wait(10)
    second, small = Visit(room, 2 * K), Visit(room, K)

    assert small.has_read.wait(10)
    assert not second.has_read.wait(0.05)
    first.end()
    assert second.has_read.wait(10)
    second.end()
    small.end()


def test_a_body_that_grows_takes_a_further_turn_at_each_size() -> None:
    room = Room((K, 2), (8 * K, 1))
    medium, large = Visit(room, 2 * K), Visit(room, 9 * K)
    assert medium.has_read.wait(10)
    assert large.has_read.wait(10)
    medium.end()
    other = Visit(room, 9 * K)

    assert not other.has_read.wait(0.05)
    large.end()
    assert other.has_read.wait(10)
    other.end()


def grow_and_fail(room: Room) -> None:
    with room.entered():
        grown(2 * K)
        raise ZeroDivisionError


def test_turns_are_given_back_whatever_happens_inside() -> None:
    room = Room((K, 1), longest=0.01)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            grow_and_fail(room)
    with room.entered():
        grown(2 * K)


def test_nobody_waits_for_ever_and_waiting_is_not_held_against_the_server() -> None:
    room = Room((K, 1), longest=0.2)
    first = Visit(room, 2 * K)
    assert first.has_read.wait(10)
    with pytest.raises(NoRoom), room.entered():
        grown(2 * K)
    timer = threading.Timer(0.1, first.end)
    timer.start()
    with time_limit(timedelta(seconds=0.05)), room.entered():
        grown(2 * K)  # comes after twice the limit
        left = clamp(None)
    assert left is not None
    assert 0 < left <= 0.05
    timer.join()


@pytest.mark.parametrize("pack", [bytes, zlib.compress])
def test_a_body_counts_as_it_grows_also_when_it_is_compressed(pack: Callable[[bytes], bytes]) -> None:
    room = Room((64 * K, 1), longest=0.01)
    body = pack(b"<rss/>" + bytes(200 * K))
    coding = "" if pack is bytes else "deflate"
    first = Visit(room, 65 * K)
    assert first.has_read.wait(10)
    try:
        with pytest.raises(NoRoom), room.entered():
            decode([body[at : at + K] for at in range(0, len(body), K)], coding, max_bytes=K * K)
    finally:
        first.end()


def test_large_documents_at_once_are_all_read_one_after_another() -> None:
    body = b"x" * (600 * K)
    at_once: list[int] = []
    room = Room((100 * K, 2))
    with (
        Loopback(lambda path, headers: (200, {}, body)) as server,
        make_client(allowed_networks=["127.0.0.0/8"]) as client,
    ):

        def fetch(number: int) -> int:
            with room.entered():
                answer = read(
                    client, f"{server.url}/{number}", deadline=timedelta(seconds=20), max_bytes=K * K
                )
                at_once.append(1)
                most = len(at_once)
                time.sleep(0.01)
                at_once.pop()
                return most if len(answer.body) == len(body) else 99

        with ThreadPoolExecutor(8) as pool:
            assert max(pool.map(fetch, range(16))) <= 2

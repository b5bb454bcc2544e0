"""Names are looked up by threads that are used again, and one that hangs holds up nobody else."""

import os
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from net.lookup import TookTooLong, look_up


def resolver(*, hanging: threading.Event | None = None) -> Any:
    def resolve(host: str, port: int, **_: object) -> list[Any]:
        if hanging is not None and host.startswith("slow"):
            hanging.wait(20)
        found = re.match(r"host(\d+)", host)
        if found is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{found[1]}", port))] * 2

    return resolve


def test_one_look_up_after_another_starts_no_further_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver())
    look_up("host1.test", 80, limit=5)
    before = threading.active_count()

    assert [look_up(f"host{n}.test", 80, limit=5) for n in range(40)] == [[f"127.0.0.{n}"] for n in range(40)]
    with pytest.raises(socket.gaierror):
        look_up("unknown.test", 80, limit=5)

    assert threading.active_count() <= before


def test_each_gets_the_answer_to_its_own_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver())
    numbers = [number % 250 for number in range(600)]

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: look_up(f"host{n}.test", 80, limit=10), numbers))

    assert found == [[f"127.0.0.{number}"] for number in numbers]


def test_hanging_look_ups_hold_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", resolver(hanging=hanging))
    try:
        for _ in range(20):
            with pytest.raises(TookTooLong):
                look_up("slow.test", 80, limit=0.01)
            assert look_up("host7.test", 80, limit=5) == ["127.0.0.7"]
    finally:
        hanging.set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no fork")
def test_a_child_process_has_threads_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver())
    look_up("host1.test", 80, limit=5)

    child = os.fork()
    if child == 0:
        os._exit(0 if look_up("host2.test", 80, limit=5) == ["127.0.0.2"] else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

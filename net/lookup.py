"""Names looked up within a limit: ``getaddrinfo`` knows none, so it runs in threads that may be left behind.

A thread serves one look-up after another, since starting one costs as much as half a request; while one
hangs, others are started in its place.
"""

import os
import queue
import socket
import threading

#: The addresses of a name, or why there are none.
Answer = list[str] | OSError | UnicodeError


class TookTooLong(Exception):
    """No answer came within the limit."""


def look_up(host: str, port: int, *, limit: float) -> list[str]:
    """The addresses of a name, in the resolver's order, each once.

    Args:
        limit: seconds.

    Raises:
        TookTooLong: the resolver does not answer.
        OSError, UnicodeError: there is no such name, or it is none.
    """
    answer = _threads.ask(host, port, limit)
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Threads:
    """As many threads as look-ups that are under way at once, or hang."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[tuple[str, int, queue.SimpleQueue[Answer]]] = queue.SimpleQueue()
        #: Threads that wait for something to do, less the look-ups that wait for them.
        self._idle = 0
        self._lock = threading.Lock()

    def ask(self, host: str, port: int, limit: float) -> Answer:
        answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        with self._lock:
            is_one_idle = self._idle > 0
            if is_one_idle:
                self._idle -= 1
        if not is_one_idle:
            threading.Thread(target=self._serve, name="names", daemon=True).start()
        self._asked.put((host, port, answers))
        try:
            return answers.get(timeout=max(0.0, limit))
        except queue.Empty:
            raise TookTooLong(host) from None

    def _serve(self) -> None:
        while True:
            host, port, answers = self._asked.get()
            answer = _ask(host, port)
            with self._lock:
                self._idle += 1
            answers.put(answer)


def _ask(host: str, port: int) -> Answer:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        return exc
    return list(dict.fromkeys(str(info[4][0]) for info in found))


_threads = _Threads()


def _begin_anew() -> None:
    global _threads  # noqa: PLW0603 - threads do not follow into a child process
    _threads = _Threads()


os.register_at_fork(after_in_child=_begin_anew)

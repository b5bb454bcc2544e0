"""Three ways to poll the feeds of a site, each run in a process of its own.

    python feed_pollers.py tabuh|plain|reader|http URL COUNT

Prints one JSON object: for each phase the processor and wall seconds, and how many entries were new; at last
the largest resident memory in MB. ``http`` polls nothing: it prints the processor milliseconds of one request
that is answered by 304, for our client with all that a look at a feed does, and for httpx as it comes. The
file imports a poller's libraries only when it is asked for, since ``reader`` runs in an environment without
ours.
"""

import json
import resource
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PHASES = ("cold", "warm", "mixed")
THREADS = 8
#: Looks at all feeds once; answers how many entries were new.
Look = Callable[[], int]


def tabuh(urls: list[str]) -> Look:
    """Our fetching, slicing, reading and identity, with validators and memories kept in a dictionary."""
    from datetime import UTC, datetime

    from domain.errors import NotAFeed
    from feeds.document import allows_deltas, read_document
    from feeds.fetch import NotModified, Validators, fetch
    from net.client import make_client

    client = make_client(allowed_networks=["127.0.0.0/8"])
    state: dict[str, tuple[Validators, bytes, bytes]] = {}
    seen: dict[str, set[Any]] = {url: set() for url in urls}

    def look(url: str) -> int:
        now = datetime.now(UTC)
        validators, digest, memory = state.get(url, (Validators(), b"", b""))
        answer = fetch(client, url, validators=validators, now=now, deltas=allows_deltas(memory))
        if isinstance(answer, NotModified) or answer.body_hash == digest:
            return 0
        try:
            document = read_document(
                answer.body, url=answer.url, content_type=answer.content_type, now=now, memory=memory
            )
        except NotAFeed:
            return 0
        new = [entry for entry in document.entries if seen[url].isdisjoint(entry.keys)]
        seen[url].update(key for entry in document.entries for key in entry.keys)
        state[url] = (answer.validators, answer.body_hash, document.memory)
        return len(new)

    return lambda: in_threads(look, urls)


def plain(urls: list[str]) -> Look:
    """What many write: httpx with conditional requests and a hash of the body, and feedparser as it is."""
    import hashlib
    import io

    import feedparser
    import httpx

    client = httpx.Client(trust_env=False)
    state: dict[str, tuple[str, bytes]] = {}
    seen: dict[str, set[str]] = {url: set() for url in urls}

    def look(url: str) -> int:
        etag, digest = state.get(url, ("", b""))
        answer = client.get(url, headers={"If-None-Match": etag} if etag else {})
        found = hashlib.blake2b(answer.content).digest()
        if answer.status_code == 304 or found == digest:
            return 0
        headers = {"content-location": url, **answer.headers}
        entries = feedparser.parse(io.BytesIO(answer.content), response_headers=headers)["entries"]
        ids = {str(entry.get("id") or entry.get("link") or entry.get("title")) for entry in entries}
        new = len(ids - seen[url])
        seen[url] |= ids
        state[url] = (answer.headers.get("etag", ""), found)
        return new

    return lambda: in_threads(look, urls)


def reader(urls: list[str]) -> Look:
    """The ``reader`` library with its database, 20 workers."""
    from reader import make_reader  # type: ignore[import-not-found, unused-ignore]

    made = make_reader(str(Path(tempfile.mkdtemp()) / "reader.sqlite"))
    for url in urls:
        made.add_feed(url)

    def look() -> int:
        before = made.get_entry_counts().total or 0
        made.update_feeds(workers=20, scheduled=False)
        return int((made.get_entry_counts().total or 0) - before)

    return look


def http(site: str, *, requests: int = 1500) -> dict[str, float]:
    """Milliseconds of processor time a request, in pieces by turns, so that both meet the same machine."""
    from datetime import UTC, datetime

    import httpx

    from feeds.fetch import Validators, fetch
    from net.client import make_client

    client, plain_client = make_client(allowed_networks=["127.0.0.0/8"]), httpx.Client(trust_env=False)
    etag = '"0-1"'

    def ours() -> None:
        fetch(client, f"{site}/0", validators=Validators(etag), now=datetime.now(UTC))

    def httpx_() -> None:
        plain_client.get(f"{site}/0", headers={"If-None-Match": etag})

    spent = {"tabuh": 0.0, "httpx": 0.0}
    for _ in range(requests // 50):
        for name, ask in (("tabuh", ours), ("httpx", httpx_)):
            before = used()
            for _ in range(50):
                ask()
            spent[name] += used() - before
    return {name: seconds / (requests // 50 * 50) * 1e3 for name, seconds in spent.items()}


def in_threads(look: Callable[[str], int], urls: list[str]) -> int:
    """All feeds, a few at a time."""
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(look, urls))


def used() -> float:
    """Processor seconds of this process and its children so far."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(kind: str, site: str, count: int) -> None:
    """Run the phases and print the figures."""
    if kind == "http":
        print(json.dumps(http(site)))
        return
    pollers = {"tabuh": tabuh, "plain": plain, "reader": reader}
    look = pollers[kind]([f"{site}/{number}" for number in range(count)])
    figures: dict[str, Any] = {}
    for phase in PHASES:
        urllib.request.urlopen(f"{site}/phase/{phase}").close()
        cpu, wall = used(), time.perf_counter()
        new = look()
        figures[phase] = {"cpu": used() - cpu, "wall": time.perf_counter() - wall, "new": new}
    figures["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

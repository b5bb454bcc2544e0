"""Input broken at random or by atheris: only errors come out that a person can read."""

import random
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import fuzz
from benchmarks.fuzz_seeds import SAMPLES, SEEDS
from benchmarks.fuzz_targets import TARGETS
from domain.errors import TabuhError
from feeds.discover import discover
from feeds.document import Document, Unchanged, read_document
from feeds.link_header import links
from feeds.opml import read_opml
from feeds.page import picture_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://blog.example/feed"
#: Pieces that parsers trip over.
JUNK: Final = (
    "<", ">", "&", "]]>", "<![CDATA[", "<!--", "-->", "<?", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;",
    "&#0;", "&#xD800;",
    "\x00", "\ufeff", "\ud800", "\u2028", "'", '"', "<item>", "</item>", "<entry>", "<item/>",
    "</channel>", "<feed>",
    "xmlns:a=''", "xmlns='urn:x'", "<a:b/>", "<title>", "</title>", "encoding='utf-16'", "http://[",
    "javascript:x",
    "0001-01-01T00:00:00Z", "99999", "{", "}", "[", "]", ":", ",", "null", "1e999", "-0", "\\ud800",
    "<outline ",
)  # fmt: skip


def broken(text: str, seed: int, times: int) -> bytes:
    """The text with pieces cut out, doubled, moved, or junk put in between; sometimes in another encoding."""
    rng = random.Random(seed)
    for _ in range(times):
        at, to = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        to = min(to, at + rng.choice((1, 5, 40, 400)))
        match rng.randrange(4):
            case 0:
                text = text[:at] + text[to:]
            case 1:
                text = text[:to] + text[at:to] * rng.randrange(1, 4) + text[to:]
            case _:
                text = text[:at] + rng.choice(JUNK) * rng.choice((1, 1, 3)) + text[at:]
    codec = rng.choice(("utf-8", "utf-8", "utf-8", "utf-16", "latin-1", "utf-32-le"))
    body = bytearray(text.encode(codec, "replace" if codec == "latin-1" else "surrogatepass"))
    for _ in range(rng.choice((0, 0, 3)) if body else 0):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return bytes(body)


#: What fuzzing has found, cut down: one file for each finding, named after the target that it goes to.
FINDINGS: Final = sorted(Path(__file__).with_name("findings").iterdir())
seeds = st.integers(0, 2**32)
times = st.integers(1, 12)
contents = st.sampled_from(
    [
        None,
        "application/xml",
        "text/xml; charset=utf-8",
        "text/html",
        "x; charset=punycode",
        "; charset=\udcff",
    ]
)


def read(body: bytes, content_type: str | None, memory: bytes | None = None) -> Document | None:
    with suppress(TabuhError):
        return read_document(body, url=URL, content_type=content_type, now=NOW, memory=memory)
    return None


@pytest.mark.parametrize("kind", SAMPLES)
@settings(max_examples=150, deadline=5000)
@given(seed=seeds, count=times, content_type=contents)
def test_a_broken_document_is_read_or_refused(
    kind: str, seed: int, count: int, content_type: str | None
) -> None:
    body = broken(SAMPLES[kind], seed, count)
    document = read(body, content_type)
    if document is None:
        return
    keys = [key for entry in document.entries for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert all(entry.keys for entry in document.entries)

    again = read(body, content_type, document.memory)
    assert again is not None
    assert [entry.keys for entry in again.entries] == [entry.keys for entry in document.entries]
    assert again.memory == document.memory
    if document.memory:
        assert all(isinstance(entry, Unchanged) for entry in again.entries)


@settings(max_examples=150, deadline=5000)
@given(seed=seeds, count=times)
def test_what_is_remembered_of_one_document_does_no_harm_to_the_next(seed: int, count: int) -> None:
    for kind in ("rss", "atom", "json"):
        before = read(SAMPLES[kind].encode(), None)
        assert before is not None
        body = broken(SAMPLES[kind], seed, count)
        whole, part = read(body, None), read(body, None, before.memory)
        assert (whole is None) == (part is None)
        if whole and part:
            assert [entry.keys for entry in part.entries] == [entry.keys for entry in whole.entries]
            assert part.memory == whole.memory


@settings(max_examples=200, deadline=5000)
@given(seed=seeds, count=times, kind=st.sampled_from(["opml", "page", "rss"]))
def test_broken_lists_pages_and_headers_never_crash(seed: int, count: int, kind: str) -> None:
    body = broken(SAMPLES[kind], seed, count)
    text = body.decode("latin-1")
    with suppress(TabuhError):
        assert all(feed.url.startswith("http") for feed in read_opml(body).feeds)
    for candidate in discover(body, url=URL, link_header=text):
        assert candidate.url.startswith("http")
    picture = picture_of(body, url=URL)
    assert picture is None or picture.startswith("http")
    assert all(link.url.startswith("http") for link in links(text, base=URL))


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda path: path.name)
def test_what_fuzzing_once_found_is_mended(finding: Path) -> None:
    TARGETS[finding.name.partition("-")[0]](finding.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=60, deadline=5000)
@given(raw=st.binary(max_size=400), seed=seeds, count=times)
def test_any_bytes_are_borne(target: str, raw: bytes, seed: int, count: int) -> None:
    TARGETS[target](raw)
    for sample in SEEDS[target]:
        TARGETS[target](broken(sample.decode("latin-1"), seed, count))


@pytest.mark.skipif(not fuzz.is_available(), reason="atheris has no wheel for this machine or Python")
@pytest.mark.parametrize("target", TARGETS)
def test_a_short_run_of_atheris_finds_nothing(target: str, tmp_path: Path) -> None:
    is_well, line = fuzz.run(target, seconds=2, findings=tmp_path)

    assert is_well, line
    assert " 0 inputs" not in line


@pytest.mark.skipif(not fuzz.is_available(), reason="atheris has no wheel for this machine or Python")
def test_a_finding_is_told(tmp_path: Path) -> None:
    """A run that could find nothing would prove nothing: here no memory is allowed."""
    is_well, line = fuzz.run("dates", seconds=5, findings=tmp_path, memory=1)

    assert not is_well
    assert "FOUND" in line

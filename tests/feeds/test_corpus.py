"""377 real feeds against the rules of our own."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import NotAFeed
from feeds.identity import with_keys
from feeds.parse import ParsedFeed, parse

NOW = datetime(2030, 1, 1, tzinfo=UTC)
BASE = "http://base.invalid/feed"


@pytest.fixture(scope="module")
def files(shared: Path) -> Mapping[str, bytes]:
    folder = shared / "feeds"
    names = json.loads((folder / "expected.json").read_text())
    return {name: (folder / name).read_bytes() for name in names}


@pytest.fixture(scope="module")
def feeds(files: Mapping[str, bytes]) -> Mapping[str, ParsedFeed]:
    return dict(parsed(files, BASE))


def parsed(files: Mapping[str, bytes], url: str) -> Iterator[tuple[str, ParsedFeed]]:
    for name, body in files.items():
        try:
            yield name, parse(body, url=url, content_type=None, now=NOW)
        except NotAFeed:
            continue


def test_a_move_to_https_or_to_another_host_makes_no_entry_new(
    files: Mapping[str, bytes], feeds: Mapping[str, ParsedFeed]
) -> None:
    """The address of the feed must not reach into any identity."""
    checked = 0
    for name, after in parsed(files, "https://elsewhere.example/other/rss.xml?x=1"):
        before = feeds[name]
        seen = {key for entry in with_keys(before.entries, site_url=before.site_url) for key in entry.keys}
        for entry in with_keys(after.entries, site_url=after.site_url):
            assert seen.intersection(entry.keys), f"{name}: {entry.guid} {entry.link}"
            checked += 1
    assert checked > 2800


def test_every_entry_has_a_key_and_no_two_share_one(feeds: Mapping[str, ParsedFeed]) -> None:
    for name, found in feeds.items():
        keys = [key for entry in with_keys(found.entries, site_url=found.site_url) for key in entry.keys]
        assert len(keys) == len(set(keys)), name
        assert all(entry.keys for entry in with_keys(found.entries)), name


def test_what_is_shown_holds_nothing_active_and_only_absolute_addresses(
    feeds: Mapping[str, ParsedFeed],
) -> None:
    active = re.compile(r"<(?:script|style|iframe|object|form)|\son\w+=|javascript:", re.IGNORECASE)
    addresses = re.compile(r'<[^>]*\s(?:href|src|poster)="([^"]*)"')
    for name, found in feeds.items():
        for entry in found.entries:
            for markup in (entry.summary_html, entry.content_html):
                tags = "".join(re.findall(r"<[^>]*>", markup))
                assert not active.search(tags), name
                for address in addresses.findall(markup):
                    assert re.match(r"\s*(?:https?://|mailto:)", address, re.IGNORECASE), (name, address)
            assert entry.image_url is None or entry.image_url.startswith(("http://", "https://"))
            assert entry.title == " ".join(entry.title.split())

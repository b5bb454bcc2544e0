"""377 real feeds against the vote of seven independent parsers, and against the rules of our own."""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.entry import Entry
from domain.errors import NotAFeed
from feeds.identity import with_keys
from feeds.parse import ParsedFeed, parse

NOW = datetime(2030, 1, 1, tzinfo=UTC)
#: The address that the voting parsers were given.
BASE = "http://base.invalid/feed"
#: Share of the agreed values that must be ours as well. What is missing: entries nested in entries, charsets
#: that have to be guessed, links that are no web address, and which of two authors comes first.
LEAST = {"id": 1.0, "title": 0.99, "link": 0.997, "author": 0.95, "published": 1.0, "updated": 0.997}


@pytest.fixture(scope="module")
def files(shared: Path) -> Mapping[str, bytes]:
    folder = shared / "feeds"
    names = json.loads((folder / "expected.json").read_text())
    return {name: (folder / name).read_bytes() for name in names}


@dataclass
class Agreement:
    agreed: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def test_our_values_are_those_that_the_parsers_agree_on(files: Mapping[str, bytes], shared: Path) -> None:
    votes = json.loads((shared / "feeds" / "expected.json").read_text())
    found = Agreement()
    for name, body in files.items():
        try:
            entries = parse(body, url=BASE, content_type=None, now=NOW, limit=10**6).entries
        except NotAFeed:
            assert "entries" not in votes[name], name
            continue
        for entry, vote in zip(entries, votes[name].get("entries", ()), strict=False):
            compare(name, entry, vote, found)
    shares = {kind: found.agreed[kind] / found.compared[kind] for kind in LEAST}
    print("\nagreement:", ", ".join(f"{kind} {share:.2%}" for kind, share in shares.items()))

    assert min(found.compared.values()) > 900
    short = {kind: share for kind, share in shares.items() if share < LEAST[kind]}
    assert not short, "\n".join([str(short), *found.differences[:40]])


def compare(name: str, entry: Entry, vote: Mapping[str, Any], found: Agreement) -> None:
    ours = {
        "id": entry.guid,
        "title": words(entry.title),
        "link": entry.link,
        "author": entry.authors[0] if entry.authors else None,
        "published": entry.published_at and entry.published_at.timestamp(),
        "updated": entry.updated_at and int(entry.updated_at.timestamp()),
    }
    for kind, value in ours.items():
        if kind not in vote or is_wanted_difference(kind, vote[kind]):
            continue
        found.compared[kind] += 1
        found.agreed[kind] += value == vote[kind]
        if value != vote[kind]:
            found.differences.append(f"{name} {kind}: {value!r}, not {vote[kind]!r}")


def is_wanted_difference(kind: str, vote: object) -> bool:
    """Where we decided otherwise: FeedBurner's original link, and names without mail addresses."""
    if kind == "link":
        return "feedproxy" in str(vote) or "/~r/" in str(vote)
    if kind == "author":
        return "@" in str(vote)
    return "�" in str(vote)


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", html.unescape(html.unescape(text))).split())


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

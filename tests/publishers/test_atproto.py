"""Record keys and session tokens of the AT Protocol."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishers.atproto import expiry, home_of, record_key, tid
from tests.publishers.fake_pds import token

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VALID = re.compile("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
times = st.timedeltas(timedelta(days=1), timedelta(days=80_000)).map(EPOCH.__add__)
keys = st.binary(min_size=16, max_size=16).map(bytes.hex)


@given(times, keys)
def test_a_record_key_is_a_valid_tid_that_every_try_finds_again(created_at: datetime, key: str) -> None:
    assert VALID.fullmatch(record_key(created_at, key))
    assert record_key(created_at, key) == record_key(created_at, key)


@given(times)
def test_record_keys_sort_by_time(created_at: datetime) -> None:
    later = created_at + timedelta(seconds=68)

    assert record_key(created_at, "aa") < record_key(later, "bb")
    assert record_key(created_at, "aa") <= tid((created_at - EPOCH) // timedelta(microseconds=1), 1023)


def test_posts_made_at_the_same_time_do_not_meet() -> None:
    made = {record_key(NOON, f"{number:032x}") for number in range(5000)}

    assert len(made) == 5000


def test_our_pattern_for_a_tid_is_the_specifications(shared: Path) -> None:
    folder = shared / "specs" / "atproto" / "interop-syntax"

    def lines(name: str) -> list[str]:
        return [line for line in (folder / name).read_text().splitlines() if line and line[0] != "#"]

    assert all(VALID.fullmatch(line) for line in lines("tid_syntax_valid.txt"))
    assert not any(VALID.fullmatch(line) for line in lines("tid_syntax_invalid.txt"))


def test_a_known_timestamp_gives_a_known_tid() -> None:
    assert tid(0, 0) == "2222222222222"
    assert tid(1, 0) == "2222222222322"
    assert tid((1 << 53) - 1, 1023) == "bzzzzzzzzzzzz"


@pytest.mark.parametrize("odd", ["", "a.b", "a.!!!.c", "a.e30.c", "a.bnVsbA.c", "a.WzFd.c", "ä.ö.ü"])
def test_a_token_that_cannot_be_read_says_nothing(odd: str) -> None:
    assert expiry(odd) is None


def test_a_token_says_when_it_ends() -> None:
    assert expiry(token("access", NOON)) == NOON


@pytest.mark.parametrize(
    ("document", "home"),
    [
        (
            {"service": [{"id": "#atproto_pds", "serviceEndpoint": "https://pds.example/"}]},
            "https://pds.example",
        ),
        (
            {"service": [{"id": "did:plc:x#atproto_pds", "serviceEndpoint": "https://p.example"}]},
            "https://p.example",
        ),
        ({"service": [{"id": "#atproto_pds", "serviceEndpoint": "http://pds.example"}]}, None),
        ({"service": [{"id": "#other", "serviceEndpoint": "https://pds.example"}]}, None),
        ({"service": "none"}, None),
        (None, None),
    ],
)
def test_the_home_of_a_repository_is_an_encrypted_address_or_none(document: object, home: str | None) -> None:
    assert home_of(document) == home

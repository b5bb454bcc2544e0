"""The same entry keeps a key whatever the publisher changes; a different one shares none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entry import Entry, KeyKind
from feeds.identity import canonical_link, with_keys

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def entry(n: int, **changes: object) -> Entry:
    made = Entry(
        guid=f"https://blog.example/?p={n}",
        link=f"https://blog.example/{n}",
        title=f"Title {n}",
        text=f"Text number {n}",
        published_at=NOON - n * DAY,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def feed(count: int = 5, **changes: object) -> list[Entry]:
    return [entry(n, **changes) for n in range(count)]


def new(before: list[Entry], after: list[Entry], *, site_url: str | None = None) -> list[str]:
    """Titles that a reader of both documents takes for new in the second one."""
    seen = {key for e in with_keys(before, site_url=site_url) for key in e.keys}
    return [e.title for e in with_keys(after, site_url=site_url) if not seen.intersection(e.keys)]


def rewritten(entries: list[Entry], old: str, to: str) -> list[Entry]:
    """Every address changed in the same way."""
    return [
        replace(
            e,
            guid=e.guid.replace(old, to) if e.guid else None,
            link=e.link.replace(old, to) if e.link else None,
        )
        for e in entries
    ]


GUIDLESS = feed(guid=None)
LINKLESS = feed(link=None)
NUMBERED = [entry(n, guid=str(n)) for n in range(5)]
BARE = feed(guid=None, link=None)


@pytest.mark.parametrize(
    "entries", [feed(), GUIDLESS, LINKLESS, NUMBERED], ids=["all", "no guid", "no link", "numbers"]
)
class TestNothingIsNewWhen:
    def test_the_document_is_read_again(self, entries: list[Entry]) -> None:
        assert new(entries, entries) == []

    def test_the_order_changes(self, entries: list[Entry]) -> None:
        assert new(entries, entries[::-1]) == []

    def test_the_head_is_deleted_and_older_ones_slide_in(self, entries: list[Entry]) -> None:
        assert new(entries, entries[2:]) == []

    def test_the_site_switches_to_https(self, entries: list[Entry]) -> None:
        before = rewritten(entries, "https://", "http://")
        assert new(before, entries) == []

    def test_the_site_moves_to_another_host(self, entries: list[Entry]) -> None:
        assert new(entries, rewritten(entries, "blog.example", "www.new.example")) == []

    def test_links_get_tracking_parameters(self, entries: list[Entry]) -> None:
        noisy = [
            replace(e, link=e.link and f"{e.link}?utm_source=rss&utm_medium={n}")
            for n, e in enumerate(entries)
        ]
        assert new(entries, noisy) == []

    def test_entries_are_dated_anew(self, entries: list[Entry]) -> None:
        later = [replace(e, published_at=NOON + DAY) for e in entries]
        assert new(entries, later) == []

    def test_texts_are_edited(self, entries: list[Entry]) -> None:
        edited = [replace(e, title=e.title + "!", text=e.text + " (updated)") for e in entries]
        assert new(entries, edited) == []


def test_entries_with_nothing_but_words_are_known_by_them() -> None:
    assert new(BARE, BARE[::-1]) == []
    assert new(BARE, [replace(e, published_at=NOON) for e in BARE]) == []
    assert new(BARE, [entry(9, guid=None, link=None)]) == ["Title 9"]


def test_new_guids_for_all_are_recognised_by_link_and_by_words() -> None:
    assert new(feed(), [entry(n, guid=f"urn:{n}") for n in range(5)]) == []
    assert new(feed(), [entry(n, guid=f"urn:{n}", link=f"https://x.example/{n}-new") for n in range(5)]) == []


def test_one_new_entry_is_new_once() -> None:
    assert new(feed(), [entry(9), *feed()]) == ["Title 9"]


def test_equal_guids_swallow_nothing() -> None:
    same = [entry(n, guid="always the same") for n in range(3)]

    assert [e.title for e in with_keys(same)] == ["Title 0", "Title 1", "Title 2"]
    assert new(same, [entry(9, guid="always the same"), *same]) == ["Title 9"]
    assert all(key.kind != KeyKind.GUID for e in with_keys(same) for key in e.keys)


def test_equal_links_swallow_nothing() -> None:
    same = [entry(n, link="https://blog.example/status") for n in range(3)]

    assert new(same, [entry(9, link="https://blog.example/status"), *same]) == ["Title 9"]


def test_a_link_to_the_feeds_own_page_names_no_entry() -> None:
    """With one entry at a time in the document nothing else would tell that links are useless here."""
    home = "https://blog.example/"
    before, after = [entry(1, guid=None, link=home)], [entry(2, guid=None, link="http://blog.example")]

    assert new(before, after, site_url=home) == ["Title 2"]


def test_the_same_words_on_another_day_are_news() -> None:
    weather = {"title": "No warnings", "text": "All is calm."}

    assert new([entry(1, **weather)], [entry(2, **weather)]) == ["No warnings"]


def test_in_a_collection_of_sites_equal_paths_are_different_entries() -> None:
    planet = [entry(n, guid=f"https://{n}.example/?p=123", link=f"https://{n}.example/") for n in range(3)]
    later = entry(9, guid="https://other.example/?p=123")

    assert new(planet, [later, *planet]) == ["Title 9"]


def test_sites_of_one_owner_are_one_site() -> None:
    a_and_b = [entry(n, guid=f"https://{'ab'[n % 2]}.blog.co.id/?p={n}", link=None) for n in range(4)]

    assert all(KeyKind.GUID_PATH in {key.kind for key in e.keys} for e in with_keys(a_and_b))


def test_exact_repetitions_are_dropped_and_the_first_stays() -> None:
    twice = [entry(1), entry(2), entry(1, published_at=NOON)]

    kept = with_keys(twice)

    assert [(e.title, e.published_at) for e in kept] == [("Title 1", NOON - DAY), ("Title 2", NOON - 2 * DAY)]


def test_a_guid_that_is_no_address_has_no_path() -> None:
    [keyed] = with_keys([entry(1, guid="tag:blog.example,2026:1")])

    assert {key.kind for key in keyed.keys} == {KeyKind.GUID, KeyKind.LINK, KeyKind.LINK_PATH, KeyKind.TEXT}
    assert all(len(key.key) == 16 for key in keyed.keys)


def test_kinds_of_key_never_meet() -> None:
    """A guid that equals another entry's path, link or words is not the same identity."""
    first, second = with_keys(
        [entry(1, guid="/2", link=None), entry(2, guid="https://x.example/2", link=None)]
    )

    assert not {key.key for key in first.keys} & {key.key for key in second.keys}


texts = st.sampled_from(["", "a", "b", "https://x.example/a", "https://y.example/a", "http://x.example/a"])


@given(
    st.lists(
        st.builds(Entry, guid=st.none() | texts, link=st.none() | texts, title=texts, text=texts), max_size=6
    )
)
def test_no_two_entries_of_a_document_share_a_key_and_none_goes_without(entries: list[Entry]) -> None:
    keyed = with_keys(entries)
    keys = [key for e in keyed for key in e.keys]

    assert len(keys) == len(set(keys))
    assert all(e.keys for e in keyed)


@pytest.mark.parametrize(
    ("given_link", "clean"),
    [
        ("https://X.Example/A?b=1", "https://x.example/A?b=1"),
        ("HTTPS://x.example:443/a", "https://x.example/a"),
        ("http://x.example:80", "http://x.example/"),
        ("http://x.example:8080/a", "http://x.example:8080/a"),
        ("https://x.example/?utm_source=a&z=%20&fbclid=1&a=+#top", "https://x.example/?z=%20&a=+#top"),
        ("https://x.example/?Z=1&UTM_Campaign=x", "https://x.example/?Z=1"),
        ("https://x.example/?gclid=1", "https://x.example/"),
        ("https://x.example/?sig=a%2Fb%3D&expires=1", "https://x.example/?sig=a%2Fb%3D&expires=1"),
        ("https://x.example/?utmost=1&ref=2", "https://x.example/?utmost=1&ref=2"),
        ("https://x.example/a#utm_source=rss", "https://x.example/a"),
        ("https://x.example/a#xtor=RSS-1", "https://x.example/a"),
        ("https://x.example/a#section", "https://x.example/a#section"),
        ("https://me:Pw@X.example/", "https://me:Pw@x.example/"),
        ("https://[::1", "https://[::1"),
        ("https://x.example:port/", "https://x.example:port/"),
    ],
)
def test_a_link_loses_only_what_tracks_the_reader(given_link: str, clean: str) -> None:
    assert canonical_link(given_link) == clean
    assert canonical_link(clean) == clean

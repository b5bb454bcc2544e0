"""Where links, tags and mentions stand in a text, in bytes."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishers.facets import facets, mention_facet, mentions


def marked(text: str, found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Each facet as the text under it and what it stands for."""
    body = text.encode()
    pairs = []
    for one in found:
        index, feature = one["index"], one["features"][0]
        under = body[index["byteStart"] : index["byteEnd"]].decode()
        pairs.append((under, feature.get("uri") or feature.get("tag") or feature.get("did")))
    return pairs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "👨‍👩‍👧 https://a.example/x, and #kopi!",
            [("https://a.example/x", "https://a.example/x"), ("#kopi", "kopi")],
        ),
        ("#ünï #日本語 ＃全角 (#no) a#no", [("#ünï", "ünï"), ("#日本語", "日本語"), ("＃全角", "全角")]),
        ("#1 #2024 #2024x #. #", [("#2024x", "2024x")]),
        ("#" + "a" * 65 + " #" + "b" * 64, [("#" + "b" * 64, "b" * 64)]),
        ("# alone, mail@a.example, a.example", []),
    ],
)
def test_links_and_tags_are_marked(text: str, expected: list[tuple[str, str]]) -> None:
    assert marked(text, facets(text)) == expected


def test_a_known_link_keeps_its_odd_end() -> None:
    text = "See https://a.example/b. now"

    assert marked(text, facets(text, link="https://a.example/b."))[0][1] == "https://a.example/b."
    assert marked(text, facets(text))[0][1] == "https://a.example/b"


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("hi @Tabuh.bsky.social. and (@b.example)", ["tabuh.bsky.social", "b.example"]),
        ("@nodomain me@a.example @a@b.example https://a.example/@b.example", []),
        ("@" + "a" * 64 + ".example", []),
        ("(@" + ".".join(["a" * 60] * 4) + ".example)", ["a" * 60 + f".{'a' * 60}" * 3 + ".example"]),
        ("(@" + ".".join(["a" * 60] * 5) + ".example)", []),
    ],
)
def test_mentions_are_full_handles(text: str, handles: list[str]) -> None:
    assert [mention.handle for mention in mentions(text)] == handles


def test_a_mention_becomes_a_facet_once_its_owner_is_known() -> None:
    text = "é @b.example"

    assert marked(text, [mention_facet(mentions(text)[0], "did:plc:b")]) == [("@b.example", "did:plc:b")]


@given(
    st.text()
    | st.lists(st.sampled_from(["#é", "🇮🇩", "https://a.example/é", "@b.example", "("])).map(" ".join)
)
def test_every_facet_lies_on_whole_characters_and_none_overlap(text: str) -> None:
    end = 0
    for one in facets(text):
        assert end <= one["index"]["byteStart"] < one["index"]["byteEnd"]
        end = one["index"]["byteEnd"]
        text.encode()[one["index"]["byteStart"] : end].decode()


def test_the_handles_that_the_specification_calls_valid_are_found(shared: Path) -> None:
    folder = shared / "specs" / "atproto" / "interop-syntax"
    for line in (folder / "handle_syntax_valid.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            assert [mention.handle for mention in mentions(f"@{line}")] == [line.lower()]


def test_no_handle_that_the_specification_calls_invalid_is_taken(shared: Path) -> None:
    folder = shared / "specs" / "atproto" / "interop-syntax"
    for line in (folder / "handle_syntax_invalid.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            assert line.lower() not in [mention.handle for mention in mentions(f"@{line}")]

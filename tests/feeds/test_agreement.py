"""Our values are those that seven independent parsers agree on, and each that is not has a known reason."""

from pathlib import Path

import pytest

from benchmarks.agreement import CLAIMED, LEAST, LIST, Agreement, Difference, document, measure


@pytest.fixture(scope="module")
def found(shared: Path) -> Agreement:
    return measure(shared / "feeds")


@pytest.mark.parametrize("name", CLAIMED)
def test_our_values_are_those_that_the_parsers_agree_on(found: Agreement, name: str) -> None:
    assert found.stated[name] > 2500
    assert found.share(name) >= LEAST


def test_every_difference_has_a_reason(found: Agreement) -> None:
    assert [difference for difference in found.differences if not difference.reason] == []


def test_the_list_of_differences_is_exact(found: Agreement) -> None:
    """A new difference fails here; renew the list with python -m benchmarks.agreement --write."""
    assert LIST.read_text() == document(found)


def test_a_value_that_is_not_the_votes_is_a_difference_without_a_reason() -> None:
    found = Agreement()
    found.compare(("a.xml", 0), "link", "https://a.example/1", "https://a.example/1")
    found.compare(("a.xml", 1), "link", "https://a.example/x", "https://a.example/2")

    assert found.differences == [Difference("a.xml", 1, "link", "")]
    assert found.share("link") == 0.5


def test_a_vote_that_nobody_can_read_counts_neither_for_nor_against_us() -> None:
    found = Agreement()
    found.compare(("a.xml", 0), "title", "Çédille", "�édille")
    found.compare(("a.xml", 1), "title", "Plain", "Plain")

    assert found.share("title") == 1.0
    assert found.differences == [Difference("a.xml", 0, "title", "misread vote")]

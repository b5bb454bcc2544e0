"""Addresses from a connect form."""

import pytest

from publishers.address import opened_by_browsers, server_address, web_address


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("mastodon.example", "https://mastodon.example"),
        (" https://mastodon.example/ ", "https://mastodon.example"),
        ("https://mastodon.example:8443", "https://mastodon.example:8443"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://localhost:2583", "http://localhost:2583"),
        ("http://box.local", "http://box.local"),
        ("http://192.168.1.7", "http://192.168.1.7"),
    ],
)
def test_a_server_is_taken_as_people_write_it(given: str, address: str) -> None:
    assert server_address(given) == address


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("http://mastodon.example", "not encrypted"),
        ("http://8.8.8.8", "not encrypted"),
        ("https://mastodon.example/@tabuh", "Write the server alone, such as https://mastodon.example"),
        ("https://me:secret@mastodon.example", "user name or password"),
        ("ftp://mastodon.example", "no web address"),
        ("https://", "no web address"),
        ("https://a.example:port", "no web address"),
        ("two words", "no web address"),
        ("https://[::1", "no web address"),
    ],
)
def test_what_is_no_server_is_refused_with_what_to_write(given: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        server_address(given)


def test_a_web_address_keeps_path_and_query() -> None:
    assert web_address(" https://a.example/hook?x=1 ") == "https://a.example/hook?x=1"
    with pytest.raises(ValueError, match="not encrypted"):
        web_address("http://a.example/hook")


@pytest.mark.parametrize("address", ["https://a.example/1", "http://127.0.0.1:3000/@a/1"])
def test_an_address_that_a_platform_gives_is_shown(address: str) -> None:
    assert opened_by_browsers(address) == address


@pytest.mark.parametrize(
    "given",
    ["javascript:alert(1)", "data:text/html,x", "/1", "https://", "https://[::1", "http://a\0", 17, None],
)
def test_an_address_that_browsers_must_not_be_sent_to_is_none(given: object) -> None:
    assert opened_by_browsers(given) is None

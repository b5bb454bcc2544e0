"""Where short links may lead, and the key that a site of one's own is told."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.targets import target_address, with_key

OWN = {"post.example.org": "/l/", "go.example.org": "/"}


@pytest.mark.parametrize(
    "target",
    ["https://shop.example/", "http://shop.example:8080/a?b=c#d", "https://münchen.example/ä", "https://[::1]/",
     "https://post.example.org/p/news"],
)  # fmt: skip
def test_web_addresses_are_kept_as_they_are(target: str) -> None:
    assert target_address(f" {target} ", own=OWN) == target


@pytest.mark.parametrize(
    "target",
    ["", "x", "//evil.example", "/path", "javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "https://",
     "https:///x", "https://a.example/ b", "https://a.example/\r\nSet-Cookie: x", "https://a.example\\@evil.example",
     "https://user:secret@a.example/", "https://a.example:99999/", "https://a.example:x/", "https://[x/",
     "https://a.example/" + "x" * 2_048, "https://post.example.org/l/abc", "https://go.example.org/abc",
     "https://go.example.org", "https://GO.example.org./x"],
)  # fmt: skip
def test_what_no_browser_should_be_sent_to_is_refused(target: str) -> None:
    with pytest.raises(UsageError):
        target_address(target, own=OWN)


_PIECE = st.text("abc=&?%#/+.tb", max_size=12)


@given(path=_PIECE, query=_PIECE, fragment=_PIECE)
def test_a_key_changes_nothing_but_its_own_parameter(path: str, query: str, fragment: str) -> None:
    path, query = path.replace("#", "").replace("?", ""), query.replace("#", "")
    target = f"https://shop.example/{path}"
    target += f"?{query}" if query else ""
    target += f"#{fragment}" if fragment else ""

    before, after = urlsplit(target), urlsplit(with_key(target, "KEY"))

    assert (after.scheme, after.netloc, after.path, after.fragment) == (
        before.scheme, before.netloc, before.path, before.fragment
    )  # fmt: skip
    others = (
        [part for part in before.query.split("&") if part.partition("=")[0] != "tb"] if before.query else []
    )
    assert after.query.split("&") == [*others, "tb=KEY"]


def test_a_key_that_was_copied_with_the_address_is_replaced() -> None:
    assert with_key("https://a.example/?tb=OLD&x=1#top", "NEW") == "https://a.example/?x=1&tb=NEW#top"

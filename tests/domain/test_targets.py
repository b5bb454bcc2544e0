"""Where short links may lead, and the key that a site of one's own is told."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.targets import as_sent, host_name, target_address, with_key

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
     "https://go.example.org", "https://GO.example.org./x",
     "https://\u202egnp.example/", "https://bücher..example/"],
)  # fmt: skip
def test_what_no_browser_should_be_sent_to_is_refused(target: str) -> None:
    with pytest.raises(UsageError):
        target_address(target, own=OWN)


@pytest.mark.parametrize(
    ("target", "sent"),
    [("https://bücher.example/straße?q=ü#ä", "https://xn--bcher-kva.example/straße?q=ü#ä"),
     ("https://Bücher.example:8080/", "https://xn--bcher-kva.example:8080/"),
     ("https://shop.example/straße", "https://shop.example/straße"),
     ("HTTPS://Shop.Example/Up", "HTTPS://Shop.Example/Up"),
     ("https://straße.example/", "https://straße.example/")],
)  # fmt: skip
def test_a_host_is_sent_in_ascii_and_the_rest_as_it_stands(target: str, sent: str) -> None:
    assert as_sent(target) == sent


def test_a_host_is_known_by_one_name_however_it_is_written() -> None:
    assert host_name("https://BÜCHER.example./x") == host_name("https://xn--bcher-kva.example/y")


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

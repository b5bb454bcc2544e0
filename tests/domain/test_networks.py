"""Networks of data centres as data."""

from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.networks import SHIPPED, networks, networks_in, shipped

_LISTED = ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.4/32", "2001:db8::/32", "255.255.255.255/32"]


@given(st.ip_addresses())
def test_an_address_is_found_exactly_where_a_network_holds_it(address: IPv4Address | IPv6Address) -> None:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    held = any((mapped or address) in ip_network(one) for one in _LISTED)
    assert networks(_LISTED).have(str(address)) is held


@pytest.mark.parametrize(
    ("address", "held"),
    [
        ("10.255.255.255", True),
        ("11.0.0.0", False),
        ("192.0.2.4", True),
        ("192.0.2.5", False),
        ("0.0.0.0", False),
        ("255.255.255.255", True),
        ("::ffff:10.0.0.1", True),
        ("2001:db8::1%eth0", True),
        ("", False),
        ("testclient", False),
    ],
)
def test_edges_and_oddities_of_addresses(address: str, held: bool) -> None:
    assert networks(_LISTED).have(address) is held


def test_the_list_that_comes_along_is_dated_and_names_sources() -> None:
    text = SHIPPED.read_text()
    assert "# As of 20" in text
    assert text.count("Source: ") >= 10
    for address in ("3.8.0.1", "34.64.0.1", "5.9.1.1", "104.131.1.1", "2a01:4f8::1", "66.249.64.1"):
        assert shipped().have(address), address
    # Homes and telephones: Telkom, Telkomsel, Deutsche Telekom, Comcast; relays that people ask through.
    for address in (
        "36.68.1.1",
        "114.120.1.1",
        "87.128.1.1",
        "73.1.1.1",
        "104.28.1.1",
        "127.0.0.1",
        "192.168.1.1",
    ):
        assert not shipped().have(address), address


def test_another_list_takes_its_place(tmp_path: Path) -> None:
    file = tmp_path / "networks.txt"
    file.write_text("# mine\n203.0.113.0/24  # rack\n\n2001:db8::/32\n203.0.113.9\n", encoding="utf-8-sig")
    assert networks_in(file).have("203.0.113.77")


@pytest.mark.parametrize("content", [b"203.0.113.0/24\nnot a network\n", b"\xff\xfe\x00", b"1.2.3.4/40"])
def test_a_file_of_something_else_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "networks.txt"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"networks\.txt"):
        networks_in(file)
    with pytest.raises(UsageError, match="cannot be read"):
        networks_in(tmp_path / "nowhere.txt")

"""Countries of addresses, from a file of MaxMind's format that the test writes itself."""

from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from domain.errors import UsageError
from scheduler.countries import countries_in

_NOTHING = object()


@dataclass(frozen=True)
class Number:
    """A whole number of one of the format's kinds: 5, 6 and 9 have 16, 32 and 64 bits."""

    kind: int
    number: int


def encoded(value: Any) -> bytes:
    """A value as the format's data section has it (MaxMind DB 2.0): maps, texts, whole numbers, lists."""
    match value:
        case dict():
            return bytes([7 << 5 | len(value)]) + b"".join(
                encoded(part) for pair in value.items() for part in pair
            )
        case str():
            assert len(value) < 29
            return bytes([2 << 5 | len(value)]) + value.encode()
        case Number(kind, number):
            size = (number.bit_length() + 7) // 8
            head = [kind << 5 | size] if kind < 8 else [size, kind - 7]
            return bytes(head) + number.to_bytes(size, "big")
        case _:
            return bytes([len(value), 11 - 7]) + b"".join(encoded(part) for part in value)


def country_file(path: Path, networks: dict[str, dict[str, Any]]) -> Path:
    """Write a file that tells these of IPv4 networks."""
    nodes: list[list[Any]] = [[_NOTHING, _NOTHING]]
    section, places = b"", {}
    for name, value in networks.items():
        places[name] = len(section)
        section += encoded(value)
        network, node = ip_network(name), 0
        bits = f"{int(network.network_address):032b}"[: network.prefixlen]
        for bit in bits[:-1]:
            if nodes[node][int(bit)] is _NOTHING:
                nodes.append([_NOTHING, _NOTHING])
                nodes[node][int(bit)] = len(nodes) - 1
            node = nodes[node][int(bit)]
        nodes[node][int(bits[-1])] = name
    tree = b""
    for pair in nodes:
        for record in pair:
            number = len(nodes) if record is _NOTHING else record
            if isinstance(record, str):
                number = len(nodes) + 16 + places[record]
            tree += number.to_bytes(3, "big")
    about = {
        "node_count": Number(6, len(nodes)),
        "record_size": Number(5, 24),
        "ip_version": Number(5, 4),
        "database_type": "Test",
        "languages": ["en"],
        "binary_format_major_version": Number(5, 2),
        "binary_format_minor_version": Number(5, 0),
        "build_epoch": Number(9, 1_790_000_000),
        "description": {"en": "Test"},
    }
    path.write_bytes(tree + bytes(16) + section + b"\xab\xcd\xefMaxMind.com" + encoded(about))
    return path


def test_the_file_tells_the_country_and_nothing_where_it_knows_nothing(tmp_path: Path) -> None:
    file = country_file(
        tmp_path / "countries.mmdb",
        {
            "198.51.100.0/24": {"country": {"iso_code": "id"}},
            "203.0.113.0/25": {"registered_country": {"iso_code": "NL"}},
            "192.0.2.0/24": {"country": {"iso_code": "Nowhere"}},
            "192.0.3.0/24": {"continent": {"code": "AS"}},
        },
    )
    country = countries_in(file)
    addresses = (
        "198.51.100.7",
        "203.0.113.1",
        "203.0.113.200",
        "192.0.2.1",
        "192.0.3.1",
        "2001:db8::1",
        "x",
        "",
    )
    assert [country(address) for address in addresses] == ["ID", "NL", None, None, None, None, None, None]


@pytest.mark.parametrize("content", [None, b"", b"no such file", bytes(4_000)])
def test_a_file_of_something_else_is_refused_in_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "countries.mmdb"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=r"TABUH_COUNTRY_FILE names .* cannot be read as a country file"):
        countries_in(file)

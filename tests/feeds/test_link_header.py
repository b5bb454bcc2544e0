"""Links in HTTP headers."""

import time

import pytest

from feeds.link_header import Link, links

BASE = "https://a.example/dir/page"


def read(header: str) -> list[Link]:
    return list(links(header, base=BASE))


@pytest.mark.parametrize(
    ("header", "url", "rels", "kind"),
    [
        ('<https://h.example/>; rel="hub"', "https://h.example/", {"hub"}, ""),
        ("<feed>; rel=self", "https://a.example/dir/feed", {"self"}, ""),
        (
            '</f>;  REL = "Alternate  feed" ; type="Application/RSS+XML; charset=x"; title="a, b; <c>"',
            "https://a.example/f",
            {"alternate", "feed"},
            "application/rss+xml",
        ),
        ('</f?a=1,2;3>; rel="hub"', "https://a.example/f?a=1,2;3", {"hub"}, ""),
        ('</f>; rel="hub"; rel="other"', "https://a.example/f", {"hub"}, ""),
    ],
)
def test_a_link_has_an_address_relations_and_a_type(header: str, url: str, rels: set[str], kind: str) -> None:
    assert read(header) == [Link(url, frozenset(rels), kind)]


def test_several_links_come_in_order() -> None:
    header = '</a>; rel="x"; title="q, <y>", <b>; rel=y,</c>;rel=z'

    assert [link.url for link in read(header)] == [
        "https://a.example/a",
        "https://a.example/dir/b",
        "https://a.example/c",
    ]


@pytest.mark.parametrize(
    "header", ["", "nonsense", "<>; rel=hub", "</a>", '<javascript:x>; rel="hub"', "</a>; rel"]
)
def test_what_is_no_link_is_left_out(header: str) -> None:
    assert read(header) == []


@pytest.mark.parametrize("start", ["<", "<a>;", '<a>; x="', "<a>" + "; rel=x" * 9, "<a>,", ";", '"'])
def test_a_hostile_header_takes_bounded_time(start: str) -> None:
    started = time.process_time()
    read(start * (300_000 // len(start)))

    assert time.process_time() - started < 1

"""What pages say of themselves, for the cards of links."""

import httpx
import pytest

from domain.content import Card
from feeds.card import card_of, fetch_card

PAGE = "https://news.example/a/b"


def streamed(answer: httpx.Response) -> httpx.Response:
    """The answer as it comes from a real connection."""
    headers = [(name, value) for name, value in answer.headers.items() if name != "content-length"]
    return httpx.Response(answer.status_code, headers=headers, content=iter([answer.content]))


def card(head: str) -> Card:
    return card_of(f"<html><head>{head}</head><body>x</body></html>".encode(), url=PAGE)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            '<meta property="og:title" content="Drums &amp; dawn">'
            '<meta property="og:description" content=" At\n dawn ">'
            '<meta property="og:image" content="/p.jpg"><meta property="og:image:alt" content="A drum">',
            Card("Drums & dawn", "At dawn", "https://news.example/p.jpg", "A drum"),
        ),
        (
            '<title lang="id">Dari &lt;judul&gt;\n</title><meta name="Description" content="Words">',
            Card("Dari <judul>", "Words", None, ""),
        ),
        (
            '<meta name="twitter:title" content="T"><title>Other</title>'
            '<meta name="twitter:image" content="p.png">',
            Card("T", "", "https://news.example/a/p.png", ""),
        ),
        (
            '<meta property="og:image" content="javascript:alert(1)">'
            '<meta property="og:image:alt" content="x">',
            Card(),
        ),
        ("", Card()),
        ("<title>", Card()),
    ],
)
def test_a_page_says_title_words_picture_and_what_it_shows(head: str, expected: Card) -> None:
    assert card(head) == expected


def test_long_words_are_cut() -> None:
    found = card(f"<title>{'word ' * 200}</title><meta name=description content='{'x' * 5000}'>")

    assert len(found.title) <= 300
    assert len(found.description) <= 1000


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, html="<title>Not found</title>"),
        httpx.Response(200, html="<p>nothing</p>"),
        httpx.Response(200, content=b"%PDF", headers={"content-type": "application/pdf"}),
        httpx.ConnectError("refused"),
        httpx.Response(200, html="<title>x</title>" + " " * 3 * 2**20),
    ],
)
def test_a_page_that_cannot_be_read_has_no_card(answer: httpx.Response | httpx.HTTPError) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return streamed(answer)

    client = httpx.Client(transport=httpx.MockTransport(reply))

    assert fetch_card(client, PAGE) is None


def test_a_page_elsewhere_is_read_after_its_redirect() -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/short":
            return httpx.Response(302, headers={"Location": PAGE}, content=iter([b""]))
        return streamed(
            httpx.Response(200, html="<title>There</title><meta property=og:image content=p.jpg>")
        )

    client = httpx.Client(transport=httpx.MockTransport(reply))

    assert fetch_card(client, "https://s.example/short") == Card(
        "There", "", "https://news.example/a/p.jpg", ""
    )

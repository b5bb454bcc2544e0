"""A status shown as HTML is recognised as the text that was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishers.statuses import same_text
from tests.publishers.fake_servers import mastodon_html

LONG = "https://news.example/a/very/long/path?utm_source=tabuh&utm_medium=social"


@pytest.mark.parametrize(
    "text",
    [
        "Hello",
        f"Hello\n\n{LONG}",
        f"{LONG} at the start, <b>&amp; 'signs'",
        "Line\nand line\n\n\nand paragraph #news @drum@far.example",
        "Emoji 🥁 and ﬁ ligature",
    ],
)
def test_what_mastodon_makes_of_a_text_is_the_same_text(text: str) -> None:
    assert same_text(text, mastodon_html(text))
    assert not same_text(f"{text} indeed", mastodon_html(text))


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), max_size=8).map(" ".join)
)
def test_any_text_is_recognised(text: str) -> None:
    assert same_text(text, mastodon_html(text))


@pytest.mark.parametrize(
    ("sent", "shown", "same"),
    [
        ("a https://x.example/1", '<p>a <a href="https://x.example/2">x.example/1</a></p>', False),
        ("a https://x.example/é", '<p>a <a href="https://x.example/%C3%A9">x.example/…</a></p>', True),
        ("a https://X.example", '<p>a <a href="https://x.example/">x.example</a></p>', True),
        ("**bold** and `code`", "<p><strong>bold</strong> and <code>code</code></p>", True),
        ("a 🥁", "<p>a 🎺</p>", False),
        ("a https://x.example/1", "<p>a https://x.example/1</p>", True),
        ("see a.example", '<p>see <a href="https://a.example">a.example</a></p>', True),
        ("Good morning!", "<p>Good morning?</p>", False),
        ("", "", True),
    ],
)
def test_links_are_compared_by_their_target(sent: str, shown: str, same: bool) -> None:
    assert same_text(sent, shown) is same

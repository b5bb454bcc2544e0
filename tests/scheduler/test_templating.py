"""Templates: what they may say, what they refuse, and what they make of an entry."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entry import Entry
from domain.errors import UsageError
from scheduler.composing import Place, Wording, compose
from scheduler.templating import DEFAULT_TEMPLATE, MAX_OUTPUT, check_template, clean_utm, tagged

ENTRY = Entry(
    guid="1",
    link="https://blog.test/1",
    title="Tom & Jerry <3",
    summary_html="<p>Short &amp; sweet</p>",
    text="One two three four five.",
    authors=("Ana", "Budi"),
    categories=("Web dev", "2026", "AI"),
    published_at=datetime(2026, 3, 1, 20, 0, tzinfo=UTC),
    image_url="https://blog.test/1.png",
)


def said(template: str, entry: Entry = ENTRY) -> str:
    check_template(template)
    place = Place(feed="Blog", where=ZoneInfo("Asia/Jakarta"), language="id")
    return compose(entry, Wording(template), link=entry.link, place=place).text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (DEFAULT_TEMPLATE, "Tom & Jerry <3\n\nhttps://blog.test/1"),
        ("{{ summary }} by {{ author }} in {{ feed }}", "Short & sweet by Ana, Budi in Blog"),
        ("{{ categories }} {{ hashtags }}", "Web dev, 2026, AI #WebDev #AI"),
        ("{{ title ~ ' ' ~ hashtags }}", "Tom & Jerry <3 #WebDev #AI"),
        ("{{ published }}", "2026-03-02"),  # in the channel's zone
        ("{{ text | words(2) }}", "One two…"),
        ("{{ text | words(5) }}", "One two three four five."),
        ("{{ text | cut(12) }}", "One two…"),
        ("{{ categories | join(' / ') | upper }}", "WEB DEV / 2026 / AI"),
        ("{% if author %}by {{ author }}{% else %}anonymous{% endif %}", "by Ana, Budi"),
        ("{{ title | replace('Tom', 'Tim') }}", "Tim & Jerry <3"),
    ],
)
def test_a_template_says_what_it_names(template: str, text: str) -> None:
    assert said(template) == text


def test_content_carries_link_card_and_language() -> None:
    place = Place(language="id")
    content = compose(ENTRY, Wording("{{ title }}"), link="https://x.test/l/1", place=place)
    assert content.link == "https://x.test/l/1"
    assert content.card is not None
    assert (content.card.title, content.card.description) == ("Tom & Jerry <3", "Short & sweet")
    assert content.card.image_url == ENTRY.image_url
    assert content.language == "id"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ titel }}", "'titel', which is not known. Known: title, link, text"),
        ("{{ self }}", "'self', which is not known"),
        ("{{ title", "cannot be read, line 1"),
        ("{{ title | shout }}", "the filter 'shout', which is not known. Known: cut, default"),
        ("{% for a in categories %}{% endfor %}", "a loop in line 1"),
        ("{{ range(9) }}", "a call in line 1"),
        ("{{ title.upper() }}", "a (call|part of a variable) in line 1"),
        ("{{ ''.__class__ }}", "a part of a variable"),
        ("{{ 9 ** 9 ** 9 }}", "arithmetic"),
        ("{{ 'a' * 999999999 }}", "arithmetic"),
        ("{% set a = text ~ text %}", "an assignment"),
        ("{% macro a() %}{% endmacro %}", "uses"),
        ("{% include '/etc/passwd' %}", "uses 'include'"),
        ("{{ title | words }}", "cannot be rendered"),
        ("{% if title > 3 %}{% endif %}", "cannot be rendered"),
        ("x" * 4_001, "at most 4,000 characters"),
        ("{{ title" + " | upper" * 300 + " }}", "at most 40 filters"),
        ("{{ " + "not " * 200 + "title }}", "at most 40 filters"),
        ("{{ " + "(" * 900 + "title" + ")" * 900 + " }}", "cannot be read"),
    ],
)
def test_a_template_that_could_fail_or_run_away_is_refused(template: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        check_template(template)


def test_the_output_is_capped() -> None:
    long = Entry(guid="1", link=None, title="x", text="word " * 10_000)
    with pytest.raises(UsageError, match="more than 20,000 characters"):
        compose(long, Wording("{{ text }}{{ text }}"), link=None, place=Place())
    assert len(said("{{ text | replace('w', '" + "z" * 3_000 + "') }}", long)) <= MAX_OUTPUT


def test_the_slowest_template_is_quick() -> None:
    long = Entry(guid="1", link=None, title="x", text="ß" * 50_000)
    slow = "{{ text" + " | upper | replace('s', 'ß')" * 19 + " | cut(10) }}"
    start = time.thread_time()  # of this thread alone, however busy the machine is
    assert said(slow, long)
    assert time.thread_time() - start < 5


@given(st.text(max_size=200))
def test_any_text_is_either_refused_or_rendered(template: str) -> None:
    try:
        check_template(template)
    except UsageError:
        return
    bare = Entry(guid="1", link="https://x.test/", title="x")
    assert isinstance(said(template, bare), str)


def test_utm_values_name_platform_channel_route_and_feed() -> None:
    utm = clean_utm({"source": "{{ platform }}", "utm_campaign": "{{ route }} {{ feed }}", "medium": " "})
    assert utm == {"utm_source": "{{ platform }}", "utm_campaign": "{{ route }} {{ feed }}"}
    values = {"platform": "page", "channel": "Page", "route": "All", "feed": "Blog\nX"}
    assert tagged("https://x.test/", utm, values=values) == (
        "https://x.test/?utm_source=page&utm_campaign=All%20Blog%20X"
    )

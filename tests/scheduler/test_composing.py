"""What a route says: its text in a frame, hashtags without echoes, and pictures that fit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entry import Entry
from domain.errors import UsageError
from domain.wording import Picture, Tags, hashtags_in, picture_from, tags_from, wording_json
from scheduler.composing import Place, Wording, compose
from scheduler.rules import Rules

ENTRY = Entry(
    guid="1",
    link="https://blog.test/1",
    title="Learn #Rust today",
    text="Some text.",
    categories=("rust", "Web development", "2026", "Sponsored", "Rock 'n' roll", "हिन्दी"),
    content_html='<p>x <img src="https://blog.test/small.png" width="120" alt="Small">'
    '<img src="https://blog.test/wide.png" width="900" alt="A wide drum"> </p>',
    image_url="https://blog.test/small.png",
)


def said(wording: Wording, entry: Entry = ENTRY, **place: str) -> str:
    return compose(entry, wording, link=entry.link, place=Place(**place)).text  # type: ignore[arg-type]


def picture(rule: Picture, entry: Entry = ENTRY) -> tuple[str | None, str]:
    card = compose(entry, Wording("x", picture=rule.checked()), link=None, place=Place()).card
    assert card is not None
    return card.image_url, card.image_alt


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        (Tags(), "#WebDevelopment #Sponsored #RockNRoll #हिन्दी"),
        (Tags(most=2), "#WebDevelopment #Sponsored"),
        (Tags(most=0), ""),
        (Tags({"sponsored": "", "WEB  development": "webdev"}), "#webdev #RockNRoll #हिन्दी"),
        (Tags(always=("#news", "Drum News"), most=3), "#news #DrumNews #WebDevelopment"),
        (Tags({"rust": "#news", "Sponsored": "#News"}, most=2), "#news #WebDevelopment"),
    ],
)
def test_categories_become_hashtags_that_the_text_does_not_hold_yet(tags: Tags, text: str) -> None:
    found = said(Wording("{{ title }}|{{ hashtags }}", tags=tags.checked()))
    assert found == f"Learn #Rust today|{text}"


def test_hashtags_stand_at_the_end_where_the_template_names_no_place() -> None:
    wording = Wording("{{ title }}", tags=Tags(always=("#news",), most=1))
    assert said(wording) == "Learn #Rust today\n\n#news"
    assert said(Wording("{{ title }}")) == "Learn #Rust today"  # nothing was asked for


def test_a_template_sees_whether_there_are_hashtags() -> None:
    wording = Wording("{{ title }}{% if hashtags %} ({{ hashtags | join(',') }}){% endif %}")
    assert said(wording, replace(ENTRY, categories=("a", "b"))) == "Learn #Rust today (#a,#b)"
    assert said(wording, replace(ENTRY, categories=())) == "Learn #Rust today"


@pytest.mark.parametrize(
    ("prefix", "suffix", "text"),
    [
        ("New:", "via {{ feed }}", "New: x via Blog"),
        ("{{ platform }}\n", "\n#x", "page\nx\n#x"),
        ("{% if author %}by {{ author }}{% endif %}", " ", "x"),
        ("", "", "x"),
    ],
)
def test_a_frame_stands_around_the_text(prefix: str, suffix: str, text: str) -> None:
    assert said(Wording("x", prefix, suffix), feed="Blog", platform="page") == text


def test_a_frame_that_names_nothing_known_is_refused() -> None:
    with pytest.raises(UsageError, match="'titel', which is not known"):
        Rules(prefix="{{ titel }}").checked()
    with pytest.raises(UsageError, match="The text after is longer than 500 characters"):
        Rules(suffix="x" * 501).checked()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Picture(), ("https://blog.test/small.png", "Small")),
        (Picture("none"), (None, "")),
        (Picture("none", fallback="https://x.test/logo.png"), (None, "")),
        (Picture("content", 500), ("https://blog.test/wide.png", "A wide drum")),
        (Picture("entry", 500), (None, "")),
        (Picture("entry", 500, "https://x.test/logo.png", "{{ title }}!"),
         ("https://x.test/logo.png", "Learn #Rust today!")),
        (Picture("entry", 120), ("https://blog.test/small.png", "Small")),
    ],
)  # fmt: skip
def test_a_picture_is_chosen_by_its_rule(rule: Picture, expected: tuple[str | None, str]) -> None:
    assert picture(rule) == expected


def test_a_picture_whose_width_nobody_states_is_shown() -> None:
    bare = replace(ENTRY, content_html="", image_url="https://blog.test/b.png")
    assert picture(Picture("entry", 5000, alt="{{ title }}"), bare) == (
        "https://blog.test/b.png",
        "Learn #Rust today",
    )
    assert picture(Picture("content", fallback="https://x.test/l.png"), bare)[0] == "https://x.test/l.png"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (Tags({"a": "2026"}), "'2026' is no hashtag: it needs a letter, such as #news."),
        (Tags(most=31), "A post has between 0 and 30 hashtags; 31 is not."),
        (Picture("first"), "Unknown picture 'first'. Known: entry, content, none."),
        (Picture(fallback="javascript:alert(1)"), "cannot be shown"),
        (Picture(least_width=0), "The least width is between 1 and 10000 pixels; 0 is not."),
    ],
)
def test_what_cannot_be_is_one_sentence(value: Tags | Picture, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        value.checked()
    assert says in str(refused.value)


def test_wording_is_kept_as_json_and_nothing_where_nothing_was_said() -> None:
    tags, rule = Tags({"a": "#b", "c": ""}, ("#d",), 4), Picture("content", 3, "https://x.test/", "words")
    assert tags_from(wording_json(tags)) == tags
    assert picture_from(wording_json(rule)) == rule
    assert wording_json(Tags()) is wording_json(Picture()) is None


@given(st.lists(st.text(max_size=20), max_size=8), st.text(max_size=60), st.integers(0, 5))
def test_hashtags_are_few_and_each_is_said_once(categories: list[str], text: str, most: int) -> None:
    found = Tags(most=most).of(categories, said=text)
    assert len(found) <= most
    there = [hashtags_in(tag) for tag in found]
    assert len(set().union(*there)) == len(found)
    assert not any(tag & hashtags_in(text) for tag in there)


@pytest.mark.parametrize(
    ("template", "title", "text"),
    [
        ("{{ text }}", "Learn #Rust today", "Some text."),
        ("title: {{ feed }}: {{ title }}\n{{ text }}", "Blog: Learn #Rust today", "Some text."),
        ("title:\n{{ text }}", "Learn #Rust today", "Some text."),
        ("Title: {{ text }}", "Learn #Rust today", "Title: Some text."),
    ],
)
def test_a_template_may_give_a_title_in_its_first_line(template: str, title: str, text: str) -> None:
    content = compose(ENTRY, Wording(template), link=None, place=Place(feed="Blog"))

    assert (content.title, content.text) == (title, text)

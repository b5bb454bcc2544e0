"""The pages of routes: what would be posted beside what is typed, rules, balances, and clear refusals."""

import pytest
from sqlalchemy import Engine

from domain.filters import groups_from
from domain.person import Role
from store import routes
from store.engine import reading
from store.tables import Route
from tests.web.reading import URL, Reader, in_language, notice, words


@pytest.fixture
def reader(engine: Engine) -> Reader:
    return Reader(engine)


def typed(reader: Reader, *feed_ids: int, **more: str) -> dict[str, str | list[str]]:
    """A form that will do, with changes."""
    usual: dict[str, str | list[str]] = {
        "name": "Blog to page",
        "feed": [str(feed_id) for feed_id in feed_ids],
        "channel": str(reader.channel.id),
        "template": "{{ title }}",
        "timing": "at_once",
        "late": "send",
        "shorten": "on",
        "existing": "as_added",
        "act": "save",
    }
    return {**usual, **more}


def stored(reader: Reader) -> list[Route]:
    with reading(reader.place.engine) as session:
        return list(routes.listed(session, reader.workspace_id))


def test_what_would_be_posted_stands_beside_the_form_with_a_verdict_in_words(reader: Reader) -> None:
    feed = reader.feed()
    form = typed(reader, feed.id, template="New: {{ title }}", exclude="Entry 2", act="look")

    said = words(reader.browser.post("/routes/new", data=form))

    assert "New: Entry 3 With a card: Entry 3 would be posted 39 characters" in said
    assert "filtered has the excluded word: Entry 2" in said
    assert stored(reader) == []


def test_the_preview_alone_is_a_part_of_a_page(reader: Reader) -> None:
    feed = reader.feed()

    part = reader.browser.post("/routes/preview", data=typed(reader, feed.id))
    broken = reader.browser.post("/routes/preview", data=typed(reader, feed.id, template="{{ titel }}"))
    empty = reader.browser.post("/routes/preview", data={"name": "x"})

    assert "<html" not in part.text
    assert "Entry 3" in part.text
    assert "The template names 'titel', which is not known." in words(broken)
    assert "Choose a feed with entries and a channel" in words(empty)


def test_a_route_is_added_and_posts_what_was_chosen_with_its_feed(reader: Reader) -> None:
    feed = reader.feed(existing="newest")
    form = typed(reader, feed.id, include="Entry 1, Entry 3\nEntry 9", utm_source="{{ platform }}")

    said = notice(reader.browser, reader.browser.post("/routes/new", data=form))

    [route] = stored(reader)
    assert (route.include, route.utm) == (["Entry 1", "Entry 3", "Entry 9"], {"utm_source": "{{ platform }}"})
    assert "Added the route Blog to page." in said
    assert "3 seen = 0 posted + 1 queued" in said
    assert "UTM parameters utm_source={{ platform }}" in said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "Give the route a name."),
        ({"channel": ""}, "Choose the channel to post on."),
        ({"channel": "77"}, "There is no such channel here."),
        ({"feed": ""}, "Choose at least one feed to read."),
        ({"template": "{{ titel }}"}, "The template names 'titel', which is not known."),
        ({"template": "{% for x in title %}{% endfor %}"}, "a loop"),
        ({"timing": "next_slot"}, "News & more has no posting schedule to take slots from."),
        ({"timing": "soon"}, "Unknown timing 'soon'."),
        ({"existing": "last"}, "Write how many, such as 3."),
        ({"utm_source": "{{ what }}"}, "'what', which is not known"),
        ({"include": "x" * 101}, "is longer than 100 characters"),
    ],
)
def test_each_mistake_is_one_sentence_and_what_was_typed_stays(
    reader: Reader, change: dict[str, str], sentence: str
) -> None:
    feed = reader.feed()
    form = typed(reader, feed.id, **{"exclude": "kept words", **change})

    answer = reader.browser.post("/routes/new", data=form)

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "One thing needs another look" in words(answer)
    assert "kept words" in answer.text
    assert stored(reader) == []


def test_a_taken_name_is_said_in_indonesian(reader: Reader) -> None:
    feed = reader.feed()
    reader.route([feed])

    answer = in_language(reader.browser, "id").post("/routes/new", data=typed(reader, feed.id))

    assert "Sudah ada rute bernama 'Blog to page'. Pilih nama lain." in words(answer)


def test_rules_can_be_changed_and_keep_what_has_no_field(reader: Reader) -> None:
    feed = reader.feed()
    route = reader.route([feed], utm={"source": "x", "term": "kept"})
    here = f"/routes/{route.id}/change"

    form = reader.browser.get(here)
    look = reader.browser.post(
        here, data=typed(reader, name="Other", template="Look: {{ title }}", act="look")
    )
    saved = reader.browser.post(
        here, data=typed(reader, name="Other", approval="on", late="ask", utm_source="y")
    )

    assert 'value="Blog to page"' in form.text
    assert "Look: Entry 3" in words(look)
    said = notice(reader.browser, saved)
    changed = reader.reread(route)
    assert (changed.name, changed.needs_approval, changed.late) == ("Other", True, "ask")
    assert changed.utm == {"utm_term": "kept", "utm_source": "y"}
    assert "Posts that are there already stay as they are." in said
    assert "Ask a person" in said


def test_a_route_is_paused_and_resumed(reader: Reader) -> None:
    feed = reader.feed()
    route = reader.route([feed])
    here = f"/routes/{route.id}"

    paused = notice(reader.browser, reader.browser.post(f"{here}/pause"))
    listed = words(reader.browser.get("/routes"))
    resumed = notice(reader.browser, reader.browser.post(f"{here}/resume"))
    again = notice(reader.browser, reader.browser.post(f"{here}/resume"))

    assert "Paused just now: entries that come are held" in paused
    assert "Blog to page Feed /feed.xml → News & more Paused posts at once 3 seen = 3 skipped" in listed
    assert "The route makes posts again." in resumed
    assert "Route 'Blog to page' is not paused." in again


def test_a_route_can_read_one_more_feed(reader: Reader) -> None:
    first = reader.feed()
    route = reader.route([first])
    reader.site.feeds["/other.xml"] = reader.site.feeds["/feed.xml"]
    second = reader.feed(url="https://blog.test/other.xml")
    here = f"/routes/{route.id}/feeds"

    wrong = reader.browser.post(here, data={"feed": str(second.id), "existing": "last", "last": ""})
    answer = reader.browser.post(here, data={"feed": str(second.id), "existing": "newest"})
    right = notice(reader.browser, answer)
    twice = reader.browser.post(here, data={"feed": str(second.id)})

    assert "Write how many, such as 3." in words(wrong)
    assert "The route reads one more feed." in right
    assert "reads Feed /other.xml already." in words(twice)


def test_without_a_feed_or_channel_the_form_says_what_is_missing(reader: Reader) -> None:
    assert "A route needs a feed and a channel" in words(reader.browser.get("/routes/new"))
    assert "Add a feed first" in words(reader.browser.get("/routes"))
    feed = reader.feed()
    form = reader.browser.get(f"/routes/new?feed={feed.id}")
    assert f'value="{feed.id}" checked' in form.text
    assert 'value="at_once" checked' in form.text


def test_a_reader_sees_a_route_and_changes_nothing(reader: Reader) -> None:
    feed = reader.feed()
    route = reader.route([feed])
    guest = reader.place.signed_in(reader.place.person("Tamu", Role.READER))

    one = guest.get(f"/routes/{route.id}")

    assert "New entries become posts on News & more." in words(one)
    assert "<form" not in one.text.split('id="content"')[1]
    for path in ("new", "preview", f"{route.id}/change", f"{route.id}/pause", f"{route.id}/feeds"):
        assert guest.post(f"/routes/{path}", data=typed(reader, feed.id)).status_code == 403, path
    assert guest.get(f"/routes/{route.id}/change").status_code == 403
    assert guest.get("/routes/77").status_code == 404
    assert URL in guest.get("/feeds").text or "blog.test/feed.xml" in guest.get("/feeds").text


RULES = {
    "rule_joint": ["only", "or", "never", "only"],
    "rule_field": ["title", "category", "length", "title"],
    "rule_how": ["has", "is", "over", "has"],
    "rule_value": ["Entry", "Web", "9000", ""],
}


def test_rows_of_rules_words_and_pace_are_saved_and_stand_in_the_form_again(reader: Reader) -> None:
    feed = reader.feed()
    more = {
        "prefix": "New:", "tags_always": "#blog, #news", "tags_instead": "Web = #webdev\nAds =",
        "tags_most": "2", "picture": "none", "per_run": "3", "per_day": "4", "gap": "20", "first": "newest",
    }  # fmt: skip
    form = {**typed(reader, feed.id), **RULES, **more}

    said = notice(reader.browser, reader.browser.post("/routes/new", data=form))

    [route] = stored(reader)
    assert [str(group) for group in groups_from(route.filters)] == [
        "only if title has Entry || category is Web",
        "never if length over 9000",
    ]
    assert (route.per_run, route.per_day, route.gap_minutes, route.newest_first) == (3, 4, 20, True)
    assert route.tags == {"instead": {"Web": "#webdev", "Ads": ""}, "always": ["#blog", "#news"], "most": 2}
    assert "Only if title has the words “Entry” or category is “Web”" in said
    assert "At most 3 of one poll, 4 a day, newest first" in said
    again = reader.browser.get(f"/routes/{route.id}/change").text
    assert 'value="9000"' in again
    assert again.count('name="rule_value"') == 5  # three that are filled, two blank
    assert "Web = #webdev" in again


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rule_joint": ["or", "or", "or", "or"]}, "The first rule begins with “Only if” or “Never if”."),
        ({"rule_value": ["a", "b", "c", "d"], "rule_joint": ["only", "or", "and", "or"],
          "rule_how": ["has", "is", "under", "has"]}, "Cannot read the length 'c'."),
        ({"rule_value": ["a", "b", "3", "d"], "rule_joint": ["only", "or", "and", "or"]},
         "joined by “or” or by “and”, not by both"),
        ({"rule_how": ["under", "is", "over", "has"]}, "The rule about title cannot say 'under'."),
        ({"per_run": "many"}, "Write a number, or leave this empty."),
        ({"per_day": "0"}, "A cap per day is between 1 and 500 posts; 0 is not."),
        ({"tags_instead": "Web"}, "Write a category, an equals sign and its hashtag"),
        ({"tags_always": "#1"}, "'#1' is no hashtag"),
        ({"picture_instead": "x"}, "The picture 'x' cannot be shown"),
        ({"prefix": "{{ what }}"}, "'what', which is not known"),
    ],
)  # fmt: skip
def test_mistakes_in_rules_and_pace_are_one_sentence(
    reader: Reader, change: dict[str, str | list[str]], sentence: str
) -> None:
    feed = reader.feed()
    answer = reader.browser.post("/routes/new", data={**typed(reader, feed.id), **RULES, **change})
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert stored(reader) == []
    indonesian = in_language(reader.browser, "id").post(
        "/routes/new", data={**typed(reader, feed.id), **RULES, **change}
    )
    assert indonesian.status_code == 422


def test_a_change_is_laid_beside_what_it_replaces_and_replayed(reader: Reader) -> None:
    feed = reader.feed()
    route = reader.route([feed])
    here = f"/routes/{route.id}"

    part = words(reader.browser.post(f"{here}/preview", data=typed(reader, exclude="Entry 2")))
    past = words(
        reader.browser.post(f"{here}/change", data=typed(reader, per_day="1", act="replay", days="30"))
    )
    page = words(reader.browser.get(f"{here}/replay?days=7"))

    assert "filtered has the excluded word: Entry 2 Before your change" in part
    assert "In the last 30 days: 3 seen = " in past
    assert "In the last 7 days: 3 seen = 3 posted" in page
    assert reader.browser.get(f"{here}/replay?days=9999").status_code == 422
    assert len(stored(reader)) == 1


def test_a_route_is_copied_by_a_filled_form(reader: Reader) -> None:
    feed = reader.feed()
    route = reader.route([feed], prefix="Look:")

    form = reader.browser.get(f"/routes/new?like={route.id}").text

    assert 'value="Blog to page, copy"' in form
    assert 'value="Look:"' in form
    assert f'value="{feed.id}" checked' in form


def test_a_route_is_removed_once_it_is_said_what_becomes_of_its_posts(reader: Reader) -> None:
    feed = reader.feed()
    route = reader.route([feed], existing="newest")
    here = f"/routes/{route.id}/remove"

    asks = words(reader.browser.get(here))
    unsaid = reader.browser.post(here, data={})
    said = notice(reader.browser, reader.browser.post(here, data={"posts": "skip"}))
    one = words(reader.browser.get(f"/routes/{route.id}"))

    assert "It has 1 post that did not go out yet" in asks
    assert unsaid.status_code == 422
    assert "Removed the route Blog to page." in said
    assert "What it made and decided stays." in one
    assert "Pause" not in one
    assert stored(reader) == []


def test_a_channels_template_is_kept_and_taken_away(reader: Reader) -> None:
    here = f"/channels/{reader.channel.id}/template"

    wrong = reader.browser.post(here, data={"template": "{{ titel }}"})
    kept = notice(reader.browser, reader.browser.post(here, data={"template": "{{ title }}!"}))
    again = reader.browser.get(here).text
    gone = notice(reader.browser, reader.browser.post(here, data={"template": " "}))

    assert "The template names 'titel', which is not known." in words(wrong)
    assert "Kept." in kept
    assert "{{ title }}!" in again
    assert "Kept." in gone
    assert reader.reread(reader.channel).template is None

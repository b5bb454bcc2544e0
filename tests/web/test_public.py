"""What readers see: pages, feeds, short links, and what is counted of it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select
from structlog.testing import capture_logs

from domain.metrics import Audience
from store.tables import Click, Post
from tests.web.setting import FIREFOX, NOW, Installation

HOUR = timedelta(hours=1)
BOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"
ODD = "something unheard of"


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine, public_url="https://news.example")


def test_the_page_shows_what_went_out_newest_first_and_nothing_else(place: Installation) -> None:
    channel, other = place.page(), place.page("other", name="Other")
    place.post(channel, "second", age=HOUR)
    place.post(channel, "first", age=2 * HOUR)
    place.post(channel, "third")
    place.post(channel, "taken down", deleted_at=NOW)
    place.post(channel, "waiting", state="queued", remote_id=None, published_at=None)
    place.post(other, "elsewhere")

    answer = place.public().get("/p/news")

    assert re.findall(r'<p class="words">(.*?)</p>', answer.text) == ["third", "second", "first"]
    assert "<title>News &amp; more</title>" in answer.text
    assert '<link rel="canonical" href="https://news.example/p/news">' in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["vary"].startswith("Accept-Language, Cookie")


def test_long_pages_are_turned_without_losing_or_repeating_a_post(place: Installation) -> None:
    channel = place.page()
    for number in range(45):  # three at a time went out together
        place.post(channel, f"post {number}", age=HOUR * (number // 3))
    seen: list[str] = []
    sizes: list[int] = []
    client, path = place.public(), "/p/news"
    while path:
        page = client.get(path).text
        found = re.findall(r'<p class="words">(post \d+)</p>', page)
        seen, sizes = seen + found, [*sizes, len(found)]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older.group(1) if older else ""

    assert sizes == [20, 20, 5]
    assert len(set(seen)) == 45


@pytest.mark.parametrize(
    "path",
    [
        "/p/none",
        "/p/none/abc",
        "/p/news/none",
        "/p/news?before=none",
        "/p/NEWS",
        "/p/%00",
        "/p/news/%00",
        "/p/news/",
        "/l/none",
        "/l/%00",
        "/l/a/b",
        "/",
        "/p/",
        "/l/",
        "/p/none/feed.atom",
        "/.well-known/x",
        "/p/news?before=%00",
    ],
)
def test_what_is_not_there_is_a_404_page(place: Installation, path: str) -> None:
    place.page()

    answer = place.public().get(path)

    assert answer.status_code == (422 if path.endswith("=%00") else 404)
    assert "<h1>" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_channel_of_another_platform_has_no_page(place: Installation) -> None:
    place.page("toot", platform="mastodon")

    assert place.public().get("/p/toot").status_code == 404


def test_a_post_that_was_taken_down_is_gone(place: Installation) -> None:
    post = place.post(place.page(), "secret words", deleted_at=NOW)

    answer = place.public().get(f"/p/news/{post.remote_id}")

    assert answer.status_code == 410
    assert "secret words" not in answer.text
    assert 'href="/p/news"' in answer.text


def test_a_post_has_a_page_of_its_own_that_previews_can_read(place: Installation) -> None:
    payload = {
        "title": 'Tea & "sugar"',
        "description": "How <much>?",
        "link": "https://tea.example/1",
        "language": "id",
    }
    post = place.post(place.page(), "Read this", payload=payload)

    page = place.public().get(f"/p/news/{post.remote_id}").text

    address = f"https://news.example/p/news/{post.remote_id}"
    assert f'<link rel="canonical" href="{address}">' in page
    assert f'<meta property="og:url" content="{address}">' in page
    assert '<meta property="og:title" content="Tea &amp; &#34;sugar&#34;">' in page
    assert '<meta property="og:description" content="How &lt;much&gt;?">' in page
    assert '<div lang="id">' in page


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "javascript:alert(1)",
        'https://a.example/"onclick=x',
    ],
)
def test_what_a_feed_wrote_is_never_markup(place: Installation, words: str) -> None:
    payload = {"title": words, "description": words, "link": words}
    post = place.post(place.page(name=words), words, payload=payload)
    client = place.public()

    for path in ("/p/news", f"/p/news/{post.remote_id}"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert not re.search(r"<[^>]*\sonclick=", page)
        assert 'href="javascript:' not in page


def test_no_picture_is_fetched_from_another_host(place: Installation) -> None:
    place.post(
        place.page(), "look", payload={"image_url": "https://cdn.example/x.png", "link": "https://a.example/"}
    )

    page = place.public().get("/p/news").text

    assert "<img" not in page
    assert not re.search(r'(src|srcset|action)="(https?:)?//', page)


def test_addresses_in_the_text_become_links_without_the_sentence_around_them(place: Installation) -> None:
    place.post(place.page(), "See https://a.example/x_(y)?q=1&r=2, (https://b.example/z). HTTP://C.example!")

    page = place.public().get("/p/news").text

    hrefs = re.findall(r'<a href="([^"]+)" rel="nofollow noopener">', page)
    assert hrefs == ["https://a.example/x_(y)?q=1&amp;r=2", "https://b.example/z", "HTTP://C.example"]


def test_links_of_a_page_go_through_ours_so_that_clicks_count(place: Installation) -> None:
    target = "https://shop.example/tea?utm_source=page"
    post = place.post(place.page(), f"Tea is here\n\n{target}", payload={"link": target})
    client = place.public()

    page = client.get("/p/news").text
    code = place.code_of(post)

    assert f'<a class="onward" href="/l/{code}">' in page
    assert "shop.example" in page
    assert "utm_source" not in page, "the link at the end of the text is not shown twice"
    client.get("/p/news")
    assert place.code_of(post) == code, "one link for one target, however often it is shown"
    assert client.get(f"/l/{code}").headers["location"] == target


def test_a_link_that_was_shortened_before_is_ours_already(place: Installation) -> None:
    post = place.post(place.page(), "x")
    code = place.add_link("https://shop.example/tea", post)
    with Session(place.engine) as session:
        row = session.get_one(Post, post.id)
        short = f"https://news.example/l/{code}"
        row.payload = {**row.payload, "text": f"See {short}, now.", "link": short}
        session.add(row)
        session.commit()

    page = place.public().get("/p/news").text

    assert page.count(f'href="/l/{code}"') == 2
    assert "<span>shop.example</span>" in page, "people see where it leads"
    assert place.code_of(post) == code


def test_a_short_link_leads_to_its_target_and_nowhere_else(place: Installation) -> None:
    target = "https://shop.example/?a=1&b=%2F#top"
    code = place.add_link(target)
    client = place.public()

    plain = client.get(f"/l/{code}")
    assert (plain.status_code, plain.headers["location"]) == (302, target)
    assert plain.headers["cache-control"] == "no-store"
    for query in ("?url=https://evil.example", "?next=//evil.example", "?a=2", "?target=x&to=y"):
        assert client.get(f"/l/{code}{query}").headers["location"] == target
    for path in (
        f"/l/{code}/https://evil.example",
        f"/l/{code}//evil.example",
        "/l/https:%2F%2Fevil.example",
    ):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://a.example", "x"]
)
def test_a_stored_target_that_is_no_web_address_is_not_followed(place: Installation, target: str) -> None:
    answer = place.public().get(f"/l/{place.add_link(target)}")

    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("agent", "audience"), [(FIREFOX, Audience.HUMAN), (BOT, Audience.BOT), (ODD, Audience.UNKNOWN)]
)
def test_clicks_are_kept_apart_by_who_clicked(place: Installation, agent: str, audience: Audience) -> None:
    post = place.post(place.page(), "x", payload={"link": "https://shop.example/"})
    client = place.public()
    client.get("/p/news")
    headers = {"User-Agent": agent, "Referer": "https://news.example/p/news?secret=1"}

    client.get(f"/l/{place.code_of(post)}", headers=headers)

    with Session(place.engine) as session:
        click = session.exec(select(Click)).one()
    assert (click.post_id, click.audience, click.referrer) == (post.id, audience, "news.example")
    assert click.at == NOW


def test_asking_for_the_head_of_a_link_is_no_persons_click(place: Installation) -> None:
    code = place.add_link("https://shop.example/")

    assert place.public().head(f"/l/{code}").headers["location"] == "https://shop.example/"

    with Session(place.engine) as session:
        assert session.exec(select(Click)).one().audience == Audience.BOT


def test_views_impressions_and_visits_are_counted_each_by_audience(place: Installation) -> None:
    channel = place.page()
    one, two = place.post(channel, "one"), place.post(channel, "two", age=HOUR)
    client = place.public()

    client.get("/p/news")  # a visit begins
    client.get(f"/p/news/{one.remote_id}", headers={"Referer": "https://news.example/p/news"})  # goes on
    client.get(
        f"/p/news/{one.remote_id}", headers={"Referer": "https://search.example/?q=x"}
    )  # another begins
    client.get("/p/news", headers={"User-Agent": BOT})
    client.get("/p/news", headers={"User-Agent": ODD})
    client.head("/p/news")

    assert place.counts() == {
        (0, "views", "human"): 1,
        (0, "visits", "human"): 1,
        (one.id, "impressions", "human"): 3,
        (two.id, "impressions", "human"): 1,
        (one.id, "views", "human"): 2,
        (one.id, "visits", "human"): 1,
        **{(0, "views", who): 1 for who in ("bot", "unknown")},
        **{(post.id, "impressions", who): 1 for post in (one, two) for who in ("bot", "unknown")},
    }


def test_feeds_and_missing_pages_count_as_nothing(place: Installation) -> None:
    gone = place.post(place.page(), "x", deleted_at=NOW)
    client = place.public()

    for path in ("feed.atom", "feed.json", "none", gone.remote_id):
        client.get(f"/p/news/{path}")

    assert place.counts() == {}


def test_a_page_is_served_though_it_cannot_be_counted(place: Installation) -> None:
    post = place.post(place.page(), "still here", payload={"link": "https://shop.example/"})
    code = place.add_link("https://shop.example/", post)
    with place.engine.begin() as connection:
        connection.execute(text("DROP TABLE page_count"))
        connection.execute(text("DROP TABLE click"))

    with capture_logs() as logs:
        assert "still here" in place.public().get("/p/news").text
        assert place.public().get(f"/l/{code}").status_code == 302

    assert [log["event"] for log in logs] == ["count_failed", "click_failed"]


def test_the_page_speaks_its_channels_language_unless_the_reader_chose_one(place: Installation) -> None:
    place.page("id", name="A", language="id")
    place.page("none", name="B", language=None)
    client = place.public()

    assert '<html lang="id"' in client.get("/p/id", headers={"Accept-Language": "en"}).text
    assert '<html lang="id"' in client.get("/p/none", headers={"Accept-Language": "id-ID,en;q=0.5"}).text
    assert '<html lang="en"' in client.get("/p/none").text
    client.cookies.set("tabuh_language", "en")
    assert '<html lang="en"' in client.get("/p/id").text


def test_a_simulated_page_says_so(engine: Engine) -> None:
    place = Installation(engine)
    place.post(place.page(), "x")
    with Session(engine) as session:
        place.workspace.simulated = True
        session.add(place.workspace)
        session.commit()

    assert "Simulated figures" in place.public().get("/p/news").text


def test_one_address_can_serve_both(place: Installation) -> None:
    post = place.post(place.page(), "hello")
    client = place.both()

    assert "hello" in client.get("/p/news").text
    assert "hello" in client.get(f"/p/news/{post.remote_id}").text
    assert client.get("/p/none").headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert client.get("/").headers["location"] == "/sign-in"
    assert "Disallow: /\n" in client.get("/robots.txt").text
    assert client.get("/p/news", headers={"Host": "any.example"}).status_code == 200
    assert client.get("/sign-in", headers={"Host": "any.example"}).status_code == 421


def test_the_public_address_knows_nothing_of_signing_in(place: Installation) -> None:
    client = place.public()

    for path in ("/sign-in", "/api/v1/workspace", "/preferences", "/api/v1/openapi.json"):
        assert client.get(path).status_code == 404
    assert client.get("/healthz").status_code == 200

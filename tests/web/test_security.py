"""Headers, foreign hosts, cross-site forms, errors that give nothing away, and the language of it all."""

import re

import anyio.to_thread
import pytest
from fastapi import FastAPI, HTTPException
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from domain.errors import NotSent, UsageError
from domain.person import Role
from store import people
from tests.web.setting import OWN, Installation
from web.app import create_app
from web.deps import safe_path

POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


def breaking(place: Installation) -> FastAPI:
    """The application with pages that fail in each way."""
    app = create_app(place.web)

    @app.get("/bug")
    @app.get("/api/v1/bug")
    def bug() -> None:
        raise RuntimeError("secret of the house")

    @app.get("/usage")
    @app.get("/api/v1/usage")
    def usage() -> None:
        raise UsageError("<script>alert(1)</script> is 100 % no zone, %(name)s.")

    @app.get("/refused")
    def refused() -> None:
        raise HTTPException(403)

    @app.get("/other-side")
    @app.get("/api/v1/other-side")
    def other_side() -> None:
        raise NotSent("mastodon.example: no connection")

    return app


def client_of(place: Installation, app: FastAPI) -> TestClient:
    client = TestClient(app, base_url=place.private_url, headers=OWN, follow_redirects=False)
    client.cookies.update(place.signed_in().cookies)
    return client


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/nothing", "/static/app.css", "/healthz", "/api/v1/nothing", "/bug"]
)
def test_every_answer_carries_the_policy_and_its_companions(place: Installation, path: str) -> None:
    headers = client_of(place, breaking(place)).get(path).headers

    directives = headers["content-security-policy"].split("; ")
    assert set(POLICY) <= set(directives)
    assert not [one for one in directives if "unsafe" in one or "*" in one or "http" in one]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers


def test_only_https_asks_for_https(engine: Engine) -> None:
    secure = Installation(engine, private_url="https://tabuh.example", public_url="https://news.example")

    assert secure.private().get("/sign-in").headers["strict-transport-security"] == "max-age=15768000"
    assert "max-age" in secure.public().get("/p/x").headers["strict-transport-security"]


def test_private_pages_are_not_kept_and_hashed_files_are_kept_for_ever(place: Installation) -> None:
    client = place.signed_in()
    page = client.get("/")
    [style] = re.findall(r'href="(/static/app\.css[^"]+)"', page.text)

    assert page.headers["cache-control"] == "no-store"
    assert client.get(style).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/app.css").headers["cache-control"] == "no-cache"
    assert client.get(style).headers["content-encoding"] == "gzip"
    assert (
        client.get("/static/../app.py").status_code == client.get("/static/%2e%2e/app.py").status_code == 404
    )


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8000"}, False),
        ({"Origin": "http://localhost:8000"}, True),
        ({"Origin": "https://localhost:8000"}, True),
        ({"Origin": "http://localhost:9000"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_form_from_another_site_changes_nothing(
    place: Installation, headers: dict[str, str], *, allowed: bool
) -> None:
    client = place.signed_in()
    del client.headers["Sec-Fetch-Site"]

    answer = client.post("/sign-out", headers=headers)

    assert answer.status_code == (303 if allowed else 403)
    assert client.get("/api/v1/workspace").status_code == (401 if allowed else 200)
    if not allowed:
        assert "sent from another site" in answer.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("127.8.9.1", 200),
        ("[::1]:8000", 200),
        ("LOCALHOST", 200),
        ("named.example", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("[::", 421),
        ("", 421),
    ],
)
def test_a_name_elsewhere_that_points_here_is_not_answered(engine: Engine, host: str, status: int) -> None:
    place = Installation(engine, allowed_hosts=frozenset({"named.example"}))

    assert place.private().get("/sign-in", headers={"Host": host}).status_code == status


def test_behind_a_proxy_any_name_may_be_allowed(engine: Engine) -> None:
    place = Installation(engine, allowed_hosts=None, private_url="https://tabuh.example")
    client = place.private()

    assert client.get("/sign-in", headers={"Host": "whatever.example"}).status_code == 200
    inner = {"Host": "10.0.0.7:8000", "Sec-Fetch-Site": "", "Origin": "https://tabuh.example"}
    del client.headers["Sec-Fetch-Site"]
    del inner["Sec-Fetch-Site"]
    assert client.post("/sign-out", headers=inner).status_code == 303, "its own address is its own origin"


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n//evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        " /queue",
        "/a\r\nSet-Cookie: x=1",
    ],
)
def test_nobody_is_sent_to_another_site(place: Installation, evil: str) -> None:
    assert safe_path(evil) == "/"
    client = place.signed_in()

    assert client.get("/sign-in", params={"next": evil}).headers["location"] == "/"
    assert client.post("/prefs", data={"theme": "dark", "back": evil}).headers["location"] == "/"


@pytest.mark.parametrize("path", ["/", "/queue?state=queued&page=2", "/posts/1#top", "/p/%2F%2Fevil"])
def test_paths_of_our_own_are_gone_back_to(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    ("path", "status"),
    [("/refused", 403), ("/nothing", 404), ("/usage", 422), ("/bug", 500), ("/other-side", 502)],
)
@pytest.mark.parametrize("language", ["en", "id"])
def test_errors_are_pages_in_the_readers_language(
    place: Installation, path: str, status: int, language: str
) -> None:
    client = client_of(place, breaking(place))

    answer = client.get(path, headers={"Accept-Language": language})

    assert answer.status_code == status
    assert f'<html lang="{language}"' in answer.text
    assert "/static/app.css" in answer.text
    assert f'<p class="kicker">{status}</p>' in answer.text
    if status != 500:
        assert "owner" in answer.text, "the navigation stays"


def test_a_bug_shows_a_reference_and_the_log_has_the_rest(place: Installation) -> None:
    client = client_of(place, breaking(place))

    with capture_logs() as logs:
        page, problem = client.get("/bug"), client.get("/api/v1/bug")

    assert "secret of the house" not in page.text + problem.text
    assert "Traceback" not in page.text + problem.text
    assert [log["event"] for log in logs] == ["request_failed"] * 2
    assert logs[0]["reference"] in page.text
    assert logs[1]["reference"] in problem.json()["detail"]
    assert all(log["exc_info"] for log in logs)


def test_words_of_a_visitor_are_never_markup(place: Installation) -> None:
    answer = client_of(place, breaking(place)).get("/usage")

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; is 100 % no zone, %(name)s." in answer.text


def test_a_forged_notice_is_text_and_a_broken_one_is_nothing(place: Installation) -> None:
    for packed, shown in (
        ("%5B%22good%22%2C%22%3Cb%3Ehi%22%5D", True),
        ("nonsense", False),
        ("%5B1%5D", False),
    ):
        client = place.signed_in()
        client.cookies.set("tabuh_notice", packed)
        text = client.get("/").text
        assert "<b>hi" not in text
        assert ("&lt;b&gt;hi" in text) is shown


def test_htmx_gets_a_notice_or_is_sent_to_the_door(place: Installation) -> None:
    client = client_of(place, breaking(place))
    by_htmx = {"HX-Request": "true", "HX-Current-URL": "http://localhost:8000/queue?x=1"}

    refused = client.get("/usage", headers=by_htmx)
    assert (refused.status_code, refused.headers["hx-retarget"]) == (422, "#content")
    assert "<html" not in refused.text
    assert "&lt;script&gt;" in refused.text

    door = place.private().get("/", headers=by_htmx)
    assert (door.status_code, door.headers["hx-redirect"]) == (401, "/sign-in?next=/queue%3Fx%3D1")


def test_language_and_theme_are_kept_in_the_browser_and_with_the_person(place: Installation) -> None:
    client = place.signed_in()

    answer = client.post("/prefs", data={"language": "id", "back": "/preferences"})
    client.post("/prefs", data={"theme": "dark"})

    assert answer.headers["location"] == "/preferences"
    assert '<html lang="id" data-theme="dark">' in client.get("/").text
    assert '<html lang="id" data-theme="dark">' in place.signed_in().get("/").text, "in another browser too"
    assert '<html lang="en" data-theme="auto">' in place.private().get("/sign-in").text
    with Session(place.engine) as session:
        assert people.person(session, place.owner.id).theme == "dark"


def test_unknown_preferences_change_nothing(place: Installation) -> None:
    client = place.private()

    answer = client.post("/prefs", data={"language": "xx", "theme": "<script>", "back": "/sign-in"})

    assert "set-cookie" not in answer.headers
    assert '<html lang="en" data-theme="auto">' in client.get("/sign-in").text


def test_health_says_alive_and_readiness_says_more(place: Installation) -> None:
    client = place.private()

    assert client.get("/healthz").text == "alive\n"
    assert client.get("/readyz").text == "ready\n"
    place.is_ready = False
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_a_body_that_is_too_large_is_refused(place: Installation) -> None:
    client = place.signed_in()
    with capture_logs() as logged:
        page = client.post("/sign-in", data={"name": "x" * 3_000_000, "password": "y"})
        program = client.post("/api/v1/posts", json={"text": "x" * 3_000_000})
        pieces = client.post("/api/v1/posts", content=iter([b"x" * 1_000_000] * 3))

    assert [answer.status_code for answer in (page, program, pieces)] == [413] * 3
    assert "That is too large" in page.text
    assert program.json()["status"] == 413
    assert logged == []


def test_a_page_number_that_is_none_is_not_found(place: Installation) -> None:
    client = place.signed_in(place.person("Sari", Role.READER))

    assert client.delete("/api/v1/tokens/abc").status_code == 404
    assert client.delete(f"/api/v1/tokens/{2**63}").status_code == 404


def test_few_threads_share_the_interpreter(place: Installation) -> None:
    app = create_app(place.web)

    @app.get("/threads")
    async def threads() -> float:
        return anyio.to_thread.current_default_thread_limiter().total_tokens

    with TestClient(app, base_url=place.private_url) as client:
        assert client.get("/threads").json() == 4


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nothing", "The address may be mistyped"),
        ("/refused", "You may not do this"),
        ("/bug", "Reference:"),
    ],
)
def test_errors_are_translated_and_not_only_labelled(place: Installation, path: str, words: str) -> None:
    client = client_of(place, breaking(place))

    assert words in client.get(path, headers={"Accept-Language": "en"}).text
    assert words not in client.get(path, headers={"Accept-Language": "id"}).text

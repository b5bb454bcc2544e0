"""Redirects: to the stored target alone, each with a click that is kept, and nothing of who clicked."""

import asyncio
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select
from starlette.testclient import TestClient
from starlette.types import Message
from structlog.testing import capture_logs

from domain.networks import networks
from scheduler.following import day_hash
from scheduler.links import add_link, change_link, remove_link, restore_link, set_domain
from store import salts
from store.changes import Actor
from store.engine import open_engine, writing
from store.tables import Click, DaySalt, Link, LinkDomain, Site, Workspace
from tests.web.setting import FIREFOX, NOW, Installation
from web.app import combined, create_public_app
from web.deps import WebContext

TARGET = "https://shop.example/a?b=1#c"
ME = Actor("person")


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine, private_url="https://tabuh.example", public_url="https://news.example")


def link(place: Installation, code: str = "", target: str = TARGET) -> Link:
    return add_link(place.web.context, place.workspace.id, target, code=code, actor=ME)


def clicks(place: Installation) -> list[Click]:
    with Session(place.engine) as session:
        return list(session.exec(select(Click).order_by(col(Click.id))).all())


def asked(
    web: WebContext,
    path: str,
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    address: str = "198.51.100.7",
    query: bytes = b"",
) -> tuple[int, dict[str, str]]:
    """Status and header fields of one answer, from the address that a trusted proxy names."""
    named = {"host": "news.example", "user-agent": FIREFOX, **(headers or {})}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "https", "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "",
        "state": {},
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in named.items()],
        "client": (address, 4711), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    asyncio.run(_app(web)(scope, receive, send))
    fields = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return sent[0]["status"], fields


_LAST: list[tuple[WebContext, Any]] = []


def _app(web: WebContext) -> Any:
    """One application for each installation: it remembers who asked in the last seconds."""
    if not _LAST or _LAST[0][0] is not web:
        _LAST[:] = [(web, combined(web))]
    return _LAST[0][1]


def test_head_and_get_say_the_same_and_all_headers_that_guard(place: Installation) -> None:
    path = f"/l/{link(place).code}"
    got, head = asked(place.web, path), asked(place.web, path, method="HEAD")

    assert got == head
    status, fields = got
    assert (status, fields["location"]) == (302, TARGET)
    assert fields["cache-control"] == "no-store"
    assert fields["x-robots-tag"] == "noindex"
    assert fields["x-content-type-options"] == "nosniff"
    assert fields["strict-transport-security"].startswith("max-age=")
    assert "set-cookie" not in fields
    assert [(click.audience, click.why) for click in clicks(place)] == [("human", "browser"), ("bot", "head")]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_lead_nowhere(place: Installation, method: str) -> None:
    status, fields = asked(place.web, f"/l/{link(place).code}", method=method)
    assert status >= 400
    assert "location" not in fields
    assert clicks(place) == []


@pytest.fixture(scope="module")
def lasting(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    path = tmp_path_factory.mktemp("redirects") / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    place = Installation(engine, private_url="https://tabuh.example", public_url="https://news.example")
    link(place, "sale")
    set_domain(place.web.context, place.workspace.id, "go.example", actor=ME)
    yield place
    engine.dispose()


_FIELD = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
_EVIL = st.sampled_from(
    ["//evil.example", "https://evil.example/", "\\\\evil.example", "/%2f%2fevil.example", "@evil"]
)


@given(
    query=st.one_of(_FIELD, _EVIL.map("url={0}&next={0}&target={0}&tb={0}".format)),
    headers=st.dictionaries(
        st.sampled_from(["referer", "x-forwarded-host", "x-original-url", "x-rewrite-url", "cookie",
                         "forwarded", "origin", "user-agent", "x-forwarded-proto", "location"]),
        st.one_of(_FIELD, _EVIL),
    ),
    host=st.sampled_from(["news.example", "go.example", "GO.example:8443", "tabuh.example"]),
    prefix=st.sampled_from(["/l/sale", "/l/SALE"]),
)  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_of_a_request_changes_where_it_leads(
    lasting: Installation, query: str, headers: dict[str, str], host: str, prefix: str
) -> None:
    status, fields = asked(
        lasting.web, prefix, {**headers, "host": host}, query=query.encode("latin-1", "replace")
    )
    assert (status, fields["location"]) == (302, TARGET)


@given(tail=st.one_of(st.text(max_size=40), _EVIL, _EVIL.map(lambda evil: f"sale/{evil}")))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_other_path_leads_anywhere(lasting: Installation, tail: str) -> None:
    if tail.lower() == "sale":
        return
    for host in ("news.example", "go.example"):
        try:
            status, fields = asked(lasting.web, f"/l/{tail}", {"host": host})
        except UnicodeEncodeError:  # no server can be sent half a letter
            return
        assert status in (404, 405, 421)
        assert "evil" not in fields.get("location", "")


def test_a_code_that_was_chosen_is_found_in_any_case_and_a_drawn_one_is_not(place: Installation) -> None:
    link(place, "summer-sale")
    drawn = link(place).code
    assert asked(place.web, "/l/Summer-SALE")[0] == 302
    assert asked(place.web, f"/l/{drawn}")[0] == 302
    assert asked(place.web, f"/l/{drawn.swapcase()}")[0] == 404


def test_a_change_holds_for_every_request_that_comes_after_it(place: Installation, database_url: str) -> None:
    one, two = link(place), "https://other.example/"
    elsewhere = Installation(open_engine(database_url), public_url="https://news.example")  # another process
    path = f"/l/{one.code}"
    assert asked(place.web, path)[1]["location"] == TARGET

    change_link(elsewhere.web.context, place.workspace.id, one.id, target=two, actor=ME)
    assert asked(place.web, path)[1]["location"] == two
    remove_link(elsewhere.web.context, place.workspace.id, one.id, actor=ME)
    assert asked(place.web, path)[0] == 404
    restore_link(elsewhere.web.context, place.workspace.id, one.id, actor=ME)
    assert asked(place.web, path)[1]["location"] == two
    elsewhere.engine.dispose()


def test_programs_in_data_centres_and_repeats_are_told_apart_and_kept(place: Installation) -> None:
    path = f"/l/{link(place).code}"
    place.web = WebContext(
        context=place.web.context, private_url=place.private_url, data_centres=networks(["203.0.113.0/24"])
    )
    asked(place.web, path, address="203.0.113.9")
    asked(place.web, path)
    asked(place.web, path)
    place.later(seconds=5)
    asked(place.web, path)
    asked(place.web, path, {"user-agent": "curl/8"}, address="203.0.113.9")

    assert [(click.audience, click.why) for click in clicks(place)] == [
        ("bot", "data_centre"), ("human", "browser"), ("bot", "repeat"), ("human", "browser"),
        ("bot", "library"),
    ]  # fmt: skip


def test_a_clicker_is_known_again_on_one_day_only_and_nothing_else_is_kept(place: Installation) -> None:
    with writing(place.engine) as session:
        workspace = session.get_one(Workspace, place.workspace.id)
        workspace.zone = "Asia/Jakarta"
        session.add(workspace)
        session.commit()
    one, two = link(place), link(place)
    asked(place.web, f"/l/{one.code}")
    asked(place.web, f"/l/{two.code}")
    asked(place.web, f"/l/{one.code}", address="198.51.100.8")
    asked(place.web, f"/l/{two.code}", {"user-agent": f"{FIREFOX} x"})
    with Session(place.engine) as session:
        first = session.exec(select(DaySalt)).one()
    place.later(hours=24)
    asked(place.web, f"/l/{one.code}")

    hashes = [click.day_hash for click in clicks(place)]
    assert hashes[0] == hashes[1], "the same on another link of the workspace"
    assert len(set(hashes)) == 4, "another address, agent or day is another"
    assert hashes[0] == day_hash(bytes.fromhex(first.salt), "198.51.100.7", FIREFOX)
    with Session(place.engine) as session:
        left = session.exec(select(DaySalt)).one()
    assert (left.day - first.day).days == 1
    assert left.salt != first.salt
    # NOW is 08:30 in Jakarta: the day is over at 17:00 UTC.
    assert first.ends_at == NOW.replace(hour=17, minute=0)
    for click in clicks(place):
        kept = click.model_dump()
        assert not any("198.51" in str(value) or "Firefox" in str(value) for value in kept.values())
        assert set(kept) == {
            "id", "link_id", "post_id", "at", "audience", "referrer", "why", "key", "day_hash", "country"
        }  # fmt: skip


def test_yesterdays_hash_cannot_be_made_again(place: Installation, tmp_path: Path) -> None:
    path = f"/l/{link(place).code}"
    asked(place.web, path)
    yesterday = clicks(place)[0].day_hash
    with Session(place.engine) as session:
        salt = session.exec(select(DaySalt)).one().salt
    place.later(hours=24)

    with writing(place.engine) as session:
        assert salts.destroy_ended(session, now=place.now) == 1
        session.commit()
        # Also for a click of yesterday that is written late, no new secret is made for that day.
        wanted = [(place.workspace.id, "UTC", NOW.date())]
        assert salts.of_days(session, wanted, now=place.now) == {}
    asked(place.web, path)
    assert clicks(place)[1].day_hash not in (None, yesterday)
    if place.engine.dialect.name == "sqlite":
        with place.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        for file in tmp_path.glob("tabuh.db*"):
            assert salt.encode() not in file.read_bytes(), f"{file.name} still holds the secret"


@pytest.mark.parametrize("field", ["DNT", "Sec-GPC"])
def test_who_asks_not_to_be_followed_has_no_hash_no_key_and_no_country(
    place: Installation, field: str
) -> None:
    place.web = WebContext(
        context=place.web.context, private_url=place.private_url, country=lambda address: "ID"
    )
    path = f"/l/{link(place).code}"
    asked(place.web, path, {field: "1"})
    asked(place.web, path, address="198.51.100.8")

    quiet, other = clicks(place)
    assert (quiet.audience, quiet.day_hash, quiet.key, quiet.country) == ("human", None, None, None)
    assert other.day_hash
    assert other.country == "ID"


def test_a_site_of_the_workspace_is_told_the_click_and_nobody_else(place: Installation) -> None:
    with writing(place.engine) as session:
        session.add(
            Site(
                workspace_id=place.workspace.id, name="Shop", hosts=["shop.example"], key="k1", created_at=NOW
            )
        )
        session.commit()
    own, foreign = link(place), link(place, target="https://other.example/?a=1")
    at = [f"/l/{own.code}", f"/l/{foreign.code}"]

    locations = [asked(place.web, path)[1]["location"] for path in at]
    programs = asked(place.web, at[0], {"user-agent": "curl/8"})[1]["location"]
    quiet = asked(place.web, at[0], {"dnt": "1"}, address="198.51.100.8")[1]["location"]

    first, second, third, fourth = clicks(place)
    assert first.key is not None
    assert re.fullmatch("[1-9A-HJ-NP-Za-km-z]{20}", first.key)
    assert locations == [f"https://shop.example/a?b=1&tb={first.key}#c", "https://other.example/?a=1"]
    assert (programs, quiet) == (TARGET, TARGET)
    assert (second.key, third.key, fourth.key) == (None, None, None)


def test_a_site_with_letters_of_its_own_is_told_the_click_at_its_name_in_ascii(place: Installation) -> None:
    with writing(place.engine) as session:
        hosts = ["xn--bcher-kva.example"]  # as a site keeps bücher.example
        session.add(
            Site(workspace_id=place.workspace.id, name="Books", hosts=hosts, key="k2", created_at=NOW)
        )
        session.commit()

    location = asked(place.web, f"/l/{link(place, target='https://bücher.example/ä').code}")[1]["location"]

    [one] = clicks(place)
    assert location == f"https://xn--bcher-kva.example/%C3%A4?tb={one.key}"


def test_an_address_is_believed_from_a_trusted_proxy_only(place: Installation) -> None:
    path = f"/l/{link(place).code}"
    asked(place.web, path, {"x-forwarded-for": "192.0.2.1", "forwarded": "for=192.0.2.1"})
    place.later(seconds=5)
    asked(place.web, path, {"x-forwarded-for": "192.0.2.2", "x-real-ip": "192.0.2.2"})
    first, second = clicks(place)
    assert first.day_hash == second.day_hash


def test_a_link_domain_serves_links_of_its_workspace_only(place: Installation) -> None:
    mine = link(place, "sale")
    with writing(place.engine) as session:
        other = Workspace(name="Other", created_at=NOW)
        session.add(other)
        session.flush()
        session.add(LinkDomain(workspace_id=other.id, host="other.example", created_at=NOW))
        session.commit()
    foreign = add_link(place.web.context, other.id, "https://other.example.org/", code="theirs", actor=ME)
    assert set_domain(place.web.context, place.workspace.id, "https://GO.example/", actor=ME) == "go.example"
    place.page("news")

    go = {"host": "go.example:8420"}
    assert asked(place.web, f"/{mine.code}", go)[1]["location"] == TARGET
    assert asked(place.web, f"/l/{mine.code}", go)[0] == 302
    assert asked(place.web, f"/{foreign.code}", {"host": "other.example"})[0] == 302
    for path in (f"/{foreign.code}", f"/l/{foreign.code}", "/", "/p/news", "/sign-in", "/queue",
                 "/api/v1/links",
                        "/healthz", "/api/v1/openapi.json", "/nothing/here"):  # fmt: skip
        assert asked(place.web, path, go)[0] == 404, path
    assert "Disallow: /" in _text(place, "/robots.txt", go)
    assert asked(place.web, "/p/news")[0] == 200
    assert asked(place.web, f"/{mine.code}")[0] == 404, "codes stand at the root of link domains only"
    assert asked(place.web, f"/{mine.code}", {"host": "strange.example"})[0] == 421

    set_domain(place.web.context, place.workspace.id, "", actor=ME)
    assert asked(place.web, f"/{mine.code}", go)[0] == 421


def _text(place: Installation, path: str, headers: Mapping[str, str]) -> str:
    return TestClient(create_public_app(place.web)).get(path, headers=dict(headers)).text


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Nobody else can write clicks inside."""
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE click IN ACCESS EXCLUSIVE MODE"))
        yield


def test_a_reader_gets_the_redirect_while_the_database_is_locked_and_the_click_follows(
    place: Installation,
) -> None:
    path = f"/l/{link(place).code}"
    asked(place.web, path)
    with locked(place.engine):
        place.later(seconds=2)
        assert asked(place.web, path)[1]["location"] == TARGET
        place.later(seconds=2)
        assert asked(place.web, path)[1]["location"] == TARGET
        assert asked(place.web, "/l/nothing")[0] == 404
    eventually(lambda: len(clicks(place)) == 3)
    assert [click.at - NOW for click in clicks(place)] == [timedelta(seconds=number) for number in (0, 2, 4)]


def test_a_reader_is_asked_to_come_back_where_nothing_can_be_looked_up(place: Installation) -> None:
    path = f"/l/{link(place).code}"
    with place.engine.begin() as connection:
        connection.execute(text("ALTER TABLE link RENAME TO away"))
    with capture_logs():
        status, fields = asked(place.web, path)
    assert (status, fields["retry-after"]) == (503, "5")
    assert "location" not in fields


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what a thread does, for as long as a slow machine may need."""
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


def test_requests_at_the_same_time_share_transactions_and_none_is_lost(place: Installation) -> None:
    codes = [link(place).code for _ in range(5)]
    app = combined(place.web)
    client = TestClient(app, base_url="https://news.example", follow_redirects=False)
    statuses: list[int] = []

    def ask(number: int) -> None:
        for turn in range(10):
            answer = client.get(
                f"/l/{codes[(number + turn) % 5]}", headers={"user-agent": f"{FIREFOX} {number}"}
            )
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [302] * 80
    assert len(clicks(place)) == 80


def test_the_thread_that_writes_ends_when_nothing_is_left(place: Installation) -> None:
    asked(place.web, f"/l/{link(place).code}")
    eventually(lambda: all(thread.name != "clicks" for thread in threading.enumerate()))

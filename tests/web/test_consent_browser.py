"""The whole walk in a browser: from the form to the platform's own page, and back to a channel."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from publishers.registry import adapter
from scheduler import applications
from store.changes import AUTOMATION
from store.engine import open_engine
from tests.servers.installed import install_drumhub
from tests.servers.oauth import OAuthServer, oauth_server
from tests.web.serving import cookies, served
from tests.web.setting import Installation


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Installation]:
    path = tmp_path / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    with served(engine, allowed_networks=("127.0.0.0/8",)) as installation:
        yield installation
    engine.dispose()


@pytest.fixture
def server(place: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OAuthServer]:
    targets = [{"id": "p1", "name": "Snare"}, {"id": "p2", "name": "Timpani"}]
    with oauth_server(redirect_uris={f"{place.private_url}/connect/callback"}, targets=targets) as found:
        install_drumhub(found, tmp_path, monkeypatch)
        applications.set_application(
            place.web.context, "drumhub", application_id=found.client_id, secret=found.client_secret,
            actor=AUTOMATION,
        )  # fmt: skip
        yield found
    adapter.cache_clear()


def test_a_person_connects_a_channel_at_the_platform(
    place: Installation, server: OAuthServer, page: Page
) -> None:
    page.context.add_cookies(cookies(place))  # type: ignore[arg-type]
    page.goto(f"{place.private_url}/channels/new/drumhub")
    page.get_by_role("button", name="Connect with Drumhub").click()
    page.get_by_role("link", name="Continue at Drumhub").click()
    expect(page.get_by_role("heading", name="Tabuh asks for access")).to_be_visible()
    page.get_by_role("button", name="Allow").click()
    page.get_by_label("Timpani").check()
    page.get_by_role("button", name="Connect").click()

    expect(page.get_by_text("Timpani is connected.")).to_be_visible()
    assert page.url.startswith(f"{place.private_url}/channels/")
    assert not [secret for secret in server.secrets if secret in page.url + page.content()]


def test_a_person_who_denies_is_back_and_told(place: Installation, server: OAuthServer, page: Page) -> None:
    page.context.add_cookies(cookies(place))  # type: ignore[arg-type]
    page.goto(f"{place.private_url}/channels/new/drumhub")
    page.get_by_role("button", name="Connect with Drumhub").click()
    page.get_by_role("link", name="Continue at Drumhub").click()
    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_text(re.compile("was not allowed to give access"))).to_be_visible()
    assert server.grants == []

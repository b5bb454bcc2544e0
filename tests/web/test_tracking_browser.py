"""The script in a real browser, on a page of another origin: what it sends, keeps, and leaves alone."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from scheduler.sites import add_site, snippet
from store.changes import AUTOMATION
from store.engine import open_engine
from store.tables import Conversion, Site, Visit, WebView
from tests.servers.loopback import Loopback
from tests.sites import click, rows
from tests.web.serving import served
from tests.web.setting import Installation

#: As a person's browser says it; a driven one would be taken for a program.
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Drums</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src {tabuh}; connect-src {tabuh}">
{line}</head><body><h1>Drums</h1><a id="next" href="/next">Next</a>
<button id="buy" data-tabuh="order" data-tabuh-value="12.50" data-tabuh-currency="USD"
 data-tabuh-id="B-1">Buy</button>
</body></html>"""


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Installation]:
    path = tmp_path / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    with served(engine, allowed_networks=("127.0.0.0/8",)) as installation:
        yield installation
    engine.dispose()


@pytest.fixture
def shop(place: Installation) -> Site:
    # The page is at another port, which is another origin; the host is what counts.
    return add_site(place.web.context, place.workspace.id, "Shop", hosts=["127.0.0.1"], actor=AUTOMATION)


@pytest.fixture
def address(place: Installation, shop: Site) -> Iterator[str]:
    line = snippet(place.web.context, shop)

    def answer(path: str, _headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        consented = line.replace("<script ", '<script data-consent="yes" ')
        said = PAGE.format(tabuh=place.public_url, line=consented if "consented" in path else line)
        return 200, {"Content-Type": "text/html; charset=utf-8"}, said.encode()

    with Loopback(answer) as server:
        yield server.url


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(user_agent=AGENT).new_page()


def until(ask: Callable[[], bool]) -> None:
    """Wait for what a browser sends behind our back."""
    end = monotonic() + 30
    while not ask():
        assert monotonic() < end, "nothing came"
        sleep(0.05)


def kept(page: Page) -> Any:
    return page.evaluate("[document.cookie, {...localStorage}, {...sessionStorage}]")


def test_without_consent_nothing_is_kept_and_a_walk_is_one_visit(
    place: Installation, address: str, page: Page
) -> None:
    post = place.post(place.page(), "Drums")
    number = click(place, post, "K" * 20)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}/drums?colour=red&tb={'K' * 20}&utm_source=x#sound")
    until(lambda: len(rows(place, WebView)) == 1)

    assert page.url == f"{address}/drums?colour=red&utm_source=x#sound"
    assert page.evaluate("tabuh('click')") == "K" * 20
    assert kept(page) == ["", {}, {}]

    place.later(minutes=1)
    page.evaluate("history.pushState({}, '', '/cart'); history.replaceState({}, '', '/cart?step=2')")
    page.evaluate("location.hash = 'sound'")
    until(lambda: len(rows(place, WebView)) == 2)
    page.evaluate("tabuh('order', {value: 125000, currency: 'IDR', id: 'A-17'})")
    page.evaluate("tabuh('newsletter')")
    page.click("#buy")
    until(lambda: len(rows(place, Conversion)) == 3)
    place.later(minutes=1)
    page.go_back()
    page.go_back()
    until(lambda: len(rows(place, WebView)) == 3)
    place.later(minutes=1)
    page.click("#next")
    until(lambda: len(rows(place, WebView)) == 4)

    [visit] = rows(place, Visit)
    assert (visit.kind, visit.click_id, visit.pages) == ("click", number, 4)
    assert visit.visitor.startswith("d:")
    assert [view.path for view in rows(place, WebView)] == ["/drums", "/cart", "/drums", "/next"]
    told = {row.name: (row.minor, row.currency, row.order_ref, row.is_key, row.click_id, row.visit_id)
            for row in rows(place, Conversion) if row.order_ref != "B-1"}  # fmt: skip
    assert told == {
        "order": (12_500_000, "IDR", "A-17", True, number, visit.id),
        "newsletter": (None, None, None, False, number, visit.id),
    }
    [bought] = [row for row in rows(place, Conversion) if row.order_ref == "B-1"]
    assert (bought.minor, bought.currency) == (1250, "USD")
    assert kept(page) == ["", {}, {}]
    assert complaints == []


def test_consent_keeps_one_id_and_taking_it_back_removes_it(
    place: Installation, address: str, page: Page
) -> None:
    page.goto(f"{address}/drums?tb={'K' * 20}")
    until(lambda: len(rows(place, WebView)) == 1)
    page.evaluate("tabuh('consent', true)")
    [cookie, local, session] = kept(page)
    assert (cookie, list(local), session) == ("", ["tabuh"], {})
    assert re.fullmatch(r"[0-9]{8,30}\.K{20}", local["tabuh"])
    until(lambda: str(rows(place, WebView)[0].visitor).startswith("v:"))

    place.later(minutes=1)
    page.goto(f"{address}/later")
    until(lambda: len(rows(place, WebView)) == 2)
    assert page.evaluate("tabuh('click')") == "K" * 20
    assert {visit.visitor for visit in rows(place, Visit)} == {f"v:{local['tabuh'].split('.')[0]}"}

    page.evaluate("tabuh('consent', false)")
    assert kept(page) == ["", {}, {}]
    place.later(minutes=1)
    page.goto(f"{address}/last")
    until(lambda: len(rows(place, WebView)) == 3)
    assert rows(place, WebView)[2].visitor.startswith("d:")


def test_a_page_may_say_that_consent_was_given(place: Installation, address: str, page: Page) -> None:
    page.goto(f"{address}/consented")
    until(lambda: len(rows(place, WebView)) == 1)
    assert rows(place, WebView)[0].visitor.startswith("v:")


def test_who_asks_not_to_be_followed_is_not_even_with_consent(
    place: Installation, address: str, page: Page
) -> None:
    page.add_init_script(GPC)
    page.goto(f"{address}/consented?tb={'K' * 20}")
    page.evaluate("tabuh('consent', true)")
    until(lambda: len(rows(place, WebView)) == 1)

    [view] = rows(place, WebView)
    assert (view.visitor, view.unfollowed, view.click_key) == (None, True, None)
    assert kept(page) == ["", {}, {}]
    assert rows(place, Visit) == []


def test_visible_time_is_sent_when_the_page_is_left(place: Installation, address: str, page: Page) -> None:
    page.clock.install()
    page.goto(f"{address}/drums")
    until(lambda: len(rows(place, WebView)) == 1)
    page.clock.fast_forward(42_000)
    page.goto("about:blank")
    until(lambda: rows(place, WebView)[0].seconds >= 42)
    assert rows(place, WebView)[0].seconds < 60

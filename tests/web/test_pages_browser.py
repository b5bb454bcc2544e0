"""Every page in a browser, in both languages and themes, wide and narrow: sound, accessible, and all our own.

Pages are found by following links from the start, inside and outside, so a new page is looked at as soon as
something leads to it; of pages that differ in a number or in a choice only, the first one stands for all.
"""

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from domain.post import PostState
from store import channels, queue
from store.engine import open_engine, reading
from tests.web import filled, queued
from tests.web.serving import cookies, served
from tests.web.setting import OWN, Installation
from web.app import combined

#: Besides what links lead to: forms that are answered with 422, pages that nobody is led to, the public side.
STARTS = ("/", "/preferences", "/password", "/nothing")
OUTSIDE = ("/p/sari-page", "/p/sari/r1", "/p/nothing", "/sign-in")
#: What a form with a mistake looks like.
MISTAKES: dict[str, dict[str, str]] = {
    "/posts/new": {"text": "", "when": "at"},
    "/channels/new/webhook": {"name": "", "settings-url": "x", "credentials-secret": "x"},
}
WIDTHS = (1440, 360)
LONG_LOOKS = {("en", "light", 1440), ("id", "dark", 360)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Tables and texts, no pages.
_NOT_PAGES = re.compile(
    r"/(static|charts|api|l)/|feed\.(atom|json)$|\.(csv|ics|opml|svg|png|json|xlsx|zip)(\?|$)|/sign-in/link|/file/"
)
_ODD = (PostState.AWAITING_APPROVAL, PostState.UNCERTAIN, PostState.FAILED, PostState.PUBLISHED)
_AXE = Axe()
#: Fills in the form of a page and sends it, whatever the browser itself would have said about it.
_SEND = """(typed) => {
  const form = document.querySelector("main form.form");
  for (const [name, value] of Object.entries(typed)) form.elements[name].value = value;
  form.noValidate = true;
  form.submit();
}"""


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A full installation behind a server."""
    path = tmp_path_factory.mktemp("pages") / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    with served(engine) as installation:
        filled.fill(installation)
        queued.fill(installation)
        yield installation
    engine.dispose()


@pytest.fixture(scope="module")
def pages(place: Installation) -> list[str]:
    """The address of every kind of page; of posts, one in each state that looks different."""
    client = TestClient(combined(place.web), base_url=place.private_url, headers=OWN)
    client.cookies.update(place.signed_in().cookies)
    found, waiting = dict[str, str](), [*STARTS]
    while waiting:
        address = html.unescape(waiting.pop(0))
        if kind_of(address) in found or _NOT_PAGES.search(address) or address.startswith("/p/"):
            continue
        found[kind_of(address)] = address
        answer = client.get(address)
        assert answer.status_code < 500, f"{address}: {answer.status_code}"
        text = answer.text.replace(f'href="{place.private_url}/', 'href="/')
        waiting += re.findall(r'<a [^>]*?href="(/[^"#]*)"', text)
    return [*found.values(), *odd_pages(place)]


def kind_of(address: str) -> str:
    """The address without numbers and choices."""
    path, has_choice, _ = address.partition("?")
    return re.sub(r"\d{6,}|(?<=/p/).+", "#", path) + has_choice


def odd_pages(place: Installation) -> list[str]:
    """Posts that wait for a person, and a channel that lost its connection: forms of their own."""
    with reading(place.engine) as session:
        rows = queue.by_hour(session, place.workspace.id, states=_ODD, limit=50)
        lost = channels.named(session, place.workspace.id, "Kait").id
    by_state = {row.state: f"/posts/{row.id}" for row in rows}
    return [*by_state.values(), f"/channels/{lost}", f"/channels/{lost}/reconnect"]


def opened(browser: Browser, place: Installation, *, language: str, theme: str) -> Page:
    """A visitor with a language and a theme, not signed in yet."""
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 900})
    chosen = {"tabuh_language": language, "tabuh_theme": theme}
    jar: Any = [{"name": name, "value": value, "url": place.private_url} for name, value in chosen.items()]
    context.add_cookies(jar)
    context.set_default_timeout(20_000)
    return context.new_page()


def listen(page: Page, place: Installation) -> list[str]:
    """A list that fills with what the console complains of and what is asked of other hosts."""
    heard: list[str] = []

    def on_console(words: Any) -> None:
        # A refusal is what was asked for; Chromium calls its status an error.
        if words.type == "error" and not re.search(r"status of 4(04|22) ", words.text):
            heard.append(f"{words.type}: {words.text}")

    own = (place.private_url, "data:")
    page.on("console", on_console)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda asked: heard.append(asked.url) if not asked.url.startswith(own) else None)
    return heard


def check(page: Page, where: str, language: str, theme: str) -> list[str]:
    """What is wrong with the page that is open, wide and narrow.

    The long look for accessibility is taken once in each language, theme and width: in English, light and
    wide, and in Indonesian, dark and narrow. That every colour has its contrast in both themes is computed
    elsewhere (test_foundation).
    """
    wrong: list[str] = []
    if page.locator("html").get_attribute("lang") != language:
        wrong.append("another language")
    if page.locator("h1").count() != 1:
        wrong.append("not one h1")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if (over := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            wrong.append(f"{over} px too wide at {width}")
        if (language, theme, width) in LONG_LOOKS:
            wrong += violations(page)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return [f"{where}: {one}" for one in wrong]


def violations(page: Page) -> list[str]:
    # The hundreds of time zones to choose from say nothing new, and take half of the time.
    looked_at = {"exclude": [["option"]]}
    answer = _AXE.run(page, looked_at, {"runOnly": RULES, "resultTypes": ["violations"]}).response
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in answer["violations"]]


@pytest.mark.timeout(580)  # it opens every page there is, twice
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_every_page_is_sound(
    browser: Browser, place: Installation, pages: list[str], language: str, theme: str
) -> None:
    page = opened(browser, place, language=language, theme=theme)
    heard, wrong = listen(page, place), list[str]()
    signed_in: Any = cookies(place)
    for address in [*OUTSIDE, *pages]:
        if address == pages[0]:
            page.context.add_cookies(signed_in)
        answer = page.goto(place.private_url + address)
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        wrong += check(page, address, language, theme)
        wrong += [f"{address}: {one}" for one in heard]
        heard.clear()
    for address, typed in MISTAKES.items():
        page.goto(place.private_url + address)
        page.evaluate(_SEND, typed)
        page.locator("[aria-invalid]").first.wait_for()
        wrong += check(page, f"{address}, refused", language, theme)
        wrong += heard
        heard.clear()
    page.context.close()
    assert wrong == []


def test_the_walk_meets_every_section(pages: list[str]) -> None:
    for section in ("queue", "posts/new", "feeds", "channels", "channels/new/bluesky", "statistics", "kpis"):
        assert f"/{section}" in pages, section
    for kind in (r"/posts/\d+", r"/posts/\d+/move.*", r"/channels/\d+", r"/feeds/\d+"):
        assert any(re.fullmatch(kind, address) for address in pages), kind


def test_a_row_changes_in_place_and_says_so(browser: Browser, place: Installation) -> None:
    page = opened(browser, place, language="en", theme="light")
    jar: Any = cookies(place)
    page.context.add_cookies(jar)
    page.goto(f"{place.private_url}/queue?state=draft")
    heard = listen(page, place)
    row = page.locator(".beat").first
    row.locator("summary").click()
    row.get_by_label("Skip it, because").fill("Nyepi")
    row.get_by_role("button", name="Skip").click()

    page.locator(".beat.skipped").get_by_text("Skipped. It does not go out unless").wait_for()
    assert page.url.endswith("/queue?state=draft")
    assert page.locator(".beat.skipped").count() == 1
    assert page.evaluate("document.activeElement.closest('.beat') !== null")
    page.wait_for_function("document.getElementById('live').textContent.startsWith('Skipped.')")
    assert heard == []
    page.context.close()


def test_the_length_is_counted_while_somebody_types(browser: Browser, place: Installation) -> None:
    page = opened(browser, place, language="en", theme="light")
    jar: Any = cookies(place)
    page.context.add_cookies(jar)
    page.goto(f"{place.private_url}/posts/new")
    heard = listen(page, place)
    page.locator("#f-channel").select_option(label="Kabar Sari")
    page.locator("#f-text").press_sequentially("Halo 👩‍👩‍👧")

    page.get_by_text("6 characters; the channel sets no limit.").wait_for()
    assert page.locator("#preview .words-sent").inner_text() == "Halo 👩‍👩‍👧"
    assert page.locator("#f-text").input_value() == "Halo 👩‍👩‍👧"
    assert heard == []
    page.context.close()

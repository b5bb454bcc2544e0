"""The KPI guide in a browser: sound in both languages, confirmed, on paper a sheet for each KPI."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from store.engine import open_engine
from tests.web import filled
from tests.web.serving import cookies, served
from tests.web.setting import Installation
from tests.web.test_pages_browser import RULES


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    path = tmp_path_factory.mktemp("guide") / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    with served(engine) as installation:
        filled.fill(installation)
        yield installation
    engine.dispose()


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("id", "dark", 360)])
def test_it_is_sound_shared_confirmed_and_printed_a_sheet_for_each_kpi(
    browser: Browser, place: Installation, language: str, theme: str, width: int
) -> None:
    made = place.signed_in().post("/kpis/guide/links", data={"name": "Board"}).text
    address = made.partition("<code>")[2].partition("</code>")[0]
    context = browser.new_context(viewport={"width": width, "height": 900})
    kept: Any = cookies(place, tabuh_language=language, tabuh_theme=theme)
    context.add_cookies(kept)
    page = context.new_page()
    options: Any = {"runOnly": {"type": "tag", "values": RULES}}
    for where in (f"{place.private_url}/kpis/guide/versions", address, f"{place.private_url}/kpis/guide"):
        page.goto(where)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page, options=options)
        assert found.violations_count == 0, found.generate_report()

    page.emulate_media(media="print")
    assert not page.is_visible("#receipts")
    assert not page.is_visible("#links")
    assert page.is_visible("article.sheet >> nth=0")
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert pages >= 1 + page.locator("article.sheet").count()

    page.goto(address)
    page.emulate_media(media="screen")
    page.fill("#f-name", f"Ratna {language}")
    page.click("main form button")
    assert page.is_visible(".notice.good")
    context.close()

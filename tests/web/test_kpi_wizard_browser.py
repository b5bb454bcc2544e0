"""Every step of the KPI wizard in a browser: light and dark, wide and narrow, sound and nothing cut off."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from store.engine import open_engine
from tests.web import filled
from tests.web.serving import cookies, served
from tests.web.setting import Installation
from tests.web.test_pages_browser import RULES

_STEPS = ("goal", "where", "metric", "target", "care", "check")


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Twenty weeks of a workspace behind a server."""
    path = tmp_path_factory.mktemp("wizard") / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    with served(engine) as installation:
        filled.fill(installation, weeks=20)
        yield installation
    engine.dispose()


def press(page: Page, act: str) -> None:
    """A button that people see."""
    page.click(f'main button[name=act][value="{act}"]:not(.visually-hidden)')


def fill_in(page: Page, step: str) -> None:
    """What a person types on a step."""
    if step == "goal":
        page.select_option("#f-goal", "traffic")
        page.fill("#f-audience", "parents")
    elif step == "metric":
        page.select_option("#f-metric", "visits")
    elif step == "target":
        page.fill("#f-target", "9000")


def sound(page: Page, width: int) -> None:
    """Nothing is wider than the window, and nothing that a screen reader would stumble over."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    options: Any = {"runOnly": {"type": "tag", "values": RULES}}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("id", "dark", 360)])
def test_every_step_is_sound(
    browser: Browser, place: Installation, language: str, theme: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    kept: Any = cookies(place, tabuh_language=language, tabuh_theme=theme)
    context.add_cookies(kept)
    page = context.new_page()
    page.goto(f"{place.private_url}/kpis/new")
    for step in _STEPS:
        assert page.input_value('input[name="step"]') == step
        fill_in(page, step)
        sound(page, width)
        if step != "check":
            press(page, "next")

    press(page, "save")
    page.wait_for_url(re.compile(r"/kpis/\d+$"))
    sound(page, width)
    page.goto(f"{page.url}/edit")
    sound(page, width)
    context.close()

"""The browser opens pages from loopback."""

import asyncio

from playwright.sync_api import Page

from tests.conftest import no_loop_of_others
from tests.servers.loopback import Loopback

PAGE = b"""<!doctype html><html lang=en><title>Tabuh</title>
<p id=word></p><script>word.textContent = 'ready'</script>"""


def test_a_page_is_opened_and_its_script_runs(page: Page) -> None:
    with Loopback(lambda path, headers: (200, {"Content-Type": "text/html"}, PAGE)) as server:
        page.goto(server.url)

        assert page.title() == "Tabuh"
        assert page.inner_text("#word") == "ready"
        assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Jakarta"


def test_a_test_without_a_page_may_run_an_event_loop_before_others_open_one() -> None:
    asyncio.run(asyncio.sleep(0))


def test_a_test_without_a_page_may_run_an_event_loop_behind_those_that_have_one() -> None:
    loop = asyncio.new_event_loop()
    asyncio.events._set_running_loop(loop)  # as an open page leaves it
    try:
        with no_loop_of_others():
            asyncio.run(asyncio.sleep(0))
        assert asyncio.events._get_running_loop() is loop
    finally:
        asyncio.events._set_running_loop(None)
        loop.close()

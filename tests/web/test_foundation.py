"""The look and its promises: contrast, nothing inline, one language per render, the gallery in a browser."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from jinja2 import UndefinedError
from playwright.sync_api import Browser, BrowserContext, Page

from tests.web import gallery
from web.drawing import PALETTES
from web.render import CONTENT_SECURITY_POLICY, STATIC, environment, render, static

TEMPLATES = STATIC.parent / "templates"
CSS = (STATIC / "app.css").read_text()
THEMES = ("light", "dark")
#: Text on ground; 4.5 is what WCAG 1.4.3 asks for.
TEXTS = [
    *((text, ground) for text in ("ink", "soft", "accent") for ground in ("paper", "sheet", "sunk")),
    *(
        (tone, ground)
        for tone in ("good", "note", "warn", "bad")
        for ground in ("paper", "sheet", f"{tone}-wash")
    ),
    ("accent", "accent-wash"),
    *(("ink", f"{tone}-wash") for tone in ("good", "note", "warn", "bad")),
    ("accent-ink", "accent"),
    ("paper", "ink"),
]
#: Edges of fields and signs; 3 is what WCAG 1.4.11 asks for.
SIGNS = [("edge", ground) for ground in ("paper", "sheet")]


def colours() -> dict[str, tuple[str, str]]:
    """Name to (light, dark) of each colour variable."""
    found = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", CSS)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_formula_gives_the_known_answers() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
def test_text_and_signs_have_enough_contrast(theme: str) -> None:
    known, place = colours(), THEMES.index(theme)
    for pairs, least in ((TEXTS, 4.5), (SIGNS, 3.0)):
        for front, back in pairs:
            ratio = contrast(known[front][place], known[back][place])
            assert ratio >= least, f"{front} on {back} in {theme}: {ratio:.2f}"


def test_charts_have_the_colours_of_the_pages() -> None:
    known = colours()
    for place, theme in enumerate(("light", "dark")):
        palette = PALETTES["light" if theme == "light" else "dark"]
        assert palette == {name: known[name][place] for name in palette}


def test_the_stylesheet_stays_small() -> None:
    assert len(CSS.encode()) <= 30_000


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_no_template_holds_anything_inline(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(
        r"""\sstyle\s*=|\son\w+\s*=\s*["']|<style|javascript:|hx-on|hx-vars|hx-vals='js""", text
    )
    for script in re.findall(r"<script[^>]*>", text):
        assert " src=" in script


def test_a_missing_value_is_an_error_and_not_an_empty_page() -> None:
    with pytest.raises(UndefinedError):
        render("public.html", context=gallery.context())


def test_renders_at_the_same_time_keep_their_languages_apart() -> None:
    def heading(turn: int) -> tuple[str, bool, bool]:
        language = ("en", "id")[turn % 2]
        text = gallery.page(language, "light")
        return (
            language,
            "Language</legend>" in text and "18.4K" in text,
            "Bahasa</legend>" in text and "1.240" in text,
        )

    with ThreadPoolExecutor(4) as pool:
        for language, english, indonesian in pool.map(heading, range(12)):
            assert (english, indonesian) == (language == "en", language == "id")


def test_components_speak_html_that_machines_understand() -> None:
    text = re.sub(r"\s+", " ", gallery.page("en", "dark"))
    for expected in (
        '<html lang="en" data-theme="dark">',
        '<a href="/statistics" aria-current="page">Statistics</a>',
        '<input type="hidden" name="back" value="/gallery">',
        '<button name="theme" value="dark" aria-pressed="true">Dark</button>',
        '<time datetime="2026-11-24T01:30:00Z">Tue 24 Nov, 08:30 WIB</time>',
        '<th scope="col" role="columnheader" aria-sort="descending">',
        '<td role="cell" data-label="Impressions" class="numeric">',
        '<option value="Asia/Makassar" selected>',
        'aria-describedby="h-url e-url" aria-invalid="true" required>',
        'Publish now<span class="visually-hidden">: the first post</span>',
        "nothing measured yet of 5,000 visits",
    ):
        assert expected in text


def test_a_chosen_theme_brings_only_its_own_pictures() -> None:
    for theme, other in (("light", "dark"), ("dark", "light")):
        text = gallery.page("en", theme)
        offered = re.findall(r"<source [^>]*srcset=\"([^\"]+)\"|<img src=\"(/charts[^\"]+)\"", text)
        first = gallery.charts("en")["charts"][0]
        assert getattr(first, f"narrow_{theme}") in (address for pair in offered for address in pair)
        if theme == "light":
            assert getattr(first, f"narrow_{other}") not in text


def test_what_people_write_is_escaped() -> None:
    hostile = "<script>alert(1)</script>"
    text = render(
        "gallery_public.html",
        context=gallery.context(workspace=hostile),
        site=gallery.SITE | {"title": hostile},
    )
    assert hostile not in text
    assert "&lt;script&gt;" in text


def test_static_addresses_change_with_their_content() -> None:
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{12}", static("app.css"))
    assert static("app.css") != static("icon.svg").replace("icon.svg", "app.css")


def test_the_policy_allows_nothing_inline_and_no_other_host() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")


def test_every_component_says_what_it_takes() -> None:
    for path in sorted((TEMPLATES / "components").glob("*.html")):
        text = path.read_text()
        comment = text[: text.index("#}")]
        public = [name for name in re.findall(r"{% macro (\w+)\(", text) if not name.startswith("_")]
        assert public, path.name
        for name in public:
            assert f"  {name}(" in comment, f"{path.name}: {name} is not described"


def test_every_component_is_in_the_gallery() -> None:
    frame = {"prefs.html", "public.html"}
    shown = environment().loader.get_source(environment(), "gallery.html")[0]  # type: ignore[union-attr]
    for path in sorted((TEMPLATES / "components").glob("*.html")):
        if path.name not in frame:
            assert f'"components/{path.name}"' in shown


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("en", "light", 1440), ("en", "dark", 360), ("id", "dark", 1440), ("id", "light", 360)],
)
@pytest.mark.parametrize("kind", ["gallery", "public"])
def test_the_gallery_is_sound(browser: Browser, kind: str, language: str, theme: str, width: int) -> None:
    with gallery.served() as address:
        page = opened(browser.new_context(viewport={"width": width, "height": 900}))
        problems = complaints(page, address)
        page.goto(f"{address}/{kind}/{language}/{theme}")
        pictures_arrived(page)
        assert problems == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("h1").count() == 1
        page.context.close()

        page = opened(browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True))
        page.goto(f"{address}/{kind}/{language}/{theme}")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert violations(page) == []
        page.context.close()


def test_without_a_script_the_menu_the_passport_and_the_table_open(browser: Browser) -> None:
    with gallery.served() as address:
        context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
        page = opened(context)
        page.goto(f"{address}/gallery/en/light")
        assert not page.get_by_role("link", name="Feeds and routes").is_visible()
        page.get_by_role("button", name="Menu").click()
        assert page.get_by_role("link", name="Feeds and routes").is_visible()
        page.keyboard.press("Escape")
        page.locator(".passport summary").first.click()
        assert page.get_by_text("Mastodon API, favourites_count").first.is_visible()
        page.locator(".chart summary").first.click()
        assert page.get_by_role("rowheader", name="15 minutes").first.is_visible()
        context.close()


def test_the_keyboard_comes_first_to_the_skip_link_and_sees_where_it_is(browser: Browser) -> None:
    with gallery.served() as address:
        page = opened(browser.new_context(reduced_motion="reduce"))
        page.goto(f"{address}/gallery/en/light")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
        page.context.close()


def test_the_automatic_theme_follows_the_system(browser: Browser) -> None:
    with gallery.served() as address:
        for scheme, paper in (("light", "rgb(247, 242, 233)"), ("dark", "rgb(21, 18, 15)")):
            page = opened(browser.new_context(color_scheme="dark" if scheme == "dark" else "light"))
            page.goto(f"{address}/gallery/en/auto")
            assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == paper
            pictures_arrived(page)
            chosen = page.locator(".chart img").first.evaluate("(image) => image.currentSrc")
            digest = chosen.rsplit("/", 1)[1].removesuffix(".svg")
            assert PALETTES["dark" if scheme == "dark" else "light"]["accent"] in (
                gallery.STORE.svg(digest) or ""
            )
            page.context.close()


def opened(context: BrowserContext) -> Page:
    context.set_default_timeout(20_000)
    return context.new_page()


def complaints(page: Page, address: str) -> list[str]:
    """A list that fills with whatever the console, a failed request or a foreign host has to say."""
    found: list[str] = []
    page.on("console", lambda words: found.append(f"{words.type}: {words.text}"))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "response",
        lambda answer: found.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
    )
    page.on(
        "request",
        lambda asked: found.append(asked.url) if not asked.url.startswith((address, "data:")) else None,
    )
    return found


def pictures_arrived(page: Page) -> None:
    page.evaluate(
        "Promise.all([...document.images].map((one) => { one.loading = 'eager'; return one.decode(); }))"
    )
    page.wait_for_load_state("networkidle")


def violations(page: Page) -> list[str]:
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    answer = Axe().run(page, options={"runOnly": tags}).response
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in answer["violations"]]


@pytest.mark.parametrize("width", [1200, 1440])
def test_what_only_screen_readers_hear_in_a_wide_table_does_not_widen_the_page(
    browser: Browser, width: int
) -> None:
    cells = "".join(
        f"<td>Column {number} is wide<span class='visually-hidden'>and why</span></td>"
        for number in range(40)
    )
    wide = f"<div class='dense'><table class='rows'><tbody><tr>{cells}</tr></tbody></table></div>"
    with gallery.served() as address:
        page = opened(browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True))
        page.goto(f"{address}/gallery/en/light")
        page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", wide)

        assert page.evaluate("document.querySelector('main > .dense:last-child').scrollWidth") > width
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.context.close()

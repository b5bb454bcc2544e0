"""Made-up figures for the gallery page, and a server that shows it under the real policy."""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any, get_args
from urllib.parse import urlsplit

from web.chart_words import Forecast, Usual
from web.charts import bars, growth, heat, path, sparkline
from web.drawing import ChartStore
from web.i18n import Voice
from web.render import CONTENT_SECURITY_POLICY, STATIC, Column, Notice, PageContext, Theme, render
from web.reports.paper import Chapter, Paper, Sheet, Told

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
ZONE = "Asia/Jakarta"
STATES = (
    "draft",
    "awaiting_approval",
    "queued",
    "publishing",
    "uncertain",
    "published",
    "failed",
    "skipped",
)
STORE = ChartStore()
PAPER = Paper(
    title="Weekly report: Toko Sari",
    lead="9 Nov 2026 to 15 Nov 2026, beside the week before.",
    made="Written Mon 16 Nov, 07:00 WIB; it never changes.",
    language="en",
    simulated=True,
    chapters=(
        Chapter(
            "happened", "What happened", (Told("Clicks rose by 12% to 1,043.", "figure-clicks", "good"),)
        ),
        Chapter(
            "figures",
            "Figures",
            (),
            (Sheet("Figures", ("Figure", "This period"), (("Clicks", "1,043"),), ("figure-clicks",)),),
        ),
    ),
)
SHEETS = Paper(
    title="KPI guide: Toko Sari",
    lead="Every target on a sheet of its own.",
    made="Version 3, frozen Mon 16 Nov, 07:00 WIB.",
    language="en",
    simulated=True,
    chapters=(
        Chapter("contents", "Contents", (Told("5,000 visits a month", "kpi-1"),)),
        Chapter(
            "kpi-1",
            "5,000 visits a month",
            (Told("At least 5,000 visits a month."), Told("Sedikitnya 5.000 kunjungan.", language="id")),
            (
                Sheet("At a glance", ("Question", "Answer"), (("Owner", "Sari"),), is_text=True),
                Sheet("Changes", ("When", "What"), (("16 Nov", "added"),), is_text=True),
            ),
            begins_page=True,
        ),
    ),
)
STATUSES = ("reached", "ahead", "on_pace", "behind", "at_risk", "missed", "unknown")
TEXTS = (
    "Tabuh 1.0: a queue that says why each post has its hour",
    "Pasar Santa buka sampai malam: tujuh kedai yang layak didatangi, dan satu yang harus dipesan",
    "What a hundred feeds taught us about being late",
    "Rilis: laporan KPI dalam dua bahasa",
)


def context(language: str = "en", theme: Theme = "light", **more: Any) -> PageContext:
    values: dict[str, Any] = {
        "now": NOW,
        "zone": ZONE,
        "path": "/gallery",
        "person": "Sari Wulandari",
        "workspace": "Toko Sari",
        "simulated": True,
        "notices": (Notice("Settings saved."),),
    }
    return PageContext(language=language, theme=theme, **(values | more))


def values() -> dict[str, Any]:
    """What gallery.html asks for."""
    posts = [
        SimpleNamespace(
            row_id=f"post-{place}",
            text=TEXTS[place % len(TEXTS)],
            state=state,
            at=None if state == "draft" else NOW + timedelta(hours=4 * place - 6),
            zone="Asia/Makassar" if place % 3 == 2 else ZONE,
            channel="Mastodon · @toko@example.social" if place % 2 else "Page · toko-sari",
            note="late by 4 minutes: the worker was stopped" if state == "uncertain" else "",
            views=None if state in ("draft", "queued", "failed") else 1240 * (place + 1),
        )
        for place, state in enumerate(STATES)
    ]
    posts.sort(key=lambda post: post.at or NOW + timedelta(days=9))
    return {
        "now": NOW,
        "length": timedelta(days=9, hours=4),
        "posts": posts,
        "columns": [
            Column("post", "Post"),
            Column("state", "State"),
            Column("when", "When", href="?sort=when", sorted="descending"),
            Column("views", "Impressions", numeric=True, href="?sort=views"),
            Column("rate", "Engagement rate", numeric=True, hint="of impressions"),
        ],
        "facts": {
            "source": "Mastodon API, favourites_count",
            "read_at": NOW - timedelta(minutes=12),
            "formula": "reactions + replies + shares",
            "version": 2,
            "denominator": "impressions",
            "coverage": "3 of 5 posts measured",
        },
        "goals": [goal(status) for status in STATUSES],
        "errors": {"url": "This page has no feed. Give the feed's own address, or another page of the site."},
        "states": STATES,
        "statuses": STATUSES,
        "brought_there": SimpleNamespace(visits="412", conversions="9", revenue="1,250,000 IDR"),
        "paper": PAPER,
        "sheets": SHEETS,
        "drawn": {"happened": [], "figures": []},
    }


def charts(language: str) -> dict[str, Any]:
    """The charts of the gallery, placed in the store that the server answers from."""
    voice, start = Voice(language, ZONE), NOW.date() - timedelta(days=27)
    _ = voice.gettext
    ages = [timedelta(minutes=one) for one in (15, 60, 180, 360, 720, 1440, 2880, 4320, 10080, 20160, 41760)]
    grown = [
        (age, 1240 * (1 - 0.94 ** (place + 1) * 0.9 ** (place * 2))) for place, age in enumerate(ages[:8])
    ]
    usual = [
        Usual(age, 610 * (1 - 0.8**place) + 20, 900 * (1 - 0.8**place) + 40, 1300 * (1 - 0.8**place) + 70)
        for place, age in enumerate(ages, start=1)
    ]
    days = [start + timedelta(days=place) for place in range(28)]
    end = date(2026, 11, 30)
    month = [date(2026, 11, 1) + timedelta(days=place) for place in range(30)]
    expected = [(day, 5000 * (place + 1) / 30) for place, day in enumerate(month)]
    actual = [(day, value * (0.8 + place * 0.009)) for place, (day, value) in enumerate(expected[:24])]
    last = actual[-1][1]
    forecast = [
        Forecast(day, last + step * 150, last + step * 185, last + step * 230)
        for step, day in enumerate(month[23:])
    ]
    views = [
        (day, None if place in (9, 10) else 180 + 90 * math.sin(place) + place * 6)
        for place, day in enumerate(days)
    ]
    cells = {
        (day, hour): 4 * math.exp(-(((hour - 19) / 4) ** 2))
        + (1.8 if day < 5 and hour in (8, 9, 12) else 0.2)
        for day in range(7)
        for hour in range(24)
        if not (day == 6 and hour < 6)
    }
    followers = [(day, 4500 + place * 9 + 40 * math.sin(place / 2)) for place, day in enumerate(days)]
    drawn = [
        growth(_("Growth since publishing"), _("Impressions"), grown, usual, voice=voice),
        path(_("Visits in November"), actual, expected, 5000, end, forecast=forecast, voice=voice),
        bars(_("Impressions by day"), _("Impressions"), views, voice=voice),
        heat(_("When your audience answers"), _("Reactions"), cells, voice=voice),
    ]
    spark = sparkline(_("Followers"), followers, voice=voice)
    return {
        "charts": [STORE.place(one, language=language) for one in drawn],
        "spark": STORE.place(spark, language=language),
    }


def goal(status: str) -> dict[str, Any]:
    actual = {"reached": 5200, "ahead": 3900, "on_pace": 3100, "behind": 2300, "at_risk": 900}.get(
        status, 1400
    )
    known = status != "unknown"
    return {
        "label": "5,000 visits in November",
        "actual": actual if known else None,
        "expected": 3150 if known else None,
        "target": 5000,
        "unit": "visits",
        "status": status,
        "low": actual + 600 if status in ("ahead", "on_pace", "behind") else None,
        "high": actual + 1900 if status in ("ahead", "on_pace", "behind") else None,
    }


def page(language: str, theme: str, **more: Any) -> str:
    [chosen] = [known for known in get_args(Theme) if known == theme]
    return render("gallery.html", context=context(language, chosen), **(values() | charts(language) | more))


def public(language: str, theme: str) -> str:
    [chosen] = [known for known in get_args(Theme) if known == theme]
    return render(
        "gallery_public.html", context=context(language, chosen, person=None, notices=()), site=SITE
    )


SITE = {
    "title": "Kabar Toko Sari",
    "description": "What is new in the shop, twice a week.",
    "address": "/p/toko-sari",
    "atom_url": "/p/toko-sari/atom.xml",
    "json_url": "/p/toko-sari/feed.json",
}
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class _Pages(BaseHTTPRequestHandler):
    """``/gallery/{language}/{theme}``, ``/public/{language}/{theme}``, static files and charts."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        match path.strip("/").split("/"):
            case ["gallery", language, theme]:
                self._answer("text/html; charset=utf-8", page(language, theme).encode())
            case ["public", language, theme]:
                self._answer("text/html; charset=utf-8", public(language, theme).encode())
            case ["charts", name] if picture := STORE.svg(name.removesuffix(".svg")):
                self._answer("image/svg+xml", picture.encode())
            case ["static", *rest] if (STATIC / "/".join(rest)).is_file():
                file = STATIC / "/".join(rest)
                self._answer(KINDS[file.suffix], file.read_bytes())
            case _:
                self.send_error(404)

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.end_headers()
        with suppress(ConnectionError):  # the browser may leave before the last picture
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # quiet
        pass


@contextmanager
def served() -> Iterator[str]:
    """The address of a server on the loopback; it stops at the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

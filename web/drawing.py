"""From a chart's specification to SVG: theme, language, the converter, and the store behind ``/charts``."""

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlencode

from web.charts import Chart, Spec, narrowed
from web.i18n import Voice

Ground = Literal["light", "dark"]

#: The same colours as in app.css; a test keeps them equal. ``ramp`` runs from little to much.
PALETTES: dict[Ground, dict[str, str]] = {
    "light": {
        "ink": "#221b15",
        "soft": "#5e5245",
        "line": "#ddd1be",
        "paper": "#f7f2e9",
        "accent": "#a23a12",
    },
    "dark": {"ink": "#f1e8dc", "soft": "#b9ab99", "line": "#393028", "paper": "#15120f", "accent": "#f59a63"},
}
RAMPS: dict[Ground, tuple[str, ...]] = {
    "light": ("#f3e7d6", "#e6b98f", "#cd7440", "#a23a12", "#5f1d06"),
    "dark": ("#2b241e", "#5b3522", "#995229", "#f59a63", "#ffe0c7"),
}
FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif"

_PNG_SCALE = 2

# vl-convert 1.9 takes a lock of its own while it may let go of the interpreter's: two threads inside it at
# once can freeze the process for good. Every call goes through here.
_converter = threading.Lock()


def svg(spec: Spec, *, theme: Ground, language: str) -> str:
    """Draw a chart; 10 to 50 ms once warm, 1 to 2 s the first time.

    Raises:
        ValueError: Vega cannot draw this specification.
    """
    import vl_convert  # late: it brings a JavaScript engine

    numbers, times = _number_locale(language), _time_locale(language)
    with _converter:
        drawn: str = vl_convert.vegalite_to_svg(
            spec,
            config=_config(theme),
            allowed_base_urls=[],
            format_locale=numbers,
            time_format_locale=times,
        )
    return drawn


def picture(chart: Chart, kind: Literal["svg", "png"], *, theme: Ground, language: str) -> bytes:
    """A chart as a file to be kept: with its title, and paper behind it; PNG at twice the size.

    Raises:
        ValueError: Vega cannot draw this specification.
    """
    import vl_convert  # late: it brings a JavaScript engine

    title = {"text": chart.title, "anchor": "start", "color": PALETTES[theme]["ink"], "fontSize": 15}
    spec = chart.spec | {"title": title, "padding": 16}
    drawn: dict[str, Any] = {
        "config": _config(theme) | {"background": PALETTES[theme]["paper"]},
        "allowed_base_urls": [],
        "format_locale": _number_locale(language),
        "time_format_locale": _time_locale(language),
    }
    with _converter:
        if kind == "png":
            return bytes(vl_convert.vegalite_to_png(spec, scale=_PNG_SCALE, **drawn))
        return str(vl_convert.vegalite_to_svg(spec, **drawn)).encode()


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with the addresses of its pictures; what the ``chart`` macro takes."""

    title: str
    gist: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    width: int
    height: int
    narrow_width: int
    narrow_height: int
    light: str
    dark: str
    narrow_light: str
    narrow_dark: str
    #: Where it can be downloaded, without ``.svg`` or ``.png`` and its query; empty: it cannot.
    download: str = ""
    query: str = ""


class ChartStore:
    """The charts of the pages shown last, each under the digest of what it draws.

    It holds at most ``capacity`` pictures, in this process only: whoever asks for one that fell out or was
    placed elsewhere gets nothing, and the page still has its table. Drawing happens at the first request.
    """

    def __init__(self, prefix: str = "/charts", *, capacity: int = 1000) -> None:
        self._prefix = prefix
        self._capacity = capacity
        self._known: OrderedDict[str, tuple[Spec, Ground, str]] = OrderedDict()
        self._drawn: dict[str, str] = {}
        self._lock = threading.Lock()

    def place(self, chart: Chart, *, language: str, named: str = "", **parameters: object) -> Figure:
        """Remember a chart in both themes and widths; nothing is drawn yet.

        Args:
            named: by which maker of `web.downloads`, and with which parameters, it is made for a download.
        """
        narrow = narrowed(chart.spec)
        width, height = chart.size
        return Figure(
            chart.title,
            chart.gist,
            chart.head,
            chart.rows,
            width,
            height,
            narrow["width"],
            narrow["height"],
            self._address(chart.spec, "light", language),
            self._address(chart.spec, "dark", language),
            self._address(narrow, "light", language),
            self._address(narrow, "dark", language),
            f"{self._prefix}/{named}/picture" if named else "",
            urlencode(parameters, doseq=True),
        )

    def svg(self, digest: str) -> str | None:
        """The picture of a digest, None when it is not known (any more)."""
        with self._lock:
            wanted = self._known.get(digest)
            if wanted is None:
                return None
            self._known.move_to_end(digest)
            picture = self._drawn.get(digest)
        if picture is None:  # outside the lock: pages must not wait for a drawing
            spec, theme, language = wanted
            picture = svg(spec, theme=theme, language=language)
            with self._lock:
                if digest in self._known:
                    self._drawn[digest] = picture
        return picture

    def _address(self, spec: Spec, theme: Ground, language: str) -> str:
        exact = json.dumps([spec, theme, language], sort_keys=True)
        digest = hashlib.sha256(exact.encode()).hexdigest()[:32]
        with self._lock:
            self._known[digest] = (spec, theme, language)
            self._known.move_to_end(digest)
            while len(self._known) > self._capacity:
                oldest, _ = self._known.popitem(last=False)
                self._drawn.pop(oldest, None)
        return f"{self._prefix}/{digest}.svg"


def _config(theme: Ground) -> dict[str, Any]:
    """Colours and strokes of every chart; specifications name the styles."""
    colour = PALETTES[theme]
    text = {"labelColor": colour["soft"], "titleColor": colour["soft"], "labelFontSize": 13}
    lines = {"gridColor": colour["line"], "domainColor": colour["line"], "tickColor": colour["line"]}
    return {
        "background": None,
        "font": FONT,
        "view": {"stroke": None},
        "mark": {"color": colour["accent"]},
        "axis": {**text, **lines, "labelPadding": 6},
        "legend": {**text, "labelColor": colour["ink"], "symbolStrokeWidth": 2.5},
        "range": {
            "category": [colour["accent"], colour["ink"], colour["soft"]],
            "heatmap": list(RAMPS[theme]),
        },
        "line": {"strokeWidth": 2.5, "strokeCap": "round"},
        "style": {
            "beat": {"color": colour["accent"], "filled": True, "size": 55, "opacity": 1},
            "band": {"color": colour["soft"], "opacity": 0.22},
            "bars": {"color": colour["accent"], "cornerRadiusEnd": 2},
            "heat": {"stroke": colour["paper"], "strokeWidth": 1.5},
            "spark": {"color": colour["soft"], "strokeWidth": 1.75},
            "target": {"color": colour["ink"], "strokeWidth": 1.25},
            "words": {"color": colour["ink"], "fontSize": 13},
        },
    }


@lru_cache
def _number_locale(language: str) -> dict[str, Any]:
    """How d3 writes numbers in a language."""
    symbols = Voice(language).locale.number_symbols["latn"]
    return {
        "decimal": symbols["decimal"],
        "thousands": symbols["group"],
        "grouping": [3],
        "currency": ["", ""],
    }


@lru_cache
def _time_locale(language: str) -> dict[str, Any]:
    """How d3 names days and months; its weeks begin on Sunday."""
    locale = Voice(language).locale
    sunday_first = (6, 0, 1, 2, 3, 4, 5)
    return {
        "dateTime": "%a %-d %b %Y %H:%M",
        "date": "%-d %b %Y",
        "time": "%H:%M",
        "periods": ["AM", "PM"],
        "days": [locale.days["stand-alone"]["wide"][day] for day in sunday_first],
        "shortDays": [locale.days["stand-alone"]["abbreviated"][day] for day in sunday_first],
        "months": [locale.months["stand-alone"]["wide"][month] for month in range(1, 13)],
        "shortMonths": [locale.months["stand-alone"]["abbreviated"][month] for month in range(1, 13)],
    }

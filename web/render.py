"""From a template and its values to a page: one Jinja environment for all languages, themes and zones.

Templates and macros see the running render as ``page`` without importing anything "with context"; it is
kept in a context variable, so a macro can never speak the language of another request.
"""

import hashlib
import json
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from domain.media import media_path
from domain.sentence import Sentence, Words
from web.i18n import DEFAULT_LANGUAGE, LANGUAGES, Voice, translations
from web.said import said

HERE = Path(__file__).parent
STATIC = HERE / "static"
STATIC_URL = "/static"

#: Sent with every page. Nothing inline, nothing from another host; templates keep to it.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

#: For ``<meta name="htmx-config">``: nothing that the policy above forbids, and 422 answers are shown.
HTMX_CONFIG = json.dumps(
    {
        "allowEval": False,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "422", "swap": True},
            {"code": "[45]..", "swap": False, "error": True},
        ],
    }
)

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence shown once at the top of the next page."""

    text: str
    kind: Literal["good", "note", "warn", "bad"] = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What a page needs to know about its reader, whatever the page shows."""

    #: The moment that "in 3 hours" is counted from.
    now: datetime
    language: str = DEFAULT_LANGUAGE
    theme: Theme = "auto"
    #: IANA zone of times that belong to no channel.
    zone: str = "UTC"
    #: Path and query of this page; the language and theme forms come back here.
    path: str = "/"
    #: Name of who is signed in; None shows neither navigation nor sign-out.
    person: str | None = None
    workspace: str | None = None
    #: The figures come from ``tabuh demo``: every page says so.
    simulated: bool = False
    #: Why nothing of the workspace goes out; every page says so. None: it is not paused.
    paused: str | None = None
    notices: tuple[Notice, ...] = ()
    #: Open alerts that nobody has seen.
    alerts: int = 0

    @property
    def voice(self) -> Voice:
        return Voice(self.language, self.zone)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the ``table`` macro; ``key`` is what the caller switches on."""

    key: str
    label: str
    numeric: bool = False
    #: A sentence under the label: unit, denominator or definition.
    hint: str = ""
    #: Where a click on the label sorts by this column.
    href: str = ""
    sorted: Literal["ascending", "descending"] | None = None


def render(template: str, *, context: PageContext, **values: object) -> str:
    """The page as text.

    Raises:
        jinja2.UndefinedError: a value that the template uses was not given.
    """
    token = _running.set(context)
    try:
        return environment().get_template(template).render(**values)
    finally:
        _running.reset(token)


@lru_cache
def environment() -> Environment:
    """The one environment; its filters and gettext answer for the render that is running."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(  # type: ignore[attr-defined]
        _translated, _plural, newstyle=True
    )
    made.filters.update(FILTERS)
    made.globals.update(
        page=_Page(),
        static=static,
        column=Column,
        languages=LANGUAGES,
        themes=THEMES,
        clip=clip,
        htmx_config=HTMX_CONFIG,
    )
    return made


@lru_cache
def static(path: str) -> str:
    """The address of a file in ``web/static``, with a content hash so that it may be cached for ever."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()
    return f"{STATIC_URL}/{path}?v={digest[:12]}"


def clip(value: float, lowest: float = 0.0, highest: float = 1.0) -> float:
    """``value``, moved to the nearer end when it lies outside; bars are drawn with it."""
    return max(lowest, min(highest, value))


_running: ContextVar[PageContext] = ContextVar("running render")


class _Page:
    """Stands for the context of whichever render is running; templates call it ``page``."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_running.get(), name)


def _voice() -> Voice:
    return _running.get().voice


def _translated(text: str) -> str:
    return _voice().gettext(text)


def _plural(one: str, many: str, num: int) -> str:
    """Fills in the number as the reader writes it; Jinja would put it in unformatted."""
    voice = _voice()
    chosen: str = translations(voice.language).ungettext(one, many, num)
    return chosen.replace("%(num)s", voice.number(num))


@pass_context
def _moment(_: Context, value: datetime, zone: str | None = None) -> str:
    return _voice().moment(value, zone, now=_running.get().now)


@pass_context
def _relative(_: Context, value: datetime) -> str:
    return _voice().relative(value, now=_running.get().now)


@pass_context
def _said_anew(_: Context, words: str | Words | Sentence) -> str:
    """A reason, a name or a sentence of a lower layer, in the reader's language."""
    return said(_voice(), words)


def _iso(value: datetime) -> str:
    """For ``<time datetime>``: UTC with a Z, to the second."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _said(name: str) -> Callable[..., str]:
    """A filter that asks the running render's voice.

    Asking for Jinja's context keeps a constant such as ``{{ 1240 | number }}`` from being worked out once,
    in the language of whoever came first.
    """

    @pass_context
    def say(_: Context, *values: Any, **options: Any) -> str:
        spoken: str = getattr(_voice(), name)(*values, **options)
        return spoken

    return say


_VOICED = (
    "number",
    "compact",
    "percent",
    "signed",
    "money",
    "date",
    "day",
    "month",
    "time",
    "interval",
    "weekday",
)
FILTERS = {name: _said(name) for name in _VOICED} | {
    "moment": _moment,
    "relative": _relative,
    "iso": _iso,
    "said": _said_anew,
    "media_path": media_path,
}

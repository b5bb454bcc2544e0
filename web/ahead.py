"""What the first page of statistics would wait for, loaded while a server that just began has time.

Numpy and scipy, the adapters of the channels that there are, and the templates: a second of the processor.
Where nothing was published yet nothing of it is loaded, and memory stays small.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import TabuhError
from scheduler.context import Context
from store import channels
from store.engine import glancing
from web.render import environment

#: Loaded by those who ask only when they need them.
_MODULES: Final = ("numpy", "scipy.special", "store.board", "store.cohorts", "store.around")
_PAGES: Final = (
    "layout.html",
    "pages/statistics.html",
    "pages/statistics_post.html",
    "pages/statistics_breakdown.html",
)


def load(context: Context, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Load it, step by step until ``stopped``; what cannot be loaded is told by the page that needs it."""
    for step in _steps(context):
        if stopped():
            return
        with suppress(TabuhError, ImportError, SQLAlchemyError):
            step()


def _steps(context: Context) -> Iterator[Callable[[], object]]:
    try:
        with glancing(context.engine) as session:
            platforms = channels.measured_platforms(session)
    except SQLAlchemyError:
        return
    if platforms:
        yield from (partial(import_module, name) for name in _MODULES)
        yield from (partial(context.adapter, name) for name in platforms)
        made = environment()
        yield from (partial(made.get_template, name) for name in made.list_templates(filter_func=_is_wanted))


def _is_wanted(template: str) -> bool:
    """Those pages, and what pages are made of."""
    return template in _PAGES or template.startswith("components/") or template.endswith("_parts.html")

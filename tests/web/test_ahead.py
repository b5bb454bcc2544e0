"""What is loaded before the first page of statistics is asked for."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from store import packing
from tests.web.setting import Installation
from web import ahead
from web.render import environment

ROOT = Path(__file__).resolve().parents[2]


def _templates() -> set[str]:
    """Those that are compiled."""
    known = environment().cache
    assert known is not None
    return {name for _, name in known}


def _forget_templates() -> None:
    known = environment().cache
    assert known is not None
    known.clear()


def published(engine: Engine) -> Installation:
    """A page channel whose one post is written into columns."""
    place = Installation(engine)
    channel = place.page()
    place.post(channel, "out", age=timedelta(days=1))
    with Session(engine) as session:
        packing.rebuild(session, channel.id)
        session.commit()
    return place


def test_the_templates_of_statistics_are_there(engine: Engine) -> None:
    place = published(engine)
    _forget_templates()

    ahead.load(place.web.context)

    assert {"pages/statistics.html", "pages/statistics_post.html"} <= _templates()


def test_nothing_is_loaded_where_nothing_was_published_or_the_server_ends(engine: Engine) -> None:
    place = Installation(engine)
    _forget_templates()

    ahead.load(place.web.context)
    published(engine)
    ahead.load(place.web.context, stopped=lambda: True)

    assert _templates() == set()


def test_all_that_is_named_can_be_loaded() -> None:
    told = f"import importlib; [importlib.import_module(one) for one in {ahead._MODULES!r}]"
    subprocess.run([sys.executable, "-c", told], check=True, cwd=ROOT, timeout=120)

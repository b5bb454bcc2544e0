"""Published posts beside each other: their growth in one picture, figures at equal age, and what differs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from analytics.comparing import Compared, Comparison, compare
from analytics.post_sheet import first_line
from domain.catalogue import CATALOGUE
from domain.content import content_from
from domain.errors import NotFound, UsageError
from domain.post_filters import KINDS
from domain.rules import kind_of
from scheduler.measuring import supplies
from web.auth import MaySee
from web.charts import Chart
from web.charts import compared as compared_chart
from web.deps import Reading, Web, page_context, redirect, show, voice_of
from web.downloads import Wanted, makes
from web.figures import shown
from web.i18n import Voice
from web.pages.charts import STORE
from web.said import said
from web.statistics import curve_keys_of
from web.statistics_form import LIST
from web.typed import Typed

router = APIRouter(include_in_schema=False)

#: Letters of a post by which it is known in the picture.
_NAME = 28


@router.get("/statistics/compare")
def compare_posts(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    session: Reading,
    me: MaySee,
    post: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006 - FastAPI copies it
    curve: Annotated[Typed, Query(max_length=40)] = "",
) -> Response:
    """Two to six published posts at equal age."""
    voice, now = voice_of(request), page_context(request).now
    able = supplies(web.context, session, me.workspace.id)
    try:
        found = compare(session, me.workspace.id, _numbers(post), supplies=able, now=now)
    except UsageError as error:
        return redirect(request, LIST, notice=said(voice, str(error)), kind="bad")
    keys = curve_keys_of([key for one in found.posts for key in one.curves], voice)
    chosen = next((key for key, _ in keys if key == curve), keys[0][0] if keys else "")
    chart = _chart(found, chosen, voice) if chosen else None
    numbers = [one.post.id for one in found.posts]
    return show(
        request,
        "pages/statistics_compare.html",
        posts=[(number, one, first_line(one.post)) for number, one in enumerate(found.posts, start=1)],
        age=voice.interval(found.age) if found.age else "",
        curves=keys,
        curve=chosen,
        query="&".join(f"post={one}" for one in numbers),
        growth=STORE.place(chart, language=voice.language, named="compared", post=numbers, curve=chosen)
        if chart
        else None,
        figures=_figures(found, voice),
        traits=_traits(found, voice),
    )


def _numbers(typed: Sequence[str]) -> list[int]:
    if not all(one.isascii() and one.isdecimal() and len(one) < 20 for one in typed):
        raise NotFound("There is no such post.")
    return [min(int(one), 2**63 - 1) for one in typed]


@makes("compared")
def _download(wanted: Wanted) -> Chart | None:
    able = supplies(wanted.web.context, wanted.session, wanted.me.workspace.id)
    ids = wanted.numbers("post")
    found = compare(wanted.session, wanted.me.workspace.id, ids, supplies=able, now=wanted.now)
    key = wanted.query.get("curve", "")
    return _chart(found, key, wanted.voice) if key in CATALOGUE else None


def _chart(found: Comparison, key: str, voice: Voice) -> Chart | None:
    runs = [
        (_name(number, one), [(point.checkpoint, float(point.value)) for point in one.curves.get(key, ())])
        for number, one in enumerate(found.posts, start=1)
    ]
    if not any(run for _name_, run in runs):
        return None
    name = said(voice, CATALOGUE[key].name)
    return compared_chart(voice.gettext("Growth: %(metric)s", metric=name), name, runs, voice=voice)


def _name(number: int, one: Compared) -> str:
    text = first_line(one.post)
    return f"{number}. {text if len(text) <= _NAME else text[: _NAME - 1].rstrip() + '…'}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table of figures: a cell for each post."""

    label: str
    cells: Sequence[Any]


def _figures(found: Comparison, voice: Voice) -> list[Line]:
    """Every figure that one of the posts has."""
    made = []
    for key in found.posts[0].figures:
        figures = [one.figures[key] for one in found.posts]
        if any(figure.value is not None for figure in figures):
            made.append(Line(said(voice, CATALOGUE[key].name), [shown(one, voice) for one in figures]))
    return made


@dataclass(frozen=True, slots=True)
class Trait:
    """One row of what the posts are like."""

    label: str
    cells: Sequence[str]

    @property
    def differs(self) -> bool:
        """Whether they are not all alike in it."""
        return len(set(self.cells)) > 1


def _traits(found: Comparison, voice: Voice) -> list[Trait]:
    _ = voice.gettext
    rows: list[tuple[str, Callable[[Compared], str]]] = [
        (_("Channel"), lambda one: one.channel.name),
        (_("Day and hour"), lambda one: _slot(one, voice)),
        (_("Type"), lambda one: said(voice, KINDS[kind_of(one.post.content)])),
        (_("Words"), lambda one: voice.number(len(_text(one).split()))),
        (_("Characters"), lambda one: voice.number(len(_text(one)))),
        (_("Tags in the text"), lambda one: voice.number(_text(one).count("#"))),
        (_("Pictures and videos"), lambda one: voice.number(len(one.post.content.get("media") or ()))),
        (_("Link"), lambda one: _("yes") if content_from(one.post.content).link else _("no")),
        (_("Campaign"), lambda one: one.post.campaign or "–"),
        (_("Language"), lambda one: content_from(one.post.content).language or "–"),
    ]
    return [Trait(label, [read(one) for one in found.posts]) for label, read in rows]


def _text(one: Compared) -> str:
    return str(one.post.content["text"])


def _slot(one: Compared, voice: Voice) -> str:
    assert one.post.published_at is not None
    there = one.post.published_at.astimezone(ZoneInfo(one.channel.zone))
    return f"{voice.weekday(there.weekday(), 'wide')}, {voice.hour(there.hour)}"

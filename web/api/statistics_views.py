"""Statistics as people keep them: views, files of what they show, comparisons, notes, and the next post."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import HTTPException, Query, Response
from pydantic import BaseModel, Field

from analytics.comparing import Compared, compare
from analytics.post_export import FORMATS
from domain.errors import UsageError
from domain.person import Permission
from domain.post_columns import BY_TIME
from domain.post_view import PostView, view_from
from scheduler import notes as note_commands
from scheduler import repeating
from scheduler import views as commands
from scheduler.measuring import supplies
from store import notes, people, posts, views
from store.engine import reading
from store.tables import PostNote, StatisticsView
from web.api.base import Body, Line, Listing, Repeatable, RowId, api_router
from web.api.shapes import FigureWithPassport, NamedRow, Text, figures_shown
from web.api.statistics_query import Search, TypeOfPost, Word
from web.api.statistics_shapes import PointShown, points_shown
from web.auth import MayEdit, MaySee, Member
from web.deps import Reading, Web, WebContext
from web.pages.statistics_export import Format, exported

router = api_router("statistics")


class ViewBody(Body):
    """Filters, columns and order of the list of published posts; days are those of the workspace's zone."""

    platform: Word | None = None
    channel_id: RowId | None = None
    route_id: RowId | None = None
    feed_id: RowId | None = None
    author_id: RowId | None = None
    campaign: Word | None = None
    tag: Word | None = None
    kind: TypeOfPost | None = None
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    language: Word | None = None
    origin: Word | None = None
    experiment_id: RowId | None = None
    text: Search | None = None
    #: Published on one of the last days, today included; else on these days, both included.
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    since: date | None = None
    until: date | None = None
    #: Keys of columns and figures; none: the usual ones.
    columns: Annotated[list[Word], Field(max_length=80, default_factory=list)]
    sort: Word = BY_TIME
    descending: bool = True

    def view(self) -> PostView:
        """The same as a value. Raises `UsageError` where it contradicts itself."""
        return PostView(**{**dict(self), "columns": tuple(self.columns)})


class NewView(Body):
    """A view to be kept."""

    name: Line
    #: Everybody's in the workspace, rather than one's own.
    shared: bool = False
    shows: ViewBody


class ViewName(Body):
    """What a view is called from now on."""

    name: Line


class FirstView(Body):
    """The view that one's list begins with; null: all posts."""

    view_id: RowId | None


class ViewShown(BaseModel):
    """A view that is kept."""

    id: RowId
    name: str
    shared: bool
    #: One's own list begins with it.
    first: bool
    shows: ViewBody
    created_at: datetime


#: What a list is written as.
_FILES: dict[int | str, dict[str, Any]] = {200: {"content": {media: {} for media in FORMATS.values()}}}


@router.get("/statistics/views")
def get_views(session: Reading, me: MaySee) -> Listing[ViewShown]:
    """One's own views and everybody's."""
    first = views.habit(session, me.workspace.id, me.person.id).view_id
    rows = views.listed(session, me.workspace.id, person_id=me.person.id)
    return Listing(rows=[_view_shown(row, first) for row in rows])


@router.post("/statistics/views", status_code=201, response_model=ViewShown)
def add_view(body: NewView, web: Web, me: MaySee, once: Repeatable) -> Response:
    """Keep a view under a name."""
    _check(me, shared=body.shared)

    def make() -> ViewShown:
        row = commands.save(
            web.context, me.workspace.id, body.name, body.shows.view(), shared=body.shared,
            person_id=me.person.id, actor=me.actor,
        )  # fmt: skip
        return _view_shown(row, None)

    return once.run(me, body, make)


@router.put("/statistics/views/first", status_code=204)
def set_first_view(body: FirstView, web: Web, me: MaySee) -> Response:
    """Let one's list begin with a view."""
    commands.begin_with(web.context, me.workspace.id, body.view_id, person_id=me.person.id)
    return Response(status_code=204)


@router.put("/statistics/views/{view_id}")
def set_view(view_id: RowId, body: ViewBody, web: Web, me: MaySee) -> ViewShown:
    """Let a view show something else."""
    row = _changeable(web, me, view_id)
    changed = commands.save(
        web.context, me.workspace.id, row.name, body.view(), shared=row.whose == views.EVERYBODY,
        person_id=me.person.id, actor=me.actor, replace=True,
    )  # fmt: skip
    return _view_shown(changed, None)


@router.patch("/statistics/views/{view_id}")
def rename_view(view_id: RowId, body: ViewName, web: Web, me: MaySee) -> ViewShown:
    """Give a view another name."""
    _changeable(web, me, view_id)
    row = commands.rename(
        web.context, me.workspace.id, view_id, body.name, person_id=me.person.id, actor=me.actor
    )
    return _view_shown(row, None)


@router.delete("/statistics/views/{view_id}", status_code=204)
def remove_view(view_id: RowId, web: Web, me: MaySee) -> Response:
    """Take a view away; the posts stay."""
    _changeable(web, me, view_id)
    commands.remove(web.context, me.workspace.id, view_id, person_id=me.person.id, actor=me.actor)
    return Response(status_code=204)


def _changeable(web: WebContext, me: Member, view_id: int) -> StatisticsView:
    with reading(web.context.engine) as session:
        row = views.get(session, me.workspace.id, view_id, person_id=me.person.id)
    _check(me, shared=row.whose == views.EVERYBODY)
    return row


def _check(me: Member, *, shared: bool) -> None:
    if shared and not me.may(Permission.EDIT):
        raise HTTPException(403, "Your role in this workspace does not allow this. Ask an owner.")


def _view_shown(row: StatisticsView, first: int | None) -> ViewShown:
    known: dict[str, Any] = dict(row.shows)
    return ViewShown(
        id=row.id,
        name=row.name,
        shared=row.whose == views.EVERYBODY,
        first=row.id == first,
        shows=ViewBody(**known),
        created_at=row.created_at,
    )


@router.post("/statistics/export.{kind}", response_class=Response, responses=_FILES)
def export(kind: Format, body: ViewBody, web: Web, me: MaySee) -> Response:
    """All posts of a view as a file: CSV, JSON, CSV with the definitions of its columns in a ZIP, or XLSX."""
    return exported(web, me, body.view(), kind, language="en")


@router.get("/statistics/views/{view_id}/export.{kind}", response_class=Response, responses=_FILES)
def export_view(view_id: RowId, kind: Format, web: Web, session: Reading, me: MaySee) -> Response:
    """All posts of a view that is kept, as a file."""
    row = views.get(session, me.workspace.id, view_id, person_id=me.person.id)
    return exported(web, me, view_from(row.shows), kind, language="en")


class ComparedShown(BaseModel):
    """One of the posts that are compared."""

    id: RowId
    text: str
    channel: NamedRow
    published_at: datetime
    #: As it stood at the common age; without one, as it stands now.
    figures: dict[str, FigureWithPassport]
    curves: dict[str, list[PointShown]]


class ComparisonShown(BaseModel):
    """Posts beside each other."""

    #: The oldest age at which all were read in time; null: there is none, and figures are those of now.
    age_seconds: int | None
    posts: list[ComparedShown]


@router.get("/statistics/compare")
def get_comparison(
    web: Web,
    session: Reading,
    me: MaySee,
    post_id: Annotated[list[RowId], Query(min_length=1, max_length=20)],
) -> ComparisonShown:
    """Two to six published posts at equal age."""
    able = supplies(web.context, session, me.workspace.id)
    found = compare(session, me.workspace.id, post_id, supplies=able, now=web.context.clock())
    return ComparisonShown(
        age_seconds=int(found.age.total_seconds()) if found.age else None,
        posts=[_compared_shown(one) for one in found.posts],
    )


def _compared_shown(one: Compared) -> ComparedShown:
    assert one.post.published_at is not None
    return ComparedShown(
        id=one.post.id,
        text=one.post.content["text"],
        channel=NamedRow(id=one.channel.id, name=one.channel.name),
        published_at=one.post.published_at,
        figures=figures_shown(one.figures),
        curves={key: points_shown(points) for key, points in one.curves.items()},
    )


class NoteBody(Body):
    """Something to note on a post."""

    text: Text


class NoteShown(BaseModel):
    """A note on a post."""

    id: RowId
    at: datetime
    #: Who wrote it; null: automation.
    person: NamedRow | None
    text: str


@router.get("/posts/{post_id}/notes")
def get_notes(post_id: RowId, session: Reading, me: MaySee) -> Listing[NoteShown]:
    """What people noted on a post, oldest first."""
    posts.get(session, me.workspace.id, post_id)
    rows = notes.of_post(session, me.workspace.id, post_id)
    names = people.names(session, {row.person_id for row in rows if row.person_id})
    return Listing(rows=[_note_shown(row, names) for row in rows])


@router.post("/posts/{post_id}/notes", status_code=201, response_model=NoteShown)
def add_note(post_id: RowId, body: NoteBody, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """Note something on a post."""

    def make() -> NoteShown:
        row = note_commands.add(web.context, me.workspace.id, post_id, text=body.text, actor=me.actor)
        return _note_shown(row, {me.person.id: me.person.name})

    return once.run(me, body, make)


@router.delete("/notes/{note_id}", status_code=204)
def remove_note(note_id: RowId, web: Web, me: MayEdit) -> Response:
    """Take a note off its post."""
    note_commands.remove(web.context, me.workspace.id, note_id, actor=me.actor)
    return Response(status_code=204)


def _note_shown(row: PostNote, names: dict[int, str]) -> NoteShown:
    who = NamedRow(id=row.person_id, name=names.get(row.person_id, "")) if row.person_id else None
    return NoteShown(id=row.id, at=row.at, person=who, text=row.text)


class DraftShown(BaseModel):
    """A draft that was made of a post."""

    id: RowId
    text: str


class FollowUp(Body):
    """What the follow-up says."""

    text: Text


class Nothing(Body):
    """Nothing more has to be said."""


@router.post("/posts/{post_id}/repeat", status_code=201, response_model=DraftShown)
def repeat(post_id: RowId, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """A draft that says what the post said."""

    def make() -> DraftShown:
        made = repeating.repeat(web.context, me.workspace.id, post_id, actor=me.actor)
        return DraftShown(id=made.id, text=made.content["text"])

    return once.run(me, Nothing(), make)


@router.post("/posts/{post_id}/follow-up", status_code=201, response_model=DraftShown)
def follow_up(post_id: RowId, body: FollowUp, web: Web, me: MayEdit, once: Repeatable) -> Response:
    """A draft that comes after a published post, with a link to it."""
    if not body.text.strip():
        raise UsageError("Write what the follow-up says.")

    def make() -> DraftShown:
        made = repeating.follow_up(web.context, me.workspace.id, post_id, text=body.text, actor=me.actor)
        return DraftShown(id=made.id, text=made.content["text"])

    return once.run(me, body, make)

"""What people do with views of the list of published posts."""

from collections.abc import Sequence

from sqlmodel import Session

from domain.errors import UsageError
from domain.post_columns import known
from domain.post_view import PostView
from scheduler.context import Context
from store import views
from store.changes import Actor, record
from store.engine import writing
from store.tables import StatisticsView
from store.upsert import save_unique

#: Characters of a view's name; views of one workspace.
LONGEST_NAME = 80
MOST = 200
_TAKEN = "There is a view called {name!r} already. Choose another name."


def save(
    context: Context,
    workspace_id: int,
    name: str,
    view: PostView,
    *,
    shared: bool,
    person_id: int,
    actor: Actor,
    replace: bool = False,
) -> StatisticsView:
    """Keep a view under a name, the person's own or everybody's.

    Args:
        replace: one of that name and owner that is there shows this from now on.

    Raises:
        UsageError: the name is empty, too long or taken, or there are too many views.
    """
    name = _name(name)
    known(view.columns)
    with writing(context.engine) as session:
        whose = views.EVERYBODY if shared else person_id
        if views.is_taken(session, workspace_id, name, whose=whose):
            if not replace:
                raise UsageError(_TAKEN.format(name=name))
            row = views.named(session, workspace_id, name, person_id=None if shared else person_id)
            row.shows = view.stored()
            what = "changed"
        else:
            if len(views.listed(session, workspace_id, person_id=person_id)) >= MOST:
                raise UsageError(f"There are {MOST} views already: remove one that nobody uses.")
            row = StatisticsView(
                workspace_id=workspace_id, name=name, whose=whose, shows=view.stored(), made_by=person_id,
                created_at=context.clock(),
            )  # fmt: skip
            what = "saved"
        save_unique(session, row, otherwise=_TAKEN.format(name=name))
        _note(context, session, row, what, actor)
        session.commit()
    return row


def rename(
    context: Context, workspace_id: int, view_id: int, name: str, *, person_id: int, actor: Actor
) -> StatisticsView:
    """Give a view another name.

    Raises:
        NotFound: there is none by that number.
        UsageError: the name is empty, too long or taken.
    """
    name = _name(name)
    with writing(context.engine) as session:
        row = views.get(session, workspace_id, view_id, person_id=person_id)
        if views.is_taken(session, workspace_id, name, whose=row.whose, but=row.id):
            raise UsageError(_TAKEN.format(name=name))
        row.name = name
        session.add(row)
        _note(context, session, row, "renamed", actor)
        session.commit()
    return row


def remove(context: Context, workspace_id: int, view_id: int, *, person_id: int, actor: Actor) -> None:
    """Take a view away; the posts stay. Raises `NotFound`: there is none by that number."""
    with writing(context.engine) as session:
        row = views.get(session, workspace_id, view_id, person_id=person_id)
        _note(context, session, row, "removed", actor)
        views.remove(session, row)
        session.commit()


def begin_with(context: Context, workspace_id: int, view_id: int | None, *, person_id: int) -> None:
    """Let this person's list begin with a view, or with all posts (None). Raises `NotFound`: no such view."""
    with writing(context.engine) as session:
        if view_id is not None:
            views.get(session, workspace_id, view_id, person_id=person_id)
        views.set_habit(session, workspace_id, person_id, view_id=view_id)
        session.commit()


def choose_columns(context: Context, workspace_id: int, columns: Sequence[str], *, person_id: int) -> None:
    """Remember which columns this person's list shows; none: the usual ones. Raises `UsageError`: unknown."""
    known(columns)
    with writing(context.engine) as session:
        views.set_habit(session, workspace_id, person_id, columns=list(columns) or None)
        session.commit()


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise UsageError(f"A view needs a name of 1 to {LONGEST_NAME} characters.")
    return name


def _note(context: Context, session: Session, row: StatisticsView, what: str, actor: Actor) -> None:
    record(
        session, actor, what, subject="statistics_view", subject_id=row.id, workspace_id=row.workspace_id,
        now=context.clock(), after={"name": row.name, "shared": row.whose == views.EVERYBODY, **row.shows},
    )  # fmt: skip

"""Page views as the script of a site tells them, and the visits that they make."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from domain.ids import new_id
from domain.visits import SILENCE, SourceKind, View, Visited, source_of, visits_of
from store.tables import Click, Link, Post, Site, Visit, WebView

#: Page views of one visitor in a day; further ones are left out.
MOST_VIEWS: Final = 2_000
_DAY: Final = timedelta(days=1)
#: ``utm_source``, ``utm_medium`` and ``utm_campaign`` → the route that writes them, and its channel.
Ways = Mapping[tuple[str, str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewView:
    """A page view as it was told just now; the same one may be told again, with more seconds."""

    key: str
    visitor: str | None
    #: Who it would be without consent; None: it is without, or nobody may be known.
    before_consent: str | None = None
    at: datetime
    seconds: int
    path: str
    audience: str
    unfollowed: bool
    referrer: str
    utm: tuple[str, str, str]
    click_key: str | None


@dataclass(frozen=True, slots=True)
class Clicked:
    """A click on a short link of ours, and whose it was."""

    id: int
    at: datetime
    post_id: int | None
    channel_id: int | None
    route_id: int | None


def record(session: Session, site: Site, views: Sequence[NewView], *, ways: Ways) -> None:
    """Keep these page views, and make the visits anew that they belong to; the caller holds the site.

    Telling one twice, or several in another order, ends the same.
    """
    known = {row.key: row for row in _by_keys(session, site.id, [view.key for view in views])}
    touched: dict[str, list[datetime]] = {}
    fresh: dict[str, WebView] = {}
    consented = [view for view in views if _has_just_consented(session, site, view, known)]
    for view in views:
        row = known.get(view.key) or fresh.get(view.key)
        if row is None:
            if view.visitor is not None and _is_full(session, site.id, view, fresh.values()):
                continue
            row = fresh[view.key] = _row(site, view)
        else:
            _touch(touched, row)
            _add(row, view)
        _touch(touched, row)
    session.add_all(fresh.values())
    session.flush()
    for view in consented:
        _take_along(session, site.id, view, touched)
    session.flush()
    for visitor, times in sorted(touched.items()):  # whoever loses views to another comes first: hashes
        settle(session, site, visitor, min(times), max(times), ways=ways)


def _has_just_consented(session: Session, site: Site, view: NewView, known: Mapping[str, WebView]) -> bool:
    """Whether the page views before it may be those of the same browser, not yet known by its id.

    So it is where consent was given on the page itself, and where another page of the site led to the first
    one with an id.
    """
    if view.before_consent is None:
        return False
    row = known.get(view.key)
    if row is not None:
        return row.visitor == view.before_consent
    if view.referrer not in site.hosts:
        return False
    before = select(col(WebView.id)).where(
        col(WebView.site_id) == site.id,
        col(WebView.visitor) == view.visitor,
        col(WebView.at) <= view.at,
        col(WebView.at) > view.at - _DAY,
    )
    return session.scalars(before.limit(1)).first() is None


def _take_along(session: Session, site_id: int, view: NewView, touched: dict[str, list[datetime]]) -> None:
    """Give a visitor who has just consented the page views before it of the same visit.

    Without them the visit would be torn in two, and what it brings lost for the click that began it. Those of
    earlier visits stay as they are.
    """
    query = (
        select(WebView)
        .where(
            col(WebView.site_id) == site_id,
            col(WebView.visitor) == view.before_consent,
            col(WebView.at) <= view.at,
            col(WebView.at) > view.at - _DAY,
        )
        .order_by(col(WebView.at).desc())
    )
    begun = view.at
    for row in session.scalars(query).all():
        if begun - row.at - timedelta(seconds=row.seconds) > SILENCE:
            return
        _touch(touched, row)
        row.visitor, begun = view.visitor, row.at
        _touch(touched, row)


def _touch(touched: dict[str, list[datetime]], row: WebView) -> None:
    """Note when a page view was seen, for whoever saw it."""
    if row.visitor is not None:
        until = row.at + timedelta(seconds=row.seconds)
        touched.setdefault(row.visitor, []).extend((row.at, until))


def _by_keys(session: Session, site_id: int, keys: Collection[str]) -> Sequence[WebView]:
    query = select(WebView).where(col(WebView.site_id) == site_id, col(WebView.key).in_(set(keys)))
    return session.scalars(query).all()


def _row(site: Site, view: NewView) -> WebView:
    source, medium, campaign = view.utm
    return WebView(
        id=new_id(),
        workspace_id=site.workspace_id,
        site_id=site.id,
        key=view.key,
        visitor=view.visitor,
        at=view.at,
        seconds=view.seconds,
        path=view.path,
        audience=view.audience,
        unfollowed=view.unfollowed,
        referrer=view.referrer,
        utm_source=source,
        utm_medium=medium,
        utm_campaign=campaign,
        click_key=view.click_key,
    )


def _add(row: WebView, view: NewView) -> None:
    """What a later telling knows: longer seen, begun earlier, and perhaps with consent by now."""
    row.seconds = max(row.seconds, view.seconds)
    row.at = min(row.at, view.at)
    if view.visitor and view.visitor.startswith("v:") and not (row.visitor or "").startswith("v:"):
        row.visitor = view.visitor


def _is_full(session: Session, site_id: int, view: NewView, fresh: Collection[WebView]) -> bool:
    mine = sum(row.visitor == view.visitor for row in fresh)
    lately = (
        select(col(WebView.id))
        .where(
            col(WebView.site_id) == site_id,
            col(WebView.visitor) == view.visitor,
            col(WebView.at) > view.at - _DAY,
        )
        .limit(MOST_VIEWS)
        .subquery()
    )
    return mine + session.scalars(select(func.count()).select_from(lately)).one() >= MOST_VIEWS


def settle(
    session: Session, site: Site, visitor: str, first: datetime, last: datetime, *, ways: Ways
) -> None:
    """Make the visits of one visitor anew whose views, or silences, touch a stretch of time."""
    old, first, last = _around(session, site.id, visitor, first, last)
    query = select(WebView).where(
        col(WebView.site_id) == site.id,
        col(WebView.visitor) == visitor,
        col(WebView.at) >= first,
        col(WebView.at) <= last,
    )
    rows = {row.key: row for row in session.scalars(query)}
    clicks = clicked(session, site.workspace_id, {row.click_key for row in rows.values() if row.click_key})
    own = frozenset(site.hosts)
    made = visits_of([_view(row, clicks, own) for row in rows.values()])
    session.connection().execute(delete(Visit).where(col(Visit.id).in_([visit.id for visit in old])))
    fresh = []
    for one in made:
        visit = _visit(site, visitor, one, rows, clicks, ways)
        fresh.append(visit)
        for view in one.views:
            rows[view.key].visit_id = visit["id"]
    if fresh:
        session.connection().execute(insert(Visit), fresh)
    session.flush()


def _around(
    session: Session, site_id: int, visitor: str, first: datetime, last: datetime
) -> tuple[Sequence[Visit], datetime, datetime]:
    """The visits within a silence of a stretch, and of each other; and the stretch that they cover."""
    while True:
        query = select(Visit).where(
            col(Visit.site_id) == site_id,
            col(Visit.visitor) == visitor,
            col(Visit.ended_at) >= first - SILENCE,
            col(Visit.began_at) <= last + SILENCE,
        )
        found = session.scalars(query).all()
        wider = (
            min([first, *(visit.began_at for visit in found)]),
            max([last, *(visit.ended_at for visit in found)]),
        )
        if wider == (first, last):
            for visit in found:
                session.expunge(visit)
            return found, first, last
        first, last = wider


def _view(row: WebView, clicks: Mapping[str, Clicked], own_hosts: frozenset[str]) -> View:
    source = source_of(
        click_key=row.click_key if row.click_key and row.click_key in clicks else "",
        utm=(row.utm_source, row.utm_medium, row.utm_campaign),
        referrer=row.referrer,
        own_hosts=own_hosts,
    )
    return View(row.key, row.at, row.seconds, row.path, source)


def _visit(  # noqa: PLR0917 - all that is known of it
    site: Site,
    visitor: str,
    one: Visited,
    rows: Mapping[str, WebView],
    clicks: Mapping[str, Clicked],
    ways: Ways,
) -> dict[str, Any]:
    source, first = one.source, rows[one.views[0].key]
    click = clicks[source.name] if source.kind is SourceKind.CLICK else None
    utm = (first.utm_source, first.utm_medium, first.utm_campaign)
    way = ways.get(utm) if source.kind is SourceKind.UTM else None
    return {
        "id": first.id,
        "workspace_id": site.workspace_id,
        "site_id": site.id,
        "visitor": visitor,
        "audience": first.audience,
        "began_at": one.began_at,
        "ended_at": one.ended_at,
        "pages": len(one.views),
        "seconds": one.seconds,
        "entry": one.views[0].path,
        "exit": one.views[-1].path,
        "kind": str(source.kind),
        "source": "" if click else source.name,
        "medium": source.medium,
        "campaign": source.campaign,
        "click_id": click.id if click else None,
        "post_id": click.post_id if click else None,
        "channel_id": click.channel_id if click else way[1] if way else None,
        "route_id": click.route_id if click else way[0] if way else None,
    }


def clicked(session: Session, workspace_id: int, keys: Collection[str]) -> dict[str, Clicked]:
    """The clicks on links of a workspace by their keys; those of others are none."""
    if not keys:
        return {}
    query = (
        sa.select(
            col(Click.key),
            col(Click.id),
            col(Click.at),
            col(Click.post_id),
            col(Post.channel_id),
            col(Post.route_id),
        )
        .join(Link, col(Link.id) == col(Click.link_id))
        .outerjoin(Post, col(Post.id) == col(Click.post_id))
        .where(col(Click.key).in_(set(keys)), col(Link.workspace_id) == workspace_id)
    )
    rows: Iterable[Any] = session.connection().execute(query)
    return {key: Clicked(*more) for key, *more in rows}

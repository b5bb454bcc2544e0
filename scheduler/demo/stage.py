"""What stands before the first entry comes: workspace, people, feeds, channels with schedules, and routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from domain.person import Role
from scheduler.context import Context
from scheduler.demo import cast
from scheduler.demo.arrivals import CHOSEN, added_at
from scheduler.demo.cast import CHANNELS, FEEDS, ROUTES, ChannelCast, FeedCast, RouteCast
from scheduler.demo.year import Year
from store.changes import Actor, record
from store.demo import insert_rows
from store.tables import (
    ChannelRow,
    Feed,
    Membership,
    Person,
    PostingTimeRow,
    Route,
    RouteFeed,
    Workspace,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """The rows that all others belong to; feeds and routes by their ids."""

    workspace: Workspace
    people: Mapping[str, int]
    channels: Mapping[str, ChannelRow]
    feeds: Mapping[str, int]
    routes: Mapping[str, int]


def set_up(context: Context, session: Session, year: Year) -> Stage:
    """Write the rows that are there from the first day on."""
    workspace = _workspace(year)
    session.add(workspace)
    session.flush()
    people = _people(session, year, workspace.id)
    channels = {one.key: _channel(context, year, one, workspace.id) for one in CHANNELS}
    feeds = {one.key: _feed(year, one, workspace.id) for one in FEEDS}
    session.add_all([*channels.values(), *feeds.values()])
    session.flush()
    routes = {one.key: _route(year, one, workspace.id, channels[one.channel].id) for one in ROUTES}
    session.add_all(routes.values())
    session.flush()
    _connect(session, year, channels, feeds, routes)
    stage = Stage(
        workspace,
        people,
        channels,
        feeds={key: row.id for key, row in feeds.items()},
        routes={key: row.id for key, row in routes.items()},
    )
    _note(session, year, stage)
    return stage


def _workspace(year: Year) -> Workspace:
    return Workspace(
        id=year.new_id(year.start),
        name=cast.WORKSPACE,
        zone=cast.ZONE,
        simulated=True,
        created_at=year.start,
    )


def _people(session: Session, year: Year, workspace_id: int) -> dict[str, int]:
    roles = {cast.OWNER: Role.OWNER, cast.EDITOR: Role.EDITOR, cast.APPROVER: Role.APPROVER}
    people = {name: Person(id=year.new_id(year.start), name=name, created_at=year.start) for name in roles}
    session.add_all(people.values())
    session.flush()
    for name, role in roles.items():
        member = Membership(
            id=year.new_id(year.start), person_id=people[name].id, workspace_id=workspace_id, role=role
        )
        session.add(member)
    return {name: person.id for name, person in people.items()}


def _channel(context: Context, year: Year, one: ChannelCast, workspace_id: int) -> ChannelRow:
    """Only the page is at work: it leaves this machine never."""
    own = one.platform == "page"
    row = ChannelRow(
        id=year.new_id(year.start),
        workspace_id=workspace_id,
        platform=one.platform,
        name=one.name,
        slug=one.name.lower().replace(" ", "-"),
        zone=one.zone,
        language=one.language,
        settings=dict(one.settings),
        state="active" if own else "paused",
        state_reason=None if own else cast.SIMULATED,
        tested_at=year.end - timedelta(hours=7),
        created_at=year.start,
    )
    if one.remote is not None:
        row.remote_id, row.remote_name, row.remote_url = one.remote
    if one.credentials:
        row.credentials = context.seal.close(row.id, dict(one.credentials))
    return row


def _feed(year: Year, one: FeedCast, workspace_id: int) -> Feed:
    added = added_at(year, one)
    polled = year.end - timedelta(minutes=3 + 4 * FEEDS.index(one))
    read = polled - timedelta(hours=1, minutes=50) if one.failures else polled
    return Feed(
        id=year.new_id(added),
        workspace_id=workspace_id,
        url=one.url,
        title=one.title,
        site_url=one.site,
        existing=f"last:{CHOSEN}",
        baseline_at=added,
        etag=f'"{one.key}-{year.seed}"',
        next_reason=cast.SIMULATED,
        failures=one.failures,
        last_polled_at=polled,
        last_success_at=read,
        last_body_at=read,
        last_status=503 if one.failures else 304,
        last_error=f"{one.site.removeprefix('https://')} answered 503." if one.failures else None,
        created_at=added,
    )


def _route(year: Year, one: RouteCast, workspace_id: int, channel_id: int) -> Route:
    return Route(
        id=year.new_id(year.start),
        workspace_id=workspace_id,
        name=one.name,
        channel_id=channel_id,
        template=one.template,
        include=list(one.include),
        exclude=list(one.exclude),
        utm=dict(cast.UTM),
        shorten=one.shorten,
        timing=one.timing,
        needs_approval=one.needs_approval,
        late=one.late,
        paused_at=year.end - one.paused if one.paused else None,
        created_at=year.start,
    )


def _connect(
    session: Session,
    year: Year,
    channels: Mapping[str, ChannelRow],
    feeds: Mapping[str, Feed],
    routes: Mapping[str, Route],
) -> None:
    times = [
        {"channel_id": channels[one.key].id, "weekday": entry.weekday, "wall": f"{entry.wall:%H:%M}"}
        for one in CHANNELS
        for entry in one.schedule(year.factor)
    ]
    insert_rows(session, PostingTimeRow, times)
    read = [{"route_id": routes[one.key].id, "feed_id": feeds[key].id} for one in ROUTES for key in one.feeds]
    insert_rows(session, RouteFeed, read)


def _note(session: Session, year: Year, stage: Stage) -> None:
    """Who set all this up."""
    actor = Actor("person", stage.people[cast.OWNER])

    def note(what: str, subject: str, row: int, after: dict[str, Any]) -> None:
        record(
            session, actor, what, subject=subject, subject_id=row, workspace_id=stage.workspace.id,
            now=year.start, after=after,
        )  # fmt: skip

    for channel in CHANNELS:
        after = {"platform": channel.platform, "name": channel.name}
        note("connected", "channel", stage.channels[channel.key].id, after)
    for feed in FEEDS:
        note("added", "feed", stage.feeds[feed.key], {"url": feed.url})
    for route in ROUTES:
        note("added", "route", stage.routes[route.key], {"channel": route.channel})

"""The statistics of posts: the list by any figure, and everything about one post."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from analytics.against import Rank, ranks
from analytics.brought import brought, numbers
from analytics.figures import Facts, figures_of, gather
from analytics.scopes import post_scope
from analytics.usual import Point, Usual, curves, usual_of
from domain.catalogue import definition, of_posts
from domain.definition import Supplies
from domain.differences import Piece, differences
from domain.equal_age import COMPARED
from domain.errors import UsageError
from domain.figure import Figure
from domain.post_columns import ABOUT, AGE, BROUGHT, BY_TIME, READ, USUAL, sortable
from store import changed_texts, channels, experiments, measuring, posts, statistics, traffic
from store.experiments import Belonging
from store.known import one as one_known
from store.statistics import Listed, Page, Place, Value
from store.tables import Attempt, ChangedText, ChannelRow, Measurement, Post
from store.traffic import Clicks
from store.values import Filters, PostScope

#: Longest page of a list.
LONGEST = 200
#: Posts of a post's experiment that are told beside it.
ARMS = 12


@dataclass(frozen=True, slots=True)
class PostLine:
    """One published post with its figures."""

    post: Post
    channel: ChannelRow
    figures: Mapping[str, Figure]
    #: When it was last looked at, and will be next; None: not yet, or no more.
    measurement: Measurement | None
    #: Where it stands among the channel's posts at equal age; None: not asked for, or too few to compare.
    rank: Rank | None = None


@dataclass(frozen=True, slots=True)
class PostPage:
    """A part of the list; ``next_cursor`` is None at its end."""

    lines: Sequence[PostLine]
    next_cursor: str | None


def post_list(
    session: Session,
    workspace_id: int,
    filters: Filters,
    *,
    sort: str = BY_TIME,
    descending: bool = True,
    limit: int = 50,
    cursor: str | None = None,
    ranked: bool = False,
    keys: Collection[str] | None = None,
    supplies: Supplies,
    now: datetime,
) -> PostPage:
    """Published posts with all their figures, by time, by any figure that a post has, or by another column.

    Posts without what is sorted by come last in either direction.

    Args:
        ranked: also tell where each stands among its channel's posts at equal age.
        keys: only these figures; None: all.

    Raises:
        UsageError: unknown sort key, or a cursor of another list.
        NotFound: the channel is not in this workspace.
    """
    limit = max(1, min(limit, LONGEST))
    after = _read_cursor(cursor, sort, descending=descending) if cursor else None
    page = Page(limit=limit + 1, descending=descending, after=after)
    listed = _listed(
        session, scope_of(session, workspace_id, filters, supplies), filters, page, sort=sort, now=now
    )
    shown = listed[:limit]
    before = now + timedelta(microseconds=1)
    facts = gather(session, [row.post_id for row in shown], before=before)
    rank = ranks(session, facts) if ranked else {}
    sold = keys is None or not set(keys).isdisjoint(BROUGHT)
    more_of = brought(session, workspace_id, facts, now=now) if sold else {}
    lines = [
        _line(facts[one], supplies, more_of.get(one, {}), now=now, rank=rank.get(one), keys=keys)
        for one in (row.post_id for row in shown)
    ]
    more = len(listed) > limit
    return PostPage(lines, _cursor(shown[-1], sort, descending=descending) if more else None)


def scope_of(session: Session, workspace_id: int, filters: Filters, supplies: Supplies) -> PostScope:
    """The channels that are listed.

    Raises:
        NotFound: one of them is not in this workspace.
    """
    if filters.channel_ids:
        rows = [channels.get(session, workspace_id, one) for one in sorted(filters.channel_ids)]
    else:
        rows = list(channels.listed(session, workspace_id))
    if filters.platforms:
        rows = [row for row in rows if row.platform in filters.platforms]
    return post_scope(workspace_id, rows, supplies)


def _listed(
    session: Session, scope: PostScope, filters: Filters, page: Page, *, sort: str, now: datetime
) -> list[Listed]:
    before = now + timedelta(microseconds=1)
    if sort == AGE:  # the oldest went out first
        page = replace(page, descending=not page.descending)
    if sort in ABOUT:
        if not sortable(sort):
            raise UsageError(f"A list cannot be sorted by {sort}: sort by another column.")
        return statistics.by_column(session, scope, sort, page, filters, before=before)
    if sort in BROUGHT:
        values = numbers(session, scope.workspace_id, sort)
        return statistics.by_numbers(session, scope, values, page, filters, before=before)
    entry = definition(sort)
    if entry not in of_posts():
        raise UsageError(f"One post has no {entry.name.en.lower()}: sort by another figure.")
    return statistics.by_figure(session, scope, entry, page, filters, before=before)


def _line(
    facts: Facts,
    supplies: Supplies,
    more: Mapping[str, Figure],
    *,
    now: datetime,
    rank: Rank | None = None,
    keys: Collection[str] | None = None,
) -> PostLine:
    figures = {**figures_of(facts, supplies, now=now, keys=keys), **more}
    return PostLine(facts.post, facts.channel, figures, facts.measurement, rank)


def _cursor(last: Listed, sort: str, *, descending: bool) -> str:
    value = last.value.isoformat() if isinstance(last.value, datetime) else last.value
    return urlsafe_b64encode(json.dumps([sort, descending, value, last.post_id]).encode()).decode()


def _read_cursor(cursor: str, sort: str, *, descending: bool) -> Place:
    wrong = UsageError("This cursor belongs to another list: start again from the first page.")
    try:
        of_sort, of_direction, value, post_id = json.loads(urlsafe_b64decode(cursor.encode()))
        if (of_sort, of_direction) != (sort, descending):
            raise wrong
        return _sort_value(sort, value), int(post_id)
    except (NotBase64, ValueError, TypeError) as exc:
        raise wrong from exc


def _sort_value(sort: str, value: object) -> Value:
    if value is None:
        return None
    if sort in (BY_TIME, AGE, READ):
        at = datetime.fromisoformat(str(value))
        if at.tzinfo is None:
            raise ValueError("a time without its zone")
        return at
    return str(value) if sort in ABOUT and sort != USUAL else float(str(value))


def how_many(
    session: Session, workspace_id: int, filters: Filters, *, supplies: Supplies, now: datetime
) -> int:
    """How many published posts the filters mean. Raises `NotFound` as `post_list`."""
    scope = scope_of(session, workspace_id, filters, supplies)
    return statistics.how_many(session, scope, filters, before=now + timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class Sibling:
    """A post of the same story, in whatever state; without figures unless it is published."""

    post: Post
    channel: ChannelRow
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class ArmPost:
    """Another post of the same experiment, with its arm."""

    belonging: Belonging
    sibling: Sibling


@dataclass(frozen=True, slots=True)
class PostStatistics:
    """Everything that is known of one published post."""

    line: PostLine
    #: Readings by age for each count that has any, by key.
    curves: Mapping[str, Sequence[Point]]
    #: The channel's other posts at equal age, by key.
    usual: Mapping[str, Usual]
    clicks: Clicks
    siblings: Sequence[Sibling]
    #: The other cycles of its evergreen, oldest first.
    cycles: Sequence[Sibling]
    #: Every publish call, oldest first.
    attempts: Sequence[Attempt]
    #: The experiment that it belongs to; None: to none. The newest other posts of that, arm by arm.
    belonging: Belonging | None = None
    arms: Sequence[ArmPost] = ()
    #: How it reads there, where that is another text than was sent.
    changed_text: ChangedText | None = None
    #: Whether people noted anything on it.
    noted: bool = False

    @property
    def text_differences(self) -> Sequence[Piece]:
        """The text as it was sent and as it reads there, as one; empty: they are not known to differ."""
        found = self.changed_text
        return differences(found.sent, found.there) if found is not None else ()


def post_statistics(
    session: Session, workspace_id: int, post_id: int, *, supplies: Supplies, now: datetime
) -> PostStatistics:
    """One published post: figures, growth, the channel's usual, clicks, siblings and attempts.

    Raises:
        NotFound: no such post in this workspace.
        UsageError: it is not published, so there is nothing to measure.
    """
    from store.around import with_readings

    known = one_known(session, workspace_id, post_id)
    post = known.post
    if post.published_at is None:
        raise UsageError(f"Post {post_id} is not published, so it has no statistics yet.")
    related = statistics.siblings(session, post) if known.has_siblings else []
    again = [one for one in statistics.cycles(session, post) if one not in related]
    arms = experiments.kin(session, workspace_id, post_id, limit=ARMS) if known.in_experiment else {}
    belonging = arms.pop(post_id, None)
    before = now + timedelta(microseconds=1)
    facts = gather(session, [post_id, *related, *again, *arms], before=before, known={post_id: known})
    own = facts[post_id]
    more = brought(session, workspace_id, {post_id: own}, now=now)
    grown = curves(own.readings, published_at=post.published_at)
    beside, theirs = with_readings(session, post, each_side=COMPARED)
    return PostStatistics(
        line=_line(own, supplies, more[post_id], now=now),
        curves=grown,
        usual=usual_of(grown, beside, theirs),
        clicks=traffic.clicks_of(session, post_id),
        siblings=[_sibling(facts[each], supplies, now=now) for each in related],
        cycles=[_sibling(facts[each], supplies, now=now) for each in again],
        attempts=posts.attempts_of(session, post_id),
        belonging=belonging,
        arms=[
            ArmPost(one, _sibling(facts[each], supplies, now=now))
            for each, one in sorted(arms.items(), key=lambda pair: (pair[1].arm, pair[0]))
        ],
        changed_text=changed_texts.of(session, post),
        noted=known.noted,
    )


def usual_of_posts(session: Session, posts: Sequence[Post]) -> dict[int, dict[str, Usual]]:
    """For each of these published posts how its counts compare with its channel's posts around it."""
    from store.around import with_readings

    readings = measuring.readings_of(session, [post.id for post in posts])
    found = {}
    for post in posts:
        assert post.published_at is not None
        grown = curves(readings[post.id], published_at=post.published_at)
        found[post.id] = usual_of(grown, *with_readings(session, post, each_side=COMPARED))
    return found


def _sibling(facts: Facts, supplies: Supplies, *, now: datetime) -> Sibling:
    known = facts.post.published_at is not None
    return Sibling(facts.post, facts.channel, figures_of(facts, supplies, now=now) if known else {})

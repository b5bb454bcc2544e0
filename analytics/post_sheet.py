"""The list of published posts as a sheet: one cell for each post and column, and what each column means."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from analytics.posts import LONGEST, PostLine, post_list
from analytics.views import filters_of
from domain.catalogue import CATALOGUE
from domain.definition import Supplies
from domain.figure import Absence
from domain.post_columns import (
    ABOUT,
    AGE,
    ARM,
    BY_TIME,
    CAMPAIGN,
    CHANNEL,
    KIND,
    LANGUAGE,
    MAKER,
    PLATFORM,
    POST,
    READ,
    TAGS,
    USUAL,
    definition_of,
    figures_among,
    name_of,
    resolved,
)
from domain.post_filters import KINDS
from domain.post_view import PostView
from domain.rules import kind_of
from domain.sentence import Sentence, Words
from domain.sentences import say
from store import channels, experiments, people, routes, site_figures
from store.tables import Post

_TOO_FEW = Words(
    "Too few posts of its channel were measured at the same age.",
    "Terlalu sedikit pos kanalnya yang terukur pada umur yang sama.",
)
_NOT_READ = Words("It was not read yet.", "Belum dibaca.")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one post has in one column; without a value, why it has none."""

    value: str | float | None = None
    absence: Absence | None = None
    reason: Words | Sentence | None = None

    def why(self, language: str) -> str:
        """The reason in a language; empty where there is a value, or nothing to explain."""
        if self.reason is None:
            return ""
        return say(self.reason, language) if isinstance(self.reason, Sentence) else self.reason.said(language)


@dataclass(frozen=True, slots=True)
class Names:
    """What people call routes, authors and platforms."""

    routes: Mapping[int, str]
    people: Mapping[int, str]
    supplies: Supplies
    #: Experiment and arm by post, where they were asked for.
    arms: Mapping[int, str] = field(default_factory=dict)

    def maker(self, post: Post) -> str:
        """The route that made a post, or who wrote it; empty: neither is known."""
        return self.routes.get(post.route_id or 0, "") or self.people.get(post.created_by or 0, "")


def names_for(
    session: Session, lines: Collection[PostLine], supplies: Supplies, *, columns: Collection[str] = ()
) -> Names:
    """The names that these posts need for these columns."""
    made_by = {line.post.route_id for line in lines if line.post.route_id}
    wrote = {line.post.created_by for line in lines if line.post.created_by}
    arms = _arms(session, lines) if ARM in columns else {}
    return Names(routes.names(session, made_by), people.names(session, wrote), supplies, arms)


def _arms(session: Session, lines: Collection[PostLine]) -> dict[int, str]:
    own = {line.post.workspace_id for line in lines}
    found: dict[int, str] = {}
    for workspace_id in own:
        there = experiments.of_posts(session, workspace_id, [line.post.id for line in lines])
        found |= {post_id: f"{one.name} · {one.arm_name}" for post_id, one in there.items()}
    return found


def cell(line: PostLine, key: str, names: Names, *, language: str, now: datetime) -> Cell:
    """One cell; instants as ISO 8601, the publishing in the channel's zone, an age in whole seconds."""
    if key not in ABOUT:
        figure = line.figures[key]
        return Cell(figure.value, figure.absence, figure.reason)
    if key == USUAL:
        return Cell(line.rank.percentile) if line.rank else Cell(None, Absence.NOT_MEASURED, _TOO_FEW)
    if key == READ and (line.measurement is None or line.measurement.last_read_at is None):
        return Cell(None, Absence.NOT_MEASURED, _NOT_READ)
    told = TOLD[key](_Row(line, names, language, now))
    return Cell(None if told == "" else told)


@dataclass(frozen=True, slots=True)
class _Row:
    """One post, with what is needed to tell about it."""

    line: PostLine
    names: Names
    language: str
    now: datetime

    @property
    def post(self) -> Post:
        return self.line.post

    @property
    def published_at(self) -> datetime:
        assert self.post.published_at is not None
        return self.post.published_at

    def published(self) -> str:
        return self.published_at.astimezone(ZoneInfo(self.line.channel.zone)).isoformat(timespec="seconds")

    def read(self) -> str:
        at = self.line.measurement.last_read_at if self.line.measurement else None
        return at.isoformat(timespec="seconds") if at else ""


#: What each column that is no figure says of a post; `USUAL` is told apart.
TOLD: Mapping[str, Callable[[_Row], str | float]] = {
    POST: lambda row: first_line(row.post),
    PLATFORM: lambda row: row.names.supplies.title(row.line.channel.platform),
    CHANNEL: lambda row: row.line.channel.name,
    MAKER: lambda row: row.names.maker(row.post),
    BY_TIME: _Row.published,
    AGE: lambda row: int((row.now - row.published_at).total_seconds()),
    READ: _Row.read,
    KIND: lambda row: KINDS[kind_of(row.post.content)].said(row.language),
    LANGUAGE: lambda row: str(row.post.content.get("language") or ""),
    CAMPAIGN: lambda row: row.post.campaign or "",
    TAGS: lambda row: ", ".join(row.post.tags or ()),
    ARM: lambda row: row.names.arms.get(row.post.id, ""),
}


def first_line(post: Post) -> str:
    """How the post begins; its link where it has no text."""
    text = str(post.content["text"]).strip().partition("\n")[0]
    return text or str(post.content.get("link") or "")


@dataclass(slots=True)
class Sources:
    """Where the figures of a sheet come from, gathered while its rows are written."""

    fields: dict[str, set[str]] = field(default_factory=dict)
    oldest: dict[str, datetime] = field(default_factory=dict)
    newest: dict[str, datetime] = field(default_factory=dict)

    def add(self, line: PostLine, keys: Sequence[str]) -> None:
        """Take note of one row."""
        for key in keys:
            passport = line.figures[key].passport
            self.fields.setdefault(key, set()).update(passport.sources)
            if passport.read_oldest is not None:
                self.oldest[key] = min(self.oldest.get(key, passport.read_oldest), passport.read_oldest)
            if passport.read_newest is not None:
                self.newest[key] = max(self.newest.get(key, passport.read_newest), passport.read_newest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined:
    """What one column of a sheet means."""

    key: str
    name: str
    definition: str
    formula: str | None
    version: int | None
    denominator: str | None
    #: The platforms' own fields; ``tabuh`` for what Tabuh counts itself.
    sources: Sequence[str]
    read_oldest: datetime | None
    read_newest: datetime | None


def defined(keys: Sequence[str], sources: Sources, *, language: str) -> list[Defined]:
    """The definitions of a sheet's columns, after its rows were written."""
    made = []
    for key in keys:
        entry = None if key in ABOUT else CATALOGUE[key]
        made.append(
            Defined(
                key=key,
                name=name_of(key).said(language),
                definition=definition_of(key).said(language),
                formula=entry.formula if entry else None,
                version=entry.version if entry else None,
                denominator=entry.denominator if entry else None,
                sources=sorted(sources.fields.get(key, ())),
                read_oldest=sources.oldest.get(key),
                read_newest=sources.newest.get(key),
            )
        )
    return made


@dataclass(frozen=True, slots=True)
class Sheet:
    """A view of one workspace's posts, ready to be written out."""

    session: Session
    workspace_id: int
    view: PostView
    #: The columns that it shows, in their order.
    columns: tuple[str, ...]
    zone: str
    supplies: Supplies
    now: datetime

    def stretches(self) -> Iterator[tuple[Sequence[PostLine], Names]]:
        """All posts of the view in its order, some at a time, with the names they need."""
        filters, cursor = filters_of(self.view, self.zone, now=self.now), None
        while True:
            page = post_list(
                self.session, self.workspace_id, filters, sort=self.view.sort,
                descending=self.view.descending, limit=LONGEST, cursor=cursor, ranked=USUAL in self.columns,
                keys=self.figures, supplies=self.supplies, now=self.now,
            )  # fmt: skip
            yield page.lines, names_for(self.session, page.lines, self.supplies, columns=self.columns)
            cursor = page.next_cursor
            if cursor is None:
                return

    @property
    def figures(self) -> list[str]:
        """The columns that are figures."""
        return figures_among(self.columns)


def sheet_of(
    session: Session, workspace_id: int, view: PostView, *, zone: str, supplies: Supplies, now: datetime
) -> Sheet:
    """The sheet of a view. Raises `UsageError` for an unknown column."""
    columns = columns_of(session, workspace_id, view, supplies)
    return Sheet(session, workspace_id, view, columns, zone, supplies, now)


def columns_of(session: Session, workspace_id: int, view: PostView, supplies: Supplies) -> tuple[str, ...]:
    """The columns that a view shows: what stands for a figure is chosen by the channels in view."""
    rows = channels.listed(session, workspace_id)
    platforms = {
        row.platform
        for row in rows
        if view.channel_id in (None, row.id) and view.platform in (None, row.platform)
    }
    sites = not view.columns and site_figures.has_sites(session, workspace_id)
    return resolved(view.columns, sorted(platforms), supplies, sites=sites)

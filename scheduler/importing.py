"""A sheet of posts into the queue: all rows or none, each once, however often the file is given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from domain.errors import TabuhError, UsageError
from domain.ids import new_id
from domain.post import PlacedBy, PostState
from domain.schedule import wall_time, zone
from domain.sheet import Problem, read_sheet
from domain.sheet_times import DayOrder
from publishers.base import Publisher
from publishers.text import with_other_link
from scheduler.context import Context
from scheduler.exploring import HALF_DRAW
from scheduler.gaps import Gaps
from scheduler.links import addresses
from scheduler.many import choose_slots, needs_choice
from scheduler.sheet_rows import Checked, How, Place, Planned, check_rows
from scheduler.shortening import with_campaign
from scheduler.slots import NEXT_FREE, Chosen
from store import alike, channels, links, people, posts, sheets
from store.changes import Actor, record_all
from store.engine import reading, writing
from store.tables import ChannelRow, Link, Post
from store.wake import wake_workers


@dataclass(frozen=True, slots=True)
class Choices:
    """How a sheet is taken."""

    #: The channel of rows that name none.
    channel_id: int | None = None
    #: What comes first in ``03/04/2026``; None: as the sheet itself shows.
    order: DayOrder | None = None
    #: Take the rows that are right, also when others are wrong.
    skip_bad: bool = False
    #: Check and place everything, and write nothing.
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One post that a row became, or would become."""

    row: int
    post: Post
    channel: ChannelRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a sheet came to."""

    #: New posts, in the order of the rows; in a dry run, those that would be made.
    lines: Sequence[Line]
    #: Posts that an earlier import of the same rows made.
    known: int
    #: Rows that went out already, or shall not, as their state says.
    left_out: int
    problems: Sequence[Problem]
    notes: Sequence[Problem]
    dry_run: bool

    @property
    def refused(self) -> bool:
        """Whether nothing was written because something is wrong."""
        return bool(self.problems) and not self.lines


def import_sheet(
    context: Context, workspace_id: int, raw: bytes, *, choices: Choices, actor: Actor
) -> Imported:
    """Queue the rows of a CSV file as posts.

    All in one transaction: with a wrong row, none is written, unless bad rows shall be skipped. Each row
    has a key, its own or one made of what it says, so that the same file makes nothing twice.

    Raises:
        UsageError: the file as a whole cannot be read.
    """
    sheet = read_sheet(raw)
    now = context.clock()
    with reading(context.engine) as session:
        rows = channels.listed(session, workspace_id)
    publishers: dict[int, Publisher | TabuhError] = {row.id: _opened(context, row) for row in rows}

    def publisher(row: ChannelRow) -> Publisher:
        opened = publishers[row.id]
        if isinstance(opened, TabuhError):
            raise opened
        return opened

    default = _default(rows, choices)
    checked = check_rows(sheet, Place(rows, default, publisher, now, choices.order))
    with writing(context.engine) as session:
        people.lock_workspace(session, workspace_id)  # two imports of one file, one after the other
        writer = _Writer(context, session, workspace_id, actor, now)
        lines = writer.write(checked)  # also of a sheet that is refused: rows without a slot are told, too
        answer = _imported(checked, lines, writer.known, choices)
        is_refused = bool(checked.problems) and not choices.skip_bad
        if choices.dry_run or is_refused:
            session.rollback()
            return replace(answer, lines=[]) if is_refused else answer
        wake_workers(session)
        session.commit()
    return answer


def _opened(context: Context, row: ChannelRow) -> Publisher | TabuhError:
    try:
        return context.publisher(row)
    except TabuhError as error:
        return error


def _default(rows: Sequence[ChannelRow], choices: Choices) -> ChannelRow | None:
    if choices.channel_id is not None:
        return next((row for row in rows if row.id == choices.channel_id), None)
    return rows[0] if len(rows) == 1 else None


def _imported(checked: Checked, lines: Sequence[Line], known: int, choices: Choices) -> Imported:
    return Imported(
        lines=lines,
        known=known,
        left_out=checked.left_out,
        problems=sorted(checked.problems, key=lambda one: one.row),
        notes=sorted(checked.notes, key=lambda one: one.row),
        dry_run=choices.dry_run,
    )


class _Writer:
    """Writes what rows ask for; a row that finds no place is one more problem."""

    def __init__(
        self, context: Context, session: Session, workspace_id: int, actor: Actor, now: datetime
    ) -> None:
        self.context, self.session, self.workspace_id = context, session, workspace_id
        self.actor, self.now = actor, now
        self.known = 0
        #: What is free on each channel with a posting schedule, or why it has no slots.
        self._gaps: dict[int, Gaps | str] = {}
        #: Posts that want the best slot, by the number of their channel; and what each was given.
        self._wanting: dict[int, list[Post]] = {}
        self._choices: list[tuple[Post, Chosen]] = []

    def write(self, checked: Checked) -> list[Line]:
        new = self._new(checked)
        self._hold_channels(new)
        stories: dict[int, int] = {}
        lines = []
        for one in new:
            post = self._post(one, story_id=stories.setdefault(one.row, new_id()))
            try:
                self._place(post, one)
            except UsageError as error:
                checked.problems.append(Problem(one.row, "slot", str(error)))
                continue
            lines.append(Line(one.row, post, one.channel))
        lines = self._choose(lines, checked)
        short = self._shortened(lines)
        self.session.add_all(line.post for line in lines)
        self.session.flush()
        alike.remember_all(self.session, [line.post for line in lines])
        self.session.add_all(short)
        self._log_choices()
        record_all(
            self.session, self.actor, "imported",
            {line.post.id: {**posts.summary(line.post), "row": line.row} for line in lines},
            subject="post", workspace_id=self.workspace_id, now=self.now,
        )  # fmt: skip
        return lines

    def _new(self, checked: Checked) -> list[Planned]:
        """Those that no earlier import made; what changed in the others since then is told."""
        known = sheets.known(
            self.session,
            self.workspace_id,
            keys=[one.key for one in checked.planned],
            ids=[one.own_id for one in checked.planned if one.own_id is not None],
        )
        new = []
        for one in checked.planned:
            earlier = known.by_key.get(one.key) or known.by_id.get(one.own_id or 0)
            if earlier is None:
                new.append(one)
                continue
            self.known += 1
            if earlier.text != one.content.text and earlier.link is None:
                told = f"It is in the queue already, as post {earlier.id}, with another text. Edit it there."
                checked.notes.append(Problem(one.row, "text", told))
        return new

    def _hold_channels(self, new: Sequence[Planned]) -> None:
        rows = {one.channel.id: one.channel for one in new}
        for channel_id in sorted(rows):
            locked = channels.lock(self.session, channel_id)
            if needs_choice(self.session, locked):
                continue
            try:
                self._gaps[channel_id] = Gaps(self.session, locked, self.now)
            except UsageError as error:
                self._gaps[channel_id] = str(error)

    def _post(self, one: Planned, *, story_id: int) -> Post:
        content = with_campaign(one.content, one.labels, one.channel)
        post = posts.made_post(
            workspace_id=self.workspace_id,
            channel=one.channel,
            content=content,
            state=one.state,
            story_id=story_id,
            now=self.now,
            created_by=self.actor.person_id,
            labels=one.labels,
        )
        post.sheet_key = one.key
        post.priority, post.earliest_at, post.latest_at = one.priority, one.earliest, one.latest
        post.needs_approval = one.state == PostState.AWAITING_APPROVAL
        return post

    def _place(self, post: Post, one: Planned) -> None:
        where, gaps = one.channel.zone, self._gaps.get(one.channel.id)
        campaign = one.labels.campaign
        match one.how:
            case How.NOWHERE:
                return
            case How.NEXT_SLOT:
                if gaps is None:  # one slot is better than another: chosen when all others stand
                    self._wanting.setdefault(one.channel.id, []).append(post)
                    return
                if isinstance(gaps, str):
                    raise UsageError(gaps)
                slot = gaps.take(campaign=campaign, earliest=one.earliest, latest=one.latest)
                self._plan(post, slot.at, slot.wall, where, slot_at=slot.at)
                return
            case How.AT_ONCE:
                self._plan(post, self.now, wall_time(self.now, zone(where)), where)
            case How.AT | How.SLOT:
                assert one.meant is not None
                wants_slot = one.how is How.SLOT and isinstance(gaps, Gaps) and one.meant.at > self.now
                holds = isinstance(gaps, Gaps) and wants_slot and gaps.is_free_slot(one.meant.at)
                self._plan(
                    post, one.meant.at, one.meant.wall, one.meant.zone,
                    slot_at=one.meant.at if holds else None,
                )  # fmt: skip
        if isinstance(gaps, Gaps) and post.planned_at is not None:
            gaps.stand(post.planned_at, campaign=campaign, slot=post.slot_at is not None)

    def _choose(self, lines: Sequence[Line], checked: Checked) -> list[Line]:
        """The lines that have their slots, where slots are chosen by what they are worth."""
        without: set[int] = set()
        rows = {line.post.id: line for line in lines}
        for channel_id, wanting in self._wanting.items():
            channel = rows[wanting[0].id].channel
            besides = [
                line.post
                for line in lines
                if line.channel.id == channel_id and line.post.planned_at is not None
            ]
            try:
                found = choose_slots(self.session, channel, wanting, now=self.now, besides=besides)
            except UsageError as error:
                found = [error] * len(wanting)
            for post, chosen in zip(wanting, found, strict=True):
                if isinstance(chosen, UsageError):
                    checked.problems.append(Problem(rows[post.id].row, "slot", str(chosen)))
                    without.add(post.id)
                    continue
                at = chosen.slot.at
                self._plan(post, at, chosen.slot.wall, channel.zone, slot_at=at)
                self._choices.append((post, chosen))
        return [line for line in lines if line.post.id not in without]

    def _log_choices(self) -> None:
        for post, chosen in self._choices:
            posts.log_slot_choice(
                self.session, post, candidates=chosen.candidates, propensity=chosen.propensity,
                rule=NEXT_FREE if chosen.propensity == 1.0 else HALF_DRAW, now=self.now,
                why=chosen.placement.as_json(),
            )  # fmt: skip

    def _plan(
        self, post: Post, at: datetime, wall: datetime, where: str, *, slot_at: datetime | None = None
    ) -> None:
        posts.plan(post, at=at, wall=wall, zone=where, placed_by=PlacedBy.PERSON, slot_at=slot_at)

    def _shortened(self, lines: Sequence[Line]) -> Sequence[Link]:
        """Put our own links in place of those that rows name, where strangers can open ours."""
        if not self.context.shortens_links:
            return []
        linked = [line for line in lines if line.post.content.get("link")]
        targets = [str(line.post.content["link"]) for line in linked]
        where = addresses(self.context, self.session, self.workspace_id)
        made = links.made_links(self.session, workspace_id=self.workspace_id, targets=targets, now=self.now)
        for line, link in zip(linked, made, strict=True):
            short = where.of(link)
            text = with_other_link(line.post.content["text"], link.target, short)
            line.post.content = {**line.post.content, "text": text, "link": short}
            link.post_id = line.post.id
        return made

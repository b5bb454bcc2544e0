"""A post as the queue shows it: what may be done with it, why it is where it is, and what comes next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Session

from domain.content import DeliveryClass
from domain.errors import UsageError
from domain.money import Money
from domain.person import Permission
from domain.post import PlacedBy, PostState, Sender
from scheduler.context import Context
from scheduler.spending import price_of_post
from store import channels, experiments, queue
from store.experiments import Belonging
from store.tables import ChannelRow, Post, Workspace
from web.auth import Member
from web.i18n import Voice
from web.i18n import marked as N_
from web.said import said


class Act(StrEnum):
    """What a person can do with a post."""

    APPROVE = "approve"
    RETRY = "retry"
    FOUND = "found"
    ABSENT = "absent"
    MOVE = "move"
    EDIT = "edit"
    SKIP = "skip"
    #: Of published posts, where the platform lets it be done from here.
    EDIT_THERE = "edit_there"
    DELETE_THERE = "delete_there"


_ACTS: Mapping[PostState, tuple[Act, ...]] = {
    PostState.DRAFT: (Act.MOVE, Act.EDIT, Act.SKIP),
    PostState.AWAITING_APPROVAL: (Act.APPROVE, Act.MOVE, Act.EDIT, Act.SKIP),
    PostState.QUEUED: (Act.MOVE, Act.EDIT, Act.SKIP),
    PostState.PUBLISHING: (),
    PostState.UNCERTAIN: (Act.FOUND, Act.ABSENT, Act.SKIP),
    PostState.FAILED: (Act.RETRY, Act.MOVE, Act.EDIT, Act.SKIP),
    PostState.SKIPPED: (Act.RETRY, Act.MOVE),
    PostState.PUBLISHED: (),
}


def permission(act: Act) -> Permission:
    """What a person must be allowed so that they can do this."""
    return Permission.APPROVE if act is Act.APPROVE else Permission.EDIT


def acts_on(post: Post, me: Member) -> tuple[Act, ...]:
    """What this member can do with a post as it is now, the most likely first."""
    tried = post.payload is not None and post.state != PostState.FAILED
    return tuple(
        act
        for act in _ACTS[PostState(post.state)]
        if me.may(permission(act)) and not (act is Act.EDIT and tried)
    )


def acts_there(context: Context, post: Post, channel: ChannelRow, me: Member) -> tuple[Act, ...]:
    """What this member can do with a post that is out, where it stands."""
    known = post.remote_id is not None and post.deleted_at is None
    if (
        post.origin == Sender.NATIVE
        or post.state != PostState.PUBLISHED
        or not known
        or not me.may(Permission.EDIT)
    ):
        return ()
    try:
        able = context.adapter(channel.platform).capabilities
    except UsageError:  # the package that brought the platform is gone
        return ()
    ours = able.delivery is DeliveryClass.LOCAL
    acts = [Act.EDIT_THERE] if able.can_edit or ours else []
    return (*acts, Act.DELETE_THERE) if able.can_delete or ours else tuple(acts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostShown:
    """One post, ready for a row of the queue."""

    post: Post
    channel: ChannelRow
    #: How people call the platform.
    platform: str
    #: The hour it went out or is meant to; None: it has none.
    at: datetime | None
    #: What the author wrote, in one line.
    text: str
    #: Why it is in its state, in the reader's language; empty: nothing to explain.
    why: str
    since: datetime
    #: What happens next, in a sentence.
    next: str
    acts: tuple[Act, ...]
    #: What publishing it will cost; empty: nothing.
    price: str = ""
    #: The arm of an experiment; None: it belongs to none.
    belonging: Belonging | None = None

    @property
    def id(self) -> int:
        return self.post.id

    @property
    def row_id(self) -> str:
        """The id of its row in a page."""
        return f"post-{self.post.id}"

    @property
    def state(self) -> str:
        return self.post.state

    @property
    def zone(self) -> str:
        """The IANA zone in which its hours are shown."""
        return self.channel.zone


def shown(
    context: Context, session: Session, me: Member, posts: Iterable[Post], *, voice: Voice, now: datetime
) -> list[PostShown]:
    """These posts of the member's workspace as they are shown, in the same order."""
    rows = list(posts)
    by_id = {row.id: row for row in channels.listed(session, me.workspace.id)} if rows else {}
    since = queue.since(session, rows) if rows else {}
    arms = experiments.of_posts(session, me.workspace.id, [post.id for post in rows])
    made = []
    for post in rows:
        channel = by_id[post.channel_id]
        title = platform_title(context, channel.platform, voice)
        told = Told(post, channel, me.workspace, title, voice, now)
        made.append(
            PostShown(
                post=post,
                channel=channel,
                platform=title,
                at=post.published_at or post.planned_at,
                text=one_line(post),
                why=told.why(),
                since=since[post.id],
                next=told.next(),
                acts=acts_on(post, me),
                price=amount(price_of_post(context, channel, post, now=now), voice),
                belonging=arms.get(post.id),
            )
        )
    return made


def amount(money: Money | None, voice: Voice) -> str:
    """An amount as the reader writes it, to the last digit that counts; empty for None."""
    if money is None:
        return ""
    digits = str(money).partition(" ")[0]
    return f"{voice.exactly(Decimal(digits))}\N{NO-BREAK SPACE}{money.currency}"


def platform_title(context: Context, platform: str, voice: Voice) -> str:
    """How people call the platform; its registry name when its adapter is gone."""
    try:
        return voice.gettext(context.adapter(platform).title)
    except Exception:  # an outside package may fail in any way, and the page is still wanted
        return platform


def one_line(post: Post) -> str:
    """The text in one line, or the link of a post that has no text."""
    text = " ".join(str(post.content["text"]).split())
    return text or str(post.content.get("link") or "")


#: What comes next in states where nothing else decides it.
_NEXT: Mapping[PostState, str] = {
    PostState.DRAFT: N_("Stays here until somebody gives it an hour."),
    PostState.PUBLISHING: N_(
        "The call is running; if its answer is lost, Tabuh looks before it sends anything."
    ),
    PostState.FAILED: N_("Nothing more is tried. Mend it and queue it again, or skip it."),
    PostState.SKIPPED: N_("It does not go out unless you queue it again."),
    PostState.PUBLISHED: N_("It is measured at fixed ages, up to 29 days."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """The sentences about one post, for one reader at one time."""

    post: Post
    channel: ChannelRow
    workspace: Workspace
    platform: str
    voice: Voice
    now: datetime

    def why(self) -> str:
        """Why the post is in its state, or went out late."""
        _ = self.voice.gettext
        if self.post.state == PostState.PUBLISHED:
            late, note = self.post.late_reason, self.post.reason
            told = [_("Late, because: %(reason)s", reason=said(self.voice, late))] if late else []
            return " ".join([*told, said(self.voice, note)] if note else told)
        return said(self.voice, self.post.reason) if self.post.reason else ""

    def next(self) -> str:
        """What happens next, and when."""
        _ = self.voice.gettext
        match PostState(self.post.state):
            case PostState.AWAITING_APPROVAL:
                return self._after_approval()
            case PostState.QUEUED:
                return self._queued()
            case PostState.UNCERTAIN:
                return self._uncertain()
            case PostState.PUBLISHED if self.post.deleted_at is not None:
                return _("It is no longer on %(platform)s.", platform=self.platform)
            case PostState.PUBLISHED if self.post.changed_there_at is not None:
                return _("Its text on %(platform)s is another than was sent.", platform=self.platform)
            case state:
                return _(_NEXT[state])

    def _after_approval(self) -> str:
        _ = self.voice.gettext
        at = self.post.planned_at
        if at is None or at <= self.now:
            return _("Once approved, it takes the next free slot, or goes out at once without a schedule.")
        return _("Once approved, it goes out %(time)s.", time=self._moment(at))

    def _queued(self) -> str:
        _ = self.voice.gettext
        if self.workspace.paused_at is not None:
            return _("Everything is paused: it goes out once the workspace is resumed.")
        if self.channel.state == "paused":
            return _("It goes out once channel %(name)s is resumed.", name=self.channel.name)
        if self.channel.state == "needs_reconnect":
            return _("It goes out once channel %(name)s is connected again.", name=self.channel.name)
        at = self.post.next_at or self.post.planned_at
        if at is None or at <= self.now:
            return _("It is due and goes out as soon as a worker takes it.")
        if self.post.planned_at is not None and self.post.planned_at <= self.now:
            return _("The next try comes %(relative)s.", relative=self._relative(at))
        return _("Goes out by itself %(relative)s.", relative=self._relative(at))

    def _uncertain(self) -> str:
        _ = self.voice.gettext
        at = self.post.next_at
        if at is None:
            return _(
                "Look on %(platform)s yourself and say whether it is there. Nothing is sent before that.",
                platform=self.platform,
            )
        return _(
            "Tabuh looks on %(platform)s %(relative)s. Nothing is sent before that.",
            platform=self.platform,
            relative=self._relative(max(at, self.now)),
        )

    def placed(self) -> str:
        """Who chose the hour, and as what."""
        _ = self.voice.gettext
        if self.post.planned_at is None:
            return ""
        if self.post.placed_by == PlacedBy.PERSON and self.post.slot_at is None:
            return _("a person chose this hour; automation never moves it")
        if self.post.placed_by == PlacedBy.PERSON:
            return _("a person chose the next free slot")
        if self.post.slot_at is not None:
            return _("Tabuh: the best free slot that the rules allow")
        return _("chosen by automation")

    def _moment(self, at: datetime) -> str:
        return self.voice.moment(at, self.channel.zone, now=self.now)

    def _relative(self, at: datetime) -> str:
        return self.voice.relative(at, now=self.now)

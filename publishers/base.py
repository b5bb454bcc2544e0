"""The adapter contract: what a platform must answer so that the rest need not know its name.

One class per platform, one instance per channel and unit of work. It knows the platform's
rules and its HTTP API; it knows no rows, no schedule, no retries.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from domain.breaks import Break
from domain.clock import Clock
from domain.content import Call, Capabilities, Channel, Content, Identity, NativePost, Payload, RemotePost
from domain.errors import OutcomeUnknown, PublishError, Rejected, UsageError
from domain.media import Attachment, PictureRules
from domain.metrics import Metric
from publishers.address import opened_by_browsers
from publishers.problems import problems_of
from publishers.text import counter, fit

if TYPE_CHECKING:
    from publishers.metric_map import Mapped
    from publishers.oauth import Application, Flow, Target
    from publishers.pictures import Picture


_HAS_LINK = re.compile(r"https?://", re.IGNORECASE)


class BaseCredentials(BaseModel):
    """What a channel needs to act. The connect form and the sealed column come from it.

    A field marked ``expert`` in its ``json_schema_extra`` is folded away in the form.
    Secrets are `pydantic.SecretStr`, so that no ``repr`` or log shows them; `sealable`
    opens them for the one place that seals them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def sealable(self) -> dict[str, Any]:
        """All values in the clear, JSON only: to be sealed at once, never to be shown."""
        return {name: _plain(value) for name, value in self}

    def secrets(self) -> tuple[str, ...]:
        """The secret values in the clear: to be struck out of texts, never to be shown."""
        values = (value for _, value in self)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value.isoformat() if isinstance(value, datetime) else value


class BaseSettings(BaseModel):
    """What a channel must be told that is no secret, such as the server's address."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Progress(Protocol):
    """Where an adapter notes what it must know after a crash."""

    @property
    def handle(self) -> Mapping[str, Any] | None:
        """What an earlier try of this post saved last; None: nothing."""

    def save(self, handle: Mapping[str, Any]) -> None:
        """Commit a container or upload handle (JSON); returns only when it is durable.

        Raises:
            OutcomeUnknown: our claim was lost meanwhile; stop at once.
        """


class NoProgress:
    """For calls that need no handle, and for tests."""

    handle: Mapping[str, Any] | None = None

    def save(self, handle: Mapping[str, Any]) -> None:
        """Forget it."""


class Files(Protocol):
    """Where an adapter gets the bytes of what goes with a post."""

    def read(self, attachment: Attachment) -> bytes:
        """The whole file.

        Raises:
            Rejected: it is not there any more, or not the one that was meant.
            NotSent: it lies elsewhere, and cannot be fetched now.
        """

    def part(self, attachment: Attachment, start: int, size: int) -> bytes:
        """Bytes ``start`` to ``start + size`` of one of our own files, fewer at its end, for chunked uploads.

        Raises:
            Rejected: it is not there any more, or lies elsewhere.
        """


class NoFiles:
    """For channels whose posts have none, and for tests."""

    def read(self, attachment: Attachment) -> bytes:
        """There is none."""
        raise Rejected("The file of this post is not there any more: add it again.")

    def part(self, attachment: Attachment, start: int, size: int) -> bytes:
        """There is none."""
        return self.read(attachment)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number that a platform supplied, with the field it came from.

    A metric that the platform does not give is absent: there is no `Measured` for it.
    """

    metric: Metric
    #: None: the platform gives this number, but has not counted it yet.
    value: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """One thing that somebody did with a post, and when; who it was is not kept."""

    metric: Metric
    at: datetime
    #: The same for the same deed at every look, such as a hash of the platform's id of it.
    key: str


@dataclass(frozen=True, slots=True)
class TextThere:
    """A text as it was sent, and as it reads on the platform; both as people read them, without markup."""

    sent: str
    there: str
    #: Whether the two differ in more than the form that the platform gives every text.
    changed: bool


@dataclass(frozen=True, slots=True)
class Mention:
    """A post that names the channel; nothing of it is kept but that it was."""

    at: datetime
    #: The same for the same post, whichever of the workspace's channels it names.
    mark: str


@dataclass(frozen=True, slots=True)
class Mentions:
    """The mentions of a channel since some time."""

    found: list[Mention]
    #: Not everything before was read: there is too much of it; None: it was.
    gap_until: datetime | None = None


class Publisher(ABC):
    """One platform, seen from one channel."""

    #: Registry name, lower case; stored as plain text.
    platform: ClassVar[str]
    #: How people call it.
    title: ClassVar[str]
    #: For the case that nothing more exact is known; `limits` may narrow it for one channel.
    capabilities: ClassVar[Capabilities]
    Credentials: ClassVar[type[BaseCredentials]] = BaseCredentials
    Settings: ClassVar[type[BaseSettings]] = BaseSettings
    #: How access is granted on the platform's own page; None: a person types the credentials.
    flow: ClassVar["Flow | None"] = None
    #: Which fields of its answers are which metrics, and since when; of a post, and of the channel.
    post_map: "ClassVar[tuple[Mapped, ...]]" = ()
    channel_map: "ClassVar[tuple[Mapped, ...]]" = ()
    #: Changes of meaning that no change of a field shows.
    breaks: ClassVar[tuple[Break, ...]] = ()

    #: Posts whose numbers one request tells.
    reads_at_once: ClassVar[int] = 1

    def __init__(
        self,
        channel: Channel,
        http: httpx.Client,
        *,
        credentials: BaseCredentials,
        clock: Clock,
        files: Files | None = None,
        application: "Application | None" = None,
    ) -> None:
        self.channel = channel
        self.files = files or NoFiles()
        self.http = http
        self.application = application
        self.credentials = credentials
        self.settings = self.Settings.model_validate(dict(channel.settings))
        self.clock = clock

    @abstractmethod
    def render(self, content: Content, *, created_at: datetime) -> Payload:
        """The exact body for this platform, fitted to its limits, links never cut.

        Pure: the same content and time give the same payload. ``created_at`` (UTC) is the
        post's own, so that a later try sends the same bytes.
        """

    @abstractmethod
    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        """Make the post public: one guarded call through `publishers.http.send_once`.

        Args:
            payload: what `render` made, frozen before the first attempt.
            key: the post's delivery key (hex), equal for every try.
            progress: where to commit a handle before the next call.

        Raises:
            PublishError: one of its five kinds; each names the next step.
        """

    def problems(self, content: Content) -> list[str]:
        """What a person should mend before this can be published, in sentences; empty: nothing."""
        if content.link and opened_by_browsers(content.link) is None:
            return ["The link is no web address. Write it whole, such as https://example.org/article."]
        if not content.text.strip() and not content.link and not content.media:
            return ["The post has neither text nor link."]
        found = problems_of(content, self.limits(), title=self.title)
        try:
            self.check_fit(content)
        except UsageError as error:
            found.append(str(error))
        return found

    def check_fit(self, content: Content) -> None:  # noqa: B027 - most show the link beside the text
        """Whether the content fits once all that may be shortened was: asked by `problems`.

        Raises:
            UsageError: it does not, since the link alone is too long.
        """

    def picture(self, attachment: Attachment, *, rules: PictureRules | None = None) -> "Picture":
        """The picture as this platform takes it, ready to be sent.

        Args:
            rules: narrower ones for this post; None: as `limits` says.

        Raises:
            Rejected: it is not there any more, or cannot be made to fit.
            NotSent: it lies elsewhere, and cannot be fetched now.
        """
        from publishers.pictures import fitted

        rules = rules or self.limits().pictures
        assert rules is not None
        try:
            return fitted(self.files.read(attachment), rules)
        except UsageError as error:
            raise Rejected(str(error)) from error

    @classmethod
    def calls(cls, content: Content) -> tuple[Call, ...]:
        """The calls that publishing this takes, as the platform counts and charges them."""
        first = content.text if content.link is None else f"{content.text} {content.link}"
        parts = [first, *content.thread, *filter(None, (content.first_comment,))]
        return tuple(Call.POST_WITH_LINK if _HAS_LINK.search(part) else Call.POST for part in parts)

    def limits(self) -> Capabilities:
        """The capabilities as they are for this channel; asks nobody."""
        return self.capabilities

    def length(self, content: Content) -> int:
        """How much the whole text takes, its link included, counted as `limits` counts."""
        return counter(self.limits().counting)(fit(content.text, content.link, []))

    def text_of(self, payload: Payload) -> str:
        """The words of a payload that `render` made, as readers will see them."""
        return str(payload.get("text", ""))

    def texts_of(self, payload: Payload) -> list[str]:
        """The words of each part of a thread, in order; of a single post, its own."""
        return [self.text_of(payload), *map(str, payload.get("thread") or ())]

    def identify(self) -> Identity | None:
        """A harmless call that proves the credentials; None where there is nothing to ask.

        Raises:
            NeedsReconnect: the platform refuses them.
            NotSent, OutcomeUnknown: the platform could not be asked.
        """
        return None

    def enrich(self) -> BaseSettings | None:
        """The channel's settings with what the server says of its own limits; None: nothing to add.

        Asked when a channel is connected and by its daily test.
        """
        return None

    def targets(self) -> "list[Target]":
        """What the access just granted can post for, to choose from; empty: only the person themselves.

        Raises: as `identify`.
        """
        return []

    def needs_refresh(self) -> bool:
        """Whether `refresh` must be called before anything else; asks nobody."""
        return False

    def refresh(self) -> BaseCredentials | None:
        """Fresh credentials to store before anything else is done; None: those we have still serve."""
        return None

    def renewable(self) -> bool:
        """Whether `refresh` may mend a refusal of credentials that looked good; asks nobody."""
        return False

    def access_ends(self) -> datetime | None:
        """When the access ends for good unless a person connects again (UTC); None: unknown, or never."""
        return None

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        """The post if it exists on the platform; None only when it is proved absent.

        Args:
            payload: as given to `publish`.
            key: as given to `publish`.
            handle: what `publish` saved last, if it did.
            since: when the first attempt started (UTC).

        Raises:
            PublishError: it cannot be told now.
        """
        raise OutcomeUnknown(f"{self.title} cannot be asked what it holds.")

    def metrics(self, remote_id: str) -> list[Measured]:
        """The numbers of a remote post, cumulative; what the platform does not give is absent.

        Raises:
            PostGone: the post is no longer on the platform.
            PublishError: it cannot be told now.
        """
        return []

    def batches(self, remote_ids: Sequence[str]) -> list[Sequence[str]]:
        """These posts in the sets whose numbers one request tells; each alone where a request tells one."""
        some = self.reads_at_once
        return [remote_ids[start : start + some] for start in range(0, len(remote_ids), some)]

    def metrics_of(self, remote_ids: Sequence[str]) -> Mapping[str, list[Measured] | PublishError]:
        """The numbers of one of `batches`, by post; for one that has none, what `metrics` would raise.

        Raises: what concerns all of them.
        """
        return {one: self.metrics(one) for one in remote_ids}

    def text_there(self, remote_id: str, payload: Payload) -> TextThere | None:
        """How a published post reads there, beside what ``payload`` says; None: cannot be told.

        Raises: as `metrics`.
        """
        return None

    def native_posts(self, since: datetime) -> list[NativePost] | None:
        """Every post of the channel since then (UTC), ours among them; None: the platform lists none.

        Ids are those that `publish` gives. Replies, reposts and the parts of threads after the first are not
        in it.

        Raises:
            PublishError: it cannot be told now, or there are more than one look may read.
        """
        return None

    def mentions(self, since: datetime) -> Mentions | None:
        """Who named the channel since then (UTC), answers to its own posts left out; None: not told.

        Raises:
            PublishError: it cannot be told now.
        """
        return None

    def reactions(self, remote_id: str, since: datetime) -> list[Reaction] | None:
        """What people did with a post after ``since`` (UTC); None: the platform gives no times.

        Raises: as `metrics`.
        """
        return None

    def delete(self, remote_id: str) -> None:
        """Take a published post off the platform; one that is gone already is no error.

        Raises:
            Rejected: the platform cannot, or will not.
            PublishError: one of the other kinds.
        """
        raise Rejected(f"{self.title} lets nobody delete a post from here. Delete it there.")

    def edit(self, remote_id: str, payload: Payload) -> None:
        """Change a published post into what ``payload`` says; the same call twice changes nothing more.

        Raises: as `delete`.
        """
        raise Rejected(f"{self.title} lets nobody change a post from here.")

    def channel_metrics(self) -> list[Measured]:
        """The numbers of the channel itself, such as its followers."""
        return []

    def without_reader(self, token: str) -> BaseCredentials | None:
        """The credentials without the reader whom a link in what we sent names; None: it names nobody.

        For platforms whose readers are kept by us: the link is ``/u/CHANNEL/TOKEN`` below the public address.
        """
        return None

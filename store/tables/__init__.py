"""Every table, its constraints and indexes, by subject; no behaviour."""

from sqlmodel import SQLModel

from store.tables.base import Due, UtcDateTime
from store.tables.channels import ChannelReading, ChannelRow, PostingTimeRow
from store.tables.connecting import Connecting
from store.tables.feeds import EntryKeyRow, EntryRow, Feed, Ledger, Route, RouteFeed
from store.tables.hubs import HubSubscription
from store.tables.kpi_changes import KpiComment, KpiVersion
from store.tables.learning import PastPost, SlotWeek
from store.tables.linking import DaySalt, LinkDomain
from store.tables.measuring import (
    Click,
    DatedReaction,
    Kpi,
    KpiReading,
    Link,
    Measurement,
    PageCount,
    Reading,
)
from store.tables.people import (
    ApiToken,
    Budget,
    Change,
    Host,
    IdempotencyKey,
    Installation,
    Membership,
    Person,
    SignInLink,
    SignInSession,
    Workspace,
)
from store.tables.planning import CalendarFeed, Evergreen, ReviewedPost, ReviewLink
from store.tables.posts import (
    Attempt,
    Media,
    MediaPiece,
    Post,
    PostKey,
    PostMedia,
    SlotChoice,
    WorkspaceMedia,
)
from store.tables.remembering import FeedMemory, FollowedLink
from store.tables.spending import MeteredCall, SpendingCap
from store.tables.standings import Rollup, Standing, StandingChannel, StandingColumn, StandingPart

METADATA = SQLModel.metadata

__all__ = [
    "METADATA",
    "ApiToken",
    "Attempt",
    "Budget",
    "CalendarFeed",
    "Change",
    "ChannelReading",
    "ChannelRow",
    "Click",
    "Connecting",
    "DatedReaction",
    "DaySalt",
    "Due",
    "EntryKeyRow",
    "EntryRow",
    "Evergreen",
    "Feed",
    "FeedMemory",
    "FollowedLink",
    "Host",
    "HubSubscription",
    "IdempotencyKey",
    "Installation",
    "Kpi",
    "KpiComment",
    "KpiReading",
    "KpiVersion",
    "Ledger",
    "Link",
    "LinkDomain",
    "Measurement",
    "Media",
    "MediaPiece",
    "Membership",
    "MeteredCall",
    "PageCount",
    "PastPost",
    "Person",
    "Post",
    "PostKey",
    "PostMedia",
    "PostingTimeRow",
    "Reading",
    "ReviewLink",
    "ReviewedPost",
    "Rollup",
    "Route",
    "RouteFeed",
    "SignInLink",
    "SignInSession",
    "SlotChoice",
    "SlotWeek",
    "SpendingCap",
    "Standing",
    "StandingChannel",
    "StandingColumn",
    "StandingPart",
    "UtcDateTime",
    "Workspace",
    "WorkspaceMedia",
]

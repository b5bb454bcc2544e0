"""Every table, its constraints and indexes, by subject; no behaviour."""

from sqlmodel import SQLModel

from store.tables.alerts import AlertMute, AlertRow, Watch
from store.tables.asking import Answer, Connector, Survey, SurveyHour
from store.tables.auditing import AuditRow
from store.tables.base import Due, UtcDateTime
from store.tables.benchmarks import Benchmark
from store.tables.brought import (
    AdDay,
    Brand,
    Brought,
    Customer,
    ImportedFile,
    MentionDay,
    MentionSource,
    Purchase,
    Sharer,
    Testimonial,
    ToolDay,
    ValueChoice,
    WorkspaceKey,
)
from store.tables.channels import ChannelReading, ChannelRow, PostingTimeRow
from store.tables.connecting import Connecting
from store.tables.feeds import EntryKeyRow, EntryRow, Feed, Ledger, Route, RouteFeed
from store.tables.guiding import GuideLink, GuideReceipt, GuideSection, GuideVersion
from store.tables.hubs import HubSubscription
from store.tables.kpi_changes import KpiComment, KpiVersion
from store.tables.learning import PastPost, SlotWeek
from store.tables.linking import DaySalt, LinkDomain
from store.tables.measuring import (
    ChangedText,
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
from store.tables.reporting import ReportLink, ReportPlan, ReportRow
from store.tables.sites import Conversion, Site, Visit, WebView
from store.tables.spending import MeteredCall, SpendingCap
from store.tables.standings import (
    ClickBatch,
    Rollup,
    Standing,
    StandingChannel,
    StandingColumn,
    StandingPart,
    StandingReadings,
    StandingUncompared,
)
from store.tables.statistics import PostNote, StatisticsHabit, StatisticsView
from store.tables.telling import Endpoint, NoticeRow, Telling, TellingWish, ToldNotice
from store.tables.trying import Experiment, ExperimentPost

METADATA = SQLModel.metadata

__all__ = [
    "METADATA",
    "AdDay",
    "AlertMute",
    "AlertRow",
    "Answer",
    "ApiToken",
    "Attempt",
    "AuditRow",
    "Benchmark",
    "Brand",
    "Brought",
    "Budget",
    "CalendarFeed",
    "Change",
    "ChangedText",
    "ChannelReading",
    "ChannelRow",
    "Click",
    "ClickBatch",
    "Connecting",
    "Connector",
    "Conversion",
    "Customer",
    "DatedReaction",
    "DaySalt",
    "Due",
    "Endpoint",
    "EntryKeyRow",
    "EntryRow",
    "Evergreen",
    "Experiment",
    "ExperimentPost",
    "Feed",
    "FeedMemory",
    "FollowedLink",
    "GuideLink",
    "GuideReceipt",
    "GuideSection",
    "GuideVersion",
    "Host",
    "HubSubscription",
    "IdempotencyKey",
    "ImportedFile",
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
    "MentionDay",
    "MentionSource",
    "MeteredCall",
    "NoticeRow",
    "PageCount",
    "PastPost",
    "Person",
    "Post",
    "PostKey",
    "PostMedia",
    "PostNote",
    "PostingTimeRow",
    "Purchase",
    "Reading",
    "ReportLink",
    "ReportPlan",
    "ReportRow",
    "ReviewLink",
    "ReviewedPost",
    "Rollup",
    "Route",
    "RouteFeed",
    "Sharer",
    "SignInLink",
    "SignInSession",
    "Site",
    "SlotChoice",
    "SlotWeek",
    "SpendingCap",
    "Standing",
    "StandingChannel",
    "StandingColumn",
    "StandingPart",
    "StandingReadings",
    "StandingUncompared",
    "StatisticsHabit",
    "StatisticsView",
    "Survey",
    "SurveyHour",
    "Telling",
    "TellingWish",
    "Testimonial",
    "ToldNotice",
    "ToolDay",
    "UtcDateTime",
    "ValueChoice",
    "Visit",
    "Watch",
    "WebView",
    "Workspace",
    "WorkspaceKey",
    "WorkspaceMedia",
]

"""How the API tells of the health of feeds, and of lists of them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, StringConstraints

from store.feed_health import FeedHealth
from web.api.base import Body, RowId
from web.api.feed_shapes import FeedShown, feed_shown
from web.api.shapes import BalanceShown, ExistingChoice


class HubShown(BaseModel):
    """A subscription at a WebSub hub."""

    url: str
    #: Until when the hub has promised to tell of news; null: it has not.
    promised_until: datetime | None
    #: New entries that a push announced, and those that a look found by itself.
    pushed: int
    polled: int
    last_push_at: datetime | None
    last_error: str | None
    given_up_at: datetime | None


class FeedHealthShown(FeedShown):
    """A feed and how it does."""

    #: Entries of the last seven days, and how many are usual; null: not known for a week yet.
    this_week: int
    usual_week: float | None
    #: Nothing came this week of a feed from which something comes nearly every week.
    silent: bool
    #: Until when the feed's server wants no request, for all its feeds.
    server_quiet_until: datetime | None
    hub: HubShown | None


class RouteBalance(BalanceShown):
    """What became of one feed's entries on one route."""

    route_id: RowId
    route: str


class FeedWithBalances(FeedHealthShown):
    """One feed, with what became of its entries on each route."""

    balances: list[RouteBalance]


class FeedList(Body):
    """An OPML file."""

    opml: Annotated[str, StringConstraints(min_length=1, max_length=2_000_000)]
    #: Which of the entries that each feed shows at its first look are posted.
    existing: ExistingChoice = "none"
    #: Say what would become of it, and store nothing.
    dry_run: bool = False


class FeedListRead(BaseModel):
    """What became of a list."""

    title: str
    added: list[str]
    known: list[str]
    repeated: list[str]
    refused: list[str]


def health_shown(found: FeedHealth) -> FeedHealthShown:
    """A feed and how it does as the API tells it."""
    hub = found.hub
    about = (
        None
        if hub is None
        else HubShown(
            url=hub.hub,
            promised_until=hub.verified_until,
            pushed=hub.pushed,
            polled=hub.polled,
            last_push_at=hub.last_push_at,
            last_error=hub.last_error,
            given_up_at=hub.given_up_at,
        )
    )
    return FeedHealthShown(
        **feed_shown(found.line).model_dump(),
        this_week=found.rhythm.this_week,
        usual_week=found.rhythm.usual,
        silent=found.rhythm.is_silent,
        server_quiet_until=found.quiet_until,
        hub=about,
    )

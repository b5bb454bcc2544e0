"""How a feed is asked for: with what it remembers, what opens it, and who we say that we are."""

from datetime import datetime, timedelta

from feeds.fetch import Agent, Fetched, NotModified, Validators, fetch, trusted
from scheduler.context import Context
from store.tables import Feed


def look(
    context: Context,
    row: Feed,
    validators: Validators = Validators(),
    *,
    now: datetime,
    subscribers: int = 1,
    deltas: bool = False,
) -> Fetched | NotModified:
    """One conditional GET of a feed.

    Args:
        validators: what makes it conditional, as `validators_for` tells; empty ones ask for all of it.
        subscribers: feeds at this address, in all workspaces.
        deltas: the new entries alone would do (`feeds.document.allows_deltas`).

    Raises:
        FetchError: it cannot be read.
        WrongKey: what opens it cannot be unsealed.
    """
    return fetch(
        context.http,
        row.url,
        validators=validators,
        now=now,
        agent=agent_of(context, row, subscribers=subscribers),
        deltas=deltas,
        headers=request_headers(context, row),
    )


def validators_for(row: Feed, *, now: datetime) -> Validators:
    """The validators to send; none when only 304 has come for longer than is likely."""
    validators = Validators(row.etag, row.last_modified)
    # The usual gap as it was before the silence, or a long silence would excuse itself.
    usual = timedelta(seconds=row.median_gap) if row.median_gap is not None else None
    return trusted(validators, last_body_at=row.last_body_at, usual_gap=usual, now=now)


def agent_of(context: Context, row: Feed | None = None, *, subscribers: int = 1) -> Agent:
    """Who we say that we are to a feed's server."""
    return Agent(
        subscribers=subscribers,
        contact=context.public_url if context.shortens_links else None,
        chosen=row.user_agent if row else None,
        plain=row.plain_agent if row else False,
    )


def request_headers(context: Context, row: Feed) -> dict[str, str]:
    """What opens a feed that is not public. Raises `WrongKey` when it cannot be unsealed."""
    return {name: str(value) for name, value in context.seal.open(row.id, row.credentials).items()}

"""`tabuh feed access, agent, move, remove`: what changes a feed for good."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.feed_secrets import AuthName, asked_access
from cli.feeds import Which, feed_document, feed_id
from cli.opening import opened
from cli.printing import Json, count, show

if TYPE_CHECKING:
    from store.tables import Feed


def access(
    context: typer.Context,
    feed: Which,
    kind: Annotated[str, typer.Argument(help="basic, bearer, header or cookie; none makes it public again.")],
    auth_name: AuthName = "",
    as_json: Json = False,
) -> None:
    """Say what opens a feed; the secret is asked for, or read from standard input, TABUH_CREDENTIAL_FEED."""
    from scheduler.feed_access import set_access

    with opened(context) as tabuh:
        number = feed_id(tabuh, feed)
        told = asked_access(None if kind == "none" else kind, auth_name)
        changed = set_access(tabuh.context, tabuh.workspace.id, number, told, actor=tabuh.actor)
        is_open = f"{_name(changed)} is opened by {changed.access} now; it is sealed at rest."
        text = is_open if changed.access else f"{_name(changed)} is read as a public feed now."
        show(feed_document(changed), text, as_json=as_json)


def agent(
    context: typer.Context,
    feed: Which,
    text: Annotated[str, typer.Argument(help="The whole User-Agent; empty: our own, which says who we are.")],
    as_json: Json = False,
) -> None:
    """Choose by which User-Agent a feed is asked for."""
    from scheduler.feed_access import set_user_agent

    with opened(context) as tabuh:
        number = feed_id(tabuh, feed)
        changed = set_user_agent(tabuh.context, tabuh.workspace.id, number, text, actor=tabuh.actor)
        show(feed_document(changed), f"Asked for as {changed.user_agent or 'Tabuh'}.", as_json=as_json)


def move(
    context: typer.Context,
    feed: Which,
    url: Annotated[str, typer.Argument(help="The new address, or a page that names the feed.")],
    as_json: Json = False,
) -> None:
    """Read a feed at another address; what it showed at the old one stays known and is not posted again."""
    from scheduler.removing import move_feed

    with opened(context) as tabuh:
        changed = move_feed(tabuh.context, tabuh.workspace.id, feed_id(tabuh, feed), url, actor=tabuh.actor)
        show(feed_document(changed), f"{_name(changed)} is read at {changed.url} now.", as_json=as_json)


def remove(
    context: typer.Context,
    feed: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Read a feed no more; its posts stay, queued ones too, and its entries stay known if it comes back."""
    from scheduler.removing import remove_feed
    from store import feeds
    from store.engine import reading

    with opened(context) as tabuh:
        number = feed_id(tabuh, feed)
        with reading(tabuh.engine) as session:
            line = feeds.line(session, tabuh.workspace.id, number)
        if not yes and not as_json:
            routes = count(line.routes, "route reads it", "routes read it")
            typer.confirm(f"Remove {_name(line.feed)}? {routes}.", abort=True, err=True)
        gone = remove_feed(tabuh.context, tabuh.workspace.id, number, actor=tabuh.actor)
        show(
            feed_document(gone),
            f"Removed {_name(gone)}. To have it back: tabuh feed add {gone.url}",
            as_json=as_json,
        )


def _name(feed: "Feed") -> str:
    return feed.title or feed.url

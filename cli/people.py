"""`tabuh person` and `tabuh token`: how people and programs get in."""

from typing import Annotated

import typer

from cli.opening import opened
from cli.printing import Json, show, table, when

app = typer.Typer(no_args_is_help=True, help="People who may sign in.")
tokens = typer.Typer(no_args_is_help=True, help="API tokens, for programs.")


@app.callback()
def person() -> None:
    """Keep `link` a verb of its own, though it is the only one."""


@app.command()
def link(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Whose; left out: the owner's.")] = None,
    as_json: Json = False,
) -> None:
    """Make a link that signs a person in once, within 15 minutes."""
    from store import people
    from store.engine import writing

    with opened(context) as tabuh:
        now = tabuh.context.clock()
        with writing(tabuh.engine) as session:
            who = people.person_named(session, name) if name is not None else tabuh.owner
            token = people.issue_link(session, who.id, now)
            session.commit()
        url = f"{tabuh.settings.served_private_url}/sign-in/link/{token}"
        until = now + people.LINK_LIFETIME
        document = {"person": who.name, "url": url, "expires_at": until}
        show(
            document,
            url,
            f"Signs {who.name} in once, until {when(until, tabuh.workspace.zone)}.",
            as_json=as_json,
        )


@tokens.command("new")
def new_token(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="How to call it.")],
    write: Annotated[bool, typer.Option("--write", help="It may also change things.")] = False,
    as_json: Json = False,
) -> None:
    """Make an API token; it is shown once."""
    from domain.person import Scope
    from scheduler.people import make_token

    scopes = [Scope.READ, Scope.WRITE] if write else [Scope.READ]
    with opened(context) as tabuh:
        row, token = make_token(tabuh.context, tabuh.workspace.id, name, scopes, actor=tabuh.actor)
        document = {"id": row.id, "name": row.name, "scopes": row.scopes, "token": token}
        show(document, token, "Keep it: it is not shown again.", as_json=as_json)


@tokens.command("list")
def list_tokens(context: typer.Context, as_json: Json = False) -> None:
    """The owner's API tokens, without their secret parts."""
    from store import tokens as stored
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = stored.tokens_of(session, tabuh.workspace.id, tabuh.owner.id, before=None, limit=1000)
        documents = [
            {name: getattr(row, name) for name in ("id", "name", "prefix", "scopes", "created_at")}
            for row in rows
        ]
        drawn = table(
            ["Token", "Name", "Begins with", "May", "Made"],
            (
                (
                    row.id,
                    row.name,
                    row.prefix,
                    ", ".join(row.scopes),
                    when(row.created_at, tabuh.workspace.zone),
                )
                for row in rows
            ),
            empty="No tokens. Make one: tabuh token new NAME",
        )
        show(documents, drawn, as_json=as_json)


@tokens.command()
def revoke(
    context: typer.Context,
    token: Annotated[int, typer.Argument(metavar="TOKEN", help="Its number, from: tabuh token list")],
    as_json: Json = False,
) -> None:
    """End an API token at once."""
    from scheduler.people import revoke_token

    with opened(context) as tabuh:
        revoke_token(tabuh.context, tabuh.workspace.id, token, actor=tabuh.actor)
        show({"id": token, "revoked": True}, "Revoked.", as_json=as_json)

"""`tabuh channel`: connect channels, test them, and give them posting schedules."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, count, pairs, show, table, when

if TYPE_CHECKING:
    from cli.opening import Opened
    from domain.content import Identity
    from store.tables import ChannelRow

app = typer.Typer(no_args_is_help=True, help="Channels: where posts are published.")

Which = Annotated[str, typer.Argument(metavar="CHANNEL", help="Its name.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting of the platform; may be given again."),
]
Secret = Annotated[
    list[str] | None,
    typer.Option("--secret", metavar="NAME=-", help="Read this secret from standard input."),
]
SecretFile = Annotated[
    Path | None, typer.Option("--secret-file", help="TOML file with the secrets, by name.")
]


Target = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Which page, board or organisation, where the access is for several."),
]


@app.command()
def add(
    context: typer.Context,
    platform: Annotated[str, typer.Argument(help="See: tabuh channel platforms")],
    name: Annotated[str, typer.Argument(help="How to call it.")],
    *,
    settings: Set = None,
    target: Target = None,
    secret: Secret = None,
    secret_file: SecretFile = None,
    zone: Annotated[str | None, typer.Option(help="IANA time zone; left out: the workspace's.")] = None,
    schedule: Annotated[str, typer.Option(help="Such as 'mon-fri 09:00,12:30; sat 10:00'.")] = "",
    language: Annotated[str | None, typer.Option(help="Of its posts, such as en or id.")] = None,
    as_json: Json = False,
) -> None:
    """Connect a channel. Secrets are asked for, or read from a file, standard input or the environment.

    Where a platform grants access on a page of its own, its address is printed to be opened in a browser.
    """
    from cli.credentials import collect, split
    from scheduler.channels import connect

    with opened(context) as tabuh:
        kind = tabuh.context.adapter(platform)
        told, plain = split(kind, settings or [])
        about: dict[str, Any] = {
            "platform": platform, "name": name, "zone_name": zone or tabuh.workspace.zone, "settings": told,
            "schedule": schedule, "language": language,
        }  # fmt: skip
        if kind.flow is not None:
            from cli.consent import walk

            row = walk(tabuh, target=target, **about).channel
        else:
            row = connect(
                tabuh.context, tabuh.workspace.id, actor=tabuh.actor, **about,
                credentials=collect(kind, plain, secret=secret or [], file=secret_file),
            )  # fmt: skip
        who = f" as {row.remote_name}" if row.remote_name else ""
        show(_document(tabuh, row), f"Connected {row.name} ({platform}){who}.", as_json=as_json)


@app.command()
def platforms(as_json: Json = False) -> None:
    """The platforms there are, and what each must be told."""
    from cli.credentials import asked, secrets_of
    from publishers.registry import adapter
    from publishers.registry import platforms as known

    kinds = [adapter(name) for name in known()]
    rows: list[dict[str, Any]] = [
        {
            "platform": kind.platform,
            "title": kind.title,
            "settings": list(asked(kind.Settings)),
            "credentials": [name for name in asked(kind.Credentials) if name not in secrets_of(kind)],
            "secrets": secrets_of(kind),
            "consent": kind.flow is not None,
            "proof": kind.capabilities.proof,
        }
        for kind in kinds
    ]
    drawn = table(
        ["Platform", "Name", "--set", "Secrets"],
        (
            (
                row["platform"],
                row["title"],
                ", ".join([*row["settings"], *row["credentials"]]),
                "on its own page" if row["consent"] else ", ".join(row["secrets"]),
            )
            for row in rows
        ),
        empty="None.",
    )
    show(rows, drawn, as_json=as_json)


@app.command("list")
def list_channels(context: typer.Context, as_json: Json = False) -> None:
    """All channels with their state and posting schedule."""
    from store import channels
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = channels.listed(session, tabuh.workspace.id)
        documents = [_document(tabuh, row) for row in rows]
        drawn = table(
            ["Channel", "Platform", "State", "Zone", "Posting schedule", "Page"],
            (
                (told["name"], told["platform"], told["state"], told["zone"], told["schedule"], told["url"])
                for told in documents
            ),
            empty="No channels yet. Add one: tabuh channel add PLATFORM NAME",
        )
        show(documents, drawn, as_json=as_json)


@app.command("show")
def show_channel(context: typer.Context, channel: Which, as_json: Json = False) -> None:
    """One channel; its secrets are never shown."""
    with opened(context) as tabuh:
        row = _named(tabuh, channel)
        told = _document(tabuh, row)
        about = pairs(
            [
                ("Channel", row.name),
                ("Platform", row.platform),
                ("State", row.state.replace("_", " ")),
                ("Because", row.state_reason),
                ("Connected as", row.remote_name),
                ("Page", told["url"]),
                ("Zone", row.zone),
                ("Posting schedule", told["schedule"] or "none"),
                *((name, value) for name, value in row.settings.items()),
                ("Tested", when(row.tested_at, row.zone)),
                ("Told nothing, because", row.test_error),
                ("Access lasts until", when(row.access_until, row.zone)),
                ("Posts after that", told["posts_at_risk"] or None),
            ]
        )
        show(told, about, as_json=as_json)


@app.command("test")
def try_channel(context: typer.Context, channel: Which, as_json: Json = False) -> None:
    """Try a channel's credentials with a harmless call."""
    from scheduler.channels import test as prove

    with opened(context) as tabuh:
        identity = prove(tabuh.context, tabuh.workspace.id, channel)
        show(
            {"channel": channel, "works": True, "identity": identity},
            f"{channel} works{_as(identity)}.",
            as_json=as_json,
        )


@app.command()
def reconnect(
    context: typer.Context,
    channel: Which,
    *,
    settings: Set = None,
    secret: Secret = None,
    secret_file: SecretFile = None,
    as_json: Json = False,
) -> None:
    """Replace a channel's credentials; what is not given stays as it was."""
    from cli.credentials import collect, split
    from domain.errors import UsageError
    from scheduler.channels import reconnect as connect_again

    with opened(context) as tabuh:
        kind = tabuh.context.adapter(_named(tabuh, channel).platform)
        told, plain = split(kind, settings or [])
        if told:
            raise UsageError(
                f"{', '.join(told)} cannot be changed on a connected channel: add a new channel for it."
            )
        if kind.flow is not None:
            from cli.consent import walk
            from domain.content import Identity

            row = walk(tabuh, platform=kind.platform, target=None, channel=_named(tabuh, channel)).channel
            row = _named(tabuh, row.name)
            identity = Identity(row.remote_name, row.remote_id or "") if row.remote_name else None
        else:
            given = collect(kind, plain, secret=secret or [], file=secret_file)
            identity = connect_again(
                tabuh.context, tabuh.workspace.id, channel, credentials=given, actor=tabuh.actor
            )
        show(
            {"channel": channel, "works": True, "identity": identity},
            f"{channel} is connected again{_as(identity)}.",
            as_json=as_json,
        )


@app.command()
def pause(
    context: typer.Context,
    channel: Which,
    reason: Annotated[str, typer.Option(help="Shown beside the channel.")] = "",
    as_json: Json = False,
) -> None:
    """Publish nothing on a channel until it is resumed; its posts stay queued."""
    from scheduler import channels

    with opened(context) as tabuh:
        channels.pause(tabuh.context, tabuh.workspace.id, channel, reason=reason, actor=tabuh.actor)
        show(_document(tabuh, _named(tabuh, channel)), f"Paused {channel}.", as_json=as_json)


@app.command()
def native(
    context: typer.Context,
    channel: Which,
    on: Annotated[bool, typer.Option("--on/--off", help="Measure them, or take in no more.")] = True,
    as_json: Json = False,
) -> None:
    """Measure posts that are written on the platform itself too, where it lists them."""
    from scheduler import natives

    with opened(context) as tabuh:
        row = natives.choose(tabuh.context, tabuh.workspace.id, channel, on, actor=tabuh.actor)
        told = "are measured" if on else "are not taken in any more"
        show(_document(tabuh, row), f"Posts written on {channel} itself {told}.", as_json=as_json)


@app.command()
def resume(context: typer.Context, channel: Which, as_json: Json = False) -> None:
    """Publish again; posts whose hour has passed take the next slots."""
    from scheduler import channels

    with opened(context) as tabuh:
        waiting = channels.resume(tabuh.context, tabuh.workspace.id, channel, actor=tabuh.actor)
        show(
            {**_document(tabuh, _named(tabuh, channel)), "waiting": waiting},
            f"Resumed {channel}; {count(waiting, 'post')} had been waiting.",
            as_json=as_json,
        )


@app.command()
def schedule(
    context: typer.Context,
    channel: Which,
    times: Annotated[
        str | None,
        typer.Argument(help="Such as 'mon-fri 09:00,12:30; sat 10:00'; '' clears it; left out: show it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show or replace a channel's weekly times, in its own zone. Posts that have a slot keep it."""
    from scheduler import channels

    with opened(context) as tabuh:
        if times is not None:
            channels.set_schedule(tabuh.context, tabuh.workspace.id, channel, times, actor=tabuh.actor)
        told = _document(tabuh, _named(tabuh, channel))
        shown = f"{told['schedule']} ({told['zone']})" if told["schedule"] else "No posting schedule."
        show(told, shown, as_json=as_json)


def _named(tabuh: "Opened", name: str) -> "ChannelRow":
    from store import channels
    from store.engine import reading

    with reading(tabuh.engine) as session:
        return channels.named(session, tabuh.workspace.id, name)


def _document(tabuh: "Opened", row: "ChannelRow") -> dict[str, Any]:
    from domain.schedule import schedule_text
    from scheduler.access import ending_of
    from scheduler.natives import includes
    from store import channels
    from store.engine import reading

    with reading(tabuh.engine) as session:
        times = channels.schedule(session, row.id)
        ending = ending_of(session, row, now=tabuh.context.clock())
    shown = (
        "id", "name", "platform", "slug", "zone", "language", "settings", "state", "state_reason",
        "remote_id", "remote_name", "quiet_until", "tested_at", "test_error", "access_until", "created_at",
    )  # fmt: skip
    page = f"{tabuh.context.public_url}/p/{row.slug}" if row.platform == "page" else row.remote_url
    return {
        **{name: getattr(row, name) for name in shown},
        "url": page,
        "schedule": schedule_text(times),
        "native_posts": includes(tabuh.context, row),
        "native_at": row.native_at,
        "posts_at_risk": ending.posts if ending else 0,
        "first_at_risk": ending.first_at if ending else None,
    }


def _as(identity: "Identity | None") -> str:
    return f", connected as {identity.name}" if identity is not None else ""

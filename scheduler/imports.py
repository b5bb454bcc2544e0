"""Bringing in what happened elsewhere: a file is looked at, kept or refused as a whole, and can be undone."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from domain.errors import UsageError
from domain.ids import new_id
from domain.imports import ImportKind
from domain.schedule import zone
from publishers import registry
from scheduler.context import Context
from store import brands, brought, channels, connectors, people, workspaces
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import ImportedFile

if TYPE_CHECKING:
    from analytics.imports.reading import Brought, Choices
    from analytics.past.reading import Fault
    from scheduler.import_rows import Made


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file to bring in, and how."""

    kind: ImportKind
    raw: bytes
    #: How a person calls it, such as its file name.
    name: str = ""
    choices: "Choices"
    #: The channel that advertisements are counted for.
    channel_id: int | None = None
    #: Take the right rows also when others are wrong.
    skip_bad: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a file came to."""

    kind: ImportKind
    read: "Brought"
    faults: tuple["Fault", ...]
    #: Rows were wrong, and nobody said to leave them out: nothing was kept.
    refused: bool
    dry_run: bool
    #: Rows of the file that can be kept.
    right: int
    added: int
    changed: int
    #: Those that an earlier import brought, word for word, or that the file tells twice.
    known: int
    #: Lines that tell of the same thing as another and were added to it.
    merged: int
    first: datetime | None
    last: datetime | None
    #: Number of the import; None: nothing was kept.
    file_id: int | None = None
    #: The first rows as they would be kept, for people.
    sample: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def wrong_rows(self) -> int:
        """Rows with at least one fault; a fault is named for each cell."""
        return len({fault.row for fault in self.faults})


#: Rows that are shown before anything is kept.
SHOWN = 50


def import_table(context: Context, workspace_id: int, wanted: Wanted, *, actor: Actor) -> Imported:
    """Read a file with all its faults, and keep its rows where none is in the way.

    The same file again adds nothing; a row that tells what is known anew takes its place.

    Raises:
        NotFound: no such channel in this workspace.
        UsageError: the file as a whole cannot be read.
    """
    from analytics.imports.reading import read_table
    from scheduler.import_rows import Ground, rows_of

    now = context.clock()
    if wanted.choices.zone is not None:
        zone(wanted.choices.zone)
    with reading(context.engine) as session:
        home = workspaces.get(session, workspace_id).zone
        known = {row.name.casefold(): row.id for row in brands.listed(session, workspace_id)}
        if wanted.channel_id is not None:
            channels.get(session, workspace_id, wanted.channel_id)
        connected = {row.tool for row in connectors.listed(session, workspace_id)}
    found = read_table(wanted.kind, wanted.raw, wanted.choices, home=home, until=now)
    _check_tools(wanted, found, connected)
    platforms = {spelt: key for key in registry.platforms() for spelt in (key, key.replace("_", " "))}
    ground = Ground(workspace_secret(context, workspace_id), known, platforms, wanted.channel_id)
    made = rows_of(wanted.kind, found.lines, ground)
    faults = tuple(sorted((*found.faults, *made.faults), key=lambda fault: fault.row))
    refused = bool(faults) and not wanted.skip_bad
    return _kept(context, workspace_id, wanted, found, made, faults=faults, refused=refused, actor=actor)


def _check_tools(wanted: Wanted, found: "Brought", connected: set[str]) -> None:
    """What a connector reads is not brought in a second time: it would count twice."""
    from scheduler.import_rows import tool_of

    if wanted.kind is not ImportKind.SESSIONS:
        return
    twice = {tool_of(line.values.get("tool", "")) for line in found.lines} & connected
    if twice:
        raise UsageError(
            f"{min(twice)} is connected, and its totals are read daily: the file would count them twice. "
            f"Remove "
            "the connector first, or say --tool other."
        )


def _kept(
    context: Context, workspace_id: int, wanted: Wanted, found: "Brought", made: "Made", *,
    faults: tuple["Fault", ...], refused: bool, actor: Actor,
) -> Imported:  # fmt: skip
    from scheduler.import_rows import KEPT_IN

    now = context.clock()
    export = found.export.name if found.export else ""
    row = ImportedFile(
        id=new_id(), workspace_id=workspace_id, kind=wanted.kind, name=wanted.name[:200], source=export,
        choices=_told(wanted), created_at=now,
    )  # fmt: skip
    rows = [
        {**one, "file_id": row.id, "source": _source(one, wanted, export), "read_at": now}
        for one in made.rows
    ]
    row.first_at = min((one["at"] for one in rows), default=None)
    row.last_at = max((one["at"] for one in rows), default=None)
    with writing(context.engine) as session:
        people.lock_workspace(session, workspace_id)
        session.add(row)
        session.flush()
        kept = brought.keep(session, KEPT_IN[wanted.kind], workspace_id, rows)
        row.added, row.changed = kept.added, kept.changed
        done = Imported(
            kind=wanted.kind, read=found, faults=faults, refused=refused,
            dry_run=wanted.dry_run or refused, right=len(found.lines), added=kept.added, changed=kept.changed,
            known=kept.known + made.repeated, merged=made.merged, first=row.first_at, last=row.last_at,
            file_id=row.id if kept.added + kept.changed and not (wanted.dry_run or refused) else None,
            sample=tuple(rows[:SHOWN]),
        )  # fmt: skip
        if done.file_id is None:
            session.rollback()
            return done
        record(
            session, actor, "imported", subject="imported_file", subject_id=row.id, workspace_id=workspace_id,
            now=now, after={"kind": row.kind, "added": row.added, "changed": row.changed},
        )  # fmt: skip
        session.commit()
    return done


def _source(one: Mapping[str, Any], wanted: Wanted, export: str) -> str:
    return str(one.get("source") or export or wanted.choices.fixed.get("source") or wanted.name or "file")[
        :80
    ]


def _told(wanted: Wanted) -> dict[str, Any]:
    choices = wanted.choices
    told = {
        "columns": dict(choices.named), "fixed": dict(choices.fixed), "zone": choices.zone,
        "dates": choices.order, "decimals": choices.decimals, "minor_units": choices.minor_units or None,
        "skip_bad": wanted.skip_bad or None,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def undo(context: Context, workspace_id: int, file_id: int, *, actor: Actor) -> tuple[ImportedFile, int]:
    """Take back all that a file brought; what it had replaced holds again. How many rows were taken back.

    Raises:
        NotFound: this workspace has no such import.
        UsageError: it is undone already.
    """
    from scheduler.import_rows import KEPT_IN

    now = context.clock()
    with writing(context.engine) as session:
        people.lock_workspace(session, workspace_id)
        row = brought.file(session, workspace_id, file_id)
        if row.undone_at is not None:
            raise UsageError("This import is undone already.")
        taken = brought.forget_file(session, KEPT_IN[ImportKind(row.kind)], row)
        row.undone_at = now
        session.add(row)
        record(
            session, actor, "undid the import", subject="imported_file", subject_id=row.id,
            workspace_id=workspace_id, now=now, before={"added": row.added, "changed": row.changed},
        )  # fmt: skip
        session.commit()
    return row, taken


def workspace_secret(context: Context, workspace_id: int) -> bytes:
    """The key that only this workspace's hashes are made with; the first call makes it."""
    with reading(context.engine) as session:
        found = workspaces.sealed_key(session, workspace_id)
    if found is None:
        with writing(context.engine) as session:
            people.lock_workspace(session, workspace_id)
            fresh = context.seal.close(workspace_id, {"key": secrets.token_hex(32)})
            found = workspaces.keep_key(session, workspace_id, fresh)
            session.commit()
    return bytes.fromhex(context.seal.open(workspace_id, found)["key"])

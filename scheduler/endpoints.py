"""What people do with endpoints: add, rotate the secret, switch on again, remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from sqlmodel import Session

from domain.errors import UsageError
from domain.ids import new_id
from domain.sentence import Words
from domain.telling import KINDS, Notice, Way
from net import webhooks
from scheduler import by_apprise
from scheduler.catching_up import tell_endpoint
from scheduler.context import Context
from scheduler.telling import tell
from store import alerts, telling
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import Endpoint
from store.upsert import save_unique

#: So long the secret before signs too, for receivers to learn the new one.
BOTH: Final = timedelta(hours=24)
#: Endpoints of one workspace.
MOST: Final = 50
_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Opened:
    """What is sealed of an endpoint."""

    url: str
    #: Secrets that sign now, the newest first; none for Apprise.
    signing: tuple[str, ...]


def secrets_of(context: Context, row: Endpoint, *, now: datetime) -> Opened:
    """The address and the secrets of an endpoint. Raises `WrongKey` when they do not open."""
    known = context.seal.open(row.id, row.secret)
    secrets = list(known.get("secrets", ()))
    if row.old_until is None or row.old_until <= now:
        secrets = secrets[:1]
    return Opened(str(known["url"]), tuple(secrets))


def add(
    context: Context,
    workspace_id: int,
    *,
    name: str,
    url: str,
    way: Way = Way.WEBHOOK,
    kinds: Sequence[str] | None = None,
    actor: Actor,
) -> tuple[Endpoint, str]:
    """A new endpoint, and its signing secret, which is shown once; empty for Apprise.

    It is told at once what is open.

    Raises:
        UsageError: the name is taken, or the address will not do.
    """
    now, name, url = context.clock(), name.strip(), url.strip()
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise UsageError("A webhook needs a name of 1 to 80 characters.")
    chosen = _checked(kinds)
    if way is Way.APPRISE:
        by_apprise.check(url)
        secrets, shown = [], f"{urlsplit(url).scheme or 'apprise'}://…"
    else:
        secrets, shown = [webhooks.new_secret()], _shown(url)
    row = Endpoint(
        id=new_id(), workspace_id=workspace_id, name=name, way=way, secret=b"", shown=shown, kinds=chosen,
        created_at=now,
    )  # fmt: skip
    row.secret = context.seal.close(row.id, {"url": url, "secrets": secrets})
    with writing(context.engine) as session:
        if len(telling.endpoints(session, workspace_id)) >= MOST:
            raise UsageError(f"A workspace has at most {MOST} webhooks. Remove one first.")
        taken = f"There is a webhook called {name!r} already. Choose another name."
        save_unique(session, row, otherwise=taken)
        tell_endpoint(session, row, now=now)
        alerts.look_soon(session, workspace_id, now=now)
        _note(session, row, "added", actor, now=now, after={"name": name, "way": way, "host": shown})
        session.commit()
    return row, secrets[0] if secrets else ""


def _checked(kinds: Sequence[str] | None) -> list[str] | None:
    unknown = [kind for kind in kinds or () if kind not in KINDS]
    if unknown:
        raise UsageError(f"Unknown kind of notice {unknown[0]!r}. Known: {', '.join(KINDS)}.")
    return sorted(set(kinds)) if kinds else None


def _shown(url: str) -> str:
    """Scheme and host of a web address; what follows may be a secret."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or len(url) > _LONGEST or not url.isprintable():
        raise UsageError("Write the webhook's whole address, such as https://example.org/hook.")
    if parts.username or parts.password:
        raise UsageError("Write the address without a user name and password: requests are signed instead.")
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"[:300]


def rotate(context: Context, workspace_id: int, name: str, *, actor: Actor) -> tuple[Endpoint, str]:
    """A new secret, shown once; the one before signs too for `BOTH`.

    Raises:
        NotFound: there is no such endpoint.
        UsageError: it is one of Apprise, which signs nothing.
    """
    now = context.clock()
    with writing(context.engine) as session:
        row = _locked(session, workspace_id, name)
        if row.way != Way.WEBHOOK:
            raise UsageError("Only webhooks have a signing secret.")
        known = context.seal.open(row.id, row.secret)
        fresh = webhooks.new_secret()
        secrets = [fresh, *known["secrets"][:1]]
        row.secret = context.seal.close(row.id, {**known, "secrets": secrets})
        row.old_until = now + BOTH
        _note(session, row, "rotated the secret", actor, now=now)
        session.commit()
    return row, fresh


def switch_on(context: Context, workspace_id: int, name: str, *, actor: Actor) -> Endpoint:
    """Use an endpoint again that was switched off, and tell it what is open. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = _locked(session, workspace_id, name)
        row.disabled_at = row.disabled_reason = row.failing_since = None
        session.flush()
        tell_endpoint(session, row, now=now)
        _note(session, row, "switched on", actor, now=now)
        session.commit()
    return row


def remove(context: Context, workspace_id: int, name: str, *, actor: Actor) -> None:
    """Forget an endpoint, its secrets and its deliveries. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = _locked(session, workspace_id, name)
        _note(session, row, "removed", actor, now=now, after={"name": row.name})
        telling.remove_endpoint(session, row)
        session.commit()


def test(context: Context, workspace_id: int, name: str) -> str:
    """Plan a test to one endpoint, also one that is switched off; returns the notice's key.

    Raises:
        NotFound: there is no such endpoint.
    """
    now = context.clock()
    notice = test_notice()
    with writing(context.engine) as session:
        row = _locked(session, workspace_id, name)
        tell(session, workspace_id, notice, now=now, people=False, endpoints=[row])
        session.commit()
    return notice.key


def test_notice() -> Notice:
    """A notice that says nothing but that it arrived."""
    return Notice(
        key=f"test:{new_id()}",
        kind="test",
        subject=Words("A test", "Percobaan"),
        text=Words(
            "This is a test. Whoever reads it will also hear of alerts and reports.",
            "Ini percobaan. Siapa pun yang membacanya juga akan mendengar peringatan dan laporan.",
        ),
        link="/alerts",
    )


def listed(context: Context, workspace_id: int) -> Sequence[Endpoint]:
    """All endpoints of a workspace by name."""
    with reading(context.engine) as session:
        return telling.endpoints(session, workspace_id)


def _locked(session: Session, workspace_id: int, name: str) -> Endpoint:
    row = telling.lock_endpoint(session, telling.endpoint(session, workspace_id, name).id)
    return row if row is not None else telling.endpoint(session, workspace_id, name)


def _note(
    session: Session, row: Endpoint, what: str, actor: Actor, *, now: datetime, after: Any = None
) -> None:
    record(
        session, actor, what, subject="endpoint", subject_id=row.id, workspace_id=row.workspace_id, now=now,
        after=after,
    )  # fmt: skip

"""What people do with the KPI guide: share it, end a link, confirm that they read it, see who has not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from domain.errors import NotFound, UsageError
from domain.ids import new_id
from scheduler.context import Context
from scheduler.guiding import renew
from scheduler.reports import LANGUAGES, LONGEST, MOST_LINKS, SHORTEST, USUAL
from store import guides, people, secret_links
from store.changes import Actor, record
from store.engine import writing
from store.tables import GuideLink, GuideReceipt, GuideVersion

#: Readers of one link who may say to have read one version.
MOST_SAID: Final = 200
_NOTHING: Final = "There is no KPI guide yet: it begins with the first KPI. Add one: tabuh kpi add"


def current(context: Context, workspace_id: int) -> GuideVersion:
    """The newest version, frozen now if something changed.

    Raises:
        NotFound: there was never a KPI.
    """
    row = renew(context, workspace_id)
    if row is None:
        raise NotFound(_NOTHING)
    return row


def share(
    context: Context,
    workspace_id: int,
    *,
    name: str,
    lasts: timedelta = USUAL,
    language: str = "en",
    number: int | None = None,
    actor: Actor,
) -> tuple[GuideLink, str]:
    """An address at which somebody without account reads the guide; shown once, only its hash is kept.

    Args:
        context: where it runs.
        workspace_id: whose guide.
        name: whom the link is for.
        lasts: 1 hour to 365 days.
        language: of the page, until the reader chooses another.
        number: the version that it shows; None: always the newest.
        actor: on whose word.

    Raises:
        NotFound: no such version, or no guide yet.
        UsageError: no name, an unknown language, or a time that is too short or long.
    """
    trimmed = " ".join(name.split())
    if not 1 <= len(trimmed) <= 80:
        raise UsageError("Say whom the link is for, in 1 to 80 characters.")
    if not SHORTEST <= lasts <= LONGEST:
        raise UsageError("A link to the KPI guide is open for 1 hour to 365 days.")
    if language not in LANGUAGES:
        raise UsageError("The KPI guide is written in en (English) and id (Indonesian).")
    newest, now = current(context, workspace_id), context.clock()
    with writing(context.engine) as session:
        shown = newest if number is None else guides.version(session, workspace_id, number)
        if len(guides.links(session, workspace_id)) >= MOST_LINKS:
            raise UsageError(f"A KPI guide has at most {MOST_LINKS} links. Revoke one first.")
        row, token = secret_links.issue(
            session,
            GuideLink,
            workspace_id=workspace_id,
            name=trimmed,
            language=language,
            number=number,
            created_at=now,
            created_by=actor.person_id,
            expires_at=now + lasts,
        )
        _note(session, actor, "shared KPI guide", shown, now=now, name=trimmed)
        session.commit()
    return row, f"{context.public_url}/guide/{token}"


def revoke(context: Context, workspace_id: int, link_id: int, *, actor: Actor) -> GuideLink:
    """End a link to the guide. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = guides.link(session, workspace_id, link_id)
        row.revoked_at = now
        session.add(row)
        newest = guides.last(session, workspace_id)
        if newest is not None:
            _note(session, actor, "revoked KPI guide link", newest, now=now, name=row.name)
        session.commit()
    return row


def confirm(
    context: Context, workspace_id: int, person_id: int, *, number: int | None = None, actor: Actor
) -> tuple[GuideVersion, bool]:
    """Note that a member has read a version; None: the newest.

    Returns:
        The version, and whether this is new: each member says so once.

    Raises:
        NotFound: no such version, or the person is no member.
    """
    newest, now = current(context, workspace_id), context.clock()
    with writing(context.engine) as session:
        row = newest if number is None else guides.version(session, workspace_id, number)
        if person_id not in people.members(session, workspace_id):
            raise NotFound("Only members of the workspace confirm that they have read its KPI guide.")
        receipt = GuideReceipt(
            id=new_id(), workspace_id=workspace_id, number=row.number, at=now, person_id=person_id
        )
        is_new = guides.receive(session, receipt)
        if is_new:
            _note(session, actor, "read KPI guide", row, now=now)
        session.commit()
    return row, is_new


def confirm_by_link(context: Context, token: str, name: str, *, number: int) -> bool:
    """Note that a reader at a secret address said to have read the version shown there.

    Returns:
        False: this name said so before.

    Raises:
        NotFound: the link is not open.
        UsageError: no name, too many of them, or a newer version is shown by now.
    """
    trimmed, now = " ".join(name.split()), context.clock()
    if not 1 <= len(trimmed) <= 80:
        raise UsageError("Write your name in 1 to 80 characters.")
    with writing(context.engine) as session:
        link, row = guides.by_token(session, token, now=now)
        if row.number != number:
            raise UsageError("A newer version has come meanwhile: read it, and confirm that one.")
        if guides.said_on(session, link.id, number) >= MOST_SAID:
            raise UsageError("Very many have confirmed at this link already. Ask for a link of your own.")
        receipt = GuideReceipt(
            id=new_id(), workspace_id=link.workspace_id, number=number, at=now, link_id=link.id,
            said_by=trimmed,
        )  # fmt: skip
        is_new = guides.receive(session, receipt)
        session.commit()
    return is_new


@dataclass(frozen=True, slots=True)
class Reader:
    """A member, and whether this member has read the version."""

    person_id: int
    name: str
    #: When this member confirmed it; None: not yet.
    read_at: datetime | None
    #: The newest version read before it, 0: none; and since when something newer waits. Only of who has not.
    last_number: int = 0
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody who read by a secret address and typed a name; nobody checked it."""

    name: str
    at: datetime
    #: Whom the link was made for.
    link: str


@dataclass(frozen=True, slots=True)
class Receipts:
    """Who has read a version."""

    number: int
    readers: Sequence[Reader]
    said: Sequence[Said]

    @property
    def read(self) -> int:
        """Members who have."""
        return sum(one.read_at is not None for one in self.readers)


def receipts(session: Session, version: GuideVersion) -> Receipts:
    """Who of the members has read a version and who has not, and who else said to have."""
    where = version.workspace_id
    rows = guides.receipts(session, where, version.number)
    at = {row.person_id: row.at for row in rows if row.person_id is not None}
    before = guides.read_by(session, where)
    names = {row.id: row.name for row in secret_links_of(session, rows)}
    found = []
    for person_id, name in people.members(session, where).items():
        if person_id in at:
            found.append(Reader(person_id, name, at[person_id]))
            continue
        last = before[person_id].number if person_id in before else 0
        since = guides.unread_since(session, where, last) or version.at
        found.append(Reader(person_id, name, None, last, since))
    said = [Said(row.said_by, row.at, names.get(row.link_id or 0, "")) for row in rows if row.link_id]
    return Receipts(version.number, found, said)


def secret_links_of(session: Session, rows: Sequence[GuideReceipt]) -> Sequence[GuideLink]:
    """The links at which receipts were given, also those that were revoked since."""
    ids = {row.link_id for row in rows if row.link_id is not None}
    found = (session.get(GuideLink, link_id) for link_id in ids)
    return [row for row in found if row is not None]


def _note(
    session: Session, actor: Actor, what: str, version: GuideVersion, *, now: datetime, name: str = ""
) -> None:
    record(
        session,
        actor,
        what,
        subject="guide_version",
        subject_id=version.id,
        workspace_id=version.workspace_id,
        now=now,
        after={"version": version.number, **({"name": name} if name else {})},
    )

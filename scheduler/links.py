"""Short links that people make: added, changed, taken away, and the domain that they are printed with."""

import re
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from sqlmodel import Session

from domain.codes import chosen_code, looks_of
from domain.errors import UsageError
from domain.targets import target_address
from scheduler.context import Context
from store import link_domains, links
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import Link
from store.upsert import save_unique

#: Longest note, in characters.
NOTE_LENGTH: Final = 200
_HOST: Final = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]*[a-z0-9]"
)
_TAKEN: Final = (
    "The code {code} is taken, or looks like one that is, also if that link was removed: choose another."
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the short links of a workspace are found."""

    public_url: str
    #: Of the workspace's own link domain; None: links stand below the public address.
    domain: str | None

    def of(self, link: Link) -> str:
        """The whole address of a link."""
        return links.short_url(link, public_url=self.public_url, domain=self.domain)


def addresses(context: Context, session: Session, workspace_id: int) -> Addresses:
    """Where the short links of a workspace are found."""
    domain = link_domains.address(session, workspace_id, public_url=context.public_url)
    return Addresses(context.public_url, domain)


def add_link(
    context: Context, workspace_id: int, target: str, *, code: str = "", note: str = "", actor: Actor
) -> Link:
    """A new short link; without a code, one is drawn at random.

    Raises:
        UsageError: the target or the code will not do, or the code is taken.
    """
    now = context.clock()
    kept_note = _note(note)
    with writing(context.engine) as session:
        where = _target(context, session, workspace_id, target)
        if code.strip():
            link = _chosen(session, workspace_id, where, code, now=now)
        else:
            link = links.new_link(session, workspace_id=workspace_id, target=where, now=now)
        link.note = kept_note
        session.add(link)
        after = {"code": link.code, "target": where, "note": kept_note}
        _record(session, actor, "added link", link, now=now, after=after)
        session.commit()
    return link


def _chosen(session: Session, workspace_id: int, target: str, text: str, *, now: datetime) -> Link:
    code = chosen_code(text)
    looks = looks_of(code)
    otherwise = _TAKEN.format(code=code)
    if links.looks_taken(session, code, looks) is not None:
        raise UsageError(otherwise)
    link = Link(workspace_id=workspace_id, code=code, looks=looks, target=target, created_at=now)
    save_unique(session, link, otherwise=otherwise)  # somebody may have been faster
    return link


def change_link(
    context: Context,
    workspace_id: int,
    link_id: int,
    *,
    target: str | None = None,
    note: str | None = None,
    actor: Actor,
) -> Link:
    """Change where a link leads, or what it is called; None leaves it. Its code never changes.

    Raises:
        NotFound: there is no such link.
        UsageError: the target will not do, or the link was removed.
    """
    now = context.clock()
    with writing(context.engine) as session:
        link = links.lock(session, workspace_id, link_id)
        if link.removed_at is not None:
            raise UsageError(f"The link {link.code} was removed. Restore it first.")
        before = {"target": link.target, "note": link.note}
        if target is not None:
            link.target = _target(context, session, workspace_id, target)
        if note is not None:
            link.note = _note(note)
        after = {"target": link.target, "note": link.note}
        if after != before:
            session.add(link)
            _record(session, actor, "changed link", link, now=now, before=before, after=after)
        session.commit()
    return link


def remove_link(context: Context, workspace_id: int, link_id: int, *, actor: Actor) -> Link:
    """Let a link lead nowhere; its clicks stay, and its code is never given to another.

    Raises:
        NotFound: there is no such link.
        UsageError: it belongs to a post, whose readers would find nothing.
    """
    now = context.clock()
    with writing(context.engine) as session:
        link = links.lock(session, workspace_id, link_id)
        if link.post_id is not None:
            raise UsageError(
                f"The link {link.code} stands in a post, so it stays. Change where it leads instead."
            )
        if link.removed_at is None:
            link.removed_at = now
            session.add(link)
            _record(session, actor, "removed link", link, now=now, after={"target": link.target})
        session.commit()
    return link


def restore_link(context: Context, workspace_id: int, link_id: int, *, actor: Actor) -> Link:
    """Let a removed link lead to its target again. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        link = links.lock(session, workspace_id, link_id)
        if link.removed_at is not None:
            link.removed_at = None
            session.add(link)
            _record(session, actor, "restored link", link, now=now, after={"target": link.target})
        session.commit()
    return link


def set_domain(context: Context, workspace_id: int, text: str, *, actor: Actor) -> str | None:
    """Print the workspace's links with this domain; empty: below the public address again.

    Links that were printed before keep working at both addresses as long as the domain points here.

    Raises:
        UsageError: it is no domain, is the installation's own, or another workspace has it.
    """
    now = context.clock()
    host = _domain(context, text) if text.strip() else None
    with writing(context.engine) as session:
        before = link_domains.host_of(session, workspace_id)
        if host != before:
            link_domains.keep(session, workspace_id, host, now=now)
            record(
                session, actor, "changed link domain", subject="workspace", subject_id=workspace_id,
                workspace_id=workspace_id, now=now, before={"link_domain": before},
                after={"link_domain": host},
            )  # fmt: skip
        session.commit()
    return host


def _domain(context: Context, text: str) -> str:
    typed = text.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/.")
    try:
        host = typed.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host) or _is_address(host):
        raise UsageError(
            f"{typed[:60]!r} is no domain: write a name such as go.example.org, without path or port."
        )
    if host == (urlsplit(context.public_url).hostname or ""):
        raise UsageError(f"{host} is where Tabuh's own pages are: give links a domain of their own.")
    return host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _target(context: Context, session: Session, workspace_id: int, text: str) -> str:
    own = {urlsplit(context.public_url).hostname or "": "/l/"}
    domain = link_domains.host_of(session, workspace_id)
    if domain is not None:
        own[domain] = "/"
    return target_address(text, own=own)


def _note(text: str) -> str | None:
    note = " ".join(text.split())
    if len(note) > NOTE_LENGTH:
        raise UsageError(f"A note has at most {NOTE_LENGTH} characters: shorten it.")
    return note or None


def _record(
    session: Session,
    actor: Actor,
    what: str,
    link: Link,
    *,
    now: datetime,
    after: dict[str, str | None],
    before: dict[str, str | None] | None = None,
) -> None:
    record(
        session, actor, what, subject="link", subject_id=link.id, workspace_id=link.workspace_id, now=now,
        before=before, after=after,
    )  # fmt: skip


def address_of(context: Context, link: Link) -> str:
    """The whole address of one link."""
    with reading(context.engine) as session:
        return addresses(context, session, link.workspace_id).of(link)

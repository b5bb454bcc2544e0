"""Questions and changes about the workspace's own sites."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.web_site import SiteSettings
from store.tables import Site
from store.upsert import save_unique

#: Letters and digits that nobody confuses; 31^12 is 8e17 keys.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
KEY_LENGTH = 12


def hosts(session: Session, workspace_id: int) -> frozenset[str]:
    """The hosts of all sites of a workspace: ASCII, lower case, without port or dot at the end."""
    return frozenset(host for site in listed(session, workspace_id) for host in site.hosts)


def listed(session: Session, workspace_id: int) -> Sequence[Site]:
    """The sites of a workspace that are not removed, by name."""
    query = select(Site).where(col(Site.workspace_id) == workspace_id, col(Site.removed_at).is_(None))
    return session.scalars(query.order_by(col(Site.name), col(Site.id))).all()


def get(session: Session, workspace_id: int, site_id: int) -> Site:
    """The site. Raises `NotFound` when the workspace has none by that number, or it was removed."""
    site = session.get(Site, site_id)
    if site is None or site.workspace_id != workspace_id or site.removed_at is not None:
        raise NotFound(f"There is no site {site_id}. `tabuh site list` shows those there are.")
    return site


def named(session: Session, workspace_id: int, name: str) -> Site:
    """The site by its name, number or key. Raises `NotFound`."""
    for site in listed(session, workspace_id):
        if name.casefold() == site.name.casefold() or name in (str(site.id), site.key):
            return site
    raise NotFound(f"There is no site {name!r}. `tabuh site list` shows those there are.")


def by_key(session: Session, key: str) -> Site | None:
    """The site that its pages name by this key, in whichever workspace; None when there is none."""
    return session.scalar(select(Site).where(col(Site.key) == key, col(Site.removed_at).is_(None)))


def locked(session: Session, keys: Iterable[str]) -> dict[str, Site]:
    """The sites with these keys, held until this transaction ends; unknown keys are left out."""
    query = (
        select(Site)
        .where(col(Site.key).in_(set(keys)), col(Site.removed_at).is_(None))
        .order_by(col(Site.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {site.key: site for site in session.scalars(query)}


def add(
    session: Session,
    workspace_id: int,
    *,
    name: str,
    hosts: Sequence[str],
    settings: SiteSettings,
    now: datetime,
) -> Site:
    """A new site with a fresh key. Raises `UsageError` when the name was taken meanwhile."""
    key = "".join(secrets.choice(_ALPHABET) for _ in range(KEY_LENGTH))
    site = Site(
        workspace_id=workspace_id,
        name=name,
        hosts=list(hosts),
        key=key,
        settings=settings.column(),
        created_at=now,
    )
    save_unique(session, site, otherwise=f"There is a site {name!r} already. Choose another name.")
    return site

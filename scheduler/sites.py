"""Sites of the workspace: what people change about them, and the lines that their pages need."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.errors import UsageError
from domain.web_site import (
    ORDER,
    SiteSettings,
    clean_conversions,
    clean_hosts,
    clean_site_name,
)
from scheduler.context import Context
from store import conversions, sites, workspaces
from store.changes import Actor, record
from store.engine import writing
from store.tables import Site

#: Sites of one workspace.
MOST = 50


def add_site(
    context: Context,
    workspace_id: int,
    name: str,
    *,
    hosts: Iterable[str],
    key_events: Iterable[str] = (ORDER,),
    others: Iterable[str] = (),
    actor: Actor,
) -> Site:
    """A new site; its pages are counted as soon as they load the script.

    Args:
        hosts: of its pages, as names or whole addresses.
        key_events: conversions that count as success.
        others: conversions that are counted apart.

    Raises:
        UsageError: what is wrong with any of these.
    """
    now = context.clock()
    cleaned, found = clean_site_name(name), clean_hosts(hosts)
    settings = clean_conversions(key_events, others)
    with writing(context.engine) as session:
        workspaces.lock(session, workspace_id)
        _check(session, workspace_id, cleaned, found, but=None)
        if len(sites.listed(session, workspace_id)) >= MOST:
            raise UsageError(f"A workspace has at most {MOST} sites. Remove one first.")
        site = sites.add(session, workspace_id, name=cleaned, hosts=found, settings=settings, now=now)
        _note(session, actor, "added site", site, now=now)
        session.commit()
    return site


def change_site(
    context: Context,
    workspace_id: int,
    site_id: int,
    *,
    name: str | None = None,
    hosts: Iterable[str] | None = None,
    key_events: Iterable[str] | None = None,
    others: Iterable[str] | None = None,
    actor: Actor,
) -> Site:
    """Change what is named; the rest stays. Which conversions are key events holds for earlier ones too.

    Raises:
        NotFound: the workspace has no such site.
        UsageError: what is wrong.
    """
    now = context.clock()
    with writing(context.engine) as session:
        workspaces.lock(session, workspace_id)
        site = sites.get(session, workspace_id, site_id)
        before = _shown(site)
        new_name = clean_site_name(name) if name is not None else site.name
        new_hosts = clean_hosts(hosts) if hosts is not None else site.hosts
        _check(session, workspace_id, new_name, new_hosts, but=site.id)
        site.name, site.hosts = new_name, list(new_hosts)
        if key_events is not None or others is not None:
            site.settings = _settings(site, key_events, others).column()
        session.add(site)
        session.flush()
        conversions.mark_keys(session, site)
        if _shown(site) != before:
            _note(session, actor, "changed site", site, now=now, before=before)
        session.commit()
    return site


def _settings(site: Site, key_events: Iterable[str] | None, others: Iterable[str] | None) -> SiteSettings:
    """One list that is not given keeps what the other does not take from it."""
    known = SiteSettings.stored(site.settings).conversions
    keys = list(key_events) if key_events is not None else None
    rest = list(others) if others is not None else None
    if keys is None:
        keys = [name for name, is_key in known.items() if is_key and name not in (rest or ())]
    if rest is None:
        rest = [name for name in known if name not in keys]
    return clean_conversions(keys, rest)


def remove_site(context: Context, workspace_id: int, site_id: int, *, actor: Actor) -> Site:
    """Count nothing more on a site; what was counted stays. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        site = sites.get(session, workspace_id, site_id)
        site.removed_at = now
        session.add(site)
        _note(session, actor, "removed site", site, now=now, before=_shown(site))
        session.commit()
    return site


def _check(session: Session, workspace_id: int, name: str, hosts: Iterable[str], *, but: int | None) -> None:
    """That no other site has the name or one of the hosts."""
    others = [site for site in sites.listed(session, workspace_id) if site.id != but]
    if any(site.name.casefold() == name.casefold() for site in others):
        raise UsageError(f"There is a site {name!r} already. Choose another name.")
    for host in hosts:
        owner = next((site for site in others if host in site.hosts), None)
        if owner is not None:
            raise UsageError(f"{host} belongs to the site {owner.name} already.")


def _note(
    session: Session,
    actor: Actor,
    what: str,
    site: Site,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
) -> None:
    record(
        session, actor, what, subject="site", subject_id=site.id, workspace_id=site.workspace_id, now=now,
        before=before, after=None if site.removed_at else _shown(site),
    )  # fmt: skip


def _shown(site: Site) -> dict[str, Any]:
    settings = SiteSettings.stored(site.settings)
    return {"name": site.name, "hosts": list(site.hosts), "conversions": dict(settings.conversions)}


def snippet(context: Context, site: Site) -> str:
    """The line that each page of the site needs, in its head."""
    return f'<script defer src="{context.public_url}/t.js" data-site="{site.key}"></script>'


#: For pages that call `tabuh` before the script has come; it needs a policy that allows inline scripts.
STUB = "<script>window.tabuh=window.tabuh||function(){(tabuh.q=tabuh.q||[]).push(arguments)}</script>"

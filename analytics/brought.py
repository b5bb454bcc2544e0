"""What single posts brought on the workspace's own sites: conversions, and money."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from analytics.figures import Facts, passport
from domain.catalogue import CATALOGUE
from domain.currencies import to_units
from domain.definition import OWN_SOURCE
from domain.figure import Absence, Basis, Coverage, Figure, Passport
from domain.post_columns import BROUGHT
from domain.sentence import Sentence
from domain.site_figures import WINDOW
from store import people, post_conversions, site_figures

CONVERSIONS, REVENUE = BROUGHT


def brought(
    session: Session, workspace_id: int, facts: Mapping[int, Facts], *, now: datetime
) -> dict[int, dict[str, Figure]]:
    """`BROUGHT` of each of these posts: what people did within 30 days of a click that came last."""
    currency = people.currency(session, workspace_id)
    if not site_figures.has_sites(session, workspace_id):
        return {one: _absent(Sentence("absent.no_site"), now, currency) for one in facts}
    known = post_conversions.of_posts(session, workspace_id, list(facts), currency=currency, window=WINDOW)
    found = {}
    for post_id, one in facts.items():
        if not one.linked:
            found[post_id] = _absent(Sentence("absent.no_link"), now, currency)
            continue
        number, minor = known.get(post_id, (0, 0))
        values = {CONVERSIONS: float(number), REVENUE: to_units(minor, currency)}
        found[post_id] = {key: Figure(values[key], _stamp(key, now, currency, 1)) for key in BROUGHT}
    return found


def numbers(session: Session, workspace_id: int, key: str) -> dict[int, float]:
    """One of `BROUGHT` of every post of a workspace that brought any."""
    currency = people.currency(session, workspace_id)
    known = post_conversions.of_posts(session, workspace_id, None, currency=currency, window=WINDOW)
    place = BROUGHT.index(key)
    return {post_id: float(values[place]) for post_id, values in known.items()}


def _absent(reason: Sentence, now: datetime, currency: str) -> dict[str, Figure]:
    return {key: Figure(None, _stamp(key, now, currency, 0), Absence.NOT_SUPPLIED, reason) for key in BROUGHT}


def _stamp(key: str, now: datetime, currency: str, measured: int) -> Passport:
    stamp = passport(
        CATALOGUE[key], Basis.SINCE_PUBLISHING, sources=[OWN_SOURCE], read=[now] if measured else [],
        coverage=Coverage(measured, 1, 1 - measured),
    )  # fmt: skip
    return replace(stamp, currency=currency) if key == REVENUE else stamp

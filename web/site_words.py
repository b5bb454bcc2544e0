"""Sites and what they bring, as pages show them."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from analytics.funnel import LATE
from analytics.owed import MODELS, Attribution, Share
from domain.currencies import exponent, to_units
from domain.sheet import guarded
from domain.site_figures import WINDOW
from store import site_figures
from store.post_conversions import of_posts, visits_of_posts
from store.tables import Conversion, Workspace
from web.i18n import Voice
from web.i18n import marked as N_

#: The models' names.
TITLES: Mapping[str, str] = {
    "first": N_("First"),
    "last": N_("Last"),
    "linear": N_("Linear"),
    "u_shaped": N_("U-shaped"),
    "time_decay": N_("Time decay"),
    "markov": N_("Markov"),
    "shapley": N_("Shapley"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A conversion of a list."""

    at: datetime
    name: str
    is_refund: bool
    is_key: bool
    order: str
    value: str
    known: bool
    late: bool


def told(row: Conversion, voice: Voice) -> Told:
    """A conversion as a list shows it."""
    return Told(
        at=row.at,
        name=row.name,
        is_refund=row.refund_of is not None,
        is_key=row.is_key and row.refund_of is None,
        order=row.order_ref or row.key,
        value="" if row.minor is None else money(row.minor, row.currency or "", voice),
        known=row.visit_id is not None,
        late=row.arrived_at - row.at > LATE,
    )


def money(minor: int, currency: str, voice: Voice) -> str:
    """``12.5 USD``, as the reader writes numbers."""
    return f"{voice.number(to_units(minor, currency), exponent(currency))} {currency}"


@dataclass(frozen=True, slots=True)
class ShareShown:
    """What a model gives, and where most resampled journeys put it; empty: too few of them."""

    value: str
    range: str


@dataclass(frozen=True, slots=True)
class OwedShown:
    """One row of the table."""

    name: str
    journeys: str
    shares: Mapping[str, ShareShown]


def owed_rows(found: Attribution, voice: Voice) -> list[OwedShown]:
    """The rows of the table, the last of which is what nobody is owed."""

    def shown(share: Share) -> ShareShown:
        ends = (share.low, share.high)
        known = None not in ends
        return ShareShown(
            voice.number(share.value, 2),
            "–".join(voice.number(end or 0, 1) for end in ends) if known else "",
        )

    rows = [
        OwedShown(
            origin(row.name, voice),
            voice.number(row.journeys),
            {model: shown(share) for model, share in row.shares.items()},
        )
        for row in found.rows
    ]
    if found.total:
        rest = ShareShown(voice.number(found.unattributed, 2), "")
        rows.append(OwedShown(voice.gettext("Unattributed"), "", dict.fromkeys(MODELS, rest)))
    return rows


def origin(name: str, voice: Voice) -> str:
    """What is no channel of ours has a name that every language knows, but for these."""
    _ = voice.gettext
    return {"direct": _("Direct"), "links": _("Links without a post"), "utm": _("UTM")}.get(name, name)


def path_rows(found: Attribution, voice: Voice) -> list[Mapping[str, str]]:
    """The ways that people took."""
    return [
        {
            "touches": " → ".join(origin(name, voice) for name in path.touches),
            "converted": voice.number(path.converted),
            "lost": voice.number(path.lost),
            "revenue": f"{voice.number(path.revenue, 2)} {found.currency}" if path.revenue else "–",
        }
        for path in found.paths
    ]


def sheet(found: Attribution) -> Iterator[str]:
    """The table as CSV: one row for each name and model."""
    yield _line(["name", "journeys", "model", "value", "low", "high"])
    for row in found.rows:
        for model, share in row.shares.items():
            yield _line([guarded(row.name), row.journeys, model, share.value, share.low, share.high])
    yield _line(["unattributed", "", "", found.unattributed, "", ""])


def _line(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow("" if cell is None else cell for cell in cells)
    return line.getvalue()


@dataclass(frozen=True, slots=True)
class Brought:
    """What a post brought on own sites, as the reader writes numbers."""

    visits: str
    conversions: str
    revenue: str


def brought(session: Session, workspace: Workspace, post_id: int, voice: Voice) -> Brought | None:
    """What a post brought by the last click; None: the workspace has no site."""
    if not site_figures.has_sites(session, workspace.id):
        return None
    visits = visits_of_posts(session, workspace.id, [post_id]).get(post_id, 0)
    count, minor = of_posts(session, workspace.id, [post_id], currency=workspace.currency, window=WINDOW).get(
        post_id, (0, 0)
    )
    return Brought(voice.number(visits), voice.number(count), money(minor, workspace.currency, voice))

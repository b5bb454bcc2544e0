"""Do the numbers mean what they meant: breaks of platforms, fields, formulas, and what targets rest on."""

from typing import Final

from analytics.audit.asking import Asked, Found, Sample, at
from domain.audit import Finding, Place, PlaceKind, Severity
from domain.catalogue import CATALOGUE
from domain.definition import OWN_SOURCE
from domain.sentence import Amount, Sentence, Unit, Value
from store import audit, kpis
from store.tables import ChannelRow

#: A target whose value rests on fewer of its posts is told.
COVERED: Final = 0.8


def meanings(asked: Asked, drawn: Sample, found: Found) -> None:
    """All checks of this file."""
    for channel in drawn.channels:
        _breaks(asked, channel, found)
        _fields(drawn, channel, found)
    found.looked("meaning", len(drawn.posts), drawn.all_there)
    _targets(asked, found)


def _breaks(asked: Asked, channel: ChannelRow, found: Found) -> None:
    supply = asked.supplies.by_platform.get(channel.platform)
    for one in supply.breaks if supply is not None else ():
        if asked.since.date() <= one.on <= asked.now.date():
            name = CATALOGUE[one.metric].name if one.metric in CATALOGUE else str(one.metric)
            values: dict[str, Value] = {"metric": name, "day": one.on, "what": one.what}
            found.add(
                Finding(
                    rule="meaning",
                    severity=Severity.LOOK,
                    what=Sentence("audit.meaning", values),
                    action=Sentence("audit.do_meaning"),
                    where=at(channel),
                )
            )


def _fields(drawn: Sample, channel: ChannelRow, found: Found) -> None:
    """Posts whose metric was read from one field at first and from another later."""
    mixed: dict[str, dict[int, set[str]]] = {}
    for post in drawn.of(channel):
        fields: dict[str, set[str]] = {}
        for one in drawn.readings.get(post.id, ()):
            if one.source != OWN_SOURCE:
                fields.setdefault(one.metric, set()).add(one.source)
        for metric, names in fields.items():
            if len(names) > 1:
                mixed.setdefault(metric, {})[post.id] = names
    for metric, posts in sorted(mixed.items()):
        values: dict[str, Value] = {
            "metric": CATALOGUE[metric].name if metric in CATALOGUE else metric,
            "count": len(posts),
            "names": tuple(sorted(set().union(*posts.values()))),
        }
        found.add(
            Finding(
                rule="meaning",
                severity=Severity.LOOK,
                what=Sentence("audit.other_field", values),
                action=Sentence("audit.do_meaning"),
                where=at(channel),
                count=len(posts),
                examples=drawn.places(list(posts)),
            )
        )


def _targets(asked: Asked, found: Found) -> None:
    rows = kpis.listed(asked.session, asked.workspace.id)
    values = audit.last_kpi_readings(asked.session, rows)
    found.looked("formula", len(rows))
    found.looked("kpi_coverage", len(values))
    for row in rows:
        where = Place(PlaceKind.KPI, row.id, row.name)
        definition = CATALOGUE.get(row.metric)
        if definition is not None and definition.version != row.formula_version:
            versions: dict[str, Value] = {"was": row.formula_version, "now": definition.version}
            found.add(
                Finding(
                    rule="formula",
                    severity=Severity.LOOK,
                    what=Sentence("audit.formula", versions),
                    action=Sentence("audit.do_formula"),
                    where=where,
                    since=row.created_at,
                )
            )
        last = values.get(row.id)
        if last is not None and last.in_scope and last.measured / last.in_scope < COVERED:
            share = Amount(float(round(100 * last.measured / last.in_scope)), Unit.PERCENT)
            told: dict[str, Value] = {
                "measured": last.measured, "in_scope": last.in_scope, "coverage": share,
            }  # fmt: skip
            found.add(
                Finding(
                    rule="kpi_coverage",
                    severity=Severity.LOOK,
                    what=Sentence("audit.kpi_coverage", told),
                    action=Sentence("audit.do_kpi_coverage"),
                    where=where,
                    count=last.in_scope - last.measured,
                    since=last.at,
                )
            )

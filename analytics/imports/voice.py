"""Mentions, the share of voice among tracked brands, and how many people posts may have reached."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlmodel import Session

from analytics.imports.outcome import Asked, Outcome, of_total
from analytics.intervals import share_of_voice as share
from domain.definition import Definition
from domain.figure import Absence, Coverage
from domain.metrics import Metric
from domain.sentence import Sentence
from store import brands, brought, channels, followed, measuring, mentions
from store.tables import Sharer

#: How many of the followers of somebody who passes a post on see it, in percent: an assumption, not a count.
BAND: Final = {"low": 2, "high": 5, "full": 100}


def _tracked(session: Session, workspace_id: int, definition: Definition) -> list[int]:
    rows = brands.listed(session, workspace_id)
    return [row.id for row in rows if row.is_own or definition.key == "mentions_tracked"]


def counted_mentions(asked: Asked) -> Outcome:
    """Mentions of the own brand, or of all."""
    ids = _tracked(asked.session, asked.workspace_id, asked.definition)
    found = brands.counted_at(asked.session, asked.workspace_id, ids, start=asked.start, end=asked.end)
    every = [one for counted in found.values() for one in counted]
    sources = sorted({source for _at, _number, source in every if source})
    known = brands.source_names(asked.session, asked.workspace_id, ids)
    late = {
        mentions.source_of(row)
        for row in brands.collecting(asked.session, asked.workspace_id, ids)
        if row.mentions_since is not None and row.mentions_since > asked.start
    }
    whole = len([one for one in sources if one not in late])
    outcome = Outcome(coverage=Coverage(whole, len(known | set(sources))), sources=sources)
    return outcome.with_value(float(sum(number for _at, number, _source in every)))


def mention_slices(
    session: Session, definition: Definition, workspace_id: int, *, start: datetime, end: datetime
) -> Sequence[tuple[datetime, float]]:
    """When mentions were, and how many."""
    ids = _tracked(session, workspace_id, definition)
    found = brands.counted_at(session, workspace_id, ids, start=start, end=end)
    return [(at, float(number)) for counted in found.values() for at, number, _source in counted]


def share_of_voice(asked: Asked) -> Outcome:
    """Percent of mentions that are the own brand's, by sources that count every tracked brand.

    A source that counts only some of them would favour those: it is left out, and the coverage says so.
    """
    rows = brands.listed(asked.session, asked.workspace_id)
    names = {
        row.id: brands.source_names(asked.session, asked.workspace_id, [row.id], kinds=True) for row in rows
    }
    common = set.intersection(*map(set, names.values()))
    every = set().union(*names.values())
    found = brands.counted_at(
        asked.session, asked.workspace_id, names, start=asked.start, end=asked.end, kinds=True
    )
    outcome = Outcome(coverage=Coverage(len(common), len(every)), sources=sorted(common))
    if not common:
        return outcome.missing(Absence.NOT_SUPPLIED, Sentence("absent.no_common_source"))
    sums = {
        brand_id: sum(number for _at, number, source in counted if source in common)
        for brand_id, counted in found.items()
    }
    own = sum(sums[row.id] for row in rows if row.is_own)
    whole = sum(sums.values())
    if not whole:
        return outcome.divided(asked.definition, 0, 0)
    told = share(own, whole - own)
    return replace(outcome, below=float(whole)).with_value(
        100 * told.value, (100 * told.lower, 100 * told.upper)
    )


def potential_reach(asked: Asked) -> Outcome:
    """Own followers, and a share of those who follow the people that passed posts on; an estimate."""
    total = brought.total(
        asked.session, Sharer, asked.workspace_id, ["followers"], start=asked.start, end=asked.end
    )
    rows = channels.listed(asked.session, asked.workspace_id)
    last = measuring.last_of_channels(
        asked.session, [row.id for row in rows], Metric.FOLLOWERS, before=asked.end
    )
    outcome = of_total(total, total.rows)
    if not last:
        return outcome.missing(Absence.NOT_MEASURED, Sentence("absent.no_followers"))
    own = sum(row.value for row in last.values())
    read = [*outcome.read, *(row.at for row in last.values())]
    outcome = replace(outcome, read=read, sources=(*outcome.sources, *(row.source for row in last.values())))
    percent = BAND[asked.definition.key.rpartition("_")[2]]
    return outcome.with_value(float(own + round((total.sums["followers"] or 0) * percent / 100)))


def followers_at_publishing(asked: Asked) -> Outcome:
    """The followers that each post's channel had when it went out, added up; an estimate."""
    found = followed.followers_of_published(
        asked.session, asked.workspace_id, start=asked.start, end=asked.end
    )
    read = [at for at in (found.oldest, found.newest) if at is not None]
    outcome = Outcome(coverage=Coverage(found.known, found.posts), sources=found.sources, read=read)
    if not found.posts:
        return outcome.missing(Absence.UNDEFINED, Sentence("absent.no_posts"))
    if not found.known:
        return outcome.missing(Absence.NOT_MEASURED, Sentence("absent.no_followers"))
    return outcome.with_value(float(found.total))

"""Where each metric comes from on each platform, and since when: the adapters' maps as data."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from domain.breaks import Break
from domain.content import DeliveryClass
from domain.definition import AT_LINKS, OF_PAGES, OWN_SOURCE
from domain.errors import UsageError
from domain.metrics import Metric
from publishers.base import Publisher
from publishers.metric_map import breaks_of
from publishers.registry import adapter, platforms


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One field of a platform that is, or was, a metric."""

    platform: str
    title: str
    metric: Metric
    #: The platform's own field; ``tabuh``: counted here; None: counted from what the platform lists.
    field: str | None
    #: The first day on which it is given, and the first on which it no longer is; None: no such day.
    since: date | None = None
    until: date | None = None
    #: What people read on the platform itself, where it is another word than ours.
    word: str = ""
    note: str = ""


def sources(names: Iterable[str] | None = None) -> list[Source]:
    """What these platforms give (all there are, if not said), by platform, in the order of their maps."""
    return [source for kind in _kinds(names) for source in _of(kind)]


def behind(needs: Collection[Metric], given: Iterable[Source]) -> list[Source]:
    """Where metrics come from that a figure needs, on the platforms that give, or gave, all of them."""
    found = [one for one in given if one.metric in needs]
    by_platform: dict[str, set[Metric]] = {}
    for one in found:
        by_platform.setdefault(one.platform, set()).add(one.metric)
    return [one for one in found if by_platform[one.platform] >= set(needs)]


def breaks(names: Iterable[str] | None = None) -> list[Break]:
    """The days on which numbers of these platforms changed their meaning, oldest first."""
    found = (one for kind in _kinds(names) for one in breaks_of(kind))
    return sorted(found, key=lambda one: (one.on, one.platform, one.metric))


def _kinds(names: Iterable[str] | None) -> Iterable[type[Publisher]]:
    for name in platforms() if names is None else names:
        try:
            yield adapter(name)
        except (UsageError, ImportError):  # the package that brought it is gone
            continue


def _of(kind: type[Publisher]) -> Iterable[Source]:
    able = kind.capabilities
    given = able.post_metrics | able.channel_metrics
    mapped = [*kind.post_map, *kind.channel_map]
    for one in mapped:
        # Clicks and the like are ours to count, whatever a platform calls by that name.
        if one.metric not in AT_LINKS:
            yield Source(
                platform=kind.platform, title=kind.title, metric=one.metric, field=one.field,
                since=one.since, until=one.until, word=one.word, note=one.note,
            )  # fmt: skip
    local = able.delivery is DeliveryClass.LOCAL
    here = AT_LINKS | (OF_PAGES if local else frozenset())
    for metric in Metric:
        if metric in here:
            yield Source(platform=kind.platform, title=kind.title, metric=metric, field=OWN_SOURCE)
        elif metric in given and metric not in {one.metric for one in mapped}:
            yield Source(platform=kind.platform, title=kind.title, metric=metric, field=None)

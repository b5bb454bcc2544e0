"""What each channel, route or platform is owed of the conversions, by all models side by side.

No model proves a cause: each only says how a rule shares what happened. The intervals are of the journeys
(bootstrap, 95 %): how much the shares would move had other people of the same kind come.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import numpy as np
from sqlmodel import Session

from analytics.attribution import (
    Credit,
    Journey,
    Touches,
    first_touch,
    last_touch,
    linear,
    markov,
    shapley,
    time_decay,
    u_shaped,
)
from analytics.journeys import Way, lost, ways
from domain.currencies import to_units
from domain.visits import SourceKind
from store import channels, people, routes
from store.journeys import Touch

Array = np.ndarray[Any, np.dtype[np.float64]]
#: Models in the order in which people meet them.
MODELS: Final = ("first", "last", "linear", "u_shaped", "time_decay", "markov", "shapley")
#: Fewer converted journeys than this say nothing about how much they would vary.
LEAST: Final = 10
_RESAMPLES: Final = 200
_SEED: Final = 20_261_122
_DAY: Final = timedelta(days=1)
#: Ways that are listed.
_PATHS: Final = 20


class OwedBy(StrEnum):
    """What conversions are owed to."""

    CHANNEL = "channel"
    ROUTE = "route"
    PLATFORM = "platform"


class What(StrEnum):
    """What is shared."""

    CONVERSIONS = "conversions"
    REVENUE = "revenue"


@dataclass(frozen=True, slots=True)
class Share:
    """What a model gives one of them, in conversions or units of the currency."""

    value: float
    #: 95 % of resampled journeys; None: too few journeys.
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Owed:
    """One row of the table."""

    name: str
    #: Journeys that it was part of.
    journeys: int
    shares: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Path:
    """One way that people took."""

    touches: Touches
    converted: int
    lost: int
    #: In units of the workspace's currency.
    revenue: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """The whole table, and how much of what happened it speaks of."""

    rows: Sequence[Owed]
    paths: Sequence[Path]
    #: Conversions, or money, without a known visit within the window.
    unattributed: float
    total: float
    #: Conversions in all, and those with a known way.
    conversions: int
    known: int
    #: Known ways of visitors who allowed an id; the others are seen for one day only.
    consented: int
    #: Conversions whose value is in another currency, which is not counted.
    other_currency: int
    currency: str


@dataclass(frozen=True, slots=True)
class _Converted:
    touches: Touches
    ages: tuple[float, ...]
    weight: float
    #: Of what was given back, nothing happened but the loss of its worth.
    is_refund: bool


def attribution(
    session: Session,
    workspace_id: int,
    *,
    start: datetime,
    end: datetime,
    window: timedelta,
    by: OwedBy = OwedBy.CHANNEL,
    what: What = What.CONVERSIONS,
) -> Attribution:
    """Share what happened in [start, end) by every model; visits at most ``window`` before count."""
    currency = people.workspace(session, workspace_id).currency
    named = _namer(session, workspace_id, by)
    found = ways(session, workspace_id, start=start, end=end, window=window)
    sold = [way for way in found if not way.ended.is_refund]
    counted = sold if what is What.CONVERSIONS else [way for way in found if way.ended.currency == currency]
    weights = {way.ended.id: _weight(way, what, currency) for way in counted}
    known = [way for way in counted if way.touches]
    converted = [_converted(way, named, weights[way.ended.id]) for way in known]
    nothing = Counter(
        tuple(named(touch) for touch in touches)
        for touches in lost(session, workspace_id, found, start=start, end=end)
    )
    total = math.fsum(weights.values())
    return Attribution(
        rows=_rows(converted, nothing),
        paths=_paths(sold, nothing, named, currency),
        unattributed=total - math.fsum(one.weight for one in converted),
        total=total,
        conversions=len(sold),
        known=sum(bool(way.touches) for way in sold),
        consented=sum(bool(way.touches) and (way.ended.visitor or "").startswith("v:") for way in sold),
        other_currency=sum(way.ended.minor is not None and way.ended.currency != currency for way in sold),
        currency=currency,
    )


def _weight(way: Way, what: What, currency: str) -> float:
    return 1.0 if what is What.CONVERSIONS else to_units(way.ended.minor or 0, currency)


def _converted(way: Way, named: Callable[[Touch], str], weight: float) -> _Converted:
    ages = tuple((way.ended.at - touch.at) / _DAY for touch in way.touches)
    touches = tuple(named(touch) for touch in way.touches)
    return _Converted(touches, ages, weight, way.ended.is_refund)


def _namer(session: Session, workspace_id: int, by: OwedBy) -> Callable[[Touch], str]:
    """How a visit's origin is called: the channel, route or platform, else what the visit itself said."""
    rows = {row.id: row for row in channels.listed(session, workspace_id)}
    made = {row.id: row.name for row in routes.listed(session, workspace_id)}

    def name(touch: Touch) -> str:
        channel = rows.get(touch.channel_id or 0)
        if by is OwedBy.ROUTE and touch.route_id in made:
            return made[touch.route_id]
        if by is OwedBy.PLATFORM and channel is not None:
            return channel.platform
        if channel is not None:
            return channel.name
        match touch.kind:
            case SourceKind.CLICK:
                return "links"
            case SourceKind.UTM | SourceKind.REFERRER:
                return touch.source or touch.medium or "utm"
        return "direct"

    return name


def _rows(converted: Sequence[_Converted], nothing: Counter[Touches]) -> list[Owed]:
    names = sorted({name for one in converted for name in one.touches})
    if not names:
        return []
    credits = _credits(converted, names)
    times = np.ones(len(converted))
    whole = _shares(credits, converted, times, nothing, names)
    drawn = _resampled(credits, converted, nothing, names)
    part_of = Counter(name for one in converted if not one.is_refund for name in set(one.touches))
    rows = []
    for place, name in enumerate(names):
        shares = {
            model: Share(float(whole[model][place]), *(drawn[model][place] if drawn else (None, None)))
            for model in MODELS
        }
        rows.append(Owed(name, part_of[name], shares))
    return sorted(rows, key=lambda row: (-row.shares["last"].value, row.name))


def _credits(converted: Sequence[_Converted], names: Sequence[str]) -> dict[str, Array]:
    """Journeys by names, for each model that looks at one journey at a time: what each gets of its worth."""
    place = {name: number for number, name in enumerate(names)}
    found = {model: np.zeros((len(converted), len(names))) for model in (*_ALONE, "time_decay")}
    for number, one in enumerate(converted):
        credits = {model: share([Journey(one.touches, 1.0)]) for model, share in _ALONE.items()}
        for model, credit in (*credits.items(), ("time_decay", time_decay(one.touches, one.ages))):
            for name, part in credit.items():
                found[model][number, place[name]] = part * one.weight
    return found


_ALONE: Final[Mapping[str, Callable[[Sequence[Journey]], Credit]]] = {
    "first": first_touch,
    "last": last_touch,
    "linear": linear,
    "u_shaped": u_shaped,
    "shapley": shapley,
}


def _shares(
    credits: Mapping[str, Array],
    converted: Sequence[_Converted],
    times: Array,
    nothing: Mapping[Touches, int],
    names: Sequence[str],
) -> dict[str, Array]:
    """Every model's shares when each journey happened so many ``times``."""
    chain = _by_chain(converted, times, nothing)
    return {
        **{model: times @ matrix for model, matrix in credits.items()},
        "markov": np.array([chain.get(name, 0.0) for name in names]),
    }


def _by_chain(converted: Sequence[_Converted], times: Array, nothing: Mapping[Touches, int]) -> Credit:
    """By removal effects of the chain of all journeys, in proportion to which the whole is shared."""
    numbers: Counter[Touches] = Counter()
    worth = 0.0
    for one, number in zip(converted, times, strict=True):
        numbers[one.touches] += 0 if one.is_refund else int(number)
        worth += one.weight * float(number)
    journeys = [
        Journey(touches, numbers[touches], nothing.get(touches, 0))
        for touches in {**numbers, **nothing}
        if numbers[touches] or nothing.get(touches)
    ]
    credit = markov(journeys).credit if journeys else {}
    total = math.fsum(credit.values())
    if not total:  # nothing but refunds: no chain leads anywhere
        return linear([Journey(one.touches, one.weight) for one in converted])
    return {name: worth * share / total for name, share in credit.items()}


def _resampled(
    credits: Mapping[str, Array],
    converted: Sequence[_Converted],
    nothing: Mapping[Touches, int],
    names: Sequence[str],
) -> dict[str, list[tuple[float, float]]]:
    """The middle 95 % of each share over resampled journeys; empty: too few to say."""
    if len(converted) < LEAST:
        return {}
    random = np.random.default_rng(_SEED)
    paths = list(nothing)
    numbers = np.array([1] * len(converted) + [nothing[path] for path in paths], dtype=float)
    drawn: dict[str, list[Array]] = defaultdict(list)
    for _ in range(_RESAMPLES):
        times = random.multinomial(int(numbers.sum()), numbers / numbers.sum()).astype(float)
        left = {path: int(n) for path, n in zip(paths, times[len(converted) :], strict=True) if n}
        for model, shares in _shares(credits, converted, times[: len(converted)], left, names).items():
            drawn[model].append(shares)
    found = {model: np.quantile(np.array(shares), (0.025, 0.975), axis=0) for model, shares in drawn.items()}
    return {
        model: [(float(low), float(high)) for low, high in zip(*ends, strict=True)]
        for model, ends in found.items()
    }


def _paths(
    sold: Sequence[Way], nothing: Counter[Touches], named: Callable[[Touch], str], currency: str
) -> list[Path]:
    """The ways that led to most conversions, then those that most people took."""
    numbers: Counter[Touches] = Counter()
    worth: dict[Touches, float] = defaultdict(float)
    for way in sold:
        if way.touches:
            touches = tuple(named(touch) for touch in way.touches)
            numbers[touches] += 1
            if way.ended.currency == currency:
                worth[touches] += to_units(way.ended.minor or 0, currency)
    order = sorted({**numbers, **nothing}, key=lambda path: (-numbers[path], -nothing[path], path))
    return [Path(path, numbers[path], nothing[path], worth[path]) for path in order[:_PATHS]]

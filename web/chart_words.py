"""What charts say in words: the gist for who cannot see the picture, and the rows of the table beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from web.i18n import Voice

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Usual:
    """What posts of a channel usually have at one age: the middle one, and where the middle half lies."""

    age: timedelta
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where a KPI will be on a day, with its 80 % interval."""

    day: date
    low: float
    middle: float
    high: float


def amount(value: float | None, voice: Voice) -> str:
    """A number for a table, or the words that it is not there."""
    return voice.gettext("not measured") if value is None else voice.number(value, 2)


def growth_gist(
    metric: str, points: Sequence[tuple[timedelta, float]], usual: Sequence[Usual], voice: Voice
) -> str:
    """The last point, and where it lies in what is usual at that age."""
    _ = voice.gettext
    age, value = points[-1]
    have = _(
        "After %(age)s: %(value)s %(metric)s.",
        age=voice.interval(age),
        value=voice.number(value, 1),
        metric=metric,
    )
    same_age = next((one for one in usual if one.age == age), None)
    if same_age is None:
        return have + " " + _("There are too few measured posts to say what is usual.")
    if value > same_age.high:
        place = _("That is more than usual")
    elif value < same_age.low:
        place = _("That is less than usual")
    else:
        place = _("That is within the usual range")
    limits = _(
        "(%(low)s to %(high)s).", low=voice.number(same_age.low, 1), high=voice.number(same_age.high, 1)
    )
    return f"{have} {place} {limits}"


def compared_gist(
    metric: str, runs: Sequence[tuple[str, Sequence[tuple[timedelta, float]]]], voice: Voice
) -> str:
    """Who leads at the oldest age that all have."""
    common = set.intersection(*({age for age, _value in run} for _name, run in runs))
    if not common:
        return voice.gettext("%(metric)s: these posts were never read at the same age.", metric=metric)
    age = max(common)
    ranked = sorted(((dict(run)[age], name) for name, run in runs), key=lambda one: -one[0])
    listed = "; ".join(f"{name}: {voice.number(value, 1)}" for value, name in ranked)
    return voice.gettext(
        "%(metric)s after %(age)s: %(posts)s.", metric=metric, age=voice.interval(age), posts=listed
    )


def growth_rows(points: Sequence[tuple[timedelta, float]], usual: Sequence[Usual], voice: Voice) -> Rows:
    """One row for each age that either series knows."""
    own, others = dict(points), {one.age: one for one in usual}
    rows = []
    for age in sorted({*own, *others}):
        row = others.get(age)
        band = (row.middle, row.low, row.high) if row else (None, None, None)
        rows.append((voice.interval(age), *(amount(value, voice) for value in (own.get(age), *band))))
    return tuple(rows)


def short(value: float, voice: Voice) -> str:
    """A number with as many decimals as help: two below ten, one above."""
    return voice.number(value, 2 if abs(value) < 10 else 1)


def path_gist(
    actual: Sequence[tuple[date, float]],
    expected: Sequence[tuple[date, float]],
    target: float,
    deadline: date,
    voice: Voice,
) -> str:
    """Today's value against the target and against what was expected by today."""
    _ = voice.gettext
    goal = {"target": short(target, voice), "deadline": voice.date(deadline)}
    if not actual:
        return _("Nothing is measured yet; the target is %(target)s by %(deadline)s.", **goal)
    day, value = actual[-1]
    words = _(
        "On %(day)s: %(value)s of %(target)s, which is due by %(deadline)s.",
        day=voice.date(day),
        value=short(value, voice),
        **goal,
    )
    due = dict(expected).get(day)
    if due is None:
        return words
    return words + " " + _("Expected by then: %(expected)s.", expected=short(due, voice))


def path_rows(
    actual: Sequence[tuple[date, float]],
    expected: Sequence[tuple[date, float]],
    forecast: Sequence[Forecast],
    voice: Voice,
) -> Rows:
    """One row for each day that any series knows; the forecast with its interval."""
    was, due, will = dict(actual), dict(expected), {one.day: one for one in forecast}
    rows = []
    for day in sorted({*was, *due, *will}):
        row = [voice.date(day), _or_nothing(was.get(day), voice), _or_nothing(due.get(day), voice)]
        if forecast:
            row.append(_spread(will[day], voice) if day in will else "–")
        rows.append(tuple(row))
    return tuple(rows)


def bars_gist(metric: str, days: Sequence[tuple[date, float | None]], voice: Voice) -> str:
    """The highest and the lowest measured day; never a sum, since reach cannot be added up."""
    found = [(day, value) for day, value in days if value is not None]
    if not found:
        return voice.gettext("%(metric)s: nothing was measured in this period.", metric=metric)
    most, least = max(found, key=lambda one: one[1]), min(found, key=lambda one: one[1])
    return voice.gettext(
        "%(metric)s by day: most on %(most_day)s (%(most)s), least on %(least_day)s (%(least)s).",
        metric=metric,
        most_day=voice.date(most[0]),
        most=voice.number(most[1], 1),
        least_day=voice.date(least[0]),
        least=voice.number(least[1], 1),
    )


def heat_gist(metric: str, cells: Mapping[tuple[int, int], float], voice: Voice) -> str:
    """The best hour of the week, and how many hours are known at all."""
    (day, hour), best = max(cells.items(), key=lambda one: one[1])
    return voice.gettext(
        "%(metric)s by hour of the week: highest on %(day)s from %(hour)s (%(value)s). "
        "%(known)s of 168 hours are known.",
        metric=metric,
        day=voice.weekday(day, "wide"),
        hour=voice.hour(hour),
        value=voice.number(best, 2),
        known=voice.number(len(cells)),
    )


def _or_nothing(value: float | None, voice: Voice) -> str:
    return "–" if value is None else short(value, voice)


def _spread(one: Forecast, voice: Voice) -> str:
    middle, low, high = (short(value, voice) for value in (one.middle, one.low, one.high))
    return f"{middle} ({low}–{high})"

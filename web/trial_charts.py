"""The picture of an experiment: what each arm does against the first, with its interval."""

from domain.catalogue import CATALOGUE
from domain.trial import Trial, TrialContrast
from web.charts import Chart, Spec, spec_of
from web.i18n import Voice
from web.said import said

#: The picture ends here, in percent: wider intervals are cut, and the table has their ends.
_WIDEST = 400.0
#: Height of an arm with its gap, and of what is around them, in CSS pixels.
_BAR, _AROUND = 44, 56
#: Letters of an arm's name beside its bar.
_NAME = 24


def effects_chart(trial: Trial, voice: Voice) -> Chart | None:
    """The effect of each arm in percent with its interval; None: there is nothing to compare yet."""
    if not trial.contrasts:
        return None
    _ = voice.gettext
    metric, first = said(voice, CATALOGUE[trial.metric].name), trial.arms[0].name
    title = _("%(metric)s against %(arm)s, in percent", metric=metric, arm=first)
    values = [
        {"arm": trial.arms[one.arm - 1].name[:_NAME], "value": min(one.effect, _WIDEST),
         "low": one.low, "high": min(one.high, _WIDEST)}
        for one in trial.contrasts
    ]  # fmt: skip
    y: Spec = {"field": "arm", "type": "nominal", "sort": None, "title": None,
               "axis": {"grid": False, "labelLimit": 150, "ticks": False, "domain": False}}  # fmt: skip
    axis = {"title": None, "tickCount": 5, "domain": False, "ticks": False,
            "labelExpr": "(datum.value > 0 ? '+' : '') + format(datum.value, ',.0f') + '%'"}  # fmt: skip
    x: Spec = {"field": "value", "type": "quantitative", "axis": axis}
    reach: Spec = {
        "mark": {"type": "bar", "style": "band", "height": 14},
        "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
    }
    middle: Spec = {"mark": {"type": "point", "style": "beat"}, "encoding": {"x": x, "y": y}}
    none: Spec = {
        "data": {"values": [{"value": 0}]},
        "mark": {"type": "rule", "style": "target"},
        "encoding": {"x": x},
    }
    spec = spec_of(data={"values": values}, layer=[reach, none, middle])
    spec |= {"height": _BAR * len(values) + _AROUND}
    head = (_("Arm"), _("Effect"), _("at least"), _("at most"), _("Chance that it is better"))
    return Chart(
        title, _gist(trial, voice), spec, head, tuple(_row(trial, one, voice) for one in trial.contrasts)
    )


def _gist(trial: Trial, voice: Voice) -> str:
    told = [
        voice.gettext(
            "%(arm)s: %(effect)s, between %(low)s and %(high)s.",
            arm=trial.arms[one.arm - 1].name,
            effect=signed_percent(one.effect, voice),
            low=signed_percent(one.low, voice),
            high=signed_percent(one.high, voice),
        )
        for one in trial.contrasts
    ]
    return " ".join(told)


def _row(trial: Trial, one: TrialContrast, voice: Voice) -> tuple[str, ...]:
    ends = (signed_percent(each, voice) for each in (one.effect, one.low, one.high))
    return (trial.arms[one.arm - 1].name, *ends, chance_text(one.chance, voice))


def signed_percent(value: float, voice: Voice) -> str:
    """``+23%`` or ``−12%``; what is above 10,000 % is cut."""
    kept = min(value, 10_000.0)
    return f"{voice.signed(kept, 0 if abs(kept) >= 10 else 1)}%"


def chance_text(chance: float, voice: Voice) -> str:
    """In whole percent, never 0 or 100."""
    return voice.percent(min(0.99, max(0.01, chance)), 0)

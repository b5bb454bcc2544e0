"""`tabuh kpi add` and `tabuh kpi check`: a target, judged by five checks and its own past."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import kpi_options as options
from cli.kpis import document as kpi_document
from cli.kpis import standing_of
from cli.kpis import text as kpi_text
from cli.opening import opened
from cli.printing import Json, show

if TYPE_CHECKING:
    from analytics.judging import Judgement
    from cli.opening import Opened
    from domain.kpi import NewKpi

ADD = "Set a target; it is refused with every reason when a check fails, and saved against warnings."
CHECK = "What five checks and the own past say of a target; nothing is stored. Exit 1: it would be refused."
_LANGUAGE = "en"
_MARKS = {"passed": "ok  ", "warned": "warn", "failed": "FAIL"}


def add_or_check(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="How to call it; left out: a name is proposed.")] = "",
    *,
    metric: options.Metric = None,
    window: options.Window = None,
    target: options.Target = None,
    at_most: options.AtMost = False,
    channel: options.Channel = None,
    route: options.Route = None,
    feed: options.Feed = None,
    every: options.EveryWord = "once",
    start: options.Start = None,
    deadline: options.Deadline = None,
    baseline: options.Baseline = None,
    baseline_from: options.BaselineFrom = None,
    baseline_to: options.BaselineTo = None,
    baseline_source: options.Source = "",
    zone: options.Zone = None,
    why: options.Why = "",
    goal: options.Goal = "",
    audience: options.Audience = "",
    owner: options.Owner = None,
    cadence: options.Cadence = "",
    alert: options.Alert = "at_risk",
    as_json: Json = False,
) -> None:
    """Judge a target, and add it when the command's name says so."""
    typed = {key: value for key, value in locals().items() if key not in ("context", "name", "as_json")}
    saves = context.info_name == "add"
    with opened(context) as tabuh:
        asked = metric is None or target is None
        if asked:
            name = _asked(tabuh, name, typed)
        new = _named(tabuh, name, typed)
        if not saves or asked:
            _judge(tabuh, new, as_json=as_json, asks=saves and asked)
        if saves:
            _save(tabuh, new, as_json=as_json)


def _asked(tabuh: "Opened", name: str, typed: dict[str, Any]) -> str:
    """Ask step by step for what the options leave open; the name that was chosen."""
    from cli.kpi_asking import ask
    from domain.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("Say --metric and --target, or call it in a terminal to be asked step by step.")
    return ask(tabuh, name, typed)


def _named(tabuh: "Opened", name: str, typed: dict[str, Any]) -> "NewKpi":
    """What is asked for; without a name it gets the one that leaves nothing out."""
    from dataclasses import replace

    from scheduler.kpis import check_kpi

    new = options.asked_for(tabuh, name or "?", typed)
    if name:
        return new
    judged = check_kpi(tabuh.context, tabuh.workspace.id, new)
    return replace(new, name=judged.names.get(_LANGUAGE, ""))


def _judge(tabuh: "Opened", new: "NewKpi", *, as_json: bool, asks: bool) -> None:
    from scheduler.kpis import check_kpi

    judged = check_kpi(tabuh.context, tabuh.workspace.id, new)
    if asks:
        show({}, text(judged), as_json=False)
        if not judged.refused:
            typer.confirm("Save it?", default=True, abort=True, err=True)
        return
    show(document(judged), text(judged), as_json=as_json)
    if judged.refused:
        raise typer.Exit(1)


def _save(tabuh: "Opened", new: "NewKpi", *, as_json: bool) -> None:
    from scheduler.kpis import add_kpi

    add_kpi(tabuh.context, tabuh.workspace.id, new, actor=tabuh.actor)
    standing = standing_of(tabuh, new.name.strip())
    warned = [f"  {one['check']}: {one['said']}" for one in standing.kpi.warned or ()]
    lines = ["Saved against warnings; see: tabuh kpi check", *warned] if warned else []
    show(kpi_document(standing), "\n".join([kpi_text(standing), *lines]), as_json=as_json)


def document(judged: "Judgement") -> dict[str, Any]:
    """A judgement as JSON tells it."""
    from domain.sentences import say
    from domain.smart import NAMES

    seen = judged.attainability
    return {
        "refused": judged.refused,
        "sentence": say(judged.sentence) if judged.sentence else None,
        "baseline": judged.baseline,
        "checks": [
            {
                "check": check.letter,
                "name": NAMES[check.letter].said(_LANGUAGE),
                "verdict": check.verdict,
                "reasons": [say(reason) for reason in check.reasons],
                "mend": say(check.mend) if check.mend else None,
            }
            for check in judged.checks
        ],
        "naming": [say(finding) for finding in judged.naming],
        "names": judged.names,
        "weeks": seen.weeks if seen else None,
        "chance": seen.chance if seen else None,
        "low": seen.low if seen else None,
        "middle": seen.middle if seen else None,
        "high": seen.high if seen else None,
        "even": seen.even if seen else None,
        "bold": seen.bold if seen else None,
        "periods": [
            {"first": span.first, "last": span.last, "chance": chance} for span, chance in seen.periods
        ]
        if seen
        else [],
        "similar": [
            {"first": one.span.first, "last": one.span.last, "value": one.value} for one in seen.similar
        ]
        if seen
        else [],
    }


def text(judged: "Judgement") -> str:
    """A judgement in sentences."""
    from domain.sentences import say
    from domain.smart import NAMES

    lines = [say(judged.sentence)] if judged.sentence else []
    for check in judged.checks:
        first, *others = [say(reason) for reason in check.reasons]
        lines.append(f"{_MARKS[check.verdict]} {NAMES[check.letter].said(_LANGUAGE)}: {first}")
        lines += [f"     {other}" for other in others]
        if check.mend:
            lines.append(f"     -> {say(check.mend)}")
    if judged.naming and judged.names:
        lines.append(f"Proposed name: {judged.names[_LANGUAGE]}")
    return "\n".join(lines)

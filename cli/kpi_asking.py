"""The steps of a target in a terminal: from the goal to the alert rule, each with what can be chosen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from cli.opening import Opened


def ask(tabuh: "Opened", name: str, typed: dict[str, Any]) -> str:
    """Ask for what the options leave open, put the answers into ``typed``, and return the name.

    What is asked goes to standard error; an empty answer takes what is proposed.
    """
    from domain.goals import GOALS
    from domain.kpi import CADENCE_DAYS, AlertRule
    from domain.period import Every

    if not typed["goal"]:
        goals = [(key, goal.name.en) for key, goal in GOALS.items() if key != "own"]
        typed["goal"] = _choice("What does the business want? A number, or your own words", goals, free=True)
    typed["audience"] = typed["audience"] or _line("Whom is it about?")
    if not any(typed[kind] for kind in ("channel", "route", "feed")):
        typed["channel"] = _line("On which channel? Empty: the whole workspace") or None
    typed["metric"] = typed["metric"] or _metric(tabuh, typed)
    _show_lately(tabuh, typed)
    typed["target"] = typed["target"] or _line("How much? 5000 or 2.5% to reach, +20% or -10% to change by")
    if typed["target"][:1] in ("+", "-") and typed["baseline"] is None and typed["baseline_from"] is None:
        typed["baseline_from"] = _line("Baseline: first day of your own data, such as 2026-10-01") or None
        typed["baseline_to"] = _line("Baseline: last day") or None
    every, looks, rules = ([(str(one), "") for one in known] for known in (Every, CADENCE_DAYS, AlertRule))
    typed["every"] = _choice("How often is it due?", every, default=typed["every"])
    typed["deadline"] = typed["deadline"] or _line("Last day that counts, such as 2027-03-31") or None
    typed["cadence"] = typed["cadence"] or _choice("How often does its owner look?", looks, default="weekly")
    typed["alert"] = _choice("When to tell somebody?", rules, default=typed["alert"])
    return name or _line("How to call it? Empty: a name is proposed")


def _line(question: str) -> str:
    answer: str = typer.prompt(question, default="", show_default=False, err=True)
    return answer.strip()


def _choice(question: str, known: Sequence[tuple[str, str]], *, default: str = "", free: bool = False) -> str:
    """One of the keys, by its number or itself; with ``free`` any words."""
    keys = [key for key, _ in known]
    for number, (key, words) in enumerate(known, start=1):
        typer.echo(f"  {number}  {key}{f': {words}' if words else ''}", err=True)
    while True:
        answer: str = typer.prompt(question, default=default, show_default=bool(default), err=True).strip()
        if answer.isdigit() and 1 <= int(answer) <= len(keys):
            return keys[int(answer) - 1]
        if answer in keys or free or not answer:
            return answer
        typer.echo(f"There is no {answer!r} here.", err=True)


def _metric(tabuh: "Opened", typed: dict[str, Any]) -> str:
    """One that the scope supplies, those that speak of the goal first; the others with the reason."""
    from analytics.offered import offered
    from cli.kpi_options import goal_of, scope_of
    from domain.sentences import say
    from scheduler.measuring import supplies
    from store.engine import reading

    scope = scope_of(tabuh, typed["channel"], typed["route"], typed["feed"])
    with reading(tabuh.engine) as session:
        able = supplies(tabuh.context, session, tabuh.workspace.id)
        now, (goal, _) = tabuh.context.clock(), goal_of(typed["goal"])
        found = offered(session, tabuh.workspace.id, scope, supplies=able, goal=goal, now=now)
    for entry, reasons in found.unable:
        typer.echo(f"  -  {entry.name.en}: {' '.join(say(reason) for reason in reasons)}", err=True)
    return _choice("Which figure?", [(str(entry.key), entry.name.en) for entry in found.able])


def _show_lately(tabuh: "Opened", typed: dict[str, Any]) -> None:
    """What the figure was over the last four weeks, so that nobody aims in the dark."""
    from analytics.offered import lately
    from cli.kpi_options import scope_of
    from cli.printing import amount
    from domain.catalogue import definition
    from domain.sentences import say
    from scheduler.measuring import supplies
    from store.engine import reading

    scope = scope_of(tabuh, typed["channel"], typed["route"], typed["feed"])
    entry = definition(typed["metric"])
    with reading(tabuh.engine) as session:
        able = supplies(tabuh.context, session, tabuh.workspace.id)
        figure = lately(session, tabuh.workspace.id, entry, scope, supplies=able, now=tabuh.context.clock())
    if figure.value is not None:
        typer.echo(f"  In the last 4 weeks: {amount(figure.value, entry.unit)}", err=True)
    elif figure.reason is not None:
        typer.echo(f"  In the last 4 weeks: {say(figure.reason)}", err=True)

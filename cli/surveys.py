"""`tabuh survey`: one question behind a short link."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.opening import opened
from cli.printing import Json, count, pairs, show, table, when

if TYPE_CHECKING:
    from cli.opening import Opened
    from scheduler.surveys import Tally

app = typer.Typer(no_args_is_help=True, help="Surveys of one question: CSAT or NPS, behind a short link.")

Which = Annotated[str, typer.Argument(metavar="SURVEY", help="Its name.")]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="How to call it.")],
    *,
    kind: Annotated[
        Literal["csat", "nps"], typer.Option(help="csat asks for 1 to 5, nps for 0 to 10.")
    ] = "csat",
    question: Annotated[str, typer.Option(help="Left out: the usual one, in the reader's language.")] = "",
    closes: Annotated[str | None, typer.Option(metavar="DATE", help="Last day to answer.")] = None,
    as_json: Json = False,
) -> None:
    """Ask a question; its page needs no script and no sign-in."""
    from scheduler.surveys import add_survey

    with opened(context) as tabuh:
        row = add_survey(
            tabuh.context, tabuh.workspace.id, name=name, kind=kind, question=question,
            closes_on=_day(closes), actor=tabuh.actor,
        )  # fmt: skip
        found = document(tabuh, row.name)
        show(found, f"People answer at {found['address']}", as_json=as_json)


def _day(text: str | None) -> date | None:
    from domain.errors import UsageError

    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise UsageError(f"Cannot read the day {text!r}. Write it as 2026-12-31.") from None


@app.command("list")
def list_surveys(context: typer.Context, as_json: Json = False) -> None:
    """All surveys, newest first."""
    from store import surveys
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            names = [row.name for row in surveys.listed(session, tabuh.workspace.id)]
        found = [document(tabuh, name) for name in names]
        drawn = table(
            ["Survey", "Kind", ">Opened", ">Answered", ">Rate", ">Score", "State", "Address"],
            (
                (one["name"], one["kind"], one["opened"], one["answered"], _percent(one["rate"]), _score(one),
                 "open" if one["open"] else "closed", one["address"])
                for one in found
            ),
            empty="No surveys yet. Ask: tabuh survey add NAME --kind nps",
        )  # fmt: skip
        show(found, drawn, as_json=as_json)


@app.command("show")
def show_survey(context: typer.Context, survey: Which, as_json: Json = False) -> None:
    """One survey: how many opened and answered it, each answer's number, the score with its interval."""
    with opened(context) as tabuh:
        one = document(tabuh, survey)
        about = pairs(
            [
                ("Survey", one["name"]),
                ("Question", one["question"] or "the usual one"),
                ("Address", one["address"]),
                ("State", "open" if one["open"] else "closed"),
                ("Last moment", when(one["closes_at"], tabuh.workspace.zone)),
                ("Opened by", count(one["opened"], "person", "people")),
                ("Answered", f"{one['answered']:,} ({_percent(one['rate'])})"),
                ("Score", _score(one)),
            ]
        )
        drawn = table(["Answer", ">Times"], one["scores"].items(), empty="")
        show(one, about, "\n", drawn, as_json=as_json)


@app.command()
def link(
    context: typer.Context,
    survey: Which,
    number: Annotated[int, typer.Option("--count", help="How many.")] = 1,
    as_json: Json = False,
) -> None:
    """Personal links: each takes one answer, such as one for every receipt."""
    from scheduler.surveys import personal_links
    from store import surveys
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = surveys.named(session, tabuh.workspace.id, survey)
        found = personal_links(tabuh.context, row, number)
        show({"links": found}, "\n".join(found), as_json=as_json)


@app.command()
def close(context: typer.Context, survey: Which, as_json: Json = False) -> None:
    """Take no more answers; those given stay."""
    from scheduler.surveys import close_survey
    from store import surveys
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = surveys.named(session, tabuh.workspace.id, survey)
        close_survey(tabuh.context, tabuh.workspace.id, row.id, actor=tabuh.actor)
        show(document(tabuh, survey), f"Closed {survey}.", as_json=as_json)


def document(tabuh: "Opened", name: str) -> dict[str, Any]:
    """A survey as JSON tells it."""
    from scheduler.surveys import address, is_open, tally
    from store import surveys
    from store.engine import reading

    with reading(tabuh.engine) as session:
        row = surveys.named(session, tabuh.workspace.id, name)
    found = tally(tabuh.context, tabuh.workspace.id, row.id)
    names = ("id", "name", "kind", "code", "question", "opened", "closes_at", "created_at", "closed_at")
    return {
        **{one: getattr(row, one) for one in names},
        "address": address(tabuh.context, row),
        "open": is_open(row, tabuh.context.clock()),
        "answered": found.answered,
        "rate": found.rate,
        "score": found.score.value if found.score else None,
        "interval": [found.score.lower, found.score.upper] if found.score else None,
        "scores": _spread(found),
    }


def _spread(found: "Tally") -> dict[str, int]:
    from scheduler.surveys import SCORES

    least, most = SCORES[found.survey.kind]
    return {str(score): found.scores.get(score, 0) for score in range(least, most + 1)}


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}%"


def _score(one: dict[str, Any]) -> str:
    if one["score"] is None:
        return "–"
    low, high = one["interval"]
    unit = "%" if one["kind"] == "csat" else ""
    return f"{one['score']:.0f}{unit} ({low:.0f} to {high:.0f})"

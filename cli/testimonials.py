"""`tabuh testimonial`: what people said of you."""

from typing import Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, one_line, show, table, when

app = typer.Typer(no_args_is_help=True, help="What people said of you, with their consent.")

Number = Annotated[int, typer.Argument(metavar="TESTIMONIAL", help="From: tabuh testimonial list")]


@app.command()
def add(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What was said.")],
    *,
    link: Annotated[str, typer.Option(help="Where it can be read.")] = "",
    name: Annotated[str, typer.Option(help="Who said it; only with --consent.")] = "",
    consent: Annotated[bool, typer.Option("--consent", help="That person agreed to be named.")] = False,
    source: Annotated[str, typer.Option(help="Where it was said.")] = "",
    positive: Annotated[
        bool | None, typer.Option("--positive/--negative", help="Left out: judge it later.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a testimonial down."""
    from scheduler.testimonials import add_testimonial

    with opened(context) as tabuh:
        row = add_testimonial(
            tabuh.context, tabuh.workspace.id, text=text, link=link, rater=name, consent=consent,
            source=source, positive=positive, actor=tabuh.actor,
        )  # fmt: skip
        show(document(row), f"Added testimonial {row.id}.", as_json=as_json)


@app.command("list")
def list_testimonials(context: typer.Context, as_json: Json = False) -> None:
    """All testimonials, newest first."""
    from scheduler.testimonials import listed

    with opened(context) as tabuh:
        rows = listed(tabuh.context, tabuh.workspace.id)
        drawn = table(
            ["Testimonial", "When", "Who", "Judged", "Source", "Text"],
            (
                (row.id, when(row.at, tabuh.workspace.zone)[:10], row.rater or "", _judged(row.is_positive),
                 row.source, one_line(row.text))
                for row in rows
            ),
            empty="No testimonials yet. Add one: tabuh testimonial add TEXT",
        )  # fmt: skip
        show([document(row) for row in rows], drawn, as_json=as_json)


@app.command()
def judge(
    context: typer.Context,
    number: Number,
    *,
    positive: Annotated[bool, typer.Option("--positive/--negative", help="Whether it speaks well of you.")],
    as_json: Json = False,
) -> None:
    """Say whether it speaks well of you: only those that do are counted."""
    from scheduler.testimonials import judge as decide

    with opened(context) as tabuh:
        row = decide(tabuh.context, tabuh.workspace.id, number, positive=positive, actor=tabuh.actor)
        show(document(row), f"Testimonial {row.id} is {_judged(row.is_positive)}.", as_json=as_json)


def _judged(positive: bool | None) -> str:
    return {True: "positive", False: "negative", None: "not yet"}[positive]


def document(row: Any) -> dict[str, Any]:
    """A testimonial as JSON tells it."""
    names = ("id", "text", "link", "rater", "is_positive", "source", "at")
    return {name: getattr(row, name) for name in names}

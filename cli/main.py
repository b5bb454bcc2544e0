"""The `tabuh` command: all commands under one name, and one sentence for whatever goes wrong."""

import os
import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from cli import (
    alert_deliveries,
    alert_settings,
    alert_trying,
    alerts,
    approvals,
    attribution,
    audits,
    backups,
    benchmarks,
    brands,
    business,
    calendars,
    channel_template,
    channels,
    connectors,
    conversions,
    daemon,
    demo,
    evergreens,
    experiments,
    feed_changing,
    feed_health,
    feed_lists,
    feeds,
    guides,
    held,
    imports,
    kpi_adding,
    kpi_changing,
    kpi_why,
    kpis,
    ledger,
    links,
    past_posts,
    pausing,
    people,
    platforms,
    post_next,
    posts,
    queues,
    reports,
    routes,
    rules,
    secret,
    sites,
    slots,
    statistics,
    statistics_breakdown,
    statistics_views,
    status,
    surveys,
    testimonials,
    ticking,
    webhooks,
    wishes,
)
from cli.printing import clean, show, write
from domain.errors import TabuhError, UsageError

#: Exit codes: done, failed, wrong use.
DONE, FAILED, MISUSED = 0, 1, 2

app = typer.Typer(
    name="tabuh",
    help="From feeds to the right slot on each channel, measured and held against targets. "
    "Without a command: up.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

channels.app.command("rules")(rules.channel_rules)
kpis.app.command("add", help=kpi_adding.ADD)(kpi_adding.add_or_check)
kpis.app.command("check", help=kpi_adding.CHECK)(kpi_adding.add_or_check)
kpis.app.command("edit")(kpi_changing.edit)
kpis.app.command("history")(kpi_changing.history)
kpis.app.command("comment")(kpi_changing.comment)
kpis.app.add_typer(guides.app, name="guide")
kpis.app.command("variance")(kpi_why.variance)
statistics.app.command("breakdown")(statistics_breakdown.breakdown)
statistics.app.command("attribution")(attribution.attribution)
channels.app.command("plan")(rules.channel_plan)
channels.app.command("template")(channel_template.template)
for _named, _told in (
    ("settings", alert_settings.settings),
    ("test", alert_deliveries.try_all),
    ("deliveries", alert_deliveries.deliveries),
    ("try", alert_trying.try_series),
):
    alerts.app.command(_named)(_told)
statistics.app.add_typer(statistics_views.views_app, name="view")
posts.app.command("note")(post_next.note)
posts.app.command("repeat")(post_next.repeat)
posts.app.command("follow-up")(post_next.follow_up)
posts.app.command("wish")(wishes.wish)
posts.app.command("import")(past_posts.import_posts)
routes.app.command("rules")(rules.route_rules)
for _verb in (feed_health.health, feed_changing.access, feed_changing.agent, feed_changing.move,
              feed_changing.remove):  # fmt: skip
    feeds.app.command()(_verb)
feeds.app.command("import")(feed_lists.import_feeds)
feeds.app.command("export")(feed_lists.export_feeds)
for _noun, _verbs in (
    ("feed", held.feeds),
    ("route", routes.app),
    ("channel", channels.app),
    ("post", posts.app),
    ("queue", queues.app),
    ("calendar", calendars.app),
    ("evergreen", evergreens.app),
    ("experiment", experiments.app),
    ("approval", approvals.app),
    ("site", sites.app),
    ("conversion", conversions.app),
    ("slots", slots.app),
    ("link", links.app),
    ("import", imports.app),
    ("benchmark", benchmarks.app),
    ("business", business.app),
    ("survey", surveys.app),
    ("brand", brands.app),
    ("testimonial", testimonials.app),
    ("connector", connectors.app),
    ("kpi", kpis.app),
    ("report", reports.app),
    ("stats", statistics.app),
    ("alert", alerts.app),
    ("webhook", webhooks.app),
    ("platform", platforms.app),
    ("person", people.app),
    ("token", people.tokens),
    ("secret", secret.app),
):
    app.add_typer(_verbs, name=_noun)
for _command in (
    daemon.up,
    ticking.tick,
    demo.demo,
    audits.audit,
    ledger.ledger,
    pausing.pause,
    pausing.resume,
    status.status,
    status.health,
    backups.backup,
    backups.restore,
    backups.hold,
):
    app.command()(_command)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        write(f"tabuh {version('tabuh')}\n")
        raise typer.Exit


@app.callback()
def program(
    context: typer.Context,
    data_dir: Annotated[
        Path | None, typer.Option(help="In place of TABUH_DATA_DIR.", show_default=False)
    ] = None,
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning or error.", show_default=False)
    ] = None,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Keep the flags of the program for the command that follows; without one, run the service."""
    context.obj = {"data_dir": data_dir, "log_level": log_level}
    if context.invoked_subcommand is None:
        daemon.up(context)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code.

    0: done. 1: it failed. 2: it was used wrongly. A failure is one sentence on standard error,
    and with ``--json`` also the one document on standard output. Tracebacks are shown at the log
    level debug only. 130: interrupted.
    """
    # What is learned needs many small matrices: threads for one of them would only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    given = list(sys.argv[1:] if arguments is None else arguments)
    os.umask(0o077)  # database, key and backups are their owner's alone
    try:
        answer = get_command(app).main(given, prog_name="tabuh", standalone_mode=False)
    except TabuhError as error:
        return _fail(given, type(error).__name__, str(error), code=_code(error))
    except typer.TyperException as error:
        return _misused(given, error)
    except typer.Abort:
        return _fail(given, "Aborted", "Nothing was done.", code=FAILED)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return _unexpected(given, error)
    return answer if isinstance(answer, int) else DONE


def _code(error: TabuhError) -> int:
    return MISUSED if isinstance(error, UsageError) else FAILED


def _misused(given: Sequence[str], error: typer.TyperException) -> int:
    text = error.format_message()
    context = getattr(error, "ctx", None)
    if not text.strip():  # a noun without a verb: its help is shown already
        return MISUSED
    hint = f" See: {context.command_path} --help" if context is not None else ""
    ended = text if text[-1] in ".?!" else f"{text}."
    return _fail(given, "UsageError", f"{ended}{hint}", code=MISUSED)


def _unexpected(given: Sequence[str], error: Exception) -> int:
    if "debug" in (os.environ.get("TABUH_LOG_LEVEL", "").lower(), *_log_level(given)):
        traceback.print_exception(error)
    match error:
        case OSError() if error.strerror:
            named = f" ({error.filename})" if error.filename else ""
            said = f"The system refused: {error.strerror}{named}."
        case _ if type(error).__module__.startswith("sqlalchemy"):
            said = f"The database refused: {str(getattr(error, 'orig', error)).splitlines()[0]}."
        case _:
            said = f"Tabuh itself failed ({type(error).__name__})."
    return _fail(given, type(error).__name__, f"{said} Set TABUH_LOG_LEVEL=debug to see where.", code=FAILED)


def _log_level(given: Sequence[str]) -> list[str]:
    """What ``--log-level`` said, in either spelling."""
    spaced = [after for before, after in pairwise(given) if before == "--log-level"]
    return spaced + [part.partition("=")[2] for part in given if part.startswith("--log-level=")]


def _fail(given: Sequence[str], kind: str, sentence: str, *, code: int) -> int:
    typer.echo(f"error: {clean(sentence)}", err=True)
    if "--json" in given:
        show({"error": {"kind": kind, "sentence": sentence, "exit_code": code}}, as_json=True)
    return code


if __name__ == "__main__":
    sys.exit(main())

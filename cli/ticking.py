"""`tabuh tick`: one round of the service's work."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import Opened, opened_with, settings_of
from cli.printing import Json, count, show
from cli.running import INTERRUPTED, beat, look_after_alerts, stopped_by_signals

if TYPE_CHECKING:
    from threading import Event

#: Seconds: nobody's turn at a server is further away.
_LONGEST_TURN = 600


def tick(
    context: typer.Context,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Go on until nothing is due, also what this work made due.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Do what is due now and exit; for cron, in place of a service that runs all the time."""
    with opened_with(settings_of(context), works=True) as tabuh:
        done, posts = _work(tabuh, until_idle=until_idle)
        told = ", ".join(f"{count(number, kind)} looked at" for kind, number in done.items() if number)
        became = ", ".join(f"{number:+,} {state}" for state, number in posts.items())
        text = "; ".join(filter(None, (told, f"posts: {became}" if became else ""))) or "Nothing was due."
        show({"handled": done, "posts": posts}, text, as_json=as_json)


def _forget(tabuh: Opened) -> None:
    """Destroy the secrets of days that are over."""
    from store import salts
    from store.engine import writing

    with writing(tabuh.engine) as session:
        salts.destroy_ended(session, now=tabuh.context.clock())
        session.commit()


def _work(tabuh: Opened, *, until_idle: bool) -> tuple[dict[str, int], dict[str, int]]:
    """Rows handled by kind, and by how much the number of posts in each state changed."""
    from scheduler.kinds import KINDS
    from scheduler.ticks import Runner
    from scheduler.worker import PublishingWorker

    look_after_alerts(tabuh)
    beat(tabuh)
    _forget(tabuh)
    before = _states(tabuh)
    worker = PublishingWorker(tabuh.context, width=tabuh.settings.workers)
    runners = {kind.name: Runner(tabuh.context, kind) for kind in KINDS}
    done = dict.fromkeys(runners, 0)

    def stop() -> None:
        worker.stop()
        for runner in runners.values():
            runner.cease()

    with stopped_by_signals(stop) as stopping:
        while True:
            handled = {name: runner.drain() for name, runner in runners.items()}
            done = {name: done[name] + number for name, number in handled.items()}
            worked = worker.run_until_idle() + sum(handled.values())
            if not until_idle or stopping.is_set():
                break
            if not worked and not _turn_comes(tabuh, stopping):
                break
        for runner in runners.values():
            runner.stop()
        worker.stop()
        worker.run()  # returns at once, and gives its threads back
    if stopping.is_set():
        raise typer.Exit(INTERRUPTED)
    after = _states(tabuh)
    return done, {state: after[state] - before[state] for state in after if after[state] != before[state]}


def _turn_comes(tabuh: Opened, stopping: "Event") -> bool:
    """Wait for feeds whose server is asked one at a time; whether one is due now."""
    from scheduler.politeness import ITS_TURN
    from store import feeds
    from store.engine import reading

    with reading(tabuh.engine) as session:
        turn_at = feeds.next_at_because(session, ITS_TURN)
    if turn_at is None:
        return False
    wait = (turn_at - tabuh.context.clock()).total_seconds()
    return wait < _LONGEST_TURN and not stopping.wait(max(0.0, wait))


def _states(tabuh: Opened) -> Mapping[str, int]:
    from store import posts
    from store.engine import reading

    with reading(tabuh.engine) as session:
        counts = posts.counts_by_state(session, tabuh.workspace.id)
    return {str(state): number for state, number in counts.items()}

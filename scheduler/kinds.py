"""The kinds of due rows that the clockwork looks for, each with its handler; posts have their own worker."""

from datetime import timedelta
from typing import Any

from scheduler.connectors.keeping import read_connector
from scheduler.experimenting import judge_when_due
from scheduler.handing_over import hand_over
from scheduler.hubs import ask_hub
from scheduler.kpis import evaluate_kpi, in_rounds
from scheduler.measuring import in_batches, measure
from scheduler.polling import look_at, looks
from scheduler.recycling import recycle
from scheduler.releasing import release
from scheduler.reporting import plan_reports, write_report
from scheduler.ticks import Kind
from scheduler.upkeep import look_after
from scheduler.watching import watch
from store.tables import (
    ChannelRow,
    Connector,
    Evergreen,
    Experiment,
    Feed,
    HubSubscription,
    Kpi,
    Measurement,
    ReportPlan,
    ReportRow,
    Route,
    Telling,
    Watch,
)

#: KPIs that are evaluated together: enough to share what they look at, and soon written down.
_ROUND = 1_000
#: Each lease is at least twice the longest handling, so that only a dead worker's rows come due again.
KINDS: tuple[Kind[Any], ...] = (
    Kind(
        "feed", Feed, look_at, every=timedelta(seconds=1), lease=timedelta(minutes=5), width=64, prepare=looks
    ),
    Kind(
        "measurement",
        Measurement,
        measure,
        every=timedelta(seconds=5),
        lease=timedelta(minutes=15),
        width=4,
        ahead=10,  # posts of one channel that are due together are read with one request
        prepare=in_batches,
    ),
    Kind("channel", ChannelRow, look_after, every=timedelta(seconds=10), lease=timedelta(minutes=5), width=2),
    Kind("route", Route, release, every=timedelta(seconds=10), lease=timedelta(minutes=5), width=1),
    Kind("evergreen", Evergreen, recycle, every=timedelta(seconds=10), lease=timedelta(minutes=5), width=1),
    Kind(
        "experiment",
        Experiment,
        judge_when_due,
        every=timedelta(seconds=30),
        lease=timedelta(minutes=5),
        width=1,
    ),
    Kind("hub", HubSubscription, ask_hub, every=timedelta(seconds=5), lease=timedelta(minutes=5), width=2),
    Kind(
        "kpi",
        Kpi,
        evaluate_kpi,
        every=timedelta(seconds=10),
        lease=timedelta(minutes=5),
        width=1,
        ahead=_ROUND,
        prepare=in_rounds,
    ),
    Kind(
        "connector",
        Connector,
        read_connector,
        every=timedelta(minutes=1),
        lease=timedelta(minutes=15),
        width=1,
    ),
    Kind("watch", Watch, watch, every=timedelta(seconds=10), lease=timedelta(minutes=10), width=1),
    Kind("telling", Telling, hand_over, every=timedelta(seconds=2), lease=timedelta(minutes=5), width=4),
    Kind(
        "report_plan",
        ReportPlan,
        plan_reports,
        every=timedelta(seconds=30),
        lease=timedelta(minutes=5),
        width=1,
    ),
    Kind("report", ReportRow, write_report, every=timedelta(seconds=2), lease=timedelta(minutes=10), width=1),
)

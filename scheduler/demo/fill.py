"""Writes a simulated year into an empty database, all of it in one transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from sqlmodel import Session

from domain.metrics import Metric
from publishers.base import Publisher
from scheduler.context import Context
from scheduler.demo import rows
from scheduler.demo.cast import CHANNELS, OWNER
from scheduler.demo.followers import Counts, followers
from scheduler.demo.passing import page_counts
from scheduler.demo.planning import Plan, Planned, planned_year
from scheduler.demo.reactions import Readers
from scheduler.demo.sending import Sender, fingerprint
from scheduler.demo.stage import Stage, set_up

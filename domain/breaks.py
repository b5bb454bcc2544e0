"""Days on which a platform's number changed its meaning: figures never join both sides of one silently."""

from dataclasses import dataclass
from datetime import date

from domain.metrics import Metric
from domain.sentence import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """From this day on (UTC), the platform's number means something else than before."""

    platform: str
    metric: Metric
    on: date
    #: The platform's fields on both sides; the same where only the meaning changed.
    before: str
    after: str
    what: Words

"""Who opened the page itself, not one of its posts, hour by hour."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.metrics import Audience
from scheduler.demo.audience import poisson
from scheduler.demo.cast import CHANNELS
from scheduler.demo.reactions import Readers, hour_of_week
from scheduler.demo.year import LENGTH, Year

#: Views an hour, and how many of them come from outside.
_VIEWS, _FROM_OUTSIDE = 5.0, 0.6
_BY_PROGRAMS, _BY_UNKNOWN = 0.8, 0.12

#: Start of an hour, kind, audience, how often.
Passing = tuple[datetime, str, str, int]


def page_counts(year: Year, readers: Readers) -> Iterator[Passing]:
    """Every hour's views and visits; hours without any are left out."""
    [page] = (cast for cast in CHANNELS if cast.platform == "page")
    rng, activity = year.rng("passing"), readers.crowds[page.key].activity
    for number in range(LENGTH.days * 24):
        hour = year.start + timedelta(hours=number)
        mean = _VIEWS * activity[int(hour_of_week(hour, page.zone))] * readers.popularity(hour)
        views = poisson(rng, mean)
        visits = sum(rng.random() < _FROM_OUTSIDE for _ in range(views))
        for kind, audience, shown in (
            ("views", Audience.HUMAN, views),
            ("visits", Audience.HUMAN, visits),
            ("views", Audience.BOT, poisson(rng, _BY_PROGRAMS)),
            ("views", Audience.UNKNOWN, poisson(rng, _BY_UNKNOWN)),
        ):
            if shown:
                yield hour, kind, str(audience), shown

"""Which metric a click or a view counts for, by who is behind it."""

from collections.abc import Mapping

from domain.metrics import Audience, Metric

#: The metric that a click of each audience counts for.
CLICK_METRICS: Mapping[str, Metric] = {
    Audience.HUMAN: Metric.CLICKS,
    Audience.BOT: Metric.CLICKS_BOT,
    Audience.UNKNOWN: Metric.CLICKS_UNKNOWN,
}
#: The metric that a page count of each kind and audience counts for; the others have none.
PAGE_METRICS: Mapping[tuple[str, str], Metric] = {
    ("impressions", Audience.HUMAN): Metric.IMPRESSIONS,
    ("views", Audience.HUMAN): Metric.VIEWS,
    ("views", Audience.BOT): Metric.VIEWS_BOT,
    ("views", Audience.UNKNOWN): Metric.VIEWS_UNKNOWN,
    ("visits", Audience.HUMAN): Metric.VISITS,
}

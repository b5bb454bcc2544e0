"""Views of the list of published posts, read as filters."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.period import day_start
from domain.post import Sender
from domain.post_filters import NATIVE, OURS, THREAD, Origin
from domain.post_view import PostView
from domain.rules import Kind
from store.values import Filters, one_of


def filters_of(view: PostView, zone: str, *, now: datetime) -> Filters:
    """What a view restricts; its days are those of a zone."""
    where = ZoneInfo(zone)
    first, last = view.since, view.until
    if view.days is not None and first is None and last is None:
        first = now.astimezone(where).date() - timedelta(days=view.days - 1)
    return Filters(
        channel_ids=one_of(view.channel_id),
        platforms=_words(view.platform),
        route_ids=one_of(view.route_id),
        feed_ids=one_of(view.feed_id),
        author_ids=one_of(view.author_id),
        campaigns=_words(view.campaign),
        tags=_words(view.tag),
        kinds=frozenset() if view.kind in (None, THREAD) else frozenset({Kind(view.kind)}),
        threads=view.kind == THREAD,
        languages=_words(view.language),
        origins=origins_of(view.origin),
        senders=senders_of(view.origin),
        experiment_ids=one_of(view.experiment_id),
        weekdays=one_of(view.weekday),
        hours=one_of(view.hour),
        text=(view.text or "").strip() or None,
        start=day_start(first, where) if first else None,
        end=day_start(last + timedelta(days=1), where) if last else None,
    )


def origins_of(origin: str | None) -> frozenset[Origin]:
    """Who or what made the posts, where that is said."""
    return frozenset() if origin in (None, OURS, NATIVE) else frozenset({Origin(origin)})


def senders_of(origin: str | None) -> frozenset[Sender]:
    """Who put the posts on their platform, where that is said."""
    return (
        frozenset({Sender.TABUH if origin == OURS else Sender.NATIVE})
        if origin in (OURS, NATIVE)
        else frozenset()
    )


def _words(word: str | None) -> frozenset[str]:
    return frozenset({word} if word else ())

"""Counting what readers see, after they have got their answer: it neither slows nor breaks a page.

A post that is opened by itself counts as one impression and one view, so that clicks never
outnumber impressions for want of counting.
"""

from collections.abc import Sequence

import structlog
from fastapi import Request
from starlette.background import BackgroundTask

from domain.audience import audience_of, came_from_outside, referrer_host
from domain.metrics import Audience
from store.engine import writing
from store.traffic import WHOLE_PAGE, Shown, count_shown
from web.deps import WebContext

log = structlog.get_logger()


def page_shown(request: Request, web: WebContext, channel_id: int, post_ids: Sequence[int]) -> BackgroundTask:
    """Count one view of a channel's page, and an impression of each post on it."""
    kinds = [("views", WHOLE_PAGE), *(("impressions", post_id) for post_id in post_ids)]
    return BackgroundTask(_count, request, web, channel_id, kinds)


def post_shown(request: Request, web: WebContext, channel_id: int, post_id: int) -> BackgroundTask:
    """Count one view and one impression of a post on its own page."""
    return BackgroundTask(_count, request, web, channel_id, [("views", post_id), ("impressions", post_id)])


def _count(request: Request, web: WebContext, channel_id: int, kinds: Sequence[tuple[str, int]]) -> None:
    """``kinds`` begins with the view: what was opened is where a visit begins."""
    if request.method == "HEAD":  # nothing was shown
        return
    try:
        audience = audience_of(request.method, request.headers)
        if audience is Audience.HUMAN and _from_outside(request, web):
            kinds = [*kinds, ("visits", kinds[0][1])]
        now = web.context.clock()
        shown = [Shown(channel_id, post_id, kind, audience, now) for kind, post_id in kinds]
        with writing(web.context.engine) as session:
            count_shown(session, shown)
            session.commit()
    except Exception:
        log.exception("count_failed", channel_id=channel_id)


def _from_outside(request: Request, web: WebContext) -> bool:
    own = {referrer_host(address) for address in (web.public_url, f"http://{request.headers.get('host')}")}
    return came_from_outside(request.headers.get("referer"), frozenset(host for host in own if host))

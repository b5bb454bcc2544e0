"""The statistics of one published post: as it went out, its growth, its clicks, and how it was delivered."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from analytics.post_sheet import first_line
from analytics.posts import PostStatistics, post_statistics
from domain.catalogue import CATALOGUE
from domain.content import content_from
from domain.errors import TabuhError
from domain.metrics import Audience
from scheduler.context import Context
from scheduler.measuring import supplies
from store import queue
from store.tables import ChannelRow, Post
from web.api.base import RowId
from web.auth import MaySee
from web.deps import Reading, Web, page_context, show, voice_of
from web.drawing import Figure
from web.figures import all_shown, shown
from web.i18n import Voice
from web.pages.charts import STORE
from web.post_words import platform_title
from web.said import said
from web.statistics import click_chart, curve_keys, freshness, growth_chart, headline
from web.typed import Typed

router = APIRouter(include_in_schema=False)


@router.get("/statistics/posts/{post_id}")
def one_post(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    web: Web,
    session: Reading,
    me: MaySee,
    post_id: RowId,
    curve: Annotated[Typed, Query(max_length=40)] = "",
) -> Response:
    """Everything that is known of one published post."""
    voice, now = voice_of(request), page_context(request).now
    able = supplies(web.context, session, me.workspace.id)
    found = post_statistics(session, me.workspace.id, post_id, supplies=able, now=now)
    post, channel = found.line.post, found.line.channel
    assert post.published_at is not None
    figures = all_shown(found.line.figures, voice)
    keys = curve_keys(found, voice)
    chosen = next((key for key, _ in keys if key == curve), keys[0][0] if keys else "")
    clicks = click_chart(found, voice, now=now)
    return show(
        request,
        "pages/statistics_post.html",
        post=post,
        channel=channel,
        platform=platform_title(web.context, channel.platform, voice),
        text=as_published(web.context, post, channel),
        content=content_from(post.content),
        title=first_line(post),
        age=voice.interval(now - post.published_at),
        headline=headline(found, voice),
        there=[one for one in figures if not one.missing],
        absent=[one for one in figures if one.missing],
        growth=_growth(found, chosen, voice),
        curves=keys,
        curve=chosen,
        clicks=found.clicks,
        humans=found.clicks.by_audience[Audience.HUMAN],
        click_total=sum(found.clicks.by_audience.values()),
        click_chart=STORE.place(clicks, language=voice.language) if clicks else None,
        siblings=_siblings(web.context, found, voice),
        attempts=[
            (one, said(voice, (one.outcome or "").replace("_", " ")), said(voice, one.detail or ""))
            for one in found.attempts
        ],
        measurement=found.line.measurement,
        fresh=freshness(found.line.measurement, voice, now=now),
        origin=queue.origin(session, post),
        late=said(voice, post.late_reason) if post.late_reason else "",
    )


def as_published(context: Context, post: Post, channel: ChannelRow) -> str:
    """The words as they were sent; what the author wrote, where the payload cannot be read any more."""
    try:
        sent = context.publisher(channel).text_of(post.payload) if post.payload else ""
    except (TabuhError, LookupError, TypeError):  # written by another release of the adapter
        sent = ""
    return sent or content_from(post.content).text


def _growth(found: PostStatistics, key: str, voice: Voice) -> Figure | None:
    if not key:
        return None
    chart = growth_chart(key, found.curves[key], found.usual.get(key), voice)
    return STORE.place(chart, language=voice.language)


def _siblings(context: Context, found: PostStatistics, voice: Voice) -> list[dict[str, Any]]:
    """The other posts of the story, each with the first count that it has."""
    made = []
    for one in found.siblings:
        there = (one.figures[key] for key in ("engagement", "views", "clicks") if key in one.figures)
        figure = next((each for each in there if each.value is not None), None)
        made.append(
            {
                "post": one.post,
                "channel": one.channel.name,
                "platform": platform_title(context, one.channel.platform, voice),
                "figure": shown(figure, voice) if figure else None,
                "label": said(voice, CATALOGUE[figure.key].name).lower() if figure else "",
            }
        )
    return made

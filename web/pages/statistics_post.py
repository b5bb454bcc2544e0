"""The statistics of one published post: as it went out, its growth, its clicks, and how it was delivered."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from analytics.funnel import Step, funnel
from analytics.post_sheet import first_line
from analytics.posts import PostStatistics, Sibling, post_statistics
from domain.catalogue import CATALOGUE
from domain.content import content_from
from domain.errors import TabuhError
from domain.metrics import Audience
from domain.person import Permission
from scheduler.context import Context
from scheduler.measuring import supplies
from store import answers, changes, notes, pages, people, queue, site_figures
from store.site_figures import Of
from store.tables import ChannelRow, Post
from web.api.base import RowId
from web.auth import MaySee
from web.charts import Chart
from web.deps import Reading, Web, page_context, show, voice_of
from web.downloads import Wanted, makes
from web.drawing import Figure
from web.figures import all_shown, shown
from web.i18n import Voice
from web.pages.charts import STORE
from web.post_words import acts_there, platform_title
from web.said import said
from web.site_words import brought
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
    with answers.kept(session):  # several parts of the page look at the same rows
        able = supplies(web.context, session, me.workspace.id)
        found = post_statistics(session, me.workspace.id, post_id, supplies=able, now=now)
        post, channel = found.line.post, found.line.channel
        assert post.published_at is not None
        values = {
            "age": voice.interval(now - post.published_at),
            "there_acts": acts_there(web.context, post, channel, me),
            "may_edit": me.may(Permission.EDIT),
            "sites": brought(session, me.workspace, post.id, voice),
            **_about(web.context, session, found, voice, now=now),
            **_figures(found, voice, curve),
            **_clicked(found, voice, now=now),
            **_told(web.context, session, found, voice, now=now),
        }
    return show(request, "pages/statistics_post.html", **values)


def _about(
    context: Context, session: Session, found: PostStatistics, voice: Voice, *, now: datetime
) -> dict[str, Any]:
    """The post as it went out."""
    post, channel, measurement = found.line.post, found.line.channel, found.line.measurement
    sent = json.dumps(post.payload, ensure_ascii=False, indent=2, sort_keys=True) if post.payload else ""
    return {
        "post": post,
        "channel": channel,
        "platform": platform_title(context, channel.platform, voice),
        "text": as_published(context, post, channel),
        "content": content_from(post.content),
        "title": first_line(post),
        "payload": sent,
        "links": pages.links_by_post(session, [post])[post.id],
        "origin": queue.origin(session, post),
        "late": said(voice, post.late_reason) if post.late_reason else "",
        "measurement": measurement,
        "thinned": _thinned(found, voice),
        "fresh": freshness(measurement, voice, now=now),
    }


def _figures(found: PostStatistics, voice: Voice, curve: str) -> dict[str, Any]:
    """What it came to, and how that grew."""
    figures, keys = all_shown(found.line.figures, voice), curve_keys(found, voice)
    chosen = next((key for key, _ in keys if key == curve), keys[0][0] if keys else "")
    return {
        "headline": headline(found, voice),
        "changed": found.text_differences,
        "there": [one for one in figures if not one.missing],
        "absent": [one for one in figures if one.missing],
        "intervals": {one.key: one.interval for one in figures if one.interval},
        "growth": _growth(found, chosen, voice),
        "curves": keys,
        "curve": chosen,
    }


def _clicked(found: PostStatistics, voice: Voice, *, now: datetime) -> dict[str, Any]:
    """Who followed its links, and when."""
    post, zone = found.line.post, found.line.channel.zone
    chart = click_chart(found, voice, now=now)
    return {
        "clicks": found.clicks,
        "humans": found.clicks.by_audience[Audience.HUMAN],
        "click_total": sum(found.clicks.by_audience.values()),
        "click_chart": STORE.place(chart, language=voice.language, named="clicks", post=post.id)
        if chart
        else None,
        "click_hours": [(voice.moment(at, zone, now=now), number) for at, number in found.clicks.by_hour],
    }


def _told(
    context: Context, session: Session, found: PostStatistics, voice: Voice, *, now: datetime
) -> dict[str, Any]:
    """What was done with it, what came of it, and its kin."""
    return {
        "notes": _notes(session, found, voice),
        "funnel": _funnel(session, found, now=now),
        "history": _history(session, found, voice),
        "siblings": _siblings(context, found.siblings, voice),
        "cycles": _siblings(context, found.cycles, voice),
        "belonging": found.belonging,
        "arms": [
            {**shown_, "arm": one.belonging.arm_name}
            for one, shown_ in zip(
                found.arms, _siblings(context, [one.sibling for one in found.arms], voice), strict=True
            )
        ],
        "attempts": [
            (one, said(voice, (one.outcome or "").replace("_", " ")), said(voice, one.detail or ""))
            for one in found.attempts
        ],
    }


def _thinned(found: PostStatistics, voice: Voice) -> str:
    """The ages at which it was not read on purpose; empty: none."""
    measurement = found.line.measurement
    ages = (measurement.thinned if measurement else None) or ()
    return ", ".join(voice.interval(timedelta(seconds=age)) for age in ages)


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
    return STORE.place(chart, language=voice.language, named="growth", post=found.line.post.id, curve=key)


def _found(wanted: Wanted) -> PostStatistics:
    able = supplies(wanted.web.context, wanted.session, wanted.me.workspace.id)
    number = wanted.number("post")
    return post_statistics(wanted.session, wanted.me.workspace.id, number, supplies=able, now=wanted.now)


@makes("growth")
def _growth_download(wanted: Wanted) -> Chart | None:
    found, key = _found(wanted), wanted.query.get("curve", "")
    if key not in found.curves:
        return None
    return growth_chart(key, found.curves[key], found.usual.get(key), wanted.voice)


@makes("clicks")
def _clicks_download(wanted: Wanted) -> Chart | None:
    return click_chart(_found(wanted), wanted.voice, now=wanted.now)


def _funnel(session: Session, found: PostStatistics, *, now: datetime) -> list[Step]:
    """The way from the post's clicks to conversions; empty without a site that counts them."""
    post = found.line.post
    if post.published_at is None or not site_figures.has_sites(session, post.workspace_id):
        return []
    of = Of(workspace_id=post.workspace_id, post_id=post.id)
    told = funnel(session, post.workspace_id, start=post.published_at, end=now, of=of)
    return [step for step in told.steps if not step.key.startswith("all_")]


def _notes(session: Session, found: PostStatistics, voice: Voice) -> list[dict[str, Any]]:
    if not found.noted:
        return []
    post = found.line.post
    rows = notes.of_post(session, post.workspace_id, post.id)
    names = people.names(session, {one.person_id for one in rows if one.person_id})
    nobody = voice.gettext("automation")
    return [{"note": one, "who": names.get(one.person_id or 0, nobody)} for one in rows]


def _history(session: Session, found: PostStatistics, voice: Voice) -> list[dict[str, Any]]:
    """What was done with the post and by whom, the latest first; approvals name what they were given for."""
    rows = changes.changes_of(session, "post", found.line.post.id)
    names = queue.names_of(session, rows)
    _ = voice.gettext
    made = []
    for one in reversed(rows):
        after = one.after or {}
        reviewer = after.get("reviewer")
        who = f"{reviewer} ({_('reviewer')})" if reviewer else names.get(one.person_id or 0, _("automation"))
        made.append({"at": one.at, "what": said(voice, one.what), "who": who,
                     "comment": after.get("comment") or ""})  # fmt: skip
    return made


def _siblings(context: Context, siblings: Sequence[Sibling], voice: Voice) -> list[dict[str, Any]]:
    """Other posts of the story or evergreen, each with the first count that it has."""
    made = []
    for one in siblings:
        there = (one.figures[key] for key in ("engagement", "views", "clicks") if key in one.figures)
        figure = next((each for each in there if each.value is not None), None)
        made.append(
            {
                "post": one.post,
                "channel": one.channel.name,
                "zone": one.channel.zone,
                "platform": platform_title(context, one.channel.platform, voice),
                "figure": shown(figure, voice) if figure else None,
                "label": said(voice, CATALOGUE[figure.key].name).lower() if figure else "",
            }
        )
    return made

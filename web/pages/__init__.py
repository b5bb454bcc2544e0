"""The pages of the signed-in application, one module per section; each has a ``router``."""

from fastapi import APIRouter

from web.pages import (
    changing,
    channels,
    charts,
    feed_lists,
    feed_settings,
    feeds,
    home,
    kpi_adding,
    kpis,
    media,
    pausing,
    posts,
    preferences,
    queue,
    route_editing,
    routes,
    rules,
    sign_in,
    statistics,
    statistics_post,
    writing,
)

#: A new page module is added here, and nowhere else. Of two that share a path's beginning, the one with
#: fixed words comes first.
ROUTERS: tuple[APIRouter, ...] = (
    sign_in.router,
    preferences.router,
    home.router,
    queue.router,
    pausing.router,
    writing.router,
    changing.router,
    posts.router,
    rules.router,
    media.router,
    channels.router,
    feed_lists.router,
    feed_settings.router,
    feeds.router,
    route_editing.router,
    routes.router,
    statistics.router,
    statistics_post.router,
    kpi_adding.router,
    kpis.router,
    charts.router,
)

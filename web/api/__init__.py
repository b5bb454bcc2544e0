"""The REST API, version 1; one module per subject, each with a ``router``."""

from fastapi import APIRouter

from web.api import (
    approvals,
    channel_template,
    channels,
    connections,
    costs,
    evergreens,
    feeds,
    kpis,
    links,
    media,
    past_posts,
    platforms,
    posts,
    queue,
    routes,
    rules,
    sheets,
    slots,
    statistics,
    statistics_views,
    tokens,
    workspace,
)

#: A new API module is added here, and nowhere else.
ROUTERS: tuple[APIRouter, ...] = (
    workspace.router,
    queue.router,
    sheets.router,
    evergreens.router,
    approvals.router,
    posts.router,
    media.router,
    channels.router,
    channel_template.router,
    connections.router,
    costs.router,
    platforms.router,
    feeds.router,
    routes.router,
    rules.router,
    slots.router,
    past_posts.router,
    statistics_views.router,
    statistics.router,
    kpis.router,
    links.router,
    tokens.router,
)

"""The REST API, version 1; one module per subject, each with a ``router``."""

from fastapi import APIRouter

from web.api import (
    channel_template,
    channels,
    feeds,
    kpis,
    media,
    posts,
    queue,
    routes,
    rules,
    statistics,
    tokens,
    workspace,
)

#: A new API module is added here, and nowhere else.
ROUTERS: tuple[APIRouter, ...] = (
    workspace.router,
    queue.router,
    posts.router,
    media.router,
    channels.router,
    channel_template.router,
    feeds.router,
    routes.router,
    rules.router,
    statistics.router,
    kpis.router,
    tokens.router,
)

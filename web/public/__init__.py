"""What readers see without signing in: pages of page channels, their feeds, short links, and what has
a secret address: calendars, and posts that wait for a reviewer; the script of sites."""

from fastapi import APIRouter

from web.public import (
    calendars,
    consent,
    feeds,
    fitted,
    guides,
    hooks,
    leaving,
    links,
    media,
    page,
    reports,
    review,
    surveys,
    tracking,
)

#: Feeds come before pages: ``feed.atom`` is no post's key.
ROUTERS: tuple[APIRouter, ...] = (
    links.router,
    hooks.router,
    fitted.router,
    media.router,
    feeds.router,
    page.router,
    calendars.router,
    review.router,
    reports.router,
    guides.router,
    consent.router,
    leaving.router,
    surveys.router,
    tracking.router,
)

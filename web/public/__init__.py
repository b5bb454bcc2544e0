"""What readers see without signing in: pages of page channels, their feeds, and short links."""

from fastapi import APIRouter

from web.public import feeds, hooks, links, media, page

#: Feeds come before pages: ``feed.atom`` is no post's key.
ROUTERS: tuple[APIRouter, ...] = (links.router, hooks.router, media.router, feeds.router, page.router)

"""What readers see without signing in: pages of page channels, their feeds, and short links."""

from fastapi import APIRouter

from web.public import feeds, links, media, page

#: Feeds come before pages: ``feed.atom`` is no post's key.
ROUTERS: tuple[APIRouter, ...] = (links.router, media.router, feeds.router, page.router)

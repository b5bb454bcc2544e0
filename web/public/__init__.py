"""What readers see without signing in: pages of page channels, their feeds, and short links."""

from fastapi import APIRouter

from web.public import feeds, links, page

#: Feeds come before pages: ``feed.atom`` is no post's key.
ROUTERS: tuple[APIRouter, ...] = (links.router, feeds.router, page.router)

"""The pages of the signed-in application, one module per section; each has a ``router``."""

from fastapi import APIRouter

from web.pages import charts, feeds, home, preferences, sign_in

#: A new page module is added here, and nowhere else.
ROUTERS: tuple[APIRouter, ...] = (sign_in.router, preferences.router, home.router, feeds.router, charts.router)

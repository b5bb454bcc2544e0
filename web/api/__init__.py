"""The REST API, version 1; one module per subject, each with a ``router``."""

from fastapi import APIRouter

from web.api import tokens, workspace

#: A new API module is added here, and nowhere else.
ROUTERS: tuple[APIRouter, ...] = (workspace.router, tokens.router)

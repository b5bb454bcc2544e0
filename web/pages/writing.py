"""Writing a post, editing one that was never tried, and giving one another hour."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.params import Query
from sqlmodel import Session

from domain.content import Content, content_from
from domain.errors import NotFound, UsageError
from scheduler import posts as commands
from scheduler.posts import AT_ONCE, DRAFT, NEXT_SLOT
from store import channels, posts
from store.engine import reading
from store.tables import ChannelRow, Post
from web.api.base import RowId
from web.auth import MayEdit, Member
from web.deps import Reading, Web, WebContext, redirect, safe_path, show, voice_of
from web.i18n import LANGUAGES, Voice
from web.posted import AT, LONGEST_TEXT, Mistake, Posted, hour, hour_field, zone_options
from web.previewing import Preview, preview
from web.said import said
from web.telling import announced

router = APIRouter()

#: Answers with the form again, what was typed in it, and a sentence for each field that is wrong.
REFUSED = 422

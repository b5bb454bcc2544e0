"""What WordPress's REST API says around its answers: where it lives, and what its errors mean.

Sources: developer.wordpress.org/rest-api/using-the-rest-api/discovery (the Link header), and
wp-includes/rest-api/endpoints of WordPress itself (the codes of errors).
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx

from domain.errors import FetchError, NeedsReconnect, PublishError, Rejected
from domain.metrics import Metric
from net.client import may_share_secrets, read
from publishers.base import Reaction
from publishers.http import refusal, said_by

_REL = "https://api.w.org/"
_HEADER = re.compile(rf'<([^<>\s]+)>\s*;\s*rel="?{re.escape(_REL)}"?')
_ELEMENT = re.compile(rf"<link\b[^>]*\brel=[\"']{re.escape(_REL)}[\"'][^>]*>", re.I)
_HREF = re.compile(r"\bhref=[\"']([^\"'\s]+)[\"']", re.I)
_DEADLINE = timedelta(seconds=20)
_MAX_PAGE = 2 * 2**20
#: Comments of one page, and pages read at most in one look.
_PAGE, _PAGES = 100, 5


class Absent(Rejected):
    """The site has nothing by that number, or no longer."""


class NoBin(Rejected):
    """The site deletes at once, and wants to be told that we know."""


class TermExists(Rejected):
    """A category or tag of that name is there."""

    def __init__(self, text: str, *, number: int) -> None:
        super().__init__(text)
        self.number = number


def api_root(http: httpx.Client, site: str) -> str | None:
    """Where a site says that its API is, without a slash at the end; None when it has no address in words.

    An API at another origin than the site's is not taken: the password stays with the site that was typed.
    """
    try:
        page = read(http, f"{site}/", deadline=_DEADLINE, max_bytes=_MAX_PAGE)
    except FetchError:
        return None
    found = _HEADER.search(page.headers.get("link", ""))
    root = found[1] if found else _in_head(page.body)
    if root is None or urlsplit(root).query or not may_share_secrets(site, root):
        return None
    return root.rstrip("/")


def _in_head(body: bytes) -> str | None:
    element = _ELEMENT.search(body.decode("utf-8", "replace"))
    href = _HREF.search(element[0]) if element else None
    return unescape(href[1]) if href else None


def comments_since(ask: Callable[..., list[dict[str, Any]]], since: datetime) -> list[Reaction]:
    """When a post got its comments, from ``since`` (UTC) on, newest first.

    Args:
        ask: a page of the post's comments, with these further parameters.
    """
    found: list[Reaction] = []
    for page in range(1, _PAGES + 1):
        comments = ask(
            orderby="date_gmt", order="desc", per_page=str(_PAGE), page=str(page), _fields="id,date_gmt"
        )
        for one in comments:
            try:
                at = datetime.fromisoformat(str(one.get("date_gmt"))).replace(tzinfo=UTC)
            except ValueError:
                continue
            if at < since:
                return found
            found.append(Reaction(Metric.REPLIES, at, str(one.get("id"))))
        if len(comments) < _PAGE:
            return found
    return found


def refused(response: httpx.Response) -> PublishError:  # noqa: PLR0911  one line for each
    """What an answer of WordPress that is no success means."""
    host, code, said = response.request.url.host, _code(response), said_by(response)
    match response.status_code, code:
        case _, "term_exists":
            return TermExists(f"{host} has that name already.", number=_number(response))
        case 501, "rest_trash_not_supported":
            return NoBin(f"{host} has no bin for posts.")
        case 400, "rest_invalid_param" if _forbidden_states(response):
            return NeedsReconnect(
                f"{host} does not show this user their own drafts (400{said}). Check the user name and the "
                "application password, and that the user has the role of an author or editor."
            )
        case 401, _:
            return NeedsReconnect(
                f"{host} refuses the user name or the application password (401{said}). Make a new one under "
                "Users, Profile, and check that the web server hands on the Authorization header."
            )
        case 403, str() if code.startswith("rest_"):
            return NeedsReconnect(
                f"{host} forbids this user to do that (403{said}). "
                "Give the user the role of an author or editor, or connect another one."
            )
        case 403, _:
            return Rejected(
                f"{host} forbids this request (403{said}). A firewall of the site may be the reason."
            )
        case 400, "rest_invalid_param":
            return Rejected(f"{host} refuses this post (400: {_parameters(response) or said[2:]}).")
        case 404 | 410, str() if code not in ("", "rest_no_route"):
            return Absent(f"{host} has no such post ({response.status_code}).")
        case 404, _:
            return Rejected(
                f"{host} has no WordPress API there (404). Check the site's address, and that no plug-in "
                "turns the REST API off."
            )
    return refusal(response)


def _code(response: httpx.Response) -> str:
    return str(_object(response).get("code") or "")


def _parameters(response: httpx.Response) -> str:
    """Which parameters it does not like, and why, shortened."""
    found = _inner(response).get("params")
    if not isinstance(found, Mapping):
        return ""
    said = "; ".join(f"{name}: {why}".rstrip(".") for name, why in found.items())
    return "".join(sign for sign in said if sign.isprintable())[:200]


def _forbidden_states(response: httpx.Response) -> bool:
    """Whether the states that we look for posts in are not for this user: a stranger, or a mere reader."""
    about = _inner(response).get("details")
    state = about.get("status") if isinstance(about, Mapping) else None
    return isinstance(state, Mapping) and state.get("code") == "rest_forbidden_status"


def _number(response: httpx.Response) -> int:
    number = _inner(response).get("term_id")
    return number if isinstance(number, int) else 0


def _inner(response: httpx.Response) -> dict[str, Any]:
    inner = _object(response).get("data")
    return inner if isinstance(inner, dict) else {}


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        said = response.json()
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}

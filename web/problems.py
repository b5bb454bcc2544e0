"""Every refusal and failure as an answer: problem details for the API (RFC 9457), a page for people."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as AnyHTTPException

from domain.errors import FetchError, NotFound, PublishError, TabuhError, UsageError
from web import auth
from web.deps import own_path, safe_path, show, voice_of
from web.i18n import Voice
from web.i18n import marked as N_
from web.said import said

PROBLEM = "application/problem+json"


class FieldProblem(BaseModel):
    """What is wrong with one part of a request."""

    #: Such as ``body.name`` or ``query.limit``.
    where: str
    detail: str


class Problem(BaseModel):
    """The body of every answer of the API that is no success."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default_factory=list)


_TITLES = {
    400: N_("That could not be read"),
    403: N_("You may not do this"),
    404: N_("There is nothing here"),
    405: N_("That cannot be done here"),
    410: N_("This was taken down"),
    413: N_("That is too large"),
    421: N_("Wrong address"),
    422: N_("That will not do"),
    429: N_("Too many tries"),
    500: N_("Something broke on our side"),
    502: N_("The other side did not answer as it should"),
    503: N_("Not ready yet"),
}
_SENTENCES = {
    404: N_("The address may be mistyped, or what was here is gone."),
    500: N_("It was written down with all that is needed to find the cause. Please try again."),
}


def install(app: FastAPI) -> None:
    """Let the application answer with what this module makes."""
    app.add_exception_handler(AnyHTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(TabuhError, _on_expected)


def status_of(error: TabuhError) -> int:
    """The HTTP status that says what the caller can do about an expected failure."""
    match error:
        case NotFound():
            return 404
        case UsageError():
            return 422
        case FetchError() | PublishError():
            return 502
    return 409


def answer(
    request: Request,
    status: int,
    sentence: str = "",
    *,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The refusal in the form that this caller reads: problem details, a notice for htmx, or a page."""
    if auth.is_api(request):
        made: Response = _details(status, said(Voice(), sentence), errors)
    elif request.headers.get("hx-request") == "true" and status < 500:
        # htmx shows answers with 422 only; the notice goes to the top of the page.
        told = _told(voice_of(request), sentence or _SENTENCES.get(status, _TITLES.get(status, "")))
        made = show(request, "errors/notice.html", status=422, sentence=told)
        made.headers.update({"HX-Retarget": "#content", "HX-Reswap": "afterbegin"})
    else:
        made = _page(request, status, sentence or _SENTENCES.get(status, ""))
    made.headers.update(headers or {})
    return made


def broken(request: Request, reference: str) -> Response:
    """The answer where a bug was met; ``reference`` finds it in the log."""
    _ = voice_of(request).gettext
    found_by = _("Reference: %(code)s", code=reference)
    return answer(request, 500, f"{_(_SENTENCES[500])} {found_by}")


def _details(status: int, sentence: str, errors: Sequence[FieldProblem]) -> Response:
    title = HTTPStatus(status).phrase
    problem = Problem(
        title=title, status=status, detail=sentence or _SENTENCES.get(status, title), errors=list(errors)
    )
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(problem.model_dump(), status, headers=headers, media_type=PROBLEM)


def _page(request: Request, status: int, sentence: str) -> Response:
    if request.app.state.public:
        template = "errors/public.html"
    else:
        template = "errors/error.html"
        if status != 500:  # whatever broke may be what tells who is signed in
            auth.member_or_none(request)
    # Translated here: a template's gettext would take words that a visitor sent for our own markup.
    voice = voice_of(request)
    title = voice.gettext(_TITLES.get(status, HTTPStatus(status).phrase))
    told = _told(voice, sentence) if sentence else ""
    return show(request, template, status=status, number=status, title=title, sentence=told)


def _told(voice: Voice, sentence: str) -> str:
    """A sentence of ours, or one from the layers below, in the reader's language."""
    translated = voice.gettext(sentence)
    return translated if translated != sentence else said(voice, sentence)


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, AnyHTTPException)
    if error.status_code == 401 and not auth.is_api(request):
        return _to_sign_in(request)
    own = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
    return answer(request, error.status_code, own, headers=error.headers)


def _to_sign_in(request: Request) -> Response:
    if request.headers.get("hx-request") == "true":
        page = urlsplit(request.headers.get("hx-current-url", ""))
        back = safe_path(page.path + (f"?{page.query}" if page.query else ""))
        return Response(status_code=401, headers={"HX-Redirect": f"/sign-in?next={quote(back)}"})
    back = own_path(request) if request.method in ("GET", "HEAD") else "/"
    return RedirectResponse(f"/sign-in?next={quote(back)}" if back != "/" else "/sign-in", status_code=303)


def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["loc"][0] == "path" for one in found):
        return answer(request, 404)  # no row has such a number
    errors = [FieldProblem(where=".".join(map(str, one["loc"])), detail=one["msg"]) for one in found]
    return answer(request, 422, "; ".join(f"{e.where}: {e.detail}" for e in errors), errors=errors)


def _on_expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, TabuhError)
    # What to do about it is for those who run Tabuh, not for readers of its pages.
    return answer(request, status_of(error), "" if request.app.state.public else str(error))

"""The one place where HTTP becomes meaning: how a call that changes something has ended."""

import email.utils
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PublishError, RateLimited, Rejected
from net.deadline import time_limit
from net.guard import Refused
from publishers.quota import hear

#: With these, no request has left this machine.
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

#: For one call, from the name look-up to the last byte of the answer.
DEADLINE = timedelta(seconds=20)
#: For one upload of a picture.
UPLOAD_DEADLINE = timedelta(seconds=40)
#: Bytes of an answer, decoded; a page of forty long statuses is far below.
MAX_ANSWER = 4 * 2**20

#: Name of a request's extension: texts that no error may show.
SECRETS = "secrets"

_DEFAULT_WAIT = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(hours=24)
#: Headers that say when the budget is full again, where there is no Retry-After: Mastodon
#: gives an ISO time, Bluesky the epoch in seconds, others the seconds to wait.
_RESET_HEADERS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
_EPOCH_FROM = 1_000_000_000
#: The body is already decoded and whole: these would make httpx decode it again.
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def refusal(response: httpx.Response) -> PublishError:
    """The error that an answer which is no success means."""
    host, said = response.request.url.host, said_by(response)
    match response.status_code:
        case 429:
            wait = wait_asked(response.headers, now=datetime.now(UTC))
            return RateLimited(
                f"{host} asks us to wait {int(wait.total_seconds())} s (429{said}).", retry_after=wait
            )
        case 401:
            return NeedsReconnect(f"{host} refuses our credentials (401{said}). Connect the channel again.")
        case status if status >= 500 or status == 408:
            return OutcomeUnknown(f"{host} answered {status}{said}.")
        case status if status < 400:
            return Rejected(f"{host} sends us elsewhere ({status}). Correct the channel's address.")
        case status if response.request.method == "GET":
            return Rejected(f"{host} answered {status}{said}.")
        case status:
            return Rejected(f"{host} refuses this post ({status}{said}).")


#: Turns an answer that is no success into an error; adapters add what their platform's codes mean.
Refusal = Callable[[httpx.Response], PublishError]


def send_once(
    client: httpx.Client,
    request: httpx.Request,
    *,
    refused: Refusal = refusal,
    deadline: timedelta = DEADLINE,
) -> httpx.Response:
    """Send a request that changes something on the platform, exactly once.

    No retry here: only the caller knows whether sending again is safe.

    Returns:
        The whole answer; a body above `MAX_ANSWER` is never held.

    Raises:
        NotSent: no connection was made.
        RateLimited: HTTP 429.
        NeedsReconnect: HTTP 401.
        Rejected: any other answer below 500 that is not a success.
        OutcomeUnknown: sent, but no whole answer came, or a 5xx did.
    """
    host = request.url.host
    try:
        with time_limit(deadline):
            response = _exchange(client, request)
    except NEVER_LEFT as exc:
        raise NotSent(f"{host} could not be reached: {_why_not_reached(exc)}.") from exc
    except httpx.HTTPError as exc:
        raise OutcomeUnknown(f"{host} did not answer: {reason(exc)}.") from exc
    hear(request.method, response.headers)
    if response.is_success:
        return response
    raise refused(response)


def ask(
    client: httpx.Client,
    request: httpx.Request,
    *,
    refused: Refusal = refusal,
    deadline: timedelta = DEADLINE,
) -> httpx.Response:
    """Send a request that changes nothing; a lost answer then means only that we do not know yet.

    Only such a request is sent again by itself: twice more after a moment, unless the platform asks for a
    longer wait.

    Raises: as `send_once`, but `NotSent` in place of `OutcomeUnknown`.
    """
    try:
        for attempt in _again():
            with attempt:
                return send_once(client, request, refused=refused, deadline=deadline)
    except OutcomeUnknown as exc:
        raise NotSent(str(exc)) from exc
    raise AssertionError("unreachable: the last attempt returns or raises")


def harmless(
    client: httpx.Client,
    request: httpx.Request,
    *,
    refused: Refusal = refusal,
    deadline: timedelta = DEADLINE,
) -> httpx.Response:
    """Send, once, a request whose repetition does no harm, such as an upload that no post uses yet.

    Raises: as `send_once`, but `NotSent` in place of `OutcomeUnknown`.
    """
    try:
        return send_once(client, request, refused=refused, deadline=deadline)
    except OutcomeUnknown as exc:
        raise NotSent(str(exc)) from exc


def _again() -> Retrying:
    return Retrying(
        retry=retry_if_exception(_may_pass),
        stop=stop_after_attempt(3),
        wait=wait_exponential_jitter(multiplier=0.1, max=1.0, jitter=0.1),
        reraise=True,
    )


def _may_pass(error: BaseException) -> bool:
    """Whether a moment may mend it: nobody answered, or the platform itself failed."""
    return isinstance(error, NotSent | OutcomeUnknown) and not isinstance(error, RateLimited)


def json_object(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of a success.

    Raises:
        OutcomeUnknown: it holds something else, as a proxy's page does.
    """
    answer = _json(response)
    if isinstance(answer, dict):
        return answer
    raise OutcomeUnknown(f"{response.request.url.host} gave an answer that cannot be read.")


def json_objects(response: httpx.Response) -> list[dict[str, Any]]:
    """The JSON list of objects of a success.

    Raises:
        OutcomeUnknown: it holds something else.
    """
    answer = _json(response)
    if isinstance(answer, list) and all(isinstance(one, dict) for one in answer):
        return answer
    raise OutcomeUnknown(f"{response.request.url.host} gave an answer that cannot be read.")


def wait_asked(headers: httpx.Headers, *, now: datetime) -> timedelta:
    """How long a 429 asks us to stay quiet, by Retry-After or by the platforms' own headers.

    Returns:
        A wait between 1 s and 24 h; 60 s when no header can be read.

    Sources: docs.joinmastodon.org/api/rate-limits, docs.bsky.app/docs/advanced-guides/rate-limits.
    """
    if "retry-after" in headers:
        return retry_after(headers["retry-after"], now=now)
    for name in _RESET_HEADERS:
        wait = _until(headers.get(name, "").strip(), now)
        if wait is not None:
            return _bounded(wait)
    return _DEFAULT_WAIT


def retry_after(value: str | None, *, now: datetime) -> timedelta:
    """How long the platform asks us to stay quiet.

    Args:
        value: the raw header; a whole number of seconds or an HTTP date.
        now: current time, UTC.

    Returns:
        A wait between 1 s and 24 h; 60 s when the header is absent or unreadable.

    Source: RFC 9110, section 10.2.3.
    """
    if value is None:
        return _DEFAULT_WAIT
    if value.strip().isdecimal():
        return _bounded(_seconds(value.strip()))
    try:
        then = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return _DEFAULT_WAIT
    return _bounded(then.replace(tzinfo=then.tzinfo or UTC) - now)


def reason(exc: Exception) -> str:
    """The error in words, without a trailing full stop."""
    return (str(exc) or type(exc).__name__).rstrip(".")


def said_by(response: httpx.Response) -> str:
    """What the platform gives as reason, shortened, after a colon; empty when none can be read.

    The secrets that the request names under `SECRETS` are struck out, should the platform repeat them.
    """
    answer = _json(response)
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        answer = answer["error"]
    if not isinstance(answer, dict):
        return ""
    for name in ("error_description", "message", "description", "error", "detail"):
        said = answer.get(name)
        if isinstance(said, str) and said.strip():
            words = "".join(sign for sign in " ".join(said.split()) if sign.isprintable()).rstrip(".")
            for secret in response.request.extensions.get(SECRETS, ()):
                words = words.replace(secret, "***")
            return f": {words[:200]}"
    return ""


def _exchange(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    answer = client.send(request, stream=True)
    try:
        body = _whole(answer.iter_bytes())
    except httpx.HTTPError:
        if not 400 <= answer.status_code < 500:
            raise
        body = b""  # the status alone is the answer: the request was refused
    finally:
        answer.close()
    headers = [(name, value) for name, value in answer.headers.items() if name not in _OF_THE_WIRE]
    return httpx.Response(answer.status_code, headers=headers, content=body, request=request)


def _whole(pieces: Iterable[bytes]) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MAX_ANSWER:
            raise httpx.DecodingError(f"the answer is larger than {MAX_ANSWER:,} bytes")
    return bytes(body)


def _why_not_reached(exc: httpx.TransportError) -> str:
    if isinstance(exc.__cause__, Refused):
        return f"{reason(exc)}. To reach a network of your own, name it in TABUH_ALLOWED_NETWORKS"
    return reason(exc)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _until(value: str, now: datetime) -> timedelta | None:
    """The wait that a reset header means: an ISO time, the epoch in seconds, or seconds."""
    if value.isdecimal():
        wait = _seconds(value)
        if wait.total_seconds() < _EPOCH_FROM:
            return wait
        return wait - timedelta(seconds=now.timestamp())
    try:
        then = datetime.fromisoformat(value)
    except ValueError:
        return None
    return then.replace(tzinfo=then.tzinfo or UTC) - now


def _seconds(digits: str) -> timedelta:
    return timedelta(seconds=int(digits[:10]))


def _bounded(wait: timedelta) -> timedelta:
    return max(timedelta(seconds=1), min(wait, _LONGEST_WAIT))

"""Calls to a Matrix homeserver in the name of one user, and what its errors mean.

Sources: spec.matrix.org/v1.15/client-server-api (standard error response, rate limiting, login, refresh, soft
logout). The refresh token of before stays good until the new access token is used: so one whose answer was
lost is simply used again.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import Field, SecretStr, ValidationInfo, field_validator

from domain.clock import Clock
from domain.errors import NeedsReconnect, OutcomeUnknown, PublishError, RateLimited, Rejected
from publishers.base import BaseCredentials
from publishers.http import DEADLINE, SECRETS, ask, harmless, json_object, refusal, said_by, send_once

_API = "/_matrix/client/v3/"
#: An access token that ends sooner is renewed first.
RENEW_BEFORE = timedelta(minutes=2)
_LONGEST_WAIT = timedelta(hours=24)
#: Milliseconds; what lasts longer never ends.
_LONGEST_LIFE = 10 * 365 * 86_400_000
_STALE = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"})
_BARRED = frozenset({"M_USER_DEACTIVATED", "M_USER_LOCKED", "M_USER_SUSPENDED", "M_CONSENT_NOT_GIVEN"})
_LEARNED: dict[str, Any] = {"learned": True}


class MatrixCredentials(BaseCredentials):
    """A user with password, or an access token; and the session that they opened."""

    user: str | None = Field(
        default=None, title="User", description="Such as @tabuh:matrix.example, together with its password"
    )
    password: SecretStr | None = Field(default=None, title="Password")
    access_token: SecretStr | None = Field(
        default=None,
        validate_default=True,
        title="Access token",
        description="From an app's settings, under Help & About; leave empty when you give a password",
    )
    #: From here on learned when a session is opened, asked of nobody.
    refresh_token: SecretStr | None = Field(default=None, json_schema_extra=_LEARNED)
    #: UTC; None: the access token has no end of its own.
    expires_at: datetime | None = Field(default=None, json_schema_extra=_LEARNED)
    #: Kept when we sign in again, so that the server remembers what we have sent.
    device_id: str | None = Field(default=None, json_schema_extra=_LEARNED)

    @field_validator("access_token")
    @classmethod
    def _is_enough(cls, token: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        if token is None and not (others.data.get("user") and others.data.get("password")):
            raise ValueError("give an access token, or a user with password")
        return token


class Absent(Rejected):
    """404: the server has nothing there, or nothing for us."""


class _Stale(NeedsReconnect):
    """The refresh token is no longer good."""


class MatrixSession:
    """Calls in the name of one user."""

    def __init__(
        self, http: httpx.Client, server: str, *, credentials: MatrixCredentials, clock: Clock
    ) -> None:
        self.credentials = credentials
        self._http = http
        self._server = server
        self._clock = clock

    def ends_soon(self) -> bool:
        """Whether there is no access token, or one that ends within `RENEW_BEFORE`; asks nobody."""
        ends = self.credentials.expires_at
        if self.credentials.access_token is None:
            return True
        return ends is not None and self.can_renew() and ends < self._clock() + RENEW_BEFORE

    def renew(self) -> MatrixCredentials:
        """A fresh session, by the refresh token or else by the password.

        Raises:
            NeedsReconnect: the server refuses both, or there is neither.
            PublishError: the server cannot be asked now.
        """
        answer = self._refreshed() or self._signed_in()
        if not isinstance(answer.get("access_token"), str):
            raise OutcomeUnknown(f"{self._server} opened a session without a token.")
        fresh: dict[str, Any] = {"access_token": SecretStr(answer["access_token"])}
        if "refresh_token" in answer:
            fresh["refresh_token"] = SecretStr(str(answer["refresh_token"]))
        if "device_id" in answer:
            fresh["device_id"] = str(answer["device_id"])
        lasts = answer.get("expires_in_ms")
        ends = isinstance(lasts, int) and 0 < lasts < _LONGEST_LIFE
        fresh["expires_at"] = self._clock() + timedelta(milliseconds=int(lasts or 0)) if ends else None
        self.credentials = self.credentials.model_copy(update=fresh)
        return self.credentials

    def ask(self, path: str, **params: str | int) -> dict[str, Any]:
        """The answer to a question; ``path`` is below the API, or begins with a slash.

        Raises: as `publishers.http.ask`; `Absent` for 404.
        """
        return json_object(
            self._called(lambda: ask(self._http, self._request("GET", path, params=params), refused=refused))
        )

    def put(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        """Send an event, once.

        Raises: as `publishers.http.send_once`.
        """
        return json_object(
            self._called(
                lambda: send_once(self._http, self._request("PUT", path, json=content), refused=refused)
            )
        )

    def do(
        self, path: str, *, make: Callable[[], dict[str, Any]], deadline: timedelta = DEADLINE
    ) -> dict[str, Any]:
        """Make a call whose repetition does no harm, such as an upload or joining a room.

        Args:
            make: what the request carries, as `httpx.Client.build_request` takes it; anew for every try.

        Raises: as `publishers.http.harmless`.
        """

        def call() -> httpx.Response:
            request = self._request("POST", path, **make())
            return harmless(self._http, request, refused=refused, deadline=deadline)

        return json_object(self._called(call))

    def pages(self, path: str, *, most: int, **params: str | int) -> Iterator[list[dict[str, Any]]]:
        """Lists of events, page by page, newest first; at most ``most`` pages.

        Raises:
            Overflow: there are more.
        """
        for _ in range(most):
            answer = self.ask(path, **params)
            chunk = answer.get("chunk")
            events = chunk if isinstance(chunk, list) else []
            yield [one for one in events if isinstance(one, dict) and isinstance(one.get("event_id"), str)]
            following = answer.get("next_batch") or answer.get("end")
            if not following:
                return
            params["from"] = str(following)
        raise Overflow(f"{self._server} holds more events than one look may read.")

    def _called(self, call: Callable[[], httpx.Response]) -> httpx.Response:
        if self.credentials.access_token is None:
            self.renew()
        return call()

    def can_renew(self) -> bool:
        """Whether there is a way to a fresh session; asks nobody."""
        return bool(self.credentials.refresh_token or self.credentials.password)

    def _refreshed(self) -> dict[str, Any] | None:
        """The session that the refresh token gives; None when there is none that is good."""
        token = self.credentials.refresh_token
        if token is None:
            return None
        body = {"refresh_token": token.get_secret_value()}
        request = self._request("POST", "refresh", signed=False, json=body)
        try:
            return json_object(harmless(self._http, request, refused=_refresh_refused))
        except _Stale:
            return None

    def _signed_in(self) -> dict[str, Any]:
        """The session that the password gives, on the device of before."""
        user, password = self.credentials.user, self.credentials.password
        if user is None or password is None:
            raise NeedsReconnect(f"{self._server} has ended this session. Connect the channel again.")
        body: dict[str, Any] = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user},
            "password": password.get_secret_value(),
            "initial_device_display_name": "Tabuh",
            "refresh_token": True,
        }
        if self.credentials.device_id:
            body["device_id"] = self.credentials.device_id
        request = self._request("POST", "login", signed=False, json=body)
        return json_object(harmless(self._http, request, refused=_login_refused))

    def _request(self, method: str, path: str, *, signed: bool = True, **options: Any) -> httpx.Request:
        token = self.credentials.access_token
        headers = dict(options.pop("headers", {}))
        if signed and token is not None:
            headers["Authorization"] = f"Bearer {token.get_secret_value()}"
        address = f"{self._server}{path if path.startswith('/') else _API + path}"
        secrets = {SECRETS: self.credentials.secrets()}
        return self._http.build_request(method, address, headers=headers, extensions=secrets, **options)


class Overflow(OutcomeUnknown):
    """A list is longer than one look may read."""


def refused(response: httpx.Response) -> PublishError:
    """The error that a homeserver's refusal means."""
    host, said, code = response.request.url.host, said_by(response), errcode(response)
    match response.status_code:
        case 429 if (wait := _wait(response)) is not None:
            return RateLimited(
                f"{host} asks us to wait {int(wait.total_seconds())} s (429{said}).", retry_after=wait
            )
        case 401 if code in _STALE:
            return NeedsReconnect(
                f"{host} no longer takes the access token (401{said}). Connect the channel again."
            )
        case 403:
            return _forbidden(host, said, code)
        case 404:
            return _absent(host, said, code)
        case 413:
            return Rejected(f"{host} takes nothing as large as this (413{said}). Make it smaller.")
    return refusal(response)


def _forbidden(host: str, said: str, code: str) -> NeedsReconnect:
    if code in _BARRED:
        return NeedsReconnect(f"{host} lets this user do nothing (403{said}). Clear that up there.")
    return NeedsReconnect(
        f"{host} forbids this user to act in the room (403{said}). Invite it, give it the right to send "
        "messages, and test the channel."
    )


def _absent(host: str, said: str, code: str) -> Absent:
    if code and code != "M_UNRECOGNIZED":
        return Absent(f"{host} has nothing there (404{said}).")
    return Absent(
        f"{host} does not answer as a Matrix server does (404). Write the address that it names as "
        "m.homeserver under /.well-known/matrix/client."
    )


def errcode(response: httpx.Response) -> str:
    """What the server calls the error, such as ``M_FORBIDDEN``; empty when it says nothing."""
    body = _object(response)
    return str(body.get("errcode", ""))


def _refresh_refused(response: httpx.Response) -> PublishError:
    if response.status_code == 401:
        return _Stale(f"{response.request.url.host} no longer takes the refresh token (401).")
    return refused(response)


def _login_refused(response: httpx.Response) -> PublishError:
    if response.status_code in (400, 401, 403) and errcode(response) not in _BARRED:
        return NeedsReconnect(
            f"{response.request.url.host} refuses the user or the password{said_by(response)}. Correct them."
        )
    return refused(response)


def _wait(response: httpx.Response) -> timedelta | None:
    """The wait in the body, which older servers give in place of Retry-After; None: the header decides."""
    asked = _object(response).get("retry_after_ms")
    if "retry-after" in response.headers or not isinstance(asked, int):
        return None
    return max(timedelta(seconds=1), min(timedelta(milliseconds=asked), _LONGEST_WAIT))


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

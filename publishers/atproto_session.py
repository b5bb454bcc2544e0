"""A session on a server of the AT Protocol: opened by an app password, kept, and renewed before it ends.

Sources: the lexicons of com.atproto.server; docs.bsky.app/docs/advanced-guides/rate-limits, which allow
30 logins in five minutes and 300 a day. So nobody logs in for a single post.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, Field, SecretStr

from domain.clock import Clock
from domain.errors import NeedsReconnect, OutcomeUnknown
from publishers.atproto import Stale, expiry, home_of, refused
from publishers.base import BaseCredentials
from publishers.http import DEADLINE, SECRETS, ask, json_object, send_once

#: An access token that ends sooner is renewed first.
RENEW_BEFORE = timedelta(minutes=10)


def _handle(text: str) -> str:
    handle = text.strip().removeprefix("@").lower()
    if "." not in handle and not handle.startswith("did:"):
        raise ValueError("The handle is not whole. Write it with its domain, such as tabuh.bsky.social.")
    return handle


class SessionCredentials(BaseCredentials):
    """Handle and app password, and the session that they opened."""

    handle: Annotated[str, AfterValidator(_handle)] = Field(
        title="Handle", description="Such as tabuh.bsky.social"
    )
    app_password: SecretStr = Field(
        min_length=1, title="App password", description="From the settings there, under Privacy and security"
    )
    #: From here on learned when a session is opened, asked of nobody.
    access_jwt: SecretStr | None = Field(default=None, json_schema_extra={"learned": True})
    refresh_jwt: SecretStr | None = Field(default=None, json_schema_extra={"learned": True})
    did: str | None = Field(default=None, json_schema_extra={"learned": True})
    #: The server that holds the posts, where it is not the one that signs in.
    pds: str | None = Field(default=None, json_schema_extra={"learned": True})


class Session:
    """Calls in the name of one owner.

    A token that the server refuses before its time is renewed on the spot and the call, which did nothing,
    made again; the fresh tokens then live as long as this object.
    """

    def __init__(
        self, http: httpx.Client, service: str, *, credentials: SessionCredentials, clock: Clock
    ) -> None:
        self.credentials = credentials
        self._http = http
        self._service = service
        self._clock = clock

    @property
    def did(self) -> str:
        """Whose session it is."""
        return self.credentials.did or self.renew().did or ""

    def ends_soon(self) -> bool:
        """Whether there is no session, or one that ends within `RENEW_BEFORE`; asks nobody."""
        token = self.credentials.access_jwt
        if token is None or self.credentials.did is None:
            return True
        ends = expiry(token.get_secret_value())
        return ends is not None and ends < self._clock() + RENEW_BEFORE

    def renew(self) -> SessionCredentials:
        """A fresh session, by the refresh token or else by the app password.

        Raises:
            NeedsReconnect: the server refuses the app password, or has barred its owner.
            NotSent: the server cannot be asked now.
        """
        self.credentials = self._credentials(self._refreshed() or self._opened())
        return self.credentials

    def ask(self, name: str, *, deadline: timedelta = DEADLINE, **params: str | list[str]) -> dict[str, Any]:
        """The answer to a query, such as ``com.atproto.repo.getRecord``.

        Raises: as `publishers.http.ask`, with the errors of `publishers.atproto.refused`.
        """

        def call() -> httpx.Response:
            request = self._request("GET", name, params=params)
            return ask(self._http, request, refused=refused, deadline=deadline)

        return json_object(self._signed_in(call))

    def do(self, name: str, *, deadline: timedelta = DEADLINE, **options: Any) -> dict[str, Any]:
        """The answer to a procedure that changes something, called once.

        Args:
            options: the body, as `httpx.Client.build_request` takes it.

        Raises: as `publishers.http.send_once`, with the errors of `publishers.atproto.refused`.
        """

        def call() -> httpx.Response:
            request = self._request("POST", name, **options)
            return send_once(self._http, request, refused=refused, deadline=deadline)

        return json_object(self._signed_in(call))

    def _signed_in(self, call: Callable[[], httpx.Response]) -> httpx.Response:
        if self.credentials.access_jwt is None:
            self.renew()
        try:
            return call()
        except Stale:
            self.renew()
            return call()

    def _request(
        self, method: str, name: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Request:
        address = f"{self.credentials.pds or self._service}/xrpc/{name}"
        return self._build(method, address, self.credentials.access_jwt, headers=headers, **options)

    def _refreshed(self) -> dict[str, Any] | None:
        """The session that the refresh token gives; None when it is no longer good."""
        token = self.credentials.refresh_jwt
        if token is None:
            return None
        home = self.credentials.pds or self._service
        request = self._build("POST", f"{home}/xrpc/com.atproto.server.refreshSession", token)
        try:
            return json_object(ask(self._http, request, refused=refused))
        except Stale:
            return None

    def _opened(self) -> dict[str, Any]:
        """The session that the app password gives."""
        owner = {
            "identifier": self.credentials.did or self.credentials.handle,
            "password": self.credentials.app_password.get_secret_value(),
        }
        address = f"{self._service}/xrpc/com.atproto.server.createSession"
        return json_object(ask(self._http, self._build("POST", address, None, json=owner), refused=refused))

    def _build(
        self,
        method: str,
        address: str,
        token: SecretStr | None,
        *,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> httpx.Request:
        signed = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        secrets = {SECRETS: self.credentials.secrets()}
        return self._http.build_request(
            method, address, headers={**(headers or {}), **signed}, extensions=secrets, **options
        )

    def _credentials(self, session: dict[str, Any]) -> SessionCredentials:
        if session.get("active") is False:
            state = session.get("status") or "not active"
            raise NeedsReconnect(
                f"The account is {state} on its server. Clear that up there, then connect again."
            )
        try:
            known = {name: session[name] for name in ("did", "handle", "accessJwt", "refreshJwt")}
        except KeyError as error:
            raise OutcomeUnknown(f"{self._service} opened a session without {error}.") from error
        return self.credentials.model_copy(
            update={
                "did": str(known["did"]),
                "handle": str(known["handle"]),
                "access_jwt": SecretStr(str(known["accessJwt"])),
                "refresh_jwt": SecretStr(str(known["refreshJwt"])),
                "pds": home_of(session.get("didDoc")) or self.credentials.pds,
            }
        )

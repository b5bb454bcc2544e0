"""OAuth 2 as platforms use it: what a flow is, what it gives, who may be posted for, and the one shared flow.

Sources: RFC 6749 (authorization code, refresh), RFC 7636 (PKCE, S256), RFC 9700 (rotation of refresh tokens).
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx
from pydantic import Field, SecretStr

from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown
from publishers.base import BaseCredentials, Publisher
from publishers.http import SECRETS, send_once
from publishers.oauth_answers import read_answer, refusal_of_token, seconds, words

#: Marks fields that no person types: the flow fills them.
GRANTED: dict[str, Any] = {"granted": True}


@dataclass(frozen=True, slots=True)
class Flow:
    """How a platform grants access to somebody's channel."""

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    #: Whether the platform takes a proof key (S256).
    pkce: bool = True
    #: Whether the application's id and secret go into an Authorization header (HTTP Basic), not the form.
    basic: bool = False
    #: What the platform calls the application's id.
    id_name: str = "client_id"
    #: Between scopes.
    separator: str = " "
    #: Scopes without which nothing can be posted: where the platform tells what was granted and one of these
    #: is missing, the channel is not connected.
    required: tuple[str, ...] = ()
    #: Further parameters of the first page, such as ``access_type=offline``.
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Where an application is registered, for the person who connects.
    console_url: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """What identifies this installation to a platform; sealed at rest, set once by `tabuh platform set`."""

    id: str
    secret: SecretStr


class OAuthCredentials(BaseCredentials):
    """What a granted flow leaves."""

    access_token: SecretStr = Field(min_length=1, title="Access token", json_schema_extra=GRANTED)
    refresh_token: SecretStr | None = Field(default=None, title="Refresh token", json_schema_extra=GRANTED)
    #: UTC; None: the token has no end of its own.
    expires_at: datetime | None = Field(default=None, json_schema_extra=GRANTED)
    #: UTC, of the refresh token; None: unknown or none.
    refresh_expires_at: datetime | None = Field(default=None, json_schema_extra=GRANTED)
    #: UTC; from then on it is renewed before a call; None: `OAuthPublisher.renew_before` its end.
    renew_at: datetime | None = Field(default=None, json_schema_extra=GRANTED)


@dataclass(frozen=True, slots=True)
class Target:
    """One page, organisation, board or blog that the granted access can post for."""

    name: str
    #: Added to the channel's settings when it is chosen, such as ``{"page_id": "17"}``.
    settings: Mapping[str, Any]
    #: A token of the target's own, as Facebook's pages have; None: the granted one.
    credentials: OAuthCredentials | None = None


def new_secret() -> str:
    """A fresh state or proof key: 86 characters that nobody can guess."""
    return secrets.token_urlsafe(64)


def challenge_of(verifier: str) -> str:
    """What the first page is told of a proof key (S256): base64url of its SHA-256, without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class OAuthPublisher(Publisher):
    """A platform whose access is granted on its own page, by the flow that all such platforms share.

    An adapter names its `flow`, makes its requests with `signed`, and overrides a hook where its platform
    goes a way of its own: `flow_here`, `lengthened`, `learned`, `renewable`, `renewal`, `granted`.
    """

    Credentials = OAuthCredentials
    credentials: OAuthCredentials
    flow: ClassVar[Flow]
    #: A token that ends sooner is renewed first; at least a tenth of its life, so that the daily look at a
    #: channel that posts seldom does not miss it, and at most a quarter.
    renew_before: ClassVar[timedelta] = timedelta(minutes=10)

    def flow_here(self) -> Flow:
        """The flow of this channel; another one than `flow` where the addresses depend on its settings."""
        return self.flow

    def consent_address(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Where a person is asked for their consent; asks nobody."""
        flow = self.flow_here()
        asked = {
            "response_type": "code",
            flow.id_name: self._its_application().id,
            "redirect_uri": redirect_uri,
            "scope": flow.separator.join(flow.scopes),
            "state": state,
            **(
                {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
                if flow.pkce
                else {}
            ),
            **flow.extra,
        }
        parts = urlsplit(flow.authorize_url)
        query = "&".join(filter(None, (parts.query, urlencode(asked, quote_via=quote))))
        return urlunsplit(parts._replace(query=query))

    def redeem(self, code: str, *, redirect_uri: str, verifier: str) -> OAuthCredentials:
        """The credentials that a code stands for, which works once.

        Raises:
            NeedsReconnect: the platform takes the code no more, or grants less than is needed.
            NotSent: it could not be asked; begin again.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if self.flow_here().pkce:
            form["code_verifier"] = verifier
        request = self.token_request(form)
        request.extensions[SECRETS] = (*request.extensions[SECRETS], code, verifier)
        try:
            return self.lengthened(self.granted(self.token_answer(request)))
        except OutcomeUnknown as error:
            raise NotSent(f"{error} Begin again.") from error

    def lengthened(self, granted: OAuthCredentials) -> OAuthCredentials:
        """What to keep of credentials just granted; where they can be had for longer, those."""
        return granted

    def granted(
        self, answer: Mapping[str, Any], *, before: OAuthCredentials | None = None
    ) -> OAuthCredentials:
        """The credentials in an answer of the token address.

        Args:
            answer: the JSON object of a success.
            before: those that were renewed: what the answer leaves out or empty stays as it was.
        """
        now, host = self.clock(), urlsplit(self.flow_here().token_url).hostname
        token = words(answer.get("access_token"))
        if not token:
            raise OutcomeUnknown(f"{host} answered without an access token.")
        self._check_scopes(answer.get("scope"))
        lasts = seconds(answer.get("expires_in"))
        changed: dict[str, Any] = {
            "access_token": SecretStr(token),
            "expires_at": now + lasts if lasts else None,
            "renew_at": now + lasts - min(max(self.renew_before, lasts / 10), lasts / 4) if lasts else None,
            **self.learned(answer),
        }
        if again := words(answer.get("refresh_token")):
            changed["refresh_token"] = SecretStr(again)
        ends = answer.get("refresh_token_expires_in") or answer.get("refresh_expires_in")
        if lasts := seconds(ends):
            changed["refresh_expires_at"] = now + lasts
        if before is not None:
            return before.model_copy(update=changed)
        return self.Credentials.model_validate(changed)

    def learned(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """What else to keep of an answer, for credentials with fields of their own."""
        return {}

    def needs_refresh(self) -> bool:
        """Whether the access has ended, or ends soon and can be renewed."""
        now, held = self.clock(), self.credentials
        if held.expires_at is None:
            return False
        renew_at = held.renew_at or held.expires_at - self.renew_before
        return held.expires_at <= now or (renew_at <= now and self.renewable())

    def renewable(self) -> bool:
        """Whether `renewal` can make a request; asks nobody."""
        return bool(self.credentials.refresh_token)

    def renewal(self) -> httpx.Request:
        """The request that renews the access."""
        assert self.credentials.refresh_token is not None
        again = self.credentials.refresh_token.get_secret_value()
        return self.token_request({"grant_type": "refresh_token", "refresh_token": again})

    def refresh(self) -> OAuthCredentials | None:
        """Fresh credentials; None: those we have still serve, and the platform cannot be asked now.

        Raises:
            NeedsReconnect: the platform says that the access has ended.
            NotSent: it has ended, and the platform cannot be asked now.
        """
        if not self.renewable():
            if self._serves():
                return None
            raise NeedsReconnect(f"The access to {self.title} has ended. Connect the channel again.")
        try:
            return self.granted(self.token_answer(self.renewal()), before=self.credentials)
        except (NotSent, OutcomeUnknown) as error:  # a blip is not a dead token
            if self._serves():
                return None
            raise error if isinstance(error, NotSent) else NotSent(str(error)) from error

    def access_ends(self) -> datetime | None:
        """When the access ends for good unless a person connects again; None: unknown, or never."""
        return self.credentials.refresh_expires_at if self.renewable() else self.credentials.expires_at

    def signed(self, method: str, url: str, *, token: str | None = None, **options: Any) -> httpx.Request:
        """A request in the name of the channel; no error shows its secrets.

        Args:
            token: another one than the channel's own.
            options: as `httpx.Client.build_request` takes them.
        """
        bearer = token or self.credentials.access_token.get_secret_value()
        headers = {**(options.pop("headers", None) or {}), "Authorization": f"Bearer {bearer}"}
        extensions = {**(options.pop("extensions", None) or {}), SECRETS: (*self._secrets(), bearer)}
        return self.http.build_request(method, url, headers=headers, extensions=extensions, **options)

    def token_request(self, form: Mapping[str, str]) -> httpx.Request:
        """A request to the token address, in which the application shows who it is."""
        flow, known = self.flow_here(), self._its_application()
        secret, headers, shown = known.secret.get_secret_value(), {"Accept": "application/json"}, dict(form)
        if flow.basic:
            pair = f"{quote(known.id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            shown |= {flow.id_name: known.id, **({"client_secret": secret} if secret else {})}
        hidden = (*self._secrets(), *(form[name] for name in ("code", "refresh_token") if name in form))
        return self.http.build_request(
            "POST", flow.token_url, data=shown, headers=headers, extensions={SECRETS: hidden}
        )

    def token_answer(self, request: httpx.Request) -> dict[str, Any]:
        """The JSON object that the token address answers, asked once: a second call could cost the token.

        Raises:
            NeedsReconnect: the grant or the application is refused.
            NotSent, OutcomeUnknown: it could not be asked, or failed itself.
        """
        return read_answer(send_once(self.http, request, refused=self.token_refusal), self.token_refusal)

    def token_refusal(self, response: httpx.Response) -> NeedsReconnect | NotSent | OutcomeUnknown:
        """What a refusal of the token address means."""
        return refusal_of_token(response, platform=self.platform)

    def _serves(self) -> bool:
        """Whether the access token is good for a call or two."""
        ends = self.credentials.expires_at
        return ends is None or ends > self.clock() + _A_CALL

    def _check_scopes(self, told: Any) -> None:
        if not isinstance(told, str) or not told.strip():
            return
        missing = [one for one in self.flow_here().required if one not in told.replace(",", " ").split()]
        if missing:
            raise NeedsReconnect(
                f"{self.title} did not grant {', '.join(missing)}. "
                "Connect again, and leave everything ticked."
            )

    def _its_application(self) -> Application:
        if self.application is None:
            raise NeedsReconnect(
                f"{self.title} does not know this installation yet: set its application with "
                f"`tabuh platform set {self.platform}`."
            )
        return self.application

    def _secrets(self) -> tuple[str, ...]:
        own = self.application.secret.get_secret_value() if self.application else ""
        return tuple(filter(None, (*self.credentials.secrets(), own)))


#: An access token that ends sooner does not outlive the call that is about to be made.
_A_CALL = timedelta(seconds=60)

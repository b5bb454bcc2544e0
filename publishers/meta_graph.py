"""Meta's Graph API, as Facebook pages, Instagram and Threads share it: versions, tokens, insights.

Sources, all below developers.facebook.com/docs: graph-api/guides/versioning,
graph-api/guides/secure-requests (appsecret_proof), facebook-login/guides/access-tokens/get-long-lived,
threads/get-started/long-lived-tokens, instagram-platform/instagram-api-with-instagram-login.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
from pydantic import Field

from domain.errors import OutcomeUnknown, Rejected
from publishers.base import BaseSettings, Measured
from publishers.http import ask, json_object, send_once
from publishers.meta_errors import refused
from publishers.metric_map import Mapped, measured
from publishers.oauth import OAuthCredentials, OAuthPublisher

#: The newest that Meta's documentation showed in 2026-08; each lives about two years.
GRAPH_VERSION = "v26.0"

VERSION_FIELD: Any = Field(
    default=GRAPH_VERSION,
    pattern=r"^v\d{1,3}\.\d$",
    title="Graph API version",
    description="Change it when Meta ends this one",
    json_schema_extra={"expert": True},
)


class MetaSettings(BaseSettings):
    """Which version of the Graph API answers."""

    graph_version: str = VERSION_FIELD


class GraphPublisher(OAuthPublisher):
    """A channel behind one of Meta's Graph hosts."""

    #: Such as ``https://graph.facebook.com``, without a slash at the end.
    host: ClassVar[str]
    settings: MetaSettings

    def called(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        host: str | None = None,
        upload: Mapping[str, Any] | None = None,
        **fields: str | None,
    ) -> httpx.Request:
        """A request with these fields: in the address of a GET or DELETE, else as a form.

        Args:
            upload: files that go with the form.
        """
        shown = {name: value for name, value in fields.items() if value is not None} | self._proof(token)
        options: dict[str, Any] = {"params" if method in ("GET", "DELETE") else "data": shown}
        if upload:
            options["files"] = upload
        url = f"{host or self.host}/{self.settings.graph_version}/{path}"
        return self.signed(method, url, token=token, **options)

    def get(self, path: str, *, token: str | None = None, **fields: str | None) -> dict[str, Any]:
        """The answer to a question.

        Raises: as `publishers.http.ask`.
        """
        return json_object(
            ask(
                self.http,
                self.called("GET", path, token=token, host=None, upload=None, **fields),
                refused=refused,
            )
        )

    def post(self, path: str, **fields: str | None) -> dict[str, Any]:
        """The answer to a change, made exactly once.

        Raises: as `publishers.http.send_once`.
        """
        return json_object(
            send_once(
                self.http,
                self.called("POST", path, token=None, host=None, upload=None, **fields),
                refused=refused,
            )
        )

    def insights(self, path: str, mapping: Iterable[Mapped], **fields: str) -> list[Measured]:
        """The numbers of an ``insights`` edge.

        An empty set means that Meta has not counted yet: such a metric is there without a value. One that
        Meta has taken away makes it refuse the whole question: then each is asked for by itself.
        """
        day = self.clock().date()
        wanted = [one for one in mapping if one.holds(day)]
        try:
            return measured(wanted, self._insights(path, wanted, fields), on=day)
        except Rejected:
            if len(wanted) < 2:
                raise
        found: list[Measured] = []
        for one in wanted:
            with suppress(Rejected):
                found += measured([one], self._insights(path, [one], fields), on=day)
        return found

    def _insights(self, path: str, wanted: Sequence[Mapped], fields: Mapping[str, str]) -> dict[str, Any]:
        answer = self.get(path, metric=",".join(one.field for one in wanted), **fields)
        found: dict[str, Any] = dict.fromkeys((one.field for one in wanted), None)
        return found | {str(one.get("name")): _value(one) for one in answer.get("data") or ()}

    def _proof(self, token: str | None) -> dict[str, str]:
        if self.application is None:
            return {}
        bearer = token or self.credentials.access_token.get_secret_value()
        key = self.application.secret.get_secret_value().encode()
        return {"appsecret_proof": hmac.new(key, bearer.encode(), hashlib.sha256).hexdigest()}


class LongLived(GraphPublisher):
    """Tokens of an hour, exchanged for those of 60 days, which renew themselves after their first day."""

    #: Grants of the exchange and of the renewal, such as ``th_exchange_token`` and ``th_refresh_token``.
    exchange_grant: ClassVar[str]
    renewal_grant: ClassVar[str]
    renew_before: ClassVar[timedelta] = timedelta(days=20)

    def granted(
        self, answer: Mapping[str, Any], *, before: OAuthCredentials | None = None
    ) -> OAuthCredentials:
        """As for every platform; Instagram wraps the first answer in a list."""
        inner = answer.get("data")
        if isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
            answer = inner[0]
        return super().granted(answer, before=before)

    def lengthened(self, granted: OAuthCredentials) -> OAuthCredentials:
        """The token of 60 days that Meta gives for the first one."""
        assert self.application is not None
        short = granted.access_token.get_secret_value()
        secret = self.application.secret.get_secret_value()
        request = self.signed(
            "GET",
            f"{self.host}/access_token",
            token=short,
            params={"grant_type": self.exchange_grant, "client_secret": secret, "access_token": short},
        )
        return self.granted(self.token_answer(request), before=granted)

    def renewable(self) -> bool:
        return self.credentials.expires_at is not None and self.credentials.expires_at > self.clock()

    def renewal(self) -> httpx.Request:
        token = self.credentials.access_token.get_secret_value()
        return self.signed(
            "GET",
            f"{self.host}/refresh_access_token",
            params={"grant_type": self.renewal_grant, "access_token": token},
        )


def node_id(answer: Mapping[str, Any], *, title: str) -> str:
    """The id in an answer.

    Raises:
        OutcomeUnknown: there is none.
    """
    if not answer.get("id"):
        raise OutcomeUnknown(f"{title} took it and did not say which one it is.")
    return str(answer["id"])


def moment(text: Any) -> datetime | None:
    """A time of Meta, such as ``2026-03-02T12:00:00+0000``, in UTC; None when it cannot be read."""
    try:
        then = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return then.replace(tzinfo=then.tzinfo or UTC).astimezone(UTC)


def _value(entry: Mapping[str, Any]) -> Any:
    """One number: the total, or the newest of a series."""
    total = entry.get("total_value")
    if isinstance(total, Mapping):
        return total.get("value")
    values = entry.get("values") or ()
    value = values[-1].get("value") if values and isinstance(values[-1], Mapping) else None
    return sum(value.values()) if isinstance(value, Mapping) and value else value

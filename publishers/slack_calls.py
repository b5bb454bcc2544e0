"""Calls of Slack's Web API with one token, uploads among them.

Sources: docs.slack.dev/reference/methods/files.getUploadURLExternal, files.completeUploadExternal and
files.info; slackapi/slack-github-action issue 413 (a file is shown only after Slack has worked on it).
"""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from domain.errors import NotSent, OutcomeUnknown
from publishers.http import SECRETS, UPLOAD_DEADLINE, ask, harmless, send_once
from publishers.pictures import Picture
from publishers.secret_address import secret_request
from publishers.slack_answers import NotReady, answer_of, refused

API = "https://slack.com/api"
#: A file is asked for so often, so many seconds apart, until Slack has worked on it.
_READY_LOOKS = 15
_READY_EVERY = 1.0


class SlackCalls:
    """The Web API for one token."""

    def __init__(self, http: httpx.Client, token: str, *, api: str = API) -> None:
        self._http = http
        self._token = token
        self._api = api

    def do(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A call that changes something.

        Raises: as `publishers.http.send_once`, by Slack's own words too.
        """
        request = self._request("POST", method, json=dict(body))
        return answer_of(send_once(self._http, request, refused=refused))

    def ask(self, method: str, **params: str) -> dict[str, Any]:
        """A call that changes nothing.

        Raises: as `publishers.http.ask`, by Slack's own words too.
        """
        request = self._request("GET", method, params=params)
        try:
            return answer_of(ask(self._http, request, refused=refused))
        except OutcomeUnknown as error:
            raise NotSent(str(error)) from error

    def uploaded(self, picture: Picture, name: str, *, alt: str) -> str:
        """The id of a file that nobody sees until a message shows it.

        Raises:
            NotSent: it cannot be told whether Slack has it; a file too many does no harm.
        """
        asked: dict[str, Any] = {"filename": name, "length": len(picture.body)}
        if alt:
            asked["alt_txt"] = alt
        place = self._harmless(self._request("POST", "files.getUploadURLExternal", data=asked))
        where = httpx.URL(str(place.get("upload_url")))
        if not self._is_theirs(where):
            raise NotSent("Slack names no place for a picture.")
        secret = where.path.removeprefix("/")  # whoever knows it may upload in our place
        file_field = {"file": (name, picture.body, picture.kind)}
        upload = secret_request(self._http, "POST", str(where), secrets=(secret,), files=file_field)
        harmless(self._http, upload, refused=refused, deadline=UPLOAD_DEADLINE)
        file = str(place.get("file_id"))
        body = {"files": [{"id": file, "title": name}]}
        self._harmless(self._request("POST", "files.completeUploadExternal", json=body))
        return file

    def _is_theirs(self, where: httpx.URL) -> bool:
        """Whether a file may be sent there: to Slack itself, or to the server that was named."""
        api = httpx.URL(self._api)
        if where.scheme != api.scheme:
            return False
        return where.host == api.host or where.host.endswith((f".{api.host}", ".slack.com"))

    def wait_until_ready(self, file: str) -> None:
        """Slack refuses a message with a file on which it still works.

        Raises:
            NotReady: it takes too long.
        """
        for look in range(_READY_LOOKS):
            if look:
                time.sleep(_READY_EVERY)
            if (self.ask("files.info", file=file).get("file") or {}).get("mimetype"):
                return
        raise NotReady("Slack is still working on a picture.")

    def _harmless(self, request: httpx.Request) -> dict[str, Any]:
        try:
            return answer_of(harmless(self._http, request, refused=refused))
        except OutcomeUnknown as error:
            raise NotSent(str(error)) from error

    def _request(self, http_method: str, method: str, **options: Any) -> httpx.Request:
        return self._http.build_request(
            http_method,
            f"{self._api}/{method}",
            headers={"Authorization": f"Bearer {self._token}"},
            extensions={SECRETS: (self._token,)},
            **options,
        )

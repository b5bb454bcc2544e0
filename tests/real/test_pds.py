"""The PDS of the tests is a real one: it signs people up, lets them in, and keeps its own rules."""

import httpx
import pytest

from tests.servers.pds import Pds

pytestmark = pytest.mark.real


def test_an_app_password_opens_a_session(pds: Pds) -> None:
    someone = pds.create_account()

    answer = httpx.post(
        f"{pds.url}/xrpc/com.atproto.server.createSession",
        json={"identifier": someone.handle, "password": someone.app_password},
    )

    assert answer.status_code == 200
    assert (answer.json()["did"], answer.json()["handle"]) == (someone.did, someone.handle)


def test_a_handle_may_be_chosen_once(pds: Pds) -> None:
    assert pds.create_account("drummer.test").handle == "drummer.test"

    with pytest.raises(RuntimeError, match="Handle already taken"):
        pds.create_account("drummer.test")


def test_a_wrong_password_opens_nothing(pds: Pds) -> None:
    answer = httpx.post(
        f"{pds.url}/xrpc/com.atproto.server.createSession",
        json={"identifier": pds.create_account().handle, "password": "wrong"},
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "AuthenticationRequired")

"""The shared OAuth 2 flow, against a real server that checks what platforms check."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.content import Channel
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PublishError, RateLimited
from net.client import make_client
from publishers.oauth import Application, OAuthCredentials, challenge_of, new_secret
from publishers.oauth_answers import refusal_of_token, seconds
from tests.servers.flow_platform import FlowPlatform, platform_of
from tests.servers.oauth import OAuthServer, oauth_server
from tests.world import NOON, FixedClock

BACK = "http://127.0.0.1:8420/connect/callback"


@pytest.fixture(params=["basic", "form", "no proof key"])
def server(request: pytest.FixtureRequest) -> Iterator[OAuthServer]:
    """One of each way in which platforms want to know the application."""
    kind = request.param
    with oauth_server(redirect_uris={BACK}, basic=kind == "basic", pkce=kind != "no proof key") as found:
        yield found


def _publisher(
    server: OAuthServer, credentials: dict[str, Any] | None = None, **changes: Any
) -> FlowPlatform:
    kind = platform_of(server, **changes.pop("attributes", {}))
    held = (
        OAuthCredentials.model_construct(access_token=SecretStr(""))
        if credentials is None
        else OAuthCredentials.model_validate(credentials)
    )
    known = {"application": Application(server.client_id, SecretStr(server.client_secret)), **changes}
    return kind(
        Channel(id=1, platform="drumhub", name="Drums", slug="drums"),
        make_client(allowed_networks=("127.0.0.0/8",)),
        credentials=held,
        clock=known.pop("clock", FixedClock()),
        **known,
    )


def _granted(server: OAuthServer, **changes: Any) -> FlowPlatform:
    """A publisher with access just granted."""
    publisher, verifier = _publisher(server, **changes), new_secret()
    address = publisher.consent_address(redirect_uri=BACK, state="s" * 43, verifier=verifier)
    back = parse_qs(urlsplit(server.consent(address)).query)
    held = publisher.redeem(back["code"][0], redirect_uri=BACK, verifier=verifier)
    return _publisher(server, held.sealable(), **changes)


def test_a_granted_code_becomes_credentials_that_work(server: OAuthServer) -> None:
    publisher = _granted(server)

    assert publisher.identify().name == "Drum School"
    assert publisher.credentials.expires_at == NOON.replace(hour=13)
    assert publisher.credentials.refresh_token
    assert ("code_verifier" in server.asked[0]) is server.pkce


def test_the_consent_address_names_application_scopes_state_and_proof(server: OAuthServer) -> None:
    address = _publisher(server).consent_address(redirect_uri=BACK, state="a state", verifier="v" * 43)

    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["scope"] == "post.write read"
    assert asked["state"] == "a state"
    assert ("code_challenge" in asked) is server.pkce
    assert server.client_secret not in address
    assert "v" * 43 not in address


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=43, max_size=128))
def test_the_challenge_is_the_unpadded_hash_of_the_verifier(verifier: str) -> None:
    shown = challenge_of(verifier)

    assert base64.urlsafe_b64decode(shown + "=") == hashlib.sha256(verifier.encode()).digest()
    assert "=" not in shown


def test_the_challenge_is_the_one_of_the_standard() -> None:  # RFC 7636, appendix B
    assert (
        challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_a_code_works_once_and_never_shows(server: OAuthServer) -> None:
    publisher, verifier = _publisher(server), new_secret()
    address = publisher.consent_address(redirect_uri=BACK, state="s" * 43, verifier=verifier)
    code = parse_qs(urlsplit(server.consent(address)).query)["code"][0]
    publisher.redeem(code, redirect_uri=BACK, verifier=verifier)

    with pytest.raises(NeedsReconnect) as caught:
        publisher.redeem(code, redirect_uri=BACK, verifier=verifier)

    assert code not in str(caught.value)
    assert server.client_secret not in str(caught.value)


def _redeemed(server: OAuthServer, *, redirect: str = BACK, other_verifier: bool = False) -> None:
    publisher, verifier = _publisher(server), new_secret()
    address = publisher.consent_address(redirect_uri=BACK, state="s" * 43, verifier=verifier)
    code = parse_qs(urlsplit(server.consent(address)).query)["code"][0]
    publisher.redeem(code, redirect_uri=redirect, verifier=new_secret() if other_verifier else verifier)


def test_a_code_with_a_wrong_address_is_refused(server: OAuthServer) -> None:
    with pytest.raises(NeedsReconnect):
        _redeemed(server, redirect=f"{BACK}/other")


def test_a_code_with_a_wrong_proof_is_refused_where_one_is_asked_for(server: OAuthServer) -> None:
    if server.pkce:
        with pytest.raises(NeedsReconnect):
            _redeemed(server, other_verifier=True)
    else:
        _redeemed(server, other_verifier=True)


def test_a_wrong_application_secret_is_said_as_such(server: OAuthServer) -> None:
    publisher = _granted(server)
    wrong = Application(server.client_id, SecretStr("another secret"))
    again = _publisher(server, publisher.credentials.sealable(), application=wrong)

    with pytest.raises(NeedsReconnect, match="tabuh platform set drumhub") as caught:
        again.token_answer(again.renewal())

    assert "another secret" not in str(caught.value)


def test_without_an_application_it_is_asked_for() -> None:
    with oauth_server() as server, pytest.raises(NeedsReconnect, match="tabuh platform set drumhub"):
        _publisher(server, application=None).consent_address(redirect_uri=BACK, state="s", verifier="v" * 43)


def test_a_grant_that_lacks_a_needed_scope_is_refused_in_words(server: OAuthServer) -> None:
    server.scope = "read"

    with pytest.raises(NeedsReconnect, match=r"did not grant post\.write"):
        _granted(server)


def test_a_refresh_rotates_and_an_empty_token_never_overwrites(server: OAuthServer) -> None:
    publisher = _granted(server)
    first = publisher.credentials
    fresh = publisher.refresh()
    assert fresh is not None
    assert fresh.refresh_token != first.refresh_token
    assert fresh.access_token != first.access_token

    server.rotates = False
    again = _publisher(server, fresh.sealable()).refresh()
    assert again is not None
    assert again.refresh_token == fresh.refresh_token
    assert again.access_token != fresh.access_token


def test_a_refresh_token_used_twice_ends_the_grant(server: OAuthServer) -> None:
    publisher = _granted(server)
    publisher.refresh()

    with pytest.raises(NeedsReconnect, match="Connect the channel again") as caught:
        publisher.refresh()

    assert not [secret for secret in server.secrets if secret in str(caught.value)]


@pytest.mark.parametrize("fault", [500, 503, 400, 408, "lost"])
def test_a_blip_is_not_a_dead_token(server: OAuthServer, fault: int | str) -> None:
    clock = FixedClock()
    publisher = _granted(server, clock=clock)
    clock.forward(minutes=51)
    assert publisher.needs_refresh()
    server.faults.append(fault)
    assert publisher.refresh() is None  # ten minutes are left

    clock.forward(minutes=10)
    server.faults.append(503 if fault == "lost" else fault)
    with pytest.raises(NotSent):
        publisher.refresh()


def test_access_that_cannot_be_renewed_serves_until_its_end() -> None:
    with oauth_server(redirect_uris={BACK}) as server:
        clock = FixedClock()
        held = {"access_token": "a", "expires_at": NOON.replace(hour=13)}
        publisher = _publisher(server, held, clock=clock)
        assert not publisher.needs_refresh()
        assert publisher.access_ends() == NOON.replace(hour=13)

        clock.forward(hours=1)
        assert publisher.needs_refresh()
        with pytest.raises(NeedsReconnect, match="has ended"):
            publisher.refresh()


@pytest.mark.parametrize(("lives", "renewed_after"), [(60, 45), (3600, 3000), (5_184_000, 4_665_600)])
def test_a_token_is_renewed_before_its_end_and_not_at_every_call(lives: int, renewed_after: int) -> None:
    with oauth_server(redirect_uris={BACK}, expires_in=lives) as server:
        clock = FixedClock()
        publisher = _granted(server, clock=clock)
        clock.forward(seconds=renewed_after - 1)
        assert not publisher.needs_refresh()
        clock.forward(seconds=1)
        assert publisher.needs_refresh()


def test_a_token_without_an_end_is_never_renewed() -> None:
    with oauth_server(redirect_uris={BACK}, expires_in=None) as server:
        clock = FixedClock()
        publisher = _granted(server, clock=clock)
        clock.forward(days=3000)
        assert not publisher.needs_refresh()
        assert publisher.access_ends() is None


def test_the_end_of_the_refresh_token_is_the_end_of_access() -> None:
    with oauth_server(redirect_uris={BACK}, refresh_expires_in=86400 * 60) as server:
        publisher = _granted(server)
        assert publisher.access_ends() == publisher.credentials.refresh_expires_at
        assert publisher.access_ends() == FixedClock().forward(days=60)


class _Longer(FlowPlatform):
    """A platform that gives a longer token for a short one, and renews it by itself, as Meta's do."""

    def lengthened(self, granted: OAuthCredentials) -> OAuthCredentials:
        return self.granted({"access_token": "longer", "expires_in": "5184000"}, before=granted)

    def renewable(self) -> bool:
        return True

    def renewal(self) -> httpx.Request:
        return self.http.build_request("GET", f"{self.url}/longer")


def test_an_adapter_overrides_what_is_its_own() -> None:
    with oauth_server(redirect_uris={BACK}) as server:
        attributes = {name: vars(_Longer)[name] for name in ("lengthened", "renewable", "renewal")}
        publisher = _granted(server, attributes=attributes)
        assert publisher.credentials.access_token.get_secret_value() == "longer"
        assert publisher.credentials.expires_at == FixedClock().forward(days=60)
        assert str(publisher.renewal().url) == f"{server.url}/longer"


def _answer(status: int, document: Any) -> httpx.Response:
    request = httpx.Request("POST", "https://token.example/token")
    return httpx.Response(status, json=document, request=request)


@pytest.mark.parametrize(
    ("status", "document", "error"),
    [
        (400, {"error": "invalid_grant"}, NeedsReconnect),
        (200, {"error": "invalid_grant", "error_description": "gone"}, NeedsReconnect),
        (400, {"error": {"message": "expired", "type": "OAuthException", "code": 190}}, NeedsReconnect),
        (401, {"error": "invalid_client"}, NeedsReconnect),
        (400, {"error": "temporarily_unavailable"}, OutcomeUnknown),
        (400, {"error": "server_error"}, OutcomeUnknown),
        (403, "<html>", OutcomeUnknown),
        (404, {}, OutcomeUnknown),
        (429, {}, RateLimited),
        (502, {"error": "invalid_grant"}, OutcomeUnknown),
    ],
)
def test_only_the_platforms_word_makes_a_grant_dead(
    status: int, document: Any, error: type[PublishError]
) -> None:
    assert type(refusal_of_token(_answer(status, document), platform="drumhub")) is error


@pytest.mark.parametrize(
    ("told", "lives"),
    [(3600, 3600), ("3600", 3600), (0, None), (-5, None), (None, None), ("soon", None), (True, None),
     (10**15, None), (float("nan"), None), ("9" * 400, None), (0.4, 1)],
)  # fmt: skip
def test_a_lifetime_is_read_from_whatever_a_platform_writes(told: Any, lives: int | None) -> None:
    found = seconds(told)

    assert (None if found is None else found.total_seconds()) == lives


answers = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.dictionaries(
        st.sampled_from(["access_token", "refresh_token", "expires_in", "scope", "error"]), inner
    ),
)


NOBODY = _publisher(OAuthServer(url="https://drumhub.example"))


@given(answers)
def test_no_answer_breaks_the_flow_or_empties_a_secret(document: Any) -> None:
    held = OAuthCredentials(access_token=SecretStr("old"), refresh_token=SecretStr("again"))
    try:
        fresh = NOBODY.granted(document if isinstance(document, dict) else {}, before=held)
    except PublishError:
        return

    assert fresh.access_token.get_secret_value()
    assert fresh.refresh_token is not None
    assert fresh.refresh_token.get_secret_value()

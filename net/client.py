"""The one maker of httpx clients, and a bounded way to read an address from outside."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version

import httpcore
import httpx

from domain.errors import FetchError, RefusedAddress, TooLarge, TooSlow, Unreachable
from net import smtp
from net.deadline import is_over, time_limit
from net.decode import ACCEPTED, BrokenCoding, CapReached, decode
from net.guard import AddressPolicy, GuardedBackend, Refused
from net.oneshot import OneShot

Client = httpx.Client

try:
    _VERSION = version("tabuh")
except PackageNotFoundError:  # run from a checkout that was never installed
    _VERSION = "0"
USER_AGENT = f"Tabuh/{_VERSION}"

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
#: Headers that may follow a redirect to another origin; everything else may be a secret.
_HARMLESS = frozenset(
    {"a-im", "accept", "accept-encoding", "accept-language", "connection", "user-agent"}
    | {"if-none-match", "if-modified-since"}
)


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed."""

    status: int
    #: Where it led, absolute.
    url: str


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer, decoded and within its cap."""

    status: int
    headers: httpx.Headers
    body: bytes
    #: The address that gave this answer, after redirects, without user name and password.
    url: str
    hops: tuple[Hop, ...] = ()

    @property
    def permanent_url(self) -> str | None:
        """The address to use from now on; None unless every hop was permanent (301 or 308)."""
        if self.hops and all(hop.status in _PERMANENT for hop in self.hops):
            return self.url
        return None


def make_client(
    *,
    allowed_networks: Sequence[str] = (),
    user_agent: str = USER_AGENT,
    timeout: float = 15.0,
    max_connections: int = 64,
    tls: ssl.SSLContext | None = None,
) -> httpx.Client:
    """A client for the whole program, shared by its threads, that reaches public addresses only.

    It reads no proxy from the environment, follows no redirect by itself and keeps no cookies.

    Args:
        allowed_networks: private networks that may be reached all the same, such as ``192.168.1.0/24``.
        timeout: seconds for each single wait (connect, write, read, a free connection).
        max_connections: how many may be open at once.
        tls: what to trust; certifi's list of authorities when None.
    """
    backend = GuardedBackend(AddressPolicy(allowed_networks))
    for_mail = GuardedBackend(AddressPolicy(allowed_networks, ports=smtp.PORTS))
    context = tls or _trusted()
    context.set_alpn_protocols(["http/1.1"])
    pooled = httpx.HTTPTransport(verify=context, trust_env=False)
    # httpx has no argument for a network backend; a test holds that this attribute is the one in use.
    pooled._pool = httpcore.ConnectionPool(
        ssl_context=context,
        max_connections=max_connections,
        max_keepalive_connections=max_connections // 2,
        keepalive_expiry=5.0,
        network_backend=backend,
    )
    transport = _Transport(pooled, OneShot(backend, context), for_mail, context)
    return httpx.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=timeout,
        headers={"User-Agent": user_agent, "Accept-Encoding": ACCEPTED},
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
    )


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """What all clients of this process trust; reading certifi's list takes 20 ms and a megabyte each time."""
    return httpx.create_ssl_context(trust_env=False)


class _Transport(httpx.BaseTransport):
    """Connections are shared and kept, except for a look that says that it is the only one, and for mail."""

    def __init__(
        self, pooled: httpx.HTTPTransport, one_shot: OneShot, for_mail: GuardedBackend, tls: ssl.SSLContext
    ) -> None:
        self.pooled = pooled
        self.one_shot = one_shot
        self.tls = tls
        self._for_mail = for_mail

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        is_single = request.method in ("GET", "HEAD") and request.headers.get("connection") == "close"
        return (self.one_shot if is_single else self.pooled).handle_request(request)

    def dial(self, host: str, port: int, timeout: float) -> httpcore.NetworkStream:
        """A connection for a conversation by `net.smtp`."""
        return self._for_mail.connect_tcp(host, port, timeout)

    def close(self) -> None:
        self.pooled.close()


def read(
    client: httpx.Client,
    url_or_request: str | httpx.Request,
    *,
    deadline: timedelta,
    max_bytes: int,
    max_redirects: int | None = 5,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Send a GET (or the request given) and read the whole answer, whatever its status.

    A GET whose answer is compressed and damaged is repeated once, without compression.

    Args:
        deadline: for everything together: look-up, redirects, headers, body.
        max_bytes: cap on the decoded body; nothing larger is ever held.
        max_redirects: followed for GET and HEAD only; secrets never follow to another origin. None hands a
            redirect back as the answer that it is.
        headers: added to the request when an address was given; values go out byte for byte as latin-1.

    Raises:
        RefusedAddress: it leads to a private network, or is no http(s) address.
        Unreachable: no answer, a broken one, or too many redirects.
        TooSlow: the deadline or a single wait ran out.
        TooLarge: more than ``max_bytes``.
        NoRoom: other large bodies were being read all the time; only where turns are taken (`net.room`).
    """
    with time_limit(deadline):
        request = _request(client, url_or_request, headers)
        hops: list[Hop] = []
        while True:
            try:
                response = _exchange(client, request, max_bytes, deadline)
            except BrokenCoding as exc:
                if request.method != "GET" or request.headers.get("accept-encoding") == "identity":
                    raise _failure(Unreachable, request, f"sent an answer {exc}; try again later") from exc
                request.headers["accept-encoding"] = "identity"  # some servers spoil what they compress
                continue
            target = _target(request, response) if max_redirects is not None else None
            if target is None or max_redirects is None:
                return replace(response, hops=tuple(hops))
            hops.append(Hop(response.status, shown(target)))
            if len(hops) > max_redirects:
                raise _failure(
                    Unreachable, request, f"redirects more than {max_redirects} times; check the address"
                )
            request = _next_request(client, request, target)


def may_share_secrets(old: str, new: str) -> bool:
    """Whether what opens one address may be sent to another: the same origin, or its upgrade to https."""
    try:
        return _same_origin(httpx.URL(old), httpx.URL(new))
    except httpx.InvalidURL:
        return False


def shown(url: httpx.URL | str) -> str:
    """An address without user name and password, fit for texts and logs."""
    text = str(url)
    if "@" not in text:
        return text
    try:
        return str(httpx.URL(url).copy_with(userinfo=b""))
    except httpx.InvalidURL:
        return str(url)


def _request(
    client: httpx.Client, target: str | httpx.Request, headers: Mapping[str, str] | None
) -> httpx.Request:
    if isinstance(target, httpx.Request):
        return target
    try:
        url = httpx.URL(target.strip())
    except httpx.InvalidURL as exc:
        raise RefusedAddress(f"{target!r} is no address: {exc}", url=target) from exc
    if url.scheme not in ("http", "https") or not url.host:
        raise RefusedAddress(
            f"{shown(url)!r} cannot be read: write an address that starts with http:// or https://",
            url=shown(url),
        )
    raw = [(name.encode("ascii"), _as_bytes(value)) for name, value in (headers or {}).items()]
    return client.build_request("GET", url, headers=raw)


def _as_bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


def _exchange(client: httpx.Client, request: httpx.Request, max_bytes: int, deadline: timedelta) -> Response:
    try:
        answer = client.send(request, stream=True, auth=None)
        try:
            answer.headers.encoding = "latin-1"
            coding = answer.headers.get("content-encoding", "")
            body = decode(answer.iter_raw(), coding, max_bytes=max_bytes)
        finally:
            answer.close()
    except httpx.TransportError as exc:
        raise _explain(exc, request, deadline) from exc
    except (httpx.InvalidURL, ValueError) as exc:  # httpx looks at Location even when it need not follow
        raise _failure(Unreachable, request, "redirects to something that is no address") from exc
    except CapReached as exc:
        size = f"{max_bytes / 2**20:.0f} MiB" if max_bytes >= 2**20 else f"{max_bytes:,} bytes"
        raise _failure(TooLarge, request, f"sent more than {size}; ask for a shorter document") from exc
    return Response(answer.status_code, answer.headers, body, shown(request.url))


def _explain(exc: httpx.TransportError, request: httpx.Request, deadline: timedelta) -> FetchError:
    host = request.url.host
    cause = exc.__cause__
    match cause, exc:
        case Refused(), _:
            return _failure(
                RefusedAddress,
                request,
                f"is not read: {cause}; to reach a network of your own, name it in TABUH_ALLOWED_NETWORKS",
            )
        case _, httpx.ReadTimeout() | httpx.WriteTimeout() if is_over():
            limit = deadline.total_seconds()
            return _failure(TooSlow, request, f"did not finish within {limit:g} s; try again later")
        case _, httpx.ConnectTimeout():
            return _failure(Unreachable, request, "did not answer in time; check that it is up")
        case _, httpx.PoolTimeout():
            return TooSlow(f"no free connection for {host}; try again later", url=shown(request.url))
        case _, httpx.TimeoutException():
            return _failure(TooSlow, request, "stopped sending in the middle; try again later")
    reason = str(exc).strip().rstrip(".") or type(exc).__name__
    return _failure(Unreachable, request, f"could not be reached ({reason}); check the address")


def _failure(kind: type[FetchError], request: httpx.Request, rest: str) -> FetchError:
    return kind(f"{request.url.host} {rest}", url=shown(request.url))


def _target(request: httpx.Request, response: Response) -> httpx.URL | None:
    """Where a redirect leads; None when the answer is final."""
    location = response.headers.get("location")
    if response.status not in _REDIRECTS or not location or request.method not in ("GET", "HEAD"):
        return None
    try:
        url = request.url.join(location.encode("latin-1").decode("utf-8", "replace"))
    except (httpx.InvalidURL, ValueError) as exc:
        raise _failure(Unreachable, request, "redirects to something that is no address") from exc
    if url.scheme not in ("http", "https") or not url.host:
        raise _failure(RefusedAddress, request, f"redirects to {url.scheme}:, which is not read")
    if not url.fragment and request.url.fragment:
        url = url.copy_with(fragment=request.url.fragment)
    return url


def _next_request(client: httpx.Client, request: httpx.Request, target: httpx.URL) -> httpx.Request:
    kept = [
        (name, value)
        for name, value in request.headers.raw
        if name.lower() != b"host"
        and (name.decode("ascii").lower() in _HARMLESS or _same_origin(request.url, target))
    ]
    return client.build_request(request.method, target.copy_with(userinfo=b""), headers=kept)


def _same_origin(old: httpx.URL, new: httpx.URL) -> bool:
    """Whether secrets may follow: the same origin, or the same host upgraded from http to https."""
    if old.host != new.host:
        return False
    upgraded = old.scheme == "http" and new.scheme == "https" and old.port is None and new.port is None
    return upgraded or (old.scheme == new.scheme and old.port == new.port)

"""The proxy loses exactly what it says, and the server's side shows whether the work was done."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from tests.servers.faultproxy import CutAnswer, FaultProxy, LoseAnswer, LoseRequest, Refuse
from tests.servers.loopback import Answer, Loopback

BODY = b"x" * 5000


def answer(path: str, headers: Mapping[str, str]) -> Answer:
    return 200, {}, BODY


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(answer) as server:
        yield server


@pytest.fixture
def proxy(server: Loopback) -> Iterator[FaultProxy]:
    with FaultProxy(server.host, server.port) as proxy:
        yield proxy


def post(proxy: FaultProxy) -> httpx.Response:
    return httpx.post(proxy.url, content=b"hello", timeout=0.5)


def test_without_a_fault_everything_passes(proxy: FaultProxy, server: Loopback) -> None:
    assert post(proxy).content == BODY
    assert server.requests[0].body == b"hello"
    assert (proxy.connections, proxy.struck) == (1, 0)


@pytest.mark.parametrize("after", [0, 100])
def test_a_cut_answer_is_an_error_though_the_server_did_its_work(
    proxy: FaultProxy, server: Loopback, after: int
) -> None:
    proxy.fault = CutAnswer(after=after)

    with pytest.raises(httpx.ReadError):
        post(proxy)

    assert (server.count(), proxy.struck) == (1, 1)


def test_a_cut_answer_lets_the_stated_number_of_bytes_through(proxy: FaultProxy, server: Loopback) -> None:
    proxy.fault = CutAnswer(after=1000)

    with httpx.stream("POST", proxy.url, timeout=0.5) as response, pytest.raises(httpx.ReadError):
        response.read()

    assert 0 < response.num_bytes_downloaded < 1000  # the head of the answer counts too


def test_a_lost_answer_is_a_time_out_though_the_server_did_its_work(
    proxy: FaultProxy, server: Loopback
) -> None:
    proxy.fault = LoseAnswer()

    with pytest.raises(httpx.ReadTimeout):
        post(proxy)

    assert server.count() == 1


def test_a_lost_request_is_a_time_out_and_the_server_never_knew(proxy: FaultProxy, server: Loopback) -> None:
    proxy.fault = LoseRequest()

    with pytest.raises(httpx.ReadTimeout):
        post(proxy)

    assert (server.count(), proxy.connections) == (0, 1)


def test_a_refused_connection_never_opens_and_the_port_comes_back(
    proxy: FaultProxy, server: Loopback
) -> None:
    proxy.fault = Refuse()
    with pytest.raises(httpx.ConnectError):
        post(proxy)
    assert server.count() == 0

    proxy.fault = None

    assert post(proxy).status_code == 200


def test_a_proxy_may_refuse_from_the_start(server: Loopback) -> None:
    with FaultProxy(server.host, server.port, fault=Refuse()) as proxy, pytest.raises(httpx.ConnectError):
        post(proxy)


def test_a_fault_hits_connections_that_are_open_already(proxy: FaultProxy, server: Loopback) -> None:
    with httpx.Client(base_url=proxy.url, timeout=0.5) as client:
        client.post("/one")
        proxy.fault = CutAnswer()
        with pytest.raises(httpx.ReadError):
            client.post("/two")
        proxy.fault = None
        client.post("/three")

    assert [request.path for request in server.requests] == ["/one", "/two", "/three"]
    assert proxy.connections == 2


def test_latency_holds_the_answer_back(proxy: FaultProxy) -> None:
    proxy.latency = 0.2

    assert post(proxy).elapsed.total_seconds() >= 0.2


def test_an_absent_server_ends_the_connection() -> None:
    with FaultProxy("127.0.0.1", 9) as proxy, pytest.raises(httpx.TransportError):
        post(proxy)

"""TLS goes to the address that was checked, under the name that was asked for."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain.errors import Unreachable
from net.client import make_client, read
from tests.net.raw import RawServer

SECOND = timedelta(seconds=1)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for feed.example that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "feed.example")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("feed.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "feed.example.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture(autouse=True)
def _every_name_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(host: object, port: int, *args: object, **kwargs: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


BOTH_WAYS = pytest.mark.parametrize("connection", ["keep-alive", "close"])


def greeting(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@BOTH_WAYS
def test_the_certificate_is_checked_against_the_name_and_the_name_is_sent(
    certificate: Path, connection: str
) -> None:
    asked: list[str | None] = []
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate)
    server_side.sni_callback = lambda _socket, name, _context: asked.append(name)
    trust = ssl.create_default_context(cafile=str(certificate))

    with (
        RawServer(greeting, tls=server_side) as server,
        make_client(allowed_networks=["127.0.0.1"], tls=trust) as client,
    ):
        url, headers = f"https://feed.example:{server.port}/", {"Connection": connection}
        assert read(client, url, deadline=20 * SECOND, max_bytes=99, headers=headers).body == b"ok"
        with pytest.raises(Unreachable, match=r"other\.example could not be reached"):
            read(client, url.replace("feed", "other"), deadline=20 * SECOND, max_bytes=99, headers=headers)

    assert asked == ["feed.example", "other.example"]


@BOTH_WAYS
def test_a_certificate_nobody_vouches_for_is_refused(certificate: Path, connection: str) -> None:
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate)
    headers = {"Connection": connection}

    with (
        RawServer(greeting, tls=server_side) as server,
        make_client(allowed_networks=["127.0.0.1"]) as client,
        pytest.raises(Unreachable, match="CERTIFICATE"),
    ):
        read(
            client,
            f"https://feed.example:{server.port}/",
            deadline=20 * SECOND,
            max_bytes=99,
            headers=headers,
        )


@BOTH_WAYS
def test_a_handshake_that_never_ends_is_bounded_by_the_deadline(connection: str) -> None:
    def silent(connection: socket.socket) -> None:
        server.stopping.wait(10)

    with (
        RawServer(silent) as server,
        make_client(allowed_networks=["127.0.0.1"]) as client,
        pytest.raises(Unreachable),
    ):
        read(
            client,
            f"https://feed.example:{server.port}/",
            deadline=SECOND / 3,
            max_bytes=99,
            headers={"Connection": connection},
        )

"""Real servers that several tests of a run share."""

from collections.abc import Iterator

import httpx
import pytest

from net.client import make_client
from tests.servers.ghost import Ghost, Integration
from tests.servers.wordpress import WordPress


@pytest.fixture(scope="session")
def wordpress_site() -> Iterator[WordPress]:
    """A real WordPress on MariaDB, one per run."""
    with WordPress() as site:
        yield site


@pytest.fixture(scope="session")
def ghost_site() -> Iterator[Integration]:
    """A real Ghost with a custom integration, one per run; mark the test `slow`."""
    with Ghost() as site:
        yield site.integration()


@pytest.fixture
def loopback_client() -> Iterator[httpx.Client]:
    """The program's own client, which may reach this machine."""
    with make_client(allowed_networks=("127.0.0.0/8", "::1/128"), timeout=10) as client:
        yield client

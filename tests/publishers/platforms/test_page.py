"""The page channel makes no calls: its posts are public in our own database."""

from tests.publishers.case import Case
from tests.publishers.fake_servers import FakeServer
from tests.world import FixedClock


def case() -> Case:
    """For the contract of all adapters."""
    return Case("page", FakeServer(FixedClock()), {}, {}, [])

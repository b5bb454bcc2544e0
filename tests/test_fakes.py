"""The fake platform does what its fates say, for each delivery class."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.content import Content, DeliveryClass, RemotePost
from domain.errors import NotSent, OutcomeUnknown, PublishError, RateLimited, Rejected
from publishers.base import NoProgress
from tests.fakes import Crash, FakePlatform, Fate
from tests.world import NOON, FixedClock

KEY = "0f" * 16


def publish(platform: FakePlatform, clock: FixedClock | None = None) -> RemotePost:
    publisher = platform.publisher(clock or FixedClock())
    payload = publisher.render(Content("hi"), created_at=NOON)
    return publisher.publish(payload, key=KEY, progress=NoProgress())


def find(platform: FakePlatform, handle: dict[str, str] | None = None) -> RemotePost | None:
    publisher = platform.publisher(FixedClock())
    payload = publisher.render(Content("hi"), created_at=NOON)
    return publisher.find_existing(payload, key=KEY, handle=handle, since=NOON)


@pytest.mark.parametrize(
    ("fate", "error", "copies"),
    [
        (Fate.NOT_SENT, NotSent, 0),
        (Fate.REJECTED, Rejected, 0),
        (Fate.RATE_LIMITED, RateLimited, 0),
        (Fate.LOST_REQUEST, OutcomeUnknown, 0),
        (Fate.LOST_ANSWER, OutcomeUnknown, 1),
        (Fate.CRASH_BEFORE, Crash, 0),
        (Fate.CRASH_AFTER, Crash, 1),
    ],
)
def test_each_fate_has_its_error_and_its_copies(fate: Fate, error: type[BaseException], copies: int) -> None:
    platform = FakePlatform(fates=[fate])

    with pytest.raises(error):
        publish(platform)
    assert platform.copies(KEY) == copies
    assert publish(platform).published_at == NOON


def test_only_a_native_key_that_is_still_known_prevents_a_double() -> None:
    clock = FixedClock()
    keyed = FakePlatform(DeliveryClass.NATIVE_KEY, key_ttl=timedelta(hours=1))
    assert publish(keyed, clock) == publish(keyed, clock)
    clock.forward(hours=2)
    publish(keyed, clock)
    listed = FakePlatform(DeliveryClass.LIST_AND_MATCH)
    publish(listed)
    publish(listed)

    assert (keyed.copies(), listed.copies(), listed.doubles()) == (2, 2, [KEY])


@pytest.mark.parametrize("delivery", [DeliveryClass.NATIVE_KEY, DeliveryClass.LIST_AND_MATCH])
def test_a_published_post_is_found(delivery: DeliveryClass) -> None:
    platform = FakePlatform(delivery)
    assert find(platform) is None

    assert publish(platform) == find(platform)


def test_a_container_is_found_by_its_handle() -> None:
    platform = FakePlatform(DeliveryClass.TWO_PHASE)
    remote = publish(platform)

    assert find(platform, {"container": f"container-{KEY}"}) == remote
    assert find(platform, None) is None


def test_nobody_can_be_asked_of_a_platform_that_takes_a_post_at_most_once() -> None:
    with pytest.raises(PublishError):
        find(FakePlatform(DeliveryClass.AT_MOST_ONCE))


def test_a_ledger_is_shared_with_other_processes(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    publish(FakePlatform(ledger=ledger))

    elsewhere = FakePlatform(ledger=ledger)
    assert (elsewhere.copies(KEY), find(elsewhere) is not None) == (1, True)

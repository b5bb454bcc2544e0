"""LinkedIn members: who posts is learned once; after a lost answer a person looks."""

import pytest
from pydantic import SecretStr

from domain.content import Content
from domain.errors import OutcomeUnknown
from publishers.oauth import Application
from tests.publishers.case import Case
from tests.publishers.fake_servers import LOST_ANSWER
from tests.publishers.fakes.linkedin import MEMBER, FakeLinkedIn
from tests.world import FixedClock


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "linkedin_member",
        FakeLinkedIn(clock, MEMBER),
        {"member_id": "m1"},
        {"access_token": FakeLinkedIn.TOKEN},
        [FakeLinkedIn.TOKEN, "linkedin-secret"],
        clock,
        application=Application("linkedin-id", SecretStr("linkedin-secret")),
        length=lambda payload: len(payload["commentary"]),
    )


def test_who_posts_is_learned_and_asked_only_while_unknown() -> None:
    one = case()
    one.settings = {}
    learned = one.publisher().enrich()
    assert learned is not None
    assert learned.model_dump()["member_id"] == "m1"

    one.publish(Content("Before it was learned"))
    one.settings = learned.model_dump()
    asked = len(one.server.requests)
    one.publish(Content("After"))

    assert len(one.server.requests) == asked + 1
    assert [post["author"] for post in one.server.posts] == [MEMBER, MEMBER]  # type: ignore[attr-defined]
    assert one.publisher().identify().name == "Sari"  # type: ignore[union-attr]


def test_a_comment_whose_answer_is_lost_leaves_the_post_published_with_a_note() -> None:
    one = case()
    one.server.changes = lambda request: request.url.path.endswith("/comments")  # type: ignore[method-assign]
    one.server.faults.append(LOST_ANSWER)

    remote = one.publish(Content("Hello", first_comment="More"))

    assert remote.note is not None
    assert "first comment" in remote.note
    assert one.copies == 1


def test_a_lost_post_is_a_persons_to_decide() -> None:
    one = case()
    one.server.faults.append(LOST_ANSWER)
    with pytest.raises(OutcomeUnknown):
        one.publish(Content("Once"))

    with pytest.raises(OutcomeUnknown, match="cannot be asked"):
        one.find(Content("Once"))

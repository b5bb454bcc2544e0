"""Posts of several calls: what is sent when, what is kept in mind, what a person is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotSent, OutcomeUnknown, PublishError, RateLimited, Rejected
from publishers.parts import Part, Sent, find_parts, part_key, parts, remote_ids, send_parts, without_uploads
from tests.publishers.case import Kept
from tests.world import NOON

KEY = "0f" * 16
PIECES = parts(KEY, {"text": "one"}, [{"text": "two"}, {"text": "three"}], {"text": "comment"})


@dataclass
class Platform:
    """Holds what was sent to it; the next calls end as told."""

    there: list[tuple[str, str | None]] = field(default_factory=list)
    #: For each call in turn: an error, with whether the work was done before it; None: all is well.
    ends: list[tuple[PublishError, bool] | None] = field(default_factory=list)

    def send(self, part: Part, before: Sequence[Sent]) -> Sent:
        end = self.ends.pop(0) if self.ends else None
        if end is None or end[1]:
            self.there.append((part.body["text"], before[-1].id if before else None))
        if end is not None:
            raise end[0]
        return Sent(part.body["text"], None, NOON)

    def find(self, part: Part, before: Sequence[Sent], _since: datetime) -> Sent | None:
        wanted = part.body["text"], before[-1].id if before else None
        return Sent(part.body["text"], None, NOON) if wanted in self.there else None


def test_each_part_goes_below_the_one_before_it() -> None:
    platform, kept = Platform(), Kept()

    remote = send_parts(PIECES, platform.send, progress=kept, now=NOON)

    assert platform.there == [("one", None), ("two", "one"), ("three", "two"), ("comment", "three")]
    assert (remote.id, remote.note) == ("one", None)
    assert remote_ids(kept.handle, "one") == ["one", "two", "three", "comment"]


def test_each_part_has_a_key_of_its_own_that_never_changes() -> None:
    keys = [part.key for part in PIECES]

    assert keys[0] == KEY
    assert len(set(keys)) == 4
    assert keys == [part_key(KEY, index) for index in range(4)]


def test_a_single_post_needs_no_memory() -> None:
    kept = Kept()

    send_parts(parts(KEY, {"text": "one"}), Platform().send, progress=kept, now=NOON)

    assert kept.saves == 0
    assert remote_ids(kept.handle, "one") == ["one"]


FATES = st.sampled_from(
    [
        None,
        (OutcomeUnknown("lost"), True),
        (OutcomeUnknown("lost"), False),
        (NotSent("nobody there"), False),
        (RateLimited("wait", retry_after=timedelta(seconds=9)), False),
    ]
)


@given(st.lists(FATES, max_size=12))
def test_whatever_goes_wrong_no_part_is_there_twice_and_the_post_ends_whole(
    fates: list[tuple[PublishError, bool] | None],
) -> None:
    platform, kept, pieces = Platform(ends=list(fates)), Kept(), PIECES[:3]
    done = None
    for _ in range(len(fates) + 1):
        try:
            done = send_parts(pieces, platform.send, progress=kept, now=NOON, find=platform.find)
            break
        except OutcomeUnknown:
            found = find_parts(pieces, handle=kept.handle, since=NOON, find=platform.find)
            if found is not None:
                done = found
                break
        except PublishError:
            continue

    assert done is not None
    assert platform.there == [("one", None), ("two", "one"), ("three", "two")]


def test_a_refusal_says_how_many_parts_are_out() -> None:
    platform = Platform(ends=[None, (Rejected("Too long."), False)])

    with pytest.raises(Rejected, match=r"1 of its 4 parts are out, and the next was refused: Too long\."):
        send_parts(PIECES, platform.send, progress=Kept(), now=NOON)


def test_a_part_that_is_out_cannot_be_changed_and_what_follows_can() -> None:
    platform, kept = Platform(ends=[None, (Rejected("Too long."), False)]), Kept()
    with pytest.raises(Rejected):
        send_parts(PIECES, platform.send, progress=kept, now=NOON)

    with pytest.raises(Rejected, match="it was changed since"):
        send_parts(parts(KEY, {"text": "other"}, [{"text": "2"}]), platform.send, progress=kept, now=NOON)
    shorter = parts(KEY, {"text": "one"}, [{"text": "2"}])
    send_parts(shorter, platform.send, progress=kept, now=NOON)

    assert platform.there == [("one", None), ("2", "one")]


def test_an_edit_forgets_uploads_and_remembers_what_is_out() -> None:
    kept = Kept({"media_ids": ["7"]})
    assert without_uploads(kept.handle) is None
    platform = Platform(ends=[None, (Rejected("Too long."), False)])
    with pytest.raises(Rejected):
        send_parts(PIECES, platform.send, progress=kept, now=NOON)

    left = without_uploads(kept.handle)

    assert left is not None
    assert "media_ids" not in left
    assert remote_ids(left, "one") == ["one"]


def test_a_comment_that_reaches_nobody_is_tried_again_and_then_left() -> None:
    nobody = (NotSent("Nobody there."), False)
    platform, kept = Platform(ends=[None, nobody, nobody, nobody]), Kept()
    pieces = parts(KEY, {"text": "one"}, (), {"text": "comment"})
    for _ in range(2):
        with pytest.raises(NotSent):
            send_parts(pieces, platform.send, progress=kept, now=NOON)

    remote = send_parts(pieces, platform.send, progress=kept, now=NOON)

    assert remote.note == "Its first comment did not go out: Nobody there."
    assert platform.there == [("one", None)]


def test_a_lost_comment_that_nobody_can_look_for_fails_no_post() -> None:
    platform = Platform(ends=[None, (OutcomeUnknown("No answer."), True)])
    pieces = parts(KEY, {"text": "one"}, (), {"text": "comment"})

    remote = send_parts(pieces, platform.send, progress=Kept(), now=NOON)

    assert remote.note == "Nobody knows whether its first comment went out: No answer. Look there."


def test_parts_that_nothing_is_known_of_are_for_a_person_to_judge() -> None:
    platform = Platform()
    send_parts(PIECES[:2], platform.send, progress=Kept(), now=NOON)

    with pytest.raises(OutcomeUnknown, match="2 of its 3 parts are there"):
        find_parts(PIECES[:3], handle=None, since=NOON, find=platform.find)
    assert find_parts(PIECES[:2], handle=None, since=NOON, find=platform.find) is not None
    assert find_parts(PIECES[:3], handle=None, since=NOON, find=platform.find, same_key=True) is None

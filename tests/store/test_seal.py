"""Credentials at rest."""

import pytest

from domain.errors import WrongKey
from domain.ids import new_id
from store.seal import Seal, key_fingerprint, new_key


def test_what_is_sealed_opens_only_with_the_key_and_for_its_owner() -> None:
    seal = Seal([new_key()])
    sealed = seal.close(7, {"token": "s3cret"})

    assert b"s3cret" not in sealed
    assert seal.open(7, sealed) == {"token": "s3cret"}
    with pytest.raises(WrongKey, match="another channel"):
        seal.open(8, sealed)
    with pytest.raises(WrongKey, match="TABUH_SECRET_KEY"):
        Seal([new_key()]).open(7, sealed)


def test_a_rotated_key_still_opens_what_the_old_one_sealed() -> None:
    old, new = new_key(), new_key()
    sealed = Seal([old]).close(1, {"a": 1})

    assert Seal([new, old]).open(1, sealed) == {"a": 1}


def test_a_key_that_is_none_is_refused_in_words_without_showing_it() -> None:
    with pytest.raises(WrongKey) as refused:
        Seal(["hunter2"])

    assert "tabuh secret new" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_neither_repr_nor_fingerprint_gives_the_key_away() -> None:
    key = new_key()

    assert key not in repr(Seal([key]))
    assert key_fingerprint(key) not in key
    assert len(key_fingerprint(key)) == 16


def test_ids_sort_by_the_time_they_were_made_and_never_repeat() -> None:
    ids = [new_id() for _ in range(50_000)]

    assert ids == sorted(set(ids))
    assert 0 < ids[0] < 2**63

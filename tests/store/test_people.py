"""Who may sign in, with what, and for how long; API tokens, idempotency keys and budgets."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.person import Role, Scope
from store import budgets, people, tokens
from store.tables import ApiToken, Membership, Person, SignInLink, SignInSession, Workspace

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_the_first_run_makes_an_owner_and_later_runs_find_the_same(session: Session) -> None:
    assert not people.has_people(session)

    first = people.ensure_owner(session, NOW)
    session.commit()
    again = people.ensure_owner(session, NOW + DAY)

    assert again.id == first.id
    [(workspace, role)] = people.workspaces_of(session, first.id)
    assert (first.name, workspace.name, role) == ("owner", "Main", Role.OWNER)
    assert len(session.exec(select(Person)).all()) == len(session.exec(select(Workspace)).all()) == 1


def test_a_disabled_owner_is_replaced_by_the_next_owner(session: Session) -> None:
    first = people.ensure_owner(session, NOW)
    [(workspace, _)] = people.workspaces_of(session, first.id)
    second = people.add_person(session, "Sari", now=NOW)
    people.set_role(session, person_id=second.id, workspace_id=workspace.id, role=Role.OWNER)
    first.disabled_at = NOW
    session.commit()

    assert people.ensure_owner(session, NOW).id == second.id
    with pytest.raises(NotFound):
        people.person(session, first.id)
    with pytest.raises(NotFound):
        people.person_named(session, "owner")


def test_a_role_is_changed_and_not_added(session: Session) -> None:
    owner = people.ensure_owner(session, NOW)
    [(workspace, _)] = people.workspaces_of(session, owner.id)

    people.set_role(session, person_id=owner.id, workspace_id=workspace.id, role=Role.READER)

    assert people.workspaces_of(session, owner.id) == [(workspace, Role.READER)]
    assert len(session.exec(select(Membership)).all()) == 1


def test_a_link_works_once(session: Session) -> None:
    owner = people.ensure_owner(session, NOW)
    token = people.issue_link(session, owner.id, NOW)
    session.commit()

    assert people.link_owner(session, token, now=NOW).id == owner.id, "looking does not spend it"
    assert people.use_link(session, token, now=NOW + MINUTE).id == owner.id
    session.commit()

    with pytest.raises(NotFound, match="used already"):
        people.use_link(session, token, now=NOW + MINUTE)
    with pytest.raises(NotFound):
        people.link_owner(session, token, now=NOW + MINUTE)


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "a" * 5000])
def test_a_made_up_link_signs_nobody_in(session: Session, token: str) -> None:
    people.issue_link(session, people.ensure_owner(session, NOW).id, NOW)

    with pytest.raises(NotFound):
        people.use_link(session, token, now=NOW)


def test_a_link_is_too_old_after_fifteen_minutes(session: Session) -> None:
    owner = people.ensure_owner(session, NOW)
    token = people.issue_link(session, owner.id, NOW)

    assert people.link_owner(session, token, now=NOW + 15 * MINUTE - timedelta(seconds=1))
    with pytest.raises(NotFound):
        people.use_link(session, token, now=NOW + 15 * MINUTE)


def test_a_new_password_voids_the_links_that_are_still_open(session: Session) -> None:
    owner = people.ensure_owner(session, NOW)
    token = people.issue_link(session, owner.id, NOW)

    people.set_password_hash(session, owner.id, "hash")

    with pytest.raises(NotFound):
        people.use_link(session, token, now=NOW)


def test_tokens_are_kept_as_hashes_only(session: Session) -> None:
    owner = people.ensure_owner(session, NOW)
    [(workspace, _)] = people.workspaces_of(session, owner.id)
    secrets = [people.issue_link(session, owner.id, NOW), people.open_session(session, owner.id, now=NOW)]
    row, key = tokens.issue_token(
        session, workspace_id=workspace.id, person_id=owner.id, name="t", scopes=[Scope.READ], now=NOW
    )
    session.commit()

    kept = repr([session.exec(select(t)).all() for t in (SignInLink, SignInSession, ApiToken)])
    assert all(secret not in kept for secret in (*secrets, key))
    assert key.startswith(row.prefix)
    assert key.startswith("tbh_")


def test_a_session_slides_while_it_is_used_and_ends_thirty_days_after(session: Session) -> None:
    owner = people.ensure_owner(session, NOW)
    token = people.open_session(session, owner.id, now=NOW, user_agent="Firefox\x00" + "x" * 400)
    found, person, memberships = people.signed_in(session, token, now=NOW + 29 * DAY)
    assert person.id == owner.id
    assert [(one.id, role) for one, role in memberships] == [
        (one.id, role) for one, role in people.workspaces_of(session, owner.id)
    ]
    assert len(found.user_agent) == 200

    people.keep_alive(session, found.token_hash, now=NOW + 29 * DAY)

    assert people.signed_in(session, token, now=NOW + 58 * DAY)
    with pytest.raises(NotFound):
        people.signed_in(session, token, now=NOW + 59 * DAY)


def test_sessions_can_be_closed_one_by_one_and_all_but_one(session: Session) -> None:
    owner = people.ensure_owner(session, NOW)
    stranger = people.add_person(session, "stranger", now=NOW)
    here, there, elsewhere = (people.open_session(session, owner.id, now=NOW + n * MINUTE) for n in range(3))

    people.close_session(session, stranger.id, people.token_hash(there))
    assert len(people.sessions_of(session, owner.id, now=NOW)) == 3, "it was not the stranger's"
    people.close_session(session, owner.id, people.token_hash(there))
    with pytest.raises(NotFound):
        people.signed_in(session, there, now=NOW)

    people.close_other_sessions(session, owner.id, keep=people.token_hash(here))
    assert [s.token_hash for s in people.sessions_of(session, owner.id, now=NOW)] == [people.token_hash(here)]
    with pytest.raises(NotFound):
        people.signed_in(session, elsewhere, now=NOW)


def test_what_has_ended_is_forgotten_and_the_rest_is_kept(session: Session) -> None:
    owner = people.ensure_owner(session, NOW)
    people.issue_link(session, owner.id, NOW)
    people.open_session(session, owner.id, now=NOW - 31 * DAY)
    kept = people.open_session(session, owner.id, now=NOW)

    people.forget_ended(session, now=NOW + HOUR)

    assert session.exec(select(SignInLink)).all() == []
    assert people.signed_in(session, kept, now=NOW + HOUR)
    assert len(session.exec(select(SignInSession)).all()) == 1


def test_a_disabled_person_is_out_at_once(session: Session) -> None:
    owner = people.ensure_owner(session, NOW)
    token, link = people.open_session(session, owner.id, now=NOW), people.issue_link(session, owner.id, NOW)
    owner.disabled_at = NOW
    session.flush()

    with pytest.raises(NotFound):
        people.signed_in(session, token, now=NOW)
    with pytest.raises(NotFound):
        people.use_link(session, link, now=NOW)


def test_an_api_token_ends_when_it_is_revoked_or_expired(session: Session) -> None:
    owner = people.ensure_owner(session, NOW)
    [(workspace, _)] = people.workspaces_of(session, owner.id)
    mine = {"workspace_id": workspace.id, "person_id": owner.id, "scopes": [Scope.READ], "now": NOW}
    short, short_key = tokens.issue_token(session, name="short", expires_at=NOW + HOUR, **mine)  # type: ignore[arg-type]
    long, long_key = tokens.issue_token(session, name="long", **mine)  # type: ignore[arg-type]

    assert tokens.holder(session, short_key, now=NOW).id == short.id
    with pytest.raises(NotFound):
        tokens.holder(session, short_key, now=NOW + HOUR)

    with pytest.raises(NotFound):
        tokens.revoke_token(session, workspace.id, owner.id + 1, long.id, now=NOW)
    tokens.revoke_token(session, workspace.id, owner.id, long.id, now=NOW)
    session.expire_all()
    with pytest.raises(NotFound):
        tokens.holder(session, long_key, now=NOW)
    listed = tokens.tokens_of(session, workspace.id, owner.id, before=None, limit=9)
    assert [row.name for row in listed] == ["short"]


def test_an_idempotency_key_is_taken_once_and_can_be_given_back(session: Session) -> None:
    people.ensure_owner(session, NOW)
    workspace = people.first_workspace(session).id

    assert tokens.begin_call(session, workspace, "k", request_hash="h", now=NOW)
    assert not tokens.begin_call(session, workspace, "k", request_hash="h", now=NOW)
    assert tokens.earlier_call(session, workspace, "k").status == tokens.RUNNING
    tokens.end_call(session, workspace, "k", status=201, body={"id": "1"})
    earlier = tokens.earlier_call(session, workspace, "k")
    assert (earlier.status, earlier.body) == (201, {"id": "1"})

    tokens.give_back(session, workspace, "k")
    assert tokens.begin_call(session, workspace, "k", request_hash="other", now=NOW)
    tokens.forget_answers(session, now=NOW + 2 * DAY)
    with pytest.raises(NotFound):
        tokens.earlier_call(session, workspace, "k")


def test_a_budget_is_spent_within_its_window_and_opens_again_after_it(session: Session) -> None:
    taken = [budgets.take(session, "k", allowed=3, window=HOUR, now=NOW + n * MINUTE) for n in range(5)]
    assert taken == [True, True, True, False, False]
    assert budgets.take(session, "other", allowed=3, window=HOUR, now=NOW)
    assert budgets.take(session, "k", allowed=3, window=HOUR, now=NOW + HOUR)

    budgets.forget(session, "k")
    assert budgets.take(session, "k", allowed=1, window=HOUR, now=NOW + HOUR)
    assert not budgets.take(session, "k", allowed=1, window=HOUR, now=NOW + HOUR)


def test_the_oldest_workspace_is_the_one_to_begin_with(session: Session) -> None:
    with pytest.raises(NotFound):
        people.first_workspace(session)
    older = people.add_workspace(session, "Main", now=NOW)
    people.add_workspace(session, "Other", now=NOW, simulated=True)

    assert people.first_workspace(session).id == older.id
    assert people.workspace_name_taken(session, "Other")
    assert not people.workspace_name_taken(session, "Third")
    assert session.scalar(select(col(Workspace.simulated)).where(col(Workspace.name) == "Other"))

"""What every adapter of the registry must keep, whatever its platform."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.content import Card, Content, DeliveryClass
from domain.errors import (
    NeedsReconnect,
    NotSent,
    OutcomeUnknown,
    PublishError,
    RateLimited,
    Rejected,
)
from publishers.base import Publisher
from publishers.registry import BUILT_IN, adapter
from tests.publishers.case import OTHER_KEY, Case
from tests.publishers.fake_servers import LOST_ANSWER, Crash
from tests.world import NOON


def _cases() -> dict[str, Callable[[], Case]]:
    """What the test file of each built-in platform gives: ``case()`` in tests/publishers/platforms."""
    return {name: import_module(f"tests.publishers.platforms.test_{name}").case for name in BUILT_IN}


CASES: dict[str, Callable[[], Case]] = _cases()
#: A success of these has nothing in it that an adapter would read.
SAYS_NOTHING = {"webhook", "slack_webhook", "email"}
REMOTE = sorted(name for name in CASES if adapter(name).capabilities.delivery != DeliveryClass.LOCAL)
LONG = [
    name
    for name in REMOTE
    if adapter(name).capabilities.max_thread > 1 or adapter(name).capabilities.first_comment
]
DELETING = [name for name in REMOTE if adapter(name).capabilities.can_delete]
EDITING = [name for name in REMOTE if adapter(name).capabilities.can_edit]
FINDING = [name for name in REMOTE if adapter(name).capabilities.delivery != DeliveryClass.AT_MOST_ONCE]
LISTING = [name for name in REMOTE if adapter(name).native_posts is not Publisher.native_posts]


contents = st.builds(
    Content,
    text=st.lists(st.one_of(st.text(max_size=40), st.sampled_from(["#tag", "@a@b.example"]))).map(" ".join),
    link=st.sampled_from([None, "https://news.example/a", "https://n.example/" + "x" * 400]),
    card=st.sampled_from([None, Card("Drums", "d" * 2000, "https://n.example/i.png"), Card()]),
    language=st.sampled_from([None, "id", "en-GB", "not a language"]),
)


@pytest.mark.parametrize("platform", sorted(CASES))
def test_rendering_is_pure_json_and_within_the_limits(platform: str) -> None:
    case = CASES[platform]()
    publisher, limits = case.publisher(), case.publisher().limits()
    assert limits.max_characters is None or case.length is not None

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(contents)
    def check(content: Content) -> None:
        content = replace(content, media=case.content.media, title=case.content.title)
        if publisher.problems(content):
            return
        payload = publisher.render(content, created_at=NOON)

        assert publisher.render(content, created_at=NOON) == payload
        assert json.loads(json.dumps(payload)) == payload
        assert (content.link or "") in json.dumps(payload, ensure_ascii=False)
        if limits.max_characters is not None and case.length is not None:
            assert case.length(payload) <= limits.max_characters

    check()


@pytest.mark.parametrize("platform", sorted(CASES))
def test_an_empty_post_is_a_problem_in_words(platform: str) -> None:
    assert "The post has neither text nor link." in CASES[platform]().publisher().problems(Content("  "))


@pytest.mark.parametrize("platform", sorted(CASES))
def test_a_post_that_goes_well_is_there_once(platform: str) -> None:
    case = CASES[platform]()

    remote = case.publish()

    assert remote.id
    assert remote.published_at == NOON
    assert platform == "page" or case.copies == 1


@pytest.mark.parametrize("platform", REMOTE)
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(401), NeedsReconnect),
        (httpx.Response(422, json={"error": "Text cannot be blank"}), Rejected),
        (httpx.Response(307, headers={"Location": "https://elsewhere.example"}), Rejected),
        (httpx.Response(429, headers={"Retry-After": "30"}), RateLimited),
        (httpx.Response(503), OutcomeUnknown),
        (httpx.ConnectError("refused"), NotSent),
        (httpx.ConnectTimeout("nobody there"), NotSent),
        (httpx.ReadTimeout("slow"), OutcomeUnknown),
        (httpx.RemoteProtocolError("cut"), OutcomeUnknown),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_every_failure_says_what_to_do_next(
    platform: str, answer: httpx.Response | httpx.HTTPError, error: type[PublishError]
) -> None:
    case = CASES[platform]()
    case.server.always = answer
    if case.looks_first and error is OutcomeUnknown:
        error = NotSent

    with pytest.raises(PublishError) as caught:
        case.publish()

    assert type(caught.value) is error
    assert str(caught.value).endswith(".")
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize("platform", REMOTE)
@pytest.mark.parametrize("answer", [httpx.Response(503), httpx.ReadTimeout("slow")])
def test_a_post_whose_own_call_ends_unclear_is_in_doubt(
    platform: str, answer: httpx.Response | httpx.HTTPError
) -> None:
    case = CASES[platform]()
    case.server.faults.append(answer)

    with pytest.raises(OutcomeUnknown):
        case.publish()


@pytest.mark.parametrize("platform", sorted(set(REMOTE) - SAYS_NOTHING))
def test_a_success_that_cannot_be_read_is_an_unknown_outcome(platform: str) -> None:
    case = CASES[platform]()
    case.server.faults.append(httpx.Response(200, html="<h1>Welcome to this hotel's network</h1>"))

    with pytest.raises(OutcomeUnknown):
        case.publish()


@pytest.mark.parametrize("platform", FINDING)
def test_what_was_published_is_found_and_nothing_else(platform: str) -> None:
    case = CASES[platform]()
    assert case.find() is None

    remote = case.publish()
    found = case.find()

    assert found is not None
    assert (found.id, found.url, found.published_at) == (remote.id, remote.url, remote.published_at)
    assert case.find(case.other, key=OTHER_KEY) is None


@pytest.mark.parametrize("platform", REMOTE)
def test_after_a_lost_answer_the_post_is_there_once_and_settled_by_its_class(platform: str) -> None:
    case = CASES[platform]()
    delivery = adapter(platform).capabilities.delivery
    case.server.faults.append(LOST_ANSWER)

    with pytest.raises(OutcomeUnknown):
        case.publish()
    case.clock.forward(minutes=2)

    match delivery:
        case DeliveryClass.NATIVE_KEY:
            assert case.publish() == case.find()
        case DeliveryClass.LIST_AND_MATCH | DeliveryClass.TWO_PHASE:
            assert case.find() is not None
        case _:
            with pytest.raises(OutcomeUnknown, match="cannot be asked"):
                case.find()
    assert case.copies == 1


@pytest.mark.parametrize("platform", REMOTE)
def test_a_crash_at_any_step_leaves_one_post_or_asks_a_person(platform: str) -> None:
    whole = CASES[platform]()
    whole.publish()
    calls, saves = len(whole.server.requests), whole.kept.saves
    steps: list[tuple[int | None, int | None, bool]] = [
        (call, None, after) for call in range(calls) for after in (False, True)
    ]
    steps += [(None, save, after) for save in range(saves) for after in (False, True)]

    for call, save, after in steps:
        case = CASES[platform]()
        case.server.crash_at, case.server.crash_after = call, after
        case.kept.crash_at, case.kept.crash_after = save, after
        with pytest.raises(Crash):
            case.publish()
        case.server.crash_at = case.kept.crash_at = None
        case.clock.forward(minutes=2)

        if adapter(platform).capabilities.delivery is DeliveryClass.AT_MOST_ONCE:
            assert case.copies <= 1, (call, save, after)
            continue
        if adapter(platform).capabilities.delivery is DeliveryClass.NATIVE_KEY or case.find() is None:
            case.publish()
        assert case.copies == 1, (call, save, after)
        assert case.find() is not None, (call, save, after)


def _long(platform: str) -> Case:
    """A case whose post takes several calls: a thread, a first comment, or both."""
    case = CASES[platform]()
    limits = case.publisher().limits()
    thread = ("It went on until noon", "The end")[: limits.max_thread - 1]
    comment = "More tomorrow" if limits.first_comment else None
    case.content = replace(case.content, thread=thread, first_comment=comment)
    assert case.publisher().problems(case.content) == []
    return case


@pytest.mark.parametrize("platform", LONG)
def test_a_post_of_several_calls_goes_out_whole_and_is_found(platform: str) -> None:
    case = _long(platform)
    can_be_asked = adapter(platform).capabilities.delivery is not DeliveryClass.AT_MOST_ONCE
    assert not can_be_asked or case.find() is None

    remote = case.publish()
    found = case.find() if can_be_asked else remote

    assert case.pieces == 1 + len(case.content.thread) + bool(case.content.first_comment)
    assert remote.note is None
    assert found is not None
    assert found.id == remote.id
    assert case.publish().id == remote.id
    assert case.pieces == 1 + len(case.content.thread) + bool(case.content.first_comment)


@pytest.mark.parametrize("platform", LONG)
def test_a_crash_at_any_step_of_a_thread_repeats_no_part(platform: str) -> None:
    whole = _long(platform)
    whole.publish()
    calls, saves = len(whole.server.requests), whole.kept.saves
    steps: list[tuple[int | None, int | None, bool]] = [
        (call, None, after) for call in range(calls) for after in (False, True)
    ]
    steps += [(None, save, after) for save in range(saves) for after in (False, True)]

    for call, save, after in steps:
        case = _long(platform)
        case.server.crash_at, case.server.crash_after = call, after
        case.kept.crash_at, case.kept.crash_after = save, after
        with pytest.raises(Crash):
            case.publish()
        case.server.crash_at = case.kept.crash_at = None

        _complete(case, platform, whole.pieces, (call, save, after))


@pytest.mark.parametrize("platform", LONG)
def test_a_lost_answer_at_any_part_of_a_thread_repeats_no_part(platform: str) -> None:
    whole = _long(platform)
    whole.publish()
    changing = sum(whole.server.changes(request) for request in whole.server.requests)

    for lost in range(changing):
        case = _long(platform)
        case.server.faults.extend([*[None] * lost, LOST_ANSWER])
        try:
            case.publish()
        except OutcomeUnknown:
            _complete(case, platform, whole.pieces, lost)


def _complete(case: Case, platform: str, whole: int, where: object) -> None:
    """What a worker does with a post whose end is unknown, until it is there."""
    case.clock.forward(minutes=2)
    delivery = adapter(platform).capabilities.delivery
    if delivery is DeliveryClass.AT_MOST_ONCE:
        assert case.pieces <= whole, where
        return
    if delivery is DeliveryClass.NATIVE_KEY or case.find() is None:
        case.publish()
    assert case.pieces == whole, where
    assert case.find() is not None, where


@pytest.mark.parametrize("platform", [name for name in LONG if adapter(name).capabilities.first_comment])
def test_a_first_comment_that_is_refused_leaves_a_sentence(platform: str) -> None:
    case = _long(platform)
    case.content = replace(case.content, thread=())
    changing = CASES[platform]()
    changing.publish()
    before = sum(changing.server.changes(request) for request in changing.server.requests)
    case.server.faults.extend([*[None] * before, httpx.Response(422, json={"error": "Comments are closed"})])

    remote = case.publish()

    assert case.pieces == 1
    assert remote.note is not None
    assert remote.note.startswith("Its first comment did not go out")
    assert remote.note.endswith(".")


@pytest.mark.parametrize("platform", DELETING)
def test_a_post_is_deleted_and_deleting_it_again_is_no_error(platform: str) -> None:
    case = CASES[platform]()
    remote = case.publish()

    for _ in range(2):
        case.publisher().delete(remote.id)

    assert case.copies == 0


@pytest.mark.parametrize("platform", EDITING)
def test_a_post_is_changed_in_place_however_often(platform: str) -> None:
    case = CASES[platform]()
    remote = case.publish()
    words = "Drums at noon" if not case.content.link else f"Drums at noon {case.content.link}"
    changed = replace(case.content, text=words)
    payload = case.publisher().render(changed, created_at=NOON)

    for _ in range(2):
        case.publisher().edit(remote.id, payload)

    assert case.copies == 1


@pytest.mark.parametrize("platform", FINDING)
def test_a_platform_that_cannot_be_asked_proves_nothing(platform: str) -> None:
    case = CASES[platform]()
    case.publish()  # what was never begun needs no question
    case.server.always = httpx.Response(503)

    with pytest.raises(PublishError):
        case.find()


@pytest.mark.parametrize("platform", REMOTE)
def test_no_secret_shows_in_any_text(platform: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    case = CASES[platform]()
    texts = [
        repr(case.publisher().credentials),
        repr(case.application),
        str(case.publisher().credentials),
        repr(case.publisher()),
    ]
    for answer in (
        httpx.Response(401, json={"error": f"bad token {case.secrets[-1]}"}),
        httpx.Response(422, json={"message": " ".join(case.secrets)}),
        httpx.ConnectError("refused"),
    ):
        case.server.always = answer
        for call in (case.publish, case.publisher().identify, case.publisher().channel_metrics):
            try:
                call()
            except PublishError as error:
                texts += [str(error), repr(error), repr(error.__cause__)]
    texts += [record.getMessage() for record in caplog.records]

    assert case.secrets
    assert not [text for text in texts for secret in case.secrets if secret in text]


@pytest.mark.parametrize("platform", sorted(CASES))
def test_secrets_survive_sealing_and_opening(platform: str) -> None:
    credentials = CASES[platform]().publisher().credentials

    opened = type(credentials).model_validate(json.loads(json.dumps(credentials.sealable())))

    assert opened == credentials


@pytest.mark.parametrize("platform", sorted(CASES))
def test_only_metrics_that_are_declared_are_supplied(platform: str) -> None:
    publisher = CASES[platform]().publisher()
    declared = publisher.capabilities.channel_metrics

    assert {measured.metric for measured in publisher.channel_metrics()} <= declared


@pytest.mark.parametrize("platform", LISTING)
def test_a_post_is_listed_once_by_the_id_that_publishing_gave(platform: str) -> None:
    case = CASES[platform]()
    remote = case.publish()

    listed = case.publisher().native_posts(NOON - timedelta(hours=1))

    assert listed is not None
    assert [one.id for one in listed] == [remote.id]
    assert listed[0].published_at == NOON
    assert case.content.text.split(" #")[0] in listed[0].text
    assert not case.publisher().native_posts(NOON + timedelta(hours=1))


@pytest.mark.parametrize("platform", sorted(set(LISTING) & set(LONG)))
def test_what_stands_below_a_post_is_no_post_of_its_own(platform: str) -> None:
    case, limits = CASES[platform](), adapter(platform).capabilities
    thread = ("Second part", "Third part") if limits.max_thread > 1 else ()
    comment = "More below" if limits.first_comment and not thread else None
    remote = case.publish(replace(case.content, thread=thread, first_comment=comment))

    listed = case.publisher().native_posts(NOON - timedelta(hours=1))

    assert [one.id for one in listed or ()] == [remote.id]


@pytest.mark.parametrize("platform", LISTING)
def test_a_list_that_cannot_be_read_is_said_so_and_is_never_empty(platform: str) -> None:
    case = CASES[platform]()
    case.publish()
    case.server.always = httpx.Response(503)

    with pytest.raises(PublishError):
        case.publisher().native_posts(NOON - timedelta(hours=1))

"""Sentences of lower layers in the reader's language: those that code really writes are known again."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import FetchError, UsageError
from domain.existing import parse_existing
from domain.kpi import parse_target
from domain.route import clean_words, match
from feeds.fetch import fetch
from feeds.hints import CacheHints, FeedHints
from feeds.interval import next_poll
from net.client import make_client
from scheduler.rules import Rules
from web import said_of_posts
from web.i18n import Voice, translations
from web.said import KNOWN, REWORDED, ended, said

EN, ID = Voice("en"), Voice("id")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "hints",
    [
        {},
        {"gap": 3 * HOUR},
        {"override": HOUR},
        {"cache": CacheHints(max_age=9 * HOUR)},
        {"cache": CacheHints(expires_in=9 * HOUR)},
        {"feed": FeedHints(every=9 * HOUR)},
        {"failures": 1},
        {"failures": 4},
        {"failures": 1, "retry_after": 20 * HOUR},
        {"gap": 3 * HOUR, "feed": FeedHints(skip_hours=frozenset(range(20)))},
    ],
)
def test_every_reason_for_the_next_poll_is_said_in_indonesian(hints: dict[str, object]) -> None:
    reason = next_poll(now=NOW, rng=random.Random(1), **hints).reason  # type: ignore[arg-type]

    assert said(ID, reason) != reason
    assert not re.search(r"\d (h|min|days)\b", said(ID, reason))
    assert "setiap" in said(ID, reason) or "dalam" in said(ID, reason)


def test_lengths_of_time_are_written_as_the_language_writes_them() -> None:
    reason = "every 37 min: this feed posts about every 2.5 h"

    assert said(EN, reason) == "every 37 minutes: this feed posts about every 2 hours 30 minutes"
    assert said(ID, reason) == "setiap 37 menit: feed ini terbit kira-kira setiap 2 jam 30 menit"


def test_what_becomes_of_an_entry_is_said_in_indonesian() -> None:
    excluded = match(["A fair"], include=(), exclude=("fair",)).reason
    missing = match(["A fair"], include=("kopi", "teh"), exclude=()).reason

    assert said(ID, excluded) == "memuat kata yang dikecualikan: fair"
    assert said(ID, missing) == "tidak memuat satu pun dari: kopi, teh"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Rules(template="{{ titel }}").checked(),
        lambda: Rules(template="{{ title").checked(),
        lambda: Rules(template="x" * 5000).checked(),
        lambda: clean_words(["x" * 200]),
        lambda: clean_words([str(number) for number in range(300)]),
        lambda: parse_target("much"),
        lambda: fetch(make_client(), "http://127.0.0.1/", now=NOW),
        lambda: fetch(make_client(), "ftp://example.org/", now=NOW),
    ],
)
def test_errors_that_forms_meet_are_said_in_indonesian(wrong: object) -> None:
    with pytest.raises((UsageError, FetchError)) as caught:
        wrong()  # type: ignore[operator]

    assert said(ID, str(caught.value)) != str(caught.value)


def test_every_known_sentence_has_a_translation_and_keeps_its_values() -> None:
    catalogue = translations("id")
    for text in (*KNOWN, *REWORDED.values(), *said_of_posts.KNOWN, *said_of_posts.REWORDED.values()):
        assert catalogue.ugettext(text), text
        for name in [part.split(")")[0] for part in text.split("%(")[1:]]:
            assert f"%({name})s" in catalogue.ugettext(text), text


def test_a_command_of_the_command_line_is_not_named_on_a_page() -> None:
    for raised in (
        "https://a.example/ is one of your feeds already. `tabuh feed list` shows them all.",
        "Channel 'News' has no posting schedule to take slots from. Set one with "
        "`tabuh channel schedule 'News' 'mon-fri 09:00,12:30'`, or use --timing at_once.",
        "There is no route '7'. `tabuh route list` shows those there are.",
    ):
        for voice in (EN, ID):
            assert "tabuh " not in said(voice, raised)
            assert "--" not in said(voice, raised)


def test_what_is_not_known_and_what_visitors_send_stays_as_it_is() -> None:
    for text in ("", "Something new.", "%(span)s %s {0}", "every: chosen by hand\n"):
        assert said(ID, text) == text
    hostile = "has the excluded word: %(word)s <script>"
    assert said(ID, hostile) == "memuat kata yang dikecualikan: %(word)s <script>"


def test_a_sentence_ends_once() -> None:
    assert [ended(text) for text in ("", "a", "a.", "a?", "a…")] == ["", "a.", "a.", "a?", "a…"]


def test_a_choice_that_cannot_be_read_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        parse_existing("some")

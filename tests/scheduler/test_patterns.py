"""People's patterns: what they find, what is refused, and that none stalls a worker."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from scheduler.patterns import MAX_PATTERN, SlowPattern, check_pattern, finds

TENTH = timedelta(seconds=0.1)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Processor time, so that a busy machine fails nothing."""
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds


@pytest.mark.parametrize(
    ("pattern", "found", "missed"),
    [
        (r"\bcats?\b", "Two CATS here", "concatenate"),
        (r"^\[ad\]", "[Ad] Buy now", "An [ad]"),
        (r"\d{4}-\d{2}", "on 2026-03", "on 26-03"),
        (r"v\d+(?:\.\d+){1,2}(?!-rc)\b", "v1.20.3", "v1"),
        (r"gr[üu]ß", "Liebe GRÜßE", "gruen"),
        (r"(\w)\1\1", "aaargh", "abab"),
        (r"[{}]|\{x", "a } b", "none"),
        (r"\p{Script=Thai}", "ไทย", "Thai"),
        (r"(?-i:NASA)", "NASA", "nasal"),
    ],
)
def test_a_pattern_finds_what_it_says(pattern: str, found: str, missed: str) -> None:
    checked = check_pattern(f"  {pattern} ")

    assert checked == pattern
    assert finds(checked, ["something else", found])
    assert not finds(checked, [missed, ""])
    assert not finds(checked, [])


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("  ", "is empty"),
        ("x" * (MAX_PATTERN + 1), "longer than 500 characters"),
        ("(", "cannot be read"),
        ("[a", "cannot be read"),
        ("*a", "cannot be read"),
        (r"\k<x>", "cannot be read"),
        ("a{5,2}", "cannot be read"),
        ("(?R)", "calls itself"),
        (r"(a)(?1)", "calls itself"),
        ("(?<x>a)(?&x)", "calls itself"),
        ("(a)?(?(1)b|c)", "conditions"),
        (r"\L<words>", "calls itself"),
        ("(?:hello){e<=2}", r"write \\{ to look for a brace"),
        ("(?:hello){2i+1s<=4}", "no count"),
        ("a{x}", "no count"),
        ("(?:(?:(?:a{1000}){1000}){1000}){1000}", "repeats too often"),
        ("a{999999}", "repeats too often"),
        ("(a+)+$", "takes too long"),
        ("(a|aa)+$", "takes too long"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_in_a_sentence(pattern: str, words: str) -> None:
    with within(8), pytest.raises(UsageError, match=words) as caught:
        check_pattern(pattern)

    assert not isinstance(caught.value, SlowPattern)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a?){30}a{30}b", "((a{1,99}){1,99})+b", "(?:a+)*?c", "(x+x+)+y"]
)
def test_a_catastrophic_pattern_stalls_no_longer_than_its_limit(pattern: str) -> None:
    """These got past the check, or were stored before there was one."""
    text = "a" * 3_000 + "x" * 3_000 + "!"

    with within(2), suppress(SlowPattern):
        assert not finds(pattern, [text] * 20, limit=TENTH)


def test_the_limit_holds_for_all_texts_together() -> None:
    with within(2), pytest.raises(SlowPattern, match=r"did not finish within 0\.1 s"):
        finds("(a+)+$", ["a" * 40 + "!"] * 1000, limit=TENTH)


def test_other_threads_go_on_while_a_pattern_runs_away() -> None:
    steps = 0
    done = threading.Event()

    def count() -> None:
        nonlocal steps
        while not done.wait(0.01):
            steps += 1

    thread = threading.Thread(target=count)
    thread.start()
    with pytest.raises(SlowPattern):
        finds("(a+)+$", ["a" * 5_000 + "!"], limit=timedelta(seconds=1))
    done.set()
    thread.join()

    assert steps > 5


@given(st.text(alphabet="ab(){}[]*+?|\\^$.,019 -:<>=!&RPLx", max_size=25), st.text(max_size=50))
def test_whatever_is_written_it_is_refused_or_finishes(pattern: str, text: str) -> None:
    try:
        checked = check_pattern(pattern)
    except UsageError:
        return
    try:
        finds(checked, [text])
    except SlowPattern:
        return

"""Rules of routes: what they find in entries of any script, how groups add up, and which rule is named."""

import re
from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.filters import (
    HOWS,
    Effect,
    Field,
    Group,
    How,
    Need,
    Rule,
    Subject,
    checked_groups,
    groups_from,
    groups_json,
    judge,
    parse_group,
    parse_rule,
)

ENTRY = Subject(
    title="Rust 1.80 is out",
    text="The new release of the language brings lazy cells, and more to read.",
    link="https://blog.test/posts/rust-1-80",
    authors=("Ana Müller", "Budi"),
    categories=("Web dev", "Rust"),
    feed=("Drum News", "https://blog.test/feed.xml"),
    language="en-GB",
    age=timedelta(days=2),
)


def finds(pattern: str, texts: Iterable[str]) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for text in texts)


def only(text: str, entry: Subject = ENTRY) -> str:
    """Why an entry does not meet rules; empty: it does."""
    return judge(entry, [parse_group(Effect.ONLY, text)], finds=finds).reason


def with_(**changes: object) -> Subject:
    values = {name: getattr(ENTRY, name) for name in Subject.__slots__}
    return Subject(**{**values, **changes})


@pytest.mark.parametrize(
    "rule",
    [
        "title has RUST",
        "title contains ust 1",
        "title is rust 1.80 IS OUT",
        r"title matches \d+\.\d+",
        "text has lazy cells",
        "any has web dev",
        "link contains /posts/",
        "author is ana müller",
        "author is ANA MU\u0308LLER",
        "author has budi",
        "category is rust",
        "feed is drum news",
        "feed contains blog.test",
        "language is en",
        "language is id, en-gb",
        "age under 3 days",
        "age over 47 h",
        "age under 1 week",
        "age over 2879 min",
        "length over 60",
        "length under 20 words",
    ],
)
def test_a_rule_that_holds(rule: str) -> None:
    assert only(rule) == ""


@pytest.mark.parametrize(
    "rule",
    [
        "title has rus",
        "title is rust",
        "text contains Rust",
        "author is ana",
        "category is web",
        "language is en-US",
        "language is unknown",
        "age under 2 days",
        "age over 2 days",
        "length under 50",
        "length over 13 words",
    ],
)
def test_a_rule_that_does_not_hold_is_named(rule: str) -> None:
    assert only(rule) == f"does not meet the rule: only if {rule}"


def test_an_entry_whose_language_nobody_states_is_told_and_can_be_asked_for() -> None:
    for nobody in (None, "", "und"):
        silent = with_(language=nobody)
        assert only("language is en", silent) == (
            "does not meet the rule: only if language is en (its language is not stated)"
        )
        assert only("language is en, unknown", silent) == ""
        assert judge(silent, [parse_group(Effect.NEVER, "language is en")], finds=finds).passes


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("title has カメラ", "新しいカメラです"),
        ("title has هولندا", "فازت هـولـنـدا"),  # stretched letters
        ("title contains gratis", "kopi GRA\u00adTIS"),  # a soft hyphen
        ("title has istanbul", "İSTANBUL gezisi"),
        ("title is straße", "STRASSE"),
        ("title has हिन्दी", "आज हिन्दी दिवस"),
        ("title has ﬁle", "one FILE"),
        ("title has می‌خواهم", "من میخواهم"),  # with and without the joiner
    ],
)
def test_words_are_found_in_any_script_and_spelling(rule: str, title: str) -> None:
    assert only(rule, with_(title=title)) == ""


def test_groups_that_leave_out_come_first_and_name_the_rule_that_decided() -> None:
    groups = [
        parse_group(Effect.ONLY, "title has python || category is perl"),
        parse_group(Effect.NEVER, "title has sponsored || author is budi"),
    ]
    assert judge(ENTRY, groups, finds=finds).reason == "stopped by the rule: never if author is budi"
    assert judge(ENTRY, groups[:1], finds=finds).reason == (
        "does not meet the rule: only if title has python || category is perl"
    )


def test_all_rules_of_a_group_or_any_of_them() -> None:
    both = parse_group(Effect.NEVER, "author is budi && title has python")
    assert both.need is Need.ALL
    assert judge(ENTRY, [both], finds=finds).passes
    assert judge(with_(title="Python"), [both], finds=finds).reason == (
        "stopped by the rule: never if author is budi && title has python"
    )
    assert only("author is budi && title has python") == "does not meet the rule: only if title has python"
    assert only("author is nobody || title has rust") == ""


def test_each_group_that_must_be_met_is_met() -> None:
    groups = [parse_group(Effect.ONLY, "title has rust"), parse_group(Effect.ONLY, "language is de")]
    assert judge(ENTRY, groups, finds=finds).reason == "does not meet the rule: only if language is de"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title", "Cannot read the rule 'title'. Write a field"),
        ("titel has x", "Unknown field 'titel' in a rule. Known: any, title"),
        ("title under x", "The rule about title cannot say 'under'. It can say: has, contains, is, matches."),
        ("age has x", "The rule about age cannot say 'has'. It can say: under, over."),
        ("age under soon", "Cannot read the age 'soon'. Write it as 90 min, 12 h, 7 days or 2 weeks."),
        ("length over x", "Cannot read the length 'x'. Write it as 200"),
        ("language is english!", "Cannot read the language 'english!'."),
        ("title has \u00ad\u00ad", "says nothing to compare with"),
        ("title has a || title has b && title has c", "mixes || and &&"),
        ("title has " + "x" * 201, "is longer than 200 characters"),
    ],
)
def test_a_rule_that_cannot_be_read_is_one_sentence(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_group(Effect.ONLY, text)
    assert says in str(refused.value)


def test_a_route_takes_so_many_rules() -> None:
    many = [parse_group(Effect.ONLY, f"title has {number}") for number in range(21)]
    with pytest.raises(UsageError, match="at most 50 rules in 20 groups"):
        checked_groups(many, check_pattern=str)
    assert len(checked_groups(many[:3] * 9, check_pattern=str)) == 3
    with pytest.raises(UsageError, match="is empty"):
        checked_groups([Group(Effect.ONLY, Need.ANY, ())], check_pattern=str)


RULES = st.one_of(
    st.builds(
        Rule,
        st.sampled_from([field for field, hows in HOWS.items() if How.HAS in hows]),
        st.sampled_from([How.HAS, How.CONTAINS, How.IS]),
        st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20),
    ),
    st.builds(Rule, st.just(Field.AGE), st.sampled_from([How.UNDER, How.OVER]), st.just("7 days")),
)


@given(st.sampled_from(Effect), st.sampled_from(Need), st.lists(RULES, min_size=2, max_size=4))
def test_what_is_written_reads_back_the_same(act: Effect, need: Need, rules: list[Rule]) -> None:
    group = Group(act, need, tuple(rules))
    assert parse_group(act, group.text) == group
    assert groups_from(groups_json([group])) == (group,)


@given(RULES)
def test_what_one_group_lets_through_the_opposite_stops(rule: Rule) -> None:
    passes = [
        judge(ENTRY, [Group(act, Need.ANY, (parse_rule(str(rule)),))], finds=finds).passes for act in Effect
    ]
    assert sorted(passes) == [False, True]

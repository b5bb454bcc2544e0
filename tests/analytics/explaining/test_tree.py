"""What a change is made of, group by group: hand-made trees, and that nothing is left over."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.explaining.tree import Cell, Factor, Tree, of_count, of_growth, of_product, of_rate, with_older


def adds_up(tree: Tree, change: float) -> bool:
    """Whether groups add up to effects, and effects to the change."""
    size = max(1.0, abs(tree.before), abs(tree.after))
    by_factor = math.fsum(tree.effects.values())
    by_group = math.fsum(one.effect for one in tree.branches)
    return abs(by_factor - change) < 1e-7 * size and abs(by_group - change) < 1e-7 * size


def test_one_group_gives_the_known_answer_of_the_logarithmic_mean() -> None:
    before, after = {"x": Cell(20, 1000, 20_000)}, {"x": Cell(25, 900, 22_500)}

    tree = of_count(before, after)

    assert tree is not None
    assert tree.change == -100
    assert {name: round(value, 3) for name, value in tree.effects.items()} == {
        Factor.VOLUME: 211.790,
        Factor.EXPOSURE: -100.0,
        Factor.RATE: -211.790,
    }
    assert tree.methods == {"lmdi"}


def test_posts_that_move_to_the_channel_that_earns_more_are_a_mix_effect_alone() -> None:
    # 10 per post on a, 2 on b; from 5 and 5 posts to 9 and 1.
    tree = of_count(
        {"a": Cell(5, 50), "b": Cell(5, 10)},
        {"a": Cell(9, 90), "b": Cell(1, 2)},
    )

    assert tree is not None
    assert tree.change == 32
    assert tree.effects[Factor.MIX] == pytest.approx(32)
    assert tree.effects[Factor.VOLUME] == pytest.approx(0)
    assert tree.effects[Factor.YIELD] == pytest.approx(0)
    # Against the average of 7.6 a post, leaving b is a gain as well.
    assert all(one.effect > 0 for one in tree.branches)


def test_a_channel_that_appears_is_explained_by_volume_and_mix_not_by_a_rate_that_it_never_had() -> None:
    tree = of_count({"a": Cell(10, 100, 1000)}, {"a": Cell(10, 100, 1000), "b": Cell(10, 50, 500)})

    assert tree is not None
    assert tree.change == 50
    assert tree.effects[Factor.RATE] == pytest.approx(0)
    assert tree.effects[Factor.EXPOSURE] == pytest.approx(0)
    assert tree.effects[Factor.VOLUME] + tree.effects[Factor.MIX] == pytest.approx(50)
    assert tree.effects[Factor.VOLUME] > 0 > tree.effects[Factor.MIX]
    assert "shapley" in tree.methods


def test_a_channel_that_vanishes_mirrors_one_that_appears() -> None:
    one, two = {"a": Cell(10, 100)}, {"a": Cell(10, 100), "b": Cell(10, 50)}

    there, back = of_count(one, two), of_count(two, one)

    assert there is not None
    assert back is not None
    assert {name: -value for name, value in back.effects.items()} == pytest.approx(dict(there.effects))


def test_a_first_period_with_posts_is_volume_alone() -> None:
    tree = of_count({}, {"a": Cell(4, 40, 400), "b": Cell(6, 30)})

    assert tree is not None
    assert tree.effects[Factor.VOLUME] == pytest.approx(70)
    assert tree.effects[Factor.MIX] == pytest.approx(0)
    assert of_count({}, {}) is None


def test_posts_that_nobody_saw_move_the_exposure() -> None:
    tree = of_count({"a": Cell(10, 50, 1000)}, {"a": Cell(10, 0, 0)})

    assert tree is not None
    assert tree.effects[Factor.EXPOSURE] == pytest.approx(-50)
    assert tree.effects[Factor.RATE] == 0
    assert tree.methods == {"shapley"}


def test_a_rate_is_split_into_the_weight_of_the_groups_and_their_own_rates() -> None:
    # 10 % of 100 and 2 % of 100 are 6 %; 10 % of 300 and 2 % of 100 are 8 %: no rate moved.
    tree = of_rate(
        {"a": Cell(0, 10, 100), "b": Cell(0, 2, 100)},
        {"a": Cell(0, 30, 300), "b": Cell(0, 2, 100)},
        factor=100,
    )

    assert tree is not None
    assert (tree.before, tree.after) == (6, 8)
    assert tree.effects[Factor.MIX] == pytest.approx(2)
    assert tree.effects[Factor.RATE] == pytest.approx(0)


def test_a_rate_without_a_denominator_has_no_tree() -> None:
    assert of_rate({"a": Cell(0, 3, 0)}, {"a": Cell(0, 3, 10)}) is None


def test_a_group_that_counts_without_a_denominator_still_adds_up() -> None:
    tree = of_rate({"a": Cell(0, 5, 100), "b": Cell(0, 1, 0)}, {"a": Cell(0, 5, 100)}, factor=100)

    assert tree is not None
    assert adds_up(tree, -1)


def test_followers_that_leave_are_told_by_channel() -> None:
    tree = of_growth({1: Cell(0, 100), 2: Cell(0, 50)}, {1: Cell(0, 70), 2: Cell(0, 65)})

    assert tree.change == -15
    assert [(one.key, one.effect) for one in tree.branches] == [(1, -30), (2, 15)]


def test_negative_growth_is_split_as_well() -> None:
    tree = of_rate(
        {1: Cell(0, -5, 100), 2: Cell(0, 2, 50)}, {1: Cell(0, 8, 90), 2: Cell(0, -1, 60)}, factor=100
    )

    assert tree is not None
    assert adds_up(tree, 100 * (7 / 150 - -3 / 150))


def test_what_older_posts_brought_is_told_apart() -> None:
    tree = with_older(of_count({"a": Cell(2, 10)}, {"a": Cell(2, 14)}), 25, 20)

    assert tree.change == -5
    assert tree.effects[Factor.OLDER] == -9
    assert math.fsum(tree.effects.values()) == pytest.approx(-5)
    assert Factor.OLDER not in with_older(of_count({"a": Cell(2, 10)}, {"a": Cell(2, 14)}), 10, 14).effects


def test_a_chain_of_two_factors_adds_up() -> None:
    tree = of_product({Factor.VOLUME: 200, Factor.EACH: 0.5}, {Factor.VOLUME: 300, Factor.EACH: 0.4})

    assert tree.change == pytest.approx(20)
    assert math.fsum(tree.effects.values()) == pytest.approx(20)


_number = st.one_of(st.just(0.0), st.floats(0.01, 1e6))
_cells = st.dictionaries(
    st.sampled_from("abcde"),
    st.builds(
        lambda posts, value, below: Cell(float(posts), value if posts else 0.0, below if posts else None),
        st.integers(0, 500),
        _number,
        st.one_of(st.none(), _number),
    ),
    max_size=5,
)


@given(_cells, _cells)
def test_nothing_is_ever_left_over_of_a_count(before: dict[str, Cell], after: dict[str, Cell]) -> None:
    tree = of_count(before, after)

    if tree is None:
        assert not any(one.posts for one in (*before.values(), *after.values()))
        return
    assert adds_up(tree, sum(one.value for one in after.values()) - sum(one.value for one in before.values()))


_ratios = st.dictionaries(
    st.sampled_from("abcde"),
    st.builds(lambda above, below: Cell(0.0, above, below), st.floats(-1e4, 1e6), _number),
    max_size=5,
)


@given(_ratios, _ratios, st.sampled_from([1.0, 100.0, 1000.0]))
def test_nothing_is_ever_left_over_of_a_rate(
    before: dict[str, Cell], after: dict[str, Cell], factor: float
) -> None:
    tree = of_rate(before, after, factor=factor)
    sums = [(sum(one.value for one in each.values()), sum(one.below or 0 for one in each.values()))
            for each in (before, after)]  # fmt: skip

    if tree is None:
        assert not all(below for _, below in sums)
        return
    [old, new] = [factor * above / below for above, below in sums]
    size = max(1.0, *(abs(factor * one.value / one.below) for each in (before, after)
                      for one in each.values() if one.below), *(
        abs(factor * one.value / below) for (_, below), each in zip(sums, (before, after), strict=True)
        for one in each.values()))  # fmt: skip
    assert math.fsum(tree.effects.values()) == pytest.approx(new - old, abs=1e-7 * size)

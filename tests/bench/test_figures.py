"""The arithmetic of the benchmark."""

import pytest
from bench.figures import Pair, is_reached, percentile, spread, spread_of_ratios


def test_a_ratio_is_taken_within_a_pair():
    assert Pair(subject=90.0, base=100.0).ratio == pytest.approx(0.9)


def test_a_spread_has_the_median_and_both_ends():
    found = spread([3.0, 1.0, 2.0])
    assert (found.middle, found.least, found.most, found.count) == (2.0, 1.0, 3.0, 3)


def test_the_spread_of_ratios_is_not_the_ratio_of_medians():
    pairs = [Pair(90, 100), Pair(9, 10), Pair(50, 100)]
    assert spread_of_ratios(pairs).middle == pytest.approx(0.9)
    assert spread([90, 9, 50]).middle / spread([100, 10, 100]).middle == pytest.approx(0.5)


def test_no_reading_has_no_spread_and_no_percentile():
    with pytest.raises(ValueError, match="no reading"):
        spread([])
    with pytest.raises(ValueError, match="no reading"):
        percentile([], 99)


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (100, 100), (0.5, 1), (98.1, 99)])
def test_a_percentile_is_by_nearest_rank(percent, expected):
    assert percentile(range(1, 101), percent) == expected


@pytest.mark.parametrize("percent", [0, -1, 100.1])
def test_a_percentile_outside_its_range_is_refused(percent):
    with pytest.raises(ValueError, match="percentile lies"):
        percentile([1.0], percent)


@pytest.mark.parametrize(
    ("value", "target", "lower", "expected"),
    [(0.9, 0.9, False, True), (0.89, 0.9, False, False), (5, 5, True, True), (5.1, 5, True, False)],
)
def test_a_target_is_reached_from_its_better_side(value, target, lower, expected):
    assert is_reached(value, target, lower_is_better=lower) is expected

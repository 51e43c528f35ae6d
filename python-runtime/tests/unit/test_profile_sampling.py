"""Estimates of the distinct values of a table by those of a sample."""

from __future__ import annotations

import random

import pytest

from ktx_daemon.warehouses.model.sampling import estimate_distinct, expect_distinct


@pytest.mark.parametrize("distinct", [1, 7, 1000, 20_000, 60_000])
def test_estimate_is_the_inverse_of_the_expectation(distinct: int) -> None:
    seen = round(expect_distinct(distinct, 60_000, 0.1))
    assert estimate_distinct(seen, 6000, 60_000) == pytest.approx(distinct, rel=0.01)


def test_estimate_of_a_random_sample() -> None:
    sample = random.Random(1).sample([n % 5000 for n in range(100_000)], 10_000)
    assert estimate_distinct(len(set(sample)), 10_000, 100_000) == pytest.approx(5000, rel=0.02)


def test_limits_of_estimates() -> None:
    assert estimate_distinct(816, 816, 60_000) == 60_000
    assert estimate_distinct(2, 1000, 10**12) == 2
    assert estimate_distinct(3, 10, 10) == 3
    assert estimate_distinct(999, 1000, 10**12) <= 10**12

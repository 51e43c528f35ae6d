"""Numbers of distinct values in a sample and in its table, if all values are equally frequent.

Of `distinct` values with `total / distinct` rows each, one is missing in a share of the rows with the probability
`(1 - share) ** (total / distinct)`, so that a sample is expected to have `distinct * (1 - missing)` of them.
"""

from __future__ import annotations

import math

# Halvings of an interval of up to 2^63 values, until it is below one.
_STEPS = 64


def expect_distinct(distinct: float, total: float, share: float) -> float:
    """Return how many of `distinct` values of `total` rows are expected in a share of the rows, 0 to 1."""
    if share >= 1:
        return distinct
    return -distinct * math.expm1(math.log1p(-share) * total / distinct)


def estimate_distinct(distinct: int, rows: int, total: int) -> int:
    """Return of how many distinct values a sample of `rows` of `total` rows is expected to have `distinct`.

    It is at least `distinct`, and `total` if the values of the sample are all different. Where few values are frequent,
    the rare ones that the sample lacks are more than that.
    """
    if distinct >= rows or rows >= total:
        return total if distinct >= rows else distinct
    low, high = float(distinct), float(total)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if expect_distinct(middle, total, rows / total) < distinct:
            low = middle
        else:
            high = middle
    return round(low)

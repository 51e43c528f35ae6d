"""Vectors of models and their joins, and of empty groups and NULL."""

from __future__ import annotations

from tests.semantic.ossie.libraries import (
    CHAIN,
    LENDING,
    NO_PATH,
    READERS,
    STAFF,
    STOCK,
    UNLINKED,
    lending,
    with_measure,
)
from tests.semantic.ossie.questions import CITY, FEES_BY_CITY
from tests.semantic.ossie.vectors import Refusal, Vector, ask

MODELS = [
    Vector(
        "T-040",
        "Without a path between two sources, there is no answer",
        UNLINKED,
        [(ask(["avg(books.pages)"], ["authors.name"]), NO_PATH)],
    ),
    Vector(
        "T-041",
        "A keyword of SQL is no name",
        lending(fields=[{"name": "select", "type": "string", "expr": "plan"}]),
        [(ask(["members.count"], ["members.select"]), [("adult", 3), ("child", 1)])],
        "differs",
        "Names are quoted where the dialect reserves them",
    ),
    Vector(
        "T-042",
        "An unknown key in a model is an error",
        with_measure(expr="sum(fee)", grain="FIXED"),
        [(FEES_BY_CITY, Refusal("unknown field `grain`"))],
    ),
    Vector(
        "T-043",
        "Several joins to one, in a row",
        CHAIN,
        [
            (
                ask(["sum(repairs.hours * repairs.rate)"], ["shelves.floor"]),
                [("first", 30), ("ground", 40), (None, 9)],
            )
        ],
    ),
    Vector(
        "T-044",
        "A join by several columns compares all of them",
        STOCK,
        [(ask(["sum(orders.copies)"], ["stock.minimum"]), [(10, 2), (20, 7), (None, 7)])],
    ),
    Vector(
        "T-045",
        "A fact beside one over a bridge: NULL for a sum of no rows, 0 for a count",
        READERS,
        [
            (
                ask(["loans.fees", "count(distinct clubs.id)"], CITY),
                [("north", 19, 2), ("south", 5, 0), ("west", None, 1), (None, 2, 0)],
            )
        ],
    ),
    Vector(
        "T-046",
        "A source that is joined with itself, in a role",
        STAFF,
        [(ask(["staff.count"], ["leader.city"]), [("north", 2), ("south", 1), (None, 1)])],
    ),
]

EMPTY = [
    Vector(
        "T-047",
        "Sums and counts of one fact have rows for its groups only",
        LENDING,
        [
            (
                ask(["loans.fees", "count(loans.id)", "count(loans.*)"], CITY),
                [("north", 19, 3, 3), ("south", 5, 1, 1), (None, 2, 1, 1)],
            )
        ],
    ),
    Vector(
        "T-048",
        "NULL as a key counts like a key without a row",
        lending(loans=[[16, None, 3, "back"]]),
        [(FEES_BY_CITY, [("north", 19), ("south", 5), (None, 5)])],
    ),
    Vector(
        "T-049",
        "NULL in a dimension and rows without a row of it are one group",
        lending(cities={4: None}),
        [(ask(["loans.fees", "members.count"], CITY), [("north", 19, 2), ("south", 5, 1), (None, 2, 1)])],
    ),
    Vector("T-050", "A query of nothing is an error", LENDING, [(ask([]), Refusal("Select at least one measure"))]),
    Vector("T-051", "So is one of rows without fields", LENDING, [(ask([], []), Refusal("or one dimension"))]),
    Vector(
        "T-053",
        "Averages, minima and maxima of one fact have rows for its groups only",
        LENDING,
        [
            (
                ask(["avg(loans.fee)", "min(loans.fee)", "max(loans.fee)"], CITY),
                [("north", 19 / 3, 4, 9), ("south", 5, 5, 5), (None, 2, 2, 2)],
            )
        ],
    ),
]

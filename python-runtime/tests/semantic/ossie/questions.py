"""Vectors of query shapes, aggregation over joins to many, predicates, and joins of facts."""

from __future__ import annotations

from tests.semantic.ossie.libraries import LENDING, WITH_TOTALS, lending
from tests.semantic.ossie.vectors import Refusal, Vector, ask

CITY = ["members.city"]
FEES_BY_CITY = ask(["loans.fees"], CITY)
BY_CITY = [("north", 19), ("south", 5), (None, 2)]
ONE_LIST = "One list of filters, each of which applies where it belongs; the numbers are those of the right clause"

SHAPES = [
    Vector(
        "T-001",
        "One row for each combination of the dimensions that rows of the measure have",
        LENDING,
        [(FEES_BY_CITY, BY_CITY)],
    ),
    Vector(
        "T-002",
        "A query cannot mix dimensions with row-level fields",
        LENDING,
        [({**FEES_BY_CITY, "fields": ["members.id"]}, Refusal("unknown field `fields`"))],
    ),
    Vector(
        "T-003",
        "A row-level query cannot have an aggregate",
        LENDING,
        [(ask([], ["loans.id", "loans.fees"]), Refusal("is a measure, not a column"))],
    ),
]

GRAINS = [
    Vector(
        "T-004",
        "A field that aggregates rows of another source has one value for each row of its own",
        WITH_TOTALS,
        [
            (
                ask([], ["members.city", "members.id", "members.fees"]),
                [("north", 1, 10), ("north", 2, 9), ("south", 3, 5), ("west", 4, None)],
            )
        ],
    ),
    Vector("T-005a", "A sum over a join to many, by the one side", LENDING, [(ask(["sum(loans.fee)"], CITY), BY_CITY)]),
    Vector(
        "T-005b",
        "An average over a join to many weighs each row, not each member",
        LENDING,
        [(ask(["avg(loans.fee)"], CITY), [("north", 19 / 3), ("south", 5), (None, 2)])],
    ),
    Vector(
        "T-005c",
        "An average of averages weighs each member",
        LENDING,
        [(ask(["avg(per(avg(loans.fee), members.id))"], CITY), [("north", 7), ("south", 5), (None, 2)])],
    ),
    Vector(
        "T-005d",
        "A sum of sums is the sum",
        LENDING,
        [(ask(["sum(loans.fee)", "sum(per(sum(loans.fee), members.id))"], CITY), [(*row, row[1]) for row in BY_CITY])],
    ),
    Vector(
        "T-005e",
        "Different values over a join to many",
        LENDING,
        [(ask(["count(distinct loans.state)"], CITY), [("north", 2), ("south", 1), (None, 1)])],
    ),
    Vector(
        "T-006",
        "A count of rows counts those of the source of the measure",
        LENDING,
        [(ask(["count(loans.*)"], CITY, "loans.state = 'back'"), [("north", 2), ("south", 1), (None, 1)])],
    ),
]

PREDICATES = [
    Vector(
        "T-007",
        "An aggregate in the filter of rows is an error",
        LENDING,
        [(ask(["loans.fees"], CITY, "sum(loans.fee) > 4"), BY_CITY[:2])],
        "differs",
        ONE_LIST,
    ),
    Vector(
        "T-008",
        "A condition of rows in the filter of groups is an error",
        LENDING,
        [(ask(["loans.fees"], CITY, "members.city = 'north'"), BY_CITY[:1])],
        "differs",
        ONE_LIST,
    ),
    Vector(
        "T-009",
        "A condition cannot mix rows and aggregates",
        LENDING,
        [
            (ask(["loans.fees"], CITY, "members.city = 'north' or sum(loans.fee) > 4"), Refusal("mixes columns and")),
            (ask(["loans.fees"], CITY, "members.city = 'north' and sum(loans.fee) > 4"), BY_CITY[:1]),
        ],
        "differs",
        "AND separates the conditions, so that each applies where it belongs; with OR it is an error",
    ),
]

JOINS = [
    Vector("T-010", "Rows without a row of the dimension count under NULL", LENDING, [(FEES_BY_CITY, BY_CITY)]),
    Vector(
        "T-011",
        "Two facts side by side: groups of either, NULL for a sum of no rows",
        LENDING,
        [
            (
                ask(["loans.fees", "fines.total"], CITY),
                [("north", 19, 1), ("south", 5, 2), ("west", None, 7), (None, 2, None)],
            )
        ],
    ),
    Vector("T-012", "Totals of two facts are one row", LENDING, [(ask(["loans.fees", "fines.total"]), [(26, 10)])]),
]

CLAUSES = [
    Vector(
        "T-024",
        "A condition on a field that aggregates rows of another source selects rows",
        WITH_TOTALS,
        [(ask(["members.count"], CITY, "members.returned > 0"), [("north", 2), ("south", 1)])],
    ),
    Vector(
        "T-026",
        "NULL is last in an order",
        lending(loans=[[16, 4, 1, "out"]]),
        [
            ({**FEES_BY_CITY, "order_by": ["members.city"]}, [("north", 19), ("south", 5), ("west", 1), (None, 2)]),
            (
                {**FEES_BY_CITY, "order_by": ["members.city:desc"]},
                [("west", 1), ("south", 5), ("north", 19), (None, 2)],
            ),
        ],
    ),
    Vector(
        "T-028",
        "Several filters are connected by AND",
        LENDING,
        [
            (ask(["loans.fees"], CITY, "loans.state = 'back'", "loans.fee > 4"), [("north", 9), ("south", 5)]),
            (ask(["loans.fees"], CITY, "loans.state = 'back' and loans.fee > 4"), [("north", 9), ("south", 5)]),
        ],
    ),
    Vector("T-052", "A limit needs no order", LENDING, [({**FEES_BY_CITY, "limit": 2}, BY_CITY[:2])]),
]

"""Vectors of window functions, which are written in the `sql` of a source."""

from __future__ import annotations

from tests.semantic.ossie.libraries import LENDING, RANKED, lending, with_measure
from tests.semantic.ossie.questions import CITY
from tests.semantic.ossie.vectors import Refusal, Vector, ask

IN_SQL = "Window functions over rows are written in the `sql` of a source"
WINDOW = Refusal("holds a window function; write it into the `sql` of a source")
OVER_MEMBER = "over (partition by loans.member_id order by loans.id"

WINDOWS = [
    Vector(
        "T-027",
        "NULL is last in the order of a window",
        RANKED,
        [
            (ask([], ["loans.id"], "row_number() over (order by loans.fee desc) = 1"), WINDOW),
            (ask([], ["loans.id", "loans.place"], "loans.state = 'back'"), [(11, 2), (13, 1), (14, 1), (15, 1)]),
        ],
        "refused",
        f"{IN_SQL}, with the order that they have there",
    ),
    Vector(
        "T-029",
        "A window function in a filter of rows is an error",
        LENDING,
        [(ask(["loans.fees"], CITY, f"row_number() {OVER_MEMBER}) = 1"), WINDOW)],
    ),
    Vector(
        "T-030",
        "A window over a window is an error",
        LENDING,
        [(ask([f"sum(sum(loans.fee) {OVER_MEMBER})) over ()"], CITY), WINDOW)],
    ),
    Vector(
        "T-031",
        "A running total over rows",
        RANKED,
        [
            (ask([f"sum(loans.fee) {OVER_MEMBER})"], ["loans.id"]), WINDOW),
            (ask([], ["loans.id", "loans.so_far"]), [(11, 4), (12, 10), (13, 9), (14, 5), (15, 2)]),
        ],
        "refused",
        IN_SQL,
    ),
    Vector(
        "T-032",
        "A rank as a field, and a filter on it",
        RANKED,
        [(ask([], ["loans.id", "loans.fee"], "loans.place = 1"), [(12, 6), (13, 9), (14, 5), (15, 2)])],
        "holds",
        IN_SQL,
    ),
    Vector(
        "T-033",
        "A measure cannot be made of one that has a window",
        with_measure(expr="sum(fee) over (partition by member_id order by id)"),
        [(ask(["loans.other / loans.fees"], CITY), WINDOW)],
    ),
    Vector(
        "T-034",
        "A frame in GROUPS is an error",
        LENDING,
        [(ask([f"sum(loans.fee) {OVER_MEMBER} groups 1 preceding)"], ["loans.id"]), WINDOW)],
    ),
    Vector(
        "T-035",
        "A parameter as the bound of a frame is an error",
        LENDING,
        [(ask([f"sum(loans.fee) {OVER_MEMBER} rows :n preceding)"], ["loans.id"], parameters={"n": 1}), WINDOW)],
    ),
    Vector(
        "T-036",
        "A rank of rows counts no row twice",
        RANKED,
        [
            (ask(["rank() over (order by loans.fee)"], ["loans.id"]), WINDOW),
            (ask([], ["loans.id", "loans.place"]), [(11, 2), (12, 1), (13, 1), (14, 1), (15, 1)]),
        ],
        "refused",
        IN_SQL,
    ),
    Vector(
        "T-036b",
        "A window over rows of another source is no field",
        lending(fields=[{"name": "place", "type": "number", "expr": "rank() over (order by loans.fee)"}]),
        [(ask([], ["members.place"]), WINDOW)],
    ),
]

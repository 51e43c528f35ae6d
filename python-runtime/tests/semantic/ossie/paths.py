"""Vectors of many-to-many joins, paths and names, and of rows of the many side."""

from __future__ import annotations

from typing import Any

from tests.semantic.ossie.libraries import LENDING, NO_PATH, TRANSPORT, UNLINKED, WRITING, lending
from tests.semantic.ossie.questions import BY_CITY, CITY, FEES_BY_CITY
from tests.semantic.ossie.vectors import Query, Refusal, Rows, Vector, ask

CENTURY = ["authors.century"]
PAGES_AND_AUTHORS = ["books.pages", "authors.count"]


def _by_century(measure: str, *rows: tuple[Any, ...]) -> list[tuple[Query, Rows | Refusal]]:
    return [(ask([measure], CENTURY), list(rows))]


BRIDGES = [
    Vector(
        "T-013",
        "Facts that share no dimension are not combined",
        UNLINKED,
        [
            (ask(["books.pages", "authors.count"]), Refusal("books and authors share no dimension")),
            (ask(["books.pages", "authors.count"], CENTURY), NO_PATH),
        ],
    ),
    Vector(
        "T-014",
        "Sources that nothing links are not combined",
        UNLINKED,
        [(ask(["books.pages"], CENTURY), NO_PATH)],
    ),
    Vector(
        "T-015",
        "Over a bridge, each row counts once in each group",
        WRITING,
        _by_century("sum(books.pages)", (19, 200), (20, 40)),
    ),
    Vector(
        "T-016",
        "So it does in averages and other aggregates that cannot be split",
        WRITING,
        [
            *_by_century("avg(books.pages)", (19, 100), (20, 40)),
            *_by_century("count(distinct books.title)", (19, 2), (20, 1)),
        ],
    ),
    Vector(
        "T-017",
        "An average of averages over a bridge weighs each row of the other side",
        WRITING,
        _by_century("avg(per(avg(books.pages), authors.id))", (19, 110), (20, 40)),
    ),
]

PATHS = [
    Vector(
        "T-019",
        "Two joins to one source are ambiguous, and the error lists both",
        TRANSPORT,
        [
            (
                ask(["parcels.count"], ["branches.city"]),
                Refusal("(write origin.city), and parcels → target"),
            ),
            (ask(["parcels.count"], ["origin.city"]), [("north", 1), ("south", 2)]),
        ],
    ),
    Vector(
        "T-020",
        "A name without its source is not that of a measure of a source",
        LENDING,
        [(ask(["fees"], CITY), Refusal("did you mean 'loans.fees'")), (FEES_BY_CITY, BY_CITY)],
    ),
]

FINER = [
    Vector(
        "T-021",
        "Different rows of the one side, by a column of the many side, are an error",
        LENDING,
        [(ask(["count(distinct members.id)"], ["loans.state"]), [("back", 3), ("out", 1), (None, 1)])],
        "differs",
        "Each member counts once in each group, as over a bridge; no part is aggregated twice",
    ),
    Vector(
        "T-022",
        "A row-level query does not repeat rows over a join to many",
        LENDING,
        [
            (
                ask([], ["members.city", "loans.id"]),
                [("north", 11), ("north", 12), ("north", 13), ("south", 14), (None, 15)],
            )
        ],
        "differs",
        "A query without measures lists each combination of its dimensions once; it has no rows to repeat",
    ),
    Vector(
        "T-023",
        "A field cannot read a row of the many side without an aggregate",
        lending(fields=[{"name": "first_fee", "type": "number", "expr": "loans.fee"}]),
        [(ask([], ["members.first_fee"]), Refusal("a column of members is made of its own columns only"))],
    ),
    Vector(
        "T-025",
        "A row-level query cannot combine rows of two facts",
        LENDING,
        [(ask([], ["loans.fee", "fines.amount", "members.city"]), Refusal("No source combines loans, fines"))],
    ),
]

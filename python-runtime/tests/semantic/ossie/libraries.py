"""Models of public libraries: members who borrow and pay fines, authors with books, and shapes of other joins."""

from __future__ import annotations

from typing import Any

from tests.semantic.ossie.vectors import Library, Refusal
from tests.semantic.retail import source

TEXT, NUMBER = "text", "int"
OF_MEMBER = [("members", "member_id = members.id")]
_LOANS = source(
    "loans",
    "id",
    "id:n member_id:n fee:n state:s",
    joins=OF_MEMBER,
    measures={"fees": "sum(fee)", "count": "count(*)", "returned": "count_if(state = 'back')"},
)
_FINES = source("fines", "id", "id:n member_id:n amount:n", joins=OF_MEMBER, measures={"total": "sum(amount)"})


def lending(
    loans: list[list[Any]] | None = None,
    cities: dict[int, str | None] | None = None,
    fields: list[dict[str, Any]] | None = None,
) -> Library:
    """Return loans and fines of members: loan 15 has no member, member 4 has a fine and no loan.

    `loans` are further rows, `cities` replaces cities of members by id, `fields` are further columns of the members.
    """
    members = source("members", "id", "id:n city:s plan:s", measures={"count": "count(*)"})
    members["columns"] += fields or []
    rows = [(1, "north", "adult"), (2, "north", "child"), (3, "south", "adult"), (4, "west", "adult")]
    lent = [[11, 1, 4, "back"], [12, 1, 6, "out"], [13, 2, 9, "back"], [14, 3, 5, "back"], [15, 77, 2, "back"]]
    return Library(
        [members, _LOANS, _FINES],
        {
            "members": (
                {"id": NUMBER, "city": TEXT, "plan": TEXT},
                [[key, (cities or {}).get(key, city), plan] for key, city, plan in rows],
            ),
            "loans": ({"id": NUMBER, "member_id": NUMBER, "fee": NUMBER, "state": TEXT}, lent + (loans or [])),
            "fines": ({"id": NUMBER, "member_id": NUMBER, "amount": NUMBER}, [[21, 1, 1], [22, 3, 2], [23, 4, 7]]),
        },
    )


LENDING = lending()


def with_measure(**keys: Any) -> Library:
    """Return the loans with a further measure."""
    members, loans, fines = LENDING.sources
    measures = [*loans["measures"], {"name": "other", **keys}]
    return Library([members, {**loans, "measures": measures}, fines], LENDING.tables)


WITH_TOTALS = lending(
    fields=[
        {"name": "fees", "type": "number", "measure": "loans.fees"},
        {"name": "returned", "type": "number", "measure": "loans.returned"},
    ]
)
"""Members with what their loans add up to."""
_WINDOWS = """SELECT *, sum(fee) OVER (PARTITION BY member_id ORDER BY id) AS so_far,
  rank() OVER (PARTITION BY member_id ORDER BY fee DESC NULLS LAST) AS place FROM loans"""
RANKED = Library(
    [source("loans", "id", "id:n member_id:n fee:n state:s so_far:n place:n", table=None, sql=_WINDOWS)],
    {"loans": LENDING.tables["loans"]},
)
"""Loans with window functions in the `sql` of the source."""

_AUTHORS = source("authors", "id", "id:n name:s century:n", measures={"count": "count(*)"})
_BOOKS = source("books", "id", "id:n title:s pages:n", measures={"pages": "sum(pages)", "count": "count(*)"})
_CREDITS = source(
    "credits",
    "author_id book_id",
    "author_id:n book_id:n",
    joins=[("authors", "author_id = authors.id"), ("books", "book_id = books.id")],
    bridge=True,
)
_WRITTEN = {
    "authors": ({"id": NUMBER, "name": TEXT, "century": NUMBER}, [[1, "Ada", 19], [2, "Ben", 19], [3, "Cal", 20]]),
    "books": (
        {"id": NUMBER, "title": TEXT, "pages": NUMBER},
        [[31, "Atlas", 120], [32, "Birds", 80], [33, "Coins", 40]],
    ),
    "credits": ({"author_id": NUMBER, "book_id": NUMBER}, [[1, 31], [1, 32], [2, 31], [3, 33]]),
}
WRITING = Library([_AUTHORS, _BOOKS, _CREDITS], _WRITTEN)
"""Many to many: Atlas has two authors of one century."""
UNLINKED = Library([_AUTHORS, _BOOKS], _WRITTEN)
"""Two sources without joins."""
NO_PATH = Refusal("No join path leads from books to authors")

TRANSPORT = Library(
    [
        source("branches", "id", "id:n city:s"),
        source(
            "parcels",
            "id",
            "id:n sent_from:n sent_to:n weight:n",
            joins=[("branches", "sent_from = origin.id", "origin"), ("branches", "sent_to = target.id", "target")],
            measures={"count": "count(*)"},
        ),
    ],
    {
        "branches": ({"id": NUMBER, "city": TEXT}, [[1, "north"], [2, "south"]]),
        "parcels": (
            {"id": NUMBER, "sent_from": NUMBER, "sent_to": NUMBER, "weight": NUMBER},
            [[41, 1, 2, 3], [42, 2, 2, 5], [43, 2, 1, 8]],
        ),
    },
)
"""Two joins between the same sources."""

CHAIN = Library(
    [
        source("shelves", "id", "id:n floor:s"),
        source("titles", "id", "id:n shelf_id:n", joins=[("shelves", "shelf_id = shelves.id")]),
        source("copies", "id", "id:n title_id:n", joins=[("titles", "title_id = titles.id")]),
        source("repairs", "id", "id:n copy_id:n hours:n rate:n", joins=[("copies", "copy_id = copies.id")]),
    ],
    {
        "shelves": ({"id": NUMBER, "floor": TEXT}, [[1, "ground"], [2, "first"], [3, "roof"]]),
        "titles": ({"id": NUMBER, "shelf_id": NUMBER}, [[5, 1], [6, 2], [7, None]]),
        "copies": ({"id": NUMBER, "title_id": NUMBER}, [[50, 5], [51, 5], [60, 6], [70, 7]]),
        "repairs": (
            {"id": NUMBER, "copy_id": NUMBER, "hours": NUMBER, "rate": NUMBER},
            [[1, 50, 2, 10], [2, 51, 1, 20], [3, 60, 3, 10], [4, 70, 1, 5], [5, 99, 1, 4]],
        ),
    },
)
"""Three joins to one, in a row; the last title has no shelf, the last repair no copy."""

STOCK = Library(
    [
        source("stock", "branch title", "branch:n title:n minimum:n"),
        source(
            "orders",
            "id",
            "id:n branch:n title:n copies:n",
            joins=[("stock", "branch = stock.branch AND title = stock.title")],
        ),
    ],
    {
        "stock": ({"branch": NUMBER, "title": NUMBER, "minimum": NUMBER}, [[1, 5, 10], [1, 6, 20], [2, 5, 20]]),
        "orders": (
            {"id": NUMBER, "branch": NUMBER, "title": NUMBER, "copies": NUMBER},
            [[1, 1, 5, 2], [2, 1, 6, 3], [3, 2, 5, 4], [4, 2, 6, 7]],
        ),
    },
)
"""A key of two columns; branch 2 has no stock of title 6."""

STAFF = Library(
    [
        source(
            "staff",
            "id",
            "id:n city:s leader_id:n",
            joins=[("staff", "leader_id = leader.id", "leader")],
            measures={"count": "count(*)"},
        )
    ],
    {
        "staff": (
            {"id": NUMBER, "city": TEXT, "leader_id": NUMBER},
            [[1, "north", None], [2, "south", 1], [3, "south", 1], [4, "north", 2]],
        )
    },
)
"""A source that is joined with itself."""

READERS = Library(
    [
        *LENDING.sources[:2],
        source("clubs", "id", "id:n name:s"),
        source(
            "memberships",
            "member_id club_id",
            "member_id:n club_id:n",
            joins=[*OF_MEMBER, ("clubs", "club_id = clubs.id")],
            bridge=True,
        ),
    ],
    {
        **LENDING.tables,
        "clubs": ({"id": NUMBER, "name": TEXT}, [[1, "chess"], [2, "poems"], [3, "maps"]]),
        "memberships": ({"member_id": NUMBER, "club_id": NUMBER}, [[1, 1], [2, 1], [2, 2], [4, 3]]),
    },
)
"""Loans, and clubs over a bridge: two members of the north share a club, and the west has a club and no loan."""

"""Random ledgers: facts with several dates, roles, a bridge and balances, for questions with calculations.

Orders have a buyer and a payer, both customers, two dates, and tags over a bridge that may have weights. Dates have
gaps, a leap day and ends of months, and the times of visits may be in a zone; keys may be missing (NULL) or dangling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.semantic.databases import TableData
from tests.semantic.ledger.times import text_of

Row = dict[str, Any]
OF_CUSTOMER = {"to": "customers", "on": "customer_id = customers.id", "relationship": "many_to_one"}

COLUMNS: dict[str, dict[str, str]] = {
    "regions": {"id": "int", "name": "text"},
    "customers": {"id": "int", "segment": "text", "region_id": "int"},
    "orders": {
        "id": "int",
        "customer_id": "int",
        "payer_id": "int",
        "placed": "date",
        "shipped": "date",
        "amount": "int",
    },
    "visits": {"id": "int", "customer_id": "int", "day": "time", "minutes": "int"},
    "balances": {"id": "int", "customer_id": "int", "account": "text", "day": "date", "amount": "int"},
    "tags": {"id": "int", "label": "text"},
    "order_tags": {"order_id": "int", "tag_id": "int", "share": "decimal"},
}


@dataclass(frozen=True)
class Later:
    """The rows of a source that follow a row of the same customer within a duration, those of at least `least`."""

    source: str
    time: str
    within: tuple[int, str]
    least: int | None = None


@dataclass(frozen=True)
class Leaf:
    """A measure: an aggregate of a column over the rows of a source, those of at least `least` only.

    `take` are the times of a group that a semi-additive measure reads, of each account with `is_per_account`. With
    `is_parameter`, a query writes it, with a parameter for `least`. With `later`, rows count that such a row follows.
    """

    source: str
    aggregate: str
    column: str | None
    time: str | None
    least: int | None = None
    fill: int | None = None
    take: str | None = None
    is_per_account: bool = False
    is_parameter: bool = False
    later: Later | None = None

    def measure(self, name: str) -> dict[str, Any]:
        """Return the measure of the model."""
        argument = self.column or "*"
        expr = f"count(distinct {argument})" if self.aggregate == "distinct" else f"{self.aggregate}({argument})"
        found: dict[str, Any] = {"name": name, "expr": expr, "time": self.time, "fill_nulls_with": self.fill}
        if self.least is not None:
            found["filter"] = f"{self.column} >= {self.least}"
        if self.take is not None:
            per = ["account"] if self.is_per_account else []
            found["semi_additive"] = {"over": self.time, "take": self.take, "per": per}
        if self.later is not None:
            later = self.later
            condition = None if later.least is None else f"amount >= {later.least}"
            found["followed_by"] = {
                "source": later.source,
                "on": f"customer_id = {later.source}.customer_id",
                "within": text_of(later.within),
                "time": later.time,
                "filter": condition,
            }
        return found


MEASURES = {
    "orders.revenue": Leaf("orders", "sum", "amount", "placed"),
    "orders.count": Leaf("orders", "count", None, "placed"),
    "orders.known": Leaf("orders", "count", "amount", "placed"),
    "orders.buyers": Leaf("orders", "distinct", "customer_id", "placed"),
    "orders.mean": Leaf("orders", "avg", "amount", "placed"),
    "orders.least": Leaf("orders", "min", "amount", "placed"),
    "orders.most": Leaf("orders", "max", "amount", "placed"),
    "orders.large": Leaf("orders", "sum", "amount", "placed", least=2),
    "orders.shipped_revenue": Leaf("orders", "sum", "amount", "shipped"),
    "orders.filled": Leaf("orders", "sum", "amount", "placed", fill=0),
    "orders.above": Leaf("orders", "sum", "amount", "placed", is_parameter=True),
    "orders.followed": Leaf("orders", "sum", "amount", "placed", later=Later("balances", "day", (2, "month"))),
    "visits.count": Leaf("visits", "count", None, "day"),
    "visits.minutes": Leaf("visits", "sum", "minutes", "day"),
    "visits.converted": Leaf("visits", "count", None, "day", later=Later("orders", "placed", (45, "day"), least=1)),
    "customers.count": Leaf("customers", "count", None, None),
    "customers.mean_orders": Leaf("customers", "avg", "order_count", None),
    "balances.closing": Leaf("balances", "sum", "amount", "day", take="last", is_per_account=True),
    "balances.opening": Leaf("balances", "sum", "amount", "day", take="first", is_per_account=True),
    "balances.final": Leaf("balances", "sum", "amount", "day", take="last"),
    "balances.average": Leaf("balances", "sum", "amount", "day", take="average"),
    "balances.daily_rows": Leaf("balances", "count", None, "day", take="average"),
    "balances.in_credit": Leaf("balances", "sum", "amount", "day", least=1, take="last", is_per_account=True),
}
LARGE = 2
MEASURED = {"order_count": "orders.count", "minutes": "visits.minutes"}
"""Columns of customers that have a measure."""
METRICS = {
    "conversion": ("orders.count / visits.count", ("/", ("base", "orders.count"), ("base", "visits.count")), None),
    "order_value": ("orders.revenue / orders.count", ("/", ("base", "orders.revenue"), ("base", "orders.count")), -1),
}


@dataclass(frozen=True)
class Ledger:
    """The rows of each table; with `is_weighted`, the bridge divides orders among their tags.

    `zone` is that of the times of visits, None if it is not declared.
    """

    rows: dict[str, list[Row]]
    is_weighted: bool
    zone: str | None = None

    def tables(self) -> dict[str, TableData]:
        """Return the tables to load."""
        return {
            name: (kinds, [[row[column] for column in kinds] for row in self.rows[name]])
            for name, kinds in COLUMNS.items()
        }

    def model(self) -> list[dict[str, Any]]:
        """Return the sources."""
        buyer = {**OF_CUSTOMER, "on": "customer_id = buyer.id", "alias": "buyer"}
        payer = {**OF_CUSTOMER, "on": "payer_id = payer.id", "alias": "payer"}
        links = [
            {"to": "orders", "on": "order_id = orders.id", "relationship": "many_to_one"},
            {"to": "tags", "on": "tag_id = tags.id", "relationship": "many_to_one"},
        ]
        region = {"to": "regions", "on": "region_id = regions.id", "relationship": "many_to_one"}
        bridge = {"grain": ["order_id", "tag_id"], "bridge": True, "joins": links}
        if self.is_weighted:
            bridge["weight"] = "share"
        large = {"name": "large", "expr": f"amount >= {LARGE}"}
        sources = [
            _source("regions"),
            _source("customers", joins=[region], more=MEASURED),
            _source("orders", joins=[buyer, payer], time="placed", paths={"customers": "buyer"}, segments=[large]),
            _source("visits", joins=[OF_CUSTOMER], time="day"),
            _source("balances", joins=[OF_CUSTOMER], time="day"),
            _source("tags"),
            _source("order_tags", **bridge),
        ]
        for source in sources if self.zone is not None else ():
            for column in source["columns"]:
                kind = COLUMNS[source["name"]].get(column["name"])
                column.update({"time": {"time_zone": self.zone}, "date": {"granularity": "day"}}.get(kind or "", {}))
        return sources


def _source(name: str, more: Mapping[str, str] = {}, **keys: Any) -> dict[str, Any]:
    types = {"int": "number", "decimal": "number", "text": "string", "date": "time", "time": "time"}
    return {
        "name": name,
        "table": name,
        "grain": ["id"],
        "columns": [
            *({"name": column, "type": types[kind]} for column, kind in COLUMNS[name].items()),
            *({"name": column, "type": "number", "measure": measure} for column, measure in more.items()),
        ],
        "measures": [
            leaf.measure(key.split(".")[1])
            for key, leaf in MEASURES.items()
            if leaf.source == name and not leaf.is_parameter
        ],
        **keys,
    }


def shared_model() -> dict[str, Any]:
    """Return the metrics."""
    return {
        "metrics": [{"name": name, "expr": text, "fill_nulls_with": fill} for name, (text, _, fill) in METRICS.items()]
    }


_DATES = [
    "2023-12-31",
    "2024-01-15",
    "2024-01-30",
    "2024-01-31",
    "2024-02-29",
    "2024-03-01",
    "2024-03-30",
    "2024-04-30",
    "2024-07-08",
    "2024-12-30",
    "2025-01-01",
    "2025-01-31",
    "2025-02-28",
    "2025-03-31",
]
_TIMES = [f"{day} {hour}" for day in _DATES for hour in ("00:00:00", "12:30:00", "23:59:59")]
_TIMES += ["2024-03-31 01:30:00", "2024-10-27 00:30:00", "2024-10-27 01:30:00"]  # daylight saving starts and ends
_KEYS = [1, 2, 3, 1, 2, None, 9]
_NUMBERS = [1, 2, 3, 5, 0, -2, None]
_VALUES: dict[str, dict[str, list[Any]]] = {
    "regions": {"name": ["north", "south", None]},
    "customers": {"segment": ["p", "q", None], "region_id": _KEYS},
    "orders": {
        "customer_id": _KEYS,
        "payer_id": _KEYS,
        "placed": [None, *_DATES],
        "shipped": [None, *_DATES],
        "amount": _NUMBERS,
    },
    "visits": {"customer_id": _KEYS, "day": [None, *_TIMES], "minutes": _NUMBERS},
    "balances": {"customer_id": _KEYS, "account": ["a", "b", None], "day": [None, *_DATES], "amount": _NUMBERS},
    "tags": {"label": ["x", "y", "x", None]},
}
_MOST_ROWS = {"regions": 2, "customers": 3, "orders": 8, "visits": 5, "balances": 7, "tags": 3}


def random_ledger(random: Random) -> Ledger:
    """Generate a ledger."""
    rows: dict[str, list[Row]] = {
        name: [
            {"id": number, **{column: random.choice(values) for column, values in columns.items()}}
            for number in range(1, random.randint(1, _MOST_ROWS[name]) + 1)
        ]
        for name, columns in _VALUES.items()
    }
    links = sorted({(random.randint(1, 8), random.choice([1, 2, 3, 9])) for _ in range(random.randint(0, 10))})
    rows["order_tags"] = [
        {"order_id": order, "tag_id": tag, "share": random.choice([0.25, 0.5, 0.75, 1])} for order, tag in links
    ]
    return Ledger(rows, random.random() < 0.5, random.choice([None, "UTC", "America/New_York"]))

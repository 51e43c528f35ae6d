"""Random worlds: tables with rows, sources and queries, small enough for the brute-force oracle.

A world is a snowflake schema: dimensions that refer to each other, facts that refer to dimensions, lines of a fact, a
self-join and two roles of one dimension. Keys may be missing (NULL) or dangling.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Row = dict[str, Any]


@dataclass
class Link:
    """A join of the model: `column` of its table refers to the `key` of `to`, with an optional `alias`."""

    column: str
    to: str
    alias: str | None
    relationship: str
    key: str = "id"


@dataclass
class Table:
    """A table with its rows; every table has id, n (number), s (string) and d (time)."""

    name: str
    links: list[Link] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """Return the columns that refer to other tables, by joins of this or the other table."""
        return list(dict.fromkeys([*(link.column for link in self.links if link.column != "id"), *self.linked]))


World = dict[str, Table]

MEASURES: dict[str, tuple[str, str | None]] = {
    "total": ("sum(n)", None),
    "rows": ("count(*)", None),
    "known": ("count(n)", None),
    "kinds": ("count(distinct s)", None),
    "mean": ("avg(n)", None),
    "least": ("min(n)", None),
    "most": ("max(n)", None),
    "total_a": ("sum(n)", "s = 'a'"),
    "rows_a": ("count(*)", "s = 'a'"),
    "ratio": ("sum(n) / count(*)", None),
}


def sources(world: World) -> list[dict[str, Any]]:
    """Return the model of a world."""
    return [
        {
            "name": table.name,
            "table": table.name,
            "grain": ["id"],
            "columns": [
                {"name": "id", "type": "number", "visibility": "internal"},
                {"name": "n", "type": "number"},
                {"name": "s", "type": "string"},
                {"name": "d", "type": "time"},
                *({"name": key, "type": "number", "visibility": "hidden"} for key in table.keys),
            ],
            "joins": [
                {
                    "to": link.to,
                    "on": f"{link.column} = {link.alias or link.to}.{link.key}",
                    "relationship": link.relationship,
                    **({"alias": link.alias} if link.alias else {}),
                }
                for link in table.links
            ],
            "measures": [
                {"name": name, "expr": expr, **({"filter": condition} if condition else {})}
                for name, (expr, condition) in MEASURES.items()
            ],
            "segments": [{"name": "big", "expr": "n > 1"}],
        }
        for table in world.values()
    ]


DATES = ["2023-12-31 23:59:00", "2024-01-01 00:00:00", "2024-01-07 12:00:00", "2024-02-29 06:30:00"]
NUMBERS = st.sampled_from([1, 2, 3, 5, 0, -2, None])
TEXTS = st.sampled_from(["a", "b", "a", "b", None])
TIMES = st.sampled_from([None, *DATES])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Generate a world."""
    tables = {name: Table(name) for name in ("d1", "d2", "d3")}
    if draw(st.booleans()):
        tables["d1"].links.append(Link("d3_id", "d3", None, "many_to_one"))
    if draw(st.booleans()):
        tables["d2"].links.append(Link("d3_id", "d3", None, "many_to_one"))
    if draw(st.integers(0, 2)) == 0:
        tables["d2"].links.append(Link("boss_id", "d2", "boss", "many_to_one"))
    if draw(st.integers(0, 2)) == 0:
        tables["e1"] = Table("e1", [Link("id", "d1", None, "one_to_one")])
    for name in ["f1", "f2", "f3"][: draw(st.integers(1, 3))]:
        tables[name] = Table(name, _fact_links(draw))
    if draw(st.booleans()):
        links = [Link("f1_id", "f1", None, "many_to_one")]
        if draw(st.booleans()):
            links.append(Link("d2_id", "d2", draw(st.sampled_from([None, "line_d2"])), "many_to_one"))
        tables["l1"] = Table("l1", links)
    if draw(st.integers(0, 3)) == 0:
        _link_from_one(draw, tables)
    for table in tables.values():
        _fill(draw, table)
    return tables


def _link_from_one(draw: st.DrawFn, tables: World) -> None:
    """Add a join that a dimension declares to a fact, by a column of another join or a separate one."""
    fact = tables["f1"]
    # Roles at both ends of a pair of tables are rejected.
    free = [name for name in ("d1", "d2", "d3") if all(link.to != name or not link.alias for link in fact.links)]
    for alias in draw(st.sampled_from([[None], ["given"], [None, "given"], ["given", "taken"]])):
        if not free:
            return
        to = draw(st.sampled_from(free))
        key = draw(st.sampled_from([f"{to}_id", f"{to}_{alias or 'given'}_id"]))
        if key not in fact.keys:
            fact.linked.append(key)
        tables[to].links.append(Link("id", "f1", alias, "one_to_many", key))


def _fact_links(draw: st.DrawFn) -> list[Link]:
    links = []
    for target in ("d1", "d2", "d3"):
        kind = draw(st.integers(0, 9))
        if kind in (1, 2, 3, 4, 5):
            links.append(Link(f"{target}_id", target, None, "many_to_one"))
        elif kind == 6:
            links.append(Link(f"{target}_id", target, f"first_{target}", "many_to_one"))
        elif kind in (7, 8):
            links.append(Link(f"{target}_id", target, f"first_{target}", "many_to_one"))
            links.append(Link(f"{target}_id2", target, f"second_{target}", "many_to_one"))
        elif kind == 9:
            links.append(Link(f"{target}_id", target, None, "many_to_one"))
            links.append(Link(f"{target}_id2", target, f"other_{target}", "many_to_one"))
    return links


def _fill(draw: st.DrawFn, table: Table) -> None:
    keys = st.sampled_from([1, 2, 3, 1, 2, 3, 4, 5, None, 9])
    for number in range(draw(st.sampled_from([3, 4, 5, 6, 2, 1, 0]))):
        row: Row = {"id": number + 1, "n": draw(NUMBERS), "s": draw(TEXTS), "d": draw(TIMES)}
        for key in table.keys:
            row[key] = draw(keys)
        table.rows.append(row)


def nodes(world: World) -> list[str]:
    """Return the names that queries may use: tables and roles."""
    roles = {link.alias for table in world.values() for link in table.links if link.alias}
    return [*world, *sorted(roles)]


@dataclass
class Filter:
    """A condition on columns, or on a measure with `measure`; `any_of` are connected by OR."""

    any_of: list[tuple[str, str, str, Any]]
    measure: bool = False

    def sql(self) -> str:
        """Return the text of the filter in a query."""
        return " or ".join(_comparison(*part) for part in self.any_of)


def _comparison(node: str, column: str, operator: str, value: Any) -> str:
    literal = f"'{value}'" if isinstance(value, str) else str(value)
    return f"{node}.{column} {operator}" + ("" if operator.startswith("is") else f" {literal}")


@dataclass
class Question:
    """A query: measures are (node, name) or a ratio of two of them, dimensions (node, column, granularity)."""

    measures: list[tuple[tuple[str, str], tuple[str, str] | None]]
    dimensions: list[tuple[str, str, str | None]]
    filters: list[Filter]
    segments: list[str]
    order: tuple[int, str] | None
    limit: int | None
    include_empty: bool | None

    def query(self) -> dict[str, Any]:
        """Return the query as JSON."""
        measures: list[Any] = []
        for index, ((node, name), divisor) in enumerate(self.measures):
            text = f"{node}.{name}" + (f" / {divisor[0]}.{divisor[1]}" if divisor else "")
            measures.append({"expr": text, "name": f"m{index}"})
        return {
            "measures": measures,
            "dimensions": [
                {"field": f"{node}.{column}", **({"granularity": unit} if unit else {})}
                for node, column, unit in self.dimensions
            ],
            "filters": [item.sql() for item in self.filters],
            "segments": [f"{node}.big" for node in self.segments],
            "order_by": [f"m{self.order[0]}:{self.order[1]}"] if self.order else [],
            "limit": self.limit,
            "include_empty": self.include_empty,
        }


@st.composite
def questions(draw: st.DrawFn, world: World, reach: dict[str, set[str]]) -> Question:
    """Generate a question about a world; `reach` are the reachable nodes, so that most questions can be answered."""
    facts = st.sampled_from([name for name in nodes(world) if name[0] in "fl"] + nodes(world))
    name = st.sampled_from(list(MEASURES))
    plain = st.sampled_from([measure for measure in MEASURES if measure != "ratio"])
    measures = [
        ((draw(facts), draw(name)), (draw(facts), draw(plain)) if draw(st.integers(0, 4)) == 0 else None)
        for _ in range(draw(st.sampled_from([1, 1, 2, 3])))
    ]
    roots = {pair[0] for measure in measures for pair in measure if pair}
    shared = [item for item in nodes(world) if all(item in reach[root] for root in roots)]
    is_sensible = draw(st.integers(0, 4)) > 0
    node = st.sampled_from(shared if shared and is_sensible else nodes(world))
    dimensions = draw(st.lists(_dimension(node), max_size=2, unique=True)) if shared or not is_sensible else []
    over = st.sampled_from(sorted(roots)) if is_sensible else facts
    filters = (
        draw(st.lists(_filter(node, over), max_size=draw(st.sampled_from([0, 1, 1, 2]))))
        if shared or not is_sensible
        else []
    )
    order = (draw(st.integers(0, len(measures) - 1)), draw(st.sampled_from(["asc", "desc"])))
    return Question(
        measures,
        dimensions,
        filters,
        draw(st.lists(node, max_size=1)) if draw(st.integers(0, 3)) == 0 else [],
        order if draw(st.booleans()) else None,
        draw(st.sampled_from([None, None, None, 2])),
        draw(st.sampled_from([None, None, True, True, False])),
    )


def _dimension(node: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, str, str | None]]:
    plain = st.tuples(node, st.sampled_from(["s", "n", "d"]), st.none())
    units = st.sampled_from(["minute", "hour", "day", "week", "month", "quarter", "year"])
    return st.one_of(plain, st.tuples(node, st.just("d"), units))


def _filter(node: st.SearchStrategy[str], facts: st.SearchStrategy[str]) -> st.SearchStrategy[Filter]:
    part = st.one_of(
        st.tuples(node, st.just("n"), st.sampled_from(["=", "<>", ">", "<="]), st.sampled_from([0, 1, 2])),
        st.tuples(node, st.just("s"), st.sampled_from(["=", "<>"]), st.sampled_from(["a", "b"])),
        st.tuples(node, st.just("s"), st.sampled_from(["is null", "is not null"]), st.none()),
    )
    name = st.sampled_from([measure for measure in MEASURES if measure != "ratio"])
    measure = st.tuples(facts, name, st.sampled_from([">", "<="]), st.sampled_from([0, 1, 3]))
    return st.one_of(
        st.builds(Filter, st.lists(part, min_size=1, max_size=2)),
        st.builds(Filter, st.lists(measure, min_size=1, max_size=2), st.just(True)),
    )

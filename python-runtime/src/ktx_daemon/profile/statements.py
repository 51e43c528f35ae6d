"""The statements of a profile: aggregates of columns, and their values."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from ktx_daemon.profile.sources import Source
from ktx_daemon.warehouses.model.profiling import COUNT, COUNTED, NUMBERS, ORDERED, Dialect, Kind, Measured

# Characters of a text that are read; the formats of longer ones show in their beginning.
VALUE_LENGTH = 500
# Characters of a text that are returned, with one more that shows that there are others.
SHOWN_LENGTH = 100
# A name that no column has: in some databases it would hide it.
VALUE = "ktx_value"


class Measures(enum.Enum):
    """What is measured of columns; later ones are those of further attempts.

    `RANGES` have no means, which values beyond the range of their type make fail. `SAFE` ones have no measures of
    unusual types either.
    """

    ALL = "all"
    RANGES = "ranges"
    SAFE = "safe"
    NULLS = "nulls"


@dataclass(frozen=True)
class Wanted:
    """The values to read of a column: those whose hash is below `limit`, or all. Hidden ones are only hashed."""

    index: int
    column: Measured
    limit: int | None
    is_hidden: bool


def aggregate(
    dialect: Dialect, source: Source, columns: Sequence[Measured], *, hidden: Sequence[bool], wanted: Measures
) -> tuple[str, list[list[str]]]:
    """Return the statement of the aggregates of columns, and the names of the results of each.

    The first result is the number of rows.
    """
    begin, rows = source.read(dialect, columns)
    counted = [column for column in columns if _is_counted(column.kind, wanted)]
    together = None if source.is_sample else dialect.count_together(rows, counted)
    results = [f"count(*) AS {COUNTED}"]
    names: list[list[str]] = []
    for column, is_hidden in zip(columns, hidden, strict=True):
        measures = {"count": f"count({column.sql})"}
        if together is not None and column in counted:
            measures["distinct"] = f"max(d.{COUNT}{counted.index(column)})"
        elif column in counted and not (source.is_sample and dialect.has_statistics(source.table, column)):
            measures["distinct"] = dialect.count_distinct(column, exact=not source.is_sample)
        if column in counted:
            measures |= _measures(dialect, column, wanted, is_hidden=is_hidden)
        names.append(list(measures))
        results += measures.values()
    joined = f" CROSS JOIN {together} AS d" if together is not None else ""
    return f"{begin}SELECT {', '.join(results)} FROM {rows}{joined}", names  # noqa: S608 - names are quoted


def _is_counted(kind: Kind, wanted: Measures) -> bool:
    """Return whether more than the nulls of a column are counted."""
    if kind is Kind.OPAQUE or wanted is Measures.NULLS:
        return False
    return wanted is not Measures.SAFE or kind not in (Kind.LABEL, Kind.BINARY, Kind.FLOAT)


def _measures(dialect: Dialect, column: Measured, wanted: Measures, *, is_hidden: bool) -> dict[str, str]:
    kind = column.kind
    measures: dict[str, str] = {}
    if kind in ORDERED and not is_hidden:
        for name, value in (("min", dialect.least(column)), ("max", dialect.greatest(column))):
            text = dialect.text(value, column)
            measures[name] = dialect.head(text, SHOWN_LENGTH + 1) if kind is Kind.TEXT else text
    if kind in NUMBERS and wanted is Measures.ALL and not is_hidden:
        measures["mean"] = dialect.mean(column.sql)
    if kind in (Kind.TEXT, Kind.BINARY):
        length = dialect.length(column)
        measures |= {
            "min_length": f"min({length})",
            "max_length": f"max({length})",
            "mean_length": dialect.mean(length),
        }
    return measures


def read_values(dialect: Dialect, source: Source, wanted: Sequence[Wanted]) -> str:
    """Return the statement of values: rows of the index of a column, a hash, the text, and the number of its rows."""
    begin, rows = source.read(dialect, [each.column for each in wanted])
    texts = [(each.index, dialect.canonical(each.column.sql, each.column), each.limit) for each in wanted]
    unpivoted = dialect.unpivot(rows, texts)
    if unpivoted is not None:
        return begin + _values_of_all(dialect, unpivoted, wanted)
    return begin + " UNION ALL ".join(_values_of(dialect, rows, each) for each in wanted)


def _values_of_all(dialect: Dialect, unpivoted: str, wanted: Sequence[Wanted]) -> str:
    hashed, text = dialect.hash("v"), dialect.head("v", VALUE_LENGTH)
    hidden = ", ".join(str(each.index) for each in wanted if each.is_hidden)
    shown = f"CASE WHEN i IN ({hidden}) THEN '' ELSE {text} END" if hidden else text
    return (
        f"SELECT i, {hashed} AS h, {shown} AS t, n FROM (SELECT i, v, count(*) AS n FROM {unpivoted} "  # noqa: S608
        f"WHERE v IS NOT NULL AND (l IS NULL OR {hashed} < l) GROUP BY i, v) AS {COUNTED}"
    )


def _values_of(dialect: Dialect, rows: str, wanted: Wanted) -> str:
    column = wanted.column
    grouped = dialect.grouped(column)
    found = Measured(VALUE, column.kind, column.type)
    hashed = dialect.hash(dialect.canonical(VALUE, found))
    text = dialect.head(dialect.text(VALUE, found), VALUE_LENGTH)
    condition, of_groups = f"{column.sql} IS NOT NULL", ""
    if wanted.limit is not None and dialect.hashes_groups:
        of_groups = f" WHERE {hashed} < {wanted.limit}"
    elif wanted.limit is not None:
        condition += f" AND {dialect.hash(dialect.canonical(grouped, column))} < {wanted.limit}"
    shown = "''" if wanted.is_hidden else text
    return (
        f"SELECT {wanted.index} AS i, {hashed} AS h, {shown} AS t, {COUNTED} AS n "  # noqa: S608 - names are quoted
        f"FROM (SELECT {grouped} AS {VALUE}, count(*) AS {COUNTED} FROM {rows} WHERE {condition} "
        f"GROUP BY {grouped}) AS g{of_groups}"
    )

"""The tables that a reference in a statement may mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from ktx_daemon.sql.lexical import SPARK_LIKE
from ktx_daemon.sql.masking import MaskedTokens
from ktx_daemon.sql.policy.patterns import TableName
from ktx_daemon.sql.side_effects import TRINO_LIKE

# Iceberg's tables with the lowest and highest values of the columns of `t`, and its older rows: `t.files`, `t.tag_x`.
_METADATA = re.compile(
    r"(all_)?(data_|delete_)?(files|entries|manifests)|partitions|position_deletes|history|snapshots|refs|changes"
    r"|metadata_log_entries|(branch|tag|at_timestamp|snapshot_id)_.*"
)
_WITH_DOLLAR = TRINO_LIKE | SPARK_LIKE  # `t$files`
# The schemas of names without one, of the databases that have no setting for them.
DEFAULT_PATHS = {"sqlite": ["main"], "duckdb": ["main"]}
# Dialects in which a quoted name with dots may be a qualified one.
_DOTS_IN_NAMES = {"bigquery", "duckdb"}


def reference_parts(table: exp.Table, marks: MaskedTokens, *, has_database_links: bool) -> list[str] | None:
    """Return the names of a reference, the qualifiers first; None if they are not plain names.

    Names on another server, `hr.emp@remote`, have no catalog.
    """
    parts: list[str] = []
    for key in ("catalog", "db", "this"):
        node = table.args.get(key)
        if node is None or node == "":
            parts.extend([""] if node == "" and parts else [])
            continue
        for piece in node.flatten() if isinstance(node, exp.Dot) else [node]:
            if not isinstance(piece, exp.Identifier):
                return None
            name, at, _ = marks.restore(piece.name).partition("@") if has_database_links else (piece.name, "", "")
            parts.append(name if has_database_links else marks.restore(piece.name))
            if at and name:
                return parts
    return parts


def possible_tables(parts: list[str], dialect: str, path: Sequence[str] | None) -> list[TableName]:
    """Return the tables that a reference may mean; a missing qualifier is not known.

    `path` has the schemas that a name without one may be in, None if they are not known.
    """
    readings = [parts]
    if dialect in _DOTS_IN_NAMES and any("." in part for part in parts):
        readings.append([piece for part in parts for piece in part.split(".")])
    if dialect in SPARK_LIKE and len(parts) > 1 and _METADATA.fullmatch(parts[-1].lower()):
        readings.append(parts[:-1])
    if dialect in _WITH_DOLLAR and "$" in parts[-1][1:]:
        readings.append([*parts[:-1], parts[-1].partition("$")[0]])
    if dialect == "duckdb" and len(parts) == 2:  # noqa: PLR2004
        readings.append([parts[0], "", parts[1]])  # a catalog and a table of its default schema
    return [name for reading in readings for name in _table_names(reading, dialect, path)]


def _table_names(parts: list[str], dialect: str, path: Sequence[str] | None) -> list[TableName]:
    *qualifiers, name = parts
    catalog, db = [None, None, *(part or None for part in qualifiers)][-2:]
    is_wildcard = dialect == "bigquery" and "*" in name
    known = DEFAULT_PATHS.get(dialect, path)
    schemas = [db] if db is not None or known is None else known
    return [TableName(catalog, schema, name, is_wildcard) for schema in schemas]


def is_certain_cte(table: exp.Table, dialect: str) -> bool:
    """Return whether a name is certainly that of a common table expression, in every server of a dialect.

    The spelling must be the same, as servers differ in how they fold names, and the expression must be declared before
    its use: whether one sees itself or later ones depends on RECURSIVE and on the server.
    """
    name = table.this
    if not isinstance(name, exp.Identifier) or table.args.get("db") is not None:
        return False
    node: exp.Expr = table
    while (parent := node.parent) is not None:
        declared: list[exp.Expr] = []
        if isinstance(parent, exp.With):
            declared = parent.expressions[: node.index]
        elif isinstance(with_ := parent.args.get("with_"), exp.With) and with_ is not node:
            declared = with_.expressions if dialect != "clickhouse" or _is_select_of(table, parent) else []
        if any(_declares(cte, name) for cte in declared):
            return True
        node = parent
    return False


def _is_select_of(table: exp.Table, query: exp.Expr) -> bool:
    """Return whether a table belongs to a query itself; ClickHouse's settings decide about its subqueries."""
    return table.find_ancestor(exp.Select) is query


def _declares(cte: exp.Expr, name: exp.Identifier) -> bool:
    alias = cte.args.get("alias")
    if cte.args.get("scalar") or not isinstance(cte.this, exp.Query) or not isinstance(alias, exp.TableAlias):
        return False
    declared = alias.this
    is_spelled = isinstance(declared, exp.Identifier) and declared.name == name.name
    return is_spelled and bool(declared.args.get("quoted")) == bool(name.args.get("quoted"))

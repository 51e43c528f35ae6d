"""Correction of tables in syntax trees.

sqlglot parses `IN u` (ClickHouse, SQLite), `TABLE('t')` (Snowflake), `cluster('c', db.t)` and
`TABLE(input => TABLE(t))` as columns, strings and functions, and DUAL and placeholders as tables.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from ktx_daemon.sql.masking import Kind, MaskedTokens

_WITH_DUAL = {"doris", "exasol", "mysql", "oracle", "singlestore", "snowflake", "starrocks"}
# Dialects in which the operand of `x IN u` may be a table.
_WITH_TABLES_IN_IN = {"clickhouse", "sqlite"}
_CLUSTER_FUNCTIONS = {"cluster", "clusterallreplicas"}


def correct_tables(statement: exp.Expr, marks: MaskedTokens, dialect: Dialect) -> list[exp.Expr]:
    """Convert nodes that name tables into tables, and pseudo-tables into variables.

    Returns all nodes of the tree, breadth first.
    """
    name = type(dialect).__name__.lower()
    nodes = list(statement.walk())
    is_changed = False
    for node in nodes:
        if isinstance(node, exp.Table):
            _replace_pseudo_table(node, marks, has_dual=name in _WITH_DUAL)
            if name == "clickhouse":
                _replace_dictionary(node)
        elif isinstance(node, (exp.TableFromRows, exp.DynamicIdentifier)):
            _parse_name_in_string(node, marks)
        elif isinstance(node, exp.In):
            is_changed |= name in _WITH_TABLES_IN_IN and _convert_in_operand(node, has_lists=name == "clickhouse")
        elif isinstance(node, exp.Anonymous):
            is_changed |= _convert_function(node, marks)
    return list(statement.walk()) if is_changed else nodes


def _convert_function(function: exp.Anonymous, marks: MaskedTokens) -> bool:
    name = str(function.this).lower()
    if isinstance(function.parent, exp.Table) and name in _CLUSTER_FUNCTIONS:
        _convert_cluster(function, marks)
        return True
    return name == "table" and len(function.expressions) == 1 and _convert_to_table(function.expressions[0])


def _replace_pseudo_table(table: exp.Table, marks: MaskedTokens, *, has_dual: bool) -> None:
    """Replace the identifiers of DUAL and placeholders by variables."""
    for part in table.parts:
        marked = marks.find(part.name) if isinstance(part, exp.Identifier) else None
        if marked is not None and marked.kind is Kind.PLACEHOLDER:
            part.replace(exp.var(part.name))
    name = table.this
    if has_dual and isinstance(name, exp.Identifier) and not name.args.get("quoted") and name.name.lower() == "dual":
        qualifier = table.text("db").lower()
        if not table.args.get("catalog") and qualifier in ("", "sys"):
            name.replace(exp.var("DUAL"))


def _replace_dictionary(table: exp.Table) -> None:
    """Replace the identifier of `dictionary('d')`, which sqlglot parses as a table with a list of columns."""
    alias, name = table.args.get("alias"), table.this
    is_called = isinstance(alias, exp.TableAlias) and not alias.this and alias.args.get("columns")
    if is_called and isinstance(name, exp.Identifier) and name.name.lower() == "dictionary":
        name.replace(exp.var(name.name))


def _convert_in_operand(node: exp.In, *, has_lists: bool) -> bool:
    """Convert the operand of `IN` into a table; with `has_lists` a name of the select list stays a column."""
    column = node.args.get("field")
    if not isinstance(column, exp.Column):
        return False
    query = node.find_ancestor(exp.Select) if has_lists else None
    selected = {item.alias for item in query.expressions} if query else set()
    return (bool(column.table) or column.name not in selected) and _convert_to_table(column)


def _convert_to_table(column: exp.Expr) -> bool:
    """Replace a column by the table of that name; return whether it was one."""
    is_name = isinstance(column, exp.Column) and all(isinstance(part, exp.Identifier) for part in column.parts)
    if is_name and isinstance(column, exp.Column):
        *qualifiers, name = [part.copy() for part in column.parts]
        catalog, db = [None, None, *qualifiers][-2:]
        column.replace(exp.Table(this=name, db=db, catalog=catalog))
    return is_name


def _convert_cluster(function: exp.Anonymous, marks: MaskedTokens) -> None:
    """Convert the second argument of `cluster('c', db.t)`, or the second and third: a column, or strings."""
    arguments = function.expressions[1:3]
    if arguments and isinstance(arguments[0], exp.Column) and arguments[0].table:
        _convert_to_table(arguments[0])
        return
    for argument in arguments:
        if isinstance(argument, exp.Literal):
            argument.set("this", marks.restore(argument.this))
    names = [exp.to_identifier(argument.name) for argument in arguments if argument.name]
    if len(names) == len(arguments) == 2:  # noqa: PLR2004
        function.set("expressions", [function.expressions[0], exp.Table(this=names[1], db=names[0])])


def _parse_name_in_string(node: exp.Expr, marks: MaskedTokens) -> None:
    """Parse the name in `TABLE('s.t')` or `IDENTIFIER('s.t')` and attach the table to the literal."""
    literal = node.this
    marked = marks.find(literal.this) if isinstance(literal, exp.Literal) else None
    if marked is None or marked.kind is Kind.PLACEHOLDER:
        return
    literal.set("this", marks.restore(literal.this))
    try:
        table = exp.to_table(literal.this)
    except SqlglotError:
        return
    literal.meta["table"] = table


def tables_in_strings(nodes: list[exp.Expr]) -> list[exp.Table]:
    """Return the tables whose names are string literals."""
    named = [node.meta["table"] for node in nodes if isinstance(node, exp.Literal) and "table" in node.meta]
    return [table for table in named if isinstance(table, exp.Table)]

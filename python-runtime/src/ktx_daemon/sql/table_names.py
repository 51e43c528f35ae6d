"""Tables that the tree shows as something else, and what it shows as tables though it is none: set right once.

sqlglot reads `IN u` (ClickHouse, SQLite), `TABLE('t')` (Snowflake), `cluster('c', db.t)` and
`TABLE(input => TABLE(t))` as columns, strings and functions, and DUAL and placeholders as tables.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from ktx_daemon.sql.masking import Kind, Marks

_DUAL = {"doris", "exasol", "mysql", "oracle", "singlestore", "snowflake", "starrocks"}
# Where `x IN u` looks into a table.
_IN_TABLES = {"clickhouse", "sqlite"}
_CLUSTERS = {"cluster", "clusterallreplicas"}


def set_tables_right(statement: exp.Expr, marks: Marks, dialect: Dialect) -> list[exp.Expr]:
    """Make tables of what names one, and something else of what does not. Gives all nodes, breadth first."""
    name = type(dialect).__name__.lower()
    nodes = list(statement.walk())
    is_changed = False
    for node in nodes:
        if isinstance(node, exp.Table):
            _no_table(node, marks, has_dual=name in _DUAL)
            if name == "clickhouse":
                _no_dictionary(node)
        elif isinstance(node, (exp.TableFromRows, exp.DynamicIdentifier)):
            _name_in_string(node, marks)
        elif isinstance(node, exp.In):
            is_changed |= name in _IN_TABLES and _table_of_in(node, has_lists=name == "clickhouse")
        elif isinstance(node, exp.Anonymous):
            is_changed |= _tables_of_function(node, marks)
    return list(statement.walk()) if is_changed else nodes


def _tables_of_function(function: exp.Anonymous, marks: Marks) -> bool:
    name = str(function.this).lower()
    if isinstance(function.parent, exp.Table) and name in _CLUSTERS:
        _table_of_cluster(function, marks)
        return True
    return name == "table" and len(function.expressions) == 1 and _as_table(function.expressions[0])


def _no_table(table: exp.Table, marks: Marks, *, has_dual: bool) -> None:
    """Take DUAL and placeholders for words: no identifier stands for them."""
    for part in table.parts:
        marked = marks.find(part.name) if isinstance(part, exp.Identifier) else None
        if marked is not None and marked.kind is Kind.PLACEHOLDER:
            part.replace(exp.var(part.name))
    name = table.this
    if has_dual and isinstance(name, exp.Identifier) and not name.args.get("quoted") and name.name.lower() == "dual":
        qualifier = table.text("db").lower()
        if not table.args.get("catalog") and qualifier in ("", "sys"):
            name.replace(exp.var("DUAL"))


def _no_dictionary(table: exp.Table) -> None:
    """Take `dictionary('d')` for a function: sqlglot reads a table with a list of columns."""
    alias, name = table.args.get("alias"), table.this
    is_called = isinstance(alias, exp.TableAlias) and not alias.this and alias.args.get("columns")
    if is_called and isinstance(name, exp.Identifier) and name.name.lower() == "dictionary":
        name.replace(exp.var(name.name))


def _table_of_in(node: exp.In, *, has_lists: bool) -> bool:
    """Make a table of what `IN` looks into; where a column can be a list, a name that is selected is that one."""
    column = node.args.get("field")
    if not isinstance(column, exp.Column):
        return False
    query = node.find_ancestor(exp.Select) if has_lists else None
    selected = {item.alias for item in query.expressions} if query else set()
    return (bool(column.table) or column.name not in selected) and _as_table(column)


def _as_table(column: exp.Expr) -> bool:
    """Replace a column by the table that its name is."""
    is_name = isinstance(column, exp.Column) and all(isinstance(part, exp.Identifier) for part in column.parts)
    if is_name and isinstance(column, exp.Column):
        *qualifiers, name = [part.copy() for part in column.parts]
        catalog, db = [None, None, *qualifiers][-2:]
        column.replace(exp.Table(this=name, db=db, catalog=catalog))
    return is_name


def _table_of_cluster(function: exp.Anonymous, marks: Marks) -> None:
    """Read the second argument of `cluster('c', db.t)`, or the second and third: a column, or strings."""
    arguments = function.expressions[1:3]
    if arguments and isinstance(arguments[0], exp.Column) and arguments[0].table:
        _as_table(arguments[0])
        return
    for argument in arguments:
        if isinstance(argument, exp.Literal):
            argument.set("this", marks.restore(argument.this))
    names = [exp.to_identifier(argument.name) for argument in arguments if argument.name]
    if len(names) == len(arguments) == 2:  # noqa: PLR2004
        function.set("expressions", [function.expressions[0], exp.Table(this=names[1], db=names[0])])


def _name_in_string(node: exp.Expr, marks: Marks) -> None:
    """Read the name in `TABLE('s.t')` or `IDENTIFIER('s.t')`."""
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


def named_tables(nodes: list[exp.Expr]) -> list[exp.Table]:
    """Return the tables that strings of the statement name."""
    named = [node.meta["table"] for node in nodes if isinstance(node, exp.Literal) and "table" in node.meta]
    return [table for table in named if isinstance(table, exp.Table)]

"""Extraction of the columns that a statement uses, by clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

CLAUSES = {
    "expressions": "select",
    "distinct": "select",
    "windows": "select",
    "returning": "select",
    "prewhere": "where",
    "where": "where",
    "connect": "where",
    "joins": "join",
    "laterals": "join",
    "group": "groupBy",
    "limit": "groupBy",  # `LIMIT 1 BY a`
    "having": "having",
    "qualify": "having",
    "order": "orderBy",
    "sort": "orderBy",
    "cluster": "orderBy",
    "distribute": "orderBy",
}
_CLAUSES_WITH_ALIASES = ("groupBy", "having", "orderBy")
# Dialects in which WHERE, or later items of the select list, may refer to an alias of the select list.
_ALIASES_IN_WHERE = {"clickhouse", "duckdb", "snowflake", "sqlite", "teradata"}
_ALIASES_IN_SELECT = {"clickhouse", "databricks", "duckdb", "redshift", "snowflake", "spark", "spark2", "teradata"}
# Dialects in which `a.b` may be a field of the column a.
_WITH_STRUCTS = {
    "athena",
    "bigquery",
    "clickhouse",
    "databricks",
    "dremio",
    "drill",
    "duckdb",
    "dune",
    "hive",
    "presto",
}
_WITH_STRUCTS |= {"redshift", "spark", "spark2", "trino"}
# Dialects in which the name of a table may stand for its whole rows.
_WITH_WHOLE_ROWS = {"bigquery", "duckdb", "materialize", "postgres", "redshift", "risingwave"}
# Tables that exist implicitly in some statements.
_IMPLICIT_TABLES = {"excluded", "new", "old", "inserted", "deleted", "source", "target"}
_SEQUENCE_PSEUDO_COLUMNS = {"nextval", "currval"}


def empty_clauses() -> dict[str, list[str]]:
    """Return all clauses without columns."""
    return {clause: [] for clause in CLAUSES.values()}


def columns_by_clause(nodes: list[exp.Expr], dialect: str) -> dict[str, list[str]]:
    """Return the distinct column names of every clause, in text order and including subqueries.

    `nodes` are all nodes of the statement, breadth first, and `dialect` is the lower-case name of its class. Aliases of
    the select list and ordinals are resolved to the columns that they refer to.
    """
    return _Columns(nodes, dialect).by_clause()


class _Columns:
    """Resolves the columns of one statement."""

    def __init__(self, nodes: list[exp.Expr], dialect: str) -> None:
        self._nodes = nodes
        self._dialect = dialect
        self._clauses: dict[int, str | None] = {}
        # The nearest query and its item by node id, because searching ancestors is slow in deep trees.
        self._queries: dict[int, exp.Query | None] = {}
        self._items: dict[int, exp.Expr | None] = {}
        self._table_names: set[str] | None = None
        self._tables_by_query: dict[int, set[str]] = {}
        self._columns_by_item: dict[int, list[exp.Column]] = {}
        self._laterals_by_query: dict[int, dict[tuple[str, str], exp.Expr]] = {}
        self._aliases_by_query: dict[int, dict[str, exp.Alias]] = {}

    def by_clause(self) -> dict[str, list[str]]:
        positions: dict[str, dict[str, int]] = {clause: {} for clause in CLAUSES.values()}
        for node in self._nodes:
            self._record_query(node)
            clause = self._clauses[id(node)] = self._find_clause(node)
            if isinstance(node, exp.Join):
                for shared in node.args.get("using") or []:
                    positions["join"].setdefault(shared.name, _position(shared))
            if clause is None:
                continue
            sources: Iterable[exp.Column] = []
            if isinstance(node, exp.Column):
                sources = self._resolve_alias(node, clause)
            elif isinstance(node, exp.Literal) and clause in ("groupBy", "orderBy"):
                sources = self._resolve_ordinal(node)
            for source in sources:
                if name := self._column_name(source, clause):
                    positions[clause].setdefault(name, _position(source))
        return {clause: sorted(names, key=names.__getitem__) for clause, names in positions.items()}

    def _record_query(self, node: exp.Expr) -> None:
        parent = node.parent
        if isinstance(parent, (exp.Select, exp.SetOperation)):
            self._queries[id(node)] = parent
            self._items[id(node)] = node if node.arg_key == "expressions" else None
        else:
            self._queries[id(node)] = self._queries.get(id(parent))
            self._items[id(node)] = self._items.get(id(parent))

    def _find_clause(self, node: exp.Expr) -> str | None:
        """Return the clause of the query or DML statement that a node belongs to; its parent was visited before."""
        parent = node.parent
        if parent is None:
            return None
        if isinstance(parent, exp.When):
            return "where" if node.arg_key == "condition" else None
        if isinstance(parent, exp.Star) and node.arg_key != "replace":
            return None  # columns that `* EXCEPT` excludes are not read
        if not isinstance(parent, (exp.Query, exp.DML)):
            return self._clauses[id(parent)] if id(parent) in self._clauses else self._find_clause(parent)
        if isinstance(parent, exp.Merge) and node.arg_key == "on":
            return "join"
        if node.arg_key == "expressions" and not isinstance(parent, exp.Query):
            return None  # assignments of an UPDATE are not selected
        return CLAUSES.get(node.arg_key or "")

    def _resolve_alias(self, column: exp.Column, clause: str) -> list[exp.Column]:
        if (lateral := self._resolve_lateral(column)) is not None:
            return lateral
        if column.table or not self._may_be_alias(clause):
            return [column]
        query = self._queries.get(id(column))
        name = column.name.lower()
        item = self._aliased_items(query).get(name) if query is not None else None
        if item is None or (clause == "select" and not self._precedes(item, column)):
            return [column]
        if id(item) not in self._columns_by_item:
            columns = {
                resolved.sql(): resolved
                for source in item.find_all(exp.Column)
                for resolved in ([source] if source.name.lower() == name else self._resolve_alias(source, "select"))
            }
            self._columns_by_item[id(item)] = list(columns.values())
        return self._columns_by_item[id(item)]

    def _resolve_lateral(self, column: exp.Column) -> list[exp.Column] | None:
        """Return the columns that a column of a LATERAL VIEW or ARRAY JOIN is made of; None for other columns."""
        query = self._queries.get(id(column))
        if query is None:
            return None
        if id(query) not in self._laterals_by_query:
            self._laterals_by_query[id(query)] = dict(_lateral_columns(query))
        name, table = column.name.lower(), column.table.lower()
        views = self._laterals_by_query[id(query)]
        view = views.get((table, name)) or views.get((table, "")) if table else views.get(("", name))
        if view is None or any(node is view for node in _ancestors(column)):
            return None
        return list({resolved.sql(): resolved for resolved in view.find_all(exp.Column)}.values())

    def _aliased_items(self, query: exp.Query) -> dict[str, exp.Alias]:
        """Return the items of a select list by alias; the first item wins."""
        if id(query) not in self._aliases_by_query:
            aliases: dict[str, exp.Alias] = {}
            for item in query.selects:
                if isinstance(item, exp.Alias):
                    aliases.setdefault(item.alias.lower(), item)
            self._aliases_by_query[id(query)] = aliases
        return self._aliases_by_query[id(query)]

    def _precedes(self, item: exp.Expr, column: exp.Column) -> bool:
        """Return whether a select item precedes the item of a column, which can only refer to earlier ones."""
        item_of_column = self._items.get(id(column))
        return item_of_column is not None and (item.index or 0) < (item_of_column.index or 0)

    def _resolve_ordinal(self, literal: exp.Literal) -> Iterator[exp.Column]:
        """Yield the columns of the select item that an ordinal in GROUP BY or ORDER BY refers to."""
        if not isinstance(literal.parent, (exp.Group, exp.Ordered)) or literal.is_string or not literal.this.isdigit():
            return
        query = self._queries.get(id(literal))
        items = query.selects if query is not None else []
        number = int(literal.this) if len(literal.this) < 6 else 0  # noqa: PLR2004
        if 0 < number <= len(items) and not any(isinstance(item, exp.Star) for item in items[:number]):
            yield from items[number - 1].find_all(exp.Column)

    def _may_be_alias(self, clause: str) -> bool:
        if clause == "where":
            return self._dialect in _ALIASES_IN_WHERE
        return clause in _CLAUSES_WITH_ALIASES or (clause == "select" and self._dialect in _ALIASES_IN_SELECT)

    def _column_name(self, column: exp.Column, clause: str) -> str | None:
        """Return the name of the column, also if the node is a field of it; None if it is not a column."""
        name, table = column.this, column.args.get("table")
        if isinstance(name, exp.Star):
            return None
        if table is None:
            return column.name if isinstance(name, exp.Identifier) and not self._is_whole_row(column, clause) else None
        if self._dialect in _WITH_STRUCTS or (self._dialect == "oracle" and len(column.parts) > 2):  # noqa: PLR2004
            return self._struct_column_name(column)
        if not isinstance(name, exp.Identifier) or (name.name.lower() in _SEQUENCE_PSEUDO_COLUMNS):
            return None
        return name.name

    def _is_whole_row(self, column: exp.Column, clause: str) -> bool:
        """Return whether the name is that of a table and stands for its whole rows."""
        can_be_row = clause == "select" or isinstance(column.parent, exp.Is)
        return self._dialect in _WITH_WHOLE_ROWS and can_be_row and column.name.lower() in self._tables_in_scope(column)

    def _tables_in_scope(self, column: exp.Column) -> set[str]:
        query = self._queries.get(id(column))
        if query is None:
            return set()
        if id(query) not in self._tables_by_query:
            from_ = query.args.get("from_")
            sources = [from_.this] if isinstance(from_, exp.From) else []
            sources += [join.this for join in query.args.get("joins") or []]
            named = (source for source in sources if isinstance(source, (exp.Table, exp.Subquery)))
            self._tables_by_query[id(query)] = {source.alias_or_name.lower() for source in named}
        return self._tables_by_query[id(query)]

    def _struct_column_name(self, column: exp.Column) -> str | None:
        """Return the part that names the column: the one after the table, or the first if there is no table."""
        parts = column.parts
        names = [part.name.lower() for part in parts]
        tables = self._all_table_names()
        table = next((index for index, name in enumerate(names[:-1]) if name in tables), None)
        if table is None and self._dialect == "oracle":
            return column.name  # a sequence, or a database link
        chosen = parts[0 if table is None else table + 1]
        return chosen.name if isinstance(chosen, exp.Identifier) else None

    def _all_table_names(self) -> set[str]:
        if self._table_names is None:
            self._table_names = set(_IMPLICIT_TABLES)
            for node in self._nodes:
                if isinstance(node, exp.Table):
                    self._table_names.add(node.name.lower().rpartition(".")[2])
                elif isinstance(node, exp.TableAlias):
                    self._table_names.add(node.name.lower())
        return self._table_names


def _lateral_columns(query: exp.Query) -> Iterator[tuple[tuple[str, str], exp.Expr]]:
    """Yield the columns of LATERAL VIEW and ARRAY JOIN, by table and column, with their expressions."""
    for view in query.args.get("laterals") or []:
        alias = view.args.get("alias")
        if view.args.get("view") and isinstance(alias, exp.TableAlias):
            for column in alias.columns:
                yield ("", column.name.lower()), view.this
                yield (alias.name.lower(), column.name.lower()), view.this
            if alias.name and not alias.columns:
                yield (alias.name.lower(), ""), view.this
    for join in query.args.get("joins") or []:
        if join.kind.upper() == "ARRAY":
            for item in [join.this, *join.expressions]:
                if isinstance(item, exp.Alias) or (isinstance(item, exp.Table) and item.alias):
                    yield ("", item.alias.lower()), item.this


def _ancestors(node: exp.Expr) -> Iterator[exp.Expr]:
    while (parent := node.parent) is not None:
        yield parent
        node = parent


def _position(node: exp.Expr) -> int:
    return int(node.meta.get("start") or (node.this.meta.get("start", 0) if isinstance(node.this, exp.Expr) else 0))

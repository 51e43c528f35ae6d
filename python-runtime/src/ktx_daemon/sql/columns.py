"""The columns that a statement uses, by clause."""

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
_ALIASED = ("groupBy", "having", "orderBy")
# Where an alias of the select list may stand in WHERE, and in the items after its own.
_ALIASES_IN_WHERE = {"clickhouse", "duckdb", "snowflake", "sqlite", "teradata"}
_ALIASES_IN_SELECT = {"clickhouse", "databricks", "duckdb", "redshift", "snowflake", "spark", "spark2", "teradata"}
# Where `a.b` may be a field of the column a.
_STRUCTS = {"athena", "bigquery", "clickhouse", "databricks", "dremio", "drill", "duckdb", "dune", "hive", "presto"}
_STRUCTS |= {"redshift", "spark", "spark2", "trino"}
# Where the name of a table stands for its whole rows.
_WHOLE_ROWS = {"bigquery", "duckdb", "materialize", "postgres", "redshift", "risingwave"}
# Tables that no statement names.
_IMPLIED = {"excluded", "new", "old", "inserted", "deleted", "source", "target"}
_SEQUENCES = {"nextval", "currval"}


def empty_clauses() -> dict[str, list[str]]:
    """Return every clause without a column."""
    return {clause: [] for clause in CLAUSES.values()}


def columns_by_clause(nodes: list[exp.Expr], dialect: str) -> dict[str, list[str]]:
    """Return the names of the columns of every clause, each once, in the order of the text; subqueries count too.

    `nodes` are all nodes of the statement, breadth first, and `dialect` is the name of its class in lower case.

    A name that an alias of the same select list defines stands for the columns behind it, and so does an ordinal.
    """
    return _Columns(nodes, dialect).by_clause()


class _Columns:
    """The columns of one statement."""

    def __init__(self, nodes: list[exp.Expr], dialect: str) -> None:
        self._nodes = nodes
        self._dialect = dialect
        self._clauses: dict[int, str | None] = {}
        # By node, because looking for ancestors would take long in deep trees: the nearest query, and its item.
        self._queries: dict[int, exp.Query | None] = {}
        self._items: dict[int, exp.Expr | None] = {}
        self._known_tables: set[str] | None = None
        self._tables_of_query: dict[int, set[str]] = {}
        self._behind_item: dict[int, list[exp.Column]] = {}
        self._views_of_query: dict[int, dict[tuple[str, str], exp.Expr]] = {}
        self._aliases_of_query: dict[int, dict[str, exp.Alias]] = {}

    def by_clause(self) -> dict[str, list[str]]:
        found: dict[str, dict[str, int]] = {clause: {} for clause in CLAUSES.values()}
        for node in self._nodes:
            self._place(node)
            clause = self._clauses[id(node)] = self._clause_of(node)
            if isinstance(node, exp.Join):
                for shared in node.args.get("using") or []:
                    found["join"].setdefault(shared.name, _position(shared))
            if clause is None:
                continue
            sources: Iterable[exp.Column] = []
            if isinstance(node, exp.Column):
                sources = self._behind_alias(node, clause)
            elif isinstance(node, exp.Literal) and clause in ("groupBy", "orderBy"):
                sources = self._behind_ordinal(node)
            for source in sources:
                if name := self._name(source, clause):
                    found[clause].setdefault(name, _position(source))
        return {clause: sorted(names, key=names.__getitem__) for clause, names in found.items()}

    def _place(self, node: exp.Expr) -> None:
        parent = node.parent
        if isinstance(parent, (exp.Select, exp.SetOperation)):
            self._queries[id(node)] = parent
            self._items[id(node)] = node if node.arg_key == "expressions" else None
        else:
            self._queries[id(node)] = self._queries.get(id(parent))
            self._items[id(node)] = self._items.get(id(parent))

    def _clause_of(self, node: exp.Expr) -> str | None:
        """Get the clause of the query or change in which a node stands; that of its parent is among the known ones."""
        parent = node.parent
        if parent is None:
            return None
        if isinstance(parent, exp.When):
            return "where" if node.arg_key == "condition" else None
        if isinstance(parent, exp.Star) and node.arg_key != "replace":
            return None  # what `* EXCEPT` leaves out is not read
        if not isinstance(parent, (exp.Query, exp.DML)):
            return self._clauses[id(parent)] if id(parent) in self._clauses else self._clause_of(parent)
        if isinstance(parent, exp.Merge) and node.arg_key == "on":
            return "join"
        if node.arg_key == "expressions" and not isinstance(parent, exp.Query):
            return None  # what an UPDATE sets is not selected
        return CLAUSES.get(node.arg_key or "")

    def _behind_alias(self, column: exp.Column, clause: str) -> list[exp.Column]:
        if (made := self._behind_view(column)) is not None:
            return made
        if column.table or not self._may_be_alias(clause):
            return [column]
        query = self._queries.get(id(column))
        name = column.name.lower()
        item = self._aliases(query).get(name) if query is not None else None
        if item is None or (clause == "select" and not self._is_before(item, column)):
            return [column]
        if id(item) not in self._behind_item:
            found = {
                behind.sql(): behind
                for source in item.find_all(exp.Column)
                for behind in ([source] if source.name.lower() == name else self._behind_alias(source, "select"))
            }
            self._behind_item[id(item)] = list(found.values())
        return self._behind_item[id(item)]

    def _behind_view(self, column: exp.Column) -> list[exp.Column] | None:
        """Return the columns of which LATERAL VIEW or ARRAY JOIN makes this one; None for all others."""
        query = self._queries.get(id(column))
        if query is None:
            return None
        if id(query) not in self._views_of_query:
            self._views_of_query[id(query)] = dict(_views(query))
        name, table = column.name.lower(), column.table.lower()
        views = self._views_of_query[id(query)]
        found = views.get((table, name)) or views.get((table, "")) if table else views.get(("", name))
        if found is None or any(node is found for node in _around(column)):
            return None
        return list({behind.sql(): behind for behind in found.find_all(exp.Column)}.values())

    def _aliases(self, query: exp.Query) -> dict[str, exp.Alias]:
        """Return the items of a select list by their aliases; the first of each."""
        if id(query) not in self._aliases_of_query:
            found: dict[str, exp.Alias] = {}
            for item in query.selects:
                if isinstance(item, exp.Alias):
                    found.setdefault(item.alias.lower(), item)
            self._aliases_of_query[id(query)] = found
        return self._aliases_of_query[id(query)]

    def _is_before(self, item: exp.Expr, column: exp.Column) -> bool:
        """Return whether an item of the select list stands before that of the column: an item knows only those."""
        own = self._items.get(id(column))
        return own is not None and (item.index or 0) < (own.index or 0)

    def _behind_ordinal(self, literal: exp.Literal) -> Iterator[exp.Column]:
        """Return the columns of the item of the select list whose number stands in GROUP BY or ORDER BY."""
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
        return clause in _ALIASED or (clause == "select" and self._dialect in _ALIASES_IN_SELECT)

    def _name(self, column: exp.Column, clause: str) -> str | None:
        """Return the name of the column, of which the node may be a field; None for what is none."""
        name, table = column.this, column.args.get("table")
        if isinstance(name, exp.Star):
            return None
        if table is None:
            return column.name if isinstance(name, exp.Identifier) and not self._is_row(column, clause) else None
        if self._dialect in _STRUCTS or (self._dialect == "oracle" and len(column.parts) > 2):  # noqa: PLR2004
            return self._name_of_struct(column)
        if not isinstance(name, exp.Identifier) or (name.name.lower() in _SEQUENCES):
            return None
        return name.name

    def _is_row(self, column: exp.Column, clause: str) -> bool:
        """Return whether the name is that of a table, which stands for its whole rows."""
        may_be = clause == "select" or isinstance(column.parent, exp.Is)
        return self._dialect in _WHOLE_ROWS and may_be and column.name.lower() in self._tables_around(column)

    def _tables_around(self, column: exp.Column) -> set[str]:
        query = self._queries.get(id(column))
        if query is None:
            return set()
        if id(query) not in self._tables_of_query:
            from_ = query.args.get("from_")
            sources = [from_.this] if isinstance(from_, exp.From) else []
            sources += [join.this for join in query.args.get("joins") or []]
            named = (source for source in sources if isinstance(source, (exp.Table, exp.Subquery)))
            self._tables_of_query[id(query)] = {source.alias_or_name.lower() for source in named}
        return self._tables_of_query[id(query)]

    def _name_of_struct(self, column: exp.Column) -> str | None:
        """Find which part names the column: the one after the table, or the first where no table is named."""
        parts = column.parts
        names = [part.name.lower() for part in parts]
        tables = self._tables()
        table = next((index for index, name in enumerate(names[:-1]) if name in tables), None)
        if table is None and self._dialect == "oracle":
            return column.name  # of a sequence, or by way of a link
        chosen = parts[0 if table is None else table + 1]
        return chosen.name if isinstance(chosen, exp.Identifier) else None

    def _tables(self) -> set[str]:
        if self._known_tables is None:
            self._known_tables = set(_IMPLIED)
            for node in self._nodes:
                if isinstance(node, exp.Table):
                    self._known_tables.add(node.name.lower().rpartition(".")[2])
                elif isinstance(node, exp.TableAlias):
                    self._known_tables.add(node.name.lower())
        return self._known_tables


def _views(query: exp.Query) -> Iterator[tuple[tuple[str, str], exp.Expr]]:
    """Return what LATERAL VIEW and ARRAY JOIN make, by table and column, with the expressions behind it."""
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


def _around(node: exp.Expr) -> Iterator[exp.Expr]:
    while (parent := node.parent) is not None:
        yield parent
        node = parent


def _position(node: exp.Expr) -> int:
    return int(node.meta.get("start") or (node.this.meta.get("start", 0) if isinstance(node.this, exp.Expr) else 0))

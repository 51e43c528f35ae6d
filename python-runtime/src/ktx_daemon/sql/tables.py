"""The physical tables of a statement: names that stand for common table expressions or aliases are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

# Where a name after FROM may be an array of a row of the query around.
_WITH_ARRAYS = {"bigquery", "databricks", "duckdb", "redshift", "spark", "spark2"}
# Where a change of a common table expression changes the table behind.
_CHANGES_CTES = {"fabric", "tsql"}
_TARGET_KINDS = ("TABLE", "VIEW", "STREAM")


def physical_tables(nodes: Iterable[exp.Expr], dialect: str) -> list[exp.Table]:
    """Return every physical table among the nodes of a statement once, in the order in which the text names them.

    `dialect` is the name of its class in lower case.
    """
    found = [node for node in nodes if isinstance(node, exp.Table) and _is_physical(node, dialect)]
    found.sort(key=_position)
    once: dict[tuple[str, ...], exp.Table] = {}
    for table in found:
        once.setdefault(tuple(_fold(part) for part in table.parts), table)
    return list(once.values())


def name_parts(table: exp.Table, *, has_links: bool = False) -> tuple[str | None, str | None, str]:
    """Return catalog, schema and name; what stands before them belongs to the catalog.

    Where a name may end with a link to another database (`hr.emp@remote.example.com`), that is the catalog.
    """
    names = [part.name for part in table.parts]
    if has_links and (linked := _split_at_link(table)):
        names = linked
    *qualifiers, name = names
    if table.text("catalog") and not table.text("db"):
        qualifiers.append("")  # T-SQL's `database..table`
    schema = qualifiers.pop() if qualifiers else ""
    return ".".join(qualifiers) or None, schema or None, name


def _split_at_link(table: exp.Table) -> list[str] | None:
    """Return the parts of a name that has a link, which may hold dots: the link first."""
    before: list[str] = []
    for index, part in enumerate(table.parts):
        name, at, link = part.name.partition("@")
        if at and name and link and not part.args.get("quoted"):
            rest = [following.name for following in table.parts[index + 1 :]]
            return [".".join([link, *rest]), *(before or [""]), name]
        before.append(part.name)
    return None


def _is_physical(table: exp.Table, dialect: str) -> bool:
    parts = table.parts
    if not parts or not all(isinstance(part, exp.Identifier) for part in parts) or not table.name:
        return False
    if _is_something_else(table) or parts[-1].args.get("temporary") or parts[-1].args.get("global_"):
        return False
    if len(parts) > 1:
        return _fold(parts[0]) not in _aliases_around(table, dialect)
    name = _fold(parts[0])
    if name in _target_aliases(table):
        return False
    return (dialect not in _CHANGES_CTES and _is_target(table)) or name not in _visible_ctes(table)


def _is_something_else(table: exp.Table) -> bool:
    """Return whether the node is the name of an index, a procedure, a warehouse, a function, a model or the like."""
    parent = table.parent
    if isinstance(parent, (exp.From, exp.Join)):
        return False
    if table.arg_key == "indexed" or isinstance(parent, (exp.Use, exp.Execute)) or table.find_ancestor(exp.Hint):
        return True
    if isinstance(parent, exp.Predict) or (isinstance(parent, exp.Func) and table.arg_key == "this" and _is_ml(parent)):
        return table.arg_key == "this"
    node: exp.Expr = table
    if isinstance(parent, (exp.Schema, exp.UserDefinedFunction)):
        node, parent = parent, parent.parent
    if isinstance(parent, (exp.Create, exp.Drop, exp.Alter, exp.Comment)) and node.arg_key in ("this", "tables"):
        kind = parent.args.get("kind")
        return bool(kind) and not str(kind).upper().endswith(_TARGET_KINDS)
    return False


def _is_ml(function: exp.Expr) -> bool:
    return isinstance(function.parent, exp.Table) and function.parent.text("db").lower() == "ml"


def _is_target(table: exp.Table) -> bool:
    """Return whether the table is what a statement changes."""
    node: exp.Expr = table
    if isinstance(node.parent, exp.Schema):
        node = node.parent
    return node.arg_key == "this" and isinstance(node.parent, (exp.Insert, exp.Update, exp.Delete, exp.Merge))


def _visible_ctes(table: exp.Table) -> set[str]:
    """Collect the CTE names in whose scope the table stands; a CTE sees itself only if it may be recursive."""
    names: set[str] = set()
    node: exp.Expr = table
    while (parent := node.parent) is not None:
        if isinstance(parent, exp.With):
            for cte in parent.expressions:
                if cte is node and not parent.args.get("recursive"):
                    break
                names.add(_fold(cte.args["alias"].this))
        elif isinstance(with_ := parent.args.get("with_"), exp.With) and with_ is not node:
            names.update(_fold(cte.args["alias"].this) for cte in with_.expressions)
        node = parent
    return names


def _aliases_around(table: exp.Table, dialect: str) -> set[str]:
    """Collect what a qualified name may begin with that is no table: `FROM orders o, o.items` unnests a column of o.

    Where rows have arrays the queries around count too; in BigQuery tables are their own aliases.
    """
    names: set[str] = set()
    query = table.find_ancestor(exp.Select)
    while query:
        names.update(_aliases(query, but=table, implicit=dialect == "bigquery"))
        query = query.find_ancestor(exp.Select) if dialect in _WITH_ARRAYS else None
    return names


def _target_aliases(table: exp.Table) -> set[str]:
    """Collect the aliases that the target of an UPDATE or a DELETE may name instead of a table."""
    change = table.parent
    if not isinstance(change, (exp.Update, exp.Delete)):
        return set()
    return set(_aliases(change, but=table))


def _aliases(node: exp.Expr, but: exp.Table, *, implicit: bool = False) -> Iterator[str]:
    sources: list[exp.Expr] = []
    if isinstance(from_ := node.args.get("from_"), exp.From):
        sources.append(from_.this)
        sources.extend(join.this for join in from_.this.args.get("joins") or [])
    for key in ("joins", "using", "laterals"):
        sources.extend(getattr(item, "this", item) if key == "joins" else item for item in node.args.get(key) or [])
    if isinstance(node.this, exp.Table):
        sources.append(node.this)
    for source in sources:
        alias = source.args.get("alias")
        if source is but:
            continue
        if implicit and alias is None and isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
            yield _fold(source.this)
        if isinstance(alias, exp.TableAlias) and isinstance(alias.this, exp.Identifier):
            yield _fold(alias.this)


def _fold(part: exp.Expr) -> str:
    return part.name if part.args.get("quoted") else part.name.lower()


def _position(table: exp.Table) -> int:
    starts = [part.meta["start"] for part in table.parts if "start" in part.meta]
    return min(starts, default=0)

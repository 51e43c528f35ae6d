"""Extraction of the physical tables of a statement, without common table expressions and aliases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

# Dialects in which a name after FROM may be an array column of an outer query.
_WITH_ARRAYS = {"bigquery", "databricks", "duckdb", "redshift", "spark", "spark2"}
# Dialects in which DML on a common table expression modifies its table.
_WITH_UPDATABLE_CTES = {"fabric", "tsql"}
_TARGET_KINDS = ("TABLE", "VIEW", "STREAM")


def find_physical_tables(nodes: Iterable[exp.Expr], dialect: str) -> list[exp.Table]:
    """Return the distinct physical tables among the nodes of a statement, in text order.

    `dialect` is the lower-case name of its class.
    """
    tables = [node for node in nodes if isinstance(node, exp.Table) and _is_physical(node, dialect)]
    tables.sort(key=_position)
    unique: dict[tuple[str, ...], exp.Table] = {}
    for table in tables:
        unique.setdefault(tuple(_fold(part) for part in table.parts), table)
    return list(unique.values())


def split_table_name(table: exp.Table, *, has_database_links: bool = False) -> tuple[str | None, str | None, str]:
    """Return catalog, schema and name; further qualifiers are part of the catalog.

    A database link (`hr.emp@remote.example.com`) is the catalog.
    """
    names = [part.name for part in table.parts]
    if has_database_links and (linked := _split_at_link(table)):
        names = linked
    *qualifiers, name = names
    if table.text("catalog") and not table.text("db"):
        qualifiers.append("")  # T-SQL's `database..table`
    schema = qualifiers.pop() if qualifiers else ""
    return ".".join(qualifiers) or None, schema or None, name


def _split_at_link(table: exp.Table) -> list[str] | None:
    """Return the parts of a name with a database link, which may contain dots, the link first."""
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
    if _is_other_object(table) or parts[-1].args.get("temporary") or parts[-1].args.get("global_"):
        return False
    if len(parts) > 1:
        return _fold(parts[0]) not in _aliases_in_scope(table, dialect)
    name = _fold(parts[0])
    if name in _target_aliases(table):
        return False
    return (dialect not in _WITH_UPDATABLE_CTES and _is_target(table)) or name not in _visible_ctes(table)


def _is_other_object(table: exp.Table) -> bool:
    """Return whether the node names another object: an index, a procedure, a warehouse, a function or a model."""
    parent = table.parent
    if isinstance(parent, (exp.From, exp.Join)):
        return False
    if table.arg_key == "indexed" or isinstance(parent, (exp.Use, exp.Execute)) or table.find_ancestor(exp.Hint):
        return True
    if isinstance(parent, exp.Predict) or (
        isinstance(parent, exp.Func) and table.arg_key == "this" and _is_ml_function(parent)
    ):
        return table.arg_key == "this"
    node: exp.Expr = table
    if isinstance(parent, (exp.Schema, exp.UserDefinedFunction)):
        node, parent = parent, parent.parent
    if isinstance(parent, (exp.Create, exp.Drop, exp.Alter, exp.Comment)) and node.arg_key in ("this", "tables"):
        kind = parent.args.get("kind")
        return bool(kind) and not str(kind).upper().endswith(_TARGET_KINDS)
    return False


def _is_ml_function(function: exp.Expr) -> bool:
    return isinstance(function.parent, exp.Table) and function.parent.text("db").lower() == "ml"


def _is_target(table: exp.Table) -> bool:
    """Return whether the table is the target of a DML statement."""
    node: exp.Expr = table
    if isinstance(node.parent, exp.Schema):
        node = node.parent
    return node.arg_key == "this" and isinstance(node.parent, (exp.Insert, exp.Update, exp.Delete, exp.Merge))


def _visible_ctes(table: exp.Table) -> set[str]:
    """Return the names of the CTEs in scope of the table; a CTE is in its own scope only if it is recursive."""
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


def _aliases_in_scope(table: exp.Table, dialect: str) -> set[str]:
    """Return the aliases that may qualify a column after FROM: `FROM orders o, o.items` unnests a column of o.

    In dialects with arrays this includes outer queries; in BigQuery tables are their own aliases.
    """
    names: set[str] = set()
    query = table.find_ancestor(exp.Select)
    while query:
        names.update(_aliases(query, excluded=table, implicit=dialect == "bigquery"))
        query = query.find_ancestor(exp.Select) if dialect in _WITH_ARRAYS else None
    return names


def _target_aliases(table: exp.Table) -> set[str]:
    """Return the aliases that the target of an UPDATE or DELETE may refer to."""
    change = table.parent
    if not isinstance(change, (exp.Update, exp.Delete)):
        return set()
    return set(_aliases(change, excluded=table))


def _aliases(node: exp.Expr, excluded: exp.Table, *, implicit: bool = False) -> Iterator[str]:
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
        if source is excluded:
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

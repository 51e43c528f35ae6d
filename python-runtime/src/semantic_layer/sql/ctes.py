"""Renaming of common table expressions in the `sql` of sources, for dialects that hoist them.

T-SQL does not support WITH in a subquery, and sqlglot hoists all CTEs in T-SQL and Databricks. Names of different
sources then collide with each other and with tables.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.names import unique_name


def separate_nested_ctes(select: exp.Select, dialect: SqlDialect) -> None:
    """Rename every nested CTE to a unique name."""
    if not dialect.hoists_ctes:
        return
    nested = [query for query in select.find_all(exp.Query) if query is not select and query.args.get("with_")]
    used_names = {table.name.lower() for table in select.find_all(exp.Table)}
    used_names |= {cte.alias.lower() for cte in select.find_all(exp.CTE)}
    for query in nested:
        _rename(query, used_names, dialect)


def _rename(query: exp.Expr, used_names: set[str], dialect: SqlDialect) -> None:
    ctes = {id(cte): cte for cte in query.args["with_"].expressions}
    names: dict[int, str] = {}
    for cte in ctes.values():
        names[id(cte)] = unique_name(f"{cte.alias}_cte", used_names)
        used_names.add(names[id(cte)].lower())
    from sqlglot.optimizer.scope import traverse_scope  # imports the whole optimizer

    references: list[tuple[exp.Table, int]] = []
    for scope in traverse_scope(query):
        for table in scope.tables:
            source = None if table.db else scope.cte_sources.get(table.name)
            cte = source.expression.find_ancestor(exp.CTE) if source is not None else None
            if cte is not None and id(cte) in ctes:
                references.append((table, id(cte)))
    for table, key in references:
        if not table.alias:
            table.set("alias", exp.TableAlias(this=table.this.copy()))
        table.set("this", dialect.identifier(names[key]))
    for key, cte in ctes.items():
        cte.args["alias"].set("this", dialect.identifier(names[key]))

"""Names for the common table expressions within the `sql` of sources, where a dialect has them at the top only.

T-SQL knows no WITH in a subquery, and sqlglot writes T-SQL and Databricks with all of them at the top. There two
sources may use the same name, and a name may be that of a table that another source reads.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.dialects import SqlDialect
from semantic_layer.names import free_name


def separate_nested_ctes(select: exp.Select, dialect: SqlDialect) -> None:
    """Rename every nested common table expression to a name that nothing else in the statement has."""
    if not dialect.hoists_ctes:
        return
    nested = [query for query in select.find_all(exp.Query) if query is not select and query.args.get("with_")]
    taken = {table.name.lower() for table in select.find_all(exp.Table)}
    taken |= {cte.alias.lower() for cte in select.find_all(exp.CTE)}
    for query in nested:
        _rename(query, taken, dialect)


def _rename(query: exp.Expr, taken: set[str], dialect: SqlDialect) -> None:
    own = {id(cte): cte for cte in query.args["with_"].expressions}
    names: dict[int, str] = {}
    for cte in own.values():
        names[id(cte)] = free_name(f"{cte.alias}_cte", taken)
        taken.add(names[id(cte)].lower())
    from sqlglot.optimizer.scope import traverse_scope  # the whole optimizer comes with it

    references: list[tuple[exp.Table, int]] = []
    for scope in traverse_scope(query):
        for table in scope.tables:
            source = None if table.db else scope.cte_sources.get(table.name)
            cte = source.expression.find_ancestor(exp.CTE) if source is not None else None
            if cte is not None and id(cte) in own:
                references.append((table, id(cte)))
    for table, key in references:
        if not table.alias:
            table.set("alias", exp.TableAlias(this=table.this.copy()))
        table.set("this", dialect.identifier(names[key]))
    for key, cte in own.items():
        cte.args["alias"].set("this", dialect.identifier(names[key]))

"""The physical tables of a statement: names that stand for common table expressions or aliases are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp


def physical_tables(nodes: Iterable[exp.Expr]) -> list[exp.Table]:
    """Give every physical table among the nodes of a statement once, in the order in which the text names them."""
    found = [node for node in nodes if isinstance(node, exp.Table) and _is_physical(node)]
    found.sort(key=_position)
    once: dict[tuple[str, ...], exp.Table] = {}
    for table in found:
        once.setdefault(tuple(_fold(part) for part in table.parts), table)
    return list(once.values())


def name_parts(table: exp.Table, *, has_links: bool = False) -> tuple[str | None, str | None, str]:
    """Give catalog, schema and name; what stands before them belongs to the catalog.

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
    """Give the parts of a name that has a link, which may hold dots: the link first."""
    before: list[str] = []
    for index, part in enumerate(table.parts):
        name, at, link = part.name.partition("@")
        if at and name and link and not part.args.get("quoted"):
            rest = [following.name for following in table.parts[index + 1 :]]
            return [".".join([link, *rest]), *(before or [""]), name]
        before.append(part.name)
    return None


def _is_physical(table: exp.Table) -> bool:
    parts = table.parts
    if not parts or not all(isinstance(part, exp.Identifier) for part in parts) or not table.name:
        return False
    if len(parts) > 1:
        return _fold(parts[0]) not in _sibling_aliases(table)
    name = _fold(parts[0])
    return name not in _visible_ctes(table) and name not in _target_aliases(table)


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


def _sibling_aliases(table: exp.Table) -> set[str]:
    """Collect the aliases beside a qualified name: `FROM orders o, o.items` unnests a column of the first."""
    query = table.find_ancestor(exp.Select)
    return set(_aliases(query, but=table)) if query else set()


def _target_aliases(table: exp.Table) -> set[str]:
    """Collect the aliases that the target of an UPDATE or a DELETE may name instead of a table."""
    change = table.parent
    if not isinstance(change, (exp.Update, exp.Delete)):
        return set()
    return set(_aliases(change, but=table))


def _aliases(node: exp.Expr, but: exp.Table) -> Iterator[str]:
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
        if source is not but and isinstance(alias, exp.TableAlias) and isinstance(alias.this, exp.Identifier):
            yield _fold(alias.this)


def _fold(part: exp.Expr) -> str:
    return part.name if part.args.get("quoted") else part.name.lower()


def _position(table: exp.Table) -> int:
    starts = [part.meta["start"] for part in table.parts if "start" in part.meta]
    return min(starts, default=0)

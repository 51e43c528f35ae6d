"""Checks that a join matches at most one row, as its declared cardinality says.

This is certain if the join compares the whole grain of its target for equality. It depends on the data for equality
with other columns, which may be unique too, and for a range between two columns, such as a validity period. All other
conditions match many rows, and totals over the join would be double counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.edges import Cardinality, Edge
from semantic_layer.model.catalog import Node
from semantic_layer.sql.expressions import split_conjunction

_EQUALITIES = (exp.EQ, exp.NullSafeEQ)
_LESS = (exp.LT, exp.LTE)
_GREATER = (exp.GT, exp.GTE)


@dataclass
class _Comparisons:
    """The columns of one source that a condition compares: for equality, and as start and end of ranges."""

    node: Node
    equal: set[str] = field(default_factory=set)
    starts: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)

    def read(self, condition: exp.Expr) -> None:
        for part in split_conjunction(condition):
            if isinstance(part, _EQUALITIES):
                self._read_equality(part.left, part.right)
                self._read_equality(part.right, part.left)
            else:
                self._read_range(self._without_open_end(part))

    @property
    def is_range(self) -> bool:
        """Whether the condition has a range between two columns; two bounds on one column match many rows."""
        return bool(self.starts) and bool(self.ends) and not self.starts & self.ends

    def _read_equality(self, side: exp.Expr, other: exp.Expr) -> None:
        column = side.unnest()
        if isinstance(column, exp.Cast) and column.is_type(*exp.DataType.TEXT_TYPES):
            column = self._number_as_text(column)
        if isinstance(column, exp.Column) and column.table == self.node.name and not self._columns(other):
            self.equal.add(column.name)

    def _number_as_text(self, cast: exp.Expr) -> exp.Expr:
        """Return the column of a cast from number to text, which is injective, or else the cast."""
        inner = cast.this.unnest()
        is_own = isinstance(inner, exp.Column) and inner.table == self.node.name
        return inner if is_own and self.node.column(inner.name).type == "number" else cast

    def _read_range(self, part: exp.Expr) -> None:
        if isinstance(part, exp.Between):
            self._add_bound(part.args["low"], part.this)
            self._add_bound(part.this, part.args["high"])
        elif isinstance(part, _LESS):
            self._add_bound(part.left, part.right)
        elif isinstance(part, _GREATER):
            self._add_bound(part.right, part.left)

    def _add_bound(self, less: exp.Expr, greater: exp.Expr) -> None:
        starts, ends = self._columns(less), self._columns(greater)
        if not ends:
            self.starts |= starts
        if not starts:
            self.ends |= ends

    def _without_open_end(self, part: exp.Expr) -> exp.Expr:
        """Remove `OR end IS NULL` from a bound, which is for rows without an end."""
        tree = part.unnest()
        while isinstance(tree, exp.Or):
            sides = [tree.left.unnest(), tree.right.unnest()]
            bounds = [side for side in sides if not (_is_null_test(side) and self._columns(side))]
            if len(bounds) != 1:
                return tree
            tree = bounds[0]
        return tree

    def _columns(self, tree: exp.Expr) -> set[str]:
        return {column.name for column in tree.find_all(exp.Column) if column.table == self.node.name}


def _is_null_test(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Is) and not tree.args.get("negate")


def compared_columns(condition: exp.Expr, target: Node) -> set[str]:
    """Return the columns of the target that a condition compares for equality."""
    compared = _Comparisons(target)
    compared.read(condition)
    return compared.equal


def single_row_ends(edge: Edge) -> list[Node]:
    """Return the nodes of an edge that have at most one row for each row of the other node, as declared."""
    ends = [edge.end] if edge.cardinality in (Cardinality.TO_ONE, Cardinality.ONE_TO_ONE) else []
    return ends + ([edge.start] if edge.cardinality in (Cardinality.TO_MANY, Cardinality.ONE_TO_ONE) else [])


def check_uniqueness(edge: Edge, condition: exp.Expr, target: Node) -> str | None:
    """Return a warning if the declared cardinality cannot be verified. Raises SemanticError if it is wrong."""
    compared = _Comparisons(target)
    compared.read(condition)
    grain = set(target.source.grain)
    missing = [name for name in target.source.grain if name not in compared.equal]
    if grain and not missing:
        return None
    declared = f"The join '{edge.join.on}' is declared {edge.join.relationship}"
    if compared.is_range:
        return f"{declared}; whether its ranges of {target.name} overlap cannot be checked here"
    if not compared.equal or (grain and compared.equal < grain):
        raise _fan_out_error(declared, target, compared.equal, missing)
    if not grain:
        return None  # a missing grain has its own warning
    names = ", ".join(f"{target.source.name}.{name}" for name in sorted(compared.equal))
    grain_columns = " and ".join(target.source.grain)
    return f"{declared}; whether {names} is unique cannot be checked here, because the grain is {grain_columns}"


def _fan_out_error(declared: str, target: Node, equal: set[str], missing: list[str]) -> SemanticError:
    name = target.source.name
    required = ", ".join(f"{name}.{column}" for column in missing) or f"the columns in which {name} is unique"
    compared = f"only {', '.join(sorted(equal))} of {name}" if equal else f"no column of {name}"
    message = f"{declared}, but compares {compared} for equality, so that a row can find many rows of {name} and count"
    correct = "correct its grain, " if equal else ""
    hint = f"compare {required} for equality as well, {correct}or write the join into the `sql` of a source"
    return SemanticError(Problem.INVALID_MODEL, f"{message} more than once; {hint}")

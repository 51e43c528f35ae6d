"""Checks that a join finds at most one row, as its declared cardinality says.

It does if it compares the whole grain of the source that it leads to for equality. Two other conditions may do so, and
only the data says whether they do: equality with other columns, which may be unique as well, and a range from one
column to another one, as a validity has it. All others find many rows, and totals over such a join would be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.catalog import Node
from semantic_layer.edges import Edge, Step
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.expressions import conjuncts

_EQUALITIES = (exp.EQ, exp.NullSafeEQ)
_LESS = (exp.LT, exp.LTE)
_GREATER = (exp.GT, exp.GTE)


@dataclass
class _Comparisons:
    """What a condition compares with columns of one source: for equality, and as the begin and end of ranges."""

    node: Node
    equal: set[str] = field(default_factory=set)
    begins: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)

    def read(self, condition: exp.Expr) -> None:
        for part in conjuncts(condition):
            if isinstance(part, _EQUALITIES):
                self._read_equality(part.left, part.right)
                self._read_equality(part.right, part.left)
            else:
                self._read_range(self._without_open_end(part))

    @property
    def is_range(self) -> bool:
        """Whether there is a begin and an end; bounds of one column choose as many rows as there are in them."""
        return bool(self.begins) and bool(self.ends) and not self.begins & self.ends

    def _read_equality(self, side: exp.Expr, other: exp.Expr) -> None:
        column = side.unnest()
        if isinstance(column, exp.Cast) and column.is_type(*exp.DataType.TEXT_TYPES):
            column = self._number_as_text(column)
        if isinstance(column, exp.Column) and column.table == self.node.name and not self._columns(other):
            self.equal.add(column.name)

    def _number_as_text(self, cast: exp.Expr) -> exp.Expr:
        """Different numbers are different texts; other casts make equal what was not."""
        inner = cast.this.unnest()
        is_own = isinstance(inner, exp.Column) and inner.table == self.node.name
        return inner if is_own and self.node.column(inner.name).type == "number" else cast

    def _read_range(self, part: exp.Expr) -> None:
        if isinstance(part, exp.Between):
            self._bound(part.args["low"], part.this)
            self._bound(part.this, part.args["high"])
        elif isinstance(part, _LESS):
            self._bound(part.left, part.right)
        elif isinstance(part, _GREATER):
            self._bound(part.right, part.left)

    def _bound(self, less: exp.Expr, greater: exp.Expr) -> None:
        begins, ends = self._columns(less), self._columns(greater)
        if not ends:
            self.begins |= begins
        if not begins:
            self.ends |= ends

    def _without_open_end(self, part: exp.Expr) -> exp.Expr:
        """Take `OR end IS NULL` off a bound: the newest row has no end."""
        tree = part.unnest()
        while isinstance(tree, exp.Or):
            sides = [tree.left.unnest(), tree.right.unnest()]
            bounds = [side for side in sides if not (isinstance(side, exp.Is) and self._columns(side))]
            if len(bounds) != 1:
                return tree
            tree = bounds[0]
        return tree

    def _columns(self, tree: exp.Expr) -> set[str]:
        return {column.name for column in tree.find_all(exp.Column) if column.table == self.node.name}


def leads_to_one(edge: Edge) -> list[Node]:
    """Return the ends of a join of which the other end has at most one row, as it is declared."""
    ends = [edge.end] if edge.step in (Step.TO_ONE, Step.ONE_TO_ONE) else []
    return ends + ([edge.start] if edge.step in (Step.TO_MANY, Step.ONE_TO_ONE) else [])


def doubt(edge: Edge, condition: exp.Expr, one: Node) -> str | None:
    """Say what only the data can tell about the join. Raises SemanticError where it surely finds many rows."""
    compared = _Comparisons(one)
    compared.read(condition)
    grain = set(one.source.grain)
    missing = [name for name in one.source.grain if name not in compared.equal]
    if grain and not missing:
        return None
    declared = f"The join '{edge.join.on}' is declared {edge.join.relationship}"
    if compared.is_range:
        return f"{declared}; whether its ranges of {one.name} overlap cannot be checked here"
    if not compared.equal or (grain and compared.equal < grain):
        raise _multiplies(declared, one, compared.equal, missing)
    if not grain:
        return None  # that it has none is a warning of its own
    names = ", ".join(f"{one.source.name}.{name}" for name in sorted(compared.equal))
    of = " and ".join(one.source.grain)
    return f"{declared}; whether {names} is unique cannot be checked here, because the grain is {of}"


def _multiplies(declared: str, one: Node, equal: set[str], missing: list[str]) -> SemanticError:
    name = one.source.name
    wanted = ", ".join(f"{name}.{column}" for column in missing) or f"the columns in which {name} is unique"
    found = f"only {', '.join(sorted(equal))} of {name}" if equal else f"no column of {name}"
    message = f"{declared}, but compares {found} for equality, so that a row can find many rows of {name} and count"
    correct = "correct its grain, " if equal else ""
    hint = f"compare {wanted} for equality as well, {correct}or write the join into the `sql` of a source"
    return SemanticError(Problem.INVALID_MODEL, f"{message} more than once; {hint}")

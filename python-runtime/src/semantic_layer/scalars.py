"""Functions of single values that a dialect lacks, though sqlglot reads and writes them there: what to write instead.

Only of SQLite and T-SQL it is certain: the first has no functions of users here, and in the second they are called with
their schema. A function of another name may mean something else: HEX of a number in SQLite is that of its digits.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.dialects import SqlDialect

_OTHERWISE = "write it into the `sql` of a source"
_PART = "write cast(strftime('%Y', x) as integer), with %m for months and %d for days"
_BEGIN = "write date(x, 'start of month'), or group by the column with a granularity"
_SHIFTED = "write datetime(x, '+1 month')"

_LACKED: dict[str, dict[type[exp.Expr], str]] = {
    "sqlite": {
        exp.DateTrunc: _BEGIN,
        exp.TimestampTrunc: _BEGIN,
        exp.Extract: _PART,
        exp.Year: _PART,
        exp.Month: _PART,
        exp.Day: _PART,
        exp.Interval: _SHIFTED,
        exp.DateAdd: _SHIFTED,  # written as DATE, which leaves out the hours
        exp.DateSub: _SHIFTED,
        exp.Left: "write substr(x, 1, n)",
        exp.Right: "write substr(x, -n)",
        exp.Pad: _OTHERWISE,
        exp.SplitPart: _OTHERWISE,
        exp.RegexpReplace: _OTHERWISE,
        exp.Initcap: _OTHERWISE,
        exp.MD5: _OTHERWISE,
        exp.Repeat: _OTHERWISE,
        exp.Reverse: _OTHERWISE,
    },
    "tsql": {
        exp.Initcap: _OTHERWISE,
        exp.Interval: "write dateadd(month, 1, x)",
        exp.Pad: "write right(replicate('0', 5) + x, 5)",
    },
}
_LACKED_NAMES = {
    "sqlite": {"to_hex": "write printf('%x', x)", "iff": "write iif(a, b, c)", "date_part": _PART, "age": _OTHERWISE},
    "tsql": {"to_hex": "write format(x, 'x')", "hex": "write format(x, 'x')", "iff": "write iif(a, b, c)"},
}


def lacked_function(tree: exp.Expr, dialect: SqlDialect) -> tuple[str, str] | None:
    """Return the name of a function that the dialect lacks, and what to write instead."""
    classes, names = _LACKED.get(dialect.name, {}), _LACKED_NAMES.get(dialect.name, {})
    for node in tree.walk() if classes or names else ():
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if name in names:
            return name, names[name]
        if type(node) in classes and not (isinstance(node, exp.Interval) and isinstance(node.parent, exp.Func)):
            return _called(node), classes[type(node)]
    return None


def _called(node: exp.Expr) -> str:
    if isinstance(node, exp.Pad):
        return "lpad" if node.args.get("is_left") else "rpad"
    return str(node.sql_name() if isinstance(node, exp.Func) else node.key).lower()

"""Scalar functions that a dialect lacks although sqlglot generates them, with alternatives.

This is only certain for SQLite, which has no user-defined functions here, and T-SQL, where calls of user-defined
functions require a schema. A similar function may have another meaning: HEX of a number in SQLite is that of its
digits.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.sql.dialects import SqlDialect

_DEFAULT_ADVICE = "write it into the `sql` of a source"
_DATE_PART_ADVICE = "write cast(strftime('%Y', x) as integer), with %m for months and %d for days"
_TRUNCATION_ADVICE = "write date(x, 'start of month'), or group by the column with a granularity"
_DATE_ARITHMETIC_ADVICE = "write datetime(x, '+1 month')"

_UNSUPPORTED: dict[str, dict[type[exp.Expr], str]] = {
    "sqlite": {
        exp.DateTrunc: _TRUNCATION_ADVICE,
        exp.TimestampTrunc: _TRUNCATION_ADVICE,
        exp.Extract: _DATE_PART_ADVICE,
        exp.Year: _DATE_PART_ADVICE,
        exp.Month: _DATE_PART_ADVICE,
        exp.Day: _DATE_PART_ADVICE,
        exp.Interval: _DATE_ARITHMETIC_ADVICE,
        exp.DateAdd: _DATE_ARITHMETIC_ADVICE,  # generated as DATE, which drops the hours
        exp.DateSub: _DATE_ARITHMETIC_ADVICE,
        exp.Left: "write substr(x, 1, n)",
        exp.Right: "write substr(x, -n)",
        exp.Pad: _DEFAULT_ADVICE,
        exp.SplitPart: _DEFAULT_ADVICE,
        exp.RegexpReplace: _DEFAULT_ADVICE,
        exp.Initcap: _DEFAULT_ADVICE,
        exp.MD5: _DEFAULT_ADVICE,
        exp.Repeat: _DEFAULT_ADVICE,
        exp.Reverse: _DEFAULT_ADVICE,
    },
    "tsql": {
        exp.Initcap: _DEFAULT_ADVICE,
        exp.Interval: "write dateadd(month, 1, x)",
        exp.Pad: "write right(replicate('0', 5) + x, 5)",
    },
}
_UNSUPPORTED_NAMES = {
    "sqlite": {
        "to_hex": "write printf('%x', x)",
        "iff": "write iif(a, b, c)",
        "date_part": _DATE_PART_ADVICE,
        "age": _DEFAULT_ADVICE,
    },
    "tsql": {"to_hex": "write format(x, 'x')", "hex": "write format(x, 'x')", "iff": "write iif(a, b, c)"},
}


def find_unsupported_function(tree: exp.Expr, dialect: SqlDialect) -> tuple[str, str] | None:
    """Return the name and the alternative of the first function that the dialect lacks, or None."""
    classes, names = _UNSUPPORTED.get(dialect.name, {}), _UNSUPPORTED_NAMES.get(dialect.name, {})
    for node in tree.walk() if classes or names else ():
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if name in names:
            return name, names[name]
        if type(node) in classes and not (isinstance(node, exp.Interval) and isinstance(node.parent, exp.Func)):
            return _function_name(node), classes[type(node)]
    return None


def _function_name(node: exp.Expr) -> str:
    if isinstance(node, exp.Pad):
        return "lpad" if node.args.get("is_left") else "rpad"
    return str(node.sql_name() if isinstance(node, exp.Func) else node.key).lower()

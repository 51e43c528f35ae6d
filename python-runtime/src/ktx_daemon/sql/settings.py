"""Settings that a ClickHouse query may bring along: they change how it is computed or written, and nothing else."""

from __future__ import annotations

from sqlglot import exp

from ktx_daemon.sql.dialects import words
from ktx_daemon.sql.masking import Marks

HARMLESS_SETTINGS = words(
    """
    join_use_nulls group_by_use_nulls transform_null_in aggregate_functions_null_for_empty cast_keep_nullable
    union_default_mode intersect_default_mode except_default_mode join_default_strictness join_algorithm
    any_join_distinct_right_table_keys joined_subquery_requires_alias prefer_column_name_to_alias
    prefer_global_in_and_join enable_analyzer allow_experimental_analyzer final session_timezone
    date_time_output_format date_time_input_format cast_string_to_date_time_mode totals_mode totals_auto_threshold
    enable_positional_arguments enable_optimize_predicate_expression count_distinct_implementation
    decimal_check_overflow short_circuit_function_evaluation data_type_default_nullable
    """
)
# Limits: zero would lift one.
LIMITS = words("max_execution_time max_result_rows max_result_bytes max_rows_to_read max_bytes_to_read")


def harmful_setting(settings: list[exp.Expr], marks: Marks) -> str | None:
    """Give the first setting that is not known to be harmless, or whose value is not a plain one."""
    for setting in settings:
        name = setting.this.name.lower() if isinstance(setting, exp.EQ) else ""
        value = setting.args.get("expression")
        is_plain = isinstance(value, (exp.Literal, exp.Boolean))
        if name in HARMLESS_SETTINGS and is_plain:
            continue
        if (
            name in LIMITS
            and isinstance(value, exp.Literal)
            and not value.is_string
            and _is_positive(marks.restore(value.name))
        ):
            continue
        return name or setting.sql()
    return None


def _is_positive(number: str) -> bool:
    try:
        return float(number) > 0
    except ValueError:
        return False

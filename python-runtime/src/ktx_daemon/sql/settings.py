"""Settings that are allowed in a ClickHouse query: they affect only its own evaluation and output."""

from __future__ import annotations

import re

from sqlglot import exp

from ktx_daemon.sql.dialects import split_words
from ktx_daemon.sql.masking import MaskedTokens

HARMLESS_SETTINGS = split_words(
    """
    join_use_nulls group_by_use_nulls transform_null_in aggregate_functions_null_for_empty cast_keep_nullable
    union_default_mode intersect_default_mode except_default_mode join_default_strictness join_algorithm
    any_join_distinct_right_table_keys joined_subquery_requires_alias prefer_column_name_to_alias
    prefer_global_in_and_join enable_analyzer allow_experimental_analyzer final session_timezone
    date_time_output_format date_time_input_format cast_string_to_date_time_mode totals_mode totals_auto_threshold
    enable_positional_arguments enable_optimize_predicate_expression count_distinct_implementation
    decimal_check_overflow short_circuit_function_evaluation data_type_default_nullable
    distributed_product_mode skip_unavailable_shards prefer_localhost_replica load_balancing log_comment extremes
    do_not_merge_across_partitions_select_final use_uncompressed_cache use_skip_indexes
    force_primary_key force_index_by_date allow_experimental_window_functions allow_experimental_join_condition
    """
)
# Behaviour at limits, optimisation, and output formats.
HARMLESS_FAMILIES = re.compile(
    r"(\w+_)?overflow_mode|optimize_\w+|query_plan_\w+|output_format_(?!schema)\w+|format_csv_delimiter"
)
# Limits and sizes; zero would remove a limit.
LIMITS = re.compile(
    r"max_(execution_time|memory_usage|threads|final_threads|parallel_replicas|block_size|query_size|columns_to_read)"
    r"|max_(result|temporary)_\w+|max_(rows|bytes)_(to|in|before)_\w+"
)


def find_harmful_setting(settings: list[exp.Expr], marks: MaskedTokens) -> str | None:
    """Return the name of the first setting that is not allowed or has no literal value, or None."""
    for setting in settings:
        name = setting.this.name.lower() if isinstance(setting, exp.EQ) else ""
        value = setting.args.get("expression")
        is_plain = isinstance(value, (exp.Literal, exp.Boolean))
        if is_plain and (name in HARMLESS_SETTINGS or HARMLESS_FAMILIES.fullmatch(name)):
            continue
        if (
            LIMITS.fullmatch(name)
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

"""Functions and system tables through which a statement reads tables that it does not name."""

from __future__ import annotations

import re

from sqlglot import exp

from ktx_daemon.sql.dialects import split_words
from ktx_daemon.sql.masking import MaskedTokens
from ktx_daemon.sql.policy.patterns import TableName, fold

# Table functions that read nothing but their arguments, and lists of the server.
HARMLESS_TABLE_FUNCTIONS = split_words(
    """
    generate_series generateseries generate_subscripts unnest flatten explode explode_outer posexplode posexplode_outer
    inline inline_outer stack range sequence generator numbers numbers_mt zeros zeros_mt values null one
    json_each json_tree json_each_text json_table json_array_elements json_array_elements_text json_object_keys
    json_to_record json_to_recordset json_populate_record json_populate_recordset json_tuple
    jsonb_each jsonb_each_text jsonb_array_elements jsonb_array_elements_text jsonb_object_keys jsonb_path_query
    jsonb_to_record jsonb_to_recordset jsonb_populate_record jsonb_populate_recordset openjson xmltable xmlnamespaces
    each regexp_matches regexp_split_to_table string_split string_to_table split_to_table strtok_split_to_table
    generate_date_array generate_timestamp_array generate_array arrayjoin parse_url_tuple
    pg_get_keywords pg_timezone_names pg_timezone_abbrevs pg_options_to_table pg_show_all_settings
    """
)
# sqlglot's names of some of these.
_HARMLESS_NODES = (
    exp.GenerateSeries,
    exp.GenerateDateArray,
    exp.GenerateTimestampArray,
    exp.Unnest,
    exp.Values,
    exp.Explode,
    exp.ExplodeOuter,
    exp.Posexplode,
    exp.PosexplodeOuter,
    exp.Inline,
    exp.JSONTable,
    exp.XMLTable,
    exp.OpenJSON,
    exp.Array,
)
# Functions in any position that read a table by the name in a string or in an identifier.
_READERS = re.compile(r"joinget(ornull)?|result_scan|get_object_references|querytable|query_table")
# Statistics with values of columns, and pages of tables.
_STATISTICS = re.compile(
    r"pg_stats(_ext|_ext_exprs)?|pg_statistic(_ext_data)?|pg_toast_\d+|column_statistics|column_stats|sqlite_stat[34]|sqlite_dbpage"
    r"|(all|user|dba|cdb)_(tab|part|subpart)_(histograms|col_statistics)|(all|user|dba|cdb)_tab_(columns|cols)"
    r"|hist(_head|grm)\$|col_usage\$|stats_histogram\w*"
)


def is_table_function(node: exp.Expr) -> bool:
    """Return whether a node is the function of an item of FROM, which may be in ROWS FROM or in TABLE()."""
    parent = node.parent
    if isinstance(parent, exp.In) and node.arg_key == "field":
        return isinstance(node, exp.Func) and not isinstance(node, exp.Query)
    if isinstance(node, (exp.Query, exp.Identifier)) or node.arg_key != "this":
        return False
    return isinstance(parent, (exp.Table, exp.Lateral, exp.TableFromRows)) and isinstance(node, exp.Func)


def is_harmless_table_function(function: exp.Expr, marks: MaskedTokens) -> bool:
    """Return whether a table function reads nothing but its arguments."""
    return isinstance(function, _HARMLESS_NODES) or fold(function_name(function, marks)) in HARMLESS_TABLE_FUNCTIONS


def quoted_operand(node: exp.In, marks: MaskedTokens) -> list[str]:
    """Return the parts of `x IN 'main'.'t'`, in SQLite a table with strings as names; none without a string."""
    operand = node.args.get("field")
    if isinstance(operand, exp.Column):
        parts = operand.parts
    elif isinstance(operand, exp.Dot):
        parts = list(operand.flatten())
    else:
        parts = [operand] if operand else []
    is_quoted = any(isinstance(part, exp.Literal) and part.is_string for part in parts)
    return [marks.restore(part.name) for part in parts] if is_quoted else []


def reads_by_name(function: exp.Expr, marks: MaskedTokens) -> bool:
    """Return whether a function reads a table that a text names."""
    return _READERS.fullmatch(fold(function_name(function, marks))) is not None


def function_name(function: exp.Expr, marks: MaskedTokens) -> str:
    """Return the name of a function without its qualifiers."""
    if isinstance(function, exp.Anonymous):
        name = function.this.name if isinstance(function.this, exp.Expr) else str(function.this)
        return marks.restore(name)
    return function.sql_name() if isinstance(function, exp.Func) else ""


def has_statistics(table: TableName) -> bool:
    """Return whether a system table has values of columns of any table."""
    return _STATISTICS.fullmatch(fold(table.name)) is not None


def names_in_arguments(function: exp.Anonymous, marks: MaskedTokens) -> list[list[str]]:
    """Return the names, in parts, that strings in the arguments of an unknown function may be."""
    texts = [marks.restore(literal.name) for literal in function.find_all(exp.Literal)]
    return [[part.strip('"`[]') for part in text.split(".")] for text in texts if text.strip()]

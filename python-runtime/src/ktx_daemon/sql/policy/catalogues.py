"""Statements that read the catalogue of a database: it shows columns, checks, defaults and labels of any table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from ktx_daemon.sql.dialects import PG_PREFIXED, split_words
from ktx_daemon.sql.policy.patterns import fold

# What lists or describes objects; a query that is explained is checked like any other.
_LISTINGS = (exp.Show, exp.Pragma)
# Schemas and databases of catalogues, in any server.
_SCHEMAS = split_words(
    """
    information_schema pg_catalog pg_internal pg_toast crdb_internal mz_catalog mz_internal definition_schema
    mysql performance_schema sys system account_usage organization_usage reader_account_usage data_sharing_usage
    dbc syscat sysibm sysstat
    """
)
# Tables of catalogues that are found without their schema.
_TABLES = re.compile(r"sqlite_\w+|duckdb_\w+|pragma_\w+")
_TABLES_OF_DIALECTS = {
    **dict.fromkeys([*PG_PREFIXED, "duckdb"], re.compile(r"pg_\w+|(svv|svl|svcs|stl|stv|sys)_\w+|_pg_\w+")),
    **dict.fromkeys(
        ["tsql", "fabric"],
        re.compile(r"sys(objects|columns|comments|indexes|types|constraints|references|foreignkeys)"),
    ),
    "oracle": re.compile(
        r"(all|user|dba|cdb)_(arguments|col|cons|dependencies|external|ind|lob|log|mview|nested|object|part|procedures"
        r"|sequences|source|subpart|synonyms|tab|trigger|type|unused|view)\w*|(g?v_?\$\w+)|dict|dictionary|cols|tabs?|obj"
    ),
    "exasol": re.compile(r"exa_\w+"),
}
# Functions that show definitions and comments.
_FUNCTIONS = re.compile(
    r"pg_get_(viewdef|constraintdef|expr|indexdef|functiondef|function_sqlbody|function_arg_default|function_arguments"
    r"|partkeydef|partition_constraintdef|ruledef|triggerdef|statisticsobjdef\w*)"
    r"|(obj|col|shobj)_description|pg_describe_object|pg_identify_object\w*|enum_(range|first|last)"
    r"|(table|query|cursor|schema|database)_to_xml\w*|object_definition|col_name|columnproperty|get_ddl|dbms_metadata\w*"
    r"|has_?column_?in_?table|hascolumnintable"
)


def describes_object(node: exp.Expr) -> bool:
    """Return whether a node lists objects, or describes one by its name."""
    return isinstance(node, _LISTINGS) or (isinstance(node, exp.Describe) and not isinstance(node.this, exp.Query))


def is_in_catalogue(parts: Sequence[str], dialect: str) -> bool:
    """Return whether a reference, the qualifiers first, is or may be a table of the catalogue."""
    *qualifiers, name = [fold(piece) for part in parts for piece in part.split(".")]
    if any(qualifier in _SCHEMAS for qualifier in qualifiers) or _TABLES.fullmatch(name):
        return True
    own = _TABLES_OF_DIALECTS.get(dialect)
    return not qualifiers and own is not None and own.fullmatch(name) is not None


def shows_definitions(function: str) -> bool:
    """Return whether a function shows the definition or the comment of an object."""
    return _FUNCTIONS.fullmatch(fold(function)) is not None

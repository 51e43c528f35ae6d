"""Functions that change something, reach out of the database, or hold it up.

Taken from the function references of PostgreSQL, MySQL, MariaDB, SQLite, DuckDB, Snowflake, SQL Server and ClickHouse.
"""

from __future__ import annotations

import re

# Sequences, settings, messages, and statements given as text.
POSTGRES = """
    nextval setval set_config pg_notify txid_current pg_current_xact_id query_to_xml query_to_xmlschema
    query_to_xml_and_xmlschema cursor_to_xml table_to_xml schema_to_xml database_to_xml pg_sleep pg_sleep_for
    pg_sleep_until pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile pg_promote
    pg_export_snapshot pg_switch_wal pg_create_restore_point pg_log_standby_snapshot pg_log_backend_memory_contexts
    pg_nextoid pg_background_launch query_export_to_s3 table_import_from_s3 pg_stat_file pg_prewarm
    pg_import_system_collations postgres_fdw_disconnect postgres_fdw_disconnect_all pg_relation_filenode_set
    brin_summarize_new_values brin_summarize_range brin_desummarize_range gin_clean_pending_list crosstab connectby
    xpath_table ts_stat ts_rewrite
"""
MYSQL = """
    sleep benchmark load_file get_lock release_lock release_all_locks master_pos_wait source_pos_wait
    master_gtid_wait spider_direct_sql spider_bg_direct_sql spider_copy_tables wait_for_executed_gtid_set sys_exec
    sys_eval sys_set asynchronous_connection_failover_add_source asynchronous_connection_failover_delete_source
    group_replication_set_as_primary lastval
"""
OTHERS = """
    load_extension readfile writefile edit fts3_tokenizer
    checkpoint force_checkpoint install_extension
    openrowset openquery opendatasource fn_get_audit_file fn_trace_gettable fn_xe_file_target_read_file
    sleepeachrow executable
    external_query
    getenv write_log sleep_ms
    java_method reflect try_reflect
"""
NAMES = frozenset(f"{POSTGRES} {MYSQL} {OTHERS}".split())

FAMILIES = re.compile(
    r"""
      lo_(import|export|create|creat|unlink|put|from_bytea|open|close|truncate|truncate64|lseek|lseek64)
    | lowrite | loread | lo_get
    | dblink\w* | http | http_\w+
    | pg_(try_)?advisory_\w+
    | pg_(read|write|file|ls)_\w+ | pg_file_\w+
    | pg_(create|drop|copy|advance|sync)_\w*(slot|slots)\w* | pg_logical_\w+ | pg_replication_\w+
    | pg_(start|stop)_backup | pg_backup_(start|stop) | pg_wal_replay_(pause|resume)
    | pg_stat_(reset\w*|statements_reset) | pg_stat_clear_snapshot | pg_restore_\w+_stats | pg_clear_\w+_stats
    | pg_(rewind|execute)\w* | binary_upgrade_\w+
    | system\$\w+
    | xp_\w+ | sp_\w+
    """,
    re.VERBOSE,
)

# In the place of a table these read files, other servers, or a statement given as text.
OUTER_TABLES = {
    "duckdb": re.compile(r"(read|scan|sniff|parquet|query)_\w+|\w+_(scan|query|scan_\w+)|glob|query|st_read\w*"),
    "clickhouse": re.compile(
        r"(url|file|s3|gcs|hdfs|azureblobstorage|iceberg\w*|deltalake\w*|hudi|paimon\w*)(cluster)?"
        r"|remote(secure)?|mysql|postgresql|mongodb|redis|sqlite|jdbc|odbc|executable|input|arrowflight|ytsaurus"
    ),
}
# DuckDB takes the name of a file for a table.
FILE_NAME = re.compile(
    r".*[/\\].*|.*\.(csv|tsv|txt|json|jsonl|ndjson|parquet|xlsx|arrow|avro|db|duckdb)(\.\w+)?",
    re.IGNORECASE | re.DOTALL,
)


def reads_outside(function: str, dialect: str) -> bool:
    """Say whether a function in the place of a table reads what is not in the database."""
    pattern = OUTER_TABLES.get(dialect)
    return pattern is not None and pattern.fullmatch(function.lower()) is not None


def has_side_effects(function: str) -> bool:
    """Say whether a function of this name (of any dialect, qualified or not) does more than compute."""
    name = function.lower().rsplit(".", 1)[-1]
    return name in NAMES or FAMILIES.fullmatch(name) is not None

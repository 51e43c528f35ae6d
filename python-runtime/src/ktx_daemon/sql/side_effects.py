"""Functions with side effects: they modify data, access external resources, or block.

Sources are the function references of PostgreSQL and its extensions, MySQL, MariaDB, SQLite, DuckDB, Snowflake, SQL
Server, Oracle, Databricks, Trino and ClickHouse. For prefixes that are reserved by a database, `pg_…` in PostgreSQL and
`dbms_…` in Oracle, there is an allowlist, and all other functions are rejected. User-defined functions are allowed;
their bodies are not checked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ktx_daemon.sql.dialects import PG_PREFIXED, split_words
from ktx_daemon.sql.lexical import SPARK_LIKE
from ktx_daemon.sql.outside_schemas import acts_outside

# Sequences, settings, messages, and statements as text.
POSTGRES = """
    nextval setval set_config txid_current query_export_to_s3 table_import_from_s3
    postgres_fdw_disconnect postgres_fdw_disconnect_all brin_summarize_new_values brin_summarize_range
    brin_desummarize_range gin_clean_pending_list connectby xpath_table xslt_process ts_stat ts_rewrite
    heap_force_kill heap_force_freeze autoprewarm_start_worker autoprewarm_dump_now bt_index_check
    bt_index_parent_check gin_index_check verify_heapam index_advisor plpgsql_call_handler plpgsql_inline_handler
    add_job alter_job delete_job run_job drop_chunks create_hypertable compress_chunk decompress_chunk
"""
MYSQL = """
    sleep benchmark load_file get_lock release_lock release_all_locks master_pos_wait source_pos_wait
    master_gtid_wait spider_direct_sql spider_bg_direct_sql spider_copy_tables spider_flush_table_mon_cache
    wait_for_executed_gtid_set wait_until_sql_thread_after_gtids wsrep_sync_wait_upto_gtid sys_exec sys_eval sys_set
    set_firewall_mode set_firewall_group_mode read_firewall_users read_firewall_groups firewall_group_enlist
    firewall_group_delist version_tokens_set version_tokens_edit version_tokens_delete version_tokens_unlock
    load_rewrite_rules flush_rewrite_rules mysqlx_error rotate_system_key service_release_locks
    gen_dictionary_load gen_dictionary_drop masking_dictionary_term_add masking_dictionary_term_remove
    masking_dictionary_remove masking_dictionaries_flush audit_api_message_emit_udf
"""
OTHERS = """
    load_extension readfile writefile edit fts3_tokenizer checkpoint force_checkpoint install_extension
    openrowset openquery opendatasource fn_get_audit_file fn_trace_gettable fn_xe_file_target_read_file
    sleepeachrow executable external_query getenv write_log sleep_ms java_method reflect try_reflect
    json_execute_serialized_sql read_nos write_nos
"""
NAMES = split_words(f"{POSTGRES} {MYSQL} {OTHERS}")
_POSTGRES_NAMES = split_words(POSTGRES)

SPARK = split_words(
    "secret try_secret list_secrets ai_query read_files cloud_files remote_query read_kafka read_kinesis read_pubsub "
    "read_pulsar read_statestore read_state_metadata reflect2 in_file"
)
# They read files or run ANALYZE, also without parentheses: `FROM fsdir WHERE path = '/'`.
SQLITE_TABLES = split_words("fsdir zipfile lsdir pragma_optimize")
# Functions of one dialect; in others, users may define functions of these names.
NAMES_BY_DIALECT = {
    "sqlite": split_words("eval sha1_query sha3_query") | SQLITE_TABLES,
    "duckdb": split_words(
        "copy_database import_database enable_logging disable_logging truncate_duckdb_logs enable_profiling "
        "disable_profiling enable_profile disable_profile python_map_function pandas_scan arrow_scan add_parquet_key "
        "load_aws_credentials from_substrait from_substrait_json shell_add_schema add_grammar_extension "
        "remove_grammar_extension dbgen dsdgen start_ui start_ui_server stop_ui_server httpserve_start httpserve_stop "
        "ducklake_add_data_files ducklake_cleanup_old_files ducklake_delete_orphaned_files ducklake_expire_snapshots "
        "ducklake_flush_inlined_data ducklake_merge_adjacent_files ducklake_rewrite_data_files ducklake_set_option"
    ),
    # hasColumnInTable connects to the server that its first argument may name.
    "clickhouse": split_words("generateserialid catboostevaluate reversednsquery hascolumnintable logtrace"),
    "snowflake": split_words("getnextval get_presigned_url build_scoped_file_url infer_schema to_query"),
    "oracle": split_words("httpuritype dburitype xdburitype uritype bfilename"),
    **dict.fromkeys(
        ("tsql", "fabric"),
        split_words("fn_dump_dblog ai_generate_embeddings dm_os_file_exists dm_os_enumerate_filesystem"),
    ),
    **dict.fromkeys(SPARK_LIKE, SPARK),
}

# Functions of PostgreSQL and its extensions.
_POSTGRES_FAMILIES = r"""
      lo_(import|export|create|creat|unlink|put|from_bytea|open|close|truncate|truncate64|lseek|lseek64)
    | lowrite | loread | lo_get
    | (query|cursor|table|schema|database)_to_xml\w* | crosstab\w*
    | dblink\w* | run_command_on_\w+ | hypopg\w*
    | pg_(try_)?advisory_\w+
    | pg_(read|write|file|ls|rewind|execute|sleep|background|truncate|terminate|cancel|reload|rotate|export|switch)\w*
    | pg_(create|drop|copy|advance|sync|import|log|logical|promote|notify|replication|prewarm|nextoid|clear)\w*
    | pg_(start|stop)_backup | pg_backup_(start|stop) | pg_wal_replay_(pause|resume) | pg_current_xact_id
    | pg_stat_(reset\w*|statements_reset|file|clear_snapshot) | pg_restore_\w+_stats | pg_relation_filenode_set
    | binary_upgrade_\w+
"""
FAMILIES = re.compile(
    rf"""
      {_POSTGRES_FAMILIES}
    | http | http_\w+ | citus_\w+ | master_\w+ | (add|remove)_\w+_policy
    | audit_log_\w+ | keyring_key_\w+ | asynchronous_connection_failover_\w+ | group_replication_\w+
    | service_get_\w+_locks
    | (create|destroy|register|deregister)_external_resource\w*
    | xp_\w+ | sp_\w+
    """,
    re.VERBOSE,
)
# `x.f` calls `f(x)` in PostgreSQL. Other names are usual for columns, such as `t.http_status` and `t.pg_rating`.
_ATTRIBUTES = re.compile(_POSTGRES_FAMILIES, re.VERBOSE)

# The prefix `pg_` is reserved for PostgreSQL and its extensions. These functions are read-only.
HARMLESS_PG = re.compile(
    r"""
      pg_(
        available_\w+ | backend_pid | basetype | blocking_pids
      | buffercache_(pages|summary|usage_counts|os_pages|numa_pages)
      | char_to_encoding | check_(frozen|visible) | client_encoding | collation_\w+ | column_\w+ | conf_load_time
      | config
      | control_\w+ | current_(logfile|snapshot|xact_id_if_assigned|wal_\w+) | cursor
      | database_(size|collation_actual_version) | describe_object | encoding_\w+ | extension_update_paths
      | filenode_relation | freespace | get_\w+ | has_role | hba_file_rules | ident_file_mappings | identify_object\w*
      | index\w* | input_(is_valid|error_info) | is_\w+ | jit_available | last_\w+ | listening_channels | lock_status
      | lsn\w* | mcv_list_items | my_temp_schema | notification_queue_usage | numa_available | old_snapshot_time_mapping
      | options_to_table | partition_(ancestors|root|tree) | postmaster_start_time | prepared_(statement|xact)
      | relation_(filenode|filepath|is_publishable|is_updatable|size) | relpages | safe_snapshot_blocking_pids
      | sequence_(last_value|parameters) | settings_get_flags
      | show_(all_settings|all_file_settings|replication_origin_status)
      | size_(bytes|pretty) | snapshot_(xip|xmax|xmin) | split_walfile_name | stat_(get_\w+|have_stats|force_next_flush)
      | stat_statements | stat_statements_info | stat_monitor | table_size | tablespace_(databases|location|size)
      | timezone_(abbrevs|names)\w* | total_relation_size | trigger_depth | typeof
      | visible_in_snapshot | visibility | visibility_map | visibility_map_summary
      | wal_lsn_diff | walfile_name\w* | xact_(commit_timestamp\w*|status)
      ) | pg_\w+_is_visible
    """,
    re.VERBOSE,
)

# Packages of Oracle and PostgreSQL's orafce, and schemas of extensions that act outside of the database.
PACKAGES = re.compile(
    r"(utl|dbms|owa|htp|ctx)_\w+|apex_(web_service|mail|ldap|exec|background_process|automation)"
    r"|cron|net|aws_lambda|aws_s3|partman|pgagent|pglogical|pgq|htp|htf"
)
HARMLESS_PACKAGES = split_words(
    "dbms_lob dbms_random dbms_crypto dbms_utility dbms_metadata dbms_rowid dbms_xplan dbms_assert utl_raw utl_i18n "
    "utl_encode utl_url utl_match utl_lms ctx_doc"
)

SNOWFLAKE_SYSTEM = re.compile(r"system\$\w+")
HARMLESS_SNOWFLAKE_SYSTEM = split_words(
    "system$typeof system$clustering_information system$clustering_depth system$clustering_ratio system$pipe_status "
    "system$last_change_commit_time system$explain_plan_json system$explain_json_to_text system$stream_has_data "
    "system$estimate_query_acceleration"
)

_CLICKHOUSE_EXTERNAL = (
    r"(url|file|s3|gcs|oss|cosn|hdfs|azureblobstorage|iceberg\w*|deltalake\w*|hudi|paimon\w*)(cluster)?"
    r"|remote(secure)?|mysql|postgresql|mongodb|redis|sqlite|jdbc|odbc|executable(pool)?|input|arrowflight|ytsaurus"
    r"|prometheusquery(range)?|ai[a-z]+|bigquery|eval|filesystem|hive|python|arrowstream"
)
# Table functions, and functions in any position, that read files, other servers, or a statement as text.
EXTERNAL_TABLES = {
    "duckdb": re.compile(
        r"(read|scan|sniff|parquet|query|st_read)_\w+|\w+_(scan|query|execute|attach|scan_\w+)|glob|query|st_read"
    ),
    "doris": re.compile(r"files?|s3|hdfs|local|http|query|jdbc|http_stream"),
    "starrocks": re.compile(r"files?|query"),
    "risingwave": re.compile(r"(postgres|mysql)_query|file_scan"),
    "druid": re.compile(r"extern|localfiles|s3|http|inline|azurestorage|googlecloudstorage"),
}
EXTERNAL_FUNCTIONS = {"clickhouse": re.compile(_CLICKHOUSE_EXTERNAL)}
# Table functions of Trino's connectors pass a query through; these are built in.
TRINO_LIKE = frozenset({"trino", "presto", "athena", "dune"})
HARMLESS_TRINO_TABLES = frozenset({"sequence", "exclude_columns", "table_changes", "descriptor"})
# DuckDB reads a file if a table has its name.
FILE_NAME = re.compile(
    r".*[/\\].*|.*\.(csv|tsv|txt|json|jsonl|ndjson|parquet|xlsx?|arrows?|feather|avro|orc|db|db3|duckdb|sqlite3?"
    r"|shp|gpkg|fgb|geojson|gml|kml|dxf|pbf|sas7bdat|sav|dta|vcf|xml|ya?ml)(\.\w+)?",
    re.IGNORECASE | re.DOTALL,
)
# Spark does the same after the name of a format: csv.`/etc/passwd`. A format may be any class, but no table has a slash
# or a dot in its name.
FILE_FORMATS = split_words("csv json parquet orc avro text delta binaryfile iceberg hudi xml image libsvm tfrecord")
PATH_CHARACTER = re.compile(r"[/\\:*?{]")


def is_package(name: str) -> bool:
    """Return whether a name is that of an Oracle package that is not allowed."""
    lowered = name.lower()
    return lowered.startswith(("utl_", "dbms_")) and lowered not in HARMLESS_PACKAGES


def is_path_table(schema: str, name: str, dialect: str) -> bool:
    """Return whether a table name is the path of a file."""
    if dialect in ("duckdb", "clickhouse"):  # a ClickHouse without a server looks in its folder, too
        return not schema and FILE_NAME.fullmatch(name) is not None
    if dialect not in SPARK_LIKE or not schema:
        return False
    return "/" in name or "." in name or (schema.lower() in FILE_FORMATS and PATH_CHARACTER.search(name) is not None)


def reads_external_data(function: str, dialect: str, is_table: bool) -> bool:
    """Return whether a function reads data outside of the database."""
    tables, functions = EXTERNAL_TABLES.get(dialect), EXTERNAL_FUNCTIONS.get(dialect)
    name = function.lower()
    if functions is not None and functions.fullmatch(name):
        return True
    return is_table and tables is not None and tables.fullmatch(name) is not None


def has_side_effects(function: str | Sequence[str], dialect: str = "") -> bool:
    """Return whether a function of this name (in parts: `["a", "b"]` is `a.b`) does more than compute."""
    written = [function] if isinstance(function, str) else function
    parts = [_fold(part) for part in written]
    name = parts[-1].rsplit(".", 1)[-1]
    is_harmless = HARMLESS_PACKAGES | split_words("net") if dialect == "bigquery" else HARMLESS_PACKAGES
    if any(PACKAGES.fullmatch(part) and part not in is_harmless for part in parts[:-1]):
        return True
    if SNOWFLAKE_SYSTEM.fullmatch(name):
        return name not in HARMLESS_SNOWFLAKE_SYSTEM
    if acts_outside(parts, dialect):
        return True
    if dialect in PG_PREFIXED and name.startswith("pg_"):
        return HARMLESS_PG.fullmatch(name) is None
    if name in NAMES_BY_DIALECT.get(dialect, ()):
        return True
    return name in NAMES or FAMILIES.fullmatch(name) is not None or _resembles_listed_name(written[-1])


def is_called_as_attribute(name: str, dialect: str, *, is_column: bool) -> bool:
    """Return whether `x.name` may call a function with side effects; `is_column`: `x` is a name, not an expression."""
    if dialect not in PG_PREFIXED:
        return False
    if not is_column:
        return has_side_effects(name, dialect)
    folded = _fold(name)
    return folded in _POSTGRES_NAMES or _ATTRIBUTES.fullmatch(folded) is not None


def _fold(name: str) -> str:
    """Fold a name for a comparison without case and accents."""
    if name.isascii():
        return name.lower()
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _resembles_listed_name(name: str) -> bool:
    """Return whether a name equals a listed one except for non-ASCII letters, which some collations treat as equal."""
    if name.isascii():
        return False
    pattern = re.compile("".join(re.escape(letter) if letter.isascii() else "." for letter in name.lower()))
    return any(pattern.fullmatch(listed) for listed in NAMES)

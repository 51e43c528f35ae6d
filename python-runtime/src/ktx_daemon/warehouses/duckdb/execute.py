"""Queries on DuckDB databases and data files, read-only, without access to other files or the network."""

from __future__ import annotations

from ktx_daemon.memory_limit import memory_limit
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.duckdb.connect import find_file, import_duckdb, open_file
from ktx_daemon.warehouses.duckdb.files.execute import execute_on_files
from ktx_daemon.warehouses.duckdb.query import explain_refusal, run
from ktx_daemon.warehouses.model.rows import Query, ResultRows


def execute(target: Target, query: Query) -> ResultRows:
    """Run the query and return its first rows."""
    settings = {"memory_limit": f"{memory_limit() * 4 // 5 // 2**20}MiB"}
    if target.warehouse.name == "files":
        return execute_on_files(target, query, settings)
    path = find_file(target)
    with open_file(path, target, **settings) as connection:
        duckdb = import_duckdb()
        try:
            return run(connection, query)
        except duckdb.Error as error:
            raise explain_refusal(error, f"DuckDB database {path.name}") from None

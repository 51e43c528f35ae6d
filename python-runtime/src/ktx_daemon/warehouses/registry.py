"""The registry of warehouses: the only place that names their packages."""

from __future__ import annotations

from ktx_daemon.warehouses.spec import Operation, WarehouseSpec

WAREHOUSES: tuple[WarehouseSpec, ...] = (
    WarehouseSpec(
        "postgres",
        "PostgreSQL",
        frozenset({"introspect", "execute", "history", "cost", "profile"}),
        aliases=("postgresql",),
        limitations=(
            "PostgreSQL does not record when the data of a table last changed",
            "The query history of PostgreSQL has no applications, and the time of the last call only between syncs",
        ),
    ),
    WarehouseSpec(
        "mysql",
        "MySQL",
        frozenset({"introspect", "execute", "history", "cost", "profile"}),
        aliases=("mariadb",),
        limitations=(
            "MySQL forgets when the data of a table last changed as the server restarts",
            "The query history of MySQL has no users, and cuts statements at max_digest_length",
        ),
    ),
    WarehouseSpec(
        "sqlite",
        "SQLite",
        frozenset({"introspect", "execute", "profile"}),
        aliases=("sqlite3",),
        limitations=("SQLite keeps no history of statements and no comments, and estimates no cost of a statement",),
        is_file=True,
        in_child_process=True,
    ),
    WarehouseSpec(
        "bigquery",
        "BigQuery",
        frozenset({"introspect", "execute", "history", "cost", "profile"}),
        feature="bigquery",
        limitations=(
            "BigQuery has no read-only session: a statement is refused unless a dry run takes it for a query",
            "BigQuery does not enforce primary and foreign keys",
        ),
    ),
    WarehouseSpec(
        "clickhouse",
        "ClickHouse",
        frozenset({"introspect", "execute", "history", "cost", "profile"}),
        feature="clickhouse",
        limitations=(
            "ClickHouse has no unique and foreign keys: only keys of dictionaries are primary keys",
            "Rows and times of changes are known for tables of the MergeTree family only",
        ),
    ),
    WarehouseSpec(
        "snowflake",
        "Snowflake",
        frozenset({"introspect", "execute", "history", "cost", "profile"}),
        feature="snowflake",
        limitations=(
            "Snowflake has no read-only session: only the check of the statement and the role keep it from writing",
            "Paths within VARIANT, and within OBJECT and ARRAY without declared members, are unknown",
            "Snowflake does not enforce primary, unique and foreign keys, except those of hybrid tables",
            "Tags of a schema or a database, which its tables inherit, are not read",
        ),
    ),
    WarehouseSpec(
        "duckdb",
        "DuckDB",
        frozenset({"introspect", "execute", "profile"}),
        feature="duckdb",
        is_file=True,
        in_child_process=True,
    ),
    WarehouseSpec(
        "files",
        "Files",
        frozenset({"introspect", "execute", "profile"}),
        feature="duckdb",
        is_file=True,
        in_child_process=True,
        engine="duckdb",
    ),
    WarehouseSpec(
        "spark",
        "Spark",
        frozenset({"introspect", "execute", "profile"}),
        feature="spark",
        limitations=(
            "Spark has no read-only session: the check of KTX and the rights of the user are what keeps data unchanged",
            "Keys are known only where a catalog has an information_schema with constraints, and are not enforced",
            "Rows and bytes are those of the last ANALYZE TABLE",
            "Spark keeps no history of statements that SQL can read, and has no reliable estimate of cost",
        ),
    ),
)
# Every other driver's name is that of a SQLAlchemy dialect.
SQLALCHEMY = WarehouseSpec(
    "sqlalchemy", "SQLAlchemy", frozenset({"introspect", "execute"}), feature="sqlalchemy", in_child_process=True
)

_BY_DRIVER = {driver: spec for spec in WAREHOUSES for driver in (spec.name, *spec.aliases)}


def find(driver: str) -> WarehouseSpec:
    """Return the warehouse of a driver, regardless of letter case; one of SQLAlchemy for every other name."""
    return _BY_DRIVER.get(driver.strip().lower(), SQLALCHEMY)


def names(operation: Operation) -> list[str]:
    """Return the names of the warehouses that have an operation."""
    return [spec.name for spec in WAREHOUSES if operation in spec.operations]

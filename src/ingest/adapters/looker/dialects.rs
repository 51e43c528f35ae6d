//! Maps Looker's SQL dialects to sqlglot's. Source: the `dialect_name` of Looker's connections.

/// Returns sqlglot's dialect for one of Looker; `None` if sqlglot does not support it.
pub(super) fn from_looker(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    BY_PREFIX.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, dialect)| *dialect)
}

/// Returns sqlglot's dialect for a driver of `ktx.yaml`. The prefixes are the same.
pub(super) fn from_driver(driver: &str) -> Option<&'static str> {
    from_looker(driver)
}

/// Dialects by prefix; the first match applies, since Looker appends versions, as in `mysql_8`.
/// `python-runtime/tests/unit/test_looker_dialects.py` checks that sqlglot has these dialects.
const BY_PREFIX: &[(&str, &str)] = &[
    ("bigquery", "bigquery"),
    ("google_bigquery", "bigquery"),
    ("snowflake", "snowflake"),
    ("postgres", "postgres"),
    ("amazon_aurora_postgres", "postgres"),
    ("google_cloud_postgres", "postgres"),
    ("cloud_sql_postgres", "postgres"),
    ("microsoft_azure_postgres", "postgres"),
    ("alloydb", "postgres"),
    ("google_alloydb", "postgres"),
    ("aurora_postgres", "postgres"),
    ("greenplum", "postgres"),
    ("cockroach", "postgres"),
    ("yellowbrick", "postgres"),
    ("materialize", "materialize"),
    ("risingwave", "risingwave"),
    ("redshift", "redshift"),
    ("amazon_redshift", "redshift"),
    ("mysql", "mysql"),
    ("mariadb", "mysql"),
    ("amazon_aurora", "mysql"),
    ("aurora", "mysql"),
    ("google_cloud_sql", "mysql"),
    ("google_cloud_mysql", "mysql"),
    ("microsoft_azure_mysql", "mysql"),
    ("memsql", "singlestore"),
    ("singlestore", "singlestore"),
    ("doris", "doris"),
    ("starrocks", "starrocks"),
    ("mssql", "tsql"),
    ("sqlserver", "tsql"),
    ("tsql", "tsql"),
    ("microsoft_sql", "tsql"),
    ("microsoft_azure_sql", "tsql"),
    ("azure_synapse", "tsql"),
    ("msazuresql", "tsql"),
    ("azure_sql", "tsql"),
    ("sql_dw", "tsql"),
    ("fabric", "fabric"),
    ("databricks", "databricks"),
    ("spark", "spark"),
    ("hive", "hive"),
    ("impala", "hive"),
    ("cloudera_impala", "hive"),
    ("athena", "athena"),
    ("amazon_athena", "athena"),
    ("trino", "trino"),
    ("starburst", "trino"),
    ("presto", "presto"),
    ("qubole_presto", "presto"),
    ("clickhouse", "clickhouse"),
    ("duckdb", "duckdb"),
    ("motherduck", "duckdb"),
    ("sqlite", "sqlite"),
    ("oracle", "oracle"),
    ("exasol", "exasol"),
    ("teradata", "teradata"),
    ("drill", "drill"),
    ("druid", "druid"),
    ("dremio", "dremio"),
    ("vertica", "postgres"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_mapped_to_one_dialect() {
        for (looker, sqlglot) in [
            ("bigquery_standard_sql", "bigquery"),
            ("bigquery_legacy_sql", "bigquery"),
            ("snowflake", "snowflake"),
            ("postgres", "postgres"),
            ("amazon_aurora_postgres", "postgres"),
            ("google_cloud_postgres", "postgres"),
            ("redshift", "redshift"),
            ("mysql", "mysql"),
            ("mysql_8", "mysql"),
            ("amazon_aurora", "mysql"),
            ("aurora", "mysql"),
            ("google_cloud_sql", "mysql"),
            ("mariadb", "mysql"),
            ("mssql_2008", "tsql"),
            ("MSSQL", "tsql"),
            ("msazuresql", "tsql"),
            ("databricks", "databricks"),
            ("athena_v3", "athena"),
            ("trino", "trino"),
            ("presto", "presto"),
            ("clickhouse", "clickhouse"),
            ("duckdb", "duckdb"),
            ("memsql", "singlestore"),
            ("singlestore_7", "singlestore"),
            ("impala_3", "hive"),
            ("qubole_presto_service", "presto"),
            ("oracle_adwc", "oracle"),
            ("druid_18", "druid"),
            ("dremio_11", "dremio"),
            ("vertica", "postgres"),
        ] {
            assert_eq!(from_looker(looker), Some(sqlglot), "{looker}");
        }
        assert_eq!(from_looker("netezza"), None);
        assert_eq!(from_driver("postgresql"), Some("postgres"));
    }
}

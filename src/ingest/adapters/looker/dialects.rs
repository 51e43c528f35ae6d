//! Looker's names of SQL dialects, as sqlglot calls them. Source: the `dialect_name` of Looker's connections.

/// The sqlglot dialect for a dialect of Looker; `None` for one that sqlglot does not know.
pub(super) fn of_looker(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    BY_PREFIX.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, dialect)| *dialect)
}

/// The sqlglot dialect for a driver of `ktx.yaml`: they carry the same names or the beginning of them.
pub(super) fn of_driver(driver: &str) -> Option<&'static str> {
    of_looker(driver)
}

/// Looker appends versions and hosts to a name, for example `mysql_8` or `google_cloud_postgres`; the first prefix that
/// fits decides. `python-runtime/tests/test_looker_dialects.py` holds the list to the daemon's.
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
    fn variants_lead_to_one_dialect() {
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
            assert_eq!(of_looker(looker), Some(sqlglot), "{looker}");
        }
        assert_eq!(of_looker("netezza"), None);
        assert_eq!(of_driver("postgresql"), Some("postgres"));
    }
}

//! Configuration of the `historic-sql` adapter: the database, and the filters for its statements.

use super::{
    Project,
    connection::{Database, invalid},
    drivers,
};
use crate::{env::Environment, error::Result};

/// Dialects of the databases whose query history can be read.
const DIALECTS: &[&str] = &["postgres", "mysql", "clickhouse", "bigquery", "snowflake"];

/// Resolved configuration of a `historic-sql` run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoricSqlSource {
    /// The database, with its secret.
    pub database: Database,
    /// Query templates with fewer calls are skipped.
    pub min_calls: u64,
    /// Dialect of the statements.
    pub dialect: String,
    /// Statements without a call in the last so many days are skipped; `None`: no limit but that of the daemon.
    pub window_days: Option<u32>,
    /// Cluster whose servers are all read.
    pub cluster: Option<String>,
}

impl Project {
    /// Resolves the configuration of `historic-sql` for a connection.
    ///
    /// Errors: [`crate::error::Code::ConnectionInvalid`] and those of [`Project::database`].
    pub fn historic_sql(&self, id: &str, env: &Environment) -> Result<HistoricSqlSource> {
        let connection = self.connection(id)?;
        let settings = connection.historic_sql.clone().unwrap_or_default();
        let dialect = drivers::dialect(&connection.driver).unwrap_or_default();
        let given = settings.dialect.as_deref().map_or_else(|| Some(dialect.clone()), drivers::dialect);
        if !settings.enabled {
            return Err(invalid(format!("The query history of the connection {id} is not enabled"))
                .with_hint("Add historicSql: { enabled: true } to it in ktx.yaml"));
        }
        if !DIALECTS.contains(&dialect.as_str()) || given.as_ref() != Some(&dialect) {
            let uses = given.filter(|_| DIALECTS.contains(&dialect.as_str())).unwrap_or(dialect);
            return Err(invalid(format!(
                "The adapter historic-sql cannot read the query history of the connection {id}, which uses {uses}"
            ))
            .with_hint(format!("Choose a connection whose driver is one of: {}", DIALECTS.join(", "))));
        }
        Ok(HistoricSqlSource {
            database: self.database(id, env)?,
            min_calls: settings.min_calls.unwrap_or(1),
            dialect,
            window_days: settings.window_days.filter(|days| *days > 0),
            cluster: settings.cluster,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn source(connection: &str) -> Result<HistoricSqlSource> {
        let project = Project::parsed("/p".as_ref(), &format!("connections: {{ w: {connection} }}"));
        project.historic_sql("w", &Environment::default())
    }

    #[test]
    fn default_settings_skip_no_statements() {
        let all = source("{ driver: postgres, url: 'postgres://h/d', readonly: true, historicSql: { enabled: true } }");
        let all = all.unwrap();
        assert_eq!((all.min_calls, all.window_days), (1, None));
        let some = source(
            "{ driver: postgres, url: 'postgres://h/d', readonly: true, historicSql: { enabled: true, minCalls: 5, windowDays: 30 } }",
        );
        assert_eq!((some.as_ref().unwrap().min_calls, some.unwrap().window_days), (5, Some(30)));
    }

    #[test]
    fn errors_name_the_setting_to_change() {
        for (connection, part) in [
            ("{ driver: postgres, url: x, readonly: true }", "Add historicSql: { enabled: true }"),
            ("{ driver: spark, url: x, readonly: true, historicSql: { enabled: true } }", "uses spark"),
            (
                "{ driver: postgres, url: x, readonly: true, historicSql: { enabled: true, dialect: snowflake } }",
                "uses snowflake",
            ),
            ("{ driver: postgres, url: x, historicSql: { enabled: true } }", "Add readonly: true"),
        ] {
            let error = source(connection).unwrap_err();
            assert_eq!(error.code(), Code::ConnectionInvalid);
            assert!(error.with_hint_text().contains(part), "{error}");
        }
    }
}

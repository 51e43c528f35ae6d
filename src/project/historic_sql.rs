//! Configuration of the `historic-sql` adapter: the database, and the filters for its statements.

use super::{
    Project,
    connection::{Database, invalid},
};
use crate::{env::Environment, error::Result};

/// Drivers of PostgreSQL, the only database whose query history can be read.
const POSTGRES_DRIVERS: &[&str] = &["postgres", "postgresql"];

/// Resolved configuration of a `historic-sql` run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoricSqlSource {
    /// The database, with its secret.
    pub database: Database,
    /// Query templates with fewer calls are skipped.
    pub min_calls: u64,
    /// Statements without a call in the last so many days are skipped; `None`: no limit.
    pub window_days: Option<u32>,
}

impl Project {
    /// Resolves the configuration of `historic-sql` for a connection.
    ///
    /// Errors: [`crate::error::Code::ConnectionInvalid`] and those of [`Project::database`].
    pub fn historic_sql(&self, id: &str, env: &Environment) -> Result<HistoricSqlSource> {
        let connection = self.connection(id)?;
        let settings = connection.historic_sql.clone().unwrap_or_default();
        let dialect = settings.dialect.as_deref().unwrap_or(connection.driver.trim());
        if !settings.enabled {
            return Err(invalid(format!("The query history of the connection {id} is not enabled"))
                .with_hint("Add historicSql: { enabled: true } to it in ktx.yaml"));
        }
        if !POSTGRES_DRIVERS.contains(&connection.driver.trim()) || !POSTGRES_DRIVERS.contains(&dialect) {
            return Err(invalid(format!(
                "The adapter historic-sql reads the query history of PostgreSQL only, and the connection {id} uses {dialect}"
            ))
            .with_hint("Choose a connection whose driver is postgres"));
        }
        Ok(HistoricSqlSource {
            database: self.database(id, env)?,
            min_calls: settings.min_calls.unwrap_or(1),
            window_days: settings.window_days.filter(|days| *days > 0),
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
            ("{ driver: mysql, url: x, readonly: true, historicSql: { enabled: true } }", "uses mysql"),
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

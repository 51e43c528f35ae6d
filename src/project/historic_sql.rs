//! Pull configuration of `historic-sql`: which statements of which database.

use super::{
    Project,
    connection::{Database, invalid},
};
use crate::{env::Environment, error::Result};

/// Drivers whose statements can be read.
const POSTGRES: &[&str] = &["postgres", "postgresql"];

/// The statements of a database that are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoricSqlSource {
    /// The database, with its secret.
    pub database: Database,
    /// Templates with fewer calls are left out.
    pub min_calls: u64,
    /// Leaves out statements that did not run for so many days; `None` keeps all.
    pub window_days: Option<u32>,
}

impl Project {
    /// What to pull of the statements of a connection.
    ///
    /// Errors: [`crate::error::Code::ConnectionInvalid`] and those of [`Project::database`].
    pub fn historic_sql(&self, id: &str, env: &Environment) -> Result<HistoricSqlSource> {
        let connection = self.connection(id)?;
        let settings = connection.historic_sql.clone().unwrap_or_default();
        let dialect = settings.dialect.as_deref().unwrap_or(connection.driver.trim());
        if !settings.enabled {
            return Err(invalid(format!("The statements of the connection {id} are not to be pulled"))
                .with_hint("Add historicSql: { enabled: true } to it in ktx.yaml"));
        }
        if !POSTGRES.contains(&connection.driver.trim()) || !POSTGRES.contains(&dialect) {
            return Err(invalid(format!(
                "The adapter historic-sql reads statements of PostgreSQL, and the connection {id} is of {dialect}"
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
    use crate::{error::Code, project::parse_config};
    use std::path::Path;

    fn source(connection: &str) -> Result<HistoricSqlSource> {
        let (config, warnings) = parse_config(&format!("connections: {{ w: {connection} }}")).unwrap();
        let project = Project { dir: "/p".into(), config_path: Path::new("/p/ktx.yaml").into(), config, warnings };
        project.historic_sql("w", &Environment::default())
    }

    #[test]
    fn settings_have_defaults_that_leave_nothing_out() {
        let all = source("{ driver: postgres, url: 'postgres://h/d', readonly: true, historicSql: { enabled: true } }");
        let all = all.unwrap();
        assert_eq!((all.min_calls, all.window_days), (1, None));
        let some = source(
            "{ driver: postgres, url: 'postgres://h/d', readonly: true, historicSql: { enabled: true, minCalls: 5, windowDays: 30 } }",
        );
        assert_eq!((some.as_ref().unwrap().min_calls, some.unwrap().window_days), (5, Some(30)));
    }

    #[test]
    fn what_cannot_be_pulled_says_what_to_change() {
        for (connection, part) in [
            ("{ driver: postgres, url: x, readonly: true }", "Add historicSql: { enabled: true }"),
            ("{ driver: mysql, url: x, readonly: true, historicSql: { enabled: true } }", "is of mysql"),
            (
                "{ driver: postgres, url: x, readonly: true, historicSql: { enabled: true, dialect: snowflake } }",
                "is of snowflake",
            ),
            ("{ driver: postgres, url: x, historicSql: { enabled: true } }", "Add readonly: true"),
        ] {
            let error = source(connection).unwrap_err();
            assert_eq!(error.code(), Code::ConnectionInvalid);
            assert!(error.with_hint_text().contains(part), "{error}");
        }
    }
}

//! Runs read-only SQL on the database of a connection, with limits and redacted errors.

use crate::{
    env::Environment,
    error::{Code, Error, Result},
    ingest::{RunFailure, convert_error},
    offload,
    ports::{Execution, JsonRunner, TruncationReason, execute_sql},
    project::Project,
    redact::Redactor,
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Codes of the daemon for errors of the statement, as opposed to errors of the connection.
const STATEMENT_ERROR_CODES: &[&str] =
    &["not_read_only", "query_failed", "statement_timeout", "invalid_value", "permission_denied"];

/// Rows of a query (`KtxSqlResult`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResultSet {
    /// Id of the connection.
    pub connection_id: String,
    /// Names and types of the columns, as JSON.
    pub columns: Box<RawValue>,
    /// Rows of values, as JSON.
    pub rows: Box<RawValue>,
    /// Number of the rows.
    pub row_count: u64,
    /// Whether the query has more rows.
    pub truncated: bool,
    /// The limit that truncated the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated_by: Option<TruncationReason>,
}

/// Limits of a result; default: those of the daemon.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Maximum rows.
    pub max_rows: Option<u64>,
    /// Maximum bytes of the answer.
    pub max_bytes: Option<u64>,
}

/// Runs a read-only query.
///
/// Errors: those of [`Project::database`] before the request; [`Code::PolicyDenied`] if it may read what is denied; [`Code::QueryFailed`] if the statement is rejected or
/// fails, [`Code::ConnectionFailed`] if the database cannot be reached, and those of the runner.
pub async fn execute<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    connection_id: &str,
    sql: &str,
    limits: Limits,
    env: &Environment,
    runner: &R,
) -> Result<ResultSet, R::Error> {
    let (owned_project, id, variables) = (project.clone(), connection_id.to_owned(), env.clone());
    let database =
        convert_error::<_, R::Error>(offload::spawn_blocking(move || owned_project.database(&id, &variables)).await)?;
    let dialect = convert_error::<_, R::Error>(project.dialect(connection_id))?;
    let denied = convert_error::<_, R::Error>(database.policy.denied_json())?;
    let execution = Execution {
        connection_id,
        driver: &database.driver,
        url: database.url.expose(),
        sql,
        dialect: &dialect,
        max_rows: limits.max_rows,
        max_bytes: limits.max_bytes,
        max_concurrent_statements: database.max_concurrent_statements,
        denied: denied.as_deref(),
    };
    let redactor = Redactor::new(&database.url);
    let executed = execute_sql(runner, &execution).await;
    let found =
        executed.map_err(|error| error.map_core_error(|error| map_error(connection_id, redactor.error(error))))?;
    Ok(ResultSet {
        connection_id: connection_id.to_owned(),
        columns: found.columns,
        rows: found.rows,
        row_count: found.row_count,
        truncated: found.truncated,
        truncated_by: found.truncated_by,
    })
}

fn map_error(connection_id: &str, error: Error) -> Error {
    let (response, error) = match error.into_rejection() {
        Ok(refusal) => refusal,
        Err(error) => return error,
    };
    // Refusals of a one-shot command have no code; most of them are about the statement.
    if response.is_policy_denied() {
        return Error::new(Code::PolicyDenied, response.detail).wrapping(error);
    }
    let is_statement_error = response.code.as_deref().is_none_or(|code| STATEMENT_ERROR_CODES.contains(&code));
    let error_code = if is_statement_error { Code::QueryFailed } else { Code::ConnectionFailed };
    Error::new(error_code, format!("Cannot run the query on {connection_id}: {}", response.detail)).wrapping(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::rejected_with;
    use std::cell::RefCell;

    struct Daemon(Result<&'static str, &'static str>, RefCell<String>);

    impl JsonRunner for Daemon {
        type Error = Error;

        async fn request(&self, _: &str, payload: String) -> Result<String> {
            *self.1.borrow_mut() = payload;
            self.0.map(str::to_owned).map_err(rejected_with)
        }
    }

    fn project() -> Arc<Project> {
        let text = "connections: { shop: { driver: mariadb, url: 'mysql://u:hunter2@h/d', readonly: true }, open: { driver: mysql, url: x } }";
        Arc::new(Project::parsed("/p".as_ref(), text))
    }

    async fn run(daemon: &Daemon, id: &str) -> Result<ResultSet> {
        execute(
            &project(),
            id,
            "SELECT 1",
            Limits { max_rows: Some(5), max_bytes: None },
            &Environment::default(),
            daemon,
        )
        .await
    }

    #[tokio::test]
    async fn rows_are_returned_unchanged() {
        let answer = r#"{"columns":[{"name":"n","type":null}],"rows":[[1.50]],"row_count":1,"truncated":true}"#;
        let daemon = Daemon(Ok(answer), RefCell::default());
        let json = serde_json::to_string(&run(&daemon, "shop").await.unwrap()).unwrap();
        assert_eq!(
            json,
            r#"{"connectionId":"shop","columns":[{"name":"n","type":null}],"rows":[[1.50]],"rowCount":1,"truncated":true}"#
        );
        assert_eq!(
            daemon.1.borrow().as_str(),
            r#"{"connection_id":"shop","driver":"mariadb","url":"mysql://u:hunter2@h/d","sql":"SELECT 1","dialect":"mysql","max_rows":5}"#
        );
    }

    #[tokio::test]
    async fn denied_objects_are_sent_and_their_refusal_has_its_own_code() {
        let text = "connections: { shop: { driver: mysql, url: 'mysql://u:p@h/d', readonly: true, policy: { deny: { tables: [Pay] } } } }";
        let project = Arc::new(Project::parsed("/p".as_ref(), text));
        let refusal = r#"{"detail":"The data policy denies it","code":"policy_denied"}"#;
        let daemon = Daemon(Err(refusal), RefCell::default());
        let env = Environment::default().with("KTX_TRUST", "1");
        let error = execute(&project, "shop", "SELECT 1", Limits::default(), &env, &daemon).await.unwrap_err();
        assert_eq!(error.code(), Code::PolicyDenied);
        assert_eq!(error.to_string(), "The data policy denies it");
        let sent = daemon.1.borrow();
        assert!(sent.contains(r#""denied":{"tables":[{"pattern":"Pay","parts":["pay"]}],"columns":[]}"#), "{sent}");
    }

    #[tokio::test]
    async fn errors_are_redacted() {
        for (message, code, expected) in [
            (r#"{"detail":"No hunter2","code":"query_failed"}"#, Code::QueryFailed, "No ***"),
            (r#"{"detail":"Down","code":"connection_failed"}"#, Code::ConnectionFailed, "Down"),
            (r#"{"detail":"No"}"#, Code::QueryFailed, "No"),
        ] {
            let error = run(&Daemon(Err(message), RefCell::default()), "shop").await.unwrap_err();
            assert_eq!(error.code(), code);
            assert_eq!(error.to_string(), format!("Cannot run the query on shop: {expected}"));
            assert!(!format!("{error:?}").contains("hunter2"));
        }
        let error = run(&Daemon(Err("unused"), RefCell::default()), "open").await.unwrap_err();
        assert_eq!(error.code(), Code::ConnectionInvalid);
    }
}
